#pragma once

// What the parts of apply.c share.

#include "apply.h"

#include <pthread.h>

struct applier {
	struct client *client;
	const struct plan *plan;
	const struct deployment *deployment;
	const struct apply_options *options;
	struct apply_result *result;
	struct arena *arena; // of this thread's calls
	struct aws_error *error; // of this thread
	pthread_mutex_t *lock; // guards result and events once there are workers
	const char *nonce; // another in every run

	// What exists by now; written by the main thread before workers start.
	const char *balancer_group_id;
	const char *appliance_group_id;
	const char *target_group_arn;
	const char *balancer_arn;
	const char *filter_id;
	const char *target_id;
	const char *template_id;
	const char *template_version; // made in this run
};

// One step's work. On creation '*ret_id' is set to what was made.
typedef int
applier_function(struct applier *applier, const struct plan_step *step, const char **ret_id);

applier_function applier_create_balancer_group;
applier_function applier_create_appliance_group;
applier_function applier_change_group;
applier_function applier_delete_group;
applier_function applier_create_target_group;
applier_function applier_change_target_group;
applier_function applier_delete_target_group;
applier_function applier_create_balancer;
applier_function applier_change_balancer;
applier_function applier_delete_balancer;
applier_function applier_create_listener;
applier_function applier_change_listener;
applier_function applier_delete_listener;
applier_function applier_create_registration;
applier_function applier_create_filter;
applier_function applier_change_filter;
applier_function applier_delete_filter;
applier_function applier_create_rule;
applier_function applier_delete_rule;
applier_function applier_create_target;
applier_function applier_create_target_of; // the load balancer is active
applier_function applier_delete_target;
applier_function applier_create_session;
applier_function applier_change_session;
applier_function applier_delete_session;
applier_function applier_create_template;
applier_function applier_change_template;
applier_function applier_delete_template;
applier_function applier_create_scaling_group;
applier_function applier_change_scaling_group;
applier_function applier_delete_scaling_group;
applier_function applier_create_instance;
applier_function applier_delete_instance;

int applier_no_memory(struct applier *applier);

// Whether a step of this kind is to be taken now: those that delete, or all others that do something.
bool applier_is_of(const struct plan_step *step, enum plan_kind kind, bool is_delete);

// One step, told and recorded. 0 also where AWS refuses a session.
int applier_run_step(struct applier *applier, const struct plan_step *step);

// All sessions that are to go, or all others that something is to be done about; in parallel where there are
// more clients.
int applier_run_sessions(struct applier *applier, bool is_delete);

// A call is made again while AWS does not see what was just made, or while what is to be deleted is still in
// use:
//
//   struct applier_wait wait = {.for_what = "load balancer"};
//   do
//           result = some_call(...);
//   while (applier_waits(applier, result, &wait));
struct applier_wait {
	const char *for_what;
	bool is_for_release; // in use, rather than not found
	int n_tries;
};

bool applier_waits(struct applier *applier, int result, struct applier_wait *wait);

// One more try of something that is polled: sleeps, and false when it has lasted too long or is cancelled
// (the error is set).
bool applier_polls(struct applier *applier, struct applier_wait *wait, int n_tries_max);

// How many there are of an id: 1, or 0, or "not found" as AWS says it.
typedef int applier_count(struct applier *applier, const char *id, size_t *ret_n);

// AWS answers a token that it knows with what it made then, even where that was deleted since. So what was
// made is looked for: 0 when it is there, -ENOENT when it does not appear.
int applier_looks_for(
	struct applier *applier,
	applier_count *count,
	const char *id,
	const char *what
);

// 0 where the thing is gone already.
int applier_gone(struct applier *applier, int result);

// The tags of a thing; 'source' may be NULL.
int applier_tags(
	struct applier *applier,
	const char *name,
	const char *source,
	struct aws_tags *ret_tags
);

// A client token that is the same in the next run as long as the things it hangs on are the same.
const char *applier_token(struct applier *applier, const char *what, const char *anchor);
