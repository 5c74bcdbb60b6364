#pragma once

// AWS Signature Version 4
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html) in
// its three stages, each callable on its own:
//
//   sigv4_canonical_request()  the request as one text
//   sigv4_string_to_sign()     date, scope and the hash of that text
//   sigv4_signature()          the keyed hash of that
//
// No clock, no network: bytes and time go in, text comes out.

#include "slice.h"
#include "strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGV4_HEX_SIZE 65
#define SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"

struct sigv4_header {
	struct slice name; // any case
	struct slice value; // as sent, folded lines included
};

// All borrowed for the length of a call.
struct sigv4_request {
	const char *method;
	struct slice path; // as sent, without the query
	struct slice query; // as sent, without the '?'
	const struct sigv4_header *headers; // all of them are signed
	size_t n_headers;
	const char *payload_hash; // sigv4_payload_hash() or SIGV4_UNSIGNED_PAYLOAD
	bool keep_path; // do not remove dot segments and empty ones
};

struct sigv4_scope {
	const char *region;
	const char *service;
	int64_t time_s;
};

// All return 0, -ENOMEM, -E2BIG (a text over its cap) or -EINVAL (the library refused). On failure
// what was appended to 'ret_*' is unspecified.

int sigv4_payload_hash(struct slice body, char ret_hex[SIGV4_HEX_SIZE]);

// "content-type;host;x-amz-date"
int sigv4_signed_headers(const struct sigv4_request *request, struct strbuf *ret_text);

int sigv4_canonical_request(const struct sigv4_request *request, struct strbuf *ret_text);

int sigv4_string_to_sign(
	const struct sigv4_scope *scope,
	struct slice canonical_request,
	struct strbuf *ret_text
);

int sigv4_signature(
	const struct sigv4_scope *scope,
	const char *secret_access_key,
	struct slice string_to_sign,
	char ret_hex[SIGV4_HEX_SIZE]
);

// The value of the Authorization header.
int sigv4_authorization(
	const struct sigv4_scope *scope,
	const char *access_key_id,
	const char *signed_headers,
	const char *signature,
	struct strbuf *ret_text
);

struct sigv4_presign {
	const char *access_key_id;
	const char *session_token; // NULL: none, or added after signing
	uint32_t expires_in_s;
};

// The query of a pre-signed address before its signature is known: that of 'request' and the
// X-Amz-... parameters. Sign the request with this query and append "&X-Amz-Signature=".
int sigv4_presigned_query(
	const struct sigv4_request *request,
	const struct sigv4_scope *scope,
	const struct sigv4_presign *presign,
	struct strbuf *ret_query
);
