#include "port.h"

#include "frame.h"
#include "port_priv.h"

#include <rte_errno.h>
#include <rte_lcore.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

// prefix, what follows it, opener
#define PORT_KINDS(X)                                                                              \
	X("af_packet", "INTERFACE", port_af_packet_open)                                           \
	X("af_xdp", "INTERFACE", port_af_xdp_open)                                                 \
	X("pci", "ADDRESS", port_pci_open)                                                         \
	X("pcap", "FILE", port_pcap_open)                                                          \
	X("vdev", "NAME[,ARGUMENT=VALUE...]", port_vdev_open)

static const struct port_kind {
	const char *prefix, *target;
	port_open_fn *open;
} kinds[] = {
#define X(kind_prefix, kind_target, opener)                                                        \
	{.prefix = kind_prefix, .target = kind_target, .open = opener},
	PORT_KINDS(X)
#undef X
};

int port_fail(struct port_error *ret_error, int code, const char *format, ...) {
	va_list args;
	va_start(args, format);
	vsnprintf(ret_error->text, sizeof(ret_error->text), format, args);
	va_end(args);
	ret_error->code = code;
	return -code;
}

void port_init(struct port *port, const struct port_ops *ops, const struct port_config *config) {
	port->ops = ops;
	port->n_queues = 1;
	snprintf(port->name, sizeof(port->name), "%s", config->name);
}

// An lcore's cache is a stack: what was freed last is taken next, so that a burst's mbufs stay in
// the L2 cache, where the pool's ring behind it would hand out each of them in turn. All caches
// together (they may grow to 1.5 times this) keep at most 3/4 of the pool from the queue that needs
// mbufs.
static uint32_t cache_size(uint32_t n_mbufs) {
	return RTE_MIN((uint32_t)RTE_MEMPOOL_CACHE_MAX_SIZE, n_mbufs / (2 * rte_lcore_count() + 2));
}

struct rte_mempool *port_pool_create(
	const struct port *port,
	uint16_t queue,
	const struct port_config *config,
	struct port_error *ret_error
) {
	char name[RTE_MEMPOOL_NAMESIZE];
	snprintf(name, sizeof(name), "%p.%u", (const void *)port, queue);
	uint32_t room = config->mbuf_size + RTE_PKTMBUF_HEADROOM;
	if (config->mbuf_size == 0 || room > UINT16_MAX) {
		port_fail(
			ret_error,
			EINVAL,
			"cannot open port '%s': an mbuf of %u bytes is not possible",
			port->name,
			config->mbuf_size
		);
		return NULL;
	}
	// Of which lcores' caches may hold three quarters; a longer frame would wait for ever.
	if ((uint64_t)config->n_mbufs * config->mbuf_size / 4 < PORT_MAX_FRAME) {
		port_fail(
			ret_error,
			EINVAL,
			"cannot open port '%s': %u packet buffers of %u bytes are too few for "
			"frames of up to %u "
			"bytes",
			port->name,
			config->n_mbufs,
			config->mbuf_size,
			PORT_MAX_FRAME
		);
		return NULL;
	}
	struct rte_mempool *pool = rte_pktmbuf_pool_create(
		name,
		config->n_mbufs,
		cache_size(config->n_mbufs),
		FRAME_PRIVATE_SIZE,
		(uint16_t)room,
		config->socket_id
	);
	if (pool == NULL)
		port_fail(
			ret_error,
			rte_errno,
			"cannot open port '%s': no memory for %u packet buffers of %u bytes: %s; "
			"give it more "
			"memory or fewer buffers",
			port->name,
			config->n_mbufs,
			config->mbuf_size,
			rte_strerror(rte_errno)
		);
	return pool;
}

static int fail_unknown_kind(const char *name, struct port_error *ret_error) {
	char known[256];
	size_t len = 0;
	for (size_t i = 0; i < RTE_DIM(kinds); i++)
		len += (size_t)snprintf(
			known + len,
			sizeof(known) - len,
			"%s%s:%s",
			i == 0 ? "" : ", ",
			kinds[i].prefix,
			kinds[i].target
		);
	assert(len < sizeof(known));
	return port_fail(
		ret_error,
		EINVAL,
		"cannot open port '%.200s': no such kind of port; known are %s",
		name,
		known
	);
}

// The kind and the target of a port's name; NULL with '*ret_error' filled.
static const struct port_kind *
find_kind(const char *name, const char **ret_target, struct port_error *ret_error) {
	size_t len = strcspn(name, ":");
	if (strlen(name) >= PORT_NAME_SIZE) {
		port_fail(
			ret_error,
			ENAMETOOLONG,
			"cannot open port '%.64s...': its name is too long",
			name
		);
		return NULL;
	}
	for (size_t i = 0; i < RTE_DIM(kinds) && name[len] == ':'; i++) {
		const struct port_kind *kind = &kinds[i];
		if (strlen(kind->prefix) != len || strncmp(kind->prefix, name, len) != 0)
			continue;
		*ret_target = name + len + 1;
		if (**ret_target != '\0')
			return kind;
		port_fail(
			ret_error,
			EINVAL,
			"cannot open port '%s': %s:%s is needed",
			name,
			kind->prefix,
			kind->target
		);
		return NULL;
	}
	fail_unknown_kind(name, ret_error);
	return NULL;
}

int port_open(const struct port_config *config, struct port **ret, struct port_error *ret_error) {
	const char *target;
	const struct port_kind *kind = find_kind(config->name, &target, ret_error);
	return kind == NULL ? -ret_error->code : kind->open(config, target, ret, ret_error);
}

int port_eal_args(
	const char *const *names,
	size_t n_names,
	struct port_eal_args *ret,
	struct port_error *ret_error
) {
	struct port_eal_args found = {0};
	for (size_t i = 0; i < n_names; i++) {
		const char *target;
		const struct port_kind *kind = find_kind(names[i], &target, ret_error);
		if (kind == NULL)
			return -ret_error->code;
		if (kind->open != port_pci_open)
			continue;
		if (found.n_args == PORT_EAL_MAX_ARGS)
			return port_fail(
				ret_error,
				E2BIG,
				"cannot open port '%s': more than %u PCI devices",
				names[i],
				PORT_EAL_MAX_ARGS
			);
		int status =
			port_pci_eal_arg(names[i], target, found.args[found.n_args], ret_error);
		if (status < 0)
			return status;
		found.n_args++;
		found.needs_huge_pages = true;
	}
	if (found.n_args == 0)
		snprintf(found.args[found.n_args++], PORT_EAL_ARG_SIZE, "--no-pci");
	*ret = found;
	return 0;
}

void port_close(struct port *port) {
	if (port != NULL)
		port->ops->close(port);
}

uint16_t port_receive(
	struct port *port,
	uint16_t queue,
	uint64_t now_ns,
	struct rte_mbuf **ret,
	uint16_t n
) {
	return port->ops->receive(port, queue, now_ns, ret, n);
}

bool port_is_done(const struct port *port) {
	return port->ops->is_done != NULL && port->ops->is_done(port);
}

const char *port_error_text(const struct port *port) {
	return port->ops->error_text == NULL ? NULL : port->ops->error_text(port);
}

const char *port_waiting_text(const struct port *port) {
	return port->ops->waiting_text == NULL ? NULL : port->ops->waiting_text(port);
}

const char *port_name(const struct port *port) {
	return port->name;
}

uint16_t port_n_queues(const struct port *port) {
	return port->n_queues;
}

bool port_is_live(const struct port *port) {
	return port->is_live;
}

void port_stats(const struct port *port, struct port_stats *ret) {
	*ret = (struct port_stats) {.is_missed_complete = true};
	if (port->ops->stats != NULL)
		port->ops->stats(port, ret);
}

double port_progress(const struct port *port) {
	return port->ops->progress == NULL ? -1 : port->ops->progress(port);
}

void port_service(struct port *port) {
	if (port->ops->service != NULL)
		port->ops->service(port);
}

void port_shift_clock(struct port *port, int64_t shift_ns) {
	if (port->ops->shift_clock != NULL)
		port->ops->shift_clock(port, shift_ns);
}

void port_interrupt(struct port *port) {
	if (port->ops->interrupt != NULL)
		port->ops->interrupt(port);
}
