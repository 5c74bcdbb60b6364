// Where mirrored traffic goes: the capture mode, and the appliances.

#include "elbv2.h"
#include "ownership.h"
#include "prompt_view.h"
#include "setup_aws.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_PARAMETER_PRESET "/metlo/appliance/ami/latest"
#define PROFILE_PRESET "metlo-appliance"
#define COUNT_PRESET "2"
#define COUNT_MAX 1000

enum prompt_result setup_ask_mode(struct setup *setup) {
	static const struct prompt_item items[] = {
		[DEPLOYMENT_DPDK] =
			{.name = "dpdk", .detail = "fast: a data interface of its own, many Gbps"},
		[DEPLOYMENT_KERNEL] =
			{.name = "kernel",
			 .detail = "simple: one interface, for small installations"},
	};
	const struct prompt_select question = {
		.title = "how do the appliances capture?",
		.label = "capture mode",
		.items = items,
		.n_items = sizeof(items) / sizeof(items[0]),
		.at = (size_t)setup->deployment.mode,
	};
	size_t at = 0;
	enum prompt_result result = setup_choose(setup, &question, &at);
	if (result == PROMPT_DONE)
		setup->deployment.mode = (enum deployment_mode)at;
	return result;
}

enum prompt_result setup_ask_collector(struct setup *setup) {
	static const struct prompt_item items[] = {
		[SETUP_COLLECTOR_IMAGE
		 - 1] = {.name = "new appliances", .detail = "from an AMI's id"},
		[SETUP_COLLECTOR_PARAMETER - 1] =
			{.name = "new appliances by parameter",
			 .detail = "from the AMI that an SSM parameter names"},
		[SETUP_COLLECTOR_APPLIANCES - 1] =
			{.name = "appliances that run already",
			 .detail = "behind a load balancer that is made for them"},
		[SETUP_COLLECTOR_TARGET
			- 1] = {.name = "a mirror target that exists", .detail = "used as it is"},
		[SETUP_COLLECTOR_BALANCER - 1] =
			{.name = "a load balancer that exists",
			 .detail = "with its UDP 4789 listener"},
		[SETUP_COLLECTOR_NONE - 1] =
			{.name = "none yet", .detail = "the load balancer now, appliances later"},
	};
	const struct prompt_select question = {
		.title = "where does the traffic go?",
		.label = "collector",
		.items = items,
		.n_items = sizeof(items) / sizeof(items[0]),
		.at = setup->collector == SETUP_COLLECTOR_OPEN ? 0 : (size_t)setup->collector - 1,
	};
	struct deployment *deployment = &setup->deployment;
	size_t at = 0;
	enum prompt_result result = setup_choose(setup, &question, &at);
	if (result != PROMPT_DONE)
		return result;
	setup->collector = (enum setup_collector)(at + 1);
	deployment->existing_target = NULL;
	deployment->existing_load_balancer = NULL;
	deployment->existing_appliances = (struct shape_strings) {0};
	deployment->appliances.image_id = NULL;
	deployment->appliances.image_parameter = NULL;
	return result;
}

static const char *check_image(void *, const char *text) {
	return strncmp(text, "ami-", 4) == 0 && text[4] != '\0' ? NULL
								: "an AMI's id begins with ami-";
}

static const char *check_parameter(void *, const char *text) {
	return text[0] == '/' ? NULL : "give the parameter's full name, which begins with /";
}

enum prompt_result setup_ask_image(struct setup *setup) {
	bool is_id = setup->collector == SETUP_COLLECTOR_IMAGE;
	const struct prompt_text question = {
		.title = is_id ? "which AMI?" : "which SSM parameter holds the AMI's id?",
		.label = is_id ? "AMI" : "AMI parameter",
		.preset = is_id ? NULL : IMAGE_PARAMETER_PRESET,
		.check = is_id ? check_image : check_parameter,
	};
	struct deployment_appliances *appliances = &setup->deployment.appliances;
	appliances->image_id = NULL;
	appliances->image_parameter = NULL;
	return setup_type(
		setup, &question, is_id ? &appliances->image_id : &appliances->image_parameter
	);
}

static const char *check_type(void *, const char *text) {
	const char *dot = strchr(text, '.');
	return dot != NULL && dot > text && dot[1] != '\0'
		? NULL
		: "an instance type is such as c7i.xlarge";
}

enum prompt_result setup_ask_instance_type(struct setup *setup) {
	bool is_dpdk = setup->deployment.mode == DEPLOYMENT_DPDK;
	const struct prompt_text question = {
		.title = "which instance type?",
		.label = "instance type",
		.hint = "any type of the AMI's architecture; only sources need one that AWS can "
			"mirror",
		.preset = is_dpdk ? "c7i.xlarge" : "c7i.large",
		.check = check_type,
	};
	return setup_type(setup, &question, &setup->deployment.appliances.instance_type);
}

static const char *check_count(void *, const char *text) {
	char *end;
	long n = strtol(text, &end, 10);
	return *end == '\0' && n >= 1 && n <= COUNT_MAX ? NULL : "a number from 1 to 1000";
}

enum prompt_result setup_ask_count(struct setup *setup) {
	const struct prompt_text question = {
		.title = "how many?",
		.label = "appliances",
		.hint = "two, in two zones, go on when one fails",
		.preset = COUNT_PRESET,
		.check = check_count,
	};
	const char *text = NULL;
	enum prompt_result result = setup_type(setup, &question, &text);
	if (result == PROMPT_DONE)
		setup->deployment.appliances.n = strtol(text, NULL, 10);
	return result;
}

enum prompt_result setup_ask_profile(struct setup *setup) {
	const struct prompt_text question = {
		.title = "which instance profile?",
		.label = "instance profile",
		.hint = "an appliance with DPDK registers its own address; 'metlo-appliance "
			"iam-policy' "
			"prints what its role needs",
		.preset = PROFILE_PRESET,
	};
	return setup_type(setup, &question, &setup->deployment.appliances.instance_profile);
}

enum prompt_result setup_ask_scaling(struct setup *setup) {
	return setup_yes_no(
		setup,
		"in an Auto Scaling group, which replaces those that fail?",
		"Auto Scaling group",
		true,
		&setup->deployment.appliances.is_group
	);
}

// With DPDK an appliance is known by the address of its data interface, which is not the first.
static bool is_data_interface(const struct setup *setup, const struct ec2_network_interface *one) {
	return one->instance_id != NULL && one->device_index > 0 && one->private_ip != NULL
		&& one->vpc_id != NULL && setup->deployment.vpc_id != NULL
		&& strcmp(one->vpc_id, setup->deployment.vpc_id) == 0;
}

static size_t list_data_interfaces(struct setup *setup, struct prompt_item *items) {
	const struct index *interfaces = &setup->inventory.interfaces;
	size_t n = 0;
	for (size_t i = 0; i < interfaces->n; i++) {
		const struct ec2_network_interface *one = interfaces->entries[i].value;
		const struct ec2_instance *instance =
			inventory_instance(&setup->inventory, one->instance_id);
		if (!is_data_interface(setup, one))
			continue;
		items[n++] = (struct prompt_item) {
			.name = instance == NULL ? NULL : tags_get(&instance->tags, "Name"),
			.id = one->private_ip,
			.detail = arena_printf(&setup->arena, "%s %s", one->instance_id, one->id),
			.tags = instance == NULL ? NULL
						 : setup_tags_text(&instance->tags, &setup->arena),
		};
	}
	return n;
}

static size_t list_instances(struct setup *setup, struct prompt_item *items) {
	const struct index *instances = &setup->inventory.instances;
	size_t n = 0;
	for (size_t i = 0; i < instances->n; i++) {
		const struct ec2_instance *one = instances->entries[i].value;
		bool is_running = one->state != NULL && strcmp(one->state, "running") == 0;
		items[n++] = (struct prompt_item) {
			.name = tags_get(&one->tags, "Name"),
			.id = one->id,
			.detail = arena_printf(
				&setup->arena,
				"%s %s",
				one->type == NULL ? "" : one->type,
				one->state == NULL ? "" : one->state
			),
			.tags = setup_tags_text(&one->tags, &setup->arena),
			.note = is_running ? NULL : "it does not run, so it cannot be registered",
			.state = is_running ? PROMPT_FINE : PROMPT_REFUSED,
		};
	}
	return n;
}

static bool is_none(struct setup *setup, size_t n, const char *text) {
	if (n == 0)
		prompt_view_say(&setup->terminal, text);
	return n == 0;
}

enum prompt_result setup_ask_appliances(struct setup *setup) {
	struct aws_error error;
	bool is_dpdk = setup->deployment.mode == DEPLOYMENT_DPDK, *chosen;
	int status = setup_need_client(setup, &error);
	if (status == 0)
		status = setup_load_inventory(setup, &error);
	if (status < 0)
		return setup_fail(setup, status, &error, "read the instances");
	size_t room = is_dpdk ? setup->inventory.interfaces.n : setup->inventory.instances.n;
	struct prompt_item *items = arena_alloc_array(&setup->arena, room, sizeof(*items));
	if (items == NULL)
		return setup_no_memory(setup);
	size_t n = is_dpdk ? list_data_interfaces(setup, items) : list_instances(setup, items);
	if (is_none(setup,
		    n,
		    is_dpdk ? "there is no instance with a second interface here"
			    : "there are no instances here"))
		return PROMPT_BACK;
	const struct prompt_select question = {
		.title = is_dpdk ? "which data interfaces of appliances?"
				 : "which instances are appliances?",
		.label = "appliances",
		.items = items,
		.n_items = n,
		.is_multiple = true,
	};
	enum prompt_result result = setup_choose_several(setup, &question, &chosen);
	struct shape_strings *list = &setup->deployment.existing_appliances;
	*list = (struct shape_strings) {0};
	for (size_t i = 0; result == PROMPT_DONE && i < n; i++) {
		const char *id = chosen[i] ? arena_strdup(&setup->arena, items[i].id) : NULL;
		if (chosen[i] && (id == NULL || setup_add_text(setup, list, id) < 0))
			return setup_no_memory(setup);
	}
	return result;
}

enum prompt_result setup_ask_target(struct setup *setup) {
	struct aws_error error;
	size_t at = 0;
	int status = setup_need_client(setup, &error);
	if (status == 0)
		status = setup_load_inventory(setup, &error);
	if (status < 0)
		return setup_fail(setup, status, &error, "read the mirror targets");
	const struct ec2_mirror_targets *targets = &setup->inventory.targets;
	size_t n = targets->targets.n;
	struct prompt_item *items = arena_alloc_array(&setup->arena, n, sizeof(*items));
	if (items == NULL)
		return setup_no_memory(setup);
	if (is_none(setup, n, "there are no mirror targets here"))
		return PROMPT_BACK;
	for (size_t i = 0; i < n; i++) {
		const struct ec2_mirror_target *target = &targets->targets.items[i];
		bool is_ours = ownership_is_managed(&target->tags);
		items[i] = (struct prompt_item) {
			.name = tags_get(&target->tags, "Name"),
			.id = target->id,
			.detail = target->type,
			.tags = setup_tags_text(&target->tags, &setup->arena),
			.note = is_ours ? "it belongs to a deployment and goes with it" : NULL,
			.state = is_ours ? PROMPT_DOUBTFUL : PROMPT_FINE,
		};
	}
	const struct prompt_select question = {
		.title = "which mirror target?",
		.label = "mirror target",
		.items = items,
		.n_items = n,
	};
	enum prompt_result result = setup_choose(setup, &question, &at);
	if (result != PROMPT_DONE)
		return result;
	setup->deployment.existing_target = arena_strdup(&setup->arena, items[at].id);
	return setup->deployment.existing_target == NULL ? setup_no_memory(setup) : result;
}

enum prompt_result setup_ask_balancer(struct setup *setup) {
	struct aws_error error;
	struct elbv2_load_balancers found = {0};
	const struct elbv2_query all = {0};
	const char *vpc_id = setup->deployment.vpc_id;
	size_t at = 0, n = 0;
	int status = setup_need_client(setup, &error);
	if (status == 0)
		status = elbv2_describe_load_balancers(
			setup->client, &all, &setup->arena, &found, &error
		);
	if (status < 0)
		return setup_fail(setup, status, &error, "read the load balancers");
	struct prompt_item *items =
		arena_alloc_array(&setup->arena, found.load_balancers.n, sizeof(*items));
	if (items == NULL)
		return setup_no_memory(setup);
	for (size_t i = 0; i < found.load_balancers.n; i++) {
		const struct elbv2_load_balancer *one = &found.load_balancers.items[i];
		if (one->type == NULL || strcmp(one->type, "network") != 0 || one->vpc_id == NULL
		    || vpc_id == NULL || strcmp(one->vpc_id, vpc_id) != 0)
			continue;
		items[n++] = (struct prompt_item) {
			.name = one->name,
			.id = one->arn,
			.detail = one->scheme,
		};
	}
	if (is_none(setup, n, "there are no Network Load Balancers here"))
		return PROMPT_BACK;
	const struct prompt_select question = {
		.title = "which Network Load Balancer?",
		.label = "load balancer",
		.items = items,
		.n_items = n,
	};
	enum prompt_result result = setup_choose(setup, &question, &at);
	if (result == PROMPT_DONE)
		setup->deployment.existing_load_balancer = items[at].id;
	return result;
}
