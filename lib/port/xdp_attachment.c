#include "xdp_attachment.h"

#include "port_priv.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_xdp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#define RECEIVER_NAME "xsk_def_prog"
#define MAX_MAPS 8u

static int query(int interface_index, struct bpf_xdp_query_opts *ret) {
	*ret = (struct bpf_xdp_query_opts) {.sz = sizeof(*ret)};
	return bpf_xdp_query(interface_index, 0, ret);
}

// The kernel has either a program of the driver or a generic one, and one of the hardware beside it.
static uint32_t id_of(const struct bpf_xdp_query_opts *found) {
	if (found->drv_prog_id != 0)
		return found->drv_prog_id;
	return found->skb_prog_id != 0 ? found->skb_prog_id : found->hw_prog_id;
}

// NULL where there is none, or no permission to look.
static struct xdp_multiprog *open_programs(int interface_index) {
	struct xdp_multiprog *programs = xdp_multiprog__get_from_ifindex(interface_index);
	return libxdp_get_error(programs) != 0 ? NULL : programs;
}

static struct xdp_program *find_receiver(const struct xdp_multiprog *programs) {
	struct xdp_program *one = NULL;
	if (xdp_multiprog__is_legacy(programs)) {
		one = xdp_multiprog__main_prog(programs);
		return one != NULL && strcmp(xdp_program__name(one), RECEIVER_NAME) == 0 ? one
											 : NULL;
	}
	while ((one = xdp_multiprog__next_prog(one, programs)) != NULL)
		if (strcmp(xdp_program__name(one), RECEIVER_NAME) == 0)
			return one;
	return NULL;
}

// The map of sockets by queue that a program redirects to, or -1.
static int open_socket_map(int program_fd, uint32_t *ret_n_queues) {
	uint32_t ids[MAX_MAPS];
	struct bpf_prog_info program = {.nr_map_ids = MAX_MAPS, .map_ids = (uintptr_t)ids};
	uint32_t len = sizeof(program);
	if (bpf_obj_get_info_by_fd(program_fd, &program, &len) != 0)
		return -1;
	for (uint32_t i = 0; i < program.nr_map_ids && i < MAX_MAPS; i++) {
		int fd = bpf_map_get_fd_by_id(ids[i]);
		struct bpf_map_info map = {0};
		len = sizeof(map);
		if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &map, &len) == 0
		    && map.type == BPF_MAP_TYPE_XSKMAP) {
			*ret_n_queues = map.max_entries;
			return fd;
		}
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

// No open socket is in the map: the kernel takes one out when it is closed. The map cannot be read,
// but refuses a socket for a queue that has one. Ours leaves it again when it is closed here; frames
// of a queue that the program's owner did not use go nowhere for that moment.
static bool is_abandoned(const struct xdp_program *receiver) {
	uint32_t n_queues;
	int map = open_socket_map(xdp_program__fd(receiver), &n_queues);
	if (map < 0)
		return false;
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), ring_size = 1;
	bool is_empty =
		fd >= 0 && setsockopt(fd, SOL_XDP, XDP_RX_RING, &ring_size, sizeof(ring_size)) == 0;
	for (uint32_t i = 0; i < n_queues && is_empty; i++)
		is_empty = bpf_map_update_elem(map, &i, &fd, BPF_NOEXIST) == 0;
	if (fd >= 0)
		close(fd);
	close(map);
	return is_empty;
}

static int fail_attached(
	const struct port_config *config,
	const char *name,
	const struct bpf_xdp_query_opts *found,
	const struct xdp_multiprog *programs,
	struct port_error *ret_error
) {
	const struct xdp_program *program =
		programs == NULL ? NULL : xdp_multiprog__main_prog(programs);
	const char *program_name = program == NULL ? "of unknown name" : xdp_program__name(program);
	if (programs != NULL && find_receiver(programs) != NULL)
		return port_fail(
			ret_error,
			EBUSY,
			"cannot open port '%s': interface '%s' gives its frames to another AF_XDP "
			"program (XDP program %u, %s), as another collector; end that first",
			config->name,
			name,
			id_of(found),
			program_name
		);
	const char *mode = found->drv_prog_id != 0 ? "xdp"
		: found->skb_prog_id != 0	   ? "xdpgeneric"
						   : "xdpoffload";
	return port_fail(
		ret_error,
		EBUSY,
		"cannot open port '%s': interface '%s' has an XDP program already (%u, %s); use "
		"'af_packet:%s', or detach it with 'ip link set dev %s %s off' where nobody needs "
		"it",
		config->name,
		name,
		id_of(found),
		program_name,
		name,
		name,
		mode
	);
}

int xdp_attachment_check(
	const struct port_config *config,
	const char *name,
	const struct interface *interface,
	struct port_error *ret_error
) {
	struct bpf_xdp_query_opts found;
	int status = query(interface->index, &found);
	if (status < 0)
		return port_fail(
			ret_error,
			-status,
			"cannot open port '%s': the kernel does not tell the XDP programs of "
			"interface '%s': %s; use 'af_packet:%s'",
			config->name,
			name,
			strerror(-status),
			name
		);
	if (id_of(&found) == 0)
		return 0;
	struct xdp_multiprog *programs = open_programs(interface->index);
	struct xdp_program *receiver = programs == NULL ? NULL : find_receiver(programs);
	bool is_free = receiver != NULL && found.hw_prog_id == 0
		&& xdp_multiprog__program_count(programs) <= 1 && is_abandoned(receiver);
	if (!is_free)
		status = fail_attached(config, name, &found, programs, ret_error);
	xdp_multiprog__close(programs);
	return status;
}

void xdp_attachment_find(int interface_index, struct xdp_attachment *ret) {
	struct bpf_xdp_query_opts found;
	*ret = (struct xdp_attachment) {0};
	if (query(interface_index, &found) < 0)
		return;
	ret->id = id_of(&found);
	struct xdp_multiprog *programs = ret->id == 0 ? NULL : open_programs(interface_index);
	struct xdp_program *receiver = programs == NULL ? NULL : find_receiver(programs);
	if (receiver != NULL)
		ret->receiver_id = xdp_program__id(receiver);
	xdp_multiprog__close(programs);
}

int xdp_attachment_compare(const struct xdp_attachment *attachment, int interface_index) {
	struct bpf_xdp_query_opts found;
	if (attachment->id == 0 || query(interface_index, &found) < 0
	    || id_of(&found) == attachment->id)
		return 0;
	if (id_of(&found) == 0)
		return -ENOENT;
	// One dispatcher takes the place of another when a program joins those it calls.
	struct xdp_attachment now;
	xdp_attachment_find(interface_index, &now);
	bool is_same = now.receiver_id != 0 && now.receiver_id == attachment->receiver_id;
	return is_same ? 0 : -EEXIST;
}

void xdp_attachment_describe(const char *name, int status, char *ret, size_t size) {
	ret[0] = '\0';
	if (status == -ENOENT)
		snprintf(
			ret,
			size,
			"the XDP program of interface '%s' was detached, and no frames come; start "
			"again",
			name
		);
	else if (status == -EEXIST)
		snprintf(
			ret,
			size,
			"another XDP program was attached to interface '%s', and no frames come; "
			"detach it and start again, or use af_packet:",
			name
		);
}

int xdp_attachment_protect(const struct xdp_attachment *attachment, int interface_index) {
	struct bpf_xdp_query_opts found;
	if (attachment->id == 0 || query(interface_index, &found) < 0)
		return -1;
	if (id_of(&found) == 0 || id_of(&found) == attachment->id)
		return -1;
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && unshare(CLONE_NEWNET) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void xdp_attachment_unprotect(int fd) {
	if (fd < 0)
		return;
	(void)setns(fd, CLONE_NEWNET);
	close(fd);
}
