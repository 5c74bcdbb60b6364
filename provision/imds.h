#pragma once

// EC2's instance metadata service, version 2 only: what version 1 would answer without a token could be
// asked for by anything that makes the machine fetch an address.

#include "error.h"
#include "outside.h"
#include "profile.h"
#include "strbuf.h"

// Appends what is at 'path' ("/latest/meta-data/placement/region"). -ENOENT: switched off, nothing
// there, or this is no instance. Never by a proxy.
int imds_get(
	const struct outside *outside,
	const struct profile *profile,
	const char *path,
	struct strbuf *ret_text,
	struct aws_error *error
);
