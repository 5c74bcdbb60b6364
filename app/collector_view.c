#include "collector_priv.h"

#include <rte_cycles.h>

#include <string.h>

uint32_t collector_n_lcores(const struct collector *c) {
	return c->n_lcores;
}

void collector_counters(const struct collector *c, uint32_t lcore, struct counters *ret) {
	memset(ret, 0, sizeof(*ret));
	counters_merge(ret, worker_counters(c->lcores[lcore].worker));
	counters_merge(ret, exporter_counters(c->lcores[lcore].exporter));
}

uint32_t collector_n_flows(const struct collector *c, uint32_t lcore) {
	return worker_n_flows(c->lcores[lcore].worker);
}

uint32_t collector_n_ports(const struct collector *c) {
	return c->n_ports;
}

const char *collector_port_name(const struct collector *c, uint32_t i) {
	return port_name(c->ports[i]);
}

void collector_port(struct collector *c, uint32_t i, struct collector_port *ret) {
	pthread_mutex_lock(&c->port_states_lock);
	*ret = c->port_states[i];
	pthread_mutex_unlock(&c->port_states_lock);
}

double collector_progress(const struct collector *c) {
	double sum = 0;
	for (uint32_t i = 0; i < c->n_ports; i++) {
		double progress = port_progress(c->ports[i]);
		if (progress < 0)
			return -1;
		sum += progress;
	}
	return sum / c->n_ports;
}

bool collector_is_cut_short(const struct collector *c) {
	return c->is_cut_short;
}

struct summary *collector_summary(const struct collector *c) {
	if (c->config->quiet)
		return NULL;
	struct summary *all = summary_create(c->summary_seed);
	for (uint32_t i = 0; all != NULL && i < c->n_lcores; i++)
		summary_merge(all, c->lcores[i].summary);
	return all;
}

void collector_cost(
	const struct collector *c,
	struct collector_cost ret[static COLLECTOR_N_STAGES]
) {
	static const char *const names[COLLECTOR_N_STAGES] = {
#define X(id, name) [WORKER_STAGE_##id] = name,
		WORKER_STAGES(X)
#undef X
			[N_WORKER_STAGES] = "trace encode",
		[N_WORKER_STAGES + 1] = "trace write",
	};
	double cycles[COLLECTOR_N_STAGES] = {}, n_measured = 0, n_received = 0;
	for (uint32_t i = 0; i < c->n_lcores; i++) {
		const struct worker_cost *cost = worker_cost(c->lcores[i].worker);
		const struct exporter_cost *export = exporter_cost(c->lcores[i].exporter);
		for (int stage = 0; stage < N_WORKER_STAGES; stage++)
			cycles[stage] += (double)cost->cycles[stage];
		cycles[N_WORKER_STAGES] += (double)export->encode_cycles;
		cycles[N_WORKER_STAGES + 1] += (double)export->write_cycles;
		n_measured += (double)cost->n_frames;
		n_received += (double)worker_counters(c->lcores[i].worker)->received;
	}
	double ns_per_cycle = 1e9 / (double)rte_get_tsc_hz();
	for (int stage = 0; stage < COLLECTOR_N_STAGES; stage++) {
		double n = stage < N_WORKER_STAGES ? n_measured : n_received;
		ret[stage].stage = names[stage];
		ret[stage].ns_per_packet = n > 0 ? cycles[stage] * ns_per_cycle / n : 0;
	}
}
