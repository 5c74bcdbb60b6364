#pragma once

// The outside world as it is: libcurl with connections that are kept, the system's clock, the
// process's environment. Not for use by two threads at once; make one for each.

#include "outside.h"

struct transport_options {
	const char *ca_bundle; // a file of certificates instead of the system's; NULL for those
	bool (*is_cancelled)(void *ctx); // asked while waiting, too; may be NULL
	void *is_cancelled_ctx;
	bool finishes_exchanges; // only pauses end early, so that the outcome of every call is known
};

// NULL with errno.
struct transport *transport_create(const struct transport_options *options);
void transport_free(struct transport *transport);

// Replaces the certificates; NULL for the system's. They are known only after the profile was read.
int transport_set_ca_bundle(struct transport *transport, const char *path);

// Valid as long as the transport.
struct outside transport_outside(struct transport *transport);
