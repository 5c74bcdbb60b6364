#include "strbuf.h"

#include <openssl/crypto.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What 'data' points to before anything was allocated: room 0 says that it is not ours to write.
static char nothing[1];

void strbuf_init(struct strbuf *buf, size_t cap) {
	*buf = (struct strbuf) {.data = nothing, .cap = cap};
}

void strbuf_release(struct strbuf *buf) {
	if (buf->room > 0) {
		OPENSSL_cleanse(buf->data, buf->room);
		free(buf->data);
	}
	strbuf_init(buf, buf->cap);
}

int strbuf_status(const struct strbuf *buf) {
	return buf->status;
}

// Not realloc(): that would leave a copy of the text behind.
static bool grow(struct strbuf *buf, size_t more) {
	if (buf->status < 0)
		return false;
	if (more > buf->cap || buf->len > buf->cap - more) {
		buf->status = -E2BIG;
		return false;
	}
	if (buf->len + more < buf->room)
		return true;
	size_t room = buf->room < 64 ? 64 : buf->room * 2;
	if (room < buf->len + more + 1)
		room = buf->len + more + 1;
	char *data = malloc(room);
	if (data == NULL) {
		buf->status = -ENOMEM;
		return false;
	}
	memcpy(data, buf->data, buf->len + 1);
	if (buf->room > 0) {
		OPENSSL_cleanse(buf->data, buf->room);
		free(buf->data);
	}
	buf->data = data;
	buf->room = room;
	return true;
}

void strbuf_add(struct strbuf *buf, const void *data, size_t len) {
	if (len == 0 || !grow(buf, len))
		return;
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = 0;
}

void strbuf_add_text(struct strbuf *buf, const char *text) {
	strbuf_add(buf, text, strlen(text));
}

void strbuf_add_slice(struct strbuf *buf, struct slice s) {
	strbuf_add(buf, s.data, s.len);
}

void strbuf_add_char(struct strbuf *buf, char c) {
	strbuf_add(buf, &c, 1);
}

void strbuf_printf(struct strbuf *buf, const char *format, ...) {
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len > 0 && grow(buf, (size_t)len)) {
		vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
}

void strbuf_add_hex(struct strbuf *buf, const uint8_t *data, size_t len) {
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < len; i++) {
		strbuf_add_char(buf, digits[data[i] >> 4]);
		strbuf_add_char(buf, digits[data[i] & 15]);
	}
}

void strbuf_cut(struct strbuf *buf, size_t len) {
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->data[len] = 0;
}

struct slice strbuf_slice(const struct strbuf *buf) {
	return slice_of(buf->data, buf->len);
}
