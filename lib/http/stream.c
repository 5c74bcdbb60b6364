#include "framing.h"
#include "pair.h"
#include "reader.h"

#include <ctype.h>
#include <errno.h>

void stream_note_loss(struct reader *r, uint32_t flag) {
	r->stream->is_after_loss = true;
	r->stream->next_flags |= flag & HTTP_HOLE_FLAGS;
	r->conn->lost_flags |= (uint8_t)flag;
	r->conn->unproven_flags |= (uint8_t)flag;
}

void stream_lose(struct reader *r) {
	counters_inc(r->http->counters, COUNTER_HTTP_RESYNCS);
	search_begin(r);
}

void stream_yield(struct reader *r) {
	if (r->stream->state == HTTP_BODY_PROBE) // what waits begins as a head does
		stream_cut(r, r->stream->next_flags);
	if (r->stream->state == HTTP_HEAD)
		http_count_lost(r->http);
	stream_lose(r);
}

void stream_message_done(struct reader *r) {
	struct message *m = r->stream->message;
	r->stream->message = NULL;
	r->stream->state = HTTP_HEAD;
	if (m != NULL)
		pair_message_done(r->http, r->conn, m);
}

void stream_cut(struct reader *r, uint32_t flags) {
	if (r->stream->message != NULL)
		r->stream->message->flags |= flags;
	stream_message_done(r);
}

void stream_head_lost(struct reader *r, int err) {
	if (err == -EBADMSG)
		counters_inc(r->http->counters, COUNTER_HTTP_MALFORMED);
	else if (err == -E2BIG)
		counters_inc(r->http->counters, COUNTER_HTTP_HEAD_TOO_LARGE);
	else
		http_count_lost(r->http);
	stream_lose(r);
}

static struct slice rebase(const struct message *m, const struct head *head, struct slice s) {
	return slice_of(m->head.data + (s.data - head->start_and_fields.data), s.len);
}

// A line end within a value, and the white space after it, become spaces, as RFC 9112, section 5.2,
// has it.
static void unfold(const struct message *m, uint8_t *text) {
	for (size_t i = 0; i < m->n_fields; i++) {
		uint8_t *value = text + m->fields[i].value_at;
		bool is_in_fold = false;
		for (size_t k = 0; k < m->fields[i].value_len; k++) {
			bool is_line_end = value[k] == '\r' || value[k] == '\n';
			is_in_fold = is_line_end
				|| (is_in_fold && (value[k] == ' ' || value[k] == '\t'));
			if (is_in_fold)
				value[k] = ' ';
		}
	}
}

static size_t scheme_len(struct slice target) {
	size_t len = 0;
	while (len < target.len) {
		uint8_t c = target.data[len];
		if (!isalnum(c) && c != '+' && c != '-' && c != '.')
			break;
		len++;
	}
	return len;
}

static size_t authority_len(struct slice rest) {
	size_t len = 0;
	while (len < rest.len && rest.data[len] != '/' && rest.data[len] != '?'
	       && rest.data[len] != '#')
		len++;
	return len;
}

// The authority: of an absolute-form target ("http://user@host:80/path") or a CONNECT target, else
// what the Host field says (RFC 9112, section 3.2).
static struct slice find_host(const struct message *m) {
	struct slice host = {0};
	if (slice_equals(m->method, "CONNECT"))
		return m->target;
	struct slice rest = slice_from(m->target, scheme_len(m->target));
	if (rest.len < 3 || rest.len == m->target.len || memcmp(rest.data, "://", 3) != 0) {
		(void)message_find_field(m, "host", &host);
		return host;
	}
	host = slice_from(rest, 3);
	host.len = authority_len(host);
	const uint8_t *at = memrchr(host.data, '@', host.len);
	return at == NULL ? host : slice_from(host, (size_t)(at + 1 - host.data));
}

static int store_head(struct reader *r, struct message *m, const struct head *head) {
	struct slice text = head->start_and_fields;
	int err = message_store_head(r->http->pool, m, text, head->fields, head->n_fields);
	if (err != -ENOBUFS)
		return err;
	if (reader_make_room(r, message_head_size(text.len, head->n_fields)))
		err = message_store_head(r->http->pool, m, text, head->fields, head->n_fields);
	return err;
}

// NULL, and a trace counted as lost, where there is no memory for it.
static struct message *
message_make(struct reader *r, const struct head *head, const struct reader_place *place) {
	struct message *m = message_alloc(r->http->pool);
	if (m != NULL && store_head(r, m, head) < 0) {
		message_free(r->http->pool, m);
		m = NULL;
	}
	if (m == NULL) {
		http_count_lost(r->http);
		return NULL;
	}
	m->key = *r->origin->key;
	m->is_response = head->is_response;
	m->client_side = head->is_response ? 1 - r->side : r->side;
	m->version_minor = head->version_minor;
	m->vni = place->vni;
	m->seq_first = place->seq;
	m->ack_first = place->ack;
	m->first_ns = place->time_ns;
	m->last_ns = r->origin->time_ns;
	m->flags |= r->stream->next_flags;
	if (r->stream->is_midstream)
		m->flags |= TRACE_FLAG_MIDSTREAM;
	if (head->has_fold)
		unfold(m, m->large_head != NULL ? m->large_head : m->room);
	return m;
}

static struct framing
request_begins(struct reader *r, const struct head *head, const struct reader_place *place) {
	struct framing framing = framing_of_request(head);
	counters_inc(r->http->counters, COUNTER_HTTP_REQUESTS);
	struct message *m = message_make(r, head, place);
	r->stream->message = m;
	r->stream->is_probed = false;
	if (m == NULL) {
		pair_request_unkept(r->http, r->conn, r->side, r->origin->ack);
		return framing;
	}
	m->method = rebase(m, head, head->method);
	m->target = rebase(m, head, head->target);
	m->host = find_host(m);
	pair_request_begins(r->http, r->conn, m);
	return framing;
}

static struct framing
response_begins(struct reader *r, const struct head *head, const struct reader_place *place) {
	struct http_stream *stream = r->stream;
	uint32_t seq = stream->n_interim > 0 ? stream->seq_interim : place->seq;
	struct message *request = pair_find_request(r->http, r->conn, seq, place->ack);
	struct slice method = request == NULL ? (struct slice) {0} : request->method;
	struct framing framing = framing_of_response(head, method);
	counters_inc(r->http->counters, COUNTER_HTTP_RESPONSES);
	struct message *m = message_make(r, head, place);
	stream->message = m;
	if (m != NULL) {
		m->status = head->status;
		m->reason = rebase(m, head, head->reason);
		m->n_interim = stream->n_interim;
	}
	pair_response_begins(r->http, r->conn, m, request);
	// Where nothing was said of going on, the client may leave the body out.
	if (!stream->has_continue && pair_is_all_answered(r->conn))
		reader_other_stream(r)->is_probed = true;
	stream->n_interim = 0;
	stream->has_continue = false;
	stream->is_probed = request == NULL;
	return framing;
}

static void
interim_response(struct reader *r, const struct head *head, const struct reader_place *place) {
	counters_inc(r->http->counters, COUNTER_HTTP_INTERIM);
	if (r->stream->n_interim == 0)
		r->stream->seq_interim = place->seq;
	if (r->stream->n_interim < HTTP_INTERIM_MAX)
		r->stream->n_interim++;
	if (head->status != 100)
		return;
	r->stream->has_continue = true;
	reader_other_stream(r)->is_probed = false;
}

static void leave_for_tunnel(struct reader *r) {
	stream_cut(r, TRACE_FLAG_UPGRADED);
	http_close(r->http, r->conn, 0, r->origin->key);
	search_give_up(r->http, r->conn, HTTP_TUNNEL);
}

static void ambiguous(struct reader *r, const struct framing *framing) {
	if (framing->is_malformed)
		counters_inc(r->http->counters, COUNTER_HTTP_MALFORMED);
	stream_message_done(r);
	stream_lose(r);
}

static void body_begins(struct reader *r, const struct framing *framing) {
	static const uint8_t states[] = {
		[FRAMING_LENGTH] = HTTP_BODY_LENGTH,
		[FRAMING_CHUNKED] = HTTP_CHUNK_SIZE,
		[FRAMING_UNTIL_CLOSE] = HTTP_BODY_UNTIL_CLOSE,
	};
	struct http_stream *stream = r->stream;
	if (stream->message != NULL && framing->is_suspicious)
		stream->message->flags |= TRACE_FLAG_AMBIGUOUS_FRAMING;
	switch (framing->kind) {
	case FRAMING_NONE:
		stream_message_done(r);
		break;
	case FRAMING_AMBIGUOUS:
		ambiguous(r, framing);
		break;
	case FRAMING_TUNNEL:
		leave_for_tunnel(r);
		break;
	case FRAMING_LENGTH:
	case FRAMING_CHUNKED:
	case FRAMING_UNTIL_CLOSE:
		stream->remaining = framing->length;
		stream->line_len = 0;
		stream->state = states[framing->kind];
		if (stream->is_response ? stream->is_probed : framing->is_on_demand) {
			stream->after_probe = stream->state & 0xfu;
			stream->state = HTTP_BODY_PROBE;
		}
		break;
	}
}

// False where it is an interim response, which leaves no trace of its own.
static bool
message_begins(struct reader *r, const struct head *head, size_t len, struct framing *ret_framing) {
	struct reader_place place = reader_place(r);
	bool is_interim = head->is_response && head->status < 200 && head->status != 101;
	if (is_interim) {
		interim_response(r, head, &place);
	} else {
		pair_make_room(r->http, r->conn, r->origin->time_ns);
		*ret_framing = head->is_response ? response_begins(r, head, &place)
						 : request_begins(r, head, &place);
		r->stream->has_begun = true;
		r->stream->is_midstream = false;
		r->stream->is_after_loss = false;
		r->stream->next_flags = 0;
	}
	reader_gather_take(r, len);
	return !is_interim;
}

static struct head head_for(const struct reader *r) {
	uint16_t n_fields = r->http->limits.n_fields;
	struct head head;
	head.fields = r->http->fields;
	head.max_fields = n_fields < HTTP_MAX_FIELDS ? n_fields : HTTP_MAX_FIELDS;
	head.is_response = r->stream->is_response;
	head.is_cut = false;
	return head;
}

// Some senders end a message with a line end too many; before a status line clients accept even
// more.
static void skip_before_head(struct reader *r) {
	size_t len = 0;
	while (len < r->rest.len) {
		uint8_t c = r->rest.data[len];
		if (r->stream->is_response ? c > ' ' : c != '\r' && c != '\n')
			break;
		len++;
	}
	reader_take(r, len);
}

static void head_read(struct reader *r) {
	if (r->stream->pending == NULL)
		skip_before_head(r);
	if (r->rest.len == 0)
		return;
	size_t previous_len;
	struct slice bytes = reader_gather(r, &previous_len);
	struct head head = head_for(r);
	struct framing framing;
	int len = head_parse(bytes, previous_len, &head);
	if (len > 0) {
		if (message_begins(r, &head, (size_t)len, &framing))
			body_begins(r, &framing);
		return;
	}
	if (len == -EAGAIN)
		len = reader_gather_wait(r);
	if (len < 0)
		stream_head_lost(r, len);
}

void stream_cut_head(struct reader *r, uint32_t flags) {
	if (r->stream->state != HTTP_HEAD || r->stream->pending == NULL)
		return;
	size_t previous_len;
	struct slice bytes = reader_gather(r, &previous_len);
	struct head head = head_for(r);
	struct framing framing;
	head.is_cut = true;
	int len = head_parse(bytes, 0, &head);
	if (len > 0 && message_begins(r, &head, bytes.len, &framing))
		stream_cut(r, flags);
}

void stream_step(struct reader *r) {
	switch ((enum http_state)r->stream->state) {
	case HTTP_START:
		search_start(r);
		break;
	case HTTP_HEAD:
		head_read(r);
		break;
	case HTTP_BODY_LENGTH:
	case HTTP_BODY_UNTIL_CLOSE:
		body_read(r);
		break;
	case HTTP_BODY_PROBE:
		probe_read(r);
		break;
	case HTTP_CHUNK_SIZE:
	case HTTP_CHUNK_EXTENSION:
	case HTTP_CHUNK_SIZE_LF:
	case HTTP_CHUNK_DATA:
	case HTTP_CHUNK_END:
	case HTTP_CHUNK_END_LF:
	case HTTP_TRAILERS:
	case HTTP_TRAILERS_LF:
	case HTTP_TRAILER_LINE:
		chunk_read(r);
		break;
	case HTTP_RESYNC:
		search_next(r);
		break;
	case HTTP_IGNORE:
		reader_take(r, r->rest.len);
		break;
	}
}
