#include "arena.h"
#include "sigv4.h"
#include "timestamps.h"
#include "uri.h"

#include <jansson.h>

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// AWS's own cases: one folder each, with every intermediate text. They are not part of this tree;
// SIGV4_SUITE names the folder that holds them, and where it is absent the tests say "skipped".

#define N_CASES 38
#define N_HEADERS_MAX 16

struct signing_case {
	char folder[512];
	struct arena arena;
	struct sigv4_request request;
	struct sigv4_header headers[N_HEADERS_MAX];
	struct slice body;
	struct sigv4_scope scope;
	const char *access_key_id, *secret_access_key, *token;
	char payload_hash[SIGV4_HEX_SIZE];
	uint32_t expires_in_s;
	bool has_signed_body, omits_token;
};

static char *file_text(struct signing_case *c, const char *name) {
	char path[1024];
	char buf[8192];
	snprintf(path, sizeof(path), "%s/%s", c->folder, name);
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		fail_msg("cannot open '%s'", path);
	size_t len = fread(buf, 1, sizeof(buf), file);
	fclose(file);
	assert_in_range(len, 1, sizeof(buf) - 1);
	return arena_strndup(&c->arena, buf, len);
}

static void add_header(struct signing_case *c, const char *name, const char *value) {
	assert_in_range(c->request.n_headers, 0, N_HEADERS_MAX - 1);
	c->headers[c->request.n_headers].name = slice_of_string(name);
	c->headers[c->request.n_headers].value = slice_of_string(value);
	c->request.n_headers++;
}

// "GET /a b?c HTTP/1.1": the target may hold a space, so it ends at the last one.
static void read_request_line(struct signing_case *c, char *line) {
	char *target = strchr(line, ' ');
	char *version = strrchr(line, ' ');
	*target++ = 0;
	*version = 0;
	char *query = strchr(target, '?');
	if (query != NULL)
		*query++ = 0;
	c->request.method = line;
	c->request.path = slice_of_string(target);
	c->request.query = slice_of_string(query == NULL ? "" : query);
}

static char *end_of_header(char *text) {
	char *end = strchr(text, '\n');
	while (end != NULL && (end[1] == ' ' || end[1] == '\t'))
		end = strchr(end + 1, '\n');
	return end;
}

static void read_request(struct signing_case *c) {
	char *at = file_text(c, "request.txt");
	char *end = strchr(at, '\n');
	*end = 0;
	read_request_line(c, at);
	for (at = end + 1; *at != 0 && *at != '\n'; at = end == NULL ? at + strlen(at) : end + 1) {
		end = end_of_header(at);
		if (end != NULL)
			*end = 0;
		char *colon = strchr(at, ':');
		*colon = 0;
		add_header(c, at, colon + 1);
		at = colon + 1;
	}
	c->body = slice_of_string(*at == '\n' ? at + 1 : at);
	c->request.headers = c->headers;
}

static void read_context(struct signing_case *c) {
	json_t *root = json_loads(file_text(c, "context.json"), 0, NULL);
	const char *id, *secret, *token = NULL, *time, *region, *service;
	int expires_in_s, normalises, signs_body, omits_token = 0;
	int result = json_unpack(
		root,
		"{s{ss,ss,s?s},si,sb,ss,ss,sb,ss,s?b}",
		"credentials",
		"access_key_id",
		&id,
		"secret_access_key",
		&secret,
		"token",
		&token,
		"expiration_in_seconds",
		&expires_in_s,
		"normalize",
		&normalises,
		"region",
		&region,
		"service",
		&service,
		"sign_body",
		&signs_body,
		"timestamp",
		&time,
		"omit_session_token",
		&omits_token
	);
	assert_int_equal(result, 0);
	c->access_key_id = arena_strdup(&c->arena, id);
	c->secret_access_key = arena_strdup(&c->arena, secret);
	c->token = arena_strdup(&c->arena, token);
	c->scope.region = arena_strdup(&c->arena, region);
	c->scope.service = arena_strdup(&c->arena, service);
	assert_int_equal(timestamp_from_iso(time, &c->scope.time_s), 0);
	c->expires_in_s = (uint32_t)expires_in_s;
	c->request.keep_path = !normalises;
	c->has_signed_body = signs_body;
	c->omits_token = omits_token;
	json_decref(root);
}

static void assert_text(const struct signing_case *c, const char *name, const struct strbuf *text) {
	struct signing_case *unlocked = (struct signing_case *)(uintptr_t)c;
	const char *wanted = file_text(unlocked, name);
	assert_int_equal(strbuf_status(text), 0);
	if (strcmp(wanted, text->data) != 0)
		fail_msg("%s/%s:\nwanted:\n%s\ngot:\n%s", c->folder, name, wanted, text->data);
}

// Runs the three stages and compares each with the file of 'kind'; hands the last one back.
static void check_stages(struct signing_case *c, const char *kind, char ret_hex[SIGV4_HEX_SIZE]) {
	char name[64];
	struct strbuf canonical, to_sign, signature;
	strbuf_init(&canonical, 65536);
	strbuf_init(&to_sign, 65536);
	strbuf_init(&signature, 65536);
	assert_int_equal(sigv4_canonical_request(&c->request, &canonical), 0);
	snprintf(name, sizeof(name), "%s-canonical-request.txt", kind);
	assert_text(c, name, &canonical);

	struct slice text = strbuf_slice(&canonical);
	assert_int_equal(sigv4_string_to_sign(&c->scope, text, &to_sign), 0);
	snprintf(name, sizeof(name), "%s-string-to-sign.txt", kind);
	assert_text(c, name, &to_sign);

	text = strbuf_slice(&to_sign);
	assert_int_equal(sigv4_signature(&c->scope, c->secret_access_key, text, ret_hex), 0);
	strbuf_add_text(&signature, ret_hex);
	snprintf(name, sizeof(name), "%s-signature.txt", kind);
	assert_text(c, name, &signature);
	strbuf_release(&canonical);
	strbuf_release(&to_sign);
	strbuf_release(&signature);
}

static void assert_contains(struct signing_case *c, const char *name, const char *wanted) {
	const char *text = file_text(c, name);
	if (strstr(text, wanted) == NULL)
		fail_msg("%s/%s lacks\n%s", c->folder, name, wanted);
}

static void check_header_signing(struct signing_case *c) {
	char hex[SIGV4_HEX_SIZE], date[TIMESTAMP_BASIC_SIZE];
	struct strbuf names, authorization;
	strbuf_init(&names, 65536);
	strbuf_init(&authorization, 65536);
	timestamp_to_basic(c->scope.time_s, date);
	add_header(c, "X-Amz-Date", date);
	if (c->token != NULL && !c->omits_token)
		add_header(c, "X-Amz-Security-Token", c->token);
	if (c->has_signed_body)
		add_header(c, "x-amz-content-sha256", c->payload_hash);
	check_stages(c, "header", hex);

	strbuf_add_text(&authorization, "Authorization:");
	assert_int_equal(sigv4_signed_headers(&c->request, &names), 0);
	assert_int_equal(
		sigv4_authorization(&c->scope, c->access_key_id, names.data, hex, &authorization), 0
	);
	assert_contains(c, "header-signed-request.txt", authorization.data);
	strbuf_release(&names);
	strbuf_release(&authorization);
}

static void check_query_signing(struct signing_case *c) {
	char hex[SIGV4_HEX_SIZE];
	struct strbuf query;
	strbuf_init(&query, 65536);
	struct sigv4_presign presign = {
		.access_key_id = c->access_key_id,
		.session_token = c->omits_token ? NULL : c->token,
		.expires_in_s = c->expires_in_s,
	};
	assert_int_equal(sigv4_presigned_query(&c->request, &c->scope, &presign, &query), 0);
	c->request.query = strbuf_slice(&query);
	check_stages(c, "query", hex);
	if (c->token != NULL && c->omits_token) {
		strbuf_add_text(&query, "&X-Amz-Security-Token=");
		uri_encode(&query, slice_of_string(c->token), false);
	}
	strbuf_printf(&query, "&X-Amz-Signature=%s HTTP/1.1", hex);
	assert_contains(c, "query-signed-request.txt", query.data);
	strbuf_release(&query);
}

static void check_case(const char *suite, const char *name, void (*check)(struct signing_case *)) {
	struct signing_case *c = calloc(1, sizeof(*c));
	snprintf(c->folder, sizeof(c->folder), "%s/%s", suite, name);
	read_request(c);
	read_context(c);
	assert_int_equal(sigv4_payload_hash(c->body, c->payload_hash), 0);
	c->request.payload_hash = c->payload_hash;
	check(c);
	arena_release(&c->arena);
	free(c);
}

static void check_suite(void (*check)(struct signing_case *)) {
	const char *suite = getenv("SIGV4_SUITE");
	DIR *folder = suite == NULL ? NULL : opendir(suite);
	size_t n = 0;
	if (folder == NULL)
		skip();
	for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		if (entry->d_name[0] == '.')
			continue;
		check_case(suite, entry->d_name, check);
		n++;
	}
	closedir(folder);
	assert_int_equal(n, N_CASES);
}

static void agrees_with_the_suite_on_signed_headers(void **) {
	check_suite(check_header_signing);
}

static void agrees_with_the_suite_on_presigned_queries(void **) {
	check_suite(check_query_signing);
}

static void signs_the_marker_of_an_unsigned_payload(void **) {
	struct sigv4_header host = {
		.name = slice_of_string("Host"),
		.value = slice_of_string("ebs.us-east-1.amazonaws.com"),
	};
	struct sigv4_request request = {
		.method = "PUT",
		.path = slice_of_string("/snapshots/snap-1/blocks/0"),
		.headers = &host,
		.n_headers = 1,
		.payload_hash = SIGV4_UNSIGNED_PAYLOAD,
	};
	struct strbuf text;
	strbuf_init(&text, 65536);
	assert_int_equal(sigv4_canonical_request(&request, &text), 0);
	assert_string_equal(
		text.data,
		"PUT\n/snapshots/snap-1/blocks/0\n\nhost:ebs.us-east-1.amazonaws.com\n\nhost\n"
		"UNSIGNED-PAYLOAD"
	);
	strbuf_release(&text);
}

static void sorts_a_header_before_one_that_it_begins(void **) {
	struct sigv4_header headers[] = {
		{.name = slice_of_string("x-amz-checksum-algorithm"),
		 .value = slice_of_string("b")},
		{.name = slice_of_string("x-amz-checksum"), .value = slice_of_string("a")},
	};
	struct sigv4_request request = {.headers = headers, .n_headers = 2};
	struct strbuf text;
	strbuf_init(&text, 65536);
	assert_int_equal(sigv4_signed_headers(&request, &text), 0);
	assert_string_equal(text.data, "x-amz-checksum;x-amz-checksum-algorithm");
	strbuf_release(&text);
}

static void says_when_a_text_outgrows_its_cap(void **) {
	struct sigv4_request request = {
		.method = "GET",
		.path = slice_of_string("/a/path/longer/than/its/buffer"),
		.payload_hash = SIGV4_UNSIGNED_PAYLOAD,
	};
	struct strbuf text;
	strbuf_init(&text, 16);
	assert_int_equal(sigv4_canonical_request(&request, &text), -E2BIG);
	strbuf_release(&text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_suite_on_signed_headers),
		cmocka_unit_test(agrees_with_the_suite_on_presigned_queries),
		cmocka_unit_test(signs_the_marker_of_an_unsigned_payload),
		cmocka_unit_test(sorts_a_header_before_one_that_it_begins),
		cmocka_unit_test(says_when_a_text_outgrows_its_cap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
