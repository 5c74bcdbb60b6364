#pragma once

// Calls to AWS: signs, sends, retries, goes through pages. One client is for one thread; several may
// share a credentials provider.

#include "arena.h"
#include "credentials.h"
#include "error.h"
#include "operation.h"
#include "outside.h"
#include "settings.h"

#include <stdint.h>

struct client_options {
	const struct outside *outside;
	const struct settings *settings;
	struct credentials_provider *credentials; // NULL: only unsigned operations
	const char *region; // NULL: that of the settings; needed by one of the two
};

// What is pointed to must outlive the client. NULL with errno.
struct client *client_create(const struct client_options *options);
void client_free(struct client *client);

const char *client_region(const struct client *client);
const struct outside *client_outside(const struct client *client);
const struct settings *client_settings(const struct client *client);

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
