#pragma once

// What the checks of doctor.h share: all that was read, and how they say what they find.

#include "doctor.h"
#include "firewall.h"
#include "found.h"
#include "gaps.h"
#include "inventory.h"
#include "pause.h"
#include "resolve.h"

// What must be readable to judge the interfaces that are mirrored.
#define DOCTOR_LOOK_AT_SOURCES                                                                     \
	"ec2:DescribeTrafficMirrorSessions ec2:DescribeNetworkInterfaces ec2:DescribeInstances"
#define DOCTOR_HEALTH_PORTS_FROM 1024 // where the answers of a health check go
#define DOCTOR_VXLAN_BYTES 54 // that mirroring adds to a packet, over IPv4

// What mirrored packets come from: an interface that has a session of ours, or should have one.
struct doctor_source {
	const struct candidate *candidate;
	struct firewall_range address; // of its packets; not set without IPv4
	bool has_address;
	struct shape_strings groups;
};

// Where they go to: a node of the load balancer, or an appliance.
struct doctor_place {
	const char *id; // as it is registered, or the interface's
	const struct ec2_network_interface *interface; // NULL where it is not to be seen
	const struct elbv2_target_health *health; // of a registered appliance
	struct firewall_range address;
	bool has_address;
	struct shape_strings groups;
};

struct doctor_places {
	struct doctor_place *items;
	size_t n;
};

struct doctor_sources {
	struct doctor_source *items;
	size_t n;
};

// A number that a fix gives to a new entry.
struct doctor_acl_number {
	const struct ec2_acl *acl;
	bool is_egress;
};

struct doctor_view {
	struct client *client;
	const struct doctor_options *options;
	struct doctor *doctor;
	struct arena *arena; // of the doctor
	struct aws_error *error;
	bool is_out_of_memory;

	struct gaps gaps;
	const char *caller; // ARN
	struct deployment deployment; // a copy, with what was found out
	const char *id;
	const char *region;
	struct inventory inventory;
	struct found found;
	struct resolution resolution;
	struct candidates candidates;
	struct doctor_sources sources; // those that are mirrored or should be
	const struct ec2_mirror_target *target; // what sessions should send to
	const char *target_id; // also where the target itself is not there
	const struct ec2_mirror_filter *filter;
	const char *filter_id;
	const struct elbv2_target_group *target_group; // that the listener forwards to
	struct elbv2_attributes target_group_attributes;
	struct elbv2_targets_health health;
	struct doctor_places nodes; // of the load balancer
	struct doctor_places appliances;
	struct index groups; // struct ec2_security_group by id
	struct index acls; // struct ec2_acl by subnet
	struct index routes_by_subnet; // struct ec2_route_table
	struct index main_routes; // by VPC
	struct index peerings; // struct ec2_peering by id
	struct pause pause;
	bool is_pause_readable;
	bool is_paused;
	struct doctor_acl_number *acl_numbers;
	size_t n_acl_numbers;
	double mirrored_bytes; // in the last hour, as CloudWatch knows
	double received_bytes; // by the load balancer
};

// Reads all that the checks need but what they ask for themselves.
int doctor_view_load(struct doctor_view *view);
void doctor_view_release(struct doctor_view *view);

// Firewalls and routes around what was found; a part of the above.
int doctor_view_load_network(struct doctor_view *view);

// A check: judges and notes what it finds. Below 0 only where nothing more makes sense.
typedef int doctor_check_fn(struct doctor_view *view);

doctor_check_fn doctor_check_pause;
doctor_check_fn doctor_check_sessions;
doctor_check_fn doctor_check_sources;
doctor_check_fn doctor_check_source_types;
doctor_check_fn doctor_check_ipv6_subnets;
doctor_check_fn doctor_check_foreign_sessions;
doctor_check_fn doctor_check_stale_sessions;
doctor_check_fn doctor_check_packet_length;
doctor_check_fn doctor_check_filter;
doctor_check_fn doctor_check_filter_ipv6;
doctor_check_fn doctor_check_target;
doctor_check_fn doctor_check_balancer;
doctor_check_fn doctor_check_listener;
doctor_check_fn doctor_check_target_group;
doctor_check_fn doctor_check_appliances;
doctor_check_fn doctor_check_zones;
doctor_check_fn doctor_check_cross_zone;
doctor_check_fn doctor_check_stickiness;
doctor_check_fn doctor_check_client_address;
doctor_check_fn doctor_check_deregistration;
doctor_check_fn doctor_check_balancer_groups;
doctor_check_fn doctor_check_appliance_groups;
doctor_check_fn doctor_check_balancer_acls;
doctor_check_fn doctor_check_appliance_acls;
doctor_check_fn doctor_check_source_acls;
doctor_check_fn doctor_check_routes;
doctor_check_fn doctor_check_mtu;
doctor_check_fn doctor_check_mirrored;
doctor_check_fn doctor_check_blocked;
doctor_check_fn doctor_check_received;
doctor_check_fn doctor_check_mirror_limits;
doctor_check_fn doctor_check_quotas;
doctor_check_fn doctor_check_permissions;

// Texts and lists in the doctor's arena. Memory that runs out is noted in the view, and the text is then "".
const char *doctor_text(struct doctor_view *view, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_add(struct doctor_view *view, struct shape_strings *list, const char *text);
void doctor_add_once(struct doctor_view *view, struct shape_strings *list, const char *text);
bool doctor_has(const struct shape_strings *list, const char *text);

void doctor_sort(struct doctor_view *view, struct shape_strings *list);

// "a, b, c and 12 more".
const char *doctor_names(struct doctor_view *view, const struct shape_strings *names);

// "eni-1 (shop-web-1)".
const char *doctor_source_name(struct doctor_view *view, const struct candidate *candidate);

// "s" where it is not one.
const char *doctor_s(size_t n);

// Notes a finding, with copies of all texts. 'fix' and 'subjects' may be NULL.
void doctor_find(
	struct doctor_view *view,
	enum doctor_check check,
	enum doctor_state state,
	const struct shape_strings *subjects,
	const char *fix,
	const char *format,
	...
) __attribute__((format(printf, 6, 7)));

// Whether any of these operations ("ec2:DescribeVpcs ec2:DescribeSubnets") had no answer, so that the check
// cannot judge; notes so.
bool doctor_is_blind(struct doctor_view *view, enum doctor_check check, const char *operations);

// What must be readable to know which interfaces should be mirrored, by the kinds of the sources.
const char *doctor_look_for_sources(struct doctor_view *view);

// "metlo-appliance apply -f FILE --deployment ID", or what to do without a file.
const char *doctor_apply(struct doctor_view *view);
const char *doctor_refresh(struct doctor_view *view);

// What takes these sessions away.
const char *doctor_remove(struct doctor_view *view, const struct shape_strings *ids);

bool doctor_has_file(const struct doctor_view *view);

// Whether mirrored traffic goes through a load balancer that is there.
bool doctor_has_balancer(const struct doctor_view *view);
