#include "pci_device.h"
#include "port.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

// A folder as /sys/bus/pci/devices is.
struct bus {
	char path[64];
};

static void write_file(const char *path, const char *text) {
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void bus_init(struct bus *bus) {
	strcpy(bus->path, "/tmp/test_pci_device.XXXXXX");
	assert_non_null(mkdtemp(bus->path));
}

static void bus_release(const struct bus *bus) {
	char command[128];
	snprintf(command, sizeof(command), "rm -r '%s'", bus->path);
	assert_int_equal(system(command), 0);
}

static void
bus_add(const struct bus *bus, const char *address, const char *class_code, const char *driver) {
	char path[256], target[128];
	snprintf(path, sizeof(path), "%s/%s", bus->path, address);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/%s/vendor", bus->path, address);
	write_file(path, "0x1d0f\n");
	snprintf(path, sizeof(path), "%s/%s/class", bus->path, address);
	write_file(path, class_code);
	snprintf(path, sizeof(path), "%s/%s/driver", bus->path, address);
	snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
	if (driver[0] != '\0')
		assert_int_equal(symlink(target, path), 0);
}

static void reads_vendor_class_and_driver(void **) {
	struct bus bus;
	bus_init(&bus);
	bus_add(&bus, "0000:00:06.0", "0x020000\n", "uio_pci_generic");
	bus_add(&bus, "0000:00:04.0", "0x010802\n", "nvme");
	struct pci_device device;
	assert_int_equal(pci_device_read(bus.path, "0000:00:06.0", &device), 0);
	assert_int_equal(device.vendor, PCI_VENDOR_AMAZON);
	assert_true(device.is_network);
	assert_string_equal(device.driver, "uio_pci_generic");
	assert_string_equal(device.address, "0000:00:06.0");
	assert_int_equal(pci_device_read(bus.path, "0000:00:04.0", &device), 0);
	assert_false(device.is_network);
	assert_int_equal(pci_device_read(bus.path, "0000:00:07.0", &device), -ENODEV);
	bus_release(&bus);
}

static void lists_the_network_devices(void **) {
	struct bus bus;
	bus_init(&bus);
	char text[128];
	pci_device_list(bus.path, text, sizeof(text));
	assert_string_equal(text, "none");
	bus_add(&bus, "0000:00:06.0", "0x020000\n", "");
	bus_add(&bus, "0000:00:05.0", "0x020000\n", "ena");
	bus_add(&bus, "0000:00:04.0", "0x010802\n", "nvme");
	pci_device_list(bus.path, text, sizeof(text));
	assert_string_equal(text, "0000:00:05.0 (ena), 0000:00:06.0 (no driver)");
	char small[10];
	pci_device_list(bus.path, small, sizeof(small));
	assert_string_equal(small, "0000:00:0");
	pci_device_list("/nowhere", text, sizeof(text));
	assert_string_equal(text, "none");
	bus_release(&bus);
}

static void brings_addresses_into_one_form(void **) {
	char address[PCI_ADDRESS_SIZE];
	assert_int_equal(pci_address_normalize("00:06.0", address), 0);
	assert_string_equal(address, "0000:00:06.0");
	assert_int_equal(pci_address_normalize("0000:af:1f.7", address), 0);
	assert_string_equal(address, "0000:af:1f.7");
	assert_int_equal(pci_address_normalize("eth1", address), -EINVAL);
	assert_int_equal(pci_address_normalize("00:06", address), -EINVAL);
	assert_int_equal(pci_address_normalize("00:06.0,devarg=1", address), -EINVAL);
}

static void knows_the_drivers_that_hand_devices_over(void **) {
	assert_true(pci_driver_is_for_dpdk("uio_pci_generic"));
	assert_true(pci_driver_is_for_dpdk("igb_uio"));
	assert_true(pci_driver_is_for_dpdk("vfio-pci"));
	assert_false(pci_driver_is_for_dpdk("ena"));
	assert_false(pci_driver_is_for_dpdk(""));
}

static void keeps_eal_from_devices_nobody_named(void **) {
	const char *names[] = {"pcap:a.pcap", "af_packet:eth1"};
	struct port_eal_args args;
	struct port_error error;
	assert_int_equal(port_eal_args(names, 2, &args, &error), 0);
	assert_int_equal(args.n_args, 1);
	assert_string_equal(args.args[0], "--no-pci");
	assert_false(args.needs_huge_pages);
}

static void refuses_pci_ports_that_cannot_be(void **) {
	struct port_eal_args args;
	struct port_error error;
	const char *no_address[] = {"pci:eth1"};
	assert_int_equal(port_eal_args(no_address, 1, &args, &error), -EINVAL);
	assert_non_null(strstr(error.text, "'eth1' is not a PCI address such as 0000:00:06.0"));
	const char *no_device[] = {"pci:ffff:ff:1f.7"};
	assert_int_equal(port_eal_args(no_device, 1, &args, &error), -ENODEV);
	assert_non_null(
		strstr(error.text, "no network device at PCI address 'ffff:ff:1f.7'; there is ")
	);
	const char *no_kind[] = {"pic:00:06.0"};
	assert_int_equal(port_eal_args(no_kind, 1, &args, &error), -EINVAL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_vendor_class_and_driver),
		cmocka_unit_test(lists_the_network_devices),
		cmocka_unit_test(brings_addresses_into_one_form),
		cmocka_unit_test(knows_the_drivers_that_hand_devices_over),
		cmocka_unit_test(keeps_eal_from_devices_nobody_named),
		cmocka_unit_test(refuses_pci_ports_that_cannot_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
