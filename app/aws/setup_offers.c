#include "setup_offers.h"

#include "autoscaling.h"
#include "ecs.h"
#include "elb.h"
#include "elbv2.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct offering {
	struct client *client;
	struct inventory *inventory;
	const char *vpc_id;
	struct setup_offers *offers;
	struct arena *arena;
	struct aws_error *error;
};

static int no_memory(struct offering *offering) {
	return aws_error_set(offering->error, -ENOMEM, "OutOfMemory", "looking for sources");
}

static bool is_here(const struct offering *offering, const char *vpc_id) {
	return offering->vpc_id == NULL
		|| (vpc_id != NULL && strcmp(vpc_id, offering->vpc_id) == 0);
}

static const char *text_of(const char *text) {
	return text == NULL ? "" : text;
}

// A new offer, or NULL. 'id' is the source's.
static struct setup_offer *
add(struct offering *offering, enum source_kind kind, const char *id, const struct aws_tags *tags) {
	struct setup_offers *offers = offering->offers;
	struct setup_offer *items =
		arena_grow(offering->arena, offers->items, offers->n, sizeof(*items));
	if (items == NULL)
		return NULL;
	offers->items = items;
	struct setup_offer *offer = &items[offers->n++];
	*offer = (struct setup_offer) {.source = {.kind = kind, .id = id}, .shown_id = id};
	if (tags != NULL) {
		offer->tags = *tags;
		offer->name = tags_get(tags, "Name");
	}
	return offer;
}

static int list_instances(struct offering *offering) {
	const struct index *instances = &offering->inventory->instances;
	for (size_t i = 0; i < instances->n; i++) {
		const struct ec2_instance *instance = instances->entries[i].value;
		const char *state = text_of(instance->state);
		if (!is_here(offering, instance->vpc_id) || strcmp(state, "terminated") == 0
		    || strcmp(state, "shutting-down") == 0)
			continue;
		struct setup_offer *offer =
			add(offering, SOURCE_INSTANCE, instance->id, &instance->tags);
		if (offer == NULL)
			return no_memory(offering);
		offer->detail = arena_printf(
			offering->arena,
			"%s %s %s",
			text_of(instance->type),
			state,
			text_of(instance->private_ip)
		);
	}
	return 0;
}

static int list_interfaces(struct offering *offering) {
	const struct index *interfaces = &offering->inventory->interfaces;
	for (size_t i = 0; i < interfaces->n; i++) {
		const struct ec2_network_interface *one = interfaces->entries[i].value;
		if (!is_here(offering, one->vpc_id))
			continue;
		struct setup_offer *offer = add(offering, SOURCE_INTERFACE, one->id, &one->tags);
		if (offer == NULL)
			return no_memory(offering);
		const struct ec2_instance *instance =
			inventory_instance(offering->inventory, one->instance_id);
		if (offer->name == NULL && instance != NULL)
			offer->name = tags_get(&instance->tags, "Name");
		if (offer->name == NULL)
			offer->name = one->description;
		offer->detail = arena_printf(
			offering->arena,
			"%s %s",
			text_of(one->private_ip),
			one->instance_id == NULL ? text_of(one->status) : one->instance_id
		);
	}
	return 0;
}

static int list_subnets(struct offering *offering) {
	const struct ec2_subnets *subnets = &offering->inventory->subnets;
	for (size_t i = 0; i < subnets->subnets.n; i++) {
		const struct ec2_subnet *subnet = &subnets->subnets.items[i];
		if (!is_here(offering, subnet->vpc_id))
			continue;
		struct setup_offer *offer = add(offering, SOURCE_SUBNET, subnet->id, &subnet->tags);
		if (offer == NULL)
			return no_memory(offering);
		offer->detail = arena_printf(
			offering->arena, "%s %s", text_of(subnet->cidr), text_of(subnet->zone)
		);
	}
	return 0;
}

// The VPC that was chosen first, and others whose traffic may be routed here.
static int list_vpcs(struct offering *offering) {
	const struct ec2_vpcs *vpcs = &offering->inventory->vpcs;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < vpcs->vpcs.n; i++) {
			const struct ec2_vpc *vpc = &vpcs->vpcs.items[i];
			if (is_here(offering, vpc->id) != (pass == 0))
				continue;
			struct setup_offer *offer = add(offering, SOURCE_VPC, vpc->id, &vpc->tags);
			if (offer == NULL)
				return no_memory(offering);
			offer->detail = arena_printf(
				offering->arena,
				"%s%s",
				text_of(vpc->cidr),
				pass == 0 ? "" : " needs a route to the load balancer"
			);
		}
	}
	return 0;
}

static bool has_tag_offer(const struct setup_offers *offers, const struct aws_tag *tag) {
	for (size_t i = 0; i < offers->n; i++)
		if (tags_has(&offers->items[i].source.tags, tag->key, tag->value))
			return true;
	return false;
}

static int list_tags_of(struct offering *offering, const struct aws_tags *tags) {
	for (size_t i = 0; i < tags->n; i++) {
		const struct aws_tag *tag = &tags->items[i];
		if (tag->key == NULL || tag->value == NULL || strcmp(tag->key, "Name") == 0
		    || strncmp(tag->key, "aws:", 4) == 0 || strncmp(tag->key, "metlo:", 6) == 0
		    || strpbrk(tag->key, ",=") != NULL || strchr(tag->value, ',') != NULL
		    || has_tag_offer(offering->offers, tag))
			continue;
		struct setup_offer *offer = add(offering, SOURCE_TAGS, NULL, NULL);
		struct aws_tag *one = arena_alloc(offering->arena, sizeof(*one));
		if (offer == NULL || one == NULL)
			return no_memory(offering);
		*one = *tag;
		offer->source.tags = (struct aws_tags) {.items = one, .n = 1};
		offer->name = arena_printf(offering->arena, "%s=%s", tag->key, tag->value);
	}
	return 0;
}

// But for names, of which there are as many as instances.
static int list_tags(struct offering *offering) {
	const struct inventory *inventory = offering->inventory;
	int result = 0;
	for (size_t i = 0; result == 0 && i < inventory->instances.n; i++) {
		const struct ec2_instance *one = inventory->instances.entries[i].value;
		if (is_here(offering, one->vpc_id))
			result = list_tags_of(offering, &one->tags);
	}
	for (size_t i = 0; result == 0 && i < inventory->interfaces.n; i++) {
		const struct ec2_network_interface *one = inventory->interfaces.entries[i].value;
		if (is_here(offering, one->vpc_id))
			result = list_tags_of(offering, &one->tags);
	}
	return result;
}

static int list_services(struct offering *offering, const char *cluster) {
	static const char *const tags = "TAGS";
	struct ecs_list list = {.cluster = cluster};
	struct ecs_arns arns;
	int result =
		ecs_list_services(offering->client, &list, offering->arena, &arns, offering->error);
	for (size_t at = 0; result == 0 && at < arns.arns.n; at += ECS_SERVICES_MAX) {
		size_t left = arns.arns.n - at;
		struct ecs_services found;
		struct ecs_names names = {
			.cluster = cluster,
			.names =
				{.items = arns.arns.items + at,
				 .n = left < ECS_SERVICES_MAX ? left : ECS_SERVICES_MAX},
			.include = {.items = &tags, .n = 1},
		};
		result = ecs_describe_services(
			offering->client, &names, offering->arena, &found, offering->error
		);
		const char *slash = strrchr(cluster, '/');
		const char *short_name = slash == NULL ? cluster : slash + 1;
		for (size_t i = 0; result == 0 && i < found.services.n; i++) {
			const struct ecs_service *service = &found.services.items[i];
			const char *id = arena_printf(
				offering->arena, "%s/%s", short_name, text_of(service->name)
			);
			struct setup_offer *offer = id == NULL
				? NULL
				: add(offering, SOURCE_ECS_SERVICE, id, &service->tags);
			if (offer == NULL)
				return no_memory(offering);
			offer->name = service->name;
			offer->detail = arena_printf(
				offering->arena,
				"%s %lld of %lld tasks",
				service->launch_type == NULL ? "capacity provider"
							     : service->launch_type,
				(long long)service->n_running,
				(long long)service->n_desired
			);
		}
	}
	return result;
}

static int list_ecs(struct offering *offering) {
	const struct ecs_list all = {0};
	struct ecs_arns clusters;
	int result = ecs_list_clusters(
		offering->client, &all, offering->arena, &clusters, offering->error
	);
	for (size_t i = 0; result == 0 && i < clusters.arns.n; i++)
		result = list_services(offering, clusters.arns.items[i]);
	return result;
}

// The tags of load balancers come with a call of their own.
static int add_balancer_tags(struct offering *offering, const struct shape_strings *arns) {
	int result = 0;
	for (size_t at = 0; result == 0 && at < arns->n; at += ELBV2_TAGS_RESOURCES_MAX) {
		size_t left = arns->n - at;
		struct elbv2_tag_lists found;
		struct elbv2_arns query = {
			.arns =
				{.items = arns->items + at,
				 .n = left < ELBV2_TAGS_RESOURCES_MAX ? left
								      : ELBV2_TAGS_RESOURCES_MAX},
		};
		result = elbv2_describe_tags(
			offering->client, &query, offering->arena, &found, offering->error
		);
		for (size_t i = 0; result == 0 && i < found.resources.n; i++)
			for (size_t k = 0; k < offering->offers->n; k++)
				if (found.resources.items[i].arn != NULL
				    && strcmp(arns->items[k], found.resources.items[i].arn) == 0)
					offering->offers->items[k].tags =
						found.resources.items[i].tags;
	}
	return result;
}

static int list_new_balancers(struct offering *offering) {
	const struct elbv2_query all = {0};
	struct elbv2_load_balancers found;
	int result = elbv2_describe_load_balancers(
		offering->client, &all, offering->arena, &found, offering->error
	);
	if (result < 0)
		return result;
	size_t n = 0;
	const char **arns =
		arena_alloc_array(offering->arena, found.load_balancers.n, sizeof(*arns));
	if (arns == NULL)
		return no_memory(offering);
	for (size_t i = 0; i < found.load_balancers.n; i++) {
		const struct elbv2_load_balancer *one = &found.load_balancers.items[i];
		if (!is_here(offering, one->vpc_id) || strcmp(text_of(one->type), "gateway") == 0)
			continue;
		struct setup_offer *offer = add(offering, SOURCE_LOAD_BALANCER, one->name, NULL);
		if (offer == NULL)
			return no_memory(offering);
		offer->name = one->name;
		offer->shown_id = NULL;
		offer->detail = arena_printf(
			offering->arena, "%s %s", text_of(one->type), text_of(one->scheme)
		);
		arns[n++] = one->arn;
	}
	const struct shape_strings list = {.items = arns, .n = n};
	result = add_balancer_tags(offering, &list);
	// They only help to choose.
	return result == -EREMOTEIO && aws_error_is_denied(offering->error) ? 0 : result;
}

static int list_balancers(struct offering *offering) {
	const struct elb_query all = {0};
	struct elb_load_balancers found;
	int result = list_new_balancers(offering);
	if (result == 0)
		result = elb_describe_load_balancers(
			offering->client, &all, offering->arena, &found, offering->error
		);
	for (size_t i = 0; result == 0 && i < found.load_balancers.n; i++) {
		const struct elb_load_balancer *one = &found.load_balancers.items[i];
		if (!is_here(offering, one->vpc_id))
			continue;
		struct setup_offer *offer = add(offering, SOURCE_LOAD_BALANCER, one->name, NULL);
		if (offer == NULL)
			return no_memory(offering);
		offer->name = one->name;
		offer->shown_id = NULL;
		offer->detail = "classic";
	}
	return result;
}

// A group is here where any of its subnets is.
static bool is_group_here(const struct offering *offering, const struct autoscaling_group *group) {
	const char *ids = text_of(group->subnet_ids);
	const struct ec2_subnets *subnets = &offering->inventory->subnets;
	for (size_t i = 0; i < subnets->subnets.n; i++)
		if (is_here(offering, subnets->subnets.items[i].vpc_id)
		    && strstr(ids, subnets->subnets.items[i].id) != NULL)
			return true;
	return false;
}

static int list_groups(struct offering *offering) {
	const struct autoscaling_query all = {0};
	struct autoscaling_groups found;
	int result = autoscaling_describe_groups(
		offering->client, &all, offering->arena, &found, offering->error
	);
	for (size_t i = 0; result == 0 && i < found.groups.n; i++) {
		const struct autoscaling_group *group = &found.groups.items[i];
		if (!is_group_here(offering, group))
			continue;
		struct aws_tag *tags =
			arena_alloc_array(offering->arena, group->tags.n, sizeof(*tags));
		struct setup_offer *offer = add(offering, SOURCE_SCALING_GROUP, group->name, NULL);
		if (offer == NULL || tags == NULL)
			return no_memory(offering);
		for (size_t k = 0; k < group->tags.n; k++)
			tags[k] = (struct aws_tag) {
				.key = group->tags.items[k].key,
				.value = group->tags.items[k].value,
			};
		offer->tags = (struct aws_tags) {.items = tags, .n = group->tags.n};
		offer->name = group->name;
		offer->shown_id = NULL;
		offer->detail = arena_printf(offering->arena, "%zu instances", group->instances.n);
	}
	return result;
}

// By name, those without one last, and by id where the names are the same.
static int compare_offers(const void *a, const void *b) {
	const struct setup_offer *left = a, *right = b;
	if ((left->name == NULL) != (right->name == NULL))
		return left->name == NULL ? 1 : -1;
	int difference = left->name == NULL ? 0 : strcmp(left->name, right->name);
	return difference != 0 ? difference
			       : strcmp(text_of(left->source.id), text_of(right->source.id));
}

static int list(struct offering *offering, enum source_kind kind) {
	switch (kind) {
	case SOURCE_INSTANCE:
		return list_instances(offering);
	case SOURCE_INTERFACE:
		return list_interfaces(offering);
	case SOURCE_ECS_SERVICE:
		return list_ecs(offering);
	case SOURCE_LOAD_BALANCER:
		return list_balancers(offering);
	case SOURCE_TAGS:
		return list_tags(offering);
	case SOURCE_SUBNET:
		return list_subnets(offering);
	case SOURCE_VPC:
		return list_vpcs(offering);
	case SOURCE_SCALING_GROUP:
		return list_groups(offering);
	}
	return 0;
}

int setup_offers_load(
	struct client *client,
	struct inventory *inventory,
	enum source_kind kind,
	const char *vpc_id,
	struct setup_offers *ret_offers,
	struct aws_error *error
) {
	*ret_offers = (struct setup_offers) {0};
	struct offering offering = {
		.client = client,
		.inventory = inventory,
		.vpc_id = vpc_id,
		.offers = ret_offers,
		.arena = &ret_offers->arena,
		.error = error,
	};
	int result = list(&offering, kind);
	if (result == 0 && ret_offers->n > 1 && kind != SOURCE_VPC)
		qsort(ret_offers->items, ret_offers->n, sizeof(*ret_offers->items), compare_offers);
	if (result == 0)
		result = setup_offers_judge(client, inventory, ret_offers, error);
	if (result < 0)
		setup_offers_release(ret_offers);
	return result;
}

void setup_offers_release(struct setup_offers *offers) {
	candidates_release(&offers->candidates);
	resolution_release(&offers->resolution);
	arena_release(&offers->arena);
	*offers = (struct setup_offers) {0};
}
