#include "resolve.h"

#include "autoscaling.h"
#include "resolver.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int resolver_no_memory(struct resolver *resolver) {
	return aws_error_set(resolver->error, -ENOMEM, "OutOfMemory", "finding the sources");
}

int resolver_want(
	struct resolver *resolver,
	size_t at,
	const struct ec2_network_interface *interface,
	bool is_named
) {
	struct resolver_want *wants = arena_grow(
		&resolver->resolution->arena, resolver->wants, resolver->n_wants, sizeof(*wants)
	);
	if (wants == NULL)
		return resolver_no_memory(resolver);
	wants[resolver->n_wants++] = (struct resolver_want) {
		.interface = interface,
		.source = at,
		.is_named = is_named,
	};
	resolver->wants = wants;
	return 0;
}

// ECS hangs the interfaces of its tasks on the host; they are not the host's own.
static bool is_own(const struct ec2_network_interface *interface) {
	return interface->type != NULL && strcmp(interface->type, "interface") == 0
		&& !interface->is_requester_managed;
}

int resolver_want_instance(
	struct resolver *resolver,
	size_t at,
	const char *instance_id,
	bool is_primary_only,
	bool is_named
) {
	size_t n;
	const struct index_entry *entries =
		index_range(&resolver->inventory->interfaces_by_instance, instance_id, &n);
	int result = 0;
	for (size_t i = 0; result == 0 && i < n; i++) {
		const struct ec2_network_interface *interface = entries[i].value;
		if (is_own(interface) && (!is_primary_only || interface->device_index == 0))
			result = resolver_want(resolver, at, interface, is_named);
	}
	return result;
}

int resolver_problem(struct resolver *resolver, size_t at, const char *format, ...) {
	struct resolution *resolution = resolver->resolution;
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	struct resolve_problem *problems = arena_grow(
		&resolution->arena, resolution->problems, resolution->n_problems, sizeof(*problems)
	);
	const char *copy = arena_strdup(&resolution->arena, text);
	if (problems == NULL || copy == NULL)
		return resolver_no_memory(resolver);
	problems[resolution->n_problems++] = (struct resolve_problem) {
		.source = resolver->keys[at],
		.text = copy,
	};
	resolution->problems = problems;
	return 0;
}

int resolver_add_port(struct resolver *resolver, int64_t port) {
	struct resolution *resolution = resolver->resolution;
	if (port < 1 || port > UINT16_MAX)
		return 0;
	uint16_t *ports = arena_grow(
		&resolution->arena, resolution->ports, resolution->n_ports, sizeof(*ports)
	);
	if (ports == NULL)
		return resolver_no_memory(resolver);
	ports[resolution->n_ports++] = (uint16_t)port;
	resolution->ports = ports;
	return 0;
}

int resolver_add_text(struct resolver *resolver, struct shape_strings *list, const char *text) {
	const char **items =
		arena_grow(&resolver->resolution->arena, list->items, list->n, sizeof(*items));
	if (items == NULL)
		return resolver_no_memory(resolver);
	items[list->n++] = text;
	list->items = items;
	return 0;
}

int resolver_scaling_group(struct resolver *resolver, size_t at) {
	const struct source *source = &resolver->sources[at];
	const char *names[] = {source->id};
	struct autoscaling_query query = {.names = {.items = names, .n = 1}};
	struct autoscaling_groups found;
	struct shape_strings none = {0}, ids = {0};
	int result = autoscaling_describe_groups(
		resolver->client, &query, &resolver->resolution->arena, &found, resolver->error
	);
	if (result < 0)
		return result;
	if (found.groups.n == 0)
		return resolver_problem(resolver, at, "there is no such Auto Scaling group");
	const struct autoscaling_group *group = &found.groups.items[0];
	for (size_t i = 0; result == 0 && i < group->instances.n; i++)
		result = resolver_add_text(resolver, &ids, group->instances.items[i].id);
	if (result == 0)
		result = inventory_add(
			resolver->client, resolver->inventory, &none, &ids, resolver->error
		);
	for (size_t i = 0; result == 0 && i < ids.n; i++)
		result = resolver_want_instance(
			resolver, at, ids.items[i], source->is_primary_only, false
		);
	return result;
}

static int want_instance(struct resolver *resolver, size_t at) {
	const struct source *source = &resolver->sources[at];
	size_t before = resolver->n_wants;
	if (inventory_instance(resolver->inventory, source->id) == NULL)
		return resolver_problem(resolver, at, "there is no such instance in this region");
	int result =
		resolver_want_instance(resolver, at, source->id, source->is_primary_only, true);
	if (result == 0 && resolver->n_wants == before)
		return resolver_problem(resolver, at, "the instance has no network interface");
	return result;
}

static int want_interface(struct resolver *resolver, size_t at) {
	const struct ec2_network_interface *interface =
		inventory_interface(resolver->inventory, resolver->sources[at].id);
	if (interface == NULL)
		return resolver_problem(
			resolver, at, "there is no such network interface in this region"
		);
	return resolver_want(resolver, at, interface, true);
}

static int want_range(struct resolver *resolver, size_t at, const struct index *index) {
	const struct source *source = &resolver->sources[at];
	size_t n;
	const struct index_entry *entries = index_range(index, source->id, &n);
	int result = 0;
	for (size_t i = 0; result == 0 && i < n; i++) {
		const struct ec2_network_interface *interface = entries[i].value;
		if (!source->is_primary_only || interface->device_index == 0)
			result = resolver_want(resolver, at, interface, false);
	}
	return result;
}

static int want_vpc(struct resolver *resolver, size_t at) {
	if (inventory_vpc(resolver->inventory, resolver->sources[at].id) == NULL)
		return resolver_problem(resolver, at, "there is no such VPC in this region");
	return want_range(resolver, at, &resolver->inventory->interfaces_by_vpc);
}

static int want_subnet(struct resolver *resolver, size_t at) {
	if (inventory_subnet(resolver->inventory, resolver->sources[at].id) == NULL)
		return resolver_problem(resolver, at, "there is no such subnet in these VPCs");
	return want_range(resolver, at, &resolver->inventory->interfaces_by_subnet);
}

static bool matches(const struct aws_tags *tags, const struct aws_tags *wanted) {
	for (size_t i = 0; i < wanted->n; i++)
		if (!tags_has(tags, wanted->items[i].key, wanted->items[i].value))
			return false;
	return true;
}

// The interfaces of the instances that have the tags, and interfaces that have them themselves.
static int want_tags(struct resolver *resolver, size_t at) {
	const struct source *source = &resolver->sources[at];
	const struct inventory *inventory = resolver->inventory;
	size_t before = resolver->n_wants;
	int result = 0;
	for (size_t i = 0; result == 0 && i < inventory->instances.n; i++) {
		const struct ec2_instance *instance = inventory->instances.entries[i].value;
		if (matches(&instance->tags, &source->tags))
			result = resolver_want_instance(
				resolver, at, instance->id, source->is_primary_only, false
			);
	}
	for (size_t i = 0; result == 0 && i < inventory->interfaces.n; i++) {
		const struct ec2_network_interface *interface =
			inventory->interfaces.entries[i].value;
		if (matches(&interface->tags, &source->tags))
			result = resolver_want(resolver, at, interface, false);
	}
	if (result == 0 && resolver->n_wants == before)
		return resolver_problem(resolver, at, "no instance or interface has these tags");
	return result;
}

static int want_source(struct resolver *resolver, size_t at) {
	switch (resolver->sources[at].kind) {
	case SOURCE_INSTANCE:
		return want_instance(resolver, at);
	case SOURCE_INTERFACE:
		return want_interface(resolver, at);
	case SOURCE_ECS_SERVICE:
		return resolver_ecs_service(resolver, at);
	case SOURCE_LOAD_BALANCER:
		return resolver_load_balancer(resolver, at);
	case SOURCE_TAGS:
		return want_tags(resolver, at);
	case SOURCE_SUBNET:
		return want_subnet(resolver, at);
	case SOURCE_VPC:
		return want_vpc(resolver, at);
	case SOURCE_SCALING_GROUP:
		return resolver_scaling_group(resolver, at);
	}
	return -EINVAL;
}

// All that is named by id, in one go.
static int fetch_named(struct resolver *resolver) {
	struct shape_strings interfaces = {0}, instances = {0};
	int result = 0;
	for (size_t i = 0; result == 0 && i < resolver->n_sources; i++) {
		const struct source *source = &resolver->sources[i];
		if (source->kind == SOURCE_INTERFACE)
			result = resolver_add_text(resolver, &interfaces, source->id);
		else if (source->kind == SOURCE_INSTANCE)
			result = resolver_add_text(resolver, &instances, source->id);
	}
	if (result == 0)
		result = inventory_add(
			resolver->client,
			resolver->inventory,
			&interfaces,
			&instances,
			resolver->error
		);
	return result;
}

static int compare_wants(const void *a, const void *b) {
	const struct resolver_want *left = a, *right = b;
	int difference = strcmp(left->interface->id, right->interface->id);
	if (difference != 0)
		return difference;
	return (left->source > right->source) - (left->source < right->source);
}

// From one want for each source to one for each interface.
static int group_wants(struct resolver *resolver) {
	struct resolution *resolution = resolver->resolution;
	struct resolver_want *wants = resolver->wants;
	struct resolve_want *grouped =
		arena_alloc_array(&resolution->arena, resolver->n_wants, sizeof(*grouped));
	size_t n = 0;
	if (grouped == NULL)
		return resolver_no_memory(resolver);
	if (resolver->n_wants > 0)
		qsort(wants, resolver->n_wants, sizeof(*wants), compare_wants);
	for (size_t i = 0; i < resolver->n_wants; i++) {
		bool is_new =
			i == 0 || strcmp(wants[i].interface->id, wants[i - 1].interface->id) != 0;
		if (is_new)
			grouped[n++].interface = wants[i].interface;
		struct resolve_want *want = &grouped[n - 1];
		want->is_named = want->is_named || wants[i].is_named;
		bool is_repeated = !is_new && wants[i].source == wants[i - 1].source;
		if (!is_repeated
		    && resolver_add_text(resolver, &want->sources, resolver->keys[wants[i].source])
			    < 0)
			return -ENOMEM;
	}
	resolution->wants = grouped;
	resolution->n_wants = n;
	return 0;
}

static int compare_ports(const void *a, const void *b) {
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void unique_ports(struct resolution *resolution) {
	size_t n = 0;
	if (resolution->n_ports > 0)
		qsort(resolution->ports, resolution->n_ports, sizeof(uint16_t), compare_ports);
	for (size_t i = 0; i < resolution->n_ports; i++)
		if (n == 0 || resolution->ports[i] != resolution->ports[n - 1])
			resolution->ports[n++] = resolution->ports[i];
	resolution->n_ports = n;
}

static int make_keys(struct resolver *resolver) {
	struct arena *arena = &resolver->resolution->arena;
	resolver->keys = arena_alloc_array(arena, resolver->n_sources, sizeof(*resolver->keys));
	if (resolver->keys == NULL)
		return resolver_no_memory(resolver);
	for (size_t i = 0; i < resolver->n_sources; i++) {
		resolver->keys[i] = source_key(&resolver->sources[i], arena);
		if (resolver->keys[i] == NULL)
			return resolver_no_memory(resolver);
	}
	return 0;
}

int resolve_sources(
	struct client *client,
	struct inventory *inventory,
	const struct source *sources,
	size_t n_sources,
	struct resolution *ret_resolution,
	struct aws_error *error
) {
	struct resolution resolution = {0};
	struct resolver resolver = {
		.client = client,
		.inventory = inventory,
		.sources = sources,
		.n_sources = n_sources,
		.resolution = &resolution,
		.error = error,
	};
	int result = make_keys(&resolver);
	if (result == 0)
		result = fetch_named(&resolver);
	for (size_t i = 0; result == 0 && i < n_sources; i++)
		result = want_source(&resolver, i);
	if (result == 0)
		result = group_wants(&resolver);
	if (result < 0) {
		resolution_release(&resolution);
		return result;
	}
	unique_ports(&resolution);
	*ret_resolution = resolution;
	return 0;
}

void resolution_release(struct resolution *resolution) {
	arena_release(&resolution->arena);
	*resolution = (struct resolution) {0};
}
