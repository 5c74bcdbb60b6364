#include "pci_device.h"

#include <rte_common.h>
#include <rte_pci.h>
#include <rte_string_fns.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLASS_NETWORK 0x02u // the first byte of the class code

int pci_address_normalize(const char *text, char ret[PCI_ADDRESS_SIZE]) {
	struct rte_pci_addr address;
	if (rte_pci_addr_parse(text, &address) != 0)
		return -EINVAL;
	rte_pci_device_name(&address, ret, PCI_ADDRESS_SIZE);
	return 0;
}

static int read_number(const char *devices, const char *address, const char *name, uint32_t *ret) {
	char path[PATH_MAX], text[32];
	snprintf(path, sizeof(path), "%s/%s/%s", devices, address, name);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return -ENODEV;
	bool is_read = fgets(text, sizeof(text), file) != NULL;
	fclose(file);
	if (!is_read)
		return -EIO;
	*ret = (uint32_t)strtoul(text, NULL, 16);
	return 0;
}

// The name a link ends in; empty where there is no link.
static void read_driver(const char *devices, const char *address, char *ret, size_t size) {
	char path[PATH_MAX], target[PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s/driver", devices, address);
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	ret[0] = '\0';
	if (len <= 0)
		return;
	target[len] = '\0';
	const char *slash = strrchr(target, '/');
	(void)rte_strscpy(ret, slash == NULL ? target : slash + 1, size);
}

int pci_device_read(const char *devices, const char *address, struct pci_device *ret) {
	struct pci_device device = {0};
	uint32_t class_code = 0;
	if (read_number(devices, address, "vendor", &device.vendor) != 0
	    || read_number(devices, address, "class", &class_code) != 0)
		return -ENODEV;
	snprintf(device.address, sizeof(device.address), "%s", address);
	device.is_network = class_code >> 16 == CLASS_NETWORK;
	read_driver(devices, address, device.driver, sizeof(device.driver));
	*ret = device;
	return 0;
}

void pci_device_list(const char *devices, char *ret, size_t size) {
	snprintf(ret, size, "none");
	struct dirent **entries;
	int n_entries = scandir(devices, &entries, NULL, alphasort);
	if (n_entries < 0)
		return;
	size_t len = 0;
	for (int i = 0; i < n_entries; i++) {
		struct pci_device device;
		bool is_shown = pci_device_read(devices, entries[i]->d_name, &device) == 0
			&& device.is_network;
		if (is_shown && len < size)
			len += (size_t)snprintf(
				ret + len,
				size - len,
				"%s%s (%s)",
				len == 0 ? "" : ", ",
				device.address,
				device.driver[0] == '\0' ? "no driver" : device.driver
			);
		free(entries[i]);
	}
	free(entries);
}

bool pci_driver_is_for_dpdk(const char *driver) {
	static const char *const names[] = {"uio_pci_generic", "igb_uio", "vfio-pci"};
	for (size_t i = 0; i < RTE_DIM(names); i++) {
		if (strcmp(names[i], driver) == 0)
			return true;
	}
	return false;
}
