#pragma once

// Calls to AWS: signs, sends, retries, goes through pages. One client is for one thread; several may
// share a credentials provider.

#include "arena.h"
#include "credentials.h"
#include "error.h"
#include "gaps.h"
#include "operation.h"
#include "outside.h"
#include "settings.h"

#include <assert.h>
#include <stdint.h>

struct client_options {
	const struct outside *outside;
	const struct settings *settings;
	struct credentials_provider *credentials; // NULL: only unsigned operations
	const char *region; // NULL: that of the settings; needed by one of the two
	// Every call of EC2 is only checked, not done: its answer is the error DryRunOperation where it is
	// allowed, UnauthorizedOperation where it is not.
	bool is_dry_run;
};

// What is pointed to must outlive the client. NULL with errno.
struct client *client_create(const struct client_options *options);
void client_free(struct client *client);

const char *client_region(const struct client *client);
const struct outside *client_outside(const struct client *client);
const struct settings *client_settings(const struct client *client);

// From now on a call that is a gap succeeds with an empty answer and is noted in 'gaps', and is not made
// again. NULL: no more. 'gaps' must outlive the client or be taken back.
void client_set_gaps(struct client *client, struct gaps *gaps);

bool client_has_gap(const struct client *client, const struct operation *operation);

// Requests sent so far, retries and pages included.
uint64_t client_n_requests(const struct client *client);

// One operation, all its pages. 'input' and 'ret_output' are the structs of the operation's shapes, or
// NULL where it has none; texts and lists of the output live in 'arena'. 'ret_output' is zeroed first
// and is complete only where 0 is returned; -ECANCELED where the user wants to stop.
int client_call(
	struct client *client,
	const struct operation *operation,
	const void *input,
	struct arena *arena,
	void *ret_output,
	struct aws_error *error
);

// A typed call in a line: declares
//
//   int name(struct client *, const input *, struct arena *, output *ret_output, struct aws_error *)
//
// which is client_call() with the operation 'name_operation'. An operation without parameters or
// without an answer has 'struct client_nothing' there and takes NULL.
struct client_nothing;

#define CLIENT_CALL_DECLARE(call, input, output)                                                   \
	extern const struct operation call##_operation;                                            \
	int call(                                                                                  \
		struct client *client,                                                             \
		const input *in,                                                                   \
		struct arena *arena,                                                               \
		output *ret_output,                                                                \
		struct aws_error *error                                                            \
	)

// The rest is the operation's table: .service = ..., .name = ..., ...
#define CLIENT_CALL_DEFINE(call, input_type, output_type, ...)                                     \
	const struct operation call##_operation = {__VA_ARGS__};                                   \
	int call(                                                                                  \
		struct client *client,                                                             \
		const input_type *in,                                                              \
		struct arena *arena,                                                               \
		output_type *ret_output,                                                           \
		struct aws_error *error                                                            \
	) {                                                                                        \
		return client_call(client, &call##_operation, in, arena, ret_output, error);       \
	}                                                                                          \
	static_assert(true, "ends in a semicolon")
