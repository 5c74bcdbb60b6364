#include "apply_world.h"
#include "estimate.h"
#include "verify.h"

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

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(makes_all_and_takes_all_away),
		TEST(follows_what_comes_and_goes),
		TEST(changes_what_is_asked_for_differently),
		TEST(launches_a_group_of_appliances),
		TEST(launches_single_appliances),
		TEST(verifies_what_it_made),
		TEST(prices_a_plan_from_the_list_or_the_table),
		TEST(never_touches_what_is_not_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
