#include "inventory.h"

#include "sts.h"

#include <errno.h>
#include <string.h>

static int no_memory(struct aws_error *error) {
	return aws_error_set(error, -ENOMEM, "OutOfMemory", "reading the account");
}

static int
add_interface(struct inventory *inventory, const struct ec2_network_interface *interface) {
	struct arena *arena = &inventory->arena;
	int result = index_add(&inventory->interfaces, arena, interface->id, interface);
	if (result == 0)
		result =
			index_add(&inventory->interfaces_by_instance, arena, interface->instance_id, interface);
	if (result == 0)
		result =
			index_add(&inventory->interfaces_by_subnet, arena, interface->subnet_id, interface);
	if (result == 0)
		result =
			index_add(&inventory->interfaces_by_vpc, arena, interface->vpc_id, interface);
	for (size_t i = 0; result == 0 && i < interface->private_ips.n; i++)
		result = index_add(
			&inventory->interfaces_by_address,
			arena,
			interface->private_ips.items[i].address,
			interface
		);
	for (size_t i = 0; result == 0 && i < interface->ipv6_addresses.n; i++)
		result = index_add(
			&inventory->interfaces_by_address,
			arena,
			interface->ipv6_addresses.items[i].address,
			interface
		);
	return result;
}

static void sort_all(struct inventory *inventory) {
	index_sort(&inventory->interfaces);
	index_sort(&inventory->interfaces_by_instance);
	index_sort(&inventory->interfaces_by_subnet);
	index_sort(&inventory->interfaces_by_vpc);
	index_sort(&inventory->interfaces_by_address);
	index_sort(&inventory->instances);
	index_sort(&inventory->subnets_by_id);
	index_sort(&inventory->vpcs_by_id);
	index_sort(&inventory->sessions_by_interface);
	index_sort(&inventory->targets_by_id);
	index_sort(&inventory->filters_by_id);
}

// Reads the interfaces that the query finds and that are not there yet.
static int load_interfaces(
	struct client *client,
	struct inventory *inventory,
	const struct ec2_query *query,
	struct aws_error *error
) {
	struct ec2_network_interfaces found;
	struct index known = inventory->interfaces;
	int result =
		ec2_describe_network_interfaces(client, query, &inventory->arena, &found, error);
	for (size_t i = 0; result == 0 && i < found.interfaces.n; i++) {
		const struct ec2_network_interface *interface = &found.interfaces.items[i];
		if (index_find(&known, interface->id) == NULL
		    && add_interface(inventory, interface) < 0)
			result = no_memory(error);
	}
	return result;
}

static int load_instances(
	struct client *client,
	struct inventory *inventory,
	const struct ec2_query *query,
	struct aws_error *error
) {
	struct ec2_instances found;
	struct index known = inventory->instances;
	int result = ec2_describe_instances(client, query, &inventory->arena, &found, error);
	for (size_t i = 0; result == 0 && i < found.reservations.n; i++) {
		const struct ec2_reservation *reservation = &found.reservations.items[i];
		for (size_t j = 0; result == 0 && j < reservation->instances.n; j++) {
			const struct ec2_instance *instance = &reservation->instances.items[j];
			if (index_find(&known, instance->id) != NULL)
				continue;
			if (index_add(
				    &inventory->instances, &inventory->arena, instance->id, instance
			    )
			    < 0)
				result = no_memory(error);
		}
	}
	return result;
}

static int load_networks(
	struct client *client,
	struct inventory *inventory,
	const struct ec2_query *query,
	struct aws_error *error
) {
	static const struct ec2_query all;
	struct arena *arena = &inventory->arena;
	int result = ec2_describe_vpcs(client, &all, arena, &inventory->vpcs, error);
	if (result == 0)
		result = ec2_describe_subnets(client, query, arena, &inventory->subnets, error);
	if (result < 0)
		return result;
	for (size_t i = 0; i < inventory->vpcs.vpcs.n; i++) {
		const struct ec2_vpc *vpc = &inventory->vpcs.vpcs.items[i];
		if (index_add(&inventory->vpcs_by_id, arena, vpc->id, vpc) < 0)
			return no_memory(error);
	}
	for (size_t i = 0; i < inventory->subnets.subnets.n; i++) {
		const struct ec2_subnet *subnet = &inventory->subnets.subnets.items[i];
		if (index_add(&inventory->subnets_by_id, arena, subnet->id, subnet) < 0)
			return no_memory(error);
	}
	return 0;
}

static int
load_mirroring(struct client *client, struct inventory *inventory, struct aws_error *error) {
	static const struct ec2_query all;
	struct arena *arena = &inventory->arena;
	int result = ec2_describe_mirror_sessions(client, &all, arena, &inventory->sessions, error);
	if (result == 0)
		result = ec2_describe_mirror_targets(
			client, &all, arena, &inventory->targets, error
		);
	if (result == 0)
		result = ec2_describe_mirror_filters(
			client, &all, arena, &inventory->filters, error
		);
	if (result < 0)
		return result;
	for (size_t i = 0; i < inventory->sessions.sessions.n; i++) {
		const struct ec2_mirror_session *session = &inventory->sessions.sessions.items[i];
		const char *key = session->network_interface_id;
		if (index_add(&inventory->sessions_by_interface, arena, key, session) < 0)
			return no_memory(error);
	}
	for (size_t i = 0; i < inventory->targets.targets.n; i++) {
		const struct ec2_mirror_target *target = &inventory->targets.targets.items[i];
		if (index_add(&inventory->targets_by_id, arena, target->id, target) < 0)
			return no_memory(error);
	}
	for (size_t i = 0; i < inventory->filters.filters.n; i++) {
		const struct ec2_mirror_filter *filter = &inventory->filters.filters.items[i];
		if (index_add(&inventory->filters_by_id, arena, filter->id, filter) < 0)
			return no_memory(error);
	}
	return 0;
}

static int
load_account(struct client *client, struct inventory *inventory, struct aws_error *error) {
	struct sts_identity identity;
	int result = sts_get_caller_identity(client, NULL, &inventory->arena, &identity, error);
	if (result < 0)
		return result;
	inventory->account = identity.account == NULL ? "" : identity.account;
	inventory->read_at_s = outside_now_s(client_outside(client));
	return 0;
}

static int load_all(
	struct client *client,
	const struct shape_strings *vpc_ids,
	struct inventory *inventory,
	struct aws_error *error
) {
	struct ec2_filter filter = {.name = "vpc-id", .values = *vpc_ids};
	struct ec2_query query = {.filters = {.items = &filter, .n = vpc_ids->n > 0}};
	int result = load_account(client, inventory, error);
	if (result == 0)
		result = load_networks(client, inventory, &query, error);
	if (result == 0)
		result = load_interfaces(client, inventory, &query, error);
	if (result == 0)
		result = load_instances(client, inventory, &query, error);
	if (result == 0)
		result = load_mirroring(client, inventory, error);
	return result;
}

int inventory_load(
	struct client *client,
	const struct shape_strings *vpc_ids,
	struct inventory *ret_inventory,
	struct aws_error *error
) {
	struct inventory inventory = {0};
	if (vpc_ids->n > INVENTORY_VPCS_MAX)
		return aws_error_set(
			error, -EINVAL, "TooManyVpcs", "more than %d VPCs", INVENTORY_VPCS_MAX
		);
	int result = load_all(client, vpc_ids, &inventory, error);
	if (result < 0) {
		inventory_release(&inventory);
		return result;
	}
	sort_all(&inventory);
	*ret_inventory = inventory;
	return 0;
}

int inventory_load_mirroring(
	struct client *client,
	struct inventory *ret_inventory,
	struct aws_error *error
) {
	struct inventory inventory = {0};
	int result = load_account(client, &inventory, error);
	if (result == 0)
		result = load_mirroring(client, &inventory, error);
	if (result < 0) {
		inventory_release(&inventory);
		return result;
	}
	sort_all(&inventory);
	*ret_inventory = inventory;
	return 0;
}

void inventory_release(struct inventory *inventory) {
	arena_release(&inventory->arena);
	*inventory = (struct inventory) {0};
}

// Those that the index lacks, each once. NULL items without memory.
static int
missing(const struct index *known,
	const struct shape_strings *ids,
	struct arena *arena,
	struct shape_strings *ret_missing) {
	struct index seen = {0};
	const char **items = arena_alloc_array(arena, ids->n, sizeof(*items));
	size_t n = 0;
	if (items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < ids->n; i++)
		if (index_find(known, ids->items[i]) == NULL
		    && index_add(&seen, arena, ids->items[i], ids->items[i]) < 0)
			return -ENOMEM;
	index_sort(&seen);
	for (size_t i = 0; i < seen.n; i++)
		if (i == 0 || strcmp(seen.entries[i].key, seen.entries[i - 1].key) != 0)
			items[n++] = seen.entries[i].key;
	*ret_missing = (struct shape_strings) {.items = items, .n = n};
	return 0;
}

typedef int load_function(
	struct client *client,
	struct inventory *inventory,
	const struct ec2_query *query,
	struct aws_error *error
);

// By a filter, in batches: an id that does not exist is then no error.
static int load_in_batches(
	struct client *client,
	struct inventory *inventory,
	load_function *load,
	const char *filter_name,
	const struct shape_strings *values,
	struct aws_error *error
) {
	int result = 0;
	for (size_t at = 0; result == 0 && at < values->n; at += EC2_FILTER_VALUES_MAX) {
		size_t n = values->n - at;
		struct ec2_filter filter = {
			.name = filter_name,
			.values =
				{
					.items = values->items + at,
					.n = n < EC2_FILTER_VALUES_MAX ? n : EC2_FILTER_VALUES_MAX,
				},
		};
		struct ec2_query query = {.filters = {.items = &filter, .n = 1}};
		result = load(client, inventory, &query, error);
	}
	sort_all(inventory);
	return result;
}

// The instances of all interfaces that belong to one.
static int instances_of_interfaces(
	struct inventory *inventory,
	struct arena *arena,
	struct shape_strings *ret_ids
) {
	size_t n = inventory->interfaces_by_instance.n;
	const char **ids = arena_alloc_array(arena, n, sizeof(*ids));
	if (ids == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		ids[i] = inventory->interfaces_by_instance.entries[i].key;
	struct shape_strings all = {.items = ids, .n = n};
	return missing(&inventory->instances, &all, arena, ret_ids);
}

static int add_instances_of_interfaces(
	struct client *client,
	struct inventory *inventory,
	struct aws_error *error
) {
	struct arena scratch = arena_empty();
	struct shape_strings ids = {0};
	int result = instances_of_interfaces(inventory, &scratch, &ids);
	if (result < 0)
		no_memory(error);
	else
		result = load_in_batches(
			client, inventory, load_instances, "instance-id", &ids, error
		);
	arena_release(&scratch);
	return result;
}

int inventory_add(
	struct client *client,
	struct inventory *inventory,
	const struct shape_strings *interface_ids,
	const struct shape_strings *instance_ids,
	struct aws_error *error
) {
	struct arena scratch = arena_empty();
	struct shape_strings interfaces, instances;
	int result = missing(&inventory->interfaces, interface_ids, &scratch, &interfaces);
	if (result == 0)
		result = missing(&inventory->instances, instance_ids, &scratch, &instances);
	if (result < 0)
		no_memory(error);
	if (result == 0)
		result = load_in_batches(
			client,
			inventory,
			load_interfaces,
			"network-interface-id",
			&interfaces,
			error
		);
	if (result == 0)
		result = load_in_batches(
			client,
			inventory,
			load_interfaces,
			"attachment.instance-id",
			&instances,
			error
		);
	if (result == 0)
		result = add_instances_of_interfaces(client, inventory, error);
	arena_release(&scratch);
	return result;
}

int inventory_add_found(
	struct client *client,
	struct inventory *inventory,
	const char *filter_name,
	const struct shape_strings *values,
	struct aws_error *error
) {
	int result =
		load_in_batches(client, inventory, load_interfaces, filter_name, values, error);
	return result < 0 ? result : add_instances_of_interfaces(client, inventory, error);
}

static int load_more_subnets(
	struct client *client,
	struct inventory *inventory,
	const struct ec2_query *query,
	struct aws_error *error
) {
	struct ec2_subnets found;
	int result = ec2_describe_subnets(client, query, &inventory->arena, &found, error);
	for (size_t i = 0; result == 0 && i < found.subnets.n; i++) {
		const struct ec2_subnet *subnet = &found.subnets.items[i];
		if (index_add(&inventory->subnets_by_id, &inventory->arena, subnet->id, subnet) < 0)
			result = no_memory(error);
	}
	return result;
}

int inventory_add_subnets(
	struct client *client,
	struct inventory *inventory,
	struct aws_error *error
) {
	struct arena scratch = arena_empty();
	struct shape_strings ids = {0};
	const struct index *interfaces = &inventory->interfaces_by_subnet;
	const char **items = arena_alloc_array(&scratch, interfaces->n, sizeof(*items));
	for (size_t i = 0; items != NULL && i < interfaces->n; i++)
		items[i] = interfaces->entries[i].key;
	struct shape_strings all = {.items = items, .n = interfaces->n};
	int result =
		items == NULL ? -ENOMEM : missing(&inventory->subnets_by_id, &all, &scratch, &ids);
	if (result < 0)
		no_memory(error);
	else
		result = load_in_batches(
			client, inventory, load_more_subnets, "subnet-id", &ids, error
		);
	arena_release(&scratch);
	return result;
}

const struct ec2_network_interface *
inventory_interface(const struct inventory *inventory, const char *id) {
	return index_find(&inventory->interfaces, id);
}

const struct ec2_instance *inventory_instance(const struct inventory *inventory, const char *id) {
	return index_find(&inventory->instances, id);
}

const struct ec2_subnet *inventory_subnet(const struct inventory *inventory, const char *id) {
	return index_find(&inventory->subnets_by_id, id);
}

const struct ec2_vpc *inventory_vpc(const struct inventory *inventory, const char *id) {
	return index_find(&inventory->vpcs_by_id, id);
}
