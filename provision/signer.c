#include "signer.h"

#include "sigv4.h"
#include "timestamps.h"
#include "uri.h"

#include <errno.h>
#include <string.h>

#define TEXT_MAX ((size_t)256 << 10)

static void add_header(struct protocol_request *request, const char *name, const char *value) {
	request->headers[request->n_headers++] = (struct http_header) {name, value};
}

// Everything that is signed, in the signer's own terms.
static void describe(
	const struct protocol_request *request,
	const char *payload_hash,
	struct sigv4_header headers[PROTOCOL_HEADERS_MAX],
	struct sigv4_request *ret_request
) {
	const char *query = strchr(request->path, '?');
	size_t path_len = query == NULL ? strlen(request->path) : (size_t)(query - request->path);
	for (size_t i = 0; i < request->n_headers; i++) {
		headers[i].name = slice_of_string(request->headers[i].name);
		headers[i].value = slice_of_string(request->headers[i].value);
	}
	*ret_request = (struct sigv4_request) {
		.method = request->method,
		.path = slice_of(request->path, path_len),
		.query = slice_of_string(query == NULL ? "" : query + 1),
		.headers = headers,
		.n_headers = request->n_headers,
		.payload_hash = payload_hash,
	};
}

static int authorization(
	const struct sigv4_request *request,
	const struct sigv4_scope *scope,
	const struct credentials *credentials,
	struct arena *arena,
	const char **ret_value
) {
	char signature[SIGV4_HEX_SIZE];
	struct strbuf canonical, to_sign, names, value;
	strbuf_init(&canonical, TEXT_MAX);
	strbuf_init(&to_sign, TEXT_MAX);
	strbuf_init(&names, TEXT_MAX);
	strbuf_init(&value, TEXT_MAX);
	int result = sigv4_canonical_request(request, &canonical);
	if (result == 0)
		result = sigv4_string_to_sign(scope, strbuf_slice(&canonical), &to_sign);
	if (result == 0)
		result = sigv4_signature(
			scope, credentials->secret_access_key, strbuf_slice(&to_sign), signature
		);
	if (result == 0)
		result = sigv4_signed_headers(request, &names);
	if (result == 0)
		result = sigv4_authorization(
			scope, credentials->access_key_id, names.data, signature, &value
		);
	if (result == 0) {
		*ret_value = arena_strdup(arena, value.data);
		if (*ret_value == NULL)
			result = -ENOMEM;
	}
	strbuf_release(&canonical);
	strbuf_release(&to_sign);
	strbuf_release(&names);
	strbuf_release(&value);
	return result;
}

int signer_sign(
	const struct operation *operation,
	const struct endpoint *endpoint,
	const struct credentials *credentials,
	int64_t time_s,
	struct arena *arena,
	struct protocol_request *request
) {
	char *date = arena_alloc(arena, TIMESTAMP_BASIC_SIZE);
	char *hash = arena_alloc(arena, SIGV4_HEX_SIZE);
	struct sigv4_header headers[PROTOCOL_HEADERS_MAX];
	struct sigv4_request described;
	const char *value = NULL;
	if (date == NULL || hash == NULL)
		return -ENOMEM;
	timestamp_to_basic(time_s, date);
	int result = 0;
	if (operation->signing == OPERATION_UNSIGNED_PAYLOAD)
		memcpy(hash, SIGV4_UNSIGNED_PAYLOAD, sizeof(SIGV4_UNSIGNED_PAYLOAD));
	else
		result = sigv4_payload_hash(request->body, hash);
	if (result < 0)
		return result;
	add_header(request, "Host", endpoint->host);
	add_header(request, "X-Amz-Date", date);
	add_header(request, "X-Amz-Content-Sha256", hash);
	if (credentials->session_token != NULL)
		add_header(request, "X-Amz-Security-Token", credentials->session_token);
	struct sigv4_scope scope = {
		.region = endpoint->signing_region,
		.service = operation->service->signing_name,
		.time_s = time_s,
	};
	describe(request, hash, headers, &described);
	result = authorization(&described, &scope, credentials, arena, &value);
	if (result == 0)
		add_header(request, "Authorization", value);
	return result;
}
