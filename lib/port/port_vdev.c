// Devices that DPDK makes without hardware: "vdev:net_tap0,iface=tap0".

#include "port_ethdev.h"
#include "port_priv.h"

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

int port_vdev_create(
	const struct port_config *config,
	const char *name,
	const char *args,
	struct port_device *ret,
	struct port_error *ret_error
) {
	struct port_device device = {.is_missed_complete = true};
	int len = snprintf(device.vdev, sizeof(device.vdev), "%s", name);
	if (len >= (int)sizeof(device.vdev))
		return port_fail(
			ret_error,
			ENAMETOOLONG,
			"cannot open port '%s': its device's name is too long",
			config->name
		);
	if (rte_eth_dev_get_port_by_name(device.vdev, &device.id) == 0)
		return port_fail(
			ret_error,
			EEXIST,
			"cannot open port '%s': device '%s' is in use",
			config->name,
			name
		);
	int status = rte_eal_hotplug_add("vdev", device.vdev, args);
	if (status == 0)
		status = rte_eth_dev_get_port_by_name(device.vdev, &device.id);
	if (status < 0)
		return port_fail(
			ret_error,
			-status,
			"cannot open port '%s': DPDK did not make device '%s' with '%s': %s",
			config->name,
			device.vdev,
			args,
			rte_strerror(-status)
		);
	*ret = device;
	return 0;
}

void port_vdev_destroy(const struct port_device *device) {
	if (device->vdev[0] != '\0')
		(void)rte_eal_hotplug_remove("vdev", device->vdev);
}

int port_vdev_open(
	const struct port_config *config,
	const char *target,
	struct port **ret,
	struct port_error *ret_error
) {
	const char *comma = strchrnul(target, ',');
	char name[PORT_DEVICE_NAME_SIZE];
	snprintf(name, sizeof(name), "%.*s", (int)(comma - target), target);
	struct port_device device;
	int status =
		port_vdev_create(config, name, *comma == '\0' ? "" : comma + 1, &device, ret_error);
	return status < 0 ? status : port_ethdev_open(config, &device, ret, ret_error);
}
