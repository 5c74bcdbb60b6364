#include "partition.h"
#include "policy.h"

#include <errno.h>
#include <string.h>

#define SELF                                                                                       \
	(POLICY_BIT(POLICY_SELF_REGISTER) | POLICY_BIT(POLICY_SELF_PARAMETERS)                     \
	 | POLICY_BIT(POLICY_SELF_SECRETS))

struct policy_wants policy_wants_everything(void) {
	return (struct policy_wants) {
		.features = (POLICY_BIT(POLICY_N_FEATURES) - 1) & ~SELF,
	};
}

struct policy_wants policy_wants_any_appliance(void) {
	return (struct policy_wants) {.features = SELF};
}

enum policy_feature policy_feature_named(const char *text) {
	static const char *const names[] = {
#define X(name, word, help) [POLICY_##name] = (word),
		POLICY_FEATURES(X)
#undef X
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], text) == 0)
			return (enum policy_feature)i;
	return POLICY_N_FEATURES;
}

struct adder {
	struct policy_wants *wants;
	const struct deployment *deployment;
	struct arena *arena;
};

static int add(struct adder *adder, enum policy_list which, const char *text) {
	struct shape_strings *list = &adder->wants->lists[which];
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], text) == 0)
			return 0;
	const char **items = arena_grow(adder->arena, list->items, list->n, sizeof(*items));
	const char *copy = arena_strdup(adder->arena, text);
	if (items == NULL || copy == NULL)
		return -ENOMEM;
	items[list->n] = copy;
	*list = (struct shape_strings) {.items = items, .n = list->n + 1};
	return 0;
}

static void set(struct adder *adder, enum policy_feature feature) {
	adder->wants->features |= POLICY_BIT(feature);
}

static int add_sources(struct adder *adder) {
	int result = 0;
	for (size_t i = 0; result == 0 && i < adder->deployment->n_sources; i++) {
		const struct source *source = &adder->deployment->sources[i];
		if (source->kind == SOURCE_LOAD_BALANCER)
			set(adder, POLICY_LB);
		else if (source->kind == SOURCE_SCALING_GROUP)
			set(adder, POLICY_ASG);
		if (source->kind != SOURCE_ECS_SERVICE)
			continue;
		set(adder, POLICY_ECS);
		const char *cluster =
			arena_strndup(adder->arena, source->id, strcspn(source->id, "/"));
		result = cluster == NULL ? -ENOMEM : add(adder, POLICY_CLUSTERS, cluster);
	}
	return result;
}

static int add_existing(struct adder *adder) {
	const struct deployment *deployment = adder->deployment;
	int result = 0;
	if (deployment->existing_filter != NULL)
		result = add(adder, POLICY_FILTERS, deployment->existing_filter);
	else
		set(adder, POLICY_OWN_FILTER);
	if (result < 0)
		return result;
	if (deployment->existing_target != NULL)
		return add(adder, POLICY_TARGETS, deployment->existing_target);
	set(adder, POLICY_OWN_TARGET);
	if (deployment->existing_load_balancer == NULL) {
		set(adder, POLICY_OWN_BALANCER);
		return 0;
	}
	const char *end = strstr(deployment->existing_load_balancer, "loadbalancer/net/");
	return end == NULL ? 0 : add(adder, POLICY_BALANCERS, end + strlen("loadbalancer/net/"));
}

static int add_appliances(struct adder *adder) {
	const struct deployment_appliances *appliances = &adder->deployment->appliances;
	const char *parameter = appliances->image_parameter;
	bool is_kernel = adder->deployment->mode == DEPLOYMENT_KERNEL;
	int result = 0;
	if (adder->deployment->existing_appliances.n > 0
	    || (deployment_has_appliances(adder->deployment) && is_kernel && !appliances->is_group))
		set(adder, POLICY_REGISTERS);
	if (!deployment_has_appliances(adder->deployment))
		return 0;
	set(adder, appliances->is_group ? POLICY_GROUP : POLICY_INSTANCES);
	if (parameter != NULL) {
		set(adder, POLICY_IMAGE_PARAMETER);
		result = add(adder, POLICY_PARAMETERS, parameter + (parameter[0] == '/'));
	}
	if (result == 0 && appliances->instance_profile != NULL)
		result = add(adder, POLICY_ROLES, appliances->instance_profile);
	for (size_t i = 0; result == 0 && i < appliances->security_group_ids.n; i++)
		result = add(adder, POLICY_GROUPS, appliances->security_group_ids.items[i]);
	return result;
}

static int add_place(struct adder *adder) {
	const char *partition = partition_of_region(adder->deployment->region)->name;
	if (adder->wants->partition != NULL && strcmp(adder->wants->partition, partition) != 0)
		return -EINVAL;
	adder->wants->partition = partition;
	int result = add(adder, POLICY_REGIONS, adder->deployment->region);
	return result < 0 ? result : add(adder, POLICY_DEPLOYMENTS, adder->deployment->id);
}

// Every "PREFIX:NAME" that begins a text of the user data, whatever the rest is.
static int add_references(
	struct adder *adder,
	const char *prefix,
	enum policy_feature feature,
	enum policy_list list
) {
	const char *at = adder->deployment->appliances.user_data;
	int result = 0;
	if (at == NULL)
		set(adder, feature);
	while (result == 0 && at != NULL && (at = strstr(at, prefix)) != NULL) {
		at += strlen(prefix);
		at += at[0] == '/';
		const char *name = arena_strndup(adder->arena, at, strcspn(at, "\"\n\r "));
		set(adder, feature);
		result = name == NULL ? -ENOMEM : add(adder, list, name);
	}
	return result;
}

int policy_wants_add_appliances(
	struct policy_wants *wants,
	const struct deployment *deployment,
	struct arena *arena
) {
	struct adder adder = {.wants = wants, .deployment = deployment, .arena = arena};
	int result = add_place(&adder);
	if (deployment->mode == DEPLOYMENT_DPDK)
		set(&adder, POLICY_SELF_REGISTER);
	if (result == 0)
		result =
			add_references(&adder, "\"ssm:", POLICY_SELF_PARAMETERS, POLICY_PARAMETERS);
	if (result == 0)
		result = add_references(
			&adder, "\"secretsmanager:", POLICY_SELF_SECRETS, POLICY_SECRETS
		);
	return result;
}

int policy_wants_add(
	struct policy_wants *wants,
	const struct deployment *deployment,
	struct arena *arena
) {
	struct adder adder = {.wants = wants, .deployment = deployment, .arena = arena};
	int result = add_place(&adder);
	if (result == 0 && deployment->vpc_id != NULL)
		result = add(&adder, POLICY_VPCS, deployment->vpc_id);
	if (result == 0)
		result = add_sources(&adder);
	if (result == 0)
		result = add_existing(&adder);
	return result < 0 ? result : add_appliances(&adder);
}
