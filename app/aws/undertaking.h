#pragma once

// What 'apply' and 'destroy' have in common: every deployment is planned and shown, then the user is asked once,
// then one after the other is carried out. One that fails does not stop the others; an interruption does.

#include "aws_connection.h"
#include "deployments.h"
#include "plan_cost.h"
#include "survey.h"

#include <stdbool.h>

struct undertaking_item {
	const struct deployment *deployment;
	struct client *client;
	struct survey survey;
	struct plan_cost cost;
	bool is_planned; // else it has failed already, which was said
	const char *again; // command lines that go on with it and undo it
	const char *undo;
};

struct undertaking {
	const struct aws_options *options;
	const struct deployments_options *named;
	struct aws_connection *connection;
	enum survey_purpose purpose;
	const char *command; // "apply"
	const char *question;
	bool is_sure; // ask nothing
	// The exit code; says what came of it.
	int (*carry_out)(void *ctx, struct undertaking *undertaking, struct undertaking_item *item);
	void (*say_nothing_to_do)(void *ctx, const struct undertaking_item *item);
	void *ctx;
};

// The exit code of the command.
int undertaking_run(struct undertaking *undertaking);
