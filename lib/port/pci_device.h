#pragma once

// What the kernel says of a PCI device in sysfs.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCI_DEVICES "/sys/bus/pci/devices"
#define PCI_ADDRESS_SIZE 24 // "0000:00:06.0"; domains may be longer
#define PCI_VENDOR_AMAZON 0x1d0fu

struct pci_device {
	char address[PCI_ADDRESS_SIZE];
	uint32_t vendor;
	bool is_network;
	char driver[32]; // it is bound to; empty: none
};

// Brings "0:6.0", "00:06.0" and "0000:00:06.0" into the last form. 0 or -EINVAL.
[[nodiscard]] int pci_address_normalize(const char *text, char ret[PCI_ADDRESS_SIZE]);

// 'devices' is PCI_DEVICES except in tests. 0 or -ENODEV.
[[nodiscard]] int pci_device_read(const char *devices, const char *address, struct pci_device *ret);

// The network devices there are, as "0000:00:05.0 (ena), 0000:00:06.0 (uio_pci_generic)"; "none".
void pci_device_list(const char *devices, char *ret, size_t size);

// Whether a driver hands devices to programs.
[[nodiscard]] bool pci_driver_is_for_dpdk(const char *driver);
