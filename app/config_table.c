#include "config.h"

// One row a key; a key is named like its member. Columns: bounds, preset (JSON), meaning.
// clang-format off
#define ROW(owner, member, row_type, what)                                                         \
	.key = #member, .type = (row_type), .at = offsetof(owner, member), .help = (what)
#define NUMBER(owner, member, least, most, standard, what)                                         \
	{ROW(owner, member, SETTING_NUMBER, what), .min = (least), .max = (most), .preset = (standard)}
#define TEXT(owner, member, most, what)                                                            \
	{ROW(owner, member, SETTING_TEXT, what), .min = 1, .max = (most)}
#define WORD(owner, member, most, standard, what)                                                  \
	{ROW(owner, member, SETTING_TEXT, what), .min = 1, .max = (most), .preset = (standard)}
#define NAME(owner, member, most, what)                                                            \
	{ROW(owner, member, SETTING_TEXT, what), .min = 1, .max = (most), .is_required = true}
#define CHOICE(owner, member, names, standard, what)                                               \
	{ROW(owner, member, SETTING_CHOICE, what), .choices = (names), .preset = (standard)}
#define BOOL(owner, member, what)                                                                  \
	{ROW(owner, member, SETTING_BOOL, what), .preset = "false"}
#define LIST(owner, member, least, most, standard, what)                                           \
	{ROW(owner, member, SETTING_LIST, what), .min = (least), .max = (most),                    \
	 .preset = (standard), .item = &member##_item,                                             \
	 .item_size = sizeof(*((owner *)0)->member.items)}
#define OBJECT(owner, member, what)                                                                \
	{ROW(owner, member, SETTING_OBJECT, what), .fields = member##_settings}
#define END {.key = NULL}
// clang-format on

#define MAX_PORTS 32
#define MAX_LCORES 127
#define MAX_PATH 4095
#define MAX_TIMEOUT_S (10 * 24 * 3600)

static const char *const encap_names[] = {
	[CONFIG_ENCAP_DEFAULT] = "default",
	[CONFIG_ENCAP_AUTO] = "auto",
	[CONFIG_ENCAP_VXLAN] = "vxlan",
	[CONFIG_ENCAP_NONE] = "none",
	NULL,
};

static const char *const tenancy_modes[] = {
	[CONFIG_TENANCY_SHARED] = "shared",
	[CONFIG_TENANCY_ISOLATE] = "isolate",
	NULL,
};

static const struct setting vxlan_ports_item = {
	.type = SETTING_NUMBER,
	.min = 1,
	.max = UINT16_MAX,
	.help = "a UDP port",
};

static const struct setting cpus_item = {
	.type = SETTING_NUMBER,
	.max = 1023,
	.help = "a CPU number",
};

static const struct setting eal_args_item = {
	.type = SETTING_TEXT,
	.min = 1,
	.max = 256,
	.help = "an argument",
};

static const struct setting vni_item = {
	.type = SETTING_NUMBER,
	.max = 0xffffff,
	.help = "a VXLAN network identifier",
};

static const struct setting groups_item = {
	.type = SETTING_LIST,
	.min = 1,
	.max = 65536,
	.item = &vni_item,
	.item_size = sizeof(uint32_t),
	.help = "the VNIs of one network",
};

static const struct setting ports_settings[] = {
	NAME(struct config_port,
	     name,
	     MAX_PATH,
	     "where frames come from: pci:ADDRESS, af_packet:INTERFACE, af_xdp:INTERFACE or "
	     "pcap:FILE"),
	NUMBER(struct config_port,
	       queues,
	       1,
	       64,
	       "1",
	       "receive queues; they are shared out over the lcores"),
	NUMBER(struct config_port,
	       ring_size,
	       0,
	       32768,
	       "0",
	       "descriptors of a receive queue; 0: as many as the device allows"),
	CHOICE(struct config_port,
	       encap,
	       encap_names,
	       "\"default\"",
	       "how mirrored packets are wrapped; default: auto for captures, vxlan for the rest"),
	END};

static const struct setting ports_item = {
	.type = SETTING_OBJECT,
	.fields = ports_settings,
	.help = "a port",
};

static const struct setting tenancy_settings[] = {
	CHOICE(struct config_tenancy,
	       mode,
	       tenancy_modes,
	       "\"shared\"",
	       "shared: all VNIs are one network, and a packet mirrored at both ends counts once; "
	       "isolate: every VNI is a network of its own"),
	LIST(struct config_tenancy,
	     groups,
	     0,
	     4096,
	     NULL,
	     "with isolate: lists of VNIs that are one network together"),
	END};

static const struct setting memory_settings[] = {
	NUMBER(struct config_memory,
	       flows,
	       64,
	       1u << 27,
	       "262144",
	       "TCP connections followed at a time, by all lcores together"),
	NUMBER(struct config_memory,
	       records_mb,
	       1,
	       1u << 20,
	       "256",
	       "MiB for messages on their way and for segments out of order, of all lcores together"
	),
	NUMBER(struct config_memory,
	       frames,
	       512,
	       1u << 20,
	       "8192",
	       "frame buffers of each receive queue"),
	NUMBER(struct config_memory,
	       fragments,
	       16,
	       1u << 20,
	       "4096",
	       "IP datagrams put together at a time, by each lcore"),
	END};

static const struct setting tcp_settings[] = {
	NUMBER(struct config_tcp,
	       reorder_ms,
	       1,
	       60000,
	       "200",
	       "patience for what the network or the mirror delivers late"),
	NUMBER(struct config_tcp,
	       gap_ms,
	       1,
	       600000,
	       "3000",
	       "patience for a retransmission of bytes that nobody acknowledged"),
	NUMBER(struct config_tcp,
	       held,
	       1,
	       65535,
	       "128",
	       "2 KiB blocks of out-of-order data that a connection may hold"),
	NUMBER(struct config_tcp,
	       active_timeout_s,
	       1,
	       MAX_TIMEOUT_S,
	       "300",
	       "silence after which a connection is given up"),
	NUMBER(struct config_tcp,
	       embryonic_timeout_s,
	       1,
	       MAX_TIMEOUT_S,
	       "15",
	       "silence after which a connection without data, or whose data is not HTTP, is given "
	       "up"),
	NUMBER(struct config_tcp,
	       closed_timeout_s,
	       1,
	       MAX_TIMEOUT_S,
	       "5",
	       "how long an ended connection is remembered, for late copies of its packets"),
	END};

static const struct setting http_settings[] = {
	NUMBER(struct config_http,
	       head_size,
	       1024,
	       65535,
	       "65535",
	       "bytes of a message's start line and header fields"),
	NUMBER(struct config_http, fields, 8, 512, "256", "header fields of a message"),
	NUMBER(struct config_http,
	       pending,
	       1,
	       4096,
	       "128",
	       "requests of a connection that wait for their responses"),
	NUMBER(struct config_http,
	       body_keep,
	       0,
	       64u << 20,
	       "65536",
	       "bytes of each body kept for the trace"),
	END};

static const struct setting decode_settings[] = {
	NUMBER(struct config_decode,
	       output_max,
	       1024,
	       256u << 20,
	       "262144",
	       "bytes of a body after its content coding is undone"),
	NUMBER(struct config_decode,
	       ratio_max,
	       1,
	       100000,
	       "200",
	       "how many times its coded size a body may become"),
	NUMBER(struct config_decode, time_ms, 1, 60000, "20", "time for decoding one body"),
	END};

static const struct setting traces_settings[] = {
	TEXT(struct config_sink,
	     file,
	     MAX_PATH,
	     "where traces go as JSON lines; \"-\" is standard output"),
	END};

static const struct setting stats_settings[] = {
	TEXT(struct config_sink, file, MAX_PATH, "where all counters are written at the end"),
	END};

static const struct setting settings[] = {
	LIST(struct config, ports, 0, MAX_PORTS, NULL, "where frames come from"),
	LIST(struct config, vxlan_ports, 1, 16, "[4789]", "UDP ports that carry VXLAN"),
	NUMBER(struct config, lcores, 1, MAX_LCORES, "1", "threads that read packets"),
	LIST(struct config,
	     cpus,
	     0,
	     MAX_LCORES,
	     NULL,
	     "the CPU of each lcore; without it they share all CPUs, or with a pci port get one "
	     "each"),
	OBJECT(struct config, tenancy, "which packets belong to the same network"),
	OBJECT(struct config, memory, "memory, fixed at start"),
	OBJECT(struct config, tcp, "how byte streams are put together"),
	OBJECT(struct config, http, "limits of HTTP messages"),
	OBJECT(struct config, decode, "limits of undoing content codings (gzip, deflate, br, zstd)"
	),
	OBJECT(struct config, traces, "where traces go"),
	OBJECT(struct config, stats, "where counters go"),
	WORD(struct config,
	     environment,
	     128,
	     "\"production\"",
	     "told as meta.environment in every trace"),
	LIST(struct config, eal_args, 0, 64, NULL, "further arguments for DPDK's EAL, as they are"),
	BOOL(struct config, quiet, "no progress and no summary on standard error"),
	BOOL(struct config, verbose, "let DPDK's own log through to standard error"),
	BOOL(struct config, profile, "measure what each stage costs and show it at the end"),
	END};

static const struct setting root = {
	.type = SETTING_OBJECT,
	.fields = settings,
	.help = "configuration of metlo-appliance",
};

const struct setting *config_settings(void) {
	return &root;
}
