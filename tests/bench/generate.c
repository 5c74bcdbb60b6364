// Writes the benchmark's captures: keep-alive HTTP/1.1 API traffic as an AWS mirror delivers it.
//
//   generate s|b FILE [FLOWS]
//
// s: 40,000 flows of 20 transactions with JSON answers of about 400 bytes.
// b: 20,000 flows of 10 transactions with JSON answers of about 8 KB.
//
// Some thousand flows are open at any time. Each has a time at which it does its next thing; the
// earliest is always on top of a heap, so packets of all of them interleave as on a real link.

#include "content.h"
#include "rng.h"
#include "wire.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	N_OPEN = 4096
};

struct workload {
	const char *name;
	uint32_t n_flows, n_pairs, body_size, body_spread;
	uint32_t ack_every; // segments of a response that the client acknowledges at once
	bool has_request_ack; // the server acknowledges a request before it answers
};

static const struct workload workloads[] = {
	{"s", 40000, 20, 378, 100, 1, true},
	{"b", 20000, 10, 7850, 480, 3, false},
};

enum step {
	STEP_SYN,
	STEP_SYN_ACK,
	STEP_OPEN,
	STEP_REQUEST,
	STEP_REQUEST_ACK,
	STEP_RESPONSE,
	STEP_ACK,
	STEP_FIN,
	STEP_FIN_ACK,
	STEP_LAST,
	STEP_DONE
};

struct flow {
	uint64_t next_ns;
	uint32_t number, nth;
	enum step step;
	uint32_t n_unacked; // segments of the response since the last acknowledgement
	size_t message_at, message_len; // how much of the response was sent
	char *message;
	struct endpoint client, server;
	struct tunnel tunnel;
};

struct generator {
	const struct workload *workload;
	struct rng rng;
	struct content *content;
	struct capture capture;
	uint32_t n_started;
	uint32_t n_heap;
	struct flow *heap[N_OPEN];
};

static void flow_start(struct generator *g, struct flow *f, uint64_t now_ns) {
	const uint32_t number = g->n_started++;
	const uint32_t source = number % 16;
	char *message = f->message;
	*f = (struct flow) {
		.next_ns = now_ns,
		.number = number,
		.message = message,
		.client =
			{0x0a000000 + 0x10000 + number / 3,
			 (uint16_t)(32768 + number % 28000),
			 (uint32_t)rng_next(&g->rng),
			 1},
		.server =
			{0x0a640000 + number % 40,
			 number % 4 == 2 ? 8080 : 80,
			 (uint32_t)rng_next(&g->rng),
			 1},
		.tunnel =
			{0x0ac80000 + source,
			 0x0ac8ff01,
			 (uint16_t)rng_between(&g->rng, 49152, 65536),
			 5569041 + source},
	};
}

static void flow_send(struct generator *g, struct flow *f, bool is_client, struct segment s) {
	struct endpoint *from = is_client ? &f->client : &f->server;
	const struct endpoint *to = is_client ? &f->server : &f->client;
	capture_segment(&g->capture, f->next_ns, &f->tunnel, from, to, &s);
}

static void flow_send_flags(struct generator *g, struct flow *f, bool is_client, uint8_t flags) {
	flow_send(g, f, is_client, (struct segment) {"", 0, flags});
}

static void request_send(struct generator *g, struct flow *f) {
	char text[CONTENT_MAX];
	const size_t len = content_request(g->content, &g->rng, f->number, f->nth, text);
	flow_send(g, f, true, (struct segment) {text, len, TCP_PSH | TCP_ACK});
	f->message_len = content_response(g->content, &g->rng, f->number, f->nth, f->message);
	f->message_at = 0;
	f->n_unacked = 0;
}

// Sends one segment of the response; the step that follows it.
static enum step response_send(struct generator *g, struct flow *f) {
	const size_t left = f->message_len - f->message_at;
	const size_t len = left < SEGMENT_MAX ? left : SEGMENT_MAX;
	const uint8_t push = len == left ? TCP_PSH : 0;
	flow_send(g, f, false, (struct segment) {f->message + f->message_at, len, TCP_ACK | push});
	f->message_at += len;
	f->n_unacked++;
	return len == left || f->n_unacked == g->workload->ack_every ? STEP_ACK : STEP_RESPONSE;
}

static enum step ack_send(struct generator *g, struct flow *f) {
	flow_send_flags(g, f, true, TCP_ACK);
	f->n_unacked = 0;
	if (f->message_at < f->message_len)
		return STEP_RESPONSE;
	return ++f->nth < g->workload->n_pairs ? STEP_REQUEST : STEP_FIN;
}

// Sends the flow's next packet and sets what comes after it.
static void flow_step(struct generator *g, struct flow *f) {
	switch (f->step) {
	case STEP_SYN:
		flow_send_flags(g, f, true, TCP_SYN);
		f->step = STEP_SYN_ACK;
		break;
	case STEP_SYN_ACK:
		flow_send_flags(g, f, false, TCP_SYN | TCP_ACK);
		f->step = STEP_OPEN;
		break;
	case STEP_OPEN:
		flow_send_flags(g, f, true, TCP_ACK);
		f->step = STEP_REQUEST;
		break;
	case STEP_REQUEST:
		request_send(g, f);
		f->step = g->workload->has_request_ack ? STEP_REQUEST_ACK : STEP_RESPONSE;
		break;
	case STEP_REQUEST_ACK:
		flow_send_flags(g, f, false, TCP_ACK);
		f->step = STEP_RESPONSE;
		break;
	case STEP_RESPONSE:
		f->step = response_send(g, f);
		break;
	case STEP_ACK:
		f->step = ack_send(g, f);
		break;
	case STEP_FIN:
		flow_send_flags(g, f, true, TCP_FIN | TCP_ACK);
		f->step = STEP_FIN_ACK;
		break;
	case STEP_FIN_ACK:
		flow_send_flags(g, f, false, TCP_FIN | TCP_ACK);
		f->step = STEP_LAST;
		break;
	case STEP_LAST:
		flow_send_flags(g, f, true, TCP_ACK);
		f->step = STEP_DONE;
		break;
	case STEP_DONE:
		break;
	}
}

// How long until the flow's next packet: the network answers within microseconds, services within
// milliseconds, and clients think.
static uint32_t flow_delay_ns(struct generator *g, const struct flow *f) {
	switch (f->step) {
	case STEP_REQUEST:
		return rng_between(&g->rng, 1000000, 20000000);
	case STEP_RESPONSE:
		return f->message_at > 0 ? rng_between(&g->rng, 2000, 6000)
					 : rng_between(&g->rng, 500000, 8000000);
	case STEP_SYN:
	case STEP_SYN_ACK:
	case STEP_OPEN:
	case STEP_REQUEST_ACK:
	case STEP_ACK:
	case STEP_FIN:
	case STEP_FIN_ACK:
	case STEP_LAST:
	case STEP_DONE:
		break;
	}
	return rng_between(&g->rng, 20000, 150000);
}

static void heap_sink(struct generator *g, uint32_t at) {
	struct flow *moving = g->heap[at];
	for (uint32_t child; (child = 2 * at + 1) < g->n_heap; at = child) {
		if (child + 1 < g->n_heap && g->heap[child + 1]->next_ns < g->heap[child]->next_ns)
			child++;
		if (moving->next_ns <= g->heap[child]->next_ns)
			break;
		g->heap[at] = g->heap[child];
	}
	g->heap[at] = moving;
}

static void generator_run(struct generator *g, uint32_t n_flows) {
	while (g->n_heap > 0) {
		struct flow *f = g->heap[0];
		flow_step(g, f);
		const uint32_t delay_ns = flow_delay_ns(g, f);
		if (f->step != STEP_DONE)
			f->next_ns += delay_ns;
		else if (g->n_started < n_flows)
			flow_start(g, f, f->next_ns + delay_ns);
		else
			g->heap[0] = g->heap[--g->n_heap];
		heap_sink(g, 0);
	}
}

static int
generator_open(struct generator *g, uint32_t n_flows, struct flow *flows, char *messages) {
	const uint64_t start_ns = 1795443726ull * 1000000000;
	g->n_heap = n_flows < N_OPEN ? n_flows : N_OPEN;
	// The first flows start one after the other, so the heap is in order from the beginning.
	for (uint32_t i = 0; i < g->n_heap; i++) {
		flows[i].message = messages + (size_t)i * CONTENT_MAX;
		flow_start(g, &flows[i], start_ns + i * 5000ull);
		g->heap[i] = &flows[i];
	}
	g->content = content_create(&g->rng, g->workload->body_size, g->workload->body_spread);
	return g->content ? 0 : -1;
}

static int generate(const struct workload *workload, uint32_t n_flows, const char *path) {
	struct generator *g = calloc(1, sizeof(*g));
	struct flow *flows = calloc(N_OPEN, sizeof(*flows));
	char *messages = calloc(N_OPEN, CONTENT_MAX);
	int result = -1;
	if (g && flows && messages) {
		g->workload = workload;
		g->rng.state = 20261123;
		if (generator_open(g, n_flows, flows, messages) == 0
		    && capture_open(&g->capture, path) == 0) {
			generator_run(g, n_flows);
			result = capture_close(&g->capture);
			printf("{\"transactions\": %u, \"packets\": %llu, \"bytes\": %llu}\n",
			       n_flows * workload->n_pairs,
			       (unsigned long long)g->capture.n_packets,
			       (unsigned long long)g->capture.n_bytes);
		}
		content_free(g->content);
	}
	free(messages);
	free(flows);
	free(g);
	return result;
}

int main(int argc, char **argv) {
	for (size_t i = 0; argc >= 3 && i < sizeof(workloads) / sizeof(workloads[0]); i++) {
		const struct workload *workload = &workloads[i];
		if (strcmp(argv[1], workload->name) != 0)
			continue;
		const uint32_t n_flows =
			argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : workload->n_flows;
		if (generate(workload, n_flows, argv[2]) == 0)
			return 0;
		fprintf(stderr, "generate: cannot write '%s'\n", argv[2]);
		return 1;
	}
	fprintf(stderr, "usage: generate s|b FILE [FLOWS]\n");
	return 2;
}
