#include "start.h"

#include "bytes.h"
#include "head.h"
#include "scan.h"

// No method that anyone means is so long, but servers take such a one and go on with the next
// request.
#define METHOD_MAX_LEN 255

// PROXY protocol, version 1: one line of at most 107 bytes. Version 2: twelve fixed bytes, version
// and command, family, and the length of what follows.
#define PROXY_V1_MAX_LEN 107
#define PROXY_V2_SIZE 16
static const uint8_t proxy_v2[12] = "\r\n\r\n\0\r\nQUIT\n";

// True where 'bytes' begin as 'prefix' does, as far as there are bytes.
static bool may_begin(struct slice bytes, const void *prefix, size_t len) {
	return memcmp(bytes.data, prefix, slice_first(bytes, len).len) == 0;
}

static bool may_begin_with(struct slice bytes, const char *prefix) {
	return may_begin(bytes, prefix, strlen(prefix));
}

static enum start proxy_v1_header(struct slice bytes, size_t *ret_len) {
	if (!may_begin_with(bytes, "PROXY TCP") && !may_begin_with(bytes, "PROXY UNKNOWN"))
		return START_OTHER;
	struct slice line = slice_first(bytes, PROXY_V1_MAX_LEN);
	const uint8_t *end = line.data + line.len;
	const uint8_t *to = scan_line(line.data, end);
	if (to < end && *to == '\r')
		to++;
	if (to == end)
		return line.len < PROXY_V1_MAX_LEN ? START_WAIT : START_OTHER;
	if (*to != '\n')
		return START_OTHER;
	*ret_len = (size_t)(to + 1 - line.data);
	return START_PASS_OVER;
}

static enum start proxy_v2_header(struct slice bytes, size_t *ret_len) {
	if (!may_begin(bytes, proxy_v2, sizeof(proxy_v2)))
		return START_OTHER;
	if (bytes.len < PROXY_V2_SIZE)
		return START_WAIT;
	size_t len = PROXY_V2_SIZE + (size_t)bytes_be16(bytes.data + 14);
	if (bytes.len < len)
		return START_WAIT;
	*ret_len = len;
	return START_PASS_OVER;
}

static enum start line_ends(struct slice bytes, size_t *ret_len) {
	size_t len = 0;
	while (len < bytes.len && (bytes.data[len] == '\r' || bytes.data[len] == '\n'))
		len++;
	if (len == 0)
		return START_OTHER;
	*ret_len = len;
	return START_PASS_OVER;
}

bool start_is_known_method(struct slice bytes) {
	static const char *const methods[] = {
		"GET ",
		"POST ",
		"PUT ",
		"HEAD ",
		"DELETE ",
		"PATCH ",
		"OPTIONS ",
		"CONNECT ",
		"TRACE ",
		"PROPFIND ",
		"REPORT ",
		"SEARCH ",
	};
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (may_begin_with(bytes, methods[i]))
			return true;
	}
	return false;
}

static enum start request_line(struct slice bytes, size_t previous_len) {
	const uint8_t *end = bytes.data + bytes.len;
	const uint8_t *method_end =
		scan_token(bytes.data, bytes.data + slice_first(bytes, METHOD_MAX_LEN + 1).len);
	size_t method_len = (size_t)(method_end - bytes.data);
	if (method_len == 0 || method_len > METHOD_MAX_LEN)
		return START_OTHER;
	if (method_end == end)
		return START_WAIT;
	if (*method_end != ' ')
		return START_OTHER;
	// What gave START_WAIT before has no line end, save perhaps its last byte.
	const uint8_t *from =
		bytes.data + (previous_len > method_len ? previous_len - 1 : method_len);
	const uint8_t *to = scan_line(from, end);
	if (to == end)
		return START_WAIT;
	struct head_version version;
	struct slice line = slice_of(method_end, (size_t)(to - method_end));
	if (*to == 0 || !head_request_version(line, &version))
		return START_OTHER;
	return START_REQUEST;
}

// "HTTP/1.1 200", and then the end of the line or a space.
static enum start status_line(struct slice bytes) {
	static const char shape[] = "HTTP/1.# ###";
	for (size_t i = 0; i < bytes.len && i < sizeof(shape) - 1; i++) {
		uint8_t c = bytes.data[i];
		if (shape[i] == '#' ? c < '0' || c > '9' : c != (uint8_t)shape[i])
			return START_OTHER;
	}
	if (bytes.len < sizeof(shape))
		return START_WAIT;
	uint8_t after = bytes.data[sizeof(shape) - 1];
	return after == ' ' || after == '\r' || after == '\n' ? START_RESPONSE : START_OTHER;
}

static enum start request_or_response(struct slice bytes, size_t previous_len) {
	enum start start = status_line(bytes);
	return start == START_OTHER ? request_line(bytes, previous_len) : start;
}

enum start start_of_connection(struct slice bytes, size_t previous_len, size_t *ret_len) {
	enum start start = proxy_v1_header(bytes, ret_len);
	if (start == START_OTHER)
		start = proxy_v2_header(bytes, ret_len); // begins with line ends itself
	if (start == START_OTHER)
		start = line_ends(bytes, ret_len);
	if (start == START_OTHER)
		start = request_or_response(bytes, previous_len);
	return start;
}

enum start start_of_segment(struct slice bytes, size_t previous_len) {
	enum start start = request_or_response(bytes, previous_len);
	if (start == START_WAIT && !start_is_known_method(bytes))
		return status_line(bytes);
	return start;
}
