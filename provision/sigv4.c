#include "sigv4.h"

#include "timestamps.h"
#include "uri.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define ALGORITHM "AWS4-HMAC-SHA256"
#define TEXT_MAX ((size_t)1 << 20)
#define DIGEST_SIZE 32

static int hash_hex(struct slice data, char ret_hex[SIGV4_HEX_SIZE]) {
	uint8_t digest[DIGEST_SIZE];
	if (EVP_Digest(data.data, data.len, digest, NULL, EVP_sha256(), NULL) != 1)
		return -EINVAL;
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
	return 0;
}

int sigv4_payload_hash(struct slice body, char ret_hex[SIGV4_HEX_SIZE]) {
	return hash_hex(body, ret_hex);
}

// A call, where tolower() is a macro of many branches.
static uint8_t lower(uint8_t c) {
	return (uint8_t)tolower(c);
}

static int compare_names(struct slice a, struct slice b) {
	size_t len = a.len < b.len ? a.len : b.len;
	for (size_t i = 0; i < len; i++) {
		int difference = lower(a.data[i]) - lower(b.data[i]);
		if (difference != 0)
			return difference;
	}
	return (a.len > b.len) - (a.len < b.len);
}

// By name; equal names keep their order, which is the order of the array that they point into.
static int compare_headers(const void *a, const void *b) {
	const struct sigv4_header *left = *(const struct sigv4_header *const *)a;
	const struct sigv4_header *right = *(const struct sigv4_header *const *)b;
	int difference = compare_names(left->name, right->name);
	return difference != 0 ? difference : (left > right) - (left < right);
}

static const struct sigv4_header **sorted_headers(const struct sigv4_request *request) {
	const struct sigv4_header **sorted = calloc(request->n_headers + 1, sizeof(*sorted));
	if (sorted == NULL)
		return NULL;
	for (size_t i = 0; i < request->n_headers; i++)
		sorted[i] = &request->headers[i];
	qsort(sorted, request->n_headers, sizeof(*sorted), compare_headers);
	return sorted;
}

static void add_lower(struct strbuf *buf, struct slice text) {
	for (size_t i = 0; i < text.len; i++)
		strbuf_add_char(buf, (char)lower(text.data[i]));
}

// Runs of white space become one space, at both ends none; so a folded line becomes one line.
static void add_trimmed(struct strbuf *buf, struct slice value) {
	bool has_gap = false, has_text = false;
	for (size_t i = 0; i < value.len; i++) {
		if (isspace(value.data[i])) {
			has_gap = true;
			continue;
		}
		if (has_gap && has_text)
			strbuf_add_char(buf, ' ');
		strbuf_add_char(buf, (char)value.data[i]);
		has_gap = false;
		has_text = true;
	}
}

static bool is_same_name(const struct sigv4_header **sorted, size_t i) {
	return i > 0 && compare_names(sorted[i]->name, sorted[i - 1]->name) == 0;
}

static void
add_signed_headers(struct strbuf *buf, const struct sigv4_header **sorted, size_t n_headers) {
	for (size_t i = 0; i < n_headers; i++) {
		if (is_same_name(sorted, i))
			continue;
		if (i > 0)
			strbuf_add_char(buf, ';');
		add_lower(buf, sorted[i]->name);
	}
}

static void add_headers(struct strbuf *buf, const struct sigv4_header **sorted, size_t n_headers) {
	for (size_t i = 0; i < n_headers; i++) {
		if (is_same_name(sorted, i)) {
			strbuf_add_char(buf, ',');
		} else {
			if (i > 0)
				strbuf_add_char(buf, '\n');
			add_lower(buf, sorted[i]->name);
			strbuf_add_char(buf, ':');
		}
		add_trimmed(buf, sorted[i]->value);
	}
	if (n_headers > 0)
		strbuf_add_char(buf, '\n');
}

int sigv4_signed_headers(const struct sigv4_request *request, struct strbuf *ret_text) {
	const struct sigv4_header **sorted = sorted_headers(request);
	if (sorted == NULL)
		return -ENOMEM;
	add_signed_headers(ret_text, sorted, request->n_headers);
	free(sorted);
	return strbuf_status(ret_text);
}

static void add_path(struct strbuf *buf, const struct sigv4_request *request) {
	struct strbuf normal;
	strbuf_init(&normal, TEXT_MAX);
	if (request->keep_path)
		strbuf_add_slice(&normal, request->path);
	else
		uri_normalise_path(&normal, request->path);
	if (normal.len == 0)
		strbuf_add_char(&normal, '/');
	uri_encode(buf, strbuf_slice(&normal), true);
	if (buf->status == 0)
		buf->status = normal.status;
	strbuf_release(&normal);
}

// One 'key=value' of the canonical query as a place in the text that holds them all.
struct parameter {
	struct slice key;
	struct slice value;
};

static int compare_slices(struct slice a, struct slice b) {
	size_t len = a.len < b.len ? a.len : b.len;
	int difference = len == 0 ? 0 : memcmp(a.data, b.data, len);
	return difference != 0 ? difference : (a.len > b.len) - (a.len < b.len);
}

static int compare_parameters(const void *a, const void *b) {
	const struct parameter *left = a, *right = b;
	int difference = compare_slices(left->key, right->key);
	return difference != 0 ? difference : compare_slices(left->value, right->value);
}

static void add_recoded(struct strbuf *buf, struct slice text) {
	struct strbuf plain;
	strbuf_init(&plain, TEXT_MAX);
	uri_decode(&plain, text);
	uri_encode(buf, strbuf_slice(&plain), false);
	if (buf->status == 0)
		buf->status = plain.status;
	strbuf_release(&plain);
}

// Writes every parameter as "key=value\n" with its characters encoded anew; returns their number.
static size_t recode_query(struct strbuf *buf, struct slice query) {
	size_t n = 0;
	for (size_t at = 0; at < query.len;) {
		struct slice rest = slice_from(query, at);
		const uint8_t *end = memchr(rest.data, '&', rest.len);
		struct slice pair =
			slice_first(rest, end == NULL ? rest.len : (size_t)(end - rest.data));
		at += pair.len + 1;
		if (pair.len == 0)
			continue;
		const uint8_t *equals = memchr(pair.data, '=', pair.len);
		size_t key_len = equals == NULL ? pair.len : (size_t)(equals - pair.data);
		add_recoded(buf, slice_first(pair, key_len));
		strbuf_add_char(buf, '=');
		add_recoded(buf, slice_from(pair, key_len + 1));
		strbuf_add_char(buf, '\n');
		n++;
	}
	return n;
}

static void split_parameters(const struct strbuf *lines, struct parameter *ret_parameters) {
	const char *at = lines->data;
	for (size_t i = 0; *at != 0; i++) {
		size_t key_len = strcspn(at, "=");
		size_t line_len = strcspn(at, "\n");
		ret_parameters[i].key = slice_of(at, key_len);
		ret_parameters[i].value = slice_of(at + key_len + 1, line_len - key_len - 1);
		at += line_len + 1;
	}
}

static void add_query(struct strbuf *buf, struct slice query) {
	struct strbuf lines;
	strbuf_init(&lines, TEXT_MAX);
	size_t n = recode_query(&lines, query);
	struct parameter *parameters = calloc(n + 1, sizeof(*parameters));
	if (parameters != NULL && strbuf_status(&lines) == 0) {
		split_parameters(&lines, parameters);
		qsort(parameters, n, sizeof(*parameters), compare_parameters);
		for (size_t i = 0; i < n; i++) {
			if (i > 0)
				strbuf_add_char(buf, '&');
			strbuf_add_slice(buf, parameters[i].key);
			strbuf_add_char(buf, '=');
			strbuf_add_slice(buf, parameters[i].value);
		}
	} else if (buf->status == 0) {
		buf->status = lines.status < 0 ? lines.status : -ENOMEM;
	}
	free(parameters);
	strbuf_release(&lines);
}

int sigv4_canonical_request(const struct sigv4_request *request, struct strbuf *ret_text) {
	const struct sigv4_header **sorted = sorted_headers(request);
	if (sorted == NULL)
		return -ENOMEM;
	strbuf_add_text(ret_text, request->method);
	strbuf_add_char(ret_text, '\n');
	add_path(ret_text, request);
	strbuf_add_char(ret_text, '\n');
	add_query(ret_text, request->query);
	strbuf_add_char(ret_text, '\n');
	add_headers(ret_text, sorted, request->n_headers);
	strbuf_add_char(ret_text, '\n');
	add_signed_headers(ret_text, sorted, request->n_headers);
	strbuf_add_char(ret_text, '\n');
	strbuf_add_text(ret_text, request->payload_hash);
	free(sorted);
	return strbuf_status(ret_text);
}

static void add_scope(struct strbuf *buf, const struct sigv4_scope *scope) {
	char date[TIMESTAMP_BASIC_SIZE];
	timestamp_to_basic(scope->time_s, date);
	strbuf_printf(buf, "%.8s/%s/%s/aws4_request", date, scope->region, scope->service);
}

int sigv4_string_to_sign(
	const struct sigv4_scope *scope,
	struct slice canonical_request,
	struct strbuf *ret_text
) {
	char date[TIMESTAMP_BASIC_SIZE];
	char hash[SIGV4_HEX_SIZE];
	timestamp_to_basic(scope->time_s, date);
	int result = hash_hex(canonical_request, hash);
	if (result < 0)
		return result;
	strbuf_printf(ret_text, ALGORITHM "\n%s\n", date);
	add_scope(ret_text, scope);
	strbuf_printf(ret_text, "\n%s", hash);
	return strbuf_status(ret_text);
}

// 'key' is replaced by the keyed hash of 'text'.
static bool hmac_step(uint8_t key[DIGEST_SIZE], const void *text, size_t len) {
	uint8_t out[DIGEST_SIZE];
	unsigned out_len = sizeof(out);
	bool is_done = HMAC(EVP_sha256(), key, DIGEST_SIZE, text, len, out, &out_len) != NULL;
	memcpy(key, out, sizeof(out));
	OPENSSL_cleanse(out, sizeof(out));
	return is_done;
}

static int derive_key(
	const struct sigv4_scope *scope,
	const char *secret_access_key,
	uint8_t ret_key[DIGEST_SIZE]
) {
	char date[TIMESTAMP_BASIC_SIZE];
	unsigned len = DIGEST_SIZE;
	struct strbuf first;
	strbuf_init(&first, TEXT_MAX);
	strbuf_printf(&first, "AWS4%s", secret_access_key);
	timestamp_to_basic(scope->time_s, date);
	int result = strbuf_status(&first);
	if (result == 0
	    && (HMAC(EVP_sha256(),
		     first.data,
		     (int)first.len,
		     (const uint8_t *)date,
		     8,
		     ret_key,
		     &len)
			== NULL
		|| !hmac_step(ret_key, scope->region, strlen(scope->region))
		|| !hmac_step(ret_key, scope->service, strlen(scope->service))
		|| !hmac_step(ret_key, "aws4_request", 12)))
		result = -EINVAL;
	strbuf_release(&first);
	return result;
}

int sigv4_signature(
	const struct sigv4_scope *scope,
	const char *secret_access_key,
	struct slice string_to_sign,
	char ret_hex[SIGV4_HEX_SIZE]
) {
	uint8_t key[DIGEST_SIZE] = {0};
	int result = derive_key(scope, secret_access_key, key);
	if (result == 0 && !hmac_step(key, string_to_sign.data, string_to_sign.len))
		result = -EINVAL;
	if (result == 0)
		for (size_t i = 0; i < DIGEST_SIZE; i++)
			snprintf(ret_hex + 2 * i, 3, "%02x", key[i]);
	OPENSSL_cleanse(key, sizeof(key));
	return result;
}

int sigv4_authorization(
	const struct sigv4_scope *scope,
	const char *access_key_id,
	const char *signed_headers,
	const char *signature,
	struct strbuf *ret_text
) {
	strbuf_printf(ret_text, ALGORITHM " Credential=%s/", access_key_id);
	add_scope(ret_text, scope);
	strbuf_printf(ret_text, ", SignedHeaders=%s, Signature=%s", signed_headers, signature);
	return strbuf_status(ret_text);
}

int sigv4_presigned_query(
	const struct sigv4_request *request,
	const struct sigv4_scope *scope,
	const struct sigv4_presign *presign,
	struct strbuf *ret_query
) {
	char date[TIMESTAMP_BASIC_SIZE];
	struct strbuf credential, signed_headers;
	strbuf_init(&credential, TEXT_MAX);
	strbuf_init(&signed_headers, TEXT_MAX);
	strbuf_printf(&credential, "%s/", presign->access_key_id);
	add_scope(&credential, scope);
	timestamp_to_basic(scope->time_s, date);
	int result = sigv4_signed_headers(request, &signed_headers);

	strbuf_add_slice(ret_query, request->query);
	if (request->query.len > 0)
		strbuf_add_char(ret_query, '&');
	strbuf_add_text(ret_query, "X-Amz-Algorithm=" ALGORITHM "&X-Amz-Credential=");
	uri_encode(ret_query, strbuf_slice(&credential), false);
	strbuf_printf(ret_query, "&X-Amz-Date=%s&X-Amz-SignedHeaders=", date);
	uri_encode(ret_query, strbuf_slice(&signed_headers), false);
	strbuf_printf(ret_query, "&X-Amz-Expires=%u", presign->expires_in_s);
	if (presign->session_token != NULL) {
		strbuf_add_text(ret_query, "&X-Amz-Security-Token=");
		uri_encode(ret_query, slice_of_string(presign->session_token), false);
	}
	if (result == 0)
		result = strbuf_status(&credential);
	strbuf_release(&credential);
	strbuf_release(&signed_headers);
	return result < 0 ? result : strbuf_status(ret_query);
}
