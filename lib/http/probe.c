#include "reader.h"
#include "start.h"

static const char response_prefix[] = "HTTP/1.";
#define RESPONSE_PREFIX_LEN (sizeof(response_prefix) - 1)

void probe_resolve(struct reader *r) {
	r->stream->state = r->stream->after_probe;
	reader_replay(r);
}

// The request whose body was not wanted is followed by its body or by the next request.
static void request_read(struct reader *r) {
	size_t previous_len;
	struct slice bytes = reader_gather(r, &previous_len);
	enum start start = start_of_segment(bytes, previous_len);
	// A body as short as "P" may be followed by "GET ": the next byte must still fit.
	if (previous_len > 0 && start == START_REQUEST
	    && start_of_segment(slice_first(bytes, previous_len + 1), 0) == START_OTHER)
		start = START_OTHER;
	if (start == START_WAIT && reader_gather_wait(r) == 0)
		return;
	reader_gather_undo(r);
	if (start == START_REQUEST || start == START_WAIT)
		stream_message_done(r);
	else
		probe_resolve(r);
}

// A response whose request is not known has the body its fields announce, unless it answers a HEAD
// request: then the next response follows at once.
static void response_read(struct reader *r) {
	size_t previous_len;
	struct slice bytes = reader_gather(r, &previous_len);
	struct slice prefix = slice_first(bytes, RESPONSE_PREFIX_LEN);
	bool is_response = memcmp(prefix.data, response_prefix, prefix.len) == 0;
	if (is_response && prefix.len < RESPONSE_PREFIX_LEN && reader_gather_wait(r) == 0)
		return;
	reader_gather_undo(r);
	if (is_response && prefix.len == RESPONSE_PREFIX_LEN)
		stream_message_done(r);
	else
		probe_resolve(r);
}

void probe_read(struct reader *r) {
	if (r->stream->is_response)
		response_read(r);
	else if (r->stream->is_probed)
		request_read(r);
	else
		probe_resolve(r); // asked for, or sent unasked
}
