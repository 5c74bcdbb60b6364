#include "aws_connection.h"

#include "interruption.h"
#include "region.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

// What a client stands on. Its first member is what client_outside() answers.
struct footing {
	struct outside outside;
	struct transport *transport;
	struct footing *self; // the way back from the borrowed 'outside'
};

static const struct transport_options transport_options = {
	.is_cancelled = interruption_is_noted,
	.finishes_exchanges = true,
};

static int no_memory(struct aws_error *error) {
	return aws_error_set(error, -ENOMEM, "OutOfMemory", "connecting to AWS");
}

// A limit of 0 does not hold back a core_pattern that is a program. A sanitizer looks for leaks as a
// debugger does, which this would forbid.
static void forbid_core_dumps(void) {
	struct rlimit none = {0};
	setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

static int ask_mfa_code(void *, const char *serial, char *ret_code, size_t room) {
	fprintf(stderr, "code of MFA device '%s': ", serial);
	if (fgets(ret_code, (int)room, stdin) == NULL)
		return -ECANCELED;
	ret_code[strcspn(ret_code, "\r\n")] = '\0';
	return 0;
}

int aws_connection_open(
	const struct aws_options *options,
	struct aws_connection *ret_connection,
	struct aws_error *error
) {
	struct aws_connection *connection = ret_connection;
	struct settings_flags flags = {
		.profile = options->profile,
		.region = options->region,
		.endpoint_url = options->endpoint_url,
		.ca_bundle = options->ca_bundle,
	};
	forbid_core_dumps();
	signal(SIGPIPE, SIG_IGN); // a connection that is cut is an error, and no end of the program
	*connection = (struct aws_connection) {0};
	connection->transport = transport_create(&transport_options);
	if (connection->transport == NULL)
		return no_memory(error);
	connection->outside = transport_outside(connection->transport);
	int result = settings_load(&connection->outside, &flags, &connection->settings, error);
	if (result < 0) {
		transport_free(connection->transport);
		return result;
	}
	if (isatty(STDIN_FILENO) == 1)
		connection->keys.ask_mfa_code = ask_mfa_code;
	connection->credentials = credentials_provider_create(
		&connection->outside, &connection->settings, &connection->keys
	);
	if (connection->credentials != NULL
	    && transport_set_ca_bundle(connection->transport, connection->settings.ca_bundle) == 0)
		return 0;
	aws_connection_close(connection);
	return no_memory(error);
}

void aws_connection_close(struct aws_connection *connection) {
	credentials_provider_free(connection->credentials);
	settings_release(&connection->settings);
	transport_free(connection->transport);
}

static struct footing *lay_footing(const struct settings *settings) {
	struct footing *footing = calloc(1, sizeof(*footing));
	if (footing == NULL)
		return NULL;
	footing->self = footing;
	footing->transport = transport_create(&transport_options);
	if (footing->transport != NULL
	    && transport_set_ca_bundle(footing->transport, settings->ca_bundle) == 0) {
		footing->outside = transport_outside(footing->transport);
		return footing;
	}
	transport_free(footing->transport);
	free(footing);
	return NULL;
}

static int open_client(
	struct aws_connection *connection,
	const char *region,
	bool is_dry_run,
	struct client **ret_client,
	struct aws_error *error
) {
	struct arena scratch = arena_empty(); // clients are opened by several threads
	int result = 0;
	if (region == NULL)
		result = region_resolve(
			&connection->outside, &connection->settings, &scratch, &region, error
		);
	struct footing *footing = result < 0 ? NULL : lay_footing(&connection->settings);
	struct client *client = NULL;
	if (footing != NULL) {
		struct client_options options = {
			.outside = &footing->outside,
			.settings = &connection->settings,
			.credentials = connection->credentials,
			.region = region,
			.is_dry_run = is_dry_run,
		};
		client = client_create(&options);
	}
	if (client != NULL)
		*ret_client = client;
	else if (result == 0) {
		if (footing != NULL)
			transport_free(footing->transport);
		free(footing);
		result = no_memory(error);
	}
	arena_release(&scratch);
	return result;
}

int aws_connection_client(
	struct aws_connection *connection,
	const char *region,
	struct client **ret_client,
	struct aws_error *error
) {
	return open_client(connection, region, false, ret_client, error);
}

int aws_connection_dry_client(
	struct aws_connection *connection,
	const char *region,
	struct client **ret_client,
	struct aws_error *error
) {
	return open_client(connection, region, true, ret_client, error);
}

void aws_connection_client_free(struct client *client) {
	if (client == NULL)
		return;
	const struct outside *outside = client_outside(client);
	struct footing *footing = ((const struct footing *)(const void *)outside)->self;
	client_free(client);
	transport_free(footing->transport);
	free(footing);
}
