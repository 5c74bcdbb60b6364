#include "applier.h"
#include "digest.h"
#include "launch.h"
#include "ownership.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEALTH_GRACE_S 300
#define RUNNING_TRIES_MAX 150

static const char *anchor_of(const struct applier *applier) {
	return applier->appliance_group_id;
}

static int
make_launch(struct applier *applier, const char *subnet_id, struct ec2_launch *ret_launch) {
	int result = launch_make(
		applier->deployment,
		applier->plan->found->image_id,
		applier->appliance_group_id,
		subnet_id,
		applier->arena,
		ret_launch
	);
	return result < 0 ? applier_no_memory(applier) : 0;
}

static int find_template(struct applier *applier, const char *name, const char **ret_id) {
	struct ec2_filter filter = {
		.name = "launch-template-name",
		.values = {.items = &name, .n = 1},
	};
	struct ec2_query query = {.filters = {.items = &filter, .n = 1}};
	struct applier_wait wait = {.for_what = "launch template"};
	for (;;) {
		struct ec2_launch_templates found;
		int result = ec2_describe_launch_templates(
			applier->client, &query, applier->arena, &found, applier->error
		);
		if (result < 0)
			return result;
		if (found.templates.n > 0) {
			*ret_id = found.templates.items[0].id;
			return 0;
		}
		if (!applier_polls(applier, &wait, 30))
			return -ETIMEDOUT;
	}
}

static int count_templates(struct applier *applier, const char *id, size_t *ret_n) {
	struct ec2_query query = {.ids = {.items = &id, .n = 1}};
	struct ec2_launch_templates found;
	int result = ec2_describe_launch_templates(
		applier->client, &query, applier->arena, &found, applier->error
	);
	*ret_n = result == 0 ? found.templates.n : 0;
	return result;
}

static int make_template(
	struct applier *applier,
	const struct plan_step *step,
	const char *anchor,
	const char **ret_id
) {
	struct ec2_new_launch_template template = {
		.name = step->name,
		.description = step->hash,
		.client_token = applier_token(applier, step->hash, anchor),
	};
	struct ec2_launch_template made;
	if (template.client_token == NULL)
		return -ENOMEM;
	int result = make_launch(applier, NULL, &template.launch);
	if (result == 0)
		result = applier_tags(applier, step->name, NULL, &template.tags);
	if (result == 0)
		result = ec2_create_launch_template(
			applier->client, &template, applier->arena, &made, applier->error
		);
	if (result == -EREMOTEIO
	    && aws_error_is(applier->error, "InvalidLaunchTemplateName.AlreadyExistsException"))
		result = find_template(applier, step->name, ret_id);
	else if (result == 0)
		*ret_id = made.id;
	return result < 0 ? result
			  : applier_looks_for(applier, count_templates, *ret_id, "launch template");
}

int applier_create_template(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	int result = make_template(applier, step, anchor_of(applier), ret_id);
	if (result == -ENOENT)
		result = make_template(applier, step, applier->nonce, ret_id);
	if (result == 0)
		applier->template_id = *ret_id;
	return result;
}

int applier_change_template(struct applier *applier, const struct plan_step *step, const char **) {
	char version[24];
	struct ec2_new_launch_template_version next = {
		.id = step->id,
		.description = step->hash,
		.client_token = applier_token(applier, step->hash, step->id),
	};
	struct ec2_launch_template_version made = {0};
	if (next.client_token == NULL)
		return -ENOMEM;
	int result = make_launch(applier, NULL, &next.launch);
	if (result == 0)
		result = ec2_create_launch_template_version(
			applier->client, &next, applier->arena, &made, applier->error
		);
	if (result < 0)
		return result;
	snprintf(version, sizeof(version), "%" PRId64, made.number);
	struct ec2_launch_template_change change = {.id = step->id, .default_version = version};
	applier->template_version = arena_strdup(applier->arena, version);
	return ec2_modify_launch_template(
		applier->client, &change, applier->arena, NULL, applier->error
	);
}

int applier_delete_template(struct applier *applier, const struct plan_step *step, const char **) {
	struct ec2_id id = {.id = step->id};
	struct applier_wait wait = {.for_what = "launch template to go", .is_for_release = true};
	int result;
	do
		result = ec2_delete_launch_template(
			applier->client, &id, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return applier_gone(applier, result);
}

static const struct shape_strings *subnets_of(const struct applier *applier) {
	const struct shape_strings *own = &applier->deployment->appliances.subnet_ids;
	return own->n > 0 ? own : &applier->plan->subnet_ids;
}

static const char *with_commas(struct applier *applier, const struct shape_strings *list) {
	const char *all = "";
	for (size_t i = 0; all != NULL && i < list->n; i++)
		all = arena_printf(applier->arena, "%s%s%s", all, i > 0 ? "," : "", list->items[i]);
	return all;
}

static int
group_tags(struct applier *applier, const char *name, struct autoscaling_new_group *group) {
	struct aws_tags tags;
	int result = applier_tags(applier, name, NULL, &tags);
	if (result < 0)
		return result;
	group->tags.items = arena_alloc_array(applier->arena, tags.n, sizeof(*group->tags.items));
	if (group->tags.items == NULL)
		return -ENOMEM;
	group->tags.n = tags.n;
	for (size_t i = 0; i < tags.n; i++)
		group->tags.items[i] = (struct autoscaling_tag) {
			.key = tags.items[i].key,
			.value = tags.items[i].value,
			.group_name = name,
			.is_propagated = true,
		};
	return 0;
}

static int count_groups(struct applier *applier, const char *name, size_t *ret_n) {
	struct autoscaling_query query = {.names = {.items = &name, .n = 1}};
	struct autoscaling_groups found;
	int result = autoscaling_describe_groups(
		applier->client, &query, applier->arena, &found, applier->error
	);
	*ret_n = result == 0 ? found.groups.n : 0;
	return result;
}

// Until it is seen: a plan that saw its instances and not the group would end them one by one.
int applier_create_scaling_group(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	const struct deployment *deployment = applier->deployment;
	const struct deployment_appliances *wanted = &deployment->appliances;
	bool registers = deployment->mode == DEPLOYMENT_KERNEL;
	struct autoscaling_new_group group = {
		.name = step->name,
		.template_id = applier->template_id,
		.template_version = "$Default",
		.subnet_ids = with_commas(applier, subnets_of(applier)),
		.min = SHAPE_NUMBER_OF(wanted->n),
		.max = SHAPE_NUMBER_OF(wanted->n_max == 0 ? wanted->n : wanted->n_max),
		.desired = SHAPE_NUMBER_OF(wanted->n),
		.health_grace_s = HEALTH_GRACE_S,
		.target_group_arns = {.items = &applier->target_group_arn, .n = registers},
	};
	struct applier_wait wait = {.for_what = "launch template"};
	if (group.subnet_ids == NULL)
		return -ENOMEM;
	int result = group_tags(applier, step->name, &group);
	if (result < 0)
		return result;
	do
		result = autoscaling_create_group(
			applier->client, &group, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	if (result == -EREMOTEIO && aws_error_is(applier->error, "AlreadyExists"))
		result = 0;
	if (result < 0)
		return result;
	*ret_id = step->name;
	result = applier_looks_for(applier, count_groups, step->name, "Auto Scaling group");
	return result != -ENOENT ? result
				 : aws_error_set(
					 applier->error,
					 -ETIMEDOUT,
					 "NotSeen",
					 "the Auto Scaling group was made and does not appear"
				 );
}

int applier_change_scaling_group(struct applier *applier, const struct plan_step *step, const char **) {
	const struct deployment_appliances *wanted = &applier->deployment->appliances;
	struct autoscaling_change change = {
		.name = step->id,
		.min = SHAPE_NUMBER_OF(wanted->n),
		.max = SHAPE_NUMBER_OF(wanted->n_max == 0 ? wanted->n : wanted->n_max),
	};
	struct autoscaling_name name = {.name = step->id};
	struct autoscaling_refresh refresh;
	int result = autoscaling_update_group(
		applier->client, &change, applier->arena, NULL, applier->error
	);
	if (result < 0 || applier->template_version == NULL)
		return result;
	result = autoscaling_start_refresh(
		applier->client, &name, applier->arena, &refresh, applier->error
	);
	if (result == -EREMOTEIO && aws_error_is(applier->error, "InstanceRefreshInProgress"))
		return 0;
	return result;
}

// Waits until it is gone: its instances hold on to the security group and the template.
int applier_delete_scaling_group(struct applier *applier, const struct plan_step *step, const char **) {
	struct autoscaling_delete deletion = {.name = step->id, .with_instances = true};
	struct autoscaling_query query = {.names = {.items = &step->id, .n = 1}};
	struct applier_wait wait = {
		.for_what = "Auto Scaling group to rest", .is_for_release = true};
	struct applier_wait gone = {.for_what = "appliances to end"};
	int result;
	do
		result = autoscaling_delete_group(
			applier->client, &deletion, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	// The API of Auto Scaling has no code for "no such group".
	if (result == -EREMOTEIO && aws_error_is(applier->error, "ValidationError"))
		return 0;
	while (result == 0) {
		struct autoscaling_groups found;
		result = autoscaling_describe_groups(
			applier->client, &query, applier->arena, &found, applier->error
		);
		if (result == 0 && found.groups.n == 0)
			return 0;
		if (result == 0 && !applier_polls(applier, &gone, RUNNING_TRIES_MAX))
			result = -ETIMEDOUT;
	}
	return result;
}

// Which instances were ever seen: a new one gets another token than one that ended.
static const char *instances_seen(struct applier *applier) {
	const struct ec2_instances *instances = &applier->plan->found->instances;
	const char *all = anchor_of(applier);
	for (size_t i = 0; all != NULL && i < instances->reservations.n; i++) {
		const struct ec2_reservation *reservation = &instances->reservations.items[i];
		for (size_t j = 0; all != NULL && j < reservation->instances.n; j++)
			all = arena_printf(
				applier->arena, "%s %s", all, reservation->instances.items[j].id
			);
	}
	return all;
}

static int wait_until_running(struct applier *applier, const char *id) {
	struct ec2_query query = {.ids = {.items = &id, .n = 1}};
	struct applier_wait wait = {.for_what = "appliance to run"};
	for (;;) {
		struct ec2_instances found;
		int result = ec2_describe_instances(
			applier->client, &query, applier->arena, &found, applier->error
		);
		bool is_there = result == 0 && found.reservations.n > 0
			&& found.reservations.items[0].instances.n > 0;
		const char *state =
			is_there ? found.reservations.items[0].instances.items[0].state : NULL;
		if (state != NULL && strcmp(state, "running") == 0)
			return 0;
		if (is_there && !found_is_alive(&found.reservations.items[0].instances.items[0]))
			return aws_error_set(
				applier->error,
				-EIO,
				"ApplianceEnded",
				"appliance '%s' ended as soon as it was launched",
				id
			);
		if (result < 0 && !(result == -EREMOTEIO && aws_error_is_not_found(applier->error)))
			return result;
		if (!applier_polls(applier, &wait, RUNNING_TRIES_MAX))
			return -ETIMEDOUT;
	}
}

// The how-manieth instance that this plan makes.
static size_t ordinal(const struct applier *applier, const struct plan_step *step) {
	size_t n = 0;
	for (const struct plan_step *other = applier->plan->steps; other < step; other++)
		n += other->kind == PLAN_INSTANCE && other->action == PLAN_CREATE;
	return n;
}

static int
run_instance(struct applier *applier, const struct plan_step *step, const char **ret_id) {
	const struct shape_strings *subnets = subnets_of(applier);
	size_t n = ordinal(applier, step);
	struct ec2_run run = {.n = 1};
	struct ec2_reservation made;
	struct applier_wait wait = {.for_what = "security group"};
	const char *seen = instances_seen(applier);
	run.client_token = seen == NULL ? NULL : applier_token(applier, step->name, seen);
	if (run.client_token == NULL)
		return -ENOMEM;
	const char *subnet = subnets->n == 0 ? NULL : subnets->items[n % subnets->n];
	int result = make_launch(applier, subnet, &run.launch);
	if (result < 0)
		return result;
	do
		result = ec2_run_instances(
			applier->client, &run, applier->arena, &made, applier->error
		);
	while (applier_waits(applier, result, &wait));
	if (result == 0 && made.instances.n == 0)
		return aws_error_set(
			applier->error, -EBADMSG, "UnreadableAnswer", "no instance in the answer"
		);
	if (result == 0)
		*ret_id = made.instances.items[0].id;
	return result;
}

int applier_create_instance(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	int result = run_instance(applier, step, ret_id);
	if (result < 0 || applier->deployment->mode == DEPLOYMENT_DPDK)
		return result;
	result = wait_until_running(applier, *ret_id);
	if (result < 0)
		return result;
	struct plan_step registration = {.target = *ret_id};
	const char *ignored = NULL;
	return applier_create_registration(applier, &registration, &ignored);
}

int applier_delete_instance(struct applier *applier, const struct plan_step *step, const char **) {
	struct ec2_instance_ids ids = {.ids = {.items = &step->id, .n = 1}};
	struct applier_wait wait = {.for_what = "appliance to go", .is_for_release = true};
	int result;
	do
		result = ec2_terminate_instances(
			applier->client, &ids, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return applier_gone(applier, result);
}
