// An interface of the kernel through AF_XDP sockets, by DPDK's driver. The kernel loads the XDP
// program that libxdp ships; it hands every frame of the interface to the sockets, and the kernel's
// own stack sees none of them.
//
// What the driver leaves unsaid is checked here: no other XDP program may be attached, for the driver
// detaches any where its own start fails, a frame must fit into one buffer of a page, every
// receive queue of the interface must have its socket, or its frames pass by unseen, and its pool
// must be one piece of memory.

#include "frame.h"
#include "interface.h"
#include "port_ethdev.h"
#include "port_priv.h"
#include "xdp_attachment.h"

#include <rte_ether.h>

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#define XDP_HEADROOM 256u // the kernel's, before each frame
#define RING_SIZE 2048u // as many as the driver lends the kernel, so that its ring is never full
#define BUFFER_LIMIT 4096u // the smallest page, which a buffer must not cross

static const struct {
	unsigned bit;
	const char *name;
} capabilities[] = {
	{CAP_NET_RAW, "CAP_NET_RAW"},
	{CAP_NET_ADMIN, "CAP_NET_ADMIN"},
	{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"}, // libxdp finds programs and maps by their ids
	{CAP_IPC_LOCK, "CAP_IPC_LOCK"},
};

// The names of those this process has not, as "CAP_NET_RAW, CAP_IPC_LOCK"; empty: it has all.
static void list_missing_capabilities(char *ret, size_t size) {
	ret[0] = '\0';
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
	if (syscall(SYS_capget, &header, data) != 0)
		return;
	size_t len = 0;
	for (size_t i = 0; i < RTE_DIM(capabilities) && len < size; i++) {
		unsigned bit = capabilities[i].bit;
		bool has = data[CAP_TO_INDEX(bit)].effective & CAP_TO_MASK(bit);
		if (!has)
			len += (size_t)snprintf(
				ret + len,
				size - len,
				"%s%s",
				len == 0 ? "" : ", ",
				capabilities[i].name
			);
	}
}

static int check_permission(const struct port_config *config, struct port_error *ret_error) {
	char missing[128];
	list_missing_capabilities(missing, sizeof(missing));
	if (missing[0] != '\0')
		return port_fail(
			ret_error,
			EPERM,
			"cannot open port '%s': no permission to use AF_XDP: missing are %s; run "
			"it as root, or "
			"give them to the program with 'setcap' or to its service with "
			"'AmbientCapabilities='",
			config->name,
			missing
		);
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return port_fail(
			ret_error,
			errno,
			"cannot open port '%s': the kernel gives no AF_XDP socket: %s; use "
			"af_packet: instead",
			config->name,
			strerror(errno)
		);
	close(fd);
	return 0;
}

// The largest buffer whose whole mempool object lies within a page.
static uint16_t choose_mbuf_size(void) {
	for (uint32_t room = BUFFER_LIMIT; room > 0; room -= RTE_CACHE_LINE_SIZE) {
		uint32_t size = (uint32_t)(sizeof(struct rte_mbuf) + FRAME_PRIVATE_SIZE) + room;
		if (rte_mempool_calc_obj_size(size, 0, NULL) <= BUFFER_LIMIT)
			return (uint16_t)(room - RTE_PKTMBUF_HEADROOM);
	}
	return 0;
}

static int check_interface(
	const struct port_config *config,
	const char *name,
	const struct interface *interface,
	struct port_error *ret_error
) {
	uint32_t max_mtu =
		choose_mbuf_size() - XDP_HEADROOM - RTE_ETHER_HDR_LEN - 2 * RTE_VLAN_HLEN;
	if (interface->mtu > max_mtu)
		return port_fail(
			ret_error,
			EMSGSIZE,
			"cannot open port '%s': AF_XDP cannot carry frames of MTU %u; use "
			"'af_packet:%s', or 'ip "
			"link set %s mtu %u' where no longer frames come",
			config->name,
			interface->mtu,
			name,
			name,
			max_mtu
		);
	if (interface->n_receive_queues != interface->n_combined_queues)
		return port_fail(
			ret_error,
			EINVAL,
			"cannot open port '%s': AF_XDP can serve %u of the %u receive queues of "
			"'%s'; use "
			"'af_packet:%s', or 'ethtool -L %s rx 1'",
			config->name,
			interface->n_combined_queues,
			interface->n_receive_queues,
			name,
			name,
			name
		);
	return 0;
}

static int open_device(
	const struct port_config *config,
	const char *name,
	const struct interface *interface,
	struct port **ret,
	struct port_error *ret_error
) {
	char device_name[PORT_DEVICE_NAME_SIZE], args[128];
	snprintf(device_name, sizeof(device_name), "net_af_xdp_%s", name);
	snprintf(
		args,
		sizeof(args),
		"iface=%s,start_queue=0,queue_count=%u",
		name,
		interface->n_combined_queues
	);
	struct port_device device;
	int status = port_vdev_create(config, device_name, args, &device, ret_error);
	if (status < 0)
		return status;
	snprintf(device.interface, sizeof(device.interface), "%s", name);
	device.interface_index = interface->index;
	device.max_ring_size = RING_SIZE;
	device.mbuf_size = choose_mbuf_size();
	device.hint =
		"a usual reason: long frames at the other end of a veth; af_packet: works with "
		"them";
	struct port_config own = *config;
	own.n_queues = interface->n_combined_queues;
	own.ring_size = RING_SIZE;
	own.n_mbufs += 2 * RING_SIZE;
	return port_ethdev_open(&own, &device, ret, ret_error);
}

int port_af_xdp_open(
	const struct port_config *config,
	const char *target,
	struct port **ret,
	struct port_error *ret_error
) {
	// Both print on standard error otherwise.
	libbpf_set_print(NULL);
	libxdp_set_print(NULL);
	struct interface interface;
	int status = interface_find(target, config->name, &interface, ret_error);
	if (status == 0)
		status = check_interface(config, target, &interface, ret_error);
	if (status == 0)
		status = check_permission(config, ret_error);
	if (status == 0)
		status = xdp_attachment_check(config, target, &interface, ret_error);
	if (status == 0)
		status = open_device(config, target, &interface, ret, ret_error);
	return status;
}
