#include "summary.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *target, *folded;
} paths[] = {
	{"/", "/"},
	{"/users", "/users"},
	{"/users/17", "/users/{id}"},
	{"/users/17/", "/users/{id}/"},
	{"/users/17/orders/2024?page=3#x", "/users/{id}/orders/{id}"},
	{"/v1/users", "/v1/users"},
	{"/a/123e4567-e89b-12d3-a456-426614174000/b", "/a/{id}/b"},
	{"/a/0123456789abcdef", "/a/{id}"},
	{"/a/0123456789abcde", "/a/0123456789abcde"}, // too short to be sure
	{"/a/deadbeefdeadbeef", "/a/deadbeefdeadbeef"}, // no digit: may be a word
	{"/a/eyJhbGciOiJIUzI1NiJ9xyz", "/a/{id}"},
	{"/a/how-to-write-a-long-title", "/a/how-to-write-a-long-title"},
	{"//a//7", "//a//{id}"},
	{"http://shop.example/users/17?x", "/users/{id}"},
	{"http://shop.example", ""},
	{"*", "*"},
	{"shop.example:443", "shop.example:443"},
	{"?x", ""},
	{"", ""},
};

static void paths_are_folded(void **) {
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		size_t len = strlen(paths[i].target);
		char *exact = malloc(len);
		memcpy(exact, paths[i].target, len);
		char folded[128];
		size_t n = summary_fold_path(slice_of(exact, len), folded, sizeof(folded));
		assert_string_equal(folded, paths[i].folded);
		assert_int_equal(n, strlen(folded));
		free(exact);
	}
}

static void a_long_path_is_cut(void **) {
	const char *target = "/abcdef/12/xyz";
	for (size_t size = 1; size < 20; size++) {
		char *room = malloc(size);
		size_t n = summary_fold_path(slice_of_string(target), room, size);
		assert_true(n < size);
		assert_int_equal(strlen(room), n);
		assert_memory_equal(room, "/abcdef/{id}/xyz", n);
		free(room);
	}
}

static void
add(struct summary *summary,
    const char *method,
    const char *host,
    const char *target,
    uint16_t status) {
	struct message response = {.status = status, .is_response = true};
	struct message request = {
		.method = slice_of_string(method),
		.host = slice_of_string(host),
		.target = slice_of_string(target),
		.response = status == 0 ? NULL : &response,
	};
	summary_add(summary, &request);
}

// What is printed, to be freed.
static char *printed(const struct summary *summary) {
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	summary_print(summary, to);
	fclose(to);
	return text;
}

static void endpoints_and_hosts_are_counted(void **) {
	struct summary *one = summary_create(1), *other = summary_create(1);
	add(one, "GET", "a.test", "/users/1", 200);
	add(one, "GET", "a.test", "/users/2", 404);
	add(one, "POST", "a.test", "/users", 500);
	add(one, "GET", "", "/x", 0);
	add(other, "GET", "a.test", "/users/3", 200);
	add(other, "GET", "b.test", "/", 200);
	summary_add(other, &(struct message) {.is_response = true, .status = 200});
	summary_merge(one, other);
	char *text = printed(one);
	assert_string_equal(
		text,
		"    requests       4xx       5xx  hosts\n"
		"           4         1         1  a.test\n"
		"           1         0         0  (no host)\n"
		"           1         0         0  b.test\n"
		"\n"
		"    requests       4xx       5xx  endpoints\n"
		"           3         1         0  GET     a.test/users/{id}\n"
		"           1         0         0  GET     (no host)/x\n"
		"           1         0         1  POST    a.test/users\n"
		"           1         0         0  GET     b.test/\n"
		"           1                      responses without a request\n"
	);
	free(text);
	summary_free(one);
	summary_free(other);
}

static void hostile_names_are_cut_and_shown_harmless(void **) {
	struct summary *summary = summary_create(1);
	char name[300], target[300];
	memset(name, 'h', sizeof(name) - 1);
	memset(target, 'p', sizeof(target) - 1);
	name[sizeof(name) - 1] = target[sizeof(target) - 1] = '\0';
	add(summary, "A-METHOD-THAT-IS-MUCH-TOO-LONG", name, target, 200);
	add(summary, "GET", "\x1b]0;x\x07", "/\x1b[2J", 200);
	char *text = printed(summary);
	assert_null(strchr(text, '\x1b'));
	assert_non_null(strstr(text, "GET     ?]0;x?/?[2J\n"));
	assert_non_null(strstr(text, "A-METHOD-THAT-I"));
	free(text);
	summary_free(summary);
}

// What is printed of one request to each of 'n' hosts, to be freed.
static char *printed_hosts(uint32_t n) {
	struct summary *summary = summary_create(7);
	for (uint32_t i = 0; i < n; i++) {
		char host[32];
		snprintf(host, sizeof(host), "x%" PRIu32 ".test", i);
		add(summary, "GET", host, "/", 200);
	}
	char *text = printed(summary);
	summary_free(summary);
	return text;
}

static void room_is_bounded_and_the_rest_is_counted(void **) {
	char *text = printed_hosts(SUMMARY_MAX_ENDPOINTS + 500);
	assert_non_null(strstr(text, "and at least 9990 more hosts\n"));
	assert_non_null(strstr(text, "and at least 9980 more endpoints\n"));
	assert_non_null(strstr(
		text,
		"         500                      more requests, counted for no host or endpoint: "
		"10000 endpoints at most are told apart\n"
	));
	free(text);
}

static void where_room_suffices_all_hosts_are_counted(void **) {
	char *text = printed_hosts(SUMMARY_MAX_ENDPOINTS);
	assert_non_null(strstr(text, "  and 9990 more hosts\n"));
	assert_non_null(strstr(text, "  and 9980 more endpoints\n"));
	assert_null(strstr(text, "more requests"));
	free(text);
}

static void nothing_seen_is_nothing_printed(void **) {
	struct summary *summary = summary_create(1);
	char *text = printed(summary);
	assert_string_equal(text, "");
	free(text);
	summary_free(summary);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_folded),
		cmocka_unit_test(a_long_path_is_cut),
		cmocka_unit_test(endpoints_and_hosts_are_counted),
		cmocka_unit_test(hostile_names_are_cut_and_shown_harmless),
		cmocka_unit_test(room_is_bounded_and_the_rest_is_counted),
		cmocka_unit_test(where_room_suffices_all_hosts_are_counted),
		cmocka_unit_test(nothing_seen_is_nothing_printed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
