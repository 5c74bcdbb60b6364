#include "tenancy.h"

// VNIs have 24 bits; networks of single VNIs start above all groups.
#define FIRST_OF_VNIS (1u << 24)

uint32_t tenancy_network(const struct tenancy *tenancy, uint32_t vni) {
	uint32_t low = 0, high = tenancy->n_entries;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (tenancy->entries[middle].vni < vni)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < tenancy->n_entries && tenancy->entries[low].vni == vni)
		return tenancy->entries[low].network;
	return tenancy->is_isolated ? FIRST_OF_VNIS + (vni & 0x1ffffff) : 0;
}
