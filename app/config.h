#pragma once

// The configuration of the collector: one JSON file, and the same values as options of 'run'.
// docs/config.md describes it for people, docs/config.schema.json for programs.

#include "failure.h"
#include "setting.h"

#include <stdbool.h>
#include <stdint.h>

enum config_encap {
	CONFIG_ENCAP_DEFAULT, // auto for captures, VXLAN for live ports
	CONFIG_ENCAP_AUTO,
	CONFIG_ENCAP_VXLAN,
	CONFIG_ENCAP_NONE,
};

enum config_tenancy_mode {
	CONFIG_TENANCY_SHARED, // every VNI is the same network
	CONFIG_TENANCY_ISOLATE, // each VNI, or each listed group, is a network of its own
};

struct config_port {
	char *name; // "pcap:FILE", "af_packet:eth1", ...
	uint32_t queues;
	uint32_t ring_size; // 0: as many descriptors as the device allows
	int encap; // enum config_encap
};

struct config_vnis SETTING_LIST_OF(uint32_t);

struct config_tenancy {
	int mode; // enum config_tenancy_mode
	struct SETTING_LIST_OF(struct config_vnis) groups;
};

struct config_memory {
	uint32_t flows; // all lcores together
	uint32_t records_mb; // all lcores together
	uint32_t frames; // of each receive queue
	uint32_t fragments; // IP datagrams being put together, each lcore
};

struct config_tcp {
	uint32_t reorder_ms, gap_ms;
	uint32_t held; // blocks of out-of-order data a connection may hold
	uint32_t active_timeout_s, embryonic_timeout_s, closed_timeout_s;
};

struct config_http {
	uint32_t head_size, fields, pending, body_keep;
};

struct config_decode {
	uint32_t output_max, ratio_max, time_ms;
};

struct config_sink {
	char *file; // "-" is standard output; NULL: none
};

struct config {
	const char *path; // the caller's: the file it was read from; NULL: none
	struct SETTING_LIST_OF(struct config_port) ports;
	struct SETTING_LIST_OF(uint32_t) vxlan_ports;
	uint32_t lcores;
	struct SETTING_LIST_OF(uint32_t) cpus; // of the lcores, one each; empty: left to the system
	struct config_tenancy tenancy;
	struct config_memory memory;
	struct config_tcp tcp;
	struct config_http http;
	struct config_decode decode;
	struct config_sink traces, stats;
	char *environment; // told in every trace
	struct SETTING_LIST_OF(char *) eal_args;
	bool quiet, verbose, profile; // named like their keys
};

// The table it is made of: an object.
const struct setting *config_settings(void);

// Presets. -ENOMEM. config_release() frees what a config owns, also of a half-made or zeroed one.
[[nodiscard]] int config_init(struct config *ret);
void config_release(struct config *config);

// Sets what the JSON text says. -EINVAL, or -ENOMEM, with '*ret_failure' filled.
[[nodiscard]] int
config_parse(struct config *config, const char *text, size_t len, struct failure *ret_failure);

// The same from a file, whose path is kept. Also the errors of open() and read(), and -EFBIG.
[[nodiscard]] int config_load(struct config *config, const char *path, struct failure *ret_failure);

// Whether a port's name begins with a kind and goes on.
bool config_is_port_name(const char *name);
#define CONFIG_PORT_NAMES "pci:ADDRESS, af_packet:INTERFACE, af_xdp:INTERFACE or pcap:FILE"

// Puts the file that the configuration is from before what '*failure' says of it, where there is one.
void config_name_file(const struct config *config, struct failure *failure);

// What no single value shows: that the whole can be run, once there is a port. -EINVAL with
// '*ret_failure' filled.
[[nodiscard]] int config_check(const struct config *config, struct failure *ret_failure);

// The JSON Schema (draft 2020-12) of the file, with a newline at its end; the caller frees it. NULL
// when out of memory.
[[nodiscard]] char *config_schema(void);
