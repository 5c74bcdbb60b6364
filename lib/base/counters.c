#include "counters.h"

static uint64_t load(const uint64_t *value) {
	return __atomic_load_n(value, __ATOMIC_RELAXED);
}

void counters_merge(struct counters *to, const struct counters *from) {
	to->received += load(&from->received);
	for (int i = 0; i < N_VERDICTS; i++)
		to->verdicts[i] += load(&from->verdicts[i]);
	for (int i = 0; i < N_EVENT_COUNTERS; i++)
		to->events[i] += load(&from->events[i]);
	for (int i = 0; i < N_TRACE_DROPS; i++)
		to->trace_drops[i] += load(&from->trace_drops[i]);
}

void counters_visit(const struct counters *c, counters_visit_fn *each, void *arg) {
	each(arg, "packets.received", load(&c->received), "frames taken from ports");
	each(arg,
	     "packets.delivered",
	     load(&c->verdicts[VERDICT_DELIVERED]),
	     "frames taken by a TCP tracker");
#define X(id, name, help)                                                                          \
	each(arg, "packets.dropped." name, load(&c->verdicts[VERDICT_##id]), help);
	DROP_REASONS(X)
#undef X
#define X(id, name, help) each(arg, name, load(&c->events[COUNTER_##id]), help);
	EVENT_COUNTERS(X)
#undef X
#define X(id, name, help)                                                                          \
	each(arg, "traces.dropped." name, load(&c->trace_drops[TRACE_DROP_##id]), help);
	TRACE_DROP_REASONS(X)
#undef X
}

bool counters_packets_closed(const struct counters *c) {
	uint64_t sum = 0;
	for (int i = 0; i < N_VERDICTS; i++)
		sum += c->verdicts[i];
	return sum == c->received;
}

bool counters_traces_closed(const struct counters *c) {
	uint64_t sum = c->events[COUNTER_TRACES_EXPORTED];
	for (int i = 0; i < N_TRACE_DROPS; i++)
		sum += c->trace_drops[i];
	return sum == c->events[COUNTER_TRACES_MADE];
}
