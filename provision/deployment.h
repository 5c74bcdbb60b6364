#pragma once

// What there should be: one load balancer in front of appliances, and the sessions that feed it. Data only;
// a wizard, flags or a file fill it in.

#include "candidate.h"
#include "error.h"
#include "mirror_filter.h"
#include "source.h"

#include <stdbool.h>
#include <stdint.h>

#define DEPLOYMENT_VXLAN_PORT 4789
#define DEPLOYMENT_HEALTH_PORT 8000

// How the appliances take the traffic in, which decides how the load balancer names them.
enum deployment_mode {
	DEPLOYMENT_DPDK, // a data interface of its own: targets are addresses, which the appliance registers
	DEPLOYMENT_KERNEL, // one interface: targets are instances
};

struct deployment_health {
	const char *protocol; // "TCP" (also NULL), "HTTP", "HTTPS"
	uint16_t port; // 0: DEPLOYMENT_HEALTH_PORT
	const char *path; // of HTTP
	int64_t interval_s; // 0: 10
};

// Appliances to launch. Without an image none are.
struct deployment_appliances {
	const char *image_id; // "ami-..."
	const char *image_parameter; // or the name of an SSM parameter that holds it
	const char *instance_type;
	const char *key_name;
	const char *instance_profile; // its name
	const char *user_data; // as the appliance reads it
	struct shape_strings subnet_ids; // none: those of the load balancer
	struct shape_strings security_group_ids; // besides our own
	bool is_group; // an Auto Scaling group, else single instances
	int64_t n; // how many; of a group, the desired number
	int64_t n_max; // of a group; 0: n
};

enum deployment_vni {
	DEPLOYMENT_VNI_RANDOM, // AWS chooses one for each session
	DEPLOYMENT_VNI_GIVEN, // the same for all
	DEPLOYMENT_VNI_PER_SOURCE, // computed from the first source's key, so it is the same in every run
};

struct deployment_session {
	int64_t number; // 0: the lowest that is free on the interface
	enum deployment_vni vni_mode;
	int64_t vni; // DEPLOYMENT_VNI_GIVEN
	int64_t packet_length; // 0: AWS's default of 8500
	const char *description; // NULL: says what wants it
};

struct deployment {
	const char *id; // see ownership_is_id()
	const char *region;
	const char *vpc_id; // of the load balancer and the appliances
	struct shape_strings source_vpc_ids; // where selectors look besides: peered VPCs
	struct shape_strings subnet_ids; // of the load balancer; none: one in each zone
	struct aws_tags tags; // of all that is made, besides our own
	enum deployment_mode mode;
	struct deployment_health health;
	struct shape_strings
		source_cidrs; // who may send; none: the VPCs of sources and load balancer

	// What exists already and is used instead of being made; never changed or deleted.
	const char *existing_load_balancer; // ARN
	const char *existing_target; // "tmt-..."
	const char *existing_filter; // "tmf-..."
	struct shape_strings
		existing_appliances; // to be registered: instances, or addresses with DPDK

	struct deployment_appliances appliances;
	struct mirror_filter_rules rules; // none: mirror_filter_default()
	bool mirrors_dns; // queries to Amazon's resolver as well
	struct deployment_session session;
	struct source *sources;
	size_t n_sources;
	struct shape_strings extra_types; // see instance_types.h
	bool allows_starved;
};

// -EINVAL with the first thing that makes no sense, deployment_values_check() included; -ENOMEM.
int deployment_check(const struct deployment *deployment, struct aws_error *error);

// "metlo-ID" and, where 'part' is not NULL, "metlo-ID-PART". NULL without memory.
const char *
deployment_name(const struct deployment *deployment, const char *part, struct arena *arena);

uint16_t deployment_health_port(const struct deployment *deployment);
bool deployment_has_appliances(const struct deployment *deployment);
