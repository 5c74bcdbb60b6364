#include "apply.h"
#include "lab.h"
#include "survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// With 'lab --scale 3000': a VPC with 3,000 interfaces, every second one wanted. What is checked is the number
// of calls, not the time.

#define N_SESSIONS 1500
#define N_WORKERS 4

static void no_sleep(void *, int64_t) {}

struct world {
	struct lab lab;
	struct arena arena;
	struct source source;
	struct deployment deployment;
	struct survey survey;
};

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
	return NULL;
}

static int setup(void **state) {
	struct world *world = calloc(1, sizeof(*world));
	lab_open(&world->lab);
	world->lab.outside.sleep_ms = no_sleep;
	lab_check(
		source_parse("tag/tier=api", &world->arena, &world->source, &world->lab.error),
		&world->lab.error,
		"source"
	);
	world->deployment = (struct deployment) {
		.id = "scale",
		.region = "us-east-1",
		.vpc_id = vpc_named(world, "scale"),
		.mode = DEPLOYMENT_KERNEL,
		.sources = &world->source,
		.n_sources = 1,
	};
	*state = world;
	return 0;
}

static int teardown(void **state) {
	struct world *world = *state;
	survey_release(&world->survey);
	arena_release(&world->arena);
	lab_close(&world->lab);
	free(world);
	return 0;
}

// One for each thread.
static struct lab thread_labs[N_WORKERS];
static atomic_size_t n_opened, n_closed;

static struct client *open_client(void *) {
	struct lab *lab = &thread_labs[atomic_fetch_add(&n_opened, 1) % N_WORKERS];
	lab_open(lab);
	lab->outside.sleep_ms = no_sleep;
	return lab->client;
}

static void close_client(void *, struct client *client) {
	for (size_t i = 0; i < N_WORKERS; i++)
		if (thread_labs[i].client == client)
			lab_close(&thread_labs[i]);
	atomic_fetch_add(&n_closed, 1);
}

static void survey(struct world *world, enum survey_purpose purpose) {
	survey_release(&world->survey);
	lab_check(
		survey_make(
			world->lab.client,
			&world->deployment,
			purpose,
			&world->survey,
			&world->lab.error
		),
		&world->lab.error,
		"survey"
	);
}

static void apply(struct world *world, enum survey_purpose purpose) {
	struct apply_result result;
	struct apply_options options = {
		.open_client = open_client,
		.close_client = close_client,
		.n_workers = N_WORKERS,
	};
	survey(world, purpose);
	int status = apply_run(
		world->lab.client, &world->survey.plan, &options, &result, &world->lab.error
	);
	lab_check(status, &world->lab.error, "apply");
	assert_int_equal(result.n_failed, 0);
	assert_int_equal(result.n_refused, 0);
	apply_result_release(&result);
}

static size_t n_sessions(const struct plan *plan, enum plan_action action) {
	size_t n = 0;
	for (size_t i = 0; i < plan->n_steps; i++)
		n += plan->steps[i].kind == PLAN_SESSION && plan->steps[i].action == action;
	return n;
}

static void plans_with_few_calls_and_applies_in_parallel(void **state) {
	struct world *world = *state;
	uint64_t before = client_n_requests(world->lab.client);
	survey(world, SURVEY_SET_UP);
	assert_int_equal(n_sessions(&world->survey.plan, PLAN_CREATE), N_SESSIONS);
	// Four pages each of interfaces and instances, and about twenty calls more.
	assert_in_range(client_n_requests(world->lab.client) - before, 1, 40);

	apply(world, SURVEY_SET_UP);
	// Once to delete nothing, which needs nobody, and once to create.
	assert_int_equal(n_closed, N_WORKERS);
	survey(world, SURVEY_SET_UP);
	assert_int_equal(n_sessions(&world->survey.plan, PLAN_KEEP), N_SESSIONS);
	assert_false(plan_has_changes(&world->survey.plan));

	apply(world, SURVEY_DESTROY);
	survey(world, SURVEY_DESTROY);
	assert_false(plan_has_changes(&world->survey.plan));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			plans_with_few_calls_and_applies_in_parallel, setup, teardown
		),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
