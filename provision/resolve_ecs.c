#include "ecs.h"
#include "resolver.h"

#include <errno.h>
#include <string.h>

// One service: its tasks, and the hosts of those tasks that have no interface of their own.
struct service_search {
	struct resolver *resolver;
	size_t at;
	const char *cluster;
	const char *service;
	struct shape_strings interfaces;
	struct shape_strings hosts; // ARNs of container instances
	struct shape_strings instances;
	size_t n_tasks;
};

static const char *detail(const struct ecs_attachment *attachment, const char *name) {
	for (size_t i = 0; i < attachment->details.n; i++)
		if (attachment->details.items[i].name != NULL
		    && strcmp(attachment->details.items[i].name, name) == 0)
			return attachment->details.items[i].value;
	return NULL;
}

static bool has(const struct shape_strings *list, const char *text) {
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

static int take_task(struct service_search *search, const struct ecs_task *task) {
	int result = 0;
	bool has_interface = false;
	for (size_t i = 0; result == 0 && i < task->attachments.n; i++) {
		const char *id = detail(&task->attachments.items[i], "networkInterfaceId");
		if (id == NULL)
			continue;
		has_interface = true;
		result = resolver_add_text(search->resolver, &search->interfaces, id);
	}
	for (size_t i = 0; result == 0 && i < task->containers.n; i++) {
		const struct ecs_container *container = &task->containers.items[i];
		for (size_t j = 0; result == 0 && j < container->bindings.n; j++)
			result = resolver_add_port(
				search->resolver, container->bindings.items[j].host_port
			);
	}
	const char *host = task->container_instance_arn;
	if (result == 0 && !has_interface && host != NULL && !has(&search->hosts, host))
		result = resolver_add_text(search->resolver, &search->hosts, host);
	search->n_tasks++;
	return result;
}

static int describe_tasks(struct service_search *search, const struct shape_strings *arns) {
	struct resolver *resolver = search->resolver;
	int result = 0;
	for (size_t at = 0; result == 0 && at < arns->n; at += ECS_TASKS_MAX) {
		size_t n = arns->n - at < ECS_TASKS_MAX ? arns->n - at : ECS_TASKS_MAX;
		struct ecs_names names = {
			.cluster = search->cluster,
			.names = {.items = arns->items + at, .n = n},
		};
		struct ecs_tasks found;
		result = ecs_describe_tasks(
			resolver->client,
			&names,
			&resolver->resolution->arena,
			&found,
			resolver->error
		);
		for (size_t i = 0; result == 0 && i < found.tasks.n; i++)
			result = take_task(search, &found.tasks.items[i]);
	}
	return result;
}

static int describe_hosts(struct service_search *search) {
	struct resolver *resolver = search->resolver;
	int result = 0;
	for (size_t at = 0; result == 0 && at < search->hosts.n;
	     at += ECS_CONTAINER_INSTANCES_MAX) {
		size_t left = search->hosts.n - at;
		struct ecs_names names = {
			.cluster = search->cluster,
			.names =
				{
					.items = search->hosts.items + at,
					.n = left < ECS_CONTAINER_INSTANCES_MAX
						? left
						: ECS_CONTAINER_INSTANCES_MAX,
				},
		};
		struct ecs_container_instances found;
		result = ecs_describe_container_instances(
			resolver->client,
			&names,
			&resolver->resolution->arena,
			&found,
			resolver->error
		);
		for (size_t i = 0; result == 0 && i < found.instances.n; i++)
			if (found.instances.items[i].instance_id != NULL)
				result = resolver_add_text(
					resolver,
					&search->instances,
					found.instances.items[i].instance_id
				);
	}
	return result;
}

static int want_found(struct service_search *search) {
	struct resolver *resolver = search->resolver;
	const struct source *source = &resolver->sources[search->at];
	int result = inventory_add(
		resolver->client,
		resolver->inventory,
		&search->interfaces,
		&search->instances,
		resolver->error
	);
	for (size_t i = 0; result == 0 && i < search->interfaces.n; i++) {
		const struct ec2_network_interface *interface =
			inventory_interface(resolver->inventory, search->interfaces.items[i]);
		if (interface != NULL) // a task that has just ended takes its interface along
			result = resolver_want(resolver, search->at, interface, false);
	}
	for (size_t i = 0; result == 0 && i < search->instances.n; i++)
		result = resolver_want_instance(
			resolver,
			search->at,
			search->instances.items[i],
			source->is_primary_only,
			false
		);
	return result;
}

static int search_tasks(struct service_search *search) {
	struct resolver *resolver = search->resolver;
	struct ecs_list list = {
		.cluster = search->cluster,
		.service_name = search->service,
		.desired_status = "RUNNING",
	};
	struct ecs_arns arns;
	int result = ecs_list_tasks(
		resolver->client, &list, &resolver->resolution->arena, &arns, resolver->error
	);
	if (result == -EREMOTEIO && aws_error_is_not_found(resolver->error))
		return resolver_problem(
			resolver, search->at, "there is no such ECS cluster or service"
		);
	if (result == 0)
		result = describe_tasks(search, &arns.arns);
	if (result == 0)
		result = describe_hosts(search);
	if (result == 0)
		result = want_found(search);
	if (result == 0 && search->n_tasks == 0)
		return resolver_problem(resolver, search->at, "the service has no running task");
	return result;
}

int resolver_ecs_service(struct resolver *resolver, size_t at) {
	const char *id = resolver->sources[at].id;
	const char *slash = strchr(id, '/');
	struct arena *arena = &resolver->resolution->arena;
	if (slash == NULL)
		return resolver_problem(resolver, at, "it must be CLUSTER/SERVICE");
	struct service_search search = {
		.resolver = resolver,
		.at = at,
		.cluster = arena_strndup(arena, id, (size_t)(slash - id)),
		.service = slash + 1,
	};
	return search.cluster == NULL ? resolver_no_memory(resolver) : search_tasks(&search);
}
