#include "framing.h"
#include "head.h"
#include "scan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <cmocka.h>

#define MAX_FIELDS 8

// Bytes on the heap at their exact size, so that a sanitizer sees an over-read.
static struct slice copy_of(const void *bytes, size_t len) {
	uint8_t *copy = malloc(len);
	assert_true(copy != NULL || len == 0);
	memcpy(copy, bytes, len);
	return slice_of(copy, len);
}

static void slice_free(struct slice s) {
	free((void *)(uintptr_t)s.data);
}

static void finds_the_end_of_tokens_and_lines_as_the_portable_scan_does(void **) {
	for (size_t len = 0; len <= 50; len++) {
		uint8_t *bytes = malloc(len);
		for (unsigned c = 0; c < 256; c++) {
			for (size_t at = 0; at < len; at++) {
				memset(bytes, 'a', len);
				bytes[at] = (uint8_t)c;
				const uint8_t *end = bytes + len;
				assert_ptr_equal(
					scan_token(bytes, end), scan_token_portable(bytes, end)
				);
				assert_ptr_equal(
					scan_line(bytes, end), scan_line_portable(bytes, end)
				);
			}
		}
		free(bytes);
	}
}

static void knows_the_token_characters(void **) {
	for (unsigned c = 0; c < 256; c++) {
		bool is_token = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
			|| (c != 0 && strchr("!#$%&'*+-.^_`|~", (int)c) != NULL);
		assert_int_equal(scan_is_token((uint8_t)c), is_token);
	}
}

// clang-format off
static const struct accepted {
	const char *name;
	const char *bytes;
	// "METHOD|target|minor" or "status|reason|minor", then "|name=value" for each field.
	const char *parsed;
} accepted[] = {
	{"a request", "GET /a?b HTTP/1.1\r\nHost: x\r\nA:b\r\n\r\n", "GET|/a?b|1|Host=x|A=b"},
	{"no fields", "GET / HTTP/1.0\r\n\r\n", "GET|/|0"},
	{"a CR inside a line", "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "GET|/|1|A=b\rc"},
	{"a CR at the start of a line", "GET / HTTP/1.1\r\n\rA: b\r\n\r\n", "GET|/|1"},
	{"a CR before the line end", "GET / HTTP/1.1\r\nA: b\r\r\n\r\n", "GET|/|1|A=b\r"},
	{"LF alone", "GET / HTTP/1.1\nA: b\n\n", "GET|/|1|A=b"},
	{"blanks around a value", "GET / HTTP/1.1\r\nA: \t b c \t\r\n\r\n", "GET|/|1|A=b c"},
	{"an empty value", "GET / HTTP/1.1\r\nA:\r\nB: \r\n\r\n", "GET|/|1|A=|B="},
	{"blanks before the colon", "GET / HTTP/1.1\r\nA : b\r\n\r\n", "GET|/|1|A=b"},
	{"a name that is no token", "GET / HTTP/1.1\r\nA B: c\r\n\r\n", "GET|/|1|A B=c"},
	{"a line without a colon", "GET / HTTP/1.1\r\nA b\r\n c\r\nD: e\r\n\r\n", "GET|/|1|D=e"},
	{"a line without a name", "GET / HTTP/1.1\r\n: b\r\nD: e\r\n\r\n", "GET|/|1|D=e"},
	{"obs-fold", "GET / HTTP/1.1\r\nA: b\r\n\t c\r\nD: e\r\n\r\n", "GET|/|1|A=b\r\n\t c|D=e"},
	{"obs-fold of an empty value", "GET / HTTP/1.1\r\nA:\r\n b\r\n\r\n", "GET|/|1|A=b"},
	{"obs-fold of blanks", "GET / HTTP/1.1\r\nA: b\r\n \r\n\r\n", "GET|/|1|A=b"},
	{"a target with spaces", "GET  /a b  HTTP/1.1 \r\n\r\n", "GET|/a b|1"},
	{"bytes above 127", "GET /\xc3\xa4 HTTP/1.1\r\nA: \xff\r\n\r\n", "GET|/\xc3\xa4|1|A=\xff"},
	{"blanks before the first field", "GET / HTTP/1.1\r\n A: b\r\nC: d\r\n\r\n", "GET|/|1|C=d"},
	{"CR at a line's start", "GET / HTTP/1.1\r\nA: b\n\rc: d\r\n\r\n", "GET|/|1|A=b\n\rc: d"},
	{"a version in lower case", "GET / http/1.0\r\n\r\n", "GET|/|0"},
	{"a version without its end", "GET / HTTP/1.\r\n\r\n", "GET|/|0"},
	{"a version of two digits", "GET /a HTTP/1.10\r\n\r\n", "GET|/a|1"},
	{"a minor number of two zeros", "GET /a HTTP/1.00\r\n\r\n", "GET|/a|0"},
	{"a minor number with a zero", "GET /a HTTP/1.01\r\n\r\n", "GET|/a|1"},
	{"a major number with a zero", "GET /a HTTP/01.1 \r\n\r\n", "GET|/a|1"},
	{"a response in lower case", "http/1.1 200 ok\r\n\r\n", "200|ok|1"},
	{"HTTP/0.9", "HTTP/0.9 200 ok\r\n\r\n", "200|ok|0"},
	{"controls in a status line", "HTTP/1.1\t \v200\vok\r\n\r\n", "200|ok|1"},
	{"a response", "HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n", "404|Not Found|1|A=b"},
	{"no reason", "HTTP/1.0 200\r\n\r\n", "200||0"},
	{"an empty reason", "HTTP/1.1 200 \r\n\r\n", "200||1"},
};

static const struct refused {
	const char *name;
	const char *bytes;
	int err;
} refused[] = {
	{"no version", "GET /\r\n\r\n", -EBADMSG},
	{"HTTP/2", "PRI * HTTP/2.0\r\n\r\n", -EBADMSG},
	{"HTTP/11", "GET / HTTP/11.1\r\n\r\n", -EBADMSG},
	{"HTTP/2.1", "GET / HTTP/2.1\r\n\r\n", -EBADMSG},
	{"a major number of three digits", "GET / HTTP/001.1\r\n\r\n", -EBADMSG},
	{"a minor number of three digits", "GET / HTTP/1.001\r\n\r\n", -EBADMSG},
	{"a version after no blank", "GET /HTTP/1.1\r\n\r\n", -EBADMSG},
	{"the end of a version", "GET 1.1\r\n\r\n", -EBADMSG},
	{"no target before two digits", "GET HTTP/01.10\r\n\r\n", -EBADMSG},
	{"no target", "GET HTTP/1.1\r\n\r\n", -EBADMSG},
	{"only blanks for a target", "GET   HTTP/1.1\r\n\r\n", -EBADMSG},
	{"a method that is no token", "G(T / HTTP/1.1\r\n\r\n", -EBADMSG},
	{"more fields than allowed", "GET / HTTP/1.1\r\na:\r\nb:\r\nc:\r\nd:\r\ne:\r\nf:\r\ng:\r\nh:\r\ni:\r\n\r\n",
		-E2BIG},
	{"two digits", "HTTP/1.1 20 OK\r\n\r\n", -EBADMSG},
	{"four digits", "HTTP/1.1 2000 OK\r\n\r\n", -EBADMSG},
	{"a status below 100", "HTTP/1.1 099 OK\r\n\r\n", -EBADMSG},
	{"another version", "HTTP/2.0 200 OK\r\n\r\n", -EBADMSG},
	{"a version of two digits", "HTTP/1.10 200 OK\r\n\r\n", -EBADMSG},
};
// clang-format on

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static struct head head_for(const char *bytes, struct header_field *fields) {
	return (struct head) {
		.fields = fields,
		.max_fields = MAX_FIELDS,
		.is_response = strncasecmp(bytes, "HTTP", 4) == 0,
	};
}

static void print_parsed(const struct head *head, char *to, size_t size) {
	size_t len;
	if (head->is_response)
		len = (size_t)snprintf(
			to,
			size,
			"%u|%.*s|%u",
			head->status,
			(int)head->reason.len,
			head->reason.data,
			head->version_minor
		);
	else
		len = (size_t)snprintf(
			to,
			size,
			"%.*s|%.*s|%u",
			(int)head->method.len,
			head->method.data,
			(int)head->target.len,
			head->target.data,
			head->version_minor
		);
	for (size_t i = 0; i < head->n_fields; i++) {
		const uint8_t *start = head->start_and_fields.data;
		const struct header_field *field = &head->fields[i];
		len += (size_t)snprintf(
			to + len,
			size - len,
			"|%.*s=%.*s",
			field->name_len,
			start + field->name_at,
			field->value_len,
			start + field->value_at
		);
	}
}

static void reads_a_head_and_leaves_what_follows(void **) {
	for (size_t i = 0; i < COUNT(accepted); i++) {
		const struct accepted *each = &accepted[i];
		struct header_field fields[MAX_FIELDS];
		struct head head = head_for(each->bytes, fields);
		size_t len = strlen(each->bytes);
		char text[256];
		snprintf(text, sizeof(text), "%s\r\nGET / HTTP/1.1\r\n\r\n", each->bytes);
		struct slice bytes = copy_of(text, strlen(text));
		assert_int_equal(head_parse(bytes, 0, &head), len);
		print_parsed(&head, text, sizeof(text));
		if (strcmp(text, each->parsed) != 0)
			fail_msg("%s: '%s'", each->name, text);
		slice_free(bytes);
	}
}

static void asks_for_more_until_the_head_is_whole(void **) {
	for (size_t i = 0; i < COUNT(accepted); i++) {
		const struct accepted *each = &accepted[i];
		struct header_field fields[MAX_FIELDS];
		struct head head = head_for(each->bytes, fields);
		size_t whole = strlen(each->bytes);
		for (size_t len = 1; len <= whole; len++) {
			struct slice bytes = copy_of(each->bytes, len);
			int expected = len == whole ? (int)whole : -EAGAIN;
			for (size_t previous = 0; previous < len; previous++) {
				if (head_parse(bytes, previous, &head) != expected)
					fail_msg(
						"%s: %zu bytes, %zu before",
						each->name,
						len,
						previous
					);
			}
			slice_free(bytes);
		}
	}
}

static void refuses_what_is_no_head(void **) {
	for (size_t i = 0; i < COUNT(refused); i++) {
		const struct refused *each = &refused[i];
		struct header_field fields[MAX_FIELDS];
		struct head head = head_for(each->bytes, fields);
		struct slice bytes = copy_of(each->bytes, strlen(each->bytes));
		if (head_parse(bytes, 0, &head) != each->err)
			fail_msg("%s", each->name);
		slice_free(bytes);
	}
}

static void says_where_not_everyone_sees_the_same_lines(void **) {
	static const struct {
		const char *bytes;
		size_t len;
		bool is_odd;
	} cases[] = {
#define ODD(text, odd) {text, sizeof(text) - 1, odd}
		ODD("GET / HTTP/1.1\r\nA: b\r\n\r\n", false),
		ODD("GET /\0 HTTP/1.1\r\n\r\n", true),
		ODD("GET / HTTP/1.1\r\nA: \0\r\n\r\n", true),
		ODD("GET / HTTP/1.1\r\nA\0: b\r\n\r\n", true),
		ODD("GET / HTTP/1.1\r\nA:\rb\r\n\r\n", true),
		ODD("GET / HTTP/1.1\nA: b\n\n", false),
		ODD("GET / HTTP/1.1\nA: b\r\n\n", true),
		ODD("GET / HTTP/1.1\r\nA: b\r\n\n", true),
		ODD("GET / HTTP/1.1\nA: b\n\r\n", true),
		ODD("GET / HTTP/1.1\r\n \r\nA: b\r\n\r\n", true),
		ODD("GET / HTTP/1.1\r\nA: \xc3\xa9\r\n\r\n", false),
		ODD("GET / HTTP/1.1\r\n\xc3\xa9: b\r\n\r\n", true),
		ODD("GET / HTTP/1.\r\n\r\n", false),
		ODD("GET / HTTP/1.10\r\n\r\n", true),
		ODD("GET / HTTP/1.01\r\n\r\n", true),
		ODD("GET / HTTP/01.1\r\n\r\n", true),
#undef ODD
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct header_field fields[MAX_FIELDS];
		struct head head = head_for(cases[i].bytes, fields);
		struct slice bytes = copy_of(cases[i].bytes, cases[i].len);
		assert_int_equal(head_parse(bytes, 0, &head), cases[i].len);
		assert_int_equal(head.is_odd, cases[i].is_odd);
		slice_free(bytes);
	}
}

static void makes_do_with_a_head_that_is_cut(void **) {
	static const struct {
		const char *bytes;
		const char *parsed; // NULL: not enough
	} cases[] = {
		{"GET / HTTP/1.1\r\nA: b\r\nC: d", "GET|/|1|A=b"},
		{"GET / HTTP/1.1\r\nA: b\r\n\r", "GET|/|1|A=b"},
		{"GET / HTTP/1.1", "GET|/|1"},
		{"GET / HTTP/", NULL},
		{"HTTP/1.1 200 O", "200|O|1"},
		{"HTTP/1.1 200\rA: b\r", "200|A: b\r|1"},
		{"HTTP/1.1 20", NULL},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct header_field fields[MAX_FIELDS];
		struct head head = head_for(cases[i].bytes, fields);
		struct slice bytes = copy_of(cases[i].bytes, strlen(cases[i].bytes));
		head.is_cut = true;
		int len = head_parse(bytes, 0, &head);
		if (cases[i].parsed == NULL) {
			assert_int_equal(len, -EBADMSG);
		} else {
			char text[256];
			assert_int_equal(len, bytes.len);
			print_parsed(&head, text, sizeof(text));
			assert_string_equal(text, cases[i].parsed);
		}
		slice_free(bytes);
	}
}

static void refuses_a_head_without_an_end(void **) {
	uint8_t *bytes = malloc(HEAD_MAX_SIZE + 10);
	struct header_field fields[MAX_FIELDS];
	struct head head = head_for("GET", fields);
	memset(bytes, 'a', HEAD_MAX_SIZE + 10);
	memcpy(bytes, "GET /", 5);
	assert_int_equal(head_parse(slice_of(bytes, HEAD_MAX_SIZE - 1), 0, &head), -EAGAIN);
	assert_int_equal(head_parse(slice_of(bytes, HEAD_MAX_SIZE + 10), 0, &head), -E2BIG);
	assert_int_equal(head_parse(slice_of(bytes, HEAD_MAX_SIZE), 100, &head), -E2BIG);
	free(bytes);
}

// clang-format off
static const struct framing_case {
	const char *fields; // without the line end of the last one; a space for none
	const char *request, *response;
} framing_cases[] = {
	{"A: b", "none", "until_close"},
	{"Content-Length: 5", "length 5", "length 5"},
	{"content-length: 0", "none", "none"},
	{"CONTENT-LENGTH: 5, 5", "length 5!", "length 5!"},
	{"Content-Length: 5\r\nContent-Length: 5", "length 5!", "length 5!"},
	{"Content-Length: 5\r\nContent-Length: 6", "ambiguous!", "ambiguous!"},
	{"Content-Length: 5,6", "ambiguous!", "ambiguous!"},
	{"Content-Length: 007", "length 7", "length 7"},
	{"Content-Length: 9223372036854775807", "length 9223372036854775807", "length 9223372036854775807"},
	{"Content-Length: 9223372036854775808", "ambiguous! malformed", "ambiguous! malformed"},
	{"Content-Length: 99999999999999999999999", "ambiguous! malformed", "ambiguous! malformed"},
	{"Content-Length: +5", "ambiguous! malformed", "ambiguous! malformed"},
	{"Content-Length: -5", "ambiguous! malformed", "ambiguous! malformed"},
	{"Content-Length: 5 5", "ambiguous! malformed", "ambiguous! malformed"},
	{"Content-Length: 0x5", "ambiguous! malformed", "ambiguous! malformed"},
	{"Content-Length:", "ambiguous! malformed", "ambiguous! malformed"},
	{"Content-Length: 5,", "ambiguous! malformed", "ambiguous! malformed"},
	{"Content-Length : 5", "length 5!", "length 5!"},
	{"Content-Length:\r\n 5", "length 5!", "length 5!"},
	{"Content-Lengthy: 5", "none", "until_close"},
	{"Transfer-Encoding: chunked", "chunked", "chunked"},
	{"transfer-encoding: Chunked", "chunked", "chunked"},
	{"Transfer-Encoding: gzip, chunked", "chunked", "chunked"},
	{"Transfer-Encoding: gzip,, chunked ,", "chunked", "chunked"},
	{"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", "chunked!", "chunked!"},
	{"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "chunked!", "chunked!"},
	{"Transfer-Encoding: chunked, chunked", "chunked!", "chunked!"},
	{"Transfer-Encoding: chunked, gzip", "ambiguous!", "until_close!"},
	{"Transfer-Encoding: gzip", "ambiguous!", "until_close"},
	{"Transfer-Encoding: xchunked", "ambiguous!", "until_close!"},
	{"Transfer-Encoding: chunked;q=1", "ambiguous!", "until_close!"},
	{"Transfer-Encoding: \"chunked\"", "ambiguous!", "until_close!"},
	{"Transfer-Encoding: \x0b" "chunked", "ambiguous!", "until_close!"},
	{"Transfer-Encoding: gzip,\tchunked", "chunked!", "chunked!"},
	{"Transfer-Encoding : chunked", "chunked!", "chunked!"},
	{"Transfer-Encoding:\r\n chunked", "chunked!", "chunked!"},
	{"Transfer-Encoding: chun\r\n ked", "ambiguous!", "until_close!"},
	{"Transfer-Encoding\x0b: chunked\r\nContent-Length: 5", "length 5!", "length 5!"},
	{"\x01Transfer-Encoding: chunked\r\nContent-Length: 5", "length 5!", "length 5!"},
	{"A: b\r\n\x0bTransfer-Encoding: chunked", "none!", "until_close!"},
	{"Transfer-Encoding\xa0: chunked", "none!", "until_close!"},
	{" Transfer-Encoding: chunked\r\nContent-Length: 5", "length 5!", "length 5!"},
	{"A: b\nTransfer-Encoding: chunked", "chunked!", "chunked!"},
	{"A b: c", "none", "until_close"},
	{"Transfer-Encoding: identity", "none", "until_close"},
	{"Transfer-Encoding: identity\r\nContent-Length: 5", "length 5!", "length 5!"},
	{"Content-Length: 5\r\nTransfer-Encoding: chunked", "chunked!", "chunked!"},
	{"Transfer-Encoding: chunked\r\nContent-Length: x", "chunked!", "chunked!"},
	{"Transfer-Encoding: xchunked\r\nContent-Length: 5", "ambiguous!", "until_close!"},
};
// clang-format on

static void print_framing(const struct framing *framing, char *to, size_t size) {
	static const char *const kinds[] = {
		[FRAMING_NONE] = "none",
		[FRAMING_LENGTH] = "length",
		[FRAMING_CHUNKED] = "chunked",
		[FRAMING_UNTIL_CLOSE] = "until_close",
		[FRAMING_AMBIGUOUS] = "ambiguous",
		[FRAMING_TUNNEL] = "tunnel",
	};
	int len = snprintf(to, size, "%s", kinds[framing->kind]);
	if (framing->kind == FRAMING_LENGTH)
		len += snprintf(to + len, size - (size_t)len, " %zu", (size_t)framing->length);
	snprintf(
		to + len,
		size - (size_t)len,
		"%s%s",
		framing->is_suspicious ? "!" : "",
		framing->is_malformed ? " malformed" : ""
	);
}

static void assert_framing(
	const char *start_line,
	const char *lines,
	const char *method,
	const char *expected
) {
	char text[512];
	char got[64];
	int len = snprintf(text, sizeof(text), "%s\r\n%s\r\n\r\n", start_line, lines);
	struct slice bytes = copy_of(text, (size_t)len);
	struct header_field fields[MAX_FIELDS];
	struct head head = head_for(text, fields);
	assert_int_equal(head_parse(bytes, 0, &head), len);
	struct framing framing = head.is_response
		? framing_of_response(&head, slice_of_string(method))
		: framing_of_request(&head);
	print_framing(&framing, got, sizeof(got));
	if (strcmp(got, expected) != 0)
		fail_msg("%s / %s: %s instead of %s", start_line, lines, got, expected);
	slice_free(bytes);
}

static void tells_what_body_follows(void **) {
	for (size_t i = 0; i < COUNT(framing_cases); i++) {
		const struct framing_case *each = &framing_cases[i];
		assert_framing("POST / HTTP/1.1", each->fields, "", each->request);
		assert_framing("HTTP/1.1 200 OK", each->fields, "GET", each->response);
		assert_framing("HTTP/1.1 200 OK", each->fields, "HEAD", "none");
		assert_framing("HTTP/1.1 204 No", each->fields, "GET", "none");
		assert_framing("HTTP/1.1 304 No", each->fields, "GET", "none");
		assert_framing("HTTP/1.1 100 Go", each->fields, "GET", "none");
		assert_framing("HTTP/1.1 101 Up", each->fields, "GET", "tunnel");
		assert_framing("HTTP/1.1 200 OK", each->fields, "CONNECT", "tunnel");
		assert_framing("HTTP/1.1 403 No", each->fields, "CONNECT", each->response);
	}
}

static void suspects_chunked_of_HTTP_1_0(void **) {
	assert_framing("POST / HTTP/1.0", "Transfer-Encoding: chunked", "", "chunked!");
	assert_framing("HTTP/1.0 200 OK", "Transfer-Encoding: chunked", "GET", "chunked!");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_end_of_tokens_and_lines_as_the_portable_scan_does),
		cmocka_unit_test(knows_the_token_characters),
		cmocka_unit_test(reads_a_head_and_leaves_what_follows),
		cmocka_unit_test(asks_for_more_until_the_head_is_whole),
		cmocka_unit_test(refuses_what_is_no_head),
		cmocka_unit_test(says_where_not_everyone_sees_the_same_lines),
		cmocka_unit_test(makes_do_with_a_head_that_is_cut),
		cmocka_unit_test(refuses_a_head_without_an_end),
		cmocka_unit_test(tells_what_body_follows),
		cmocka_unit_test(suspects_chunked_of_HTTP_1_0),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
