#include "doctor_view.h"

#include <errno.h>

// What the checks of firewalls and routes need, in as few calls as filters allow.

typedef int load_fn(struct doctor_view *view, const struct ec2_query *query);

static int load_batches(
	struct doctor_view *view,
	load_fn *load,
	const char *filter_name,
	const struct shape_strings *values
) {
	int result = view->is_out_of_memory ? -ENOMEM : 0;
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
		result = load(view, &query);
	}
	return result;
}

static int load_groups(struct doctor_view *view, const struct ec2_query *query) {
	struct ec2_security_groups found;
	int result =
		ec2_describe_security_groups(view->client, query, view->arena, &found, view->error);
	for (size_t i = 0; result == 0 && i < found.groups.n; i++)
		result = index_add(
			&view->groups, view->arena, found.groups.items[i].id, &found.groups.items[i]
		);
	return result;
}

static int load_acls(struct doctor_view *view, const struct ec2_query *query) {
	struct ec2_acls found;
	int result = ec2_describe_acls(view->client, query, view->arena, &found, view->error);
	for (size_t i = 0; result == 0 && i < found.acls.n; i++) {
		const struct ec2_acl *acl = &found.acls.items[i];
		for (size_t j = 0; result == 0 && j < acl->associations.n; j++)
			result = index_add(
				&view->acls, view->arena, acl->associations.items[j].subnet_id, acl
			);
	}
	return result;
}

static int load_routes(struct doctor_view *view, const struct ec2_query *query) {
	struct ec2_route_tables found;
	int result =
		ec2_describe_route_tables(view->client, query, view->arena, &found, view->error);
	for (size_t i = 0; result == 0 && i < found.tables.n; i++) {
		const struct ec2_route_table *table = &found.tables.items[i];
		for (size_t j = 0; result == 0 && j < table->associations.n; j++) {
			const struct ec2_route_association *association =
				&table->associations.items[j];
			result = association->is_main
				? index_add(&view->main_routes, view->arena, table->vpc_id, table)
				: index_add(
					&view->routes_by_subnet,
					view->arena,
					association->subnet_id,
					table
				);
		}
	}
	return result;
}

static int load_peerings(struct doctor_view *view, const struct ec2_query *query) {
	struct ec2_peerings found;
	int result = ec2_describe_peerings(view->client, query, view->arena, &found, view->error);
	for (size_t i = 0; result == 0 && i < found.peerings.n; i++)
		result = index_add(
			&view->peerings,
			view->arena,
			found.peerings.items[i].id,
			&found.peerings.items[i]
		);
	return result;
}

static void add_places(
	struct doctor_view *view,
	const struct doctor_places *places,
	struct shape_strings *groups,
	struct shape_strings *subnets
) {
	for (size_t i = 0; i < places->n; i++) {
		const struct doctor_place *place = &places->items[i];
		for (size_t j = 0; j < place->groups.n; j++)
			doctor_add_once(view, groups, place->groups.items[j]);
		if (place->interface != NULL)
			doctor_add_once(view, subnets, place->interface->subnet_id);
	}
}

static void peerings_of(
	struct doctor_view *view,
	const struct index *tables,
	struct shape_strings *ret_peerings
) {
	for (size_t i = 0; i < tables->n; i++) {
		const struct ec2_route_table *table = tables->entries[i].value;
		for (size_t j = 0; j < table->routes.n; j++)
			doctor_add_once(view, ret_peerings, table->routes.items[j].peering_id);
	}
}

int doctor_view_load_network(struct doctor_view *view) {
	struct shape_strings groups = {0}, subnets = {0}, vpcs = {0}, peerings = {0};
	const struct elbv2_load_balancer *balancer = view->found.balancer;
	for (size_t i = 0; balancer != NULL && i < balancer->security_groups.n; i++)
		doctor_add_once(view, &groups, balancer->security_groups.items[i]);
	add_places(view, &view->nodes, &groups, &subnets);
	add_places(view, &view->appliances, &groups, &subnets);
	for (size_t i = 0; i < view->sources.n; i++) {
		const struct ec2_network_interface *interface =
			view->sources.items[i].candidate->interface;
		doctor_add_once(view, &subnets, interface->subnet_id);
		doctor_add_once(view, &vpcs, interface->vpc_id);
	}
	int result = load_batches(view, load_groups, "group-id", &groups);
	if (result == 0)
		result = load_batches(view, load_acls, "association.subnet-id", &subnets);
	if (result == 0)
		result = load_batches(view, load_routes, "vpc-id", &vpcs);
	index_sort(&view->groups);
	index_sort(&view->acls);
	index_sort(&view->main_routes);
	index_sort(&view->routes_by_subnet);
	peerings_of(view, &view->main_routes, &peerings);
	peerings_of(view, &view->routes_by_subnet, &peerings);
	if (result == 0)
		result = load_batches(view, load_peerings, "vpc-peering-connection-id", &peerings);
	index_sort(&view->peerings);
	return result;
}
