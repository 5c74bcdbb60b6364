#pragma once

// Why mirrored traffic does not arrive, or may soon not: everything between the sources and the appliances is
// looked at, and judged. Reads only; what may not be looked at is said to be unknown, with the permission that
// is missing.

#include "client.h"
#include "deployment.h"

// X(name, text, what): the text is the check's name on screen and in JSON, and stable; 'what' says what it
// looks at. In the order in which they are made.
#define DOCTOR_CHECKS(X)                                                                           \
	X(PAUSE, "pause", "whether mirroring is paused")                                           \
	X(SESSIONS, "sessions", "mirror sessions are there and send to the target")                \
	X(SOURCES, "sources", "the sources exist and can be mirrored")                             \
	X(SOURCE_TYPES, "source-types", "AWS can mirror the instance types of the sources")        \
	X(IPV6_SUBNETS, "ipv6-subnets", "sources in subnets without IPv4")                         \
	X(FOREIGN_SESSIONS, "foreign-sessions", "sessions of others that take the packets first")  \
	X(STALE_SESSIONS, "stale-sessions", "sessions that are billed in vain")                    \
	X(PACKET_LENGTH, "packet-length", "packets are mirrored whole")                            \
	X(FILTER, "filter", "the mirror filter accepts packets in both directions")                \
	X(FILTER_IPV6, "filter-ipv6", "the mirror filter has rules for IPv6 where it is used")     \
	X(TARGET, "target", "the mirror target exists and leads somewhere")                        \
	X(BALANCER, "balancer", "the load balancer is active")                                     \
	X(LISTENER, "listener", "the load balancer listens on UDP 4789")                           \
	X(TARGET_GROUP, "target-group", "protocol, port and health check of the target group")     \
	X(APPLIANCES, "appliances", "collectors are registered and healthy")                       \
	X(ZONES, "zones", "the load balancer covers the zones of the appliances")                  \
	X(CROSS_ZONE, "cross-zone", "sources reach appliances in other zones")                     \
	X(STICKINESS, "stickiness", "both directions of a connection reach one appliance")         \
	X(CLIENT_ADDRESS, "client-address", "packets keep the source's address and form")          \
	X(DEREGISTRATION, "deregistration", "how appliances are taken out")                        \
	X(BALANCER_GROUPS, "balancer-groups", "security groups of the load balancer")              \
	X(APPLIANCE_GROUPS, "appliance-groups", "security groups of the appliances")               \
	X(BALANCER_ACLS, "balancer-acls", "network ACLs of the load balancer's subnets")           \
	X(APPLIANCE_ACLS, "appliance-acls", "network ACLs of the appliances' subnets")             \
	X(SOURCE_ACLS, "source-acls", "network ACLs of the sources' subnets")                      \
	X(ROUTES, "routes", "routes from the sources' subnets to the load balancer")               \
	X(MTU, "mtu", "mirrored packets fit through the path")                                     \
	X(MIRRORED, "mirrored", "CloudWatch: AWS mirrors and skips nothing")                       \
	X(BLOCKED, "blocked", "CloudWatch: flows that security groups block")                      \
	X(RECEIVED, "received", "CloudWatch: what is mirrored reaches the load balancer")          \
	X(MIRROR_LIMITS, "mirror-limits", "AWS's fixed limits of traffic mirroring")               \
	X(QUOTAS, "quotas", "quotas of the account")                                               \
	X(PERMISSIONS, "permissions", "what the caller may do")

enum doctor_check {
#define X(name, text, what) DOCTOR_##name,
	DOCTOR_CHECKS(X)
#undef X
	DOCTOR_N_CHECKS,
};

#define DOCTOR_BIT(check) (UINT64_C(1) << (check))
static_assert(DOCTOR_N_CHECKS <= 64);

const char *doctor_check_text(enum doctor_check check);
const char *doctor_check_what(enum doctor_check check);

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_WARNING, // works, but not as well as it could, or not for long
	DOCTOR_PROBLEM,
	DOCTOR_UNKNOWN, // cannot be looked at
};

// "ok", "warning", "problem", "unknown".
const char *doctor_state_text(enum doctor_state state);

struct doctor_finding {
	enum doctor_check check;
	enum doctor_state state;
	const char *text; // what was seen
	const char *fix; // a command or what to do; NULL where there is nothing to do
	struct shape_strings subjects; // ids of what it is about; may be none
};

struct doctor {
	struct arena arena;
	struct doctor_finding *findings; // by check; none of a check that does not apply
	size_t n_findings;
	size_t n_by_state[DOCTOR_UNKNOWN + 1];
};

struct doctor_options {
	const struct deployment
		*deployment; // of a file; without one only 'id' and 'region' are set
	const char *file; // its name, as it is typed, for the fixes; NULL: known by its tags only
	uint64_t skipped; // DOCTOR_BIT()s of checks that are not made
	struct client
		*dry_client; // whose calls are only checked (client_options.is_dry_run); NULL: none
};

// -ENOENT where there is nothing of the deployment; other errors only where nothing can be seen at all, as
// client_call().
int doctor_run(
	struct client *client,
	const struct doctor_options *options,
	struct doctor *ret_doctor,
	struct aws_error *error
);
void doctor_release(struct doctor *doctor);
