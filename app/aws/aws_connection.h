#pragma once

// What a command needs to call AWS, from its flags, the environment and the profile.

#include "aws_options.h"
#include "client.h"
#include "credentials.h"
#include "error.h"
#include "transport.h"

struct aws_connection {
	struct transport
		*transport; // for settings and credentials; every client has one of its own
	struct outside outside;
	struct settings settings;
	struct credentials_flags keys;
	struct credentials_provider *credentials;
};

// Also keeps secrets out of core dumps and ignores SIGPIPE from here on. 'ret_connection' must stay where it is; it is to be
// closed only where 0 is returned. -EINVAL for a profile that is wrong, -ENOMEM.
[[nodiscard]] int aws_connection_open(
	const struct aws_options *options,
	struct aws_connection *ret_connection,
	struct aws_error *error
);
void aws_connection_close(struct aws_connection *connection);

// A client for one thread at a time, which may be another than that of the connection. Without 'region' it
// is that of flag, environment, profile or instance; -ENOENT where nothing says one. An interruption that was
// noted ends its pauses, not its calls.
[[nodiscard]] int aws_connection_client(
	struct aws_connection *connection,
	const char *region,
	struct client **ret_client,
	struct aws_error *error
);
// The same, but calls of EC2 are only checked, not done: see client_options.is_dry_run.
[[nodiscard]] int aws_connection_dry_client(
	struct aws_connection *connection,
	const char *region,
	struct client **ret_client,
	struct aws_error *error
);
void aws_connection_client_free(struct client *client); // NULL is fine
