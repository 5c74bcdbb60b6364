#include "doctor_view.h"

#include "ownership.h"
#include "session_status.h"
#include "sts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TAG_VALUE_MAX 256 // longer lists of sources are cut in the tag

static int no_memory(struct doctor_view *view) {
	return aws_error_set(view->error, -ENOMEM, "OutOfMemory", "reading the account");
}

static int status(struct doctor_view *view) {
	return view->is_out_of_memory ? no_memory(view) : 0;
}

static int load_caller(struct doctor_view *view) {
	struct sts_identity identity;
	int result =
		sts_get_caller_identity(view->client, NULL, view->arena, &identity, view->error);
	view->caller = result < 0 || identity.arn == NULL ? "" : identity.arn;
	return result;
}

// As survey.c does; without a file nothing says where the sources are.
static int load_inventory(struct doctor_view *view) {
	const struct deployment *deployment = &view->deployment;
	struct shape_strings vpc_ids = {0};
	if (view->options->file != NULL) {
		doctor_add_once(view, &vpc_ids, deployment->vpc_id);
		for (size_t i = 0; i < deployment->source_vpc_ids.n; i++)
			doctor_add_once(view, &vpc_ids, deployment->source_vpc_ids.items[i]);
		for (size_t i = 0; i < deployment->n_sources; i++)
			if (deployment->sources[i].kind == SOURCE_VPC)
				doctor_add_once(view, &vpc_ids, deployment->sources[i].id);
	}
	int result = status(view);
	return result < 0 ? result
			  : inventory_load(view->client, &vpc_ids, &view->inventory, view->error);
}

static bool is_ours(const struct doctor_view *view, const struct ec2_mirror_session *session) {
	return ownership_is_ours(&session->tags, view->id);
}

// What the file names; else what has our tags; else what our sessions use.
static void choose_target(struct doctor_view *view) {
	const struct inventory *inventory = &view->inventory;
	const char *id = view->deployment.existing_target;
	for (size_t i = 0; id == NULL && i < inventory->targets.targets.n; i++)
		if (ownership_is_ours(&inventory->targets.targets.items[i].tags, view->id))
			id = inventory->targets.targets.items[i].id;
	for (size_t i = 0; id == NULL && i < inventory->sessions.sessions.n; i++)
		if (is_ours(view, &inventory->sessions.sessions.items[i]))
			id = inventory->sessions.sessions.items[i].target_id;
	view->target_id = id;
	view->target = index_find(&inventory->targets_by_id, id);
}

static void choose_filter(struct doctor_view *view) {
	const struct inventory *inventory = &view->inventory;
	const char *id = view->deployment.existing_filter;
	for (size_t i = 0; id == NULL && i < inventory->filters.filters.n; i++)
		if (ownership_is_ours(&inventory->filters.filters.items[i].tags, view->id))
			id = inventory->filters.filters.items[i].id;
	for (size_t i = 0; id == NULL && i < inventory->sessions.sessions.n; i++)
		if (is_ours(view, &inventory->sessions.sessions.items[i]))
			id = inventory->sessions.sessions.items[i].filter_id;
	view->filter_id = id;
	view->filter = index_find(&inventory->filters_by_id, id);
}

// A target leads to another load balancer than that of our name where that was so asked for.
static void choose_balancer(struct doctor_view *view) {
	const char *arn = view->target == NULL ? NULL : view->target->load_balancer_arn;
	const char *part = arn == NULL ? NULL : strstr(arn, ":loadbalancer/net/");
	const char *name = deployment_name(&view->deployment, NULL, view->arena);
	if (view->deployment.existing_load_balancer != NULL || part == NULL || name == NULL)
		return;
	part += strlen(":loadbalancer/net/");
	if (strncmp(part, name, strlen(name)) != 0 || part[strlen(name)] != '/')
		view->deployment.existing_load_balancer = arn;
}

static int load_found(struct doctor_view *view) {
	choose_target(view);
	choose_filter(view);
	choose_balancer(view);
	int result = found_load(view->client, &view->deployment, &view->found, view->error);
	if (result != -EREMOTEIO || !aws_error_is_not_found(view->error)
	    || view->deployment.existing_load_balancer == NULL)
		return result;
	// The target leads to a load balancer that is no more.
	view->deployment.existing_load_balancer = NULL;
	return found_load(view->client, &view->deployment, &view->found, view->error);
}

static const char *forwarded_to(const struct elbv2_listener *listener) {
	return listener == NULL || listener->actions.n == 0
		? NULL
		: listener->actions.items[0].target_group_arn;
}

// Ours, or that of a load balancer which existed.
static int load_target_group(struct doctor_view *view) {
	struct found *found = &view->found;
	const char *arn = forwarded_to(found->listener);
	bool is_ours = found->target_group != NULL
		&& (arn == NULL || strcmp(arn, found->target_group->arn) == 0);
	if (is_ours || arn == NULL) {
		view->target_group = found->target_group;
		view->target_group_attributes = found->target_group_attributes;
		view->health = found->health;
		return 0;
	}
	struct elbv2_target_group_query query = {.arns = {.items = &arn, .n = 1}};
	struct elbv2_arn one = {.arn = arn};
	struct elbv2_targets targets = {.target_group_arn = arn};
	struct elbv2_target_groups groups;
	int result = elbv2_describe_target_groups(
		view->client, &query, view->arena, &groups, view->error
	);
	if (result < 0 || groups.groups.n == 0)
		return result;
	view->target_group = &groups.groups.items[0];
	result = elbv2_describe_target_group_attributes(
		view->client, &one, view->arena, &view->target_group_attributes, view->error
	);
	return result < 0 ? result
			  : elbv2_describe_target_health(
				  view->client, &targets, view->arena, &view->health, view->error
			  );
}

static int add_source(struct doctor_view *view, const char *key) {
	struct deployment *deployment = &view->deployment;
	struct aws_error ignored;
	struct source source;
	if (source_parse(key, view->arena, &source, &ignored) < 0)
		return 0;
	struct source *sources = arena_grow(
		view->arena, deployment->sources, deployment->n_sources, sizeof(*sources)
	);
	if (sources == NULL)
		return no_memory(view);
	sources[deployment->n_sources++] = source;
	deployment->sources = sources;
	return 0;
}

// Without a file the tags of the sessions say what is mirrored. The last key of a tag that is full may be cut.
static int read_sources(struct doctor_view *view) {
	const struct ec2_mirror_sessions *sessions = &view->inventory.sessions;
	struct shape_strings keys = {0};
	for (size_t i = 0; i < sessions->sessions.n; i++) {
		const struct ec2_mirror_session *session = &sessions->sessions.items[i];
		const char *tag = tags_get(&session->tags, OWNERSHIP_TAG_SOURCE);
		struct shape_strings found;
		if (!is_ours(view, session))
			continue;
		if (session_sources(session, view->arena, &found) < 0)
			return no_memory(view);
		size_t n = tag != NULL && strlen(tag) >= TAG_VALUE_MAX - 1 ? found.n - 1 : found.n;
		for (size_t j = 0; j < n; j++)
			doctor_add_once(view, &keys, found.items[j]);
	}
	int result = status(view);
	for (size_t i = 0; result == 0 && i < keys.n; i++)
		result = add_source(view, keys.items[i]);
	return result;
}

// The interfaces of our sessions, which may be wanted by no source any more.
static int add_interfaces_of_sessions(struct doctor_view *view) {
	const struct ec2_mirror_sessions *sessions = &view->inventory.sessions;
	struct shape_strings ids = {0}, none = {0};
	for (size_t i = 0; i < sessions->sessions.n; i++)
		if (is_ours(view, &sessions->sessions.items[i]))
			doctor_add(view, &ids, sessions->sessions.items[i].network_interface_id);
	int result = status(view);
	return result < 0 ? result
			  : inventory_add(view->client, &view->inventory, &ids, &none, view->error);
}

static int load_sources(struct doctor_view *view) {
	int result = view->options->file == NULL ? read_sources(view) : 0;
	if (result == 0)
		result = resolve_sources(
			view->client,
			&view->inventory,
			view->deployment.sources,
			view->deployment.n_sources,
			&view->resolution,
			view->error
		);
	return result < 0 ? result : add_interfaces_of_sessions(view);
}

static int compare_wants(const void *a, const void *b) {
	const struct resolve_want *left = a, *right = b;
	return strcmp(left->interface->id, right->interface->id);
}

static bool is_wanted(const struct resolution *resolution, const char *id) {
	struct ec2_network_interface interface = {.id = id};
	struct resolve_want key = {.interface = &interface};
	size_t n = resolution->n_wants;
	return n > 0
		&& bsearch(&key, resolution->wants, n, sizeof(*resolution->wants), compare_wants)
		!= NULL;
}

// Where the deployment is, as far as what there is of it says: selectors look only there.
static struct shape_strings vpcs_of_sessions(struct doctor_view *view) {
	const struct ec2_mirror_sessions *sessions = &view->inventory.sessions;
	struct shape_strings vpcs = {0};
	if (view->found.balancer != NULL)
		doctor_add_once(view, &vpcs, view->found.balancer->vpc_id);
	for (size_t i = 0; i < sessions->sessions.n; i++) {
		const struct ec2_mirror_session *session = &sessions->sessions.items[i];
		const struct ec2_network_interface *interface =
			inventory_interface(&view->inventory, session->network_interface_id);
		if (interface != NULL && is_ours(view, session))
			doctor_add_once(view, &vpcs, interface->vpc_id);
	}
	return vpcs;
}

// Without a file nothing says in which VPCs the sources are.
static void drop_strangers(struct doctor_view *view) {
	struct resolution *resolution = &view->resolution;
	struct shape_strings vpcs = vpcs_of_sessions(view);
	size_t n = 0;
	for (size_t i = 0; i < resolution->n_wants; i++)
		if (resolution->wants[i].is_named
		    || doctor_has(&vpcs, resolution->wants[i].interface->vpc_id))
			resolution->wants[n++] = resolution->wants[i];
	resolution->n_wants = n;
}

// What has a session is judged too; the keys of its sources are none then.
static int want_sessions(struct doctor_view *view) {
	struct resolution *resolution = &view->resolution;
	const struct ec2_mirror_sessions *sessions = &view->inventory.sessions;
	size_t n_resolved = resolution->n_wants, n = n_resolved;
	struct shape_strings added = {0};
	struct resolve_want *wants = arena_alloc_array(
		&resolution->arena, n_resolved + sessions->sessions.n, sizeof(*wants)
	);
	if (wants == NULL)
		return no_memory(view);
	if (n_resolved > 0)
		memcpy(wants, resolution->wants, n_resolved * sizeof(*wants));
	for (size_t i = 0; i < sessions->sessions.n; i++) {
		const struct ec2_mirror_session *session = &sessions->sessions.items[i];
		const struct ec2_network_interface *interface =
			inventory_interface(&view->inventory, session->network_interface_id);
		if (interface == NULL || !is_ours(view, session)
		    || is_wanted(resolution, interface->id) || doctor_has(&added, interface->id))
			continue;
		wants[n++] = (struct resolve_want) {.interface = interface};
		doctor_add(view, &added, interface->id);
	}
	if (n > 1)
		qsort(wants, n, sizeof(*wants), compare_wants);
	resolution->wants = wants;
	resolution->n_wants = n;
	return 0;
}

static struct shape_strings
groups_of(struct doctor_view *view, const struct ec2_network_interface *interface) {
	struct shape_strings ids = {0};
	for (size_t i = 0; i < interface->groups.n; i++)
		doctor_add(view, &ids, interface->groups.items[i].id);
	return ids;
}

static int judge(struct doctor_view *view) {
	struct candidate_options options = {
		.deployment = view->id,
		.session_number = view->deployment.session.number,
		.extra_types = view->deployment.extra_types,
		.appliances = view->found.appliances,
	};
	if (!doctor_has_file(view))
		drop_strangers(view);
	int result = want_sessions(view);
	if (result == 0)
		result = inventory_add_subnets(view->client, &view->inventory, view->error);
	if (result < 0)
		return result;
	if (candidates_judge(&view->inventory, &view->resolution, &options, &view->candidates) < 0)
		return no_memory(view);
	view->sources.items =
		arena_alloc_array(view->arena, view->candidates.n, sizeof(*view->sources.items));
	if (view->sources.items == NULL)
		return no_memory(view);
	for (size_t i = 0; i < view->candidates.n; i++) {
		const struct candidate *candidate = &view->candidates.items[i];
		if (candidate->session == NULL && candidate->verdict == CANDIDATE_REFUSED)
			continue;
		struct doctor_source *source = &view->sources.items[view->sources.n++];
		source->candidate = candidate;
		source->has_address =
			firewall_range_read(candidate->interface->private_ip, &source->address);
		source->groups = groups_of(view, candidate->interface);
	}
	return 0;
}

static void add_place(
	struct doctor_view *view,
	struct doctor_places *places,
	const char *id,
	const char *address,
	const struct ec2_network_interface *interface,
	const struct elbv2_target_health *health
) {
	struct doctor_place *items =
		arena_grow(view->arena, places->items, places->n, sizeof(*items));
	if (items == NULL) {
		view->is_out_of_memory = true;
		return;
	}
	struct doctor_place *place = &items[places->n];
	*place = (struct doctor_place) {.id = id, .interface = interface, .health = health};
	place->has_address = firewall_range_read(address, &place->address);
	if (interface != NULL)
		place->groups = groups_of(view, interface);
	places->items = items;
	places->n++;
}

static int load_nodes(struct doctor_view *view) {
	const struct elbv2_load_balancer *balancer = view->found.balancer;
	const char *tail = balancer == NULL || balancer->arn == NULL
		? NULL
		: strstr(balancer->arn, ":loadbalancer/");
	if (tail == NULL)
		return 0;
	const char *description = doctor_text(view, "ELB %s", tail + strlen(":loadbalancer/"));
	struct shape_strings values = {.items = &description, .n = 1};
	int result = inventory_add_found(
		view->client, &view->inventory, "description", &values, view->error
	);
	const struct index *all = &view->inventory.interfaces;
	for (size_t i = 0; result == 0 && i < all->n; i++) {
		const struct ec2_network_interface *node = all->entries[i].value;
		if (node->description != NULL && strcmp(node->description, description) == 0)
			add_place(view, &view->nodes, node->id, node->private_ip, node, NULL);
	}
	return result < 0 ? result : status(view);
}

static const struct ec2_network_interface *
first_of_instance(const struct doctor_view *view, const char *instance_id) {
	size_t n;
	const struct index_entry *entries =
		index_range(&view->inventory.interfaces_by_instance, instance_id, &n);
	for (size_t i = 0; i < n; i++) {
		const struct ec2_network_interface *interface = entries[i].value;
		if (interface->device_index == 0)
			return interface;
	}
	return NULL;
}

static const struct ec2_network_interface *
at_address(const struct doctor_view *view, const char *address, const char *vpc_id) {
	size_t n;
	const struct index_entry *entries =
		index_range(&view->inventory.interfaces_by_address, address, &n);
	for (size_t i = 0; i < n; i++) {
		const struct ec2_network_interface *interface = entries[i].value;
		if (vpc_id == NULL
		    || (interface->vpc_id != NULL && strcmp(interface->vpc_id, vpc_id) == 0))
			return interface;
	}
	return NULL;
}

static int add_registered(struct doctor_view *view) {
	struct shape_strings ids = {0}, none = {0};
	bool is_address = view->target_group != NULL && view->target_group->target_type != NULL
		&& strcmp(view->target_group->target_type, "ip") == 0;
	for (size_t i = 0; i < view->health.targets.n; i++)
		doctor_add(view, &ids, view->health.targets.items[i].id);
	int result = status(view);
	if (result == 0 && ids.n > 0 && is_address)
		result = inventory_add_found(
			view->client,
			&view->inventory,
			"addresses.private-ip-address",
			&ids,
			view->error
		);
	else if (result == 0 && ids.n > 0)
		result = inventory_add(view->client, &view->inventory, &none, &ids, view->error);
	for (size_t i = 0; result == 0 && i < view->health.targets.n; i++) {
		const struct elbv2_target_health *target = &view->health.targets.items[i];
		const struct ec2_network_interface *interface = is_address
			? at_address(view, target->id, view->target_group->vpc_id)
			: first_of_instance(view, target->id);
		const char *address = is_address ? target->id
			: interface == NULL	 ? NULL
						 : interface->private_ip;
		add_place(view, &view->appliances, target->id, address, interface, target);
	}
	return result < 0 ? result : status(view);
}

// A target may be an appliance's interface itself.
static int load_appliances(struct doctor_view *view) {
	const char *id = view->target == NULL ? NULL : view->target->network_interface_id;
	struct shape_strings ids = {.items = &id, .n = 1}, none = {0};
	if (id == NULL)
		return add_registered(view);
	int result = inventory_add(view->client, &view->inventory, &ids, &none, view->error);
	const struct ec2_network_interface *interface =
		result < 0 ? NULL : inventory_interface(&view->inventory, id);
	if (interface != NULL)
		add_place(view, &view->appliances, id, interface->private_ip, interface, NULL);
	return result < 0 ? result : status(view);
}

static int load_pause(struct doctor_view *view) {
	int64_t now_s = view->inventory.read_at_s;
	view->is_pause_readable = pause_find(&view->inventory, view->id, &view->pause);
	view->is_paused = pause_holds(&view->pause, now_s);
	return 0;
}

// That nothing of it is there is no diagnosis. What cannot be seen may be there.
static int must_exist(struct doctor_view *view) {
	if (view->gaps.n > 0
	    || !found_is_nothing(&view->found, &view->inventory, &view->deployment))
		return 0;
	return aws_error_set(
		view->error,
		-ENOENT,
		"NoDeployment",
		"there is nothing of deployment '%s' in region '%s'%s",
		view->id,
		view->region,
		doctor_has_file(view) ? "; 'metlo-appliance apply' makes it" : ""
	);
}

int doctor_view_load(struct doctor_view *view) {
	static doctor_check_fn *const steps[] = {
		load_caller,
		load_inventory,
		load_found,
		must_exist,
		load_pause,
		load_target_group,
		load_sources,
		load_nodes,
		load_appliances,
		judge,
		doctor_view_load_network,
		status,
	};
	int result = 0;
	for (size_t i = 0; result == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		result = steps[i](view);
	return result;
}

void doctor_view_release(struct doctor_view *view) {
	candidates_release(&view->candidates);
	resolution_release(&view->resolution);
	found_release(&view->found);
	inventory_release(&view->inventory);
	gaps_release(&view->gaps);
}
