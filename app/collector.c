#include "collector_priv.h"
#include "console.h"
#include "eal.h"
#include "outputs.h"
#include "sizing.h"

#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_ring.h>

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORTER_STOP_NS 1000000000u

static int fail_memory(const struct config *config, struct failure *ret_failure, const char *what) {
	failure_set(
		ret_failure,
		"no memory for %s (%zu MiB in all): give it more, or ask for less in \"memory\"",
		what,
		sizing_memory(config) >> 20
	);
	return -ENOMEM;
}

static int open_ports(struct collector *c, struct failure *ret_failure) {
	const struct config *config = c->config;
	c->ports = calloc(config->ports.n, sizeof(struct port *));
	c->port_states = calloc(config->ports.n, sizeof(*c->port_states));
	if (c->ports == NULL || c->port_states == NULL)
		return fail_memory(config, ret_failure, "ports");
	for (size_t i = 0; i < config->ports.n; i++) {
		const struct config_port *wanted = &config->ports.items[i];
		struct port_config port = {
			.name = wanted->name,
			.n_queues = (uint16_t)wanted->queues,
			.ring_size = (uint16_t)wanted->ring_size,
			.mbuf_size = SIZING_MBUF_SIZE,
			.n_mbufs = config->memory.frames,
			.socket_id = SOCKET_ID_ANY,
			.is_stopped = c->is_stopped,
		};
		struct port_error error = {};
		int r = port_open(&port, &c->ports[i], &error);
		if (r < 0) {
			failure_set(ret_failure, "%s", error.text);
			return r;
		}
		c->n_ports++;
	}
	return 0;
}

static uint32_t n_live_ports(const struct collector *c) {
	uint32_t n = 0;
	for (uint32_t i = 0; i < c->n_ports; i++)
		n += port_is_live(c->ports[i]);
	return n;
}

static int make_group(struct collector *c, struct failure *ret_failure) {
	const struct config *config = c->config;
	struct worker_group_config group = {
		.n_workers = (uint16_t)c->n_lcores,
		.n_vxlan_ports = (uint16_t)config->vxlan_ports.n,
		.is_lossless = n_live_ports(c) == 0,
		.is_timed = config->profile,
	};
	for (size_t i = 0; i < config->vxlan_ports.n; i++)
		group.vxlan_ports[i] = (uint16_t)config->vxlan_ports.items[i];
	if (getrandom(&group.seed, sizeof(group.seed), 0) != sizeof(group.seed)) {
		failure_set(ret_failure, "no random bytes from the system");
		return -EIO;
	}
	c->summary_seed = group.seed.word[0] ^ group.seed.word[1];
	if (tenants_make(&config->tenancy, &c->tenants) < 0)
		return fail_memory(config, ret_failure, "tenancy");
	group.tenancy = c->tenants.tenancy;
	if (c->n_lcores > 1) {
		c->mesh = shard_mesh_create((uint16_t)c->n_lcores, SIZING_MESH_RING);
		if (c->mesh == NULL)
			return fail_memory(config, ret_failure, "rings between lcores");
	}
	group.mesh = c->mesh;
	c->group = worker_group_create(&group);
	return c->group == NULL ? fail_memory(config, ret_failure, "workers") : 0;
}

static struct rte_ring *make_ring(uint32_t n_traces) {
	ssize_t memory = rte_ring_get_memsize(rte_align32pow2(n_traces + 1));
	struct rte_ring *ring =
		memory < 0 ? NULL : aligned_alloc(RTE_CACHE_LINE_SIZE, (size_t)memory);
	unsigned flags = RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ;
	if (ring == NULL || rte_ring_init(ring, "lane", n_traces, flags) == 0)
		return ring;
	free(ring);
	return NULL;
}

static int make_lanes(struct collector *c, struct failure *ret_failure) {
	for (uint32_t i = 0; i < c->n_lcores; i++) {
		struct exporter_lane *lane = &c->lcores[i].lane;
		lane->finished = make_ring(SIZING_LANE_RING);
		lane->done = make_ring(2 * SIZING_LANE_RING + EXPORTER_BURST);
		if (lane->finished == NULL || lane->done == NULL)
			return fail_memory(c->config, ret_failure, "rings to the exporters");
	}
	return 0;
}

static const char *why_no_sink(int error) {
	switch (-error) {
	case EBUSY:
		return "another collector writes there; choose another file";
	case ENOENT:
		return "No such file or directory; make its folder first";
	case EACCES:
		return "Permission denied; run as a user who may write there";
	case EINVAL:
		return "it is no regular file";
	default:
		return strerror(-error);
	}
}

static int open_sink(struct collector *c, struct failure *ret_failure) {
	const char *path = c->config->traces.file;
	if (path == NULL)
		return 0;
	c->is_sink_new = strcmp(path, "-") != 0 && access(path, F_OK) != 0;
	int reader = outputs_await_reader(c->config, c->is_stopped);
	int r = reader == -EINTR ? reader : sink_file_open(path, &c->sink);
	if (reader >= 0)
		close(reader);
	if (r < 0) {
		c->is_sink_new = false;
		failure_set(ret_failure, "cannot write traces to '%s': %s", path, why_no_sink(r));
	}
	return r < 0 ? r : outputs_check(c->config, ret_failure);
}

static void remove_new_sink(const struct collector *c) {
	char *path = realpath(c->config->traces.file, NULL); // a link's target is what was made
	if (path != NULL)
		unlink(path);
	free(path);
}

static void observe(void *summary, const struct message *trace) {
	summary_add(summary, trace);
}

// Last of all, so that a failed start leaves the traces of an earlier run as they were.
static int empty_sink(struct collector *c, struct failure *ret_failure) {
	int r = c->sink == NULL ? 0 : sink_file_empty(c->sink);
	if (r < 0)
		failure_set(
			ret_failure, "cannot empty '%s': %s", c->config->traces.file, strerror(-r)
		);
	return r;
}

static int make_exporters(struct collector *c, struct failure *ret_failure) {
	struct exporter_config exporter;
	sizing_of_exporter(c->config, &exporter);
	exporter.may_shed = n_live_ports(c) > 0; // a capture waits
	exporter.clock_shift_ns = &c->clock.shift_ns;
	exporter.sinks = &c->sink;
	exporter.n_sinks = c->sink == NULL ? 0 : 1;
	for (uint32_t i = 0; i < c->n_lcores; i++) {
		struct lcore *lcore = &c->lcores[i];
		exporter.lanes = &lcore->lane;
		if (!c->config->quiet) {
			lcore->summary = summary_create(c->summary_seed);
			exporter.observe = observe;
			exporter.observe_arg = lcore->summary;
		}
		lcore->exporter = exporter_create(&exporter);
		if (lcore->exporter == NULL || (lcore->summary == NULL && !c->config->quiet))
			return fail_memory(c->config, ret_failure, "exporters");
	}
	return 0;
}

static enum worker_encap encap_of(const struct collector *c, uint32_t port) {
	switch ((enum config_encap)c->config->ports.items[port].encap) {
	case CONFIG_ENCAP_VXLAN:
		return WORKER_ENCAP_VXLAN;
	case CONFIG_ENCAP_NONE:
		return WORKER_ENCAP_NONE;
	case CONFIG_ENCAP_AUTO:
		return WORKER_ENCAP_AUTO;
	case CONFIG_ENCAP_DEFAULT:
		break;
	}
	return port_is_live(c->ports[port]) ? WORKER_ENCAP_VXLAN : WORKER_ENCAP_AUTO;
}

// Queues are dealt out to the workers in turn.
static int deal_queues(
	const struct collector *c,
	uint32_t lcore,
	struct worker_config *worker,
	struct failure *ret_failure
) {
	uint32_t n_dealt = 0;
	for (uint32_t i = 0; i < c->n_ports; i++) {
		for (uint16_t queue = 0; queue < port_n_queues(c->ports[i]); queue++) {
			if (n_dealt++ % c->n_lcores != lcore)
				continue;
			if (worker->n_queues == WORKER_MAX_QUEUES) {
				failure_set(
					ret_failure,
					"more than %u queues for an lcore",
					WORKER_MAX_QUEUES
				);
				return -EINVAL;
			}
			worker->queues[worker->n_queues++] = (struct worker_queue) {
				.port = c->ports[i], .queue = queue, .encap = encap_of(c, i)};
		}
	}
	return 0;
}

static int make_workers(struct collector *c, struct failure *ret_failure) {
	struct worker_limits limits;
	sizing_of_worker(c->config, &limits);
	for (uint32_t i = 0; i < c->n_lcores; i++) {
		struct lcore *lcore = &c->lcores[i];
		struct worker_config worker = {
			.index = (uint16_t)i,
			.lane = lcore->lane,
			.exporter = lcore->exporter,
			.limits = limits,
		};
		int r = deal_queues(c, i, &worker, ret_failure);
		if (r < 0)
			return r;
		lcore->collector = c;
		lcore->worker = worker_create(c->group, &worker);
		if (lcore->worker == NULL)
			return fail_memory(c->config, ret_failure, "connections and messages");
	}
	return 0;
}

static int make_all(struct collector *c, struct failure *ret_failure) {
	int r = open_ports(c, ret_failure);
	c->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->lcores = calloc(c->n_lcores, sizeof(*c->lcores));
	if (r == 0 && (c->done_fd < 0 || c->lcores == NULL))
		r = fail_memory(c->config, ret_failure, "lcores");
	if (r == 0)
		r = make_group(c, ret_failure);
	if (r == 0)
		r = make_lanes(c, ret_failure);
	if (r == 0)
		r = open_sink(c, ret_failure);
	if (r == 0)
		r = make_exporters(c, ret_failure);
	if (r == 0)
		r = make_workers(c, ret_failure);
	if (r == 0)
		r = empty_sink(c, ret_failure);
	if (r < 0 && c->is_sink_new)
		remove_new_sink(c);
	return r;
}

struct collector *collector_create(
	const struct config *config,
	const atomic_bool *is_stopped,
	struct failure *ret_failure
) {
	struct collector *c = calloc(1, sizeof(*c));
	if (c == NULL) {
		fail_memory(config, ret_failure, "the collector");
		return NULL;
	}
	c->config = config;
	c->is_stopped = is_stopped;
	c->n_lcores = config->lcores;
	c->done_fd = -1;
	pthread_mutex_init(&c->port_states_lock, NULL);
	if (make_all(c, ret_failure) == 0)
		return c;
	collector_free(c);
	return NULL;
}

void collector_free(struct collector *c) {
	if (c == NULL)
		return;
	for (uint32_t i = 0; c->lcores != NULL && i < c->n_lcores; i++) {
		worker_free(c->lcores[i].worker);
		exporter_free(c->lcores[i].exporter);
		summary_free(c->lcores[i].summary);
		free(c->lcores[i].lane.finished);
		free(c->lcores[i].lane.done);
	}
	free(c->lcores);
	sink_close(c->sink);
	worker_group_free(c->group);
	shard_mesh_free(c->mesh);
	tenants_release(&c->tenants);
	for (uint32_t i = 0; i < c->n_ports; i++)
		port_close(c->ports[i]);
	free(c->ports);
	free(c->port_states);
	pthread_mutex_destroy(&c->port_states_lock);
	if (c->done_fd >= 0)
		close(c->done_fd);
	free(c);
}

static int run_lcore(void *arg) {
	struct lcore *lcore = arg;
	struct collector *c = lcore->collector;
	worker_run(lcore->worker);
	uint64_t one = 1;
	if (atomic_fetch_sub(&c->n_running, 1) == 1 && write(c->done_fd, &one, sizeof(one)) < 0)
		return -errno;
	return 0;
}

int collector_start(struct collector *c, struct failure *ret_failure) {
	for (uint32_t i = 0; i < c->n_lcores; i++) {
		int r = exporter_start(c->lcores[i].exporter);
		if (r < 0) {
			failure_set(ret_failure, "cannot start an exporter: %s", strerror(-r));
			while (i-- > 0
			       && exporter_stop(c->lcores[i].exporter, EXPORTER_STOP_NS) == 0) {
			}
			return r;
		}
	}
	atomic_store(&c->n_running, c->n_lcores);
	for (uint32_t i = 0; i < c->n_lcores; i++)
		rte_eal_remote_launch(run_lcore, &c->lcores[i], EAL_FIRST_WORKER + i);
	return 0;
}

int collector_done_fd(const struct collector *c) {
	return c->done_fd;
}

void collector_drain(struct collector *c) {
	for (uint32_t i = 0; i < c->n_ports; i++) // one that is interrupted is done
		c->is_cut_short = c->is_cut_short
			|| !(port_is_live(c->ports[i]) || port_is_done(c->ports[i]));
	worker_group_drain(c->group);
	for (uint32_t i = 0; i < c->n_ports; i++)
		port_interrupt(c->ports[i]);
}

int collector_reopen(struct collector *c, struct failure *ret_failure) {
	int r = c->sink == NULL ? 0 : sink_reopen(c->sink);
	if (r < 0)
		failure_set(
			ret_failure,
			"cannot open '%s' again: %s; traces still go to the file that had that "
			"name",
			c->config->traces.file,
			why_no_sink(r)
		);
	return r;
}

bool collector_restore(struct collector *c) {
	return c->sink != NULL && sink_restore(c->sink) > 0;
}

enum sink_state collector_sink(struct collector *c, char *ret, size_t size) {
	ret[0] = '\0';
	enum sink_state state = c->sink == NULL ? SINK_WORKS : sink_status(c->sink, ret, size);
	if (state != SINK_WORKS || !atomic_load(&c->is_behind))
		return state;
	const char *path = c->config->traces.file;
	snprintf(
		ret,
		size,
		"traces come faster than %s%.128s%s",
		path == NULL ? "they are made lines of" : "'",
		path == NULL ? "" : path,
		path == NULL ? "" : "' takes them"
	);
	return SINK_FAILS;
}

void collector_give_up(struct collector *c) {
	if (c->sink != NULL)
		atomic_store(&c->sink->is_giving_up, true);
}

static int report(struct collector *c, struct failure *ret_failure) {
	char status[256] = "";
	if (c->sink != NULL)
		(void)sink_status(c->sink, status, sizeof(status));
	if (status[0] != '\0') {
		struct counters total = {}, counters;
		for (uint32_t i = 0; i < c->n_lcores; i++) {
			collector_counters(c, i, &counters);
			counters_merge(&total, &counters);
		}
		failure_set(
			ret_failure,
			"%s; lost %" PRIu64 " of %" PRIu64 " traces",
			status,
			total.events[COUNTER_TRACES_MADE] - total.events[COUNTER_TRACES_EXPORTED],
			total.events[COUNTER_TRACES_MADE]
		);
		return -EIO;
	}
	for (uint32_t i = 0; i < c->n_ports; i++) {
		const char *text = port_error_text(c->ports[i]);
		if (text == NULL || port_is_live(c->ports[i]))
			continue;
		failure_set(ret_failure, "%s", text);
		return -EIO;
	}
	return 0;
}

int collector_finish(struct collector *c, struct failure *ret_failure) {
	rte_eal_mp_wait_lcore();
	for (uint32_t i = 0; i < c->n_lcores; i++) {
		if (exporter_stop(c->lcores[i].exporter, EXPORTER_STOP_NS) < 0) {
			failure_set(ret_failure, "an exporter does not end; its file system hangs");
			return -ETIMEDOUT;
		}
	}
	collector_service(c);
	return report(c, ret_failure);
}

// Where a capture is read too, traces of both are told by one clock, that of the start.
static void follow_clock(struct collector *c) {
	int64_t offset_ns;
	if (n_live_ports(c) < c->n_ports || !wall_clock_measure(&offset_ns))
		return;
	wall_clock_take(&c->clock, offset_ns);
	for (uint32_t i = 0; i < c->n_ports; i++)
		port_shift_clock(c->ports[i], c->clock.shift_ns);
}

void collector_service(struct collector *c) {
	follow_clock(c);
	backlog_watch(c);
	for (uint32_t i = 0; i < c->n_ports; i++) {
		struct collector_port state;
		port_service(c->ports[i]);
		port_stats(c->ports[i], &state.stats);
		const char *trouble = port_waiting_text(c->ports[i]);
		snprintf(
			state.trouble, sizeof(state.trouble), "%s", trouble == NULL ? "" : trouble
		);
		// It may be cut within a character, and goes into JSON.
		console_neutralise(state.trouble);
		pthread_mutex_lock(&c->port_states_lock);
		c->port_states[i] = state;
		pthread_mutex_unlock(&c->port_states_lock);
	}
}
