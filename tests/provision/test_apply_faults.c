// What AWS refuses, what gets lost, and what ends in between.

#include "apply_world.h"

static void goes_on_when_aws_refuses_one_interface(void **state) {
	struct world *world = *state;
	lab_control(
		&world->lab,
		"POST",
		"faults",
		"{\"kind\": \"error\", \"action\": \"CreateTrafficMirrorSession\", \"skip\": 2,"
		" \"status\": 400, \"code\": \"NetworkInterfaceNotSupported\", \"message\": "
		"\"no\"}",
		NULL
	);
	set_up(world);
	assert_int_equal(world->result.n_refused, 1);
	assert_int_equal(world->result.n_failed, 0);
	lab_control(&world->lab, "DELETE", "faults", "", NULL);
	destroy(world);
}

static void takes_back_a_first_set_up_that_fails(void **state) {
	struct world *world = *state;
	char *before = digest(world);
	lab_control(
		&world->lab,
		"POST",
		"faults",
		"{\"kind\": \"deny\", \"action\": \"CreateTrafficMirrorTarget\", \"times\": 0}",
		NULL
	);
	assert_int_equal(apply(world, SURVEY_SET_UP), -EREMOTEIO);
	assert_true(aws_error_is_denied(&world->lab.error));
	assert_true(world->result.was_rolled_back);
	assert_int_equal(world->result.n_left, 0);
	char *after = digest(world);
	assert_string_equal(before, after);
	free(before);
	free(after);
	lab_control(&world->lab, "DELETE", "faults", "", NULL);
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	destroy(world);
}

static void keeps_what_it_made_when_asked_to(void **state) {
	struct world *world = *state;
	lab_control(
		&world->lab,
		"POST",
		"faults",
		"{\"kind\": \"deny\", \"action\": \"CreateTrafficMirrorTarget\", \"times\": 0}",
		NULL
	);
	world->options.keeps_partial = true;
	assert_int_equal(apply(world, SURVEY_SET_UP), -EREMOTEIO);
	assert_false(world->result.was_rolled_back);
	lab_control(&world->lab, "DELETE", "faults", "", NULL);
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	destroy(world);
}

// Both look before either does anything.
static void two_runs_at_once_make_one_set(void **state) {
	struct world *world = *state;
	struct survey other;
	struct apply_result result;
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	char *wanted = digest(world);
	destroy(world);
	assert_nothing_to_do(world, SURVEY_DESTROY);
	must(world, survey(world, SURVEY_SET_UP), "survey");
	must(world,
	     survey_make(
		     world->lab.client, &world->deployment, SURVEY_SET_UP, &other, &world->lab.error
	     ),
	     "the other survey");
	apply_result_release(&world->result);
	must(world,
	     apply_run(
		     world->lab.client,
		     &world->survey.plan,
		     &world->options,
		     &world->result,
		     &world->lab.error
	     ),
	     "apply");
	must(world,
	     apply_run(world->lab.client, &other.plan, &world->options, &result, &world->lab.error),
	     "the other apply");
	assert_int_equal(result.n_refused, 0);
	apply_result_release(&result);
	survey_release(&other);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	char *got = digest(world);
	assert_string_equal(got, wanted);
	free(got);
	free(wanted);
	destroy(world);
}

static void bears_throttling_and_cut_connections(void **state) {
	struct world *world = *state;
	static const char *const faults[] = {
		"{\"kind\": \"throttle\", \"action\": \"Create*\", \"times\": 5}",
		"{\"kind\": \"reset\", \"action\": \"Create*\", \"when\": \"after\", \"skip\": 2,"
		" \"times\": 2}",
		"{\"kind\": \"reset\", \"action\": \"CreateTrafficMirrorSession\","
		" \"when\": \"after\", \"times\": 2}",
		"{\"kind\": \"http\", \"status\": 503, \"action\": \"Describe*\", \"times\": 3}",
		"{\"kind\": \"truncate\", \"action\": \"Describe*\", \"times\": 2}",
	};
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		lab_control(&world->lab, "POST", "faults", faults[i], NULL);
		set_up(world);
		lab_control(&world->lab, "DELETE", "faults", "", NULL);
		assert_nothing_to_do(world, SURVEY_SET_UP);
		destroy(world);
		assert_nothing_to_do(world, SURVEY_DESTROY);
	}
}

static void converges_after_death_at_any_call(void **state) {
	struct world *world = *state;
	char *before = digest(world);
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	char *wanted = digest(world);
	destroy(world);
	size_t n_deaths = 0;
	world->dies_after = strcmp(getenv("DEATHS"), "after") == 0;
	for (size_t at = 1;; at++) {
		world->n_calls = 0;
		world->dies_at = at;
		world->is_dead = false;
		int result = apply(world, SURVEY_SET_UP);
		bool has_died = world->is_dead;
		world->is_dead = false;
		world->dies_at = 0;
		if (has_died) {
			assert_int_equal(result, -ECANCELED);
			n_deaths++;
			set_up(world);
		}
		assert_nothing_to_do(world, SURVEY_SET_UP);
		char *got = digest(world);
		if (strcmp(got, wanted) != 0)
			fail_msg("after death at call %zu it is another:\n%s\n%s", at, wanted, got);
		free(got);
		destroy(world);
		if (!has_died)
			break;
	}
	assert_true(n_deaths > 40);
	char *after = digest(world);
	assert_string_equal(before, after);
	free(before);
	free(wanted);
	free(after);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(goes_on_when_aws_refuses_one_interface),
		TEST(takes_back_a_first_set_up_that_fails),
		TEST(keeps_what_it_made_when_asked_to),
		TEST(two_runs_at_once_make_one_set),
		TEST(bears_throttling_and_cut_connections),
	};
	const struct CMUnitTest deaths[] = {
		TEST(converges_after_death_at_any_call),
	};
	if (getenv("DEATHS") != NULL)
		return cmocka_run_group_tests(deaths, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
