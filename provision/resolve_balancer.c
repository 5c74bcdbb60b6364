#include "elb.h"
#include "elbv2.h"
#include "resolver.h"

#include <errno.h>
#include <string.h>

#define DEPTH_MAX 3 // a load balancer before a load balancer

static int want_balancer(
	struct resolver *resolver,
	size_t at,
	const struct elbv2_load_balancer *balancer,
	int depth
);

// The interfaces that a load balancer owns: their description names it.
static int want_own(struct resolver *resolver, size_t at, const char *description) {
	struct inventory *inventory = resolver->inventory;
	struct shape_strings values = {.items = &description, .n = 1};
	size_t before = resolver->n_wants;
	int result = inventory_add_found(
		resolver->client, inventory, "description", &values, resolver->error
	);
	for (size_t i = 0; result == 0 && i < inventory->interfaces.n; i++) {
		const struct ec2_network_interface *interface =
			inventory->interfaces.entries[i].value;
		if (interface->description != NULL
		    && strcmp(interface->description, description) == 0)
			result = resolver_want(resolver, at, interface, true);
	}
	if (result == 0 && resolver->n_wants == before)
		return resolver_problem(
			resolver, at, "the load balancer has no network interface that can be seen"
		);
	return result;
}

static int want_instances(struct resolver *resolver, size_t at, const struct shape_strings *ids) {
	struct shape_strings none = {0};
	int result =
		inventory_add(resolver->client, resolver->inventory, &none, ids, resolver->error);
	// A load balancer sends to the first address of the first interface.
	for (size_t i = 0; result == 0 && i < ids->n; i++)
		result = resolver_want_instance(resolver, at, ids->items[i], true, false);
	return result;
}

static int
want_addresses(struct resolver *resolver, size_t at, const struct shape_strings *addresses) {
	const struct index *index = &resolver->inventory->interfaces_by_address;
	struct shape_strings unknown = {0};
	int result = 0;
	for (size_t i = 0; result == 0 && i < addresses->n; i++)
		if (index_find(index, addresses->items[i]) == NULL)
			result = resolver_add_text(resolver, &unknown, addresses->items[i]);
	if (result == 0 && unknown.n > 0)
		result = inventory_add_found(
			resolver->client,
			resolver->inventory,
			"addresses.private-ip-address",
			&unknown,
			resolver->error
		);
	for (size_t i = 0; result == 0 && i < addresses->n; i++) {
		const struct ec2_network_interface *interface =
			index_find(index, addresses->items[i]);
		if (interface != NULL)
			result = resolver_want(resolver, at, interface, false);
		else
			result = resolver_problem(
				resolver,
				at,
				"target %s is no network interface of this region",
				addresses->items[i]
			);
	}
	return result;
}

static int
want_behind(struct resolver *resolver, size_t at, const struct shape_strings *arns, int depth) {
	struct elbv2_query query = {.arns = *arns};
	struct elbv2_load_balancers found;
	if (arns->n == 0)
		return 0;
	int result = elbv2_describe_load_balancers(
		resolver->client, &query, &resolver->resolution->arena, &found, resolver->error
	);
	for (size_t i = 0; result == 0 && i < found.load_balancers.n; i++)
		result = want_balancer(resolver, at, &found.load_balancers.items[i], depth + 1);
	return result;
}

static int want_group(
	struct resolver *resolver,
	size_t at,
	const struct elbv2_target_group *group,
	int depth
) {
	struct elbv2_targets query = {.target_group_arn = group->arn};
	struct elbv2_targets_health found;
	struct shape_strings ids = {0};
	const char *type = group->target_type == NULL ? "instance" : group->target_type;
	int result = elbv2_describe_target_health(
		resolver->client, &query, &resolver->resolution->arena, &found, resolver->error
	);
	for (size_t i = 0; result == 0 && i < found.targets.n; i++) {
		if (found.targets.items[i].id == NULL)
			continue;
		result = resolver_add_text(resolver, &ids, found.targets.items[i].id);
		if (result == 0)
			result = resolver_add_port(resolver, found.targets.items[i].port);
	}
	if (result < 0)
		return result;
	if (strcmp(type, "instance") == 0)
		return want_instances(resolver, at, &ids);
	if (strcmp(type, "ip") == 0)
		return want_addresses(resolver, at, &ids);
	if (strcmp(type, "alb") == 0)
		return want_behind(resolver, at, &ids, depth);
	return resolver_problem(
		resolver,
		at,
		"target group '%s' sends to %s, which has no interface to mirror",
		group->name == NULL ? "" : group->name,
		type
	);
}

static int want_targets(
	struct resolver *resolver,
	size_t at,
	const struct elbv2_load_balancer *balancer,
	int depth
) {
	struct elbv2_target_group_query query = {.load_balancer_arn = balancer->arn};
	struct elbv2_target_groups found;
	int result = elbv2_describe_target_groups(
		resolver->client, &query, &resolver->resolution->arena, &found, resolver->error
	);
	for (size_t i = 0; result == 0 && i < found.groups.n; i++)
		result = want_group(resolver, at, &found.groups.items[i], depth);
	return result;
}

// "arn:...:loadbalancer/app/NAME/ID" has interfaces described as "ELB app/NAME/ID".
static int
want_enis(struct resolver *resolver, size_t at, const struct elbv2_load_balancer *balancer) {
	const char *tail = balancer->arn == NULL ? NULL : strstr(balancer->arn, ":loadbalancer/");
	if (balancer->type == NULL || strcmp(balancer->type, "application") != 0)
		return resolver_problem(
			resolver,
			at,
			"only the interfaces of application and classic load balancers can be "
			"mirrored; "
			"mirror the targets of this one"
		);
	if (tail == NULL)
		return resolver_problem(resolver, at, "its ARN cannot be understood");
	const char *description = arena_printf(
		&resolver->resolution->arena, "ELB %s", tail + strlen(":loadbalancer/")
	);
	return description == NULL ? resolver_no_memory(resolver)
				   : want_own(resolver, at, description);
}

static int want_balancer(
	struct resolver *resolver,
	size_t at,
	const struct elbv2_load_balancer *balancer,
	int depth
) {
	const struct source *source = &resolver->sources[at];
	size_t before = resolver->n_wants;
	if (depth >= DEPTH_MAX)
		return 0;
	if (source->lb_mode == SOURCE_LB_ENIS)
		return want_enis(resolver, at, balancer);
	int result = want_targets(resolver, at, balancer, depth);
	if (result < 0 || resolver->n_wants > before)
		return result;
	if (source->lb_mode == SOURCE_LB_AUTO)
		return want_enis(resolver, at, balancer);
	return resolver_problem(resolver, at, "the load balancer has no targets");
}

static int
want_classic(struct resolver *resolver, size_t at, const struct elb_load_balancer *classic) {
	const struct source *source = &resolver->sources[at];
	struct shape_strings ids = {0};
	int result = 0;
	for (size_t i = 0; result == 0 && i < classic->instances.n; i++)
		result = resolver_add_text(resolver, &ids, classic->instances.items[i].id);
	for (size_t i = 0; result == 0 && i < classic->listeners.n; i++)
		result = resolver_add_port(resolver, classic->listeners.items[i].instance_port);
	if (result < 0)
		return result;
	bool uses_own = source->lb_mode == SOURCE_LB_ENIS
		|| (source->lb_mode == SOURCE_LB_AUTO && ids.n == 0);
	if (uses_own) {
		const char *description =
			arena_printf(&resolver->resolution->arena, "ELB %s", classic->name);
		return description == NULL ? resolver_no_memory(resolver)
					   : want_own(resolver, at, description);
	}
	if (ids.n == 0)
		return resolver_problem(resolver, at, "the load balancer has no targets");
	return want_instances(resolver, at, &ids);
}

static int search_classic(struct resolver *resolver, size_t at) {
	const char *name = resolver->sources[at].id;
	struct elb_query query = {.names = {.items = &name, .n = 1}};
	struct elb_load_balancers found;
	int result = elb_describe_load_balancers(
		resolver->client, &query, &resolver->resolution->arena, &found, resolver->error
	);
	bool is_missing = result == -EREMOTEIO && aws_error_is_not_found(resolver->error);
	if (is_missing || (result == 0 && found.load_balancers.n == 0))
		return resolver_problem(
			resolver, at, "there is no such load balancer in this region"
		);
	return result < 0 ? result : want_classic(resolver, at, &found.load_balancers.items[0]);
}

int resolver_load_balancer(struct resolver *resolver, size_t at) {
	const char *id = resolver->sources[at].id;
	bool is_arn = strncmp(id, "arn:", 4) == 0;
	struct shape_strings one = {.items = &id, .n = 1}, none = {0};
	struct elbv2_query query = {.arns = is_arn ? one : none, .names = is_arn ? none : one};
	struct elbv2_load_balancers found;
	int result = elbv2_describe_load_balancers(
		resolver->client, &query, &resolver->resolution->arena, &found, resolver->error
	);
	bool is_missing = result == -EREMOTEIO && aws_error_is_not_found(resolver->error);
	if (is_missing || (result == 0 && found.load_balancers.n == 0))
		return is_arn ? resolver_problem(resolver, at, "there is no such load balancer")
			      : search_classic(resolver, at);
	return result < 0 ? result : want_balancer(resolver, at, &found.load_balancers.items[0], 0);
}
