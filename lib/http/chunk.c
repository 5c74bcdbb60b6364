// Chunked transfer coding (RFC 9112, section 7.1), byte by byte where it is framing, so that a
// line that comes in pieces needs no memory.

#include "reader.h"

#define MAX_SIZE_DIGITS 16

static int hex_value(uint8_t c) {
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool may_follow_digits(uint8_t c) {
	return c == '\r' || c == '\n' || c == ';' || c == ' ' || c == '\t';
}

static void malformed(struct reader *r) {
	counters_inc(r->http->counters, COUNTER_HTTP_MALFORMED);
	stream_cut(r, TRACE_FLAG_AMBIGUOUS_FRAMING);
	stream_lose(r);
}

// A line end that is not CR LF, which some readers take for one and others do not (RFC 9112,
// sections 2.2, 7.1 and 11.2).
static void suspect(struct reader *r) {
	if (r->stream->message != NULL)
		r->stream->message->flags |= TRACE_FLAG_AMBIGUOUS_FRAMING;
}

static void size_line_done(struct http_stream *stream) {
	stream->line_len = 0;
	stream->state = stream->remaining > 0 ? HTTP_CHUNK_DATA : HTTP_TRAILERS;
}

static void after_digits(struct reader *r, uint8_t c) {
	struct http_stream *stream = r->stream;
	reader_take(r, 1);
	if (c == '\r') {
		stream->state = HTTP_CHUNK_SIZE_LF;
	} else if (c == '\n') {
		suspect(r);
		size_line_done(stream);
	} else {
		stream->is_after_cr = false;
		stream->state = HTTP_CHUNK_EXTENSION;
	}
}

static void read_size(struct reader *r) {
	struct http_stream *stream = r->stream;
	while (r->rest.len > 0) {
		uint8_t c = r->rest.data[0];
		int digit = hex_value(c);
		if (digit < 0 && stream->line_len > 0 && may_follow_digits(c)) {
			after_digits(r, c);
			return;
		}
		// The value itself is at most 2^63-1; what is over 15 digits must begin with zeros or 0-7.
		if (digit < 0 || stream->line_len == MAX_SIZE_DIGITS
		    || stream->remaining > INT64_MAX / 16) {
			malformed(r);
			return;
		}
		stream->remaining = stream->remaining * 16 + (uint64_t)digit;
		stream->line_len++;
		reader_take(r, 1);
	}
}

// Sees that LF comes behind CR, and nothing else does.
static void inspect_line(struct reader *r, struct slice bytes) {
	bool is_after_cr = r->stream->is_after_cr;
	bool is_odd = false;
	for (size_t i = 0; i < bytes.len; i++) {
		is_odd |= is_after_cr != (bytes.data[i] == '\n');
		is_after_cr = bytes.data[i] == '\r';
	}
	r->stream->is_after_cr = is_after_cr;
	if (is_odd)
		suspect(r);
}

// Goes past the LF that ends the line; false where it is not among the bytes at hand, or where
// lines of this kind have grown over the limit.
static bool pass_line(struct reader *r) {
	const uint8_t *line_feed = memchr(r->rest.data, '\n', r->rest.len);
	size_t len = line_feed == NULL ? r->rest.len : (size_t)(line_feed + 1 - r->rest.data);
	if (r->stream->line_len + len > r->http->limits.head_size) {
		malformed(r);
		return false;
	}
	r->stream->line_len += (uint32_t)len;
	inspect_line(r, slice_first(r->rest, len));
	reader_take(r, len);
	return line_feed != NULL;
}

static void read_extension(struct reader *r) {
	if (pass_line(r))
		size_line_done(r->stream);
}

static void read_data(struct reader *r) {
	struct slice bytes = slice_first(r->rest, r->stream->remaining);
	body_keep(r, bytes);
	reader_take(r, bytes.len);
	r->stream->remaining -= bytes.len;
	if (r->stream->remaining == 0)
		r->stream->state = HTTP_CHUNK_END;
}

// CR LF, or LF alone, which 'on_cr' awaits after the CR. True once it is read.
static bool read_line_end(struct reader *r, enum http_state on_cr) {
	uint8_t c = r->rest.data[0];
	if (c == '\n') {
		if (r->stream->state != on_cr)
			suspect(r);
		reader_take(r, 1);
		return true;
	}
	if (c != '\r' || r->stream->state == on_cr) {
		malformed(r);
		return false;
	}
	reader_take(r, 1);
	r->stream->state = (uint8_t)on_cr;
	return false;
}

static void trailers_done(struct reader *r) {
	if (r->stream->message != NULL)
		r->stream->message->last_ns = r->origin->time_ns;
	stream_message_done(r);
}

void chunk_read(struct reader *r) {
	struct http_stream *stream = r->stream;
	uint8_t c = r->rest.data[0];
	switch (stream->state) {
	case HTTP_CHUNK_SIZE:
		read_size(r);
		break;
	case HTTP_CHUNK_EXTENSION:
		read_extension(r);
		break;
	case HTTP_CHUNK_SIZE_LF:
		if (read_line_end(r, HTTP_CHUNK_SIZE_LF))
			size_line_done(stream);
		break;
	case HTTP_CHUNK_DATA:
		read_data(r);
		break;
	case HTTP_CHUNK_END:
	case HTTP_CHUNK_END_LF:
		if (read_line_end(r, HTTP_CHUNK_END_LF))
			stream->state = HTTP_CHUNK_SIZE;
		break;
	case HTTP_TRAILERS:
		stream->is_after_cr = false;
		if (c != '\r' && c != '\n')
			stream->state = HTTP_TRAILER_LINE;
		else if (read_line_end(r, HTTP_TRAILERS_LF))
			trailers_done(r);
		break;
	case HTTP_TRAILERS_LF:
		if (read_line_end(r, HTTP_TRAILERS_LF))
			trailers_done(r);
		break;
	default: // HTTP_TRAILER_LINE
		if (pass_line(r))
			stream->state = HTTP_TRAILERS;
		break;
	}
}
