#pragma once

// Every way a received frame can leave the data path. VERDICT_DELIVERED means a TCP tracker took
// it; every other verdict is a named loss, published as packets.dropped.<name>. The sum of all of
// them is the number of frames received; there is no "other".

// id, name, what it means to an operator
#define DROP_REASONS(X)                                                                            \
	X(FRAME_SHORT, "frame_short", "frame ends inside its link-layer header")                   \
	X(LINK_UNSUPPORTED,                                                                        \
	  "link_unsupported",                                                                      \
	  "link type or EtherType that carries no IP, as ARP")                                     \
	X(VLAN_TOO_DEEP, "vlan_too_deep", "more VLAN tags than are followed")                      \
	X(IP_SHORT, "ip_short", "frame ends inside an IP header")                                  \
	X(IP_BAD_VERSION, "ip_bad_version", "IP version does not match the EtherType")             \
	X(IP_BAD_LENGTH, "ip_bad_length", "IP header length or total length is impossible")        \
	X(IP_EXTENSION_LOOP, "ip_extension_loop", "too many IPv6 extension headers")               \
	X(HEADERS_TOO_LONG, "headers_too_long", "more headers than are read of a frame in pieces") \
	X(IP_ENCRYPTED, "ip_encrypted", "IPsec ESP or IPv6 no-next-header: nothing to read")       \
	X(FRAGMENT_BAD, "fragment_bad", "IP fragment with an impossible offset or length")         \
	X(FRAGMENT_OVERLAP, "fragment_overlap", "IP fragment that only repeats bytes already held" \
	)                                                                                          \
	X(FRAGMENT_TIMEOUT, "fragment_timeout", "IP datagram whose other fragments never came")    \
	X(FRAGMENT_NO_ROOM, "fragment_no_room", "IP fragment beyond the memory for reassembly")    \
	X(NOT_MIRROR, "not_mirror", "not mirror traffic: ICMP, health checks and the like")        \
	X(DECAP_SHORT, "decap_short", "ends inside its VXLAN header")                              \
	X(DECAP_NO_VNI, "decap_no_vni", "VXLAN header without a valid VNI (the I bit is 0)")       \
	X(UDP_SHORT, "udp_short", "frame ends inside its UDP header")                              \
	X(INNER_NOT_TCP, "inner_not_tcp", "mirrored packet that is not TCP")                       \
	X(TCP_SHORT, "tcp_short", "frame ends inside its TCP header")                              \
	X(TCP_BAD_OFFSET, "tcp_bad_offset", "TCP data offset is impossible")                       \
	X(TCP_BAD_FLAGS, "tcp_bad_flags", "TCP flags that no endpoint sends together")             \
	X(TCP_NO_FLOW, "tcp_no_flow", "TCP without data for a connection never seen")              \
	X(TCP_OUT_OF_WINDOW, "tcp_out_of_window", "TCP segment far outside what was acknowledged") \
	X(TCP_AFTER_END, "tcp_after_end", "TCP data behind the end of its direction: FIN or RST")  \
	X(TCP_NO_ROOM, "tcp_no_room", "out-of-order TCP segment beyond the memory to hold it")     \
	X(FLOW_TABLE_FULL, "flow_table_full", "no room for another flow")                          \
	X(FLOW_SHED, "flow_shed", "flow left out under overload, chosen by its hash")              \
	X(NOT_HTTP, "not_http", "flow whose bytes are not HTTP/1")                                 \
	X(TUNNEL, "tunnel", "flow that left HTTP by CONNECT or Upgrade")                           \
	X(RING_FULL, "ring_full", "the lcore that owns the flow did not keep up")                  \
	X(PACKET_TOO_LONG, "packet_too_long", "larger than a packet can be")

enum verdict {
	VERDICT_DELIVERED,
#define X(id, name, help) VERDICT_##id,
	DROP_REASONS(X)
#undef X
	N_VERDICTS,
};
