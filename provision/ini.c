#include "ini.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#define KEY_MAX 128

static struct slice trimmed(struct slice s) {
	while (s.len > 0 && isspace(s.data[0]))
		s = slice_from(s, 1);
	while (s.len > 0 && isspace(s.data[s.len - 1]))
		s.len--;
	return s;
}

static void copy_lower(char *to, struct slice text) {
	for (size_t i = 0; i < text.len; i++)
		to[i] = (char)tolower(text.data[i]);
	to[text.len] = 0;
}

// Splits at the first '=' or ':'. Keys are compared in lower case, so they are kept in it.
static int
split(struct slice line, const char *parent, char key[KEY_MAX], struct slice *ret_value) {
	size_t at = 0;
	while (at < line.len && line.data[at] != '=' && line.data[at] != ':')
		at++;
	struct slice name = trimmed(slice_first(line, at));
	if (at == line.len || name.len == 0)
		return -EBADMSG;
	int used = parent[0] == 0 ? 0 : snprintf(key, KEY_MAX, "%s.", parent);
	if ((size_t)used + name.len >= KEY_MAX || memchr(name.data, 0, name.len) != NULL)
		return -EBADMSG;
	copy_lower(key + used, name);
	*ret_value = trimmed(slice_from(line, at + 1));
	return 0;
}

struct reader {
	const struct ini_handler *handler;
	bool has_section;
	bool has_key; // in this section
	size_t indent; // of the last key; what is indented further is nested under it
	char parent[KEY_MAX / 2]; // its name; empty where it has a value of its own
};

static int read_section(struct reader *reader, struct slice line) {
	const uint8_t *close = memchr(line.data, ']', line.len);
	if (close == NULL)
		return -EBADMSG;
	reader->has_section = true;
	reader->has_key = false;
	size_t len = (size_t)(close - line.data) - 1;
	return reader->handler->section(
		reader->handler->ctx, trimmed(slice_of(line.data + 1, len))
	);
}

static int read_nested(struct reader *reader, struct slice line) {
	char key[KEY_MAX];
	struct slice value;
	if (reader->parent[0] == 0 || split(line, reader->parent, key, &value) < 0)
		return 0;
	return reader->handler->entry(reader->handler->ctx, key, value);
}

static int read_key(struct reader *reader, struct slice line, size_t indent) {
	char key[KEY_MAX];
	struct slice value;
	if (!reader->has_section || split(line, "", key, &value) < 0)
		return -EBADMSG;
	bool can_nest = value.len == 0 && strlen(key) < sizeof(reader->parent);
	snprintf(reader->parent, sizeof(reader->parent), "%s", can_nest ? key : "");
	reader->has_key = true;
	reader->indent = indent;
	return reader->handler->entry(reader->handler->ctx, key, value);
}

static int read_line(struct reader *reader, struct slice line) {
	size_t indent = 0;
	while (indent < line.len && isspace(line.data[indent]))
		indent++;
	line = trimmed(line);
	if (line.len == 0 || line.data[0] == '#' || line.data[0] == ';')
		return 0;
	if (reader->has_key && indent > reader->indent)
		return read_nested(reader, line);
	if (line.data[0] == '[')
		return read_section(reader, line);
	return read_key(reader, line, indent);
}

int ini_read(struct slice text, const struct ini_handler *handler, unsigned *ret_line) {
	struct reader reader = {.handler = handler};
	unsigned line_number = 0;
	if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		text = slice_from(text, 3);
	while (text.len > 0) {
		const uint8_t *end = memchr(text.data, '\n', text.len);
		size_t len = end == NULL ? text.len : (size_t)(end - text.data);
		line_number++;
		int result = read_line(&reader, slice_first(text, len));
		if (result < 0) {
			*ret_line = line_number;
			return result;
		}
		text = slice_from(text, len + 1);
	}
	return 0;
}
