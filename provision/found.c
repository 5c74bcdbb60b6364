#include "found.h"

#include "ownership.h"
#include "ssm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct finder {
	struct client *client;
	const struct deployment *deployment;
	struct found *found;
	const char *name;
	struct aws_error *error;
};

static int no_memory(struct finder *finder) {
	return aws_error_set(finder->error, -ENOMEM, "OutOfMemory", "finding the deployment");
}

static int not_ours(struct finder *finder, const char *what, const char *name) {
	return aws_error_set(
		finder->error,
		-EEXIST,
		"NameTaken",
		"there is a %s '%s' already, and it does not belong to deployment '%s'; give the "
		"deployment another id",
		what,
		name,
		finder->deployment->id
	);
}

static int find_groups(struct finder *finder) {
	struct arena *arena = &finder->found->arena;
	const char *names[] = {
		deployment_name(finder->deployment, "nlb", arena),
		deployment_name(finder->deployment, "appliance", arena),
	};
	if (names[0] == NULL || names[1] == NULL)
		return no_memory(finder);
	struct ec2_filter filters[] = {
		{.name = "group-name", .values = {.items = names, .n = 2}},
		{.name = "vpc-id", .values = {.items = &finder->deployment->vpc_id, .n = 1}},
	};
	// Without a VPC (to destroy) the names alone must do.
	size_t n_filters = finder->deployment->vpc_id == NULL ? 1 : 2;
	struct ec2_query query = {.filters = {.items = filters, .n = n_filters}};
	struct ec2_security_groups groups;
	int result =
		ec2_describe_security_groups(finder->client, &query, arena, &groups, finder->error);
	for (size_t i = 0; result == 0 && i < groups.groups.n; i++) {
		const struct ec2_security_group *group = &groups.groups.items[i];
		if (!ownership_is_ours(&group->tags, finder->deployment->id))
			result = not_ours(finder, "security group", group->name);
		else if (strcmp(group->name, names[0]) == 0)
			finder->found->balancer_group = group;
		else
			finder->found->appliance_group = group;
	}
	return result;
}

// Whether the load balancer or target group with this ARN has our tags.
static int is_ours(struct finder *finder, const char *arn, bool *ret_is_ours) {
	struct elbv2_arns arns = {.arns = {.items = &arn, .n = 1}};
	struct elbv2_tag_lists lists;
	int result = elbv2_describe_tags(
		finder->client, &arns, &finder->found->arena, &lists, finder->error
	);
	// Where tags cannot be looked at, the name must do.
	*ret_is_ours = result == 0 && lists.resources.n > 0
		&& ownership_is_ours(&lists.resources.items[0].tags, finder->deployment->id);
	if (client_has_gap(finder->client, &elbv2_describe_tags_operation))
		*ret_is_ours = true;
	return result;
}

static int not_there(struct finder *finder, const char *what, const char *name) {
	return aws_error_set(
		finder->error,
		-EINVAL,
		"NotThere",
		"there is no %s '%s' in region '%s'",
		what,
		name,
		finder->deployment->region
	);
}

static int find_balancer(struct finder *finder) {
	const char *existing = finder->deployment->existing_load_balancer;
	struct shape_strings arn = {.items = &existing, .n = existing != NULL};
	struct shape_strings name = {.items = &finder->name, .n = existing == NULL};
	struct elbv2_query query = {.arns = arn, .names = name};
	struct elbv2_load_balancers balancers;
	int result = elbv2_describe_load_balancers(
		finder->client, &query, &finder->found->arena, &balancers, finder->error
	);
	if (result == -EREMOTEIO && aws_error_is_not_found(finder->error) && existing == NULL)
		return 0;
	if (result == -EREMOTEIO && aws_error_is_not_found(finder->error))
		return not_there(finder, "load balancer", existing);
	if (result < 0 || balancers.load_balancers.n == 0)
		return result;
	const struct elbv2_load_balancer *balancer = &balancers.load_balancers.items[0];
	bool has_tags = false;
	if (existing == NULL) {
		result = is_ours(finder, balancer->arn, &has_tags);
		if (result == 0 && !has_tags)
			return not_ours(finder, "load balancer", finder->name);
	} else if (balancer->type == NULL || strcmp(balancer->type, "network") != 0) {
		return aws_error_set(
			finder->error,
			-EINVAL,
			"InvalidDeployment",
			"load balancer '%s' is not a network load balancer",
			existing
		);
	}
	finder->found->balancer = balancer;
	finder->found->is_balancer_ours = has_tags;
	return result;
}

static int find_listener(struct finder *finder) {
	struct elbv2_listener_query query = {.load_balancer_arn = finder->found->balancer->arn};
	struct elbv2_listeners listeners;
	int result = elbv2_describe_listeners(
		finder->client, &query, &finder->found->arena, &listeners, finder->error
	);
	for (size_t i = 0; result == 0 && i < listeners.listeners.n; i++) {
		const struct elbv2_listener *listener = &listeners.listeners.items[i];
		if (listener->port == DEPLOYMENT_VXLAN_PORT && listener->protocol != NULL
		    && strcmp(listener->protocol, "UDP") == 0)
			finder->found->listener = listener;
	}
	return result;
}

static int read_balancer(struct finder *finder) {
	struct found *found = finder->found;
	if (found->balancer == NULL)
		return 0;
	struct elbv2_arn arn = {.arn = found->balancer->arn};
	int result = elbv2_describe_load_balancer_attributes(
		finder->client, &arn, &found->arena, &found->balancer_attributes, finder->error
	);
	return result < 0 ? result : find_listener(finder);
}

static int find_target_group(struct finder *finder) {
	struct elbv2_target_group_query query = {.names = {.items = &finder->name, .n = 1}};
	struct elbv2_target_groups groups;
	bool has_tags = false;
	int result = elbv2_describe_target_groups(
		finder->client, &query, &finder->found->arena, &groups, finder->error
	);
	if (result == -EREMOTEIO && aws_error_is_not_found(finder->error))
		return 0;
	if (result < 0 || groups.groups.n == 0)
		return result;
	result = is_ours(finder, groups.groups.items[0].arn, &has_tags);
	if (result == 0 && !has_tags)
		return not_ours(finder, "target group", finder->name);
	finder->found->target_group = &groups.groups.items[0];
	return result;
}

static int read_target_group(struct finder *finder) {
	struct found *found = finder->found;
	if (found->target_group == NULL)
		return 0;
	struct elbv2_arn arn = {.arn = found->target_group->arn};
	struct elbv2_targets targets = {.target_group_arn = arn.arn};
	int result = elbv2_describe_target_group_attributes(
		finder->client, &arn, &found->arena, &found->target_group_attributes, finder->error
	);
	if (result == 0)
		result = elbv2_describe_target_health(
			finder->client, &targets, &found->arena, &found->health, finder->error
		);
	return result;
}

static int find_template(struct finder *finder) {
	struct found *found = finder->found;
	struct ec2_filter filter = {
		.name = "launch-template-name",
		.values = {.items = &finder->name, .n = 1},
	};
	struct ec2_query query = {.filters = {.items = &filter, .n = 1}};
	struct ec2_launch_templates templates;
	int result = ec2_describe_launch_templates(
		finder->client, &query, &found->arena, &templates, finder->error
	);
	if (result < 0 || templates.templates.n == 0)
		return result;
	const struct ec2_launch_template *template = &templates.templates.items[0];
	if (!ownership_is_ours(&template->tags, finder->deployment->id))
		return not_ours(finder, "launch template", finder->name);
	found->template = template;
	const char *latest = "$Latest";
	struct ec2_launch_template_query version_query = {
		.id = template->id,
		.versions = {.items = &latest, .n = 1},
	};
	struct ec2_launch_template_versions versions;
	result = ec2_describe_launch_template_versions(
		finder->client, &version_query, &found->arena, &versions, finder->error
	);
	if (result == 0 && versions.versions.n > 0)
		found->template_hash = versions.versions.items[0].description;
	return result;
}

static int find_scaling_group(struct finder *finder) {
	struct autoscaling_query query = {.names = {.items = &finder->name, .n = 1}};
	struct autoscaling_groups groups;
	int result = autoscaling_describe_groups(
		finder->client, &query, &finder->found->arena, &groups, finder->error
	);
	if (result < 0 || groups.groups.n == 0)
		return result;
	const struct autoscaling_group *group = &groups.groups.items[0];
	for (size_t i = 0; i < group->tags.n; i++) {
		const struct autoscaling_tag *tag = &group->tags.items[i];
		if (tag->key != NULL && strcmp(tag->key, OWNERSHIP_TAG_DEPLOYMENT) == 0
		    && tag->value != NULL && strcmp(tag->value, finder->deployment->id) == 0)
			finder->found->group = group;
	}
	return finder->found->group == NULL ? not_ours(finder, "Auto Scaling group", finder->name)
					    : 0;
}

static int find_instances(struct finder *finder) {
	struct ec2_filter filter = {
		.name = "tag:" OWNERSHIP_TAG_DEPLOYMENT,
		.values = {.items = &finder->deployment->id, .n = 1},
	};
	struct ec2_query query = {.filters = {.items = &filter, .n = 1}};
	return ec2_describe_instances(
		finder->client,
		&query,
		&finder->found->arena,
		&finder->found->instances,
		finder->error
	);
}

static int find_image(struct finder *finder) {
	const struct deployment_appliances *appliances = &finder->deployment->appliances;
	struct ssm_parameter_name name = {.name = appliances->image_parameter};
	struct ssm_parameter parameter;
	finder->found->image_id = appliances->image_id;
	if (appliances->image_parameter == NULL)
		return 0;
	int result = ssm_get_parameter(
		finder->client, &name, &finder->found->arena, &parameter, finder->error
	);
	bool is_gap = client_has_gap(finder->client, &ssm_get_parameter_operation);
	if (result == -EREMOTEIO && aws_error_is_not_found(finder->error))
		return not_there(finder, "parameter", name.name);
	if (result == 0 && !is_gap
	    && (parameter.value == NULL || strncmp(parameter.value, "ami-", 4) != 0))
		return aws_error_set(
			finder->error,
			-EINVAL,
			"NoImage",
			"parameter '%s' does not hold the id of an image",
			name.name
		);
	finder->found->image_id = result == 0 ? parameter.value : NULL;
	return result;
}

bool found_is_alive(const struct ec2_instance *instance) {
	return instance->state != NULL && strcmp(instance->state, "terminated") != 0
		&& strcmp(instance->state, "shutting-down") != 0;
}

static int add_appliance(struct finder *finder, const char *text) {
	struct shape_strings *list = &finder->found->appliances;
	const char **items =
		arena_grow(&finder->found->arena, list->items, list->n, sizeof(*items));
	if (items == NULL)
		return no_memory(finder);
	items[list->n++] = text;
	list->items = items;
	return 0;
}

// Whatever collects: what is registered, what will be, and what was launched.
static int list_appliances(struct finder *finder) {
	const struct found *found = finder->found;
	const struct shape_strings *existing = &finder->deployment->existing_appliances;
	int result = 0;
	for (size_t i = 0; result == 0 && i < found->health.targets.n; i++)
		if (found->health.targets.items[i].id != NULL)
			result = add_appliance(finder, found->health.targets.items[i].id);
	for (size_t i = 0; result == 0 && i < existing->n; i++)
		result = add_appliance(finder, existing->items[i]);
	for (size_t i = 0; result == 0 && i < found->instances.reservations.n; i++) {
		const struct ec2_reservation *reservation = &found->instances.reservations.items[i];
		for (size_t j = 0; result == 0 && j < reservation->instances.n; j++)
			result = add_appliance(finder, reservation->instances.items[j].id);
	}
	return result;
}

int found_load(
	struct client *client,
	const struct deployment *deployment,
	struct found *ret_found,
	struct aws_error *error
) {
	typedef int step(struct finder * finder);
	static step *const steps[] = {
		find_groups,
		find_balancer,
		read_balancer,
		find_target_group,
		read_target_group,
		find_template,
		find_scaling_group,
		find_instances,
		find_image,
		list_appliances,
	};
	struct found found = {0};
	struct finder finder = {
		.client = client,
		.deployment = deployment,
		.found = &found,
		.name = deployment_name(deployment, NULL, &found.arena),
		.error = error,
	};
	int result = finder.name == NULL ? no_memory(&finder) : 0;
	for (size_t i = 0; result == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		result = steps[i](&finder);
	if (result < 0)
		found_release(&found);
	else
		*ret_found = found;
	return result;
}

void found_release(struct found *found) {
	arena_release(&found->arena);
	*found = (struct found) {0};
}

static bool has_live_instances(const struct found *found) {
	for (size_t i = 0; i < found->instances.reservations.n; i++) {
		const struct ec2_reservation *reservation = &found->instances.reservations.items[i];
		for (size_t j = 0; j < reservation->instances.n; j++)
			if (found_is_alive(&reservation->instances.items[j]))
				return true;
	}
	return false;
}

bool found_is_nothing(
	const struct found *found,
	const struct inventory *inventory,
	const struct deployment *deployment
) {
	const char *id = deployment->id;
	if (found->balancer_group != NULL || found->appliance_group != NULL
	    || found->is_balancer_ours || found->target_group != NULL || found->template != NULL
	    || found->group != NULL || has_live_instances(found))
		return false;
	for (size_t i = 0; i < inventory->sessions.sessions.n; i++)
		if (ownership_is_ours(&inventory->sessions.sessions.items[i].tags, id))
			return false;
	for (size_t i = 0; i < inventory->targets.targets.n; i++)
		if (ownership_is_ours(&inventory->targets.targets.items[i].tags, id))
			return false;
	for (size_t i = 0; i < inventory->filters.filters.n; i++)
		if (ownership_is_ours(&inventory->filters.filters.items[i].tags, id))
			return false;
	return true;
}

const char *found_attribute(const struct elbv2_attributes *attributes, const char *key) {
	for (size_t i = 0; i < attributes->attributes.n; i++)
		if (attributes->attributes.items[i].key != NULL
		    && strcmp(attributes->attributes.items[i].key, key) == 0)
			return attributes->attributes.items[i].value;
	return NULL;
}
