#pragma once

// Adds the headers of Signature Version 4 to a request.

#include "arena.h"
#include "credentials.h"
#include "endpoint.h"
#include "operation.h"
#include "protocol.h"

#include <stdint.h>

// Date, token, payload hash, Host and Authorization are appended to the request's headers; all of them
// are signed. The texts live in 'arena'. -ENOMEM, -E2BIG, -EINVAL.
int signer_sign(
	const struct operation *operation,
	const struct endpoint *endpoint,
	const struct credentials *credentials,
	int64_t time_s,
	struct arena *arena,
	struct protocol_request *request
);
