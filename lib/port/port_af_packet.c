// An interface of the kernel through AF_PACKET sockets, one a queue, each with a TPACKET_V3 ring.
//
// Not DPDK's own af_packet driver, which cannot keep our promises: it does not report what the
// kernel dropped, cuts frames at its fixed frame size without a word (an interface hands out
// packets of 64 KiB where GRO is on), takes outgoing frames as received ones, has the kernel put
// fragments together, and loses the type of a VLAN tag.
//
// A ring is a row of blocks. The kernel fills a block with whole frames and hands it over when it is
// full or a few milliseconds old; we hand it back once its last frame is copied.

#include "frame.h"
#include "interface.h"
#include "mbuf_stock.h"
#include "port_priv.h"

#include <rte_prefetch.h>

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK_SIZE 262144u // holds the longest frame of any interface
#define BLOCK_TIMEOUT_MS 4u
#define MIN_BLOCKS 4u
#define DEFAULT_RING_SIZE 16384u
#define DESCRIPTOR_SIZE 2048u // bytes of ring for each descriptor asked for

struct packet_socket {
	int fd; // -1: none
	uint8_t *ring; // NULL: none
};

// A socket does not follow its interface's name: of an interface that was made anew, the control
// thread opens new sockets, and each worker goes over to its new ring once the old one is empty.
struct packet_queue {
	uint8_t *ring; // worker: rw
	uint32_t n_blocks;
	uint32_t block; // the next to read, or the one being read
	uint32_t n_left; // frames left in it; 0: it is not open
	const uint8_t *next; // struct tpacket3_hdr of the next frame
	_Atomic(uint8_t *) next_ring; // control: sets it, worker: clears it when it goes over
	struct mbuf_stock stock;
	struct packet_socket socket, next_socket; // control: rw
	uint64_t n_dropped; // control: rw. The kernel clears its own count with every read
} __rte_cache_aligned;

struct port_packet {
	struct port port;
	uint8_t link; // enum packet_link
	_Atomic int64_t shift_ns; // of the time of day; control: w, workers: r
	struct packet_queue *queues;
	int index; // of the interface. control: rw
	const char *interface; // its name, in the port's
	char waiting[sizeof(((struct port_error *)0)->text)]; // control: rw; empty: it receives
};

static struct tpacket_block_desc *queue_block(const struct packet_queue *queue) {
	return (void *)(queue->ring + (size_t)queue->block * BLOCK_SIZE);
}

// The kernel writes the status last and reads it first.
static _Atomic uint32_t *block_status(struct tpacket_block_desc *block) {
	return (_Atomic uint32_t *)&block->hdr.bh1.block_status;
}

static bool block_open(struct packet_queue *queue) {
	struct tpacket_block_desc *block = queue_block(queue);
	if (!(atomic_load_explicit(block_status(block), memory_order_acquire) & TP_STATUS_USER))
		return false;
	queue->n_left = block->hdr.bh1.num_pkts;
	queue->next = (const uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;
	return true;
}

static void block_close(struct packet_queue *queue) {
	struct tpacket_block_desc *block = queue_block(queue);
	atomic_store_explicit(block_status(block), TP_STATUS_KERNEL, memory_order_release);
	if (++queue->block == queue->n_blocks)
		queue->block = 0;
}

// The worker's part of going over to a new ring; false where there is none.
static bool change_ring(struct packet_queue *queue) {
	uint8_t *ring = atomic_load_explicit(&queue->next_ring, memory_order_acquire);
	if (ring == NULL)
		return false;
	queue->ring = ring;
	queue->block = 0;
	atomic_store_explicit(&queue->next_ring, NULL, memory_order_release);
	return true;
}

// Puts the tag that the kernel took out of the frame back.
static void insert_vlan_tag(struct rte_mbuf *mbuf, const struct tpacket3_hdr *header) {
	uint16_t type = ETH_P_8021Q;
	if (header->tp_status & TP_STATUS_VLAN_TPID_VALID)
		type = header->hv1.tp_vlan_tpid;
	uint16_t tag[2] = {htons(type), htons((uint16_t)header->hv1.tp_vlan_tci)};
	uint8_t *start = (uint8_t *)rte_pktmbuf_prepend(mbuf, sizeof(tag));
	assert(start != NULL); // our pools leave RTE_PKTMBUF_HEADROOM
	size_t tag_at = offsetof(struct ethhdr, h_proto);
	memmove(start, start + sizeof(tag), tag_at);
	memcpy(start + tag_at, tag, sizeof(tag));
}

// A copy of the next frame, or NULL while there is no free mbuf.
static struct rte_mbuf *copy_frame(
	const struct port_packet *packet,
	struct packet_queue *queue,
	const struct tpacket3_hdr *header,
	uint64_t now_ns
) {
	const uint8_t *bytes = (const uint8_t *)header + header->tp_mac;
	struct rte_mbuf *mbuf = mbuf_stock_copy(&queue->stock, bytes, header->tp_snaplen);
	if (mbuf == NULL)
		return NULL;
	if ((header->tp_status & TP_STATUS_VLAN_VALID) && mbuf->data_len >= ETH_HLEN)
		insert_vlan_tag(mbuf, header);
	uint64_t time_ns = (uint64_t)header->tp_sec * 1000000000u + header->tp_nsec;
	time_ns -= (uint64_t)atomic_load_explicit(&packet->shift_ns, memory_order_relaxed);
	frame_of(mbuf)->time_ns = RTE_MIN(time_ns, now_ns);
	frame_of(mbuf)->link = packet->link;
	return mbuf;
}

static uint16_t packet_receive(
	struct port *port,
	uint16_t queue_id,
	uint64_t now_ns,
	struct rte_mbuf **ret,
	uint16_t n
) {
	struct port_packet *packet = (struct port_packet *)port;
	struct packet_queue *queue = &packet->queues[queue_id];
	uint16_t n_frames = 0;
	while (n_frames < n) {
		if (queue->n_left == 0 && !block_open(queue)) {
			if (!change_ring(queue))
				break;
			continue;
		}
		if (queue->n_left > 0) {
			const struct tpacket3_hdr *header = (const void *)queue->next;
			rte_prefetch0(queue->next + header->tp_next_offset);
			ret[n_frames] = copy_frame(packet, queue, header, now_ns);
			if (ret[n_frames] == NULL)
				break;
			n_frames++;
			queue->n_left--;
			queue->next += header->tp_next_offset;
		}
		if (queue->n_left == 0)
			block_close(queue);
	}
	return n_frames;
}

// The kernel's own count of a socket, which it clears.
static void count_dropped(struct packet_queue *queue) {
	struct tpacket_stats_v3 stats;
	socklen_t len = sizeof(stats);
	if (getsockopt(queue->socket.fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		queue->n_dropped += stats.tp_drops;
}

static void packet_stats(const struct port *port, struct port_stats *ret) {
	const struct port_packet *packet = (const struct port_packet *)port;
	for (uint16_t i = 0; i < port->n_queues; i++) {
		struct packet_queue *queue = &packet->queues[i];
		count_dropped(queue);
		ret->n_missed += queue->n_dropped;
		ret->n_no_mbuf += queue->stock.n_failed;
	}
}

static const char *packet_waiting_text(const struct port *port) {
	const struct port_packet *packet = (const struct port_packet *)port;
	return packet->waiting[0] == '\0' ? NULL : packet->waiting;
}

static void socket_close(struct packet_socket *socket, uint32_t n_blocks) {
	if (socket->ring != NULL)
		munmap(socket->ring, (size_t)n_blocks * BLOCK_SIZE);
	if (socket->fd >= 0)
		close(socket->fd);
	*socket = (struct packet_socket) {.fd = -1};
}

static void packet_close(struct port *port) {
	struct port_packet *packet = (struct port_packet *)port;
	for (uint16_t i = 0; i < port->n_queues; i++) {
		struct packet_queue *queue = &packet->queues[i];
		socket_close(&queue->socket, queue->n_blocks);
		socket_close(&queue->next_socket, queue->n_blocks);
		mbuf_stock_release(&queue->stock);
		rte_mempool_free(queue->stock.pool);
	}
	free(packet->queues);
	free(packet);
}

static int fail_step(const struct port *port, const char *step, struct port_error *ret_error) {
	int code = errno;
	if (code == EPERM || code == EACCES)
		return port_fail(
			ret_error,
			code,
			"cannot open port '%s': no permission to %s: CAP_NET_RAW is missing; run "
			"it as root, or give "
			"that to the program with 'setcap cap_net_raw=ep' or to its service with "
			"'AmbientCapabilities=CAP_NET_RAW'",
			port->name,
			step
		);
	return port_fail(
		ret_error,
		code,
		"cannot open port '%s': cannot %s: %s",
		port->name,
		step,
		strerror(code)
	);
}

static int set_option(int fd, int option, const void *value, socklen_t len) {
	return setsockopt(fd, SOL_PACKET, option, value, len);
}

static uint32_t choose_n_blocks(uint32_t ring_size) {
	uint32_t n_blocks =
		(ring_size == 0 ? DEFAULT_RING_SIZE : ring_size) / (BLOCK_SIZE / DESCRIPTOR_SIZE);
	return RTE_MAX(n_blocks, MIN_BLOCKS);
}

static int set_ring(struct packet_socket *socket, uint32_t n_blocks) {
	struct tpacket_req3 request = {
		.tp_block_size = BLOCK_SIZE,
		.tp_block_nr = n_blocks,
		.tp_frame_size = DESCRIPTOR_SIZE,
		.tp_frame_nr = n_blocks * (BLOCK_SIZE / DESCRIPTOR_SIZE),
		.tp_retire_blk_tov = BLOCK_TIMEOUT_MS,
	};
	if (set_option(socket->fd, PACKET_RX_RING, &request, sizeof(request)) != 0)
		return -1;
	size_t size = (size_t)n_blocks * BLOCK_SIZE;
	void *ring =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, socket->fd, 0);
	if (ring == MAP_FAILED)
		return -1;
	socket->ring = ring;
	return 0;
}

// Until every queue is a member of the group, each socket would get all frames: it passes none.
static int set_deaf(int fd) {
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {.len = 1, .filter = &nothing};
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int bind_socket(int fd, int index) {
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
	return bind(fd, (const struct sockaddr *)&address, sizeof(address));
}

static int set_promiscuous(int fd, int index) {
	struct packet_mreq request = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};
	return set_option(fd, PACKET_ADD_MEMBERSHIP, &request, sizeof(request));
}

static int open_socket(
	const struct port *port,
	struct packet_queue *queue,
	int index,
	struct port_error *ret_error
) {
	// Protocol 0: nothing comes before it is bound.
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_step(port, "capture", ret_error);
	queue->next_socket.fd = fd;
	int version = TPACKET_V3, on = 1;
	if (set_option(fd, PACKET_VERSION, &version, sizeof(version)) != 0)
		return fail_step(port, "use TPACKET_V3", ret_error);
	if (set_option(fd, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) != 0)
		return fail_step(
			port, "leave outgoing frames out (Linux 4.20 or later)", ret_error
		);
	if (set_ring(&queue->next_socket, queue->n_blocks) != 0)
		return fail_step(
			port,
			"set up its ring (fewer queues or descriptors need less memory)",
			ret_error
		);
	if (set_deaf(fd) != 0 || bind_socket(fd, index) != 0)
		return fail_step(port, "bind to the interface", ret_error);
	if (set_promiscuous(fd, index) != 0)
		return fail_step(port, "make the interface promiscuous", ret_error);
	return 0;
}

// All queues share the interface's frames by a symmetric hash of the outer header.
static int join_sockets(struct port_packet *packet) {
	// The kernel picks a group that nobody has; the others follow the first.
	uint32_t group = (uint32_t)(PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_UNIQUEID) << 16;
	for (uint16_t i = 0; i < packet->port.n_queues; i++) {
		int fd = packet->queues[i].next_socket.fd;
		if (set_option(fd, PACKET_FANOUT, &group, sizeof(group)) != 0)
			return -1;
		socklen_t len = sizeof(group);
		if (i == 0 && getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &group, &len) != 0)
			return -1;
		group = (group & UINT16_MAX) | (uint32_t)PACKET_FANOUT_HASH << 16;
	}
	return 0;
}

static int start_sockets(struct port_packet *packet, struct port_error *ret_error) {
	if (packet->port.n_queues > 1 && join_sockets(packet) != 0)
		return fail_step(&packet->port, "share the interface between queues", ret_error);
	int off = 0;
	for (uint16_t i = 0; i < packet->port.n_queues; i++) {
		int fd = packet->queues[i].next_socket.fd;
		if (setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &off, sizeof(off)) != 0)
			return fail_step(&packet->port, "start a queue", ret_error);
	}
	return 0;
}

// The next socket of every queue, ready for its worker; or of none.
static int open_sockets(struct port_packet *packet, int index, struct port_error *ret_error) {
	int status = 0;
	uint16_t n = packet->port.n_queues;
	for (uint16_t i = 0; i < n && status == 0; i++)
		status = open_socket(&packet->port, &packet->queues[i], index, ret_error);
	if (status == 0)
		status = start_sockets(packet, ret_error);
	for (uint16_t i = 0; i < n && status < 0; i++)
		socket_close(&packet->queues[i].next_socket, packet->queues[i].n_blocks);
	if (status < 0)
		return status;
	packet->index = index;
	for (uint16_t i = 0; i < n; i++) {
		struct packet_queue *queue = &packet->queues[i];
		uint8_t *ring = queue->next_socket.ring;
		atomic_store_explicit(&queue->next_ring, ring, memory_order_release);
	}
	return 0;
}

// Ends the sockets that workers have left. True when all have gone over.
static bool end_old_sockets(struct port_packet *packet) {
	bool are_all_over = true;
	for (uint16_t i = 0; i < packet->port.n_queues; i++) {
		struct packet_queue *queue = &packet->queues[i];
		if (queue->next_socket.fd < 0)
			continue;
		if (atomic_load_explicit(&queue->next_ring, memory_order_acquire) != NULL) {
			are_all_over = false;
			continue;
		}
		count_dropped(queue);
		socket_close(&queue->socket, queue->n_blocks);
		queue->socket = queue->next_socket;
		queue->next_socket = (struct packet_socket) {.fd = -1};
	}
	return are_all_over;
}

// Takes up the interface that has the name now. -ENODEV: there is none; else as interface_find.
static int take_up(struct port_packet *packet, struct port_error *ret_error) {
	struct interface interface;
	const char *port_name = packet->port.name;
	int status = interface_find(packet->interface, port_name, &interface, ret_error);
	if (status == 0 && interface.link != packet->link)
		status =
			port_fail(ret_error, EPROTONOSUPPORT, "interface '%s' is back with frames of another kind; start again", packet->interface);
	return status < 0 ? status : open_sockets(packet, interface.index, ret_error);
}

static void packet_service(struct port *port) {
	struct port_packet *packet = (struct port_packet *)port;
	struct port_error error = {};
	bool is_settled = end_old_sockets(packet);
	int status = interface_check(packet->interface, packet->index);
	// Once taken up it is said to be gone until the next time: frames have passed by.
	if (status == -ENODEV && is_settled && take_up(packet, &error) == -ENETDOWN)
		status = -ENETDOWN;
	if (status == -ENODEV && error.code != 0 && error.code != ENODEV)
		snprintf(packet->waiting, sizeof(packet->waiting), "%s", error.text);
	else
		interface_describe(
			packet->interface,
			status,
			"receiving goes on once it is back",
			packet->waiting,
			sizeof(packet->waiting)
		);
}

static void packet_shift_clock(struct port *port, int64_t shift_ns) {
	struct port_packet *packet = (struct port_packet *)port;
	atomic_store_explicit(&packet->shift_ns, shift_ns, memory_order_relaxed);
}

static const struct port_ops packet_ops = {
	.receive = packet_receive,
	.close = packet_close,
	.waiting_text = packet_waiting_text,
	.stats = packet_stats,
	.service = packet_service,
	.shift_clock = packet_shift_clock,
};

static struct port_packet *packet_create(const struct port_config *config) {
	struct port_packet *packet = calloc(1, sizeof(*packet));
	if (packet == NULL)
		return NULL;
	port_init(&packet->port, &packet_ops, config);
	packet->port.is_live = true;
	packet->port.n_queues = config->n_queues == 0 ? 1 : config->n_queues;
	size_t size = packet->port.n_queues * sizeof(struct packet_queue);
	packet->queues = aligned_alloc(RTE_CACHE_LINE_SIZE, size);
	if (packet->queues == NULL) {
		free(packet);
		return NULL;
	}
	memset(packet->queues, 0, size);
	for (uint16_t i = 0; i < packet->port.n_queues; i++) {
		struct packet_queue *queue = &packet->queues[i];
		queue->n_blocks = choose_n_blocks(config->ring_size);
		queue->socket.fd = -1;
		queue->next_socket.fd = -1;
	}
	return packet;
}

static int open_queues(
	struct port_packet *packet,
	const struct port_config *config,
	int index,
	struct port_error *ret_error
) {
	int status = open_sockets(packet, index, ret_error);
	for (uint16_t i = 0; i < packet->port.n_queues && status == 0; i++) {
		struct packet_queue *queue = &packet->queues[i];
		change_ring(queue);
		queue->stock.pool = port_pool_create(&packet->port, i, config, ret_error);
		if (queue->stock.pool == NULL)
			status = -ret_error->code;
	}
	end_old_sockets(packet);
	return status;
}

int port_af_packet_open(
	const struct port_config *config,
	const char *target,
	struct port **ret,
	struct port_error *ret_error
) {
	struct interface interface;
	int status = interface_find(target, config->name, &interface, ret_error);
	if (status < 0)
		return status;
	struct port_packet *packet = packet_create(config);
	if (packet == NULL)
		return port_fail(
			ret_error, ENOMEM, "cannot open port '%s': no memory", config->name
		);
	packet->link = (uint8_t)interface.link;
	packet->interface = packet->port.name + (target - config->name);
	status = open_queues(packet, config, interface.index, ret_error);
	if (status < 0) {
		packet_close(&packet->port);
		return status;
	}
	*ret = &packet->port;
	return 0;
}
