// A device is reset by the control thread while workers go on calling port_receive. 'generation' is
// odd while they must not touch it. A worker that sees an odd one notes it in its queue and returns;
// once every queue has noted this very generation, nobody is in the driver, and none goes in before
// it is even again.
//
//   control   6 -> 7 ............ all queues at 7? reset, start ...... 7 -> 8
//   worker    receives   sees 7, notes it   sees 7   sees 7            receives

#include "port_ethdev.h"

#include "frame.h"
#include "interface.h"
#include "port_priv.h"
#include "xdp_attachment.h"

#include <rte_bus_vdev.h>
#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_timer.h>
#include <rte_version.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MTU 9001u // of a VPC
#define DEFAULT_RING_SIZE 2048u // where the device names no limit
#define QUIET_WAIT_MS 100
#define MICROSECONDS_PER_MS 1000

// Any key will do (the first digits of pi), but it must be the same in every run: ENA's driver makes
// a random one otherwise.
static const uint8_t rss_key[] = {
	0x24, 0x3f, 0x6a, 0x88, 0x85, 0xa3, 0x08, 0xd3, 0x13, 0x19, 0x8a, 0x2e, 0x03, 0x70,
	0x73, 0x44, 0xa4, 0x09, 0x38, 0x22, 0x29, 0x9f, 0x31, 0xd0, 0x08, 0x2e, 0xfa, 0x98,
	0xec, 0x4e, 0x6c, 0x89, 0x45, 0x28, 0x21, 0xe6, 0x38, 0xd0, 0x13, 0x77,
};

struct ethdev_queue {
	struct rte_mempool *pool;
	_Atomic uint32_t quiet_generation; // worker: w, control: r
} __rte_cache_aligned;

struct port_ethdev {
	struct port port;
	struct port_device device;
	struct xdp_attachment xdp; // of the device's interface, where it has one
	struct ethdev_queue *queues;
	uint16_t ring_size;
	struct rte_eth_conf conf;
	uint8_t rss_key[sizeof(rss_key)];
	_Atomic uint32_t generation; // control: rw, workers: r; odd: keep out
	atomic_bool needs_reset; // DPDK's interrupt thread: w, control: rw
	struct port_stats before; // counted before the last reset
	char waiting[256]; // control: rw; empty: it receives
};

static struct port_ethdev *ethdev_of(struct port *port) {
	return (struct port_ethdev *)port;
}

static uint16_t ethdev_receive(
	struct port *port,
	uint16_t queue_id,
	uint64_t now_ns,
	struct rte_mbuf **ret,
	uint16_t n
) {
	struct port_ethdev *ethdev = ethdev_of(port);
	uint32_t generation = atomic_load_explicit(&ethdev->generation, memory_order_acquire);
	if (unlikely(generation & 1)) {
		struct ethdev_queue *queue = &ethdev->queues[queue_id];
		atomic_store_explicit(&queue->quiet_generation, generation, memory_order_release);
		return 0;
	}
	uint16_t n_frames = rte_eth_rx_burst(ethdev->device.id, queue_id, ret, n);
	for (uint16_t i = 0; i < n_frames; i++) {
		frame_of(ret[i])->time_ns = now_ns;
		frame_of(ret[i])->link = PACKET_LINK_ETHERNET;
	}
	return n_frames;
}

static void ethdev_stats(const struct port *port, struct port_stats *ret) {
	const struct port_ethdev *ethdev = (const struct port_ethdev *)port;
	struct rte_eth_stats stats = {0};
	*ret = ethdev->before;
	// Of a device that is away for a reset, what it said before.
	if (rte_eth_stats_get(ethdev->device.id, &stats) != 0)
		return;
	ret->n_missed += stats.imissed;
	ret->n_errors += stats.ierrors;
	ret->n_no_mbuf += stats.rx_nombuf;
}

static const char *ethdev_waiting_text(const struct port *port) {
	const struct port_ethdev *ethdev = (const struct port_ethdev *)port;
	return ethdev->waiting[0] == '\0' ? NULL : ethdev->waiting;
}

void port_ethdev_request_reset(struct port *port) {
	atomic_store(&ethdev_of(port)->needs_reset, true);
}

static int on_reset_event(uint16_t id, enum rte_eth_event_type event, void *arg, void *ret_param) {
	(void)id;
	(void)event;
	(void)ret_param;
	port_ethdev_request_reset(arg);
	return 0;
}

static int setup_queues(struct port_ethdev *ethdev) {
	uint16_t id = ethdev->device.id, n_queues = ethdev->port.n_queues;
	uint16_t n_receive = ethdev->ring_size, n_send = 0;
	int status = rte_eth_dev_adjust_nb_rx_tx_desc(id, &n_receive, &n_send);
	if (status < 0)
		return status;
	int socket_id = rte_eth_dev_socket_id(id);
	for (uint16_t i = 0; i < n_queues && status == 0; i++) {
		status = rte_eth_rx_queue_setup(
			id, i, n_receive, (unsigned)socket_id, NULL, ethdev->queues[i].pool
		);
		if (status == 0)
			status = rte_eth_tx_queue_setup(id, i, n_send, (unsigned)socket_id, NULL);
	}
	return status;
}

// Where the driver cannot, as ENA's, the device receives what is meant for it.
static int accept_all(uint16_t id) {
	int status = rte_eth_promiscuous_enable(id);
	if (status < 0 && status != -ENOTSUP)
		return status;
	status = rte_eth_allmulticast_enable(id);
	return status < 0 && status != -ENOTSUP ? status : 0;
}

// From unconfigured to receiving. 'ret_step' is what failed.
static int ethdev_start(struct port_ethdev *ethdev, const char **ret_step) {
	uint16_t id = ethdev->device.id, n_queues = ethdev->port.n_queues;
	*ret_step = "configure it";
	int status = rte_eth_dev_configure(id, n_queues, n_queues, &ethdev->conf);
	if (status == 0) {
		*ret_step = "set up its queues";
		status = setup_queues(ethdev);
	}
	if (status == 0) {
		*ret_step = "start it";
		status = rte_eth_dev_start(id);
	}
	if (status == 0) {
		*ret_step = "make it promiscuous";
		status = accept_all(id);
	}
	return status;
}

static bool are_queues_quiet(const struct port_ethdev *ethdev, uint32_t generation) {
	for (uint16_t i = 0; i < ethdev->port.n_queues; i++) {
		const _Atomic uint32_t *quiet = &ethdev->queues[i].quiet_generation;
		if (atomic_load_explicit(quiet, memory_order_acquire) != generation)
			return false;
	}
	return true;
}

// Keeps workers out of the driver; false where one has not come by yet.
static bool ethdev_pause(struct port_ethdev *ethdev) {
	uint32_t generation = atomic_load(&ethdev->generation);
	if (!(generation & 1))
		atomic_store(&ethdev->generation, ++generation);
	for (int i = 0; i < QUIET_WAIT_MS; i++) {
		if (are_queues_quiet(ethdev, generation))
			return true;
		rte_delay_us_sleep(MICROSECONDS_PER_MS);
	}
	return false;
}

static void ethdev_resume(struct port_ethdev *ethdev) {
	atomic_fetch_add_explicit(&ethdev->generation, 1, memory_order_release);
}

static void ethdev_reset(struct port_ethdev *ethdev) {
	if (!ethdev_pause(ethdev))
		return;
	ethdev_stats(&ethdev->port, &ethdev->before);
	const char *step = "reset it";
	int status = rte_eth_dev_reset(ethdev->device.id);
	// A driver that knows no reset is stopped and started anew.
	if (status == -ENOTSUP) {
		status = rte_eth_dev_stop(ethdev->device.id);
		if (status == 0)
			status = rte_eth_stats_reset(ethdev->device.id);
	}
	if (status == 0)
		status = ethdev_start(ethdev, &step);
	if (status < 0) {
		snprintf(
			ethdev->waiting,
			sizeof(ethdev->waiting),
			"port '%.100s' asked for a reset, but cannot %s: %s; trying again",
			ethdev->port.name,
			step,
			rte_strerror(-status)
		);
		return;
	}
	ethdev->waiting[0] = '\0';
	atomic_store(&ethdev->needs_reset, false);
	ethdev_resume(ethdev);
}

static void look_at_interface(struct port_ethdev *ethdev) {
	const struct port_device *device = &ethdev->device;
	// In this order: an interface loses its program when it goes.
	int xdp_status = xdp_attachment_compare(&ethdev->xdp, device->interface_index);
	int status = interface_check(device->interface, device->interface_index);
	interface_describe(
		device->interface,
		status,
		"start again once it is back",
		ethdev->waiting,
		sizeof(ethdev->waiting)
	);
	if (status == 0)
		xdp_attachment_describe(
			device->interface, xdp_status, ethdev->waiting, sizeof(ethdev->waiting)
		);
}

static void look_at_link(struct port_ethdev *ethdev) {
	struct rte_eth_link link;
	ethdev->waiting[0] = '\0';
	if (rte_eth_link_get_nowait(ethdev->device.id, &link) == 0 && link.link_status == 0)
		snprintf(
			ethdev->waiting,
			sizeof(ethdev->waiting),
			"port '%.100s' has no link; receiving goes on once it has one",
			ethdev->port.name
		);
}

static void ethdev_service(struct port *port) {
	struct port_ethdev *ethdev = ethdev_of(port);
	// ENA's driver watches its device from a timer.
	rte_timer_manage();
	if (atomic_load(&ethdev->needs_reset))
		ethdev_reset(ethdev);
	else if (ethdev->device.interface[0] != '\0')
		look_at_interface(ethdev);
	else
		look_at_link(ethdev);
}

static void ethdev_close(struct port *port) {
	struct port_ethdev *ethdev = ethdev_of(port);
	uint16_t id = ethdev->device.id;
	(void)rte_eth_dev_callback_unregister(id, RTE_ETH_EVENT_INTR_RESET, on_reset_event, port);
	int protection = xdp_attachment_protect(&ethdev->xdp, ethdev->device.interface_index);
	(void)rte_eth_dev_stop(id);
	(void)rte_eth_dev_close(id);
	port_vdev_destroy(&ethdev->device);
	xdp_attachment_unprotect(protection);
	if (ethdev->queues != NULL)
		for (uint16_t i = 0; i < port->n_queues; i++)
			rte_mempool_free(ethdev->queues[i].pool);
	free(ethdev->queues);
	free(ethdev);
}

static const struct port_ops ethdev_ops = {
	.receive = ethdev_receive,
	.close = ethdev_close,
	.waiting_text = ethdev_waiting_text,
	.stats = ethdev_stats,
	.service = ethdev_service,
};

// The most the device has, at most half of the pool's mbufs: the rest is for those who hold frames.
static uint16_t choose_ring_size(
	const struct port_config *config,
	const struct port_device *device,
	const struct rte_eth_dev_info *info
) {
	uint32_t size = device->max_ring_size;
	if (size == 0)
		size = info->rx_desc_lim.nb_max == UINT16_MAX ? DEFAULT_RING_SIZE
							      : info->rx_desc_lim.nb_max;
	if (config->ring_size != 0)
		size = RTE_MIN(size, config->ring_size);
	return (uint16_t)rte_align32prevpow2(RTE_MIN(size, config->n_mbufs / 2));
}

static void choose_conf(struct port_ethdev *ethdev, const struct rte_eth_dev_info *info) {
	struct rte_eth_conf *conf = &ethdev->conf;
	conf->rxmode.mtu = RTE_MIN(MAX_MTU, info->max_mtu);
	conf->rxmode.offloads = info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
	conf->intr_conf.lsc = (*info->dev_flags & RTE_ETH_DEV_INTR_LSC) != 0;
	if (ethdev->port.n_queues == 1 || info->flow_type_rss_offloads == 0)
		return;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf->rx_adv_conf.rss_conf.rss_hf =
		info->flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_TCP);
	if (info->hash_key_size == sizeof(rss_key)) {
		memcpy(ethdev->rss_key, rss_key, sizeof(rss_key));
		conf->rx_adv_conf.rss_conf.rss_key = ethdev->rss_key;
		conf->rx_adv_conf.rss_conf.rss_key_len = sizeof(rss_key);
	}
}

// A frame is one mbuf where the device cannot scatter it over several.
static uint16_t choose_mbuf_size(
	const struct port_ethdev *ethdev,
	const struct port_config *config,
	uint16_t wanted
) {
	uint32_t longest =
		ethdev->conf.rxmode.mtu + RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN + RTE_ETHER_CRC_LEN;
	if (wanted != 0)
		return wanted;
	if (ethdev->conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_SCATTER)
		return config->mbuf_size;
	return (uint16_t)RTE_MAX(config->mbuf_size, longest);
}

static int create_pools(
	struct port_ethdev *ethdev,
	const struct port_config *config,
	struct port_error *ret_error
) {
	struct port_config own = *config;
	own.mbuf_size = choose_mbuf_size(ethdev, config, ethdev->device.mbuf_size);
	for (uint16_t i = 0; i < ethdev->port.n_queues; i++) {
		struct rte_mempool *pool = port_pool_create(&ethdev->port, i, &own, ret_error);
		if (pool == NULL)
			return -ret_error->code;
		ethdev->queues[i].pool = pool;
	}
	return 0;
}

static uint16_t
choose_n_queues(const struct port_config *config, const struct rte_eth_dev_info *info) {
	uint32_t n_queues = RTE_MIN((uint32_t)info->max_rx_queues, (uint32_t)info->max_tx_queues);
	n_queues = RTE_MIN(n_queues, (uint32_t)config->n_queues);
	return n_queues == 0 ? 1 : (uint16_t)n_queues;
}

static struct port_ethdev *ethdev_create(
	const struct port_config *config,
	const struct port_device *device,
	const struct rte_eth_dev_info *info
) {
	struct port_ethdev *ethdev = calloc(1, sizeof(*ethdev));
	if (ethdev == NULL)
		return NULL;
	port_init(&ethdev->port, &ethdev_ops, config);
	ethdev->device = *device;
	ethdev->before.is_missed_complete = device->is_missed_complete;
	ethdev->port.is_live = true;
	ethdev->port.n_queues = choose_n_queues(config, info);
	ethdev->ring_size = choose_ring_size(config, device, info);
	choose_conf(ethdev, info);
	size_t size = ethdev->port.n_queues * sizeof(struct ethdev_queue);
	ethdev->queues = aligned_alloc(RTE_CACHE_LINE_SIZE, size);
	if (ethdev->queues == NULL) {
		free(ethdev);
		return NULL;
	}
	memset(ethdev->queues, 0, size);
	return ethdev;
}

int port_ethdev_open(
	const struct port_config *config,
	const struct port_device *device,
	struct port **ret,
	struct port_error *ret_error
) {
	struct rte_eth_dev_info info;
	int status = rte_eth_dev_info_get(device->id, &info);
	struct port_ethdev *ethdev = status < 0 ? NULL : ethdev_create(config, device, &info);
	if (ethdev == NULL) {
		port_vdev_destroy(device);
		return port_fail(
			ret_error,
			ENOMEM,
			"cannot open port '%s': no memory for its device",
			config->name
		);
	}
	(void)rte_timer_subsystem_init();
	rte_eth_dev_callback_register(
		device->id, RTE_ETH_EVENT_INTR_RESET, on_reset_event, &ethdev->port
	);
	status = create_pools(ethdev, config, ret_error);
	if (status == 0) {
		const char *step;
		status = ethdev_start(ethdev, &step);
		if (status < 0)
			port_fail(
				ret_error,
				-status,
				"cannot open port '%s': cannot %s: %s%s%s",
				config->name,
				step,
				rte_strerror(-status),
				device->hint == NULL ? "" : "; ",
				device->hint == NULL ? "" : device->hint
			);
	}
	if (status < 0) {
		ethdev_close(&ethdev->port);
		return status;
	}
	if (device->interface[0] != '\0')
		xdp_attachment_find(device->interface_index, &ethdev->xdp);
	*ret = &ethdev->port;
	return 0;
}
