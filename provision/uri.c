#include "uri.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_unreserved(uint8_t c) {
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
		|| c == '-' || c == '_' || c == '.' || c == '~';
}

void uri_encode(struct strbuf *buf, struct slice text, bool keep_slash) {
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		if (is_unreserved(c) || (c == '/' && keep_slash))
			strbuf_add_char(buf, (char)c);
		else
			strbuf_printf(buf, "%%%02X", c);
	}
}

static int hex_value(uint8_t c) {
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void uri_decode(struct strbuf *buf, struct slice text) {
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		if (c == '%' && text.len - i > 2) {
			int high = hex_value(text.data[i + 1]), low = hex_value(text.data[i + 2]);
			if (high >= 0 && low >= 0) {
				c = (uint8_t)(high << 4 | low);
				i += 2;
			}
		}
		strbuf_add_char(buf, (char)c);
	}
}

void uri_normalise_path(struct strbuf *buf, struct slice path) {
	size_t start = buf->len;
	size_t at = 0;
	bool ends_in_slash = true;
	while (at < path.len) {
		size_t end = at;
		while (end < path.len && path.data[end] != '/')
			end++;
		struct slice segment = slice_first(slice_from(path, at), end - at);
		if (slice_equals(segment, "..")) {
			while (buf->len > start && buf->data[buf->len - 1] != '/')
				strbuf_cut(buf, buf->len - 1);
			if (buf->len > start)
				strbuf_cut(buf, buf->len - 1);
			ends_in_slash = true;
		} else if (segment.len > 0 && !slice_equals(segment, ".")) {
			strbuf_add_char(buf, '/');
			strbuf_add_slice(buf, segment);
			ends_in_slash = end < path.len;
		} else {
			ends_in_slash = true;
		}
		at = end + 1;
	}
	if (ends_in_slash)
		strbuf_add_char(buf, '/');
}

static int parse_port(struct slice text, uint16_t *ret_port) {
	unsigned value = 0;
	if (text.len == 0 || text.len > 5)
		return -EBADMSG;
	for (size_t i = 0; i < text.len; i++) {
		if (!isdigit(text.data[i]))
			return -EBADMSG;
		value = value * 10 + text.data[i] - '0';
	}
	if (value == 0 || value > UINT16_MAX)
		return -EBADMSG;
	*ret_port = (uint16_t)value;
	return 0;
}

// "host", "host:port", "[v6]" or "[v6]:port".
static int parse_authority(struct slice text, struct uri *uri) {
	const uint8_t *close =
		text.len > 0 && text.data[0] == '[' ? memchr(text.data, ']', text.len) : NULL;
	if (text.len > 0 && text.data[0] == '[' && close == NULL)
		return -EBADMSG;
	struct slice rest;
	if (close != NULL) {
		uri->host = slice_of(text.data + 1, (size_t)(close - text.data) - 1);
		rest = slice_from(text, uri->host.len + 2);
	} else {
		const uint8_t *colon = memchr(text.data, ':', text.len);
		uri->host = colon == NULL ? text : slice_of(text.data, (size_t)(colon - text.data));
		rest = slice_from(text, uri->host.len);
	}
	for (size_t i = 0; i < uri->host.len; i++)
		if (uri->host.data[i] <= ' ' || strchr("@/\\\"<>{}|^`", uri->host.data[i]) != NULL)
			return -EBADMSG;
	if (uri->host.len == 0)
		return -EBADMSG;
	if (rest.len == 0)
		return 0;
	return rest.data[0] == ':' ? parse_port(slice_from(rest, 1), &uri->port) : -EBADMSG;
}

int uri_parse(const char *text, struct uri *ret_uri) {
	struct uri uri = {.path = slice_of_string("/")};
	if (strncasecmp(text, "https://", 8) == 0) {
		uri.is_https = true;
		text += 8;
	} else if (strncasecmp(text, "http://", 7) == 0) {
		text += 7;
	} else {
		return -EBADMSG;
	}
	size_t authority_len = strcspn(text, "/?#");
	if (strchr(text, '#') != NULL)
		return -EBADMSG;
	int result = parse_authority(slice_of(text, authority_len), &uri);
	if (result < 0)
		return result;
	text += authority_len;
	size_t path_len = strcspn(text, "?");
	if (path_len > 0)
		uri.path = slice_of(text, path_len);
	if (text[path_len] == '?')
		uri.query = slice_of_string(text + path_len + 1);
	*ret_uri = uri;
	return 0;
}
