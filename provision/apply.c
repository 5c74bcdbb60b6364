#include "apply.h"

#include "applier.h"
#include "digest.h"
#include "ownership.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 2000
#define SEEN_TRIES_MAX 30 // a minute
#define FREED_TRIES_MAX 300 // ten
#define VISIBLE_TRIES_MAX 15
#define GONE_TRIES_MAX 2

static const struct kind {
	applier_function *create;
	applier_function *change;
	applier_function *delete;
} kinds[PLAN_N_KINDS] = {
	[PLAN_BALANCER_GROUP] =
		{
			applier_create_balancer_group,
			applier_change_group,
			applier_delete_group,
		},
	[PLAN_APPLIANCE_GROUP] =
		{
			applier_create_appliance_group,
			applier_change_group,
			applier_delete_group,
		},
	[PLAN_TARGET_GROUP] =
		{
			applier_create_target_group,
			applier_change_target_group,
			applier_delete_target_group,
		},
	[PLAN_BALANCER] =
		{
			applier_create_balancer,
			applier_change_balancer,
			applier_delete_balancer,
		},
	[PLAN_LISTENER] =
		{
			applier_create_listener,
			applier_change_listener,
			applier_delete_listener,
		},
	[PLAN_FILTER] = {applier_create_filter, applier_change_filter, applier_delete_filter},
	[PLAN_RULE] = {applier_create_rule, NULL, applier_delete_rule},
	[PLAN_TARGET] = {applier_create_target, NULL, applier_delete_target},
	[PLAN_TEMPLATE] =
		{
			applier_create_template,
			applier_change_template,
			applier_delete_template,
		},
	[PLAN_SCALING_GROUP] =
		{
			applier_create_scaling_group,
			applier_change_scaling_group,
			applier_delete_scaling_group,
		},
	[PLAN_INSTANCE] = {applier_create_instance, NULL, applier_delete_instance},
	[PLAN_REGISTRATION] = {applier_create_registration, NULL, NULL},
	[PLAN_SESSION] =
		{
			applier_create_session,
			applier_change_session,
			applier_delete_session,
		},
};

int applier_no_memory(struct applier *applier) {
	return aws_error_set(applier->error, -ENOMEM, "OutOfMemory", "applying the plan");
}

static void tell_waiting(struct applier *applier, const char *what) {
	const struct apply_events *events = &applier->options->events;
	if (events->waiting == NULL)
		return;
	pthread_mutex_lock(applier->lock);
	events->waiting(events->ctx, what);
	pthread_mutex_unlock(applier->lock);
}

bool applier_polls(struct applier *applier, struct applier_wait *wait, int n_tries_max) {
	const struct outside *outside = client_outside(applier->client);
	if (outside_is_cancelled(outside)) {
		aws_error_set(applier->error, -ECANCELED, "Cancelled", "cancelled");
		return false;
	}
	if (++wait->n_tries >= n_tries_max) {
		aws_error_set(
			applier->error,
			-ETIMEDOUT,
			"TookTooLong",
			"gave up waiting for the %s",
			wait->for_what
		);
		return false;
	}
	tell_waiting(applier, wait->for_what);
	outside->sleep_ms(outside->ctx, WAIT_MS);
	return true;
}

static bool is_in_use(const struct aws_error *error) {
	static const char *const codes[] = {
		"DependencyViolation",
		"ResourceInUse",
		"ResourceInUseFault",
		"ScalingActivityInProgress",
		"TrafficMirrorTargetInUse",
		"TrafficMirrorTargetInUseException",
		"TrafficMirrorFilterInUse",
		"InvalidGroup.InUse",
	};
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (aws_error_is(error, codes[i]))
			return true;
	return false;
}

// What is to be deleted was seen a moment ago; that it cannot be found may only mean that not all of AWS
// knows it yet. Once more is asked, then it is gone.
static bool is_awaited(const struct aws_error *error, const struct applier_wait *wait) {
	bool is_unseen = aws_error_is_not_found(error);
	if (wait->is_for_release)
		return is_in_use(error) || (is_unseen && wait->n_tries < GONE_TRIES_MAX);
	return is_unseen || aws_error_is(error, "InvalidSecurityGroup")
		|| aws_error_is(error, "InvalidTrafficMirrorTarget");
}

bool applier_waits(struct applier *applier, int result, struct applier_wait *wait) {
	int n_tries_max = wait->is_for_release ? FREED_TRIES_MAX : SEEN_TRIES_MAX;
	if (result != -EREMOTEIO || !is_awaited(applier->error, wait))
		return false;
	struct aws_error last = *applier->error;
	if (applier_polls(applier, wait, n_tries_max))
		return true;
	if (!outside_is_cancelled(client_outside(applier->client)))
		*applier->error = last; // says more than that it took too long
	return false;
}

int applier_looks_for(
	struct applier *applier,
	applier_count *count,
	const char *id,
	const char *what
) {
	struct applier_wait wait = {.for_what = what};
	for (;;) {
		size_t n;
		int result = count(applier, id, &n);
		if (result == 0 && n > 0)
			return 0;
		if (result < 0 && !(result == -EREMOTEIO && aws_error_is_not_found(applier->error)))
			return result;
		if (!applier_polls(applier, &wait, VISIBLE_TRIES_MAX))
			return outside_is_cancelled(client_outside(applier->client)) ? -ECANCELED
										     : -ENOENT;
	}
}

int applier_gone(struct applier *applier, int result) {
	return result == -EREMOTEIO && aws_error_is_not_found(applier->error) ? 0 : result;
}

int applier_tags(
	struct applier *applier,
	const char *name,
	const char *source,
	struct aws_tags *ret_tags
) {
	const struct deployment *deployment = applier->deployment;
	int result = ownership_tags(
		deployment->id, name, source, &deployment->tags, applier->arena, ret_tags
	);
	return result < 0 ? applier_no_memory(applier) : 0;
}

const char *applier_token(struct applier *applier, const char *what, const char *anchor) {
	const char *token = digest_text(
		applier->arena,
		"metlo",
		applier->deployment->id,
		what,
		anchor == NULL ? "" : anchor,
		NULL
	);
	if (token == NULL)
		applier_no_memory(applier);
	return token;
}

// What stays has its id already.
static void take_over_ids(struct applier *applier) {
	const struct plan *plan = applier->plan;
	applier->balancer_arn = applier->deployment->existing_load_balancer;
	applier->target_id = applier->deployment->existing_target;
	applier->filter_id = applier->deployment->existing_filter;
	const char **ids[PLAN_N_KINDS] = {
		[PLAN_BALANCER_GROUP] = &applier->balancer_group_id,
		[PLAN_APPLIANCE_GROUP] = &applier->appliance_group_id,
		[PLAN_TARGET_GROUP] = &applier->target_group_arn,
		[PLAN_BALANCER] = &applier->balancer_arn,
		[PLAN_FILTER] = &applier->filter_id,
		[PLAN_TARGET] = &applier->target_id,
		[PLAN_TEMPLATE] = &applier->template_id,
	};
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct plan_step *step = &plan->steps[i];
		if (step->action != PLAN_DELETE && step->id != NULL && ids[step->kind] != NULL)
			*ids[step->kind] = step->id;
	}
}

static applier_function *function_of(const struct plan_step *step) {
	const struct kind *kind = &kinds[step->kind];
	switch (step->action) {
	case PLAN_CREATE:
		return kind->create;
	case PLAN_CHANGE:
		return kind->change;
	case PLAN_DELETE:
		return kind->delete;
	case PLAN_KEEP:
		break;
	}
	return NULL;
}

// A session that AWS will not make for this interface is no reason to stop making the others.
static bool is_refusal(const struct plan_step *step, int result, const struct aws_error *error) {
	static const char *const codes[] = {
		"NetworkInterfaceNotSupported",
		"InvalidNetworkInterfaceID.NotFound",
		"InvalidNetworkInterface.NotFound",
		"TrafficMirrorSessionsPerInterfaceLimitExceeded",
		"TrafficMirrorSourcesPerTargetLimitExceeded",
		"UnsupportedOperation",
		"InvalidParameterValue",
	};
	if (step->kind != PLAN_SESSION || result != -EREMOTEIO)
		return false;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (aws_error_is(error, codes[i]))
			return true;
	return false;
}

static void
record(struct applier *applier, const struct plan_step *step, int result, const char *id) {
	struct apply_result *all = applier->result;
	struct apply_step *one = &all->steps[step - applier->plan->steps];
	const struct apply_events *events = &applier->options->events;
	pthread_mutex_lock(applier->lock);
	one->id = arena_strdup(&all->arena, id); // a step may fail after it made something
	if (result == 0) {
		one->outcome = APPLY_DONE;
		all->n_done++;
	} else if (is_refusal(step, result, applier->error)) {
		one->outcome = APPLY_REFUSED;
		one->error = *applier->error;
		all->n_refused++;
	} else {
		one->outcome = APPLY_FAILED;
		one->error = *applier->error;
		all->n_failed++;
	}
	if (events->finished != NULL)
		events->finished(events->ctx, step, result, applier->error);
	pthread_mutex_unlock(applier->lock);
}

int applier_run_step(struct applier *applier, const struct plan_step *step) {
	const struct apply_events *events = &applier->options->events;
	applier_function *function = function_of(step);
	const char *id = NULL;
	if (function == NULL)
		return 0;
	if (outside_is_cancelled(client_outside(applier->client)))
		return aws_error_set(applier->error, -ECANCELED, "Cancelled", "cancelled");
	if (events->started != NULL) {
		pthread_mutex_lock(applier->lock);
		events->started(events->ctx, step);
		pthread_mutex_unlock(applier->lock);
	}
	aws_error_clear(applier->error);
	int result = function(applier, step, &id);
	if (result == -ENOMEM)
		applier_no_memory(applier);
	record(applier, step, result, id);
	return is_refusal(step, result, applier->error) ? 0 : result;
}

bool applier_is_of(const struct plan_step *step, enum plan_kind kind, bool is_delete) {
	return step->kind == kind && step->action != PLAN_KEEP
		&& (step->action == PLAN_DELETE) == is_delete;
}

static int run_kind(struct applier *applier, enum plan_kind kind, bool is_delete) {
	const struct plan *plan = applier->plan;
	int result = 0;
	for (size_t i = 0; result == 0 && i < plan->n_steps; i++)
		if (applier_is_of(&plan->steps[i], kind, is_delete))
			result = applier_run_step(applier, &plan->steps[i]);
	return result;
}

// First what is in the way (an interface has room for three sessions, a rule's number is taken), then what
// is new, then what is left over, which new things may have stood on until now.
static int run_all(struct applier *applier) {
	int result = applier_run_sessions(applier, true);
	if (result == 0)
		result = run_kind(applier, PLAN_RULE, true);
	for (int kind = 0; result == 0 && kind < PLAN_SESSION; kind++)
		result = run_kind(applier, (enum plan_kind)kind, false);
	if (result == 0)
		result = applier_run_sessions(applier, false);
	for (int kind = PLAN_SESSION - 1; result == 0 && kind >= 0; kind--)
		if (kind != PLAN_RULE)
			result = run_kind(applier, (enum plan_kind)kind, true);
	return result;
}

// Takes away what this run made, last first. What fails is left and counted.
static void roll_back(struct applier *applier, const struct aws_error *reason) {
	const struct plan *plan = applier->plan;
	const struct apply_events *events = &applier->options->events;
	struct aws_error error, *const first = applier->error;
	applier->error = &error; // what fails now does not hide why
	if (events->rolling_back != NULL)
		events->rolling_back(events->ctx, reason);
	for (size_t i = plan->n_steps; i-- > 0;) {
		const struct apply_step *done = &applier->result->steps[i];
		struct plan_step step = plan->steps[i];
		if (step.action != PLAN_CREATE || done->id == NULL
		    || kinds[step.kind].delete == NULL)
			continue;
		const char *id = NULL;
		step.action = PLAN_DELETE;
		step.id = done->id;
		if (events->started != NULL)
			events->started(events->ctx, &step);
		int result = kinds[step.kind].delete(applier, &step, &id);
		applier->result->n_left += result < 0;
		if (events->finished != NULL)
			events->finished(events->ctx, &step, result, &error);
	}
	applier->error = first;
	applier->result->was_rolled_back = true;
}

static int prepare(struct applier *applier, const struct plan *plan, struct apply_result *result) {
	const struct outside *outside = client_outside(applier->client);
	double fraction = outside->random(outside->ctx);
	result->n_steps = plan->n_steps;
	result->steps = arena_alloc_array(&result->arena, plan->n_steps, sizeof(*result->steps));
	applier->nonce = arena_printf(
		&result->arena, "%" PRId64 " %.17g", outside->now_ms(outside->ctx), fraction
	);
	return result->steps == NULL || applier->nonce == NULL ? applier_no_memory(applier) : 0;
}

static void hand_over(const struct applier *applier, struct apply_result *result) {
	struct arena *arena = &result->arena;
	result->load_balancer_arn = arena_strdup(arena, applier->balancer_arn);
	result->target_group_arn = arena_strdup(arena, applier->target_group_arn);
	result->filter_id = arena_strdup(arena, applier->filter_id);
	result->target_id = arena_strdup(arena, applier->target_id);
}

int apply_run(
	struct client *client,
	const struct plan *plan,
	const struct apply_options *options,
	struct apply_result *ret_result,
	struct aws_error *error
) {
	struct arena arena = arena_empty();
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct applier applier = {
		.client = client,
		.plan = plan,
		.deployment = plan->deployment,
		.options = options,
		.result = ret_result,
		.arena = &arena,
		.error = error,
		.lock = &lock,
	};
	*ret_result = (struct apply_result) {.is_paused = plan->is_paused};
	int result = prepare(&applier, plan, ret_result);
	take_over_ids(&applier);
	if (result == 0)
		result = run_all(&applier);
	hand_over(&applier, ret_result);
	if (result < 0 && result != -ECANCELED && plan->is_first && !options->keeps_partial) {
		struct aws_error reason = *error;
		roll_back(&applier, &reason);
		*error = reason;
	}
	pthread_mutex_destroy(&lock);
	arena_release(&arena);
	return result;
}

void apply_result_release(struct apply_result *result) {
	arena_release(&result->arena);
	*result = (struct apply_result) {0};
}
