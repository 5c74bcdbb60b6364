#include "compress.h"
#include "trace_encode.h"
#include "trace_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define GET "GET /a HTTP/1.1\r\nHost: h.example\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\n\r\n"

struct fixture {
	struct trace_limits limits;
	struct message_pool *pool;
	struct trace_encoder *encoder;
	char *line; // as a string, without the line feed
};

static int set_up(void **state) {
	static struct fixture f;
	f.limits = TRACE_LIMITS_DEFAULT;
	f.pool = message_pool_create(512, 1 << 20, 256 << 10);
	f.encoder = trace_encoder_create(&f.limits, "production");
	f.line = malloc(trace_line_max(&f.limits) + 1);
	*state = &f;
	return 0;
}

static int tear_down(void **state) {
	struct fixture *f = *state;
	assert_int_equal(message_pool_n_free(f->pool), 512);
	message_pool_free(f->pool);
	trace_encoder_free(f->encoder);
	free(f->line);
	return 0;
}

static struct message *request(struct fixture *f, const char *head, const char *body) {
	return test_request(f->pool, slice_of_string(head), slice_of_string(body));
}

static struct message *response(struct fixture *f, const char *head, const char *body) {
	return test_response(f->pool, slice_of_string(head), slice_of_string(body));
}

static const char *encode(struct fixture *f, const struct message *trace) {
	size_t len = trace_encode(f->encoder, trace, (uint8_t *)f->line);
	assert_true(len <= trace_line_max(&f->limits));
	assert_int_equal(f->line[len - 1], '\n');
	f->line[len - 1] = '\0';
	assert_int_equal(strlen(f->line), len - 1);
	return f->line;
}

// Encodes, frees, and looks for what should be there.
static void has(struct fixture *f, struct message *trace, const char *want) {
	if (strstr(encode(f, trace), want) == NULL)
		fail_msg("no '%s' in '%s'", want, f->line);
	message_free(f->pool, trace);
}

static struct message *exchange(struct fixture *f, const char *head, struct coded body) {
	struct message *m = request(f, GET, "");
	m->response = test_response(f->pool, slice_of_string(head), slice_of(body.data, body.len));
	free(body.data);
	return m;
}

static void writes_a_whole_trace(void **state) {
	struct fixture *f = *state;
	struct message *m =
		request(f,
			"POST /users?page=2&q=a+b HTTP/1.1\r\nHost: api.example.com\r\n"
			"Content-Type: application/json\r\n\r\n",
			"{\"name\":\"Ada\"}");
	m->response =
		response(f, "HTTP/1.1 201 Created\r\nLocation: /users/7\r\n\r\n", "{\"id\":7}\n");
	m->vni = 12345;
	assert_string_equal(
		encode(f, m),
		"{\"request\":{\"method\":\"POST\",\"url\":{\"host\":\"api.example.com\",\"path\":"
		"\"/users\","
		"\"parameters\":[{\"name\":\"page\",\"value\":\"2\"},{\"name\":\"q\",\"value\":\"a "
		"b\"}]},"
		"\"headers\":[{\"name\":\"Host\",\"value\":\"api.example.com\"},"
		"{\"name\":\"Content-Type\",\"value\":\"application/json\"}],"
		"\"body\":\"{\\\"name\\\":\\\"Ada\\\"}\"},"
		"\"response\":{\"status\":201,\"headers\":[{\"name\":\"Location\",\"value\":\"/"
		"users/7\"}],"
		"\"body\":\"{\\\"id\\\":7}\\n\"},"
		"\"meta\":{\"environment\":\"production\",\"incoming\":true,\"source\":\"198.51."
		"100.7\","
		"\"sourcePort\":40000,\"destination\":\"203.0.113.9\",\"destinationPort\":8080,"
		"\"metloSource\":\"metlo-appliance\",\"timestamp\":\"2024-11-23T14:21:07."
		"123456789Z\","
		"\"durationMs\":1.544,\"protocol\":\"HTTP/1.1\",\"vni\":12345,\"flags\":[],"
		"\"requestBodyBytes\":14,\"responseBodyBytes\":9}}"
	);
	message_free(f->pool, m);
}

static void writes_a_request_without_a_response(void **state) {
	struct fixture *f = *state;
	struct message *m = request(f, GET, "");
	m->flags = TRACE_FLAG_DRAINED;
	m->version_minor = 0;
	assert_string_equal(
		encode(f, m),
		"{\"request\":{\"method\":\"GET\",\"url\":{\"host\":\"h.example\",\"path\":\"/a\","
		"\"parameters\":[]},\"headers\":[{\"name\":\"Host\",\"value\":\"h.example\"}],"
		"\"body\":\"\"},"
		"\"response\":null,"
		"\"meta\":{\"environment\":\"production\",\"incoming\":true,\"source\":\"198.51."
		"100.7\","
		"\"sourcePort\":40000,\"destination\":\"203.0.113.9\",\"destinationPort\":8080,"
		"\"metloSource\":\"metlo-appliance\",\"timestamp\":\"2024-11-23T14:21:07."
		"123456789Z\","
		"\"durationMs\":null,\"protocol\":\"HTTP/"
		"1.0\",\"flags\":[\"no_response\",\"drained\"],"
		"\"requestBodyBytes\":0,\"responseBodyBytes\":null}}"
	);
	message_free(f->pool, m);
}

static void writes_a_response_without_a_request(void **state) {
	struct fixture *f = *state;
	struct message *m = response(f, OK, "hi");
	assert_string_equal(
		encode(f, m),
		"{\"request\":null,\"response\":{\"status\":200,\"headers\":[],\"body\":\"hi\"},"
		"\"meta\":{\"environment\":\"production\",\"incoming\":true,\"source\":\"198.51."
		"100.7\","
		"\"sourcePort\":40000,\"destination\":\"203.0.113.9\",\"destinationPort\":8080,"
		"\"metloSource\":\"metlo-appliance\",\"timestamp\":\"2024-11-23T14:21:07."
		"124000000Z\","
		"\"durationMs\":null,\"protocol\":\"HTTP/1.1\",\"flags\":[\"no_request\"],"
		"\"requestBodyBytes\":null,\"responseBodyBytes\":2}}"
	);
	message_free(f->pool, m);
}

static void writes_the_same_bytes_for_the_same_trace(void **state) {
	struct fixture *f = *state;
	struct message *m = request(f, GET, "");
	m->response = response(f, OK, "hello");
	char *first = strdup(encode(f, m));
	struct message *other = request(f, GET, "other");
	(void)encode(f, other);
	assert_string_equal(encode(f, m), first);
	free(first);
	message_free(f->pool, m);
	message_free(f->pool, other);
}

static void unites_the_flags_of_both_halves(void **state) {
	struct fixture *f = *state;
	struct message *m = request(f, GET, "");
	m->flags = TRACE_FLAG_MIDSTREAM | TRACE_FLAG_UPGRADED;
	m->response = response(f, OK, "");
	m->response->flags = TRACE_FLAG_TRUNCATED | TRACE_FLAG_MIDSTREAM;
	has(f, m, "\"flags\":[\"truncated\",\"midstream\",\"upgraded\"],");
}

static void takes_the_host_of_the_message(void **state) {
	struct fixture *f = *state;
	struct message *m = request(f, "GET http://b.example/x HTTP/1.1\r\nHost: a\r\n\r\n", "");
	m->host = slice_of(m->head.data + 11, 9);
	has(f, m, "\"url\":{\"host\":\"b.example\",\"path\":\"/x\",");
}

static void takes_the_destination_where_there_is_no_host(void **state) {
	struct fixture *f = *state;
	static const char head[] = "GET /a HTTP/1.0\r\n\r\n";
	has(f, request(f, head, ""), "\"host\":\"203.0.113.9:8080\"");
	struct message *m = request(f, head, "");
	m->key.port[!m->client_side] = 80;
	has(f, m, "\"host\":\"203.0.113.9\"");
	m = request(f, head, "");
	memcpy(m->key.address[!m->client_side], "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	has(f, m, "\"host\":\"[2001:db8::1]:8080\"");
	m = request(f, head, "");
	memcpy(m->key.address[!m->client_side], "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	m->key.port[!m->client_side] = 80;
	has(f, m, "\"host\":\"[2001:db8::1]\"");
}

static void names_both_endpoints_from_either_side(void **state) {
	struct fixture *f = *state;
	struct message *m = request(f, GET, "");
	m->client_side = !m->client_side;
	has(f,
	    m,
	    "\"source\":\"203.0.113.9\",\"sourcePort\":8080,\"destination\":\"198.51.100.7\","
	    "\"destinationPort\":40000,");
}

static void tells_times_by_a_clock_that_was_set(void **state) {
	struct fixture *f = *state;
	struct message *m = request(f, GET, "");
	m->response = response(f, OK, "");
	char duration[32];
	snprintf(duration, sizeof(duration), "%.20s", strstr(encode(f, m), "\"durationMs\":"));
	trace_encoder_set_shift(f->encoder, -3600000000000);
	assert_non_null(strstr(encode(f, m), "\"timestamp\":\"2024-11-23T13:21:07.123456789Z\""));
	assert_non_null(strstr(f->line, duration));
	trace_encoder_set_shift(f->encoder, 24 * 3600000000000);
	assert_non_null(strstr(encode(f, m), "\"timestamp\":\"2024-11-24T14:21:07.123456789Z\""));
	trace_encoder_set_shift(f->encoder, 0);
	message_free(f->pool, m);
}

static void never_shows_a_duration_below_zero(void **state) {
	struct fixture *f = *state;
	struct message *m = request(f, GET, "");
	m->response = response(f, OK, "");
	m->response->last_ns = m->first_ns - 1;
	has(f, m, "\"durationMs\":0.000,");
}

static void replaces_what_is_not_utf8_in_names(void **state) {
	struct fixture *f = *state;
	has(f,
	    request(f, "GET /\xff?a%ff=%00%22 HTTP/1.1\r\nX\xfe: \x01\"\r\n\r\n", ""),
	    "\"path\":\"/\xef\xbf\xbd\",\"parameters\":[{\"name\":\"a\xef\xbf\xbd\","
	    "\"value\":\"\\u0000\\\"\"}]},"
	    "\"headers\":[{\"name\":\"X\xef\xbf\xbd\",\"value\":\"\\u0001\\\"\"}]");
}

static void takes_a_message_of_which_nothing_is_known(void **state) {
	struct fixture *f = *state;
	struct message *m = message_alloc(f->pool);
	m->vni = MESSAGE_NO_VNI;
	m->response = message_alloc(f->pool);
	has(f,
	    m,
	    "{\"request\":{\"method\":\"\",\"url\":{\"host\":\"[::]:0\",\"path\":\"/\","
	    "\"parameters\":[]},\"headers\":[],\"body\":\"\"},\"response\":{\"status\":0,");
}

static void leaves_out_a_binary_body(void **state) {
	struct fixture *f = *state;
	struct coded body = {malloc(3), 3};
	memcpy(body.data, "a\0b", 3);
	struct message *m =
		exchange(f, "HTTP/1.1 200 OK\r\nCONTENT-TYPE: image/\"png\"\r\n\r\n", body);
	has(f,
	    m,
	    "\"responseBodyBytes\":3,"
	    "\"responseBody\":{\"omitted\":\"binary\",\"bytes\":3,\"contentType\":\"image/"
	    "\\\"png\\\"\"}}}");
	has(f,
	    request(f, "POST /a HTTP/1.1\r\n\r\n", "\xff\xfe"),
	    "\"body\":\"\"},\"response\":null");
	has(f,
	    request(f, "POST /a HTTP/1.1\r\n\r\n", "\xff\xfe"),
	    "\"requestBody\":{\"omitted\":\"binary\",\"bytes\":2,\"contentType\":\"\"}}}");
}

static void says_why_nothing_of_a_body_was_kept(void **state) {
	struct fixture *f = *state;
	struct message *m = request(f, GET, "");
	m->body_bytes = 9000000000;
	m->flags = TRACE_FLAG_BODY_CAPPED;
	has(f, m, "\"requestBody\":{\"omitted\":\"not_kept\",\"bytes\":9000000000,");
	m = request(f, GET, "");
	m->body_bytes = 5;
	m->flags = TRACE_FLAG_BODY_SHED;
	has(f, m, "\"requestBody\":{\"omitted\":\"shed\",\"bytes\":5,");
}

static void cuts_a_capped_body_at_a_whole_character(void **state) {
	struct fixture *f = *state;
	struct message *m = request(f, "POST /a HTTP/1.1\r\n\r\n", "gr\xc3\xbc\xc3");
	m->body_bytes = 100;
	m->flags = TRACE_FLAG_BODY_CAPPED;
	has(f, m, "\"body\":\"gr\xc3\xbc\"}");
	m = request(f, "POST /a HTTP/1.1\r\n\r\n", "gr\xc3\xbc\xc3");
	has(f, m, "\"omitted\":\"binary\"");
}

static void undoes_content_codings(void **state) {
	struct fixture *f = *state;
	static const char text[] = "{\"a\":\"\xc3\xa4\"}";
	struct coded body = test_gzip(text, sizeof(text) - 1);
	char want[64];
	snprintf(want, sizeof(want), "\"responseBodyBytes\":%zu}}", body.len);
	struct coded copy = {malloc(body.len), body.len};
	memcpy(copy.data, body.data, body.len);
	has(f, exchange(f, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", copy), want);
	has(f,
	    exchange(f, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", body),
	    "\"body\":\"{\\\"a\\\":\\\"\xc3\xa4\\\"}\"}");
	struct coded inner = test_brotli(text, sizeof(text) - 1);
	body = test_zlib(inner.data, inner.len);
	free(inner.data);
	has(f,
	    exchange(
		    f,
		    "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nA: b\r\n"
		    "content-encoding: deflate\r\n\r\n",
		    body
	    ),
	    "\"body\":\"{\\\"a\\\":\\\"\xc3\xa4\\\"}\"}");
}

static void leaves_out_a_body_that_cannot_be_decoded(void **state) {
	struct fixture *f = *state;
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
	struct message *m = exchange(f, head, (struct coded) {(uint8_t *)strdup("plain"), 5});
	has(f,
	    m,
	    "\"responseBody\":{\"omitted\":\"decode_failed\",\"bytes\":5,\"contentType\":\"\"}");
	m = exchange(f, head, (struct coded) {(uint8_t *)strdup("plain"), 5});
	has(f, m, "\"flags\":[\"decode_failed\"]");
	static const char unknown[] = "HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\n\r\n";
	m = exchange(f, unknown, (struct coded) {(uint8_t *)strdup("plain"), 5});
	has(f,
	    m,
	    "\"flags\":[\"decode_failed\"],\"requestBodyBytes\":0,\"responseBodyBytes\":5,"
	    "\"responseBody\":{\"omitted\":\"unknown_coding\",");
	m = exchange(f, unknown, (struct coded) {malloc(1), 0});
	has(f, m, "\"flags\":[],");
}

static void decodes_a_cut_body_as_far_as_it_goes(void **state) {
	struct fixture *f = *state;
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
	static const char text[] = "{\"name\":\"Ada\",\"id\":\"0123456789\"}";
	struct coded body = test_gzip(text, sizeof(text) - 1);
	body.len -= 9;
	struct message *m = exchange(f, head, body);
	m->response->body_bytes += 9;
	m->response->flags = TRACE_FLAG_BODY_CAPPED;
	has(f, m, "\"body\":\"{\\\"name\\\":\\\"Ada\\\"");
	// The first range of a coded body is cut too.
	body = test_gzip(text, sizeof(text) - 1);
	body.len -= 9;
	m = exchange(f, "HTTP/1.1 206 Partial Content\r\nContent-Encoding: gzip\r\n\r\n", body);
	has(f, m, "\"body\":\"{\\\"name\\\":\\\"Ada\\\"");
}

static void keeps_what_came_out_before_a_limit(void **state) {
	struct fixture *f = *state;
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
	char *text = malloc(200000);
	for (size_t i = 0; i < 200000; i++)
		text[i] = i % 2 == 0 ? '\xc3' : '\xa4';
	struct message *m = exchange(f, head, test_gzip(text, 200000));
	has(f, m, "\"body\":\"\xc3\xa4\xc3\xa4\xc3\xa4");
	m = exchange(f, head, test_gzip(text, 200000));
	has(f, m, "\xc3\xa4\"},\"meta\":");
	m = exchange(f, head, test_gzip(text, 200000));
	has(f, m, "\"flags\":[\"decode_capped\"],");
	free(text);
}

static void puts_a_long_body_together(void **state) {
	struct fixture *f = *state;
	char *text = malloc(64 << 10);
	memset(text, 'x', 64 << 10);
	struct message *m = request(f, GET, "");
	m->response = test_response(f->pool, slice_of_string(OK), slice_of(text, 64 << 10));
	const char *body = strstr(encode(f, m), "[],\"body\":\"x");
	assert_non_null(body);
	assert_int_equal(strspn(strchr(body, 'x'), "x"), 64 << 10);
	message_free(f->pool, m);
	free(text);
}

// The dearest messages there can be, in a buffer of exactly the size that is promised.
static void fits_the_longest_line(void **) {
	const struct trace_limits limits = {
		.head_bytes = 8000, .body_bytes = 3000, .content = {.out_bytes = 100}};
	struct trace_encoder *encoder = trace_encoder_create(&limits, "\1\2\3\4");
	struct message_pool *pool = message_pool_create(16, 256 << 10, 64 << 10);
	uint8_t *to = malloc(trace_line_max(&limits));
	uint8_t *head = malloc(8000), *body = malloc(3000);
	memset(body, 0x1b, 3000);
	memset(head, 1, 8000);
	for (size_t i = 6; i < 8000; i += 2)
		head[i] = '&';
	memcpy(head, "\1 /?\1&", 6);
	memcpy(head + 7990, " \r\n:\1\r\n\r\n", 9);
	struct message *m = test_request(pool, slice_of(head, 7999), slice_of(body, 3000));
	m->host = m->target;
	size_t len = trace_encode(encoder, m, to);
	assert_true(len > 7000 * 15 + 3000 * 6);
	message_free(pool, m);
	static const char start[] = "HTTP/1.1 200 O\r\n";
	memcpy(head, start, 16);
	for (size_t i = 16; i + 4 <= 1016; i += 4)
		memcpy(head + i, "\1:\r\n", 4);
	memcpy(head + 1016, "\r\n", 2);
	m = test_response(pool, slice_of(head, 1018), slice_of(body, 3000));
	len = trace_encode(encoder, m, to);
	assert_true(len > 250 * 28 + 3000 * 6);
	message_free(pool, m);
	free(head);
	free(body);
	free(to);
	message_pool_free(pool);
	trace_encoder_free(encoder);
}

static void escapes_its_environment_and_refuses_a_long_one(void **) {
	struct trace_limits limits = TRACE_LIMITS_DEFAULT;
	char *name = malloc(258);
	memset(name, '"', 257);
	name[257] = '\0';
	assert_null(trace_encoder_create(&limits, name));
	name[256] = '\0';
	struct trace_encoder *encoder = trace_encoder_create(&limits, name);
	struct message_pool *pool = message_pool_create(4, 0, 0);
	uint8_t *to = malloc(trace_line_max(&limits) + 1);
	struct message *m = test_request(pool, slice_of_string(GET), slice_of("", 0));
	to[trace_encode(encoder, m, to)] = '\0';
	assert_non_null(strstr((char *)to, "\"environment\":\"\\\"\\\"\\\""));
	message_free(pool, m);
	message_pool_free(pool);
	trace_encoder_free(encoder);
	free(to);
	free(name);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_a_whole_trace),
		cmocka_unit_test(writes_a_request_without_a_response),
		cmocka_unit_test(writes_a_response_without_a_request),
		cmocka_unit_test(writes_the_same_bytes_for_the_same_trace),
		cmocka_unit_test(unites_the_flags_of_both_halves),
		cmocka_unit_test(takes_the_host_of_the_message),
		cmocka_unit_test(takes_the_destination_where_there_is_no_host),
		cmocka_unit_test(names_both_endpoints_from_either_side),
		cmocka_unit_test(never_shows_a_duration_below_zero),
		cmocka_unit_test(tells_times_by_a_clock_that_was_set),
		cmocka_unit_test(replaces_what_is_not_utf8_in_names),
		cmocka_unit_test(takes_a_message_of_which_nothing_is_known),
		cmocka_unit_test(leaves_out_a_binary_body),
		cmocka_unit_test(says_why_nothing_of_a_body_was_kept),
		cmocka_unit_test(cuts_a_capped_body_at_a_whole_character),
		cmocka_unit_test(undoes_content_codings),
		cmocka_unit_test(leaves_out_a_body_that_cannot_be_decoded),
		cmocka_unit_test(decodes_a_cut_body_as_far_as_it_goes),
		cmocka_unit_test(keeps_what_came_out_before_a_limit),
		cmocka_unit_test(puts_a_long_body_together),
		cmocka_unit_test(fits_the_longest_line),
		cmocka_unit_test(escapes_its_environment_and_refuses_a_long_one),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
