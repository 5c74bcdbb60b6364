#pragma once

// Which network a VNI's addresses belong to. By default all VNIs are one network, so that the two
// copies of a packet that is mirrored at both of its ends meet in one connection. VPCs whose
// address ranges overlap are kept apart by giving their VNIs networks of their own.

#include <stdbool.h>
#include <stdint.h>

struct tenancy_entry {
	uint32_t vni;
	uint32_t network;
};

struct tenancy {
	bool is_isolated; // a VNI that is in no group is a network of its own
	uint32_t n_entries;
	const struct tenancy_entry *entries; // ordered by VNI; networks of groups, from 1
};

// The network of 'vni'; FRAME_NO_VNI counts as a VNI of its own kind. Networks of single VNIs do
// not collide with those of groups.
uint32_t tenancy_network(const struct tenancy *tenancy, uint32_t vni);
