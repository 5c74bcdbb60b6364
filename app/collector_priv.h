#pragma once

// What makes a collector, for collector.c, for what it tells of itself, collector_view.c, and for the
// watch on what waits to be written, backlog.c.

#include "collector.h"
#include "exporter.h"
#include "tenants.h"
#include "wall_clock.h"
#include "worker.h"

#include <pthread.h>
#include <stdatomic.h>

// A worker and what belongs to it.
struct lcore {
	struct collector *collector;
	struct worker *worker;
	struct exporter *exporter;
	struct exporter_lane lane;
	struct summary *summary; // exporter: rw, others: once it has ended. NULL: not wanted
};

// Traces on their way to the sink, as of the latest look.
struct backlog {
	uint64_t n_no_room, n_no_memory; // dropped
	uint64_t n_left; // written, or given up
	bool is_waiting; // some are in a lane
	bool is_long; // a lane is more than half full
};

struct collector {
	const struct config *config;
	const atomic_bool *is_stopped; // while it is made
	uint32_t n_ports;
	struct port **ports;
	struct collector_port *port_states; // control: rw, others: ro, under the lock
	pthread_mutex_t port_states_lock;
	struct wall_clock clock;
	struct tenants tenants;
	struct shard_mesh *mesh;
	struct worker_group *group;
	uint64_t summary_seed;
	struct sink *sink; // NULL: traces go nowhere
	bool is_sink_new; // the file was not there before
	struct backlog backlog; // control: rw
	atomic_bool is_behind; // traces are lost, as they are not written fast enough. control: rw
	uint32_t n_lcores;
	struct lcore *lcores;
	atomic_uint n_running; // workers: rw
	int done_fd;
	bool is_cut_short; // a capture was not done when draining began. control: rw
};

// Looks whether traces are lost for want of room, or of memory which those have that are not written;
// and it stays so until what waits is written, also where no more come meanwhile. Once a second.
void backlog_watch(struct collector *c);
