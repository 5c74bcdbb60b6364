#include "decap.h"

#include "bytes.h"

#define VXLAN_HEADER_LEN 8
#define VXLAN_FLAG_VNI 0x08

enum verdict decap_vxlan(struct slice udp_payload, struct decap_result *ret) {
	if (udp_payload.len < VXLAN_HEADER_LEN)
		return VERDICT_DECAP_SHORT;
	const uint8_t *p = udp_payload.data;
	if (!(p[0] & VXLAN_FLAG_VNI))
		return VERDICT_DECAP_NO_VNI;
	ret->vni = bytes_be24(p + 4);
	ret->inner_at = VXLAN_HEADER_LEN;
	return VERDICT_DELIVERED;
}
