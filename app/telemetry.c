#include "telemetry.h"

#include "console.h"

#include <rte_telemetry.h>
#include <rte_version.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if RTE_VERSION < RTE_VERSION_NUM(23, 3, 0, 0)
#define rte_tel_data_add_dict_uint rte_tel_data_add_dict_u64
#endif

#define NAME_MAX_BYTES 128

// DPDK calls back without an argument, so this one thing is global. control: rw, telemetry: ro
static struct {
	pthread_mutex_t lock;
	struct collector *collector; // NULL: none runs
	uint64_t started_ns;
} source = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void put_counter(void *arg, const char *name, uint64_t value, const char *) {
	char slashed[NAME_MAX_BYTES];
	size_t i = 0;
	for (; name[i] != '\0' && i < sizeof(slashed) - 1; i++)
		slashed[i] = (char)(name[i] == '.' ? '/' : name[i]);
	slashed[i] = '\0';
	rte_tel_data_add_dict_uint(arg, slashed, value);
}

// The number behind the comma of "/metlo/lcore,N"; 'limit' where there is none below it.
static uint32_t index_of(const char *params, uint32_t limit) {
	if (params == NULL || *params < '0' || *params > '9')
		return limit;
	char *end;
	unsigned long value = strtoul(params, &end, 10);
	return *end != '\0' || value >= limit ? limit : (uint32_t)value;
}

// As far as there is room, and as JSON can have it.
static void put_text(struct rte_tel_data *data, const char *name, const char *text) {
	char cut[RTE_TEL_MAX_STRING_LEN];
	snprintf(cut, sizeof(cut), "%.*s", (int)sizeof(cut) - 1, text);
	console_neutralise(cut);
	rte_tel_data_add_dict_string(data, name, cut);
}

static int answer_info(struct collector *collector, const char *, struct rte_tel_data *data) {
	struct timespec now;
	char trouble[256];
	if (collector_sink(collector, trouble, sizeof(trouble)) == SINK_WORKS)
		trouble[0] = '\0';
	clock_gettime(CLOCK_REALTIME, &now);
	uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	rte_tel_data_add_dict_string(data, "version", PROJECT_VERSION);
	rte_tel_data_add_dict_uint(data, "pid", (uint64_t)getpid());
	rte_tel_data_add_dict_uint(data, "uptime_ms", (now_ns - source.started_ns) / 1000000);
	put_text(data, "traces_trouble", trouble);
	rte_tel_data_add_dict_uint(data, "n_lcores", collector_n_lcores(collector));
	rte_tel_data_add_dict_uint(data, "n_ports", collector_n_ports(collector));
	return 0;
}

static int
answer_lcore(struct collector *collector, const char *params, struct rte_tel_data *data) {
	uint32_t lcore = index_of(params, collector_n_lcores(collector));
	if (lcore == collector_n_lcores(collector))
		return -EINVAL;
	struct counters counters;
	collector_counters(collector, lcore, &counters);
	counters_visit(&counters, put_counter, data);
	rte_tel_data_add_dict_uint(data, "flows/now", collector_n_flows(collector, lcore));
	return 0;
}

static int answer_port(struct collector *collector, const char *params, struct rte_tel_data *data) {
	uint32_t i = index_of(params, collector_n_ports(collector));
	if (i == collector_n_ports(collector))
		return -EINVAL;
	struct collector_port port;
	collector_port(collector, i, &port);
	put_text(data, "name", collector_port_name(collector, i));
	put_text(data, "trouble", port.trouble);
	rte_tel_data_add_dict_uint(data, "missed", port.stats.n_missed);
	rte_tel_data_add_dict_uint(data, "errors", port.stats.n_errors);
	rte_tel_data_add_dict_uint(data, "no_mbuf", port.stats.n_no_mbuf);
	rte_tel_data_add_dict_int(data, "is_missed_complete", port.stats.is_missed_complete);
	return 0;
}

typedef int answer_fn(struct collector *collector, const char *params, struct rte_tel_data *data);

static int answer(answer_fn *make, const char *params, struct rte_tel_data *data) {
	rte_tel_data_start_dict(data);
	pthread_mutex_lock(&source.lock);
	int r = source.collector == NULL ? -ENOENT : make(source.collector, params, data);
	pthread_mutex_unlock(&source.lock);
	return r;
}

static int on_info(const char *, const char *params, struct rte_tel_data *data) {
	return answer(answer_info, params, data);
}

static int on_lcore(const char *, const char *params, struct rte_tel_data *data) {
	return answer(answer_lcore, params, data);
}

static int on_port(const char *, const char *params, struct rte_tel_data *data) {
	return answer(answer_port, params, data);
}

int telemetry_start(struct collector *collector, uint64_t now_ns) {
	pthread_mutex_lock(&source.lock);
	source.collector = collector;
	source.started_ns = now_ns;
	pthread_mutex_unlock(&source.lock);
	int r = rte_telemetry_register_cmd("/metlo/info", on_info, "What runs. No parameters");
	if (r == 0)
		r = rte_telemetry_register_cmd(
			"/metlo/lcore", on_lcore, "Counters of an lcore. Parameters: int lcore"
		);
	if (r == 0)
		r = rte_telemetry_register_cmd(
			"/metlo/port", on_port, "Counters of a port. Parameters: int port"
		);
	return r;
}

void telemetry_stop(void) {
	pthread_mutex_lock(&source.lock);
	source.collector = NULL;
	pthread_mutex_unlock(&source.lock);
}
