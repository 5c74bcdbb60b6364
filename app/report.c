#include "report.h"

#include "console.h"

#include <inttypes.h>
#include <string.h>

struct lost {
	FILE *to;
	const char *prefix; // of the names to show
};

static void print_lost(void *arg, const char *name, uint64_t value, const char *help) {
	const struct lost *lost = arg;
	size_t len = strlen(lost->prefix);
	if (value == 0 || strncmp(name, lost->prefix, len) != 0)
		return;
	fprintf(lost->to, "  %12" PRIu64 "   %s: %s\n", value, name + len, help);
}

static void print_packets(const struct counters *total, FILE *to) {
	uint64_t delivered = total->verdicts[VERDICT_DELIVERED];
	fprintf(to,
		"packets    received %" PRIu64 ", delivered %" PRIu64 ", dropped %" PRIu64 "%s\n",
		total->received,
		delivered,
		total->received - delivered,
		counters_packets_closed(total) ? "" : "  THE SUM DOES NOT CLOSE");
	struct lost lost = {to, "packets.dropped."};
	counters_visit(total, print_lost, &lost);
}

static void print_traces(const struct counters *total, FILE *to) {
	uint64_t made = total->events[COUNTER_TRACES_MADE];
	uint64_t exported = total->events[COUNTER_TRACES_EXPORTED];
	fprintf(to,
		"traces     made %" PRIu64 ", exported %" PRIu64 ", dropped %" PRIu64 "%s\n",
		made,
		exported,
		made - exported,
		counters_traces_closed(total) ? "" : "  THE SUM DOES NOT CLOSE");
	struct lost lost = {to, "traces.dropped."};
	counters_visit(total, print_lost, &lost);
}

static void print_ports(struct collector *collector, FILE *to) {
	for (uint32_t i = 0; i < collector_n_ports(collector); i++) {
		struct collector_port port;
		collector_port(collector, i, &port);
		const struct port_stats stats = port.stats;
		if (stats.n_missed + stats.n_errors + stats.n_no_mbuf == 0
		    && stats.is_missed_complete)
			continue;
		char name[256];
		snprintf(name, sizeof(name), "%s", collector_port_name(collector, i));
		console_neutralise(name);
		fprintf(to,
			"port       %s: missed %" PRIu64 "%s, errors %" PRIu64
			", no buffer %" PRIu64 "\n",
			name,
			stats.n_missed,
			stats.is_missed_complete ? "" : " or more (this driver does not see all)",
			stats.n_errors,
			stats.n_no_mbuf);
	}
}

static void print_costs(struct collector *collector, FILE *to) {
	struct collector_cost costs[COLLECTOR_N_STAGES];
	collector_cost(collector, costs);
	fputs("cost       nanoseconds a packet\n", to);
	for (int i = 0; i < COLLECTOR_N_STAGES; i++)
		fprintf(to, "  %12.1f   %s\n", costs[i].ns_per_packet, costs[i].stage);
}

void report_print(
	struct collector *collector,
	const struct summary *summary,
	const struct stats_run *run,
	FILE *to
) {
	struct counters total = {};
	for (uint32_t i = 0; i < collector_n_lcores(collector); i++) {
		struct counters counters;
		collector_counters(collector, i, &counters);
		counters_merge(&total, &counters);
	}
	if (summary != NULL)
		summary_print(summary, to);
	double seconds = (double)(run->ended_ns - run->started_ns) / 1e9;
	fputc('\n', to);
	if (collector_is_cut_short(collector))
		fputs("stopped    before the capture was read to its end\n", to);
	print_packets(&total, to);
	print_traces(&total, to);
	print_ports(collector, to);
	fprintf(to,
		"streams    %" PRIu64 " connections, %" PRIu64 " holes of %" PRIu64 " bytes\n",
		total.events[COUNTER_FLOWS_CREATED],
		total.events[COUNTER_TCP_GAPS],
		total.events[COUNTER_TCP_GAP_BYTES]);
	fprintf(to,
		"time       %.2f s, %.2f s of CPU, %.2f Gbit/s, %.0f traces/s; %" PRIu64
		" MiB reserved\n",
		seconds,
		stats_cpu_seconds(),
		seconds > 0 ? (double)total.events[COUNTER_BYTES_RECEIVED] * 8 / seconds / 1e9 : 0,
		seconds > 0 ? (double)total.events[COUNTER_TRACES_EXPORTED] / seconds : 0,
		run->memory >> 20);
	if (run->is_profiled)
		print_costs(collector, to);
}
