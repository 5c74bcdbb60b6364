#include "apply.h"
#include "estimate.h"
#include "lab.h"
#include "survey.h"
#include "verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// Whole set-ups against the stand-in's sample account. What is slow there is slow in calls, not in time, so
// nothing here really sleeps.

struct world {
	struct lab lab;
	struct arena arena;
	struct deployment deployment;
	struct source sources[8];
	struct apply_options options;
	struct apply_result result;
	struct survey survey;
	// Dies at this call: before it is sent, or after it was done. 0: never.
	size_t dies_at, n_calls;
	bool dies_after;
	bool is_dead;
	int (*send
	)(void *, const struct http_request *, struct http_response *, struct aws_error *);
};

static struct world *the_world; // of the send() below, whose context is the transport's

static void no_sleep(void *, int64_t) {}

static bool is_dead(void *) {
	return the_world->is_dead;
}

static int send_until_death(
	void *ctx,
	const struct http_request *request,
	struct http_response *response,
	struct aws_error *error
) {
	struct world *world = the_world;
	if (world->is_dead)
		return aws_error_set(error, -ECANCELED, "Dead", "dead");
	bool dies = ++world->n_calls == world->dies_at;
	int result = 0;
	if (!dies || world->dies_after)
		result = world->send(ctx, request, response, error);
	if (dies) {
		world->is_dead = true;
		return aws_error_set(error, -ECANCELED, "Dead", "dead");
	}
	return result;
}

static void add_source(struct world *world, const char *text) {
	struct source *source = &world->sources[world->deployment.n_sources++];
	lab_check(
		source_parse(text, &world->arena, source, &world->lab.error),
		&world->lab.error,
		text
	);
}

static const char *vpc_named(struct world *world, const char *name) {
	static const struct ec2_query all;
	struct ec2_vpcs vpcs;
	lab_check(
		ec2_describe_vpcs(world->lab.client, &all, &world->arena, &vpcs, &world->lab.error),
		&world->lab.error,
		"vpcs"
	);
	for (size_t i = 0; i < vpcs.vpcs.n; i++)
		if (tags_has(&vpcs.vpcs.items[i].tags, "Name", name))
			return vpcs.vpcs.items[i].id;
	fail_msg("no VPC is named '%s'", name);
	return NULL;
}

static int setup(void **state) {
	struct world *world = calloc(1, sizeof(*world));
	the_world = world;
	lab_open(&world->lab);
	world->send = world->lab.outside.send;
	world->lab.outside.send = send_until_death;
	world->lab.outside.is_cancelled = is_dead;
	world->lab.outside.sleep_ms = no_sleep;
	world->deployment = (struct deployment) {
		.id = "test",
		.region = "us-east-1",
		.vpc_id = vpc_named(world, "shop"),
		.mode = DEPLOYMENT_KERNEL,
		.sources = world->sources,
	};
	add_source(world, "tag/env=production,tier=api");
	add_source(world, "ecs/shop/images");
	*state = world;
	return 0;
}

static int teardown(void **state) {
	struct world *world = *state;
	world->dies_at = 0;
	world->is_dead = false;
	lab_assert_no_violations(&world->lab);
	lab_control(&world->lab, "DELETE", "faults", "", NULL);
	survey_release(&world->survey);
	apply_result_release(&world->result);
	arena_release(&world->arena);
	lab_close(&world->lab);
	free(world);
	return 0;
}

static int survey(struct world *world, enum survey_purpose purpose) {
	survey_release(&world->survey);
	return survey_make(
		world->lab.client, &world->deployment, purpose, &world->survey, &world->lab.error
	);
}

static int apply(struct world *world, enum survey_purpose purpose) {
	apply_result_release(&world->result);
	int result = survey(world, purpose);
	if (result < 0)
		return result;
	return apply_run(
		world->lab.client,
		&world->survey.plan,
		&world->options,
		&world->result,
		&world->lab.error
	);
}

static void must(struct world *world, int result, const char *what) {
	lab_check(result, &world->lab.error, what);
}

static void set_up(struct world *world) {
	must(world, apply(world, SURVEY_SET_UP), "set up");
}

static void destroy(struct world *world) {
	must(world, apply(world, SURVEY_DESTROY), "destroy");
}

static void print_changes(const struct plan *plan) {
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].action != PLAN_KEEP)
			fprintf(stderr,
				"%s %s '%s': %s\n",
				plan_action_text(plan->steps[i].action),
				plan_kind_text(plan->steps[i].kind),
				plan->steps[i].name,
				plan->steps[i].reason);
}

// New things can be unseen for some reads, so that one survey may come too early.
static void assert_nothing_to_do(struct world *world, enum survey_purpose purpose) {
	for (int i = 0; i < 4; i++) {
		must(world, survey(world, purpose), "survey");
		if (!plan_has_changes(&world->survey.plan))
			return;
	}
	print_changes(&world->survey.plan);
	fail_msg("there is still something to do");
}

static char *digest(struct world *world) {
	struct strbuf text;
	strbuf_init(&text, 1 << 24);
	lab_control(&world->lab, "GET", "digest", "", &text);
	char *copy = strdup(text.data);
	strbuf_release(&text);
	return copy;
}

static size_t n_of(const struct plan *plan, enum plan_kind kind, enum plan_action action) {
	size_t n = 0;
	for (size_t i = 0; i < plan->n_steps; i++)
		n += plan->steps[i].kind == kind && plan->steps[i].action == action;
	return n;
}

static void makes_all_and_takes_all_away(void **state) {
	struct world *world = *state;
	char *before = digest(world);
	must(world, survey(world, SURVEY_SET_UP), "survey");
	const struct plan *plan = &world->survey.plan;
	assert_true(plan->is_first);
	assert_int_equal(n_of(plan, PLAN_SESSION, PLAN_CREATE), 7);
	assert_int_equal(n_of(plan, PLAN_RULE, PLAN_CREATE), 8);
	assert_int_equal(plan->n_by_action[PLAN_KEEP], 0);
	set_up(world);
	assert_int_equal(world->result.n_failed, 0);
	assert_non_null(world->result.target_id);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	assert_false(world->survey.plan.is_first);
	destroy(world);
	assert_nothing_to_do(world, SURVEY_DESTROY);
	char *after = digest(world);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void follows_what_comes_and_goes(void **state) {
	struct world *world = *state;
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	lab_control(
		&world->lab,
		"POST",
		"act",
		"{\"event\": \"service_scaled\", \"service\": \"images\", \"desired\": 0}",
		NULL
	);
	must(world, survey(world, SURVEY_SET_UP), "survey");
	assert_int_equal(n_of(&world->survey.plan, PLAN_SESSION, PLAN_DELETE), 2);
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	lab_control(
		&world->lab,
		"POST",
		"act",
		"{\"event\": \"service_scaled\", \"service\": \"images\", \"desired\": 2}",
		NULL
	);
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	assert_int_equal(n_of(&world->survey.plan, PLAN_SESSION, PLAN_KEEP), 7);
	destroy(world);
}

static void changes_what_is_asked_for_differently(void **state) {
	struct world *world = *state;
	struct mirror_filter_rule rule = {
		.direction = "ingress",
		.protocol = SHAPE_NUMBER_OF(6),
		.destination_ports = {8080, 8080},
	};
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	world->deployment.rules = (struct mirror_filter_rules) {.items = &rule, .n = 1};
	world->deployment.mirrors_dns = true;
	world->deployment.session.packet_length = 256;
	world->deployment.session.vni_mode = DEPLOYMENT_VNI_GIVEN;
	world->deployment.session.vni = 77;
	world->deployment.health = (struct deployment_health) {
		.protocol = "HTTP",
		.port = 9000,
		.path = "/healthz",
	};
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	assert_int_equal(n_of(&world->survey.plan, PLAN_RULE, PLAN_KEEP), 2);
	for (size_t i = 0; i < world->survey.inventory.sessions.sessions.n; i++) {
		const struct ec2_mirror_session *session =
			&world->survey.inventory.sessions.sessions.items[i];
		if (!tags_has(&session->tags, "metlo:deployment", "test"))
			continue;
		assert_int_equal(session->vni.value, 77);
		assert_int_equal(session->packet_length.value, 256);
	}
	destroy(world);
	assert_nothing_to_do(world, SURVEY_DESTROY);
}

static void launches_a_group_of_appliances(void **state) {
	struct world *world = *state;
	char *before = digest(world);
	world->deployment.mode = DEPLOYMENT_DPDK;
	world->deployment.appliances = (struct deployment_appliances) {
		.image_parameter = "/metlo/appliance/ami/latest",
		.instance_type = "c6i.large",
		.instance_profile = "metlo-appliance",
		.user_data = "{}",
		.is_group = true,
		.n = 2,
	};
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	world->deployment.appliances.instance_type = "c6i.xlarge";
	world->deployment.appliances.n_max = 4;
	must(world, survey(world, SURVEY_SET_UP), "survey");
	assert_int_equal(n_of(&world->survey.plan, PLAN_TEMPLATE, PLAN_CHANGE), 1);
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	destroy(world);
	assert_nothing_to_do(world, SURVEY_DESTROY);
	free(before);
}

static void launches_single_appliances(void **state) {
	struct world *world = *state;
	world->deployment.appliances = (struct deployment_appliances) {
		.image_parameter = "/metlo/appliance/ami/latest",
		.instance_type = "c6i.large",
		.n = 2,
	};
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	assert_int_equal(n_of(&world->survey.plan, PLAN_REGISTRATION, PLAN_KEEP), 2);
	world->deployment.appliances.n = 1;
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	destroy(world);
	assert_nothing_to_do(world, SURVEY_DESTROY);
}

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

static void verifies_what_it_made(void **state) {
	struct world *world = *state;
	struct verify verify;
	set_up(world);
	must(world,
	     verify_run(
		     world->lab.client,
		     &world->deployment,
		     &world->result,
		     &verify,
		     &world->lab.error
	     ),
	     "verify");
	assert_int_equal(verify.n_findings, 3);
	assert_int_equal(verify.findings[0].state, VERIFY_GOOD);
	assert_string_equal(verify.findings[1].what, "appliance");
	assert_int_equal(verify.findings[1].state, VERIFY_BAD);
	assert_int_equal(verify.findings[2].state, VERIFY_GOOD);
	verify_release(&verify);
	destroy(world);
}

static void prices_a_plan_from_the_list_or_the_table(void **state) {
	struct world *world = *state;
	struct prices prices;
	struct estimate estimate;
	must(world, survey(world, SURVEY_SET_UP), "survey");
	prices_load(world->lab.client, "c6i.large", &world->arena, &prices);
	assert_true(prices.is_live);
	assert_true(prices.instance_hour > 0);
	struct estimate_question question = estimate_of_plan(&world->survey.plan, 0, true);
	assert_int_equal(question.n_sessions, 7);
	assert_true(question.has_balancer);
	estimate_make(&question, &prices, &estimate);
	assert_int_equal(estimate.n_lines, 2);
	question = estimate_of_plan(&world->survey.plan, 0, false);
	assert_int_equal(question.n_sessions, 0);
	lab_control(
		&world->lab,
		"POST",
		"faults",
		"{\"kind\": \"deny\", \"action\": \"GetProducts\", \"times\": 0}",
		NULL
	);
	prices_load(world->lab.client, NULL, &world->arena, &prices);
	assert_false(prices.is_live);
	assert_non_null(prices.why_not);
	assert_true(prices.session_hour > 0);
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

static void never_touches_what_is_not_its_own(void **state) {
	struct world *world = *state;
	set_up(world);
	assert_nothing_to_do(world, SURVEY_SET_UP);
	world->deployment.id = "other";
	must(world, survey(world, SURVEY_DESTROY), "survey");
	assert_int_equal(world->survey.plan.n_steps, 0);
	world->deployment.id = "test";
	destroy(world);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(makes_all_and_takes_all_away),
		TEST(follows_what_comes_and_goes),
		TEST(changes_what_is_asked_for_differently),
		TEST(launches_a_group_of_appliances),
		TEST(launches_single_appliances),
		TEST(goes_on_when_aws_refuses_one_interface),
		TEST(takes_back_a_first_set_up_that_fails),
		TEST(keeps_what_it_made_when_asked_to),
		TEST(verifies_what_it_made),
		TEST(prices_a_plan_from_the_list_or_the_table),
		TEST(two_runs_at_once_make_one_set),
		TEST(bears_throttling_and_cut_connections),
		TEST(never_touches_what_is_not_its_own),
	};
	const struct CMUnitTest deaths[] = {
		TEST(converges_after_death_at_any_call),
	};
	if (getenv("DEATHS") != NULL)
		return cmocka_run_group_tests(deaths, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
