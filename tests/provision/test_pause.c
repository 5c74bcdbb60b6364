#include "apply.h"
#include "lab.h"
#include "mirror_path.h"
#include "ownership.h"
#include "pause.h"
#include "session_status.h"
#include "survey.h"
#include "verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// Pausing, and the judgement of sessions, against the stand-in's sample account. The clock is the test's.

struct world {
	struct lab lab;
	struct arena arena;
	struct deployment deployment;
	struct source source;
	struct survey survey;
	int64_t later_s; // the tool's clock ahead of the real one
	int64_t (*now_ms)(void *ctx);
};

static struct world *the_world; // of the clock, whose context is the transport's

static void no_sleep(void *, int64_t) {}

static int64_t moved_clock(void *ctx) {
	return the_world->now_ms(ctx) + the_world->later_s * 1000;
}

static void must(struct world *world, int result, const char *what) {
	lab_check(result, &world->lab.error, what);
}

static const char *vpc_named(struct world *world, const char *name) {
	static const struct ec2_query all;
	struct ec2_vpcs vpcs;
	int result =
		ec2_describe_vpcs(world->lab.client, &all, &world->arena, &vpcs, &world->lab.error);
	must(world, result, "vpcs");
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
	world->lab.outside.sleep_ms = no_sleep;
	world->now_ms = world->lab.outside.now_ms;
	world->lab.outside.now_ms = moved_clock;
	must(world,
	     source_parse(
		     "tag/env=production,tier=api", &world->arena, &world->source, &world->lab.error
	     ),
	     "source");
	world->deployment = (struct deployment) {
		.id = "test",
		.region = "us-east-1",
		.vpc_id = vpc_named(world, "shop"),
		.mode = DEPLOYMENT_KERNEL,
		.sources = &world->source,
		.n_sources = 1,
	};
	*state = world;
	return 0;
}

static int teardown(void **state) {
	struct world *world = *state;
	lab_assert_no_violations(&world->lab);
	survey_release(&world->survey);
	arena_release(&world->arena);
	lab_close(&world->lab);
	free(world);
	return 0;
}

static void survey(struct world *world, enum survey_purpose purpose) {
	survey_release(&world->survey);
	must(world,
	     survey_make(
		     world->lab.client,
		     &world->deployment,
		     purpose,
		     &world->survey,
		     &world->lab.error
	     ),
	     "survey");
}

static void apply(struct world *world, enum survey_purpose purpose) {
	static const struct apply_options options;
	struct apply_result result;
	survey(world, purpose);
	must(world,
	     apply_run(
		     world->lab.client, &world->survey.plan, &options, &result, &world->lab.error
	     ),
	     "apply");
	assert_int_equal(result.n_refused + result.n_failed, 0);
	apply_result_release(&result);
}

// New things can be unseen for some reads.
static void settle(struct world *world) {
	for (int i = 0; i < 4; i++) {
		survey(world, SURVEY_SET_UP);
		if (!plan_has_changes(&world->survey.plan))
			return;
	}
	fail_msg("there is still something to do");
}

static size_t n_sessions(const struct world *world, enum plan_action action) {
	const struct plan *plan = &world->survey.plan;
	size_t n = 0;
	for (size_t i = 0; i < plan->n_steps; i++)
		n += plan->steps[i].kind == PLAN_SESSION && plan->steps[i].action == action;
	return n;
}

static void set_pause(struct world *world, enum pause_kind kind, int64_t in_s) {
	const struct outside *outside = &world->lab.outside;
	struct pause pause = {.kind = kind, .time_s = outside_now_s(outside) + in_s};
	must(world,
	     pause_set(
		     world->lab.client, &world->survey.inventory, "test", &pause, &world->lab.error
	     ),
	     "pause");
}

static bool has_note(const struct world *world, const char *text) {
	const struct plan *plan = &world->survey.plan;
	bool has = false;
	for (size_t i = 0; i < plan->n_notes; i++)
		has = has || strstr(plan->notes[i], text) != NULL;
	return has;
}

// That of the stand-in moves along: it takes no request that is five minutes off.
static void move_clock(struct world *world, int64_t later_s) {
	char json[64];
	world->later_s = later_s;
	snprintf(json, sizeof(json), "{\"clock_offset_s\": %lld}", (long long)later_s);
	lab_control(&world->lab, "PUT", "options", json, NULL);
}

static void assert_reason(const struct world *world, const char *text) {
	const struct plan *plan = &world->survey.plan;
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == PLAN_SESSION
		    && strstr(plan->steps[i].reason, text) == NULL)
			fail_msg("'%s' lacks '%s'", plan->steps[i].reason, text);
	assert_true(has_note(world, text));
}

static void takes_the_sessions_away_until_someone_resumes(void **state) {
	struct world *world = *state;
	apply(world, SURVEY_SET_UP);
	settle(world);
	size_t n = n_sessions(world, PLAN_KEEP);
	assert_true(n > 1);
	set_pause(world, PAUSE_ALWAYS, 0);
	survey(world, SURVEY_SET_UP);
	assert_true(world->survey.plan.is_paused);
	assert_int_equal(world->survey.plan.n_paused, n);
	assert_int_equal(n_sessions(world, PLAN_DELETE), n);
	assert_reason(world, "paused");
	apply(world, SURVEY_SET_UP);
	settle(world);
	assert_int_equal(world->survey.inventory.sessions_by_interface.n, 1); // the vendor's
	assert_true(world->survey.plan.is_paused);
	set_pause(world, PAUSE_NEVER, 0);
	survey(world, SURVEY_SET_UP);
	assert_false(world->survey.plan.is_paused);
	assert_false(has_note(world, "paused"));
	assert_int_equal(n_sessions(world, PLAN_CREATE), n);
	apply(world, SURVEY_DESTROY);
}

static void resumes_when_its_time_is_over(void **state) {
	struct world *world = *state;
	apply(world, SURVEY_SET_UP);
	settle(world);
	size_t n = n_sessions(world, PLAN_KEEP);
	set_pause(world, PAUSE_UNTIL, 7200);
	apply(world, SURVEY_SET_UP);
	assert_reason(world, "paused until 20");
	move_clock(world, 7100);
	settle(world);
	assert_int_equal(n_sessions(world, PLAN_CREATE), 0);
	move_clock(world, 7200);
	survey(world, SURVEY_SET_UP);
	assert_int_equal(n_sessions(world, PLAN_CREATE), n);
	move_clock(world, 0);
	apply(world, SURVEY_DESTROY);
}

static void pauses_when_its_time_is_over(void **state) {
	struct world *world = *state;
	apply(world, SURVEY_SET_UP);
	settle(world);
	size_t n = n_sessions(world, PLAN_KEEP);
	set_pause(world, PAUSE_AFTER, 7200);
	survey(world, SURVEY_SET_UP);
	assert_int_equal(n_sessions(world, PLAN_KEEP), n);
	assert_true(has_note(world, "active until 20"));
	move_clock(world, 7200);
	apply(world, SURVEY_SET_UP);
	assert_int_equal(n_sessions(world, PLAN_DELETE), n);
	settle(world);
	move_clock(world, 0);
	apply(world, SURVEY_DESTROY);
}

static void destroys_what_is_paused(void **state) {
	struct world *world = *state;
	apply(world, SURVEY_SET_UP);
	settle(world);
	set_pause(world, PAUSE_ALWAYS, 0);
	apply(world, SURVEY_DESTROY);
	for (int i = 0; i < 4; i++) {
		survey(world, SURVEY_DESTROY);
		if (!plan_has_changes(&world->survey.plan))
			return;
	}
	fail_msg("something is left");
}

static void verifies_a_pause_as_good(void **state) {
	struct world *world = *state;
	static const struct apply_options options;
	struct apply_result result;
	struct verify verify;
	apply(world, SURVEY_SET_UP);
	settle(world);
	set_pause(world, PAUSE_ALWAYS, 0);
	survey(world, SURVEY_SET_UP);
	must(world,
	     apply_run(
		     world->lab.client, &world->survey.plan, &options, &result, &world->lab.error
	     ),
	     "apply");
	must(world,
	     verify_run(world->lab.client, &world->deployment, &result, &verify, &world->lab.error),
	     "verify");
	const struct verify_finding *last = &verify.findings[verify.n_findings - 1];
	assert_int_equal(last->state, VERIFY_GOOD);
	assert_non_null(strstr(last->text, "paused"));
	verify_release(&verify);
	apply_result_release(&result);
	apply(world, SURVEY_DESTROY);
}

static void needs_something_of_its_own_to_remember_on(void **state) {
	struct world *world = *state;
	struct pause pause = {.kind = PAUSE_ALWAYS};
	survey(world, SURVEY_LOOK);
	assert_int_equal(
		pause_set(
			world->lab.client,
			&world->survey.inventory,
			"test",
			&pause,
			&world->lab.error
		),
		-ENOENT
	);
}

static enum session_status_reason judge(struct world *world, const char *deployment) {
	struct inventory inventory;
	struct mirror_paths paths;
	struct session_status status = {0};
	must(world,
	     inventory_load_mirroring(world->lab.client, &inventory, &world->lab.error),
	     "inventory");
	const struct ec2_mirror_session *session = NULL;
	for (size_t i = 0; i < inventory.sessions.sessions.n; i++)
		if (deployment == NULL
		    || ownership_is_ours(&inventory.sessions.sessions.items[i].tags, deployment))
			session = &inventory.sessions.sessions.items[i];
	assert_non_null(session);
	struct shape_strings none = {0};
	struct shape_strings ids = {.items = &session->network_interface_id, .n = 1};
	must(world,
	     inventory_add(world->lab.client, &inventory, &ids, &none, &world->lab.error),
	     "interfaces");
	must(world,
	     mirror_paths_load(
		     world->lab.client, &inventory, &session, 1, &paths, &world->lab.error
	     ),
	     "paths");
	must(world,
	     session_status_judge(&inventory, &paths, NULL, session, &world->arena, &status),
	     "judge");
	mirror_paths_release(&paths);
	inventory_release(&inventory);
	return status.reason;
}

static void judges_sessions(void **state) {
	struct world *world = *state;
	apply(world, SURVEY_SET_UP);
	settle(world);
	assert_int_equal(judge(world, "test"), SESSION_REASON_NO_APPLIANCE);
	lab_control(&world->lab, "POST", "act", "{\"event\": \"vxlan_listener_gone\"}", NULL);
	assert_int_equal(judge(world, "test"), SESSION_REASON_NO_LISTENER);
	lab_control(
		&world->lab,
		"POST",
		"faults",
		"{\"kind\": \"deny\", \"action\": \"DescribeLoadBalancers\", \"times\": 1}",
		NULL
	);
	assert_int_equal(judge(world, "test"), SESSION_REASON_TARGET_HIDDEN);
	lab_control(&world->lab, "DELETE", "faults", "", NULL);
	apply(world, SURVEY_DESTROY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(takes_the_sessions_away_until_someone_resumes),
		TEST(resumes_when_its_time_is_over),
		TEST(pauses_when_its_time_is_over),
		TEST(destroys_what_is_paused),
		TEST(verifies_a_pause_as_good),
		TEST(needs_something_of_its_own_to_remember_on),
		TEST(judges_sessions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
