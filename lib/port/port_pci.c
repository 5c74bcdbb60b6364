// A network device on the PCI bus, taken from the kernel by a uio or vfio driver. EAL probes it when
// it starts, with the arguments of port_eal_args.

#include "pci_device.h"
#include "port_ethdev.h"
#include "port_priv.h"

#include <rte_ethdev.h>
#include <rte_version.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

// From this version on ENA's driver needs no interrupts (it can poll its admin queue), which
// uio_pci_generic does not have for it, and counts what its receive ring lost.
#define HAS_FULL_ENA (RTE_VERSION >= RTE_VERSION_NUM(24, 3, 0, 0))

static int fail_missing(const char *port_name, const char *address, struct port_error *ret_error) {
	char known[256];
	pci_device_list(PCI_DEVICES, known, sizeof(known));
	return port_fail(
		ret_error,
		ENODEV,
		"cannot open port '%s': there is no network device at PCI address '%s'; there is "
		"%s",
		port_name,
		address,
		known
	);
}

static int
check_device(const char *port_name, const struct pci_device *device, struct port_error *ret_error) {
	if (!pci_driver_is_for_dpdk(device->driver))
		return port_fail(
			ret_error,
			EBUSY,
			"cannot open port '%s': the device is bound to %s%s; bind it to "
			"uio_pci_generic, igb_uio "
			"or vfio-pci first, for example with 'dpdk-devbind.py -b uio_pci_generic "
			"%s'",
			port_name,
			device->driver[0] == '\0' ? "no driver" : "the kernel's driver ",
			device->driver,
			device->address
		);
	bool is_ena = device->vendor == PCI_VENDOR_AMAZON;
	if (is_ena && !HAS_FULL_ENA && strcmp(device->driver, "uio_pci_generic") == 0)
		return port_fail(
			ret_error,
			ENOTSUP,
			"cannot open port '%s': ENA on uio_pci_generic needs DPDK 24.03 or later, "
			"this is %s; bind "
			"the device to igb_uio (wc_activate=1)",
			port_name,
			rte_version()
		);
	return 0;
}

static int find_device(
	const char *port_name,
	const char *target,
	struct pci_device *ret,
	struct port_error *ret_error
) {
	char address[PCI_ADDRESS_SIZE];
	if (pci_address_normalize(target, address) != 0)
		return port_fail(
			ret_error,
			EINVAL,
			"cannot open port '%s': '%s' is not a PCI address such as 0000:00:06.0",
			port_name,
			target
		);
	if (pci_device_read(PCI_DEVICES, address, ret) != 0 || !ret->is_network)
		return fail_missing(port_name, address, ret_error);
	return check_device(port_name, ret, ret_error);
}

int port_pci_eal_arg(
	const char *port_name,
	const char *target,
	char ret[PORT_EAL_ARG_SIZE],
	struct port_error *ret_error
) {
	struct pci_device device = {0};
	int status = find_device(port_name, target, &device, ret_error);
	if (status < 0)
		return status;
	bool must_poll = HAS_FULL_ENA && device.vendor == PCI_VENDOR_AMAZON
		&& strcmp(device.driver, "uio_pci_generic") == 0;
	snprintf(
		ret,
		PORT_EAL_ARG_SIZE,
		"--allow=%s%s",
		device.address,
		must_poll ? ",control_path_poll_interval=1000" : ""
	);
	return 0;
}

int port_pci_open(
	const struct port_config *config,
	const char *target,
	struct port **ret,
	struct port_error *ret_error
) {
	struct pci_device pci = {0};
	int status = find_device(config->name, target, &pci, ret_error);
	if (status < 0)
		return status;
	struct port_device device = {
		.is_missed_complete = pci.vendor != PCI_VENDOR_AMAZON || HAS_FULL_ENA,
	};
	if (rte_eth_dev_get_port_by_name(pci.address, &device.id) != 0)
		return port_fail(
			ret_error,
			ENODEV,
			"cannot open port '%s': DPDK has not taken the device: is there a DPDK "
			"driver for it, are "
			"there huge pages ('grep Huge /proc/meminfo'), and is this root?",
			config->name
		);
	return port_ethdev_open(config, &device, ret, ret_error);
}
