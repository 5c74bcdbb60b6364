#include "head.h"

#include "scan.h"

#include <errno.h>

struct cursor {
	const uint8_t *start, *p, *end;
	bool is_odd; // a bare CR or NUL was seen
};

static bool is_blank(uint8_t c) {
	return c == ' ' || c == '\t';
}

static bool is_digit(uint8_t c) {
	return c >= '0' && c <= '9';
}

static const uint8_t *skip_blanks(const uint8_t *p, const uint8_t *end) {
	while (p < end && is_blank(*p))
		p++;
	return p;
}

static const uint8_t *trim_blanks(const uint8_t *from, const uint8_t *to) {
	while (to > from && is_blank(to[-1]))
		to--;
	return to;
}

// With c->p at what should be a line end (CR LF, or LF alone), goes past it.
static inline int pass_line_end(struct cursor *c) {
	if (c->end - c->p >= 2 && c->p[0] == '\r' && c->p[1] == '\n') {
		c->p += 2;
		return 0;
	}
	if (c->p < c->end && *c->p == '\r')
		c->p++;
	if (c->p == c->end)
		return -EAGAIN;
	if (*c->p != '\n')
		return -EBADMSG;
	c->p++;
	return 0;
}

// The same for a line with a CR that ends nothing, or a NUL: real clients and servers take them for
// text, for white space or for a line end, and attackers live on the difference.
static __attribute__((noinline)) int take_odd_line(struct cursor *c, const uint8_t **ret_to) {
	const uint8_t *line_end = memchr(c->p, '\n', (size_t)(c->end - c->p));
	if (line_end == NULL)
		return -EAGAIN;
	c->is_odd = true;
	*ret_to = line_end > c->p && line_end[-1] == '\r' ? line_end - 1 : line_end;
	c->p = line_end + 1;
	return 0;
}

// Takes the rest of the line and its end; 'ret_to' is the end of its text.
static inline __attribute__((always_inline)) int
take_line(struct cursor *c, const uint8_t **ret_to) {
	const uint8_t *to = scan_line(c->p, c->end);
	c->p = to;
	int err = pass_line_end(c);
	if (err == -EBADMSG)
		return take_odd_line(c, ret_to);
	if (err == 0)
		*ret_to = to;
	return err;
}

static bool is_version(const uint8_t *p) {
	return memcmp(p, "HTTP/1.", 7) == 0 && is_digit(p[7]);
}

int head_request_version(struct slice line) {
	const uint8_t *to = trim_blanks(line.data, line.data + line.len);
	if (to - line.data < 9 || !is_version(to - 8) || !is_blank(to[-9]))
		return -1;
	return to[-1] - '0';
}

static int parse_request_line(struct cursor *c, struct head *head) {
	const uint8_t *from = c->p;
	const uint8_t *method_end = scan_token(c->p, c->end);
	if (method_end == c->end)
		return -EAGAIN;
	if (method_end == from || *method_end != ' ')
		return -EBADMSG;
	const uint8_t *to;
	c->p = method_end;
	int err = take_line(c, &to);
	if (err < 0)
		return err;
	to = trim_blanks(method_end, to);
	int version = head_request_version(slice_of(method_end, (size_t)(to - method_end)));
	if (version < 0)
		return -EBADMSG;
	const uint8_t *target = skip_blanks(method_end, to);
	const uint8_t *target_end = trim_blanks(target, to - 8);
	if (target_end == target)
		return -EBADMSG;
	head->version_minor = (uint8_t)version;
	head->method = slice_of(from, (size_t)(method_end - from));
	head->target = slice_of(target, (size_t)(target_end - target));
	return 0;
}

static int parse_status_line(struct cursor *c, struct head *head) {
	const uint8_t *from = c->p;
	const uint8_t *to;
	int err = take_line(c, &to);
	if (err < 0)
		return err;
	if (to - from < 12 || !is_version(from) || from[8] != ' ')
		return -EBADMSG;
	const uint8_t *status = skip_blanks(from + 8, to);
	if (to - status < 3 || status[0] == '0' || !is_digit(status[0]) || !is_digit(status[1])
	    || !is_digit(status[2]))
		return -EBADMSG;
	const uint8_t *reason = status + 3;
	if (reason < to && !is_blank(*reason))
		return -EBADMSG;
	reason = skip_blanks(reason, to);
	head->version_minor = (uint8_t)(from[7] - '0');
	head->status =
		(uint16_t)((status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0'));
	head->reason = slice_of(reason, (size_t)(trim_blanks(reason, to) - reason));
	return 0;
}

// Where the name on a line ends that does not go from token straight to colon: the blanks between
// name and colon are left out. NULL where the line is no field at all.
static const uint8_t *
odd_name_end(const uint8_t *from, const uint8_t *to, const uint8_t **ret_colon) {
	const uint8_t *colon = memchr(from, ':', (size_t)(to - from));
	if (colon == NULL)
		return NULL;
	const uint8_t *end = trim_blanks(from, colon);
	if (end == from)
		return NULL;
	*ret_colon = colon;
	return end;
}

// One field line. 'ret_field' is NULL after a line that is no field.
static inline int
parse_field(struct cursor *c, struct head *head, struct header_field **ret_field) {
	const uint8_t *from = c->p;
	const uint8_t *to;
	// The end of the line is looked for from its start, not from the end of the name, so that the
	// processor can do both at once.
	const uint8_t *name_end = scan_token(from, c->end);
	const uint8_t *colon = name_end;
	int err = take_line(c, &to);
	if (err < 0)
		return err;
	if (name_end == from || *name_end != ':')
		name_end = odd_name_end(from, to, &colon);
	*ret_field = NULL;
	if (name_end == NULL)
		return 0;
	if (head->n_fields == head->max_fields)
		return -E2BIG;
	const uint8_t *value = skip_blanks(colon + 1, to);
	to = trim_blanks(value, to);
	struct header_field *field = &head->fields[head->n_fields++];
	field->name_at = (uint16_t)(from - c->start);
	field->name_len = (uint16_t)(name_end - from);
	field->value_at = (uint16_t)(value - c->start);
	field->value_len = (uint16_t)(to - value);
	*ret_field = field;
	return 0;
}

// A line that begins with a blank continues the value before it (obs-fold, RFC 9112, section 5.2).
static int parse_fold(struct cursor *c, struct head *head, struct header_field *field) {
	const uint8_t *from = c->p;
	const uint8_t *to;
	int err = take_line(c, &to);
	if (err < 0 || field == NULL)
		return err;
	from = skip_blanks(from, to);
	to = trim_blanks(from, to);
	if (from == to)
		return 0;
	if (field->value_len == 0)
		field->value_at = (uint16_t)(from - c->start);
	field->value_len = (uint16_t)(to - c->start - field->value_at);
	head->has_fold = true;
	return 0;
}

// The empty line that ends a head; -EBADMSG where the line is another.
static int pass_empty_line(struct cursor *c) {
	const uint8_t *from = c->p;
	int err = *from == '\r' || *from == '\n' ? pass_line_end(c) : -EBADMSG;
	if (err < 0)
		c->p = from;
	return err;
}

static int parse_fields(struct cursor *c, struct head *head) {
	struct header_field *field = NULL;
	if (c->p < c->end && is_blank(*c->p))
		return -EBADMSG;
	for (;;) {
		head->start_and_fields = slice_of(c->start, (size_t)(c->p - c->start));
		if (c->p == c->end)
			return head->is_cut ? 0 : -EAGAIN;
		int err = pass_empty_line(c);
		if (err != -EBADMSG)
			return err;
		if (is_blank(*c->p))
			err = parse_fold(c, head, field);
		else
			err = parse_field(c, head, &field);
		if (err < 0)
			return err;
	}
}

// True where an empty line ends the head, looked for from 'from' on.
static bool has_end(struct slice bytes, size_t from) {
	const uint8_t *end = bytes.data + bytes.len;
	const uint8_t *p = bytes.data + (from > 3 ? from - 3 : 0);
	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p++;
		if (p < end && *p == '\r')
			p++;
		if (p < end && *p == '\n')
			return true;
	}
	return false;
}

int head_parse(struct slice bytes, size_t previous_len, struct head *head) {
	struct cursor c = {
		bytes.data, bytes.data, bytes.data + slice_first(bytes, HEAD_MAX_SIZE).len, false};
	int err = -EAGAIN;
	head->n_fields = 0;
	head->has_fold = false;
	if (previous_len == 0 || has_end(bytes, previous_len)) {
		err = head->is_response ? parse_status_line(&c, head)
					: parse_request_line(&c, head);
		if (err == 0)
			err = parse_fields(&c, head);
	}
	head->is_odd = c.is_odd;
	if (err == 0)
		return (int)(c.p - c.start);
	if (err == -EAGAIN && bytes.len >= HEAD_MAX_SIZE)
		return -E2BIG;
	return err;
}

bool head_field_is_folded(const struct head *head, size_t i) {
	const struct header_field *field = &head->fields[i];
	size_t from = (size_t)field->name_at + field->name_len;
	size_t to = (size_t)field->value_at + field->value_len;
	return head->has_fold
		&& memchr(head->start_and_fields.data + from, '\n', to - from) != NULL;
}
