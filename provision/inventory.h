#pragma once

// What an account has in one region, read with few calls however much there is: interfaces, instances,
// subnets and everything about mirroring.

#include "client.h"
#include "ec2_instance.h"
#include "ec2_mirror.h"
#include "ec2_network.h"
#include "index.h"

#define INVENTORY_VPCS_MAX EC2_FILTER_VALUES_MAX

struct inventory {
	struct arena arena;
	int64_t read_at_s; // since 1970, by our clock
	const char *account; // its id
	struct ec2_vpcs vpcs; // all of the region
	struct ec2_subnets subnets;
	struct index interfaces; // struct ec2_network_interface by id
	struct index interfaces_by_instance;
	struct index interfaces_by_subnet;
	struct index interfaces_by_vpc;
	struct index interfaces_by_address; // private, IPv4 and IPv6
	struct index instances; // struct ec2_instance by id
	struct index subnets_by_id;
	struct index vpcs_by_id;
	struct ec2_mirror_sessions sessions; // all of the region that the account can see
	struct ec2_mirror_targets targets;
	struct ec2_mirror_filters filters;
	struct index sessions_by_interface;
	struct index targets_by_id;
	struct index filters_by_id;
};

// Interfaces, instances and subnets of these VPCs; of all where there are none. As client_call().
int inventory_load(
	struct client *client,
	const struct shape_strings *vpc_ids,
	struct inventory *ret_inventory,
	struct aws_error *error
);
void inventory_release(struct inventory *inventory);

// Only the account's id and everything about mirroring: a few calls; inventory_add() gets the rest that is
// needed.
int inventory_load_mirroring(
	struct client *client,
	struct inventory *ret_inventory,
	struct aws_error *error
);

// Fetches what is named and not there yet, wherever it is, with the instances of the interfaces and the
// interfaces of the instances. What does not exist stays missing.
int inventory_add(
	struct client *client,
	struct inventory *inventory,
	const struct shape_strings *interface_ids,
	const struct shape_strings *instance_ids,
	struct aws_error *error
);

// Fetches the interfaces that a filter finds ("description", "addresses.private-ip-address"), wherever they
// are, with their instances.
int inventory_add_found(
	struct client *client,
	struct inventory *inventory,
	const char *filter_name,
	const struct shape_strings *values,
	struct aws_error *error
);

// Fetches the subnets of all interfaces that are there. They are found by inventory_subnet(), and not among
// 'subnets'.
int inventory_add_subnets(
	struct client *client,
	struct inventory *inventory,
	struct aws_error *error
);

// NULL where there is none.
const struct ec2_network_interface *
inventory_interface(const struct inventory *inventory, const char *id);
const struct ec2_instance *inventory_instance(const struct inventory *inventory, const char *id);
const struct ec2_subnet *inventory_subnet(const struct inventory *inventory, const char *id);
const struct ec2_vpc *inventory_vpc(const struct inventory *inventory, const char *id);
