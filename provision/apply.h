#pragma once

// Does what a plan says, in the order that AWS needs: first what is in the way goes, then things are made,
// then what is left over goes. Sessions run in parallel. Safe to repeat after an end at any point: tokens
// and names are the same in the next run, and the next plan starts from what there is.

#include "client.h"
#include "plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Told while it runs; any may be NULL. With workers they are called one at a time.
struct apply_events {
	void *ctx;
	void (*started)(void *ctx, const struct plan_step *step);
	void (*finished
	)(void *ctx,
	  const struct plan_step *step,
	  int result,
	  const struct aws_error *error // where result is below 0
	);
	void (*waiting)(void *ctx, const char *what); // again and again while it lasts
	void (*rolling_back)(void *ctx, const struct aws_error *reason);
};

struct apply_options {
	struct apply_events events;
	// A first set-up that fails takes away what it made, unless this is set.
	bool keeps_partial;
	// More clients, to do sessions in parallel; NULL: one after the other. Each gets one thread.
	struct client *(*open_client)(void *ctx);
	void (*close_client)(void *ctx, struct client *client);
	void *client_ctx;
	size_t n_workers;
};

enum apply_outcome {
	APPLY_PENDING, // not reached
	APPLY_DONE,
	APPLY_REFUSED, // AWS would not mirror this interface; the rest goes on
	APPLY_FAILED,
};

struct apply_step {
	enum apply_outcome outcome;
	const char *id; // of what was made
	struct aws_error error;
};

struct apply_result {
	struct arena arena;
	struct apply_step *steps; // as in the plan
	size_t n_steps;
	size_t n_done;
	size_t n_refused;
	size_t n_failed;
	bool was_rolled_back;
	size_t n_left; // things that the way back could not take away
	bool is_paused; // the plan wanted no sessions
	// What sessions send to and what the appliances register with, existing ones included; NULL where
	// there is none.
	const char *load_balancer_arn;
	const char *target_group_arn;
	const char *filter_id;
	const char *target_id;
};

// 0 where all was done or refused; else the first failure, with what was done in '*ret_result' all the same;
// -ECANCELED where the user stopped it. '*ret_result' is always valid.
int apply_run(
	struct client *client,
	const struct plan *plan,
	const struct apply_options *options,
	struct apply_result *ret_result,
	struct aws_error *error
);
void apply_result_release(struct apply_result *result);
