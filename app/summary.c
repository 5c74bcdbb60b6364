#include "summary.h"

#include "console.h"
#include "slice.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define N_SLOTS 16384u // a power of 2, so that the table stays below two thirds full
#define N_PROBES 64u
#define KEY_MAX 237u // with these parts' most bytes, each with the 0 at its end
#define METHOD_MAX 16u
#define HOST_MAX 80u
#define PATH_ROOM (KEY_MAX - METHOD_MAX - HOST_MAX)
#define ID_MIN_HEX 16u
#define ID_MIN_MIXED 20u
#define N_HOSTS_SHOWN 10u
#define N_ENDPOINTS_SHOWN 20u

// "GET", 0, "shop.example", 0, "/users/{id}", 0: hashed and compared as it is.
struct key {
	uint8_t len;
	uint8_t host_at, path_at;
	char text[KEY_MAX];
};

struct endpoint_count {
	struct key key;
	uint64_t n, n_client_errors, n_server_errors;
};

struct summary {
	uint64_t seed;
	uint64_t n_others; // traces of endpoints beyond the room
	uint64_t n_no_request; // responses alone
	uint32_t n_endpoints;
	uint32_t slots[N_SLOTS]; // index of an endpoint plus 1
	struct endpoint_count endpoints[SUMMARY_MAX_ENDPOINTS];
};

struct summary *summary_create(uint64_t seed) {
	struct summary *summary = calloc(1, sizeof(*summary));
	if (summary != NULL)
		summary->seed = seed;
	return summary;
}

void summary_free(struct summary *summary) {
	free(summary);
}

enum {
	IS_DIGIT = 1,
	IS_HEX = 2,
	IS_DASH = 4,
	ENDS_SEGMENT = 8,
	ENDS_PATH = 16,
};

static const uint8_t classes[256] = {
	['0' ... '9'] = IS_DIGIT | IS_HEX,
	['A' ... 'F'] = IS_HEX,
	['a' ... 'f'] = IS_HEX,
	['-'] = IS_DASH,
	['/'] = ENDS_SEGMENT,
	['?'] = ENDS_SEGMENT | ENDS_PATH,
	['#'] = ENDS_SEGMENT | ENDS_PATH,
};

// What is before the first byte of one of these classes.
static struct slice until(struct slice s, uint8_t ends) {
	size_t len = 0;
	while (len < s.len && (classes[s.data[len]] & ends) == 0)
		len++;
	return slice_first(s, len);
}

// What 'rest' begins with, as it is shown: {id} for a number, a UUID or another long run of
// hexadecimal digits, or a long word with digits in it. '*ret_len' is how long it was.
static struct slice fold_segment(struct slice rest, size_t *ret_len) {
	size_t len = 0, n_digits = 0, n_hex = 0, n_dashes = 0;
	for (; len < rest.len; len++) {
		uint8_t class = classes[rest.data[len]];
		if (class & ENDS_SEGMENT)
			break;
		n_digits += (class & IS_DIGIT) != 0;
		n_hex += (class & IS_HEX) != 0;
		n_dashes += (class & IS_DASH) != 0;
	}
	*ret_len = len;
	bool is_long_hex = n_hex + n_dashes == len && n_hex >= ID_MIN_HEX;
	if (n_digits > 0 && (n_digits == len || is_long_hex || len >= ID_MIN_MIXED))
		return slice_of_string("{id}");
	return slice_first(rest, len);
}

// What is behind "http://host" of an absolute-form target.
static struct slice path_of(struct slice target) {
	if (target.len == 0 || target.data[0] == '/')
		return target;
	struct slice before = until(target, ENDS_SEGMENT);
	if (before.len == 0 || before.data[before.len - 1] != ':' || target.len < before.len + 2
	    || memcmp(before.data + before.len, "//", 2) != 0
	    || memchr(before.data, ':', before.len - 1) != NULL)
		return target;
	struct slice rest = slice_from(target, before.len + 2);
	return slice_from(rest, until(rest, ENDS_SEGMENT).len);
}

size_t summary_fold_path(struct slice target, char *ret, size_t ret_size) {
	struct slice path = path_of(target);
	size_t at = 0, len = 0;
	while (at < path.len && (classes[path.data[at]] & ENDS_PATH) == 0 && len + 1 < ret_size) {
		if (path.data[at] == '/') {
			ret[len++] = '/';
			at++;
			continue;
		}
		size_t n;
		struct slice segment = fold_segment(slice_from(path, at), &n);
		at += n;
		segment = slice_first(segment, ret_size - 1 - len);
		memcpy(ret + len, segment.data, segment.len);
		len += segment.len;
	}
	ret[len] = '\0';
	return len;
}

static uint8_t append(struct key *key, struct slice text, size_t most) {
	text = slice_first(text, most - 1);
	if (text.len > 0) // an empty one may have no address at all
		memcpy(key->text + key->len, text.data, text.len);
	key->len = (uint8_t)(key->len + text.len);
	key->text[key->len++] = '\0';
	return key->len;
}

static void key_make(const struct message *trace, struct key *ret) {
	ret->len = 0;
	ret->host_at = append(ret, trace->method, METHOD_MAX);
	ret->path_at = append(ret, trace->host, HOST_MAX);
	size_t len = summary_fold_path(trace->target, ret->text + ret->path_at, PATH_ROOM);
	ret->len = (uint8_t)(ret->path_at + len + 1);
}

static bool key_equals(const struct key *a, const struct key *b) {
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static uint64_t mix(uint64_t hash, uint64_t word) {
	unsigned __int128 product = (unsigned __int128)(hash ^ word) * 0x9e3779b97f4a7c15u;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_of(const struct summary *summary, const struct key *key) {
	uint64_t hash = mix(summary->seed, key->len);
	size_t at = 0;
	for (; at + sizeof(uint64_t) <= key->len; at += sizeof(uint64_t)) {
		uint64_t word;
		memcpy(&word, key->text + at, sizeof(word));
		hash = mix(hash, word);
	}
	uint64_t rest = 0;
	memcpy(&rest, key->text + at, key->len - at);
	return mix(hash, rest);
}

// The endpoint's count, made where it is new; NULL where there is no room.
static struct endpoint_count *find(struct summary *summary, const struct key *key) {
	uint64_t hash = hash_of(summary, key);
	for (uint32_t i = 0; i < N_PROBES; i++) {
		uint32_t *slot = &summary->slots[(hash + i) % N_SLOTS];
		if (*slot == 0) {
			if (summary->n_endpoints == SUMMARY_MAX_ENDPOINTS)
				return NULL;
			struct key *new_key = &summary->endpoints[summary->n_endpoints].key;
			*new_key = (struct key) {
				.len = key->len, .host_at = key->host_at, .path_at = key->path_at};
			memcpy(new_key->text, key->text, key->len);
			*slot = ++summary->n_endpoints;
		}
		struct endpoint_count *endpoint = &summary->endpoints[*slot - 1];
		if (key_equals(&endpoint->key, key))
			return endpoint;
	}
	return NULL;
}

void summary_add(struct summary *summary, const struct message *trace) {
	if (trace->is_response) {
		summary->n_no_request++;
		return;
	}
	struct key key;
	key_make(trace, &key);
	struct endpoint_count *endpoint = find(summary, &key);
	if (endpoint == NULL) {
		summary->n_others++;
		return;
	}
	uint16_t status = trace->response == NULL ? 0 : trace->response->status;
	endpoint->n++;
	endpoint->n_client_errors += status >= 400 && status < 500;
	endpoint->n_server_errors += status >= 500;
}

void summary_merge(struct summary *to, const struct summary *from) {
	to->n_others += from->n_others;
	to->n_no_request += from->n_no_request;
	for (uint32_t i = 0; i < from->n_endpoints; i++) {
		const struct endpoint_count *other = &from->endpoints[i];
		struct endpoint_count *endpoint = find(to, &other->key);
		if (endpoint == NULL) {
			to->n_others += other->n;
			continue;
		}
		endpoint->n += other->n;
		endpoint->n_client_errors += other->n_client_errors;
		endpoint->n_server_errors += other->n_server_errors;
	}
}

static const char *host_of(const struct endpoint_count *endpoint) {
	return endpoint->key.text + endpoint->key.host_at;
}

static const char *path_text(const struct endpoint_count *endpoint) {
	return endpoint->key.text + endpoint->key.path_at;
}

static int compare_count(const struct endpoint_count *a, const struct endpoint_count *b) {
	return a->n > b->n ? -1 : a->n < b->n;
}

static int by_count(const void *a, const void *b) {
	const struct endpoint_count *x = *(const struct endpoint_count *const *)a;
	const struct endpoint_count *y = *(const struct endpoint_count *const *)b;
	int order = compare_count(x, y);
	if (order == 0)
		order = strcmp(host_of(x), host_of(y));
	if (order == 0)
		order = strcmp(path_text(x), path_text(y));
	return order != 0 ? order : strcmp(x->key.text, y->key.text);
}

static int by_host(const void *a, const void *b) {
	const struct endpoint_count *x = *(const struct endpoint_count *const *)a;
	const struct endpoint_count *y = *(const struct endpoint_count *const *)b;
	return strcmp(host_of(x), host_of(y));
}

// One endpoint for each host, with the sums of all of its endpoints. Returns how many; 'sorted' is
// by host before, and 'ret' has room for as many.
static uint32_t
sum_hosts(const struct endpoint_count *const *sorted, uint32_t n, struct endpoint_count *ret) {
	uint32_t n_hosts = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct endpoint_count *host = n_hosts == 0 ? NULL : &ret[n_hosts - 1];
		if (host == NULL || strcmp(host_of(host), host_of(sorted[i])) != 0) {
			ret[n_hosts++] = *sorted[i];
			continue;
		}
		host->n += sorted[i]->n;
		host->n_client_errors += sorted[i]->n_client_errors;
		host->n_server_errors += sorted[i]->n_server_errors;
	}
	return n_hosts;
}

static void print_row(const struct endpoint_count *row, bool is_host, FILE *to) {
	char text[KEY_MAX + 32];
	const char *host = host_of(row)[0] == '\0' ? "(no host)" : host_of(row);
	if (is_host)
		snprintf(text, sizeof(text), "%s", host);
	else
		snprintf(text, sizeof(text), "%-7s %s%s", row->key.text, host, path_text(row));
	console_neutralise(text);
	fprintf(to,
		"  %10" PRIu64 " %9" PRIu64 " %9" PRIu64 "  %s\n",
		row->n,
		row->n_client_errors,
		row->n_server_errors,
		text);
}

// 'is_all' where nothing was beyond the room.
static void
print_rows(const struct endpoint_count **rows, uint32_t n, bool is_all, bool is_host, FILE *to) {
	uint32_t n_shown = is_host ? N_HOSTS_SHOWN : N_ENDPOINTS_SHOWN;
	const char *what = is_host ? "hosts" : "endpoints";
	qsort(rows, n, sizeof(struct endpoint_count *), by_count);
	fprintf(to, "  %10s %9s %9s  %s\n", "requests", "4xx", "5xx", what);
	for (uint32_t i = 0; i < n && i < n_shown; i++)
		print_row(rows[i], is_host, to);
	if (n > n_shown)
		fprintf(to,
			"  %31s and %s%" PRIu32 " more %s\n",
			"",
			is_all ? "" : "at least ",
			n - n_shown,
			what);
}

void summary_print(const struct summary *summary, FILE *to) {
	uint32_t n = summary->n_endpoints;
	const struct endpoint_count **rows = calloc(n + 1, sizeof(struct endpoint_count *));
	const struct endpoint_count **host_rows = calloc(n + 1, sizeof(struct endpoint_count *));
	struct endpoint_count *hosts = calloc(n + 1, sizeof(*hosts));
	if (rows != NULL && host_rows != NULL && hosts != NULL && n > 0) {
		for (uint32_t i = 0; i < n; i++)
			rows[i] = &summary->endpoints[i];
		qsort(rows, n, sizeof(struct endpoint_count *), by_host);
		uint32_t n_hosts = sum_hosts(rows, n, hosts);
		for (uint32_t i = 0; i < n_hosts; i++)
			host_rows[i] = &hosts[i];
		bool is_all = summary->n_others == 0;
		print_rows(host_rows, n_hosts, is_all, true, to);
		fputc('\n', to);
		print_rows(rows, n, is_all, false, to);
	}
	if (summary->n_others > 0)
		fprintf(to,
			"  %10" PRIu64 " %19s  more requests, counted for no host or endpoint: "
			"%u endpoints at most are told apart\n",
			summary->n_others,
			"",
			SUMMARY_MAX_ENDPOINTS);
	if (summary->n_no_request > 0)
		fprintf(to,
			"  %10" PRIu64 " %19s  responses without a request\n",
			summary->n_no_request,
			"");
	free(rows);
	free(host_rows);
	free(hosts);
}
