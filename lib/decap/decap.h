#pragma once

// Strips the envelope that a mirror puts around each mirrored frame. Pure: reads the bytes it is
// given, allocates nothing, keeps no state. One function for each encapsulation; what they have in
// common is struct decap_result, so that a further one (GENEVE, GRE, ERSPAN) is one more function
// here and one more line where the worker chooses.

#include "slice.h"
#include "verdict.h"

#include <stdint.h>

#define DECAP_VXLAN_PORT 4789 // RFC 7348, section 5

struct decap_result {
	uint32_t vni; // 24 bits, host order
	uint32_t
		inner_at; // where the mirrored Ethernet frame begins, from the start of the payload
};

// Reads the UDP payload of a VXLAN packet. Reserved bits may be anything, as RFC 7348 asks of
// receivers; the I bit must be set. Fills 'ret' only on VERDICT_DELIVERED.
[[nodiscard]] enum verdict decap_vxlan(struct slice udp_payload, struct decap_result *ret);
