#pragma once

// Whole set-ups against the stand-in's sample account. What is slow there is slow in calls, not in time, so
// nothing here really sleeps.

#include "apply.h"
#include "lab.h"
#include "survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

static inline void no_sleep(void *, int64_t) {}

static inline bool is_dead(void *) {
	return the_world->is_dead;
}

static inline int send_until_death(
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

static inline void add_source(struct world *world, const char *text) {
	struct source *source = &world->sources[world->deployment.n_sources++];
	lab_check(
		source_parse(text, &world->arena, source, &world->lab.error),
		&world->lab.error,
		text
	);
}

static inline const char *vpc_named(struct world *world, const char *name) {
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

static inline int setup(void **state) {
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

static inline int teardown(void **state) {
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

static inline int survey(struct world *world, enum survey_purpose purpose) {
	survey_release(&world->survey);
	return survey_make(
		world->lab.client, &world->deployment, purpose, &world->survey, &world->lab.error
	);
}

static inline int apply(struct world *world, enum survey_purpose purpose) {
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

static inline void must(struct world *world, int result, const char *what) {
	lab_check(result, &world->lab.error, what);
}

static inline void set_up(struct world *world) {
	must(world, apply(world, SURVEY_SET_UP), "set up");
}

static inline void destroy(struct world *world) {
	must(world, apply(world, SURVEY_DESTROY), "destroy");
}

static inline void print_changes(const struct plan *plan) {
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
static inline void assert_nothing_to_do(struct world *world, enum survey_purpose purpose) {
	for (int i = 0; i < 4; i++) {
		must(world, survey(world, purpose), "survey");
		if (!plan_has_changes(&world->survey.plan))
			return;
	}
	print_changes(&world->survey.plan);
	fail_msg("there is still something to do");
}

static inline char *digest(struct world *world) {
	struct strbuf text;
	strbuf_init(&text, 1 << 24);
	lab_control(&world->lab, "GET", "digest", "", &text);
	char *copy = strdup(text.data);
	strbuf_release(&text);
	return copy;
}

static inline size_t n_of(const struct plan *plan, enum plan_kind kind, enum plan_action action) {
	size_t n = 0;
	for (size_t i = 0; i < plan->n_steps; i++)
		n += plan->steps[i].kind == kind && plan->steps[i].action == action;
	return n;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
