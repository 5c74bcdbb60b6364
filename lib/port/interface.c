#include "interface.h"

#include "port_priv.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// The interfaces there are, as "eth0, lo".
static void list_interfaces(char *ret, size_t size) {
	snprintf(ret, size, "none");
	struct if_nameindex *all = if_nameindex();
	if (all == NULL)
		return;
	size_t len = 0;
	for (const struct if_nameindex *one = all; one->if_index != 0 && len < size; one++)
		len += (size_t
		)snprintf(ret + len, size - len, "%s%s", len == 0 ? "" : ", ", one->if_name);
	if_freenameindex(all);
}

static int fail_missing(const char *name, const char *port_name, struct port_error *ret_error) {
	char known[200];
	list_interfaces(known, sizeof(known));
	return port_fail(
		ret_error,
		ENODEV,
		"cannot open port '%s': there is no interface '%s' here; there is %s",
		port_name,
		name,
		known
	);
}

static int link_of(int hardware_type, enum packet_link *ret) {
	switch (hardware_type) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		*ret = PACKET_LINK_ETHERNET;
		return 0;
	case ARPHRD_NONE:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
		*ret = PACKET_LINK_RAW_IP;
		return 0;
	default:
		return -EPROTONOSUPPORT;
	}
}

// One of each where the driver has no answer.
static void query_queues(int fd, const char *name, struct interface *ret) {
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	struct ifreq request = {.ifr_data = (void *)&channels};
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	ret->n_receive_queues = 1;
	ret->n_combined_queues = 1;
	if (ioctl(fd, SIOCETHTOOL, &request) != 0)
		return;
	if (channels.combined_count > 0)
		ret->n_combined_queues = (uint16_t)channels.combined_count;
	uint32_t n_receive = channels.combined_count + channels.rx_count;
	if (n_receive > 0)
		ret->n_receive_queues = (uint16_t)n_receive;
}

static int interface_query(
	int fd,
	struct ifreq *request,
	const char *port_name,
	struct interface *ret,
	struct port_error *ret_error
) {
	struct interface found;
	if (ioctl(fd, SIOCGIFINDEX, request) != 0)
		return fail_missing(request->ifr_name, port_name, ret_error);
	found.index = request->ifr_ifindex;
	if (ioctl(fd, SIOCGIFMTU, request) != 0)
		return fail_missing(request->ifr_name, port_name, ret_error);
	found.mtu = (uint32_t)request->ifr_mtu;
	if (ioctl(fd, SIOCGIFHWADDR, request) != 0)
		return fail_missing(request->ifr_name, port_name, ret_error);
	int type = request->ifr_hwaddr.sa_family;
	if (link_of(type, &found.link) != 0)
		return port_fail(
			ret_error,
			EPROTONOSUPPORT,
			"cannot open port '%s': the frames of interface '%s' (ARP hardware type "
			"%d) are neither "
			"Ethernet nor IP",
			port_name,
			request->ifr_name,
			type
		);
	if (ioctl(fd, SIOCGIFFLAGS, request) != 0)
		return fail_missing(request->ifr_name, port_name, ret_error);
	if (!(request->ifr_flags & IFF_UP))
		return port_fail(
			ret_error,
			ENETDOWN,
			"cannot open port '%s': interface '%s' is down; bring it up with 'ip link "
			"set %s up'",
			port_name,
			request->ifr_name,
			request->ifr_name
		);
	query_queues(fd, request->ifr_name, &found);
	*ret = found;
	return 0;
}

int interface_find(
	const char *name,
	const char *port_name,
	struct interface *ret,
	struct port_error *ret_error
) {
	struct ifreq request = {0};
	if (strlen(name) >= sizeof(request.ifr_name))
		return fail_missing(name, port_name, ret_error);
	memcpy(request.ifr_name, name, strlen(name));
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return port_fail(
			ret_error,
			errno,
			"cannot open port '%s': no socket: %s",
			port_name,
			strerror(errno)
		);
	int status = interface_query(fd, &request, port_name, ret, ret_error);
	close(fd);
	return status;
}

int interface_check(const char *name, int index) {
	struct ifreq request = {0};
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int status = 0;
	if (ioctl(fd, SIOCGIFINDEX, &request) != 0 || request.ifr_ifindex != index)
		status = -ENODEV;
	else if (ioctl(fd, SIOCGIFFLAGS, &request) != 0 || !(request.ifr_flags & IFF_UP))
		status = -ENETDOWN;
	close(fd);
	return status;
}

void interface_describe(const char *name, int status, const char *advice, char *ret, size_t size) {
	ret[0] = '\0';
	if (status == -ENETDOWN)
		snprintf(
			ret, size, "interface '%s' is down; receiving goes on once it is up", name
		);
	else if (status == -ENODEV)
		snprintf(ret, size, "interface '%s' is gone; %s", name, advice);
}
