#include "head.h"

#include "scan.h"

#include <errno.h>

struct cursor {
	const uint8_t *start, *p, *end;
	bool is_odd; // see head->is_odd
	bool has_bare_line_feed;
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

static const uint8_t *skip_controls(const uint8_t *p, const uint8_t *end) {
	while (p < end && *p <= ' ')
		p++;
	return p;
}

// The same as take_line(), from a CR or NUL on that does not end a line at once.
static __attribute__((noinline)) int take_odd_line(struct cursor *c, const uint8_t **ret_to) {
	const uint8_t *line_feed = memchr(c->p, '\n', (size_t)(c->end - c->p));
	if (line_feed == NULL)
		return -EAGAIN;
	const uint8_t *to = line_feed > c->p && line_feed[-1] == '\r' ? line_feed - 1 : line_feed;
	c->is_odd |= to > c->p;
	c->has_bare_line_feed |= to == line_feed;
	c->p = line_feed + 1;
	*ret_to = to;
	return 0;
}

// Takes the rest of the line and its end, CR LF or LF alone; 'ret_to' is the end of its text.
static inline __attribute__((always_inline)) int
take_line(struct cursor *c, const uint8_t **ret_to) {
	const uint8_t *to = scan_line(c->p, c->end);
	c->p = to;
	if (c->end - to < 2 || to[0] != '\r' || to[1] != '\n')
		return take_odd_line(c, ret_to);
	c->p = to + 2;
	*ret_to = to;
	return 0;
}

// The same for the first line, which the end of a head that is cut may end too.
static int take_start_line(struct cursor *c, bool is_cut, const uint8_t **ret_to) {
	int err = take_line(c, ret_to);
	if (err != -EAGAIN || !is_cut)
		return err;
	c->p = c->end;
	*ret_to = c->end;
	return 0;
}

// "HTTP/", letter case put aside.
static bool is_http(const uint8_t *p) {
	static const uint8_t lower[] = "http/";
	for (size_t i = 0; i < 5; i++) {
		if ((p[i] | (i < 4 ? 0x20 : 0)) != lower[i])
			return false;
	}
	return true;
}

static bool is_http_1(const uint8_t *p) {
	return is_http(p) && p[5] == '1' && p[6] == '.';
}

static const uint8_t *trim_digits(const uint8_t *from, const uint8_t *to) {
	while (to > from && is_digit(to[-1]))
		to--;
	return to;
}

// Servers take versions such as "HTTP/1.10", answer, and go on with the next request: so must this.
bool head_request_version(struct slice line, struct head_version *ret) {
	const uint8_t *to = trim_blanks(line.data, line.data + line.len);
	const uint8_t *minor = trim_digits(line.data, to);
	if (minor - line.data < 8 || to - minor > 2 || minor[-1] != '.' || minor[-2] != '1')
		return false;
	const uint8_t *major = minor - (minor[-3] == '0' ? 3 : 2);
	if (major - line.data < 6 || !is_http(major - 5) || !is_blank(major[-6]))
		return false;
	ret->at = (size_t)(major - 5 - line.data);
	ret->is_odd = to - minor == 2 || minor - major == 3;
	ret->minor = to > minor ? (uint8_t)(to[-1] - '0') : 0;
	if (to - minor == 2 && minor[0] != '0')
		ret->minor = 1;
	return true;
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
	int err = take_start_line(c, head->is_cut, &to);
	if (err < 0)
		return err;
	struct head_version version;
	if (!head_request_version(slice_of(method_end, (size_t)(to - method_end)), &version))
		return -EBADMSG;
	const uint8_t *version_at = method_end + version.at;
	const uint8_t *target = skip_blanks(method_end, version_at);
	const uint8_t *target_end = trim_blanks(target, version_at);
	if (target_end == target)
		return -EBADMSG;
	c->is_odd |= version.is_odd;
	head->version_minor = version.minor;
	head->method = slice_of(from, (size_t)(method_end - from));
	head->target = slice_of(target, (size_t)(target_end - target));
	return 0;
}

// "HTTP/1.1" of a status line; HTTP/0.9 is taken for 1.0, as clients do.
static bool parse_response_version(const uint8_t *p, uint8_t *ret_minor) {
	uint8_t version[8];
	memcpy(version, p, sizeof(version));
	bool is_0 = version[5] == '0';
	if (is_0)
		version[5] = '1';
	if (!is_http_1(version) || !is_digit(version[7]))
		return false;
	*ret_minor = is_0 ? 0 : (uint8_t)(version[7] - '0');
	return true;
}

static int parse_status_line(struct cursor *c, struct head *head) {
	const uint8_t *from = c->p;
	const uint8_t *to;
	int err = take_start_line(c, head->is_cut, &to);
	if (err < 0)
		return err;
	if (to - from < 12 || !parse_response_version(from, &head->version_minor) || from[8] > ' ')
		return -EBADMSG;
	const uint8_t *status = skip_controls(from + 8, to);
	if (to - status < 3 || status[0] == '0' || !is_digit(status[0]) || !is_digit(status[1])
	    || !is_digit(status[2]))
		return -EBADMSG;
	const uint8_t *reason = status + 3;
	if (reason<to && * reason> ' ')
		return -EBADMSG;
	reason = skip_controls(reason, to);
	head->status =
		(uint16_t)((status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0'));
	head->reason = slice_of(reason, (size_t)(trim_blanks(reason, to) - reason));
	return 0;
}

// Where the name on a line ends that does not go from token straight to colon: the blanks between
// name and colon are left out. NULL where the line is no field at all. Some readers strip controls
// and what is not ASCII from a name, and then see another field (RFC 9112, sections 5 and 11.2).
static const uint8_t *
odd_name_end(struct cursor *c, const uint8_t *from, const uint8_t *to, const uint8_t **ret_colon) {
	const uint8_t *colon = memchr(from, ':', (size_t)(to - from));
	if (colon == NULL)
		return NULL;
	const uint8_t *end = trim_blanks(from, colon);
	if (end == from)
		return NULL;
	for (const uint8_t *p = from; p < end; p++)
		c->is_odd |= *p < ' ' || *p > '~';
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
		name_end = odd_name_end(c, from, to, &colon);
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

// A line that begins with a blank continues the value before it (obs-fold, RFC 9112, section 5.2);
// before the first field it is passed over (section 2.2), which not everyone does.
static int parse_fold(struct cursor *c, struct head *head, struct header_field *field) {
	const uint8_t *from = c->p;
	const uint8_t *to;
	int err = take_line(c, &to);
	if (err < 0)
		return err;
	if (field == NULL) {
		c->is_odd = true;
		return 0;
	}
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

// One line after the first. 1 where it is the empty line that ends the head.
static int parse_line(struct cursor *c, struct head *head, struct header_field **field) {
	size_t len = (size_t)(c->end - c->p);
	if (len == 0 || (len == 1 && *c->p == '\r'))
		return -EAGAIN;
	if (c->p[0] > '\r' && c->p[0] != ' ')
		return parse_field(c, head, field);
	if (c->p[0] == '\n' || (c->p[0] == '\r' && c->p[1] == '\n'))
		return 1;
	// A CR that ends no line counts as a space (RFC 9112, section 2.2).
	if (is_blank(c->p[0]) || c->p[0] == '\r')
		return parse_fold(c, head, *field);
	return parse_field(c, head, field);
}

static int parse_fields(struct cursor *c, struct head *head) {
	struct header_field *field = NULL;
	int err = 0;
	while (err == 0) {
		head->start_and_fields.len = (size_t)(c->p - c->start);
		err = parse_line(c, head, &field);
	}
	if (err == -EAGAIN && head->is_cut) {
		c->p = c->end;
		return 0;
	}
	if (err < 0)
		return err;
	c->has_bare_line_feed |= c->p[0] == '\n';
	c->p += c->p[0] == '\r' ? 2 : 1;
	return 0;
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

// Senders end all lines of a head in the same way. Of two ways, a reader that knows but one sees
// other lines (RFC 9112, sections 2.2 and 11.2).
static __attribute__((noinline)) bool are_line_ends_mixed(const struct cursor *c) {
	return memmem(c->start, (size_t)(c->p - c->start), "\r\n", 2) != NULL;
}

int head_parse(struct slice bytes, size_t previous_len, struct head *head) {
	struct cursor c = {
		.start = bytes.data,
		.p = bytes.data,
		.end = bytes.data + slice_first(bytes, HEAD_MAX_SIZE).len,
	};
	int err = -EAGAIN;
	head->n_fields = 0;
	head->has_fold = false;
	head->start_and_fields = slice_of(bytes.data, 0);
	if (previous_len == 0 || has_end(bytes, previous_len)) {
		err = head->is_response ? parse_status_line(&c, head)
					: parse_request_line(&c, head);
		if (err == 0)
			err = parse_fields(&c, head);
	}
	head->is_odd = c.is_odd || (c.has_bare_line_feed && are_line_ends_mixed(&c));
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
