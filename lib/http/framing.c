#include "framing.h"

// What the framing fields of a head say, taken together.
struct claims {
	uint32_t n_lengths; // Content-Length values, in fields and lists
	bool is_length_bad, do_lengths_differ;
	uint64_t length;

	uint32_t n_codings; // transfer codings other than identity
	uint32_t n_chunked;
	bool is_last_chunked;
	bool is_last_known; // a coding of the registry

	bool is_odd; // white space, folding or repetition where careful senders have none
};

static bool is_blank(uint8_t c) {
	return c == ' ' || c == '\t';
}

static bool is_blank_or_line_end(uint8_t c) {
	return is_blank(c) || c == '\r' || c == '\n';
}

static struct slice trim(struct slice s) {
	while (s.len > 0 && is_blank_or_line_end(s.data[0]))
		s = slice_from(s, 1);
	while (s.len > 0 && is_blank_or_line_end(s.data[s.len - 1]))
		s.len--;
	return s;
}

// Cuts the next element off a comma-separated list; false at its end.
static bool next_element(struct slice *list, struct slice *ret) {
	if (list->data == NULL)
		return false;
	const uint8_t *comma = list->len == 0 ? NULL : memchr(list->data, ',', list->len);
	if (comma == NULL) {
		*ret = *list;
		*list = (struct slice) {0};
	} else {
		*ret = slice_of(list->data, (size_t)(comma - list->data));
		*list = slice_from(*list, ret->len + 1);
	}
	return true;
}

// Digits only, at most 2^63-1.
static bool parse_length(struct slice digits, uint64_t *ret) {
	uint64_t value = 0;
	if (digits.len == 0)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		uint8_t c = digits.data[i];
		if (c < '0' || c > '9' || value > INT64_MAX / 10)
			return false;
		value = value * 10 + (uint64_t)(c - '0');
	}
	if (value > INT64_MAX)
		return false;
	*ret = value;
	return true;
}

static void claim_length(struct claims *claims, struct slice value) {
	struct slice element;
	while (next_element(&value, &element)) {
		uint64_t length;
		// Equal ones may be taken for one, or refused (RFC 9112, section 6.3).
		claims->is_odd |= claims->n_lengths > 0;
		if (!parse_length(trim(element), &length))
			claims->is_length_bad = true;
		else if (claims->n_lengths++ > 0 && length != claims->length)
			claims->do_lengths_differ = true;
		else
			claims->length = length;
	}
}

static void claim_codings(struct claims *claims, struct slice value) {
	struct slice element;
	while (next_element(&value, &element)) {
		struct slice coding = trim(element);
		if (memchr(element.data, '\t', element.len) != NULL)
			claims->is_odd = true;
		// The name that HTTP/1.0 times had for none (RFC 2616, section 3.6); empty elements of a
		// list count for nothing either (RFC 9110, section 5.6.1).
		if (coding.len == 0 || slice_equals_nocase(coding, "identity"))
			continue;
		claims->n_codings++;
		claims->is_last_chunked = slice_equals_nocase(coding, "chunked");
		claims->n_chunked += claims->is_last_chunked;
		claims->is_last_known = claims->is_last_chunked
			|| slice_equals_nocase(coding, "gzip")
			|| slice_equals_nocase(coding, "x-gzip")
			|| slice_equals_nocase(coding, "deflate")
			|| slice_equals_nocase(coding, "compress");
	}
}

static void claim_field(struct claims *claims, const struct head *head, size_t i, bool is_length) {
	const struct header_field *field = &head->fields[i];
	const uint8_t *start = head->start_and_fields.data;
	struct slice value = slice_of(start + field->value_at, field->value_len);
	if (start[field->name_at + field->name_len] != ':' || head_field_is_folded(head, i))
		claims->is_odd = true;
	if (is_length)
		claim_length(claims, value);
	else
		claim_codings(claims, value);
}

static uint64_t load_8(const void *p) {
	uint64_t value;
	memcpy(&value, p, sizeof(value));
	return value;
}

// True where field 'i' has the name 'lower' of 'len' letters and hyphens, at least 8. The bit that
// puts letter case aside makes no two other characters of names equal.
static bool is_field(const struct head *head, size_t i, const char *lower, size_t len) {
	const uint64_t case_bits = 0x2020202020202020;
	const uint8_t *name = head->start_and_fields.data + head->fields[i].name_at;
	if (head->fields[i].name_len != len)
		return false;
	for (size_t at = 0; at < len - 8; at += 8) {
		if ((load_8(name + at) | case_bits) != load_8(lower + at))
			return false;
	}
	return (load_8(name + len - 8) | case_bits) == load_8(lower + len - 8);
}

static struct claims read_claims(const struct head *head) {
	struct claims claims = {.is_odd = head->is_odd};
	bool has_codings_field = false;
	for (size_t i = 0; i < head->n_fields; i++) {
		if (is_field(head, i, "content-length", 14)) {
			claim_field(&claims, head, i, true);
		} else if (is_field(head, i, "transfer-encoding", 17)) {
			claims.is_odd |= has_codings_field;
			has_codings_field = true;
			claim_field(&claims, head, i, false);
		}
	}
	// Transfer codings came with HTTP/1.1; a sender or a hop that speaks 1.0 may not see them.
	if (has_codings_field && head->version_minor == 0)
		claims.is_odd = true;
	if (has_codings_field && (claims.n_lengths > 0 || claims.is_length_bad))
		claims.is_odd = true;
	return claims;
}

// The length or the end that the fields give; 'otherwise' where they give none.
static struct framing framing_of_claims(const struct claims *claims, enum framing_kind otherwise) {
	struct framing framing = {.kind = otherwise, .is_suspicious = claims->is_odd};
	if (claims->n_codings > 0) {
		if (claims->n_chunked > 1 || claims->is_last_chunked != (claims->n_chunked == 1))
			framing.is_suspicious = true;
		framing.kind = claims->is_last_chunked ? FRAMING_CHUNKED : FRAMING_AMBIGUOUS;
	} else if (claims->is_length_bad || claims->do_lengths_differ) {
		framing.kind = FRAMING_AMBIGUOUS;
		framing.is_malformed = claims->is_length_bad;
	} else if (claims->n_lengths > 0) {
		framing.length = claims->length;
		framing.kind = claims->length > 0 ? FRAMING_LENGTH : FRAMING_NONE;
	}
	if (framing.kind == FRAMING_AMBIGUOUS)
		framing.is_suspicious = true;
	return framing;
}

// RFC 9110, section 10.1.1.
static bool expects_continue(const struct head *head) {
	const uint8_t *start = head->start_and_fields.data;
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct header_field *field = &head->fields[i];
		struct slice name = slice_of(start + field->name_at, field->name_len);
		struct slice value = slice_of(start + field->value_at, field->value_len);
		if (slice_equals_nocase(name, "expect"))
			return slice_equals_nocase(value, "100-continue");
	}
	return false;
}

struct framing framing_of_request(const struct head *head) {
	struct claims claims = read_claims(head);
	struct framing framing = framing_of_claims(&claims, FRAMING_NONE);
	if (framing.kind != FRAMING_NONE)
		framing.is_on_demand = expects_continue(head);
	return framing;
}

struct framing framing_of_response(const struct head *head, struct slice request_method) {
	if (head->status == 101)
		return (struct framing) {.kind = FRAMING_TUNNEL};
	if (slice_equals(request_method, "CONNECT") && head->status / 100 == 2)
		return (struct framing) {.kind = FRAMING_TUNNEL};
	if (head->status < 200 || head->status == 204 || head->status == 304
	    || slice_equals(request_method, "HEAD"))
		return (struct framing) {.kind = FRAMING_NONE};
	struct claims claims = read_claims(head);
	struct framing framing = framing_of_claims(&claims, FRAMING_UNTIL_CLOSE);
	// A response whose last coding is not chunked ends with the connection; a coding that nobody
	// registered may be a chunked in disguise.
	if (claims.n_codings > 0 && !claims.is_last_chunked) {
		framing.kind = FRAMING_UNTIL_CLOSE;
		framing.is_suspicious =
			claims.is_odd || !claims.is_last_known || claims.n_chunked > 0;
	}
	return framing;
}
