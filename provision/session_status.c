#include "session_status.h"

#include "instance_types.h"
#include "mirror_filter.h"
#include "ownership.h"
#include "pause.h"
#include "source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct judge {
	const struct inventory *inventory;
	const struct ec2_mirror_session *session;
	struct arena *arena;
	struct session_status *status;
	bool is_out_of_memory;
};

static const struct {
	const char *text;
	enum session_status_state state;
} reasons[] = {
#define X(name, state_, text_) [SESSION_REASON_##name] = {.text = text_, .state = SESSION_##state_},
	SESSION_STATUS_REASONS(X)
#undef X
};

const char *session_status_state_text(enum session_status_state state) {
	static const char *const texts[] = {"flowing", "partial", "unknown", "not-flowing"};
	return texts[state];
}

const char *session_status_reason_text(enum session_status_reason reason) {
	return reasons[reason].text;
}

// The gravest of what was found stays; of equals the first.
__attribute__((format(printf, 4, 5))) static void
find(struct judge *judge,
     enum session_status_reason reason,
     const char *fix,
     const char *format,
     ...) {
	struct session_status *status = judge->status;
	char text[400];
	va_list args;
	if (status->reason != SESSION_REASON_NONE && reasons[reason].state <= status->state)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	*status = (struct session_status) {
		.state = reasons[reason].state,
		.reason = reason,
		.why = arena_strdup(judge->arena, text),
		.fix = fix,
	};
	if (status->why == NULL)
		judge->is_out_of_memory = true;
}

static bool same(const char *a, const char *b) {
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static const char *or_unknown(const char *text) {
	return text == NULL ? "?" : text;
}

static void judge_pause(struct judge *judge) {
	const struct inventory *inventory = judge->inventory;
	const char *deployment = tags_get(&judge->session->tags, OWNERSHIP_TAG_DEPLOYMENT);
	char text[PAUSE_TEXT_SIZE];
	struct pause pause;
	if (deployment == NULL || !ownership_is_managed(&judge->session->tags)
	    || !ownership_is_id(deployment))
		return;
	pause_find(inventory, deployment, &pause);
	if (!pause_holds(&pause, inventory->read_at_s))
		return;
	pause_describe(&pause, inventory->read_at_s, text);
	find(judge,
	     SESSION_REASON_PAUSED,
	     "the next refresh removes this session; 'metlo-appliance sessions resume' ends the "
	     "pause",
	     "deployment '%s' is %s",
	     deployment,
	     text);
}

static void judge_instance(
	struct judge *judge,
	const struct ec2_instance *instance,
	const struct shape_strings *extra_types
) {
	static const struct shape_strings none;
	if (!same(instance->state, "running") && !same(instance->state, "pending"))
		find(judge,
		     SESSION_REASON_NOT_RUNNING,
		     "start it, or let 'refresh' remove the session: it is billed all the same",
		     "instance '%s' is %s",
		     instance->id,
		     instance->state == NULL ? "in an unknown state" : instance->state);
	if (instance->type == NULL)
		return;
	if (instance_types_support(instance->type, extra_types == NULL ? &none : extra_types)
	    == INSTANCE_TYPES_UNSUPPORTED)
		find(judge,
		     SESSION_REASON_TYPE_UNSUPPORTED,
		     "use a type that AWS can mirror (Nitro v2 to v4, such as m7i or m7g), or "
		     "remove the session: it is billed all the same",
		     "AWS cannot mirror instances of type '%s'",
		     instance->type);
}

static void judge_source(struct judge *judge, const struct shape_strings *extra_types) {
	const struct ec2_mirror_session *session = judge->session;
	const struct ec2_network_interface *interface =
		inventory_interface(judge->inventory, session->network_interface_id);
	if (interface == NULL) {
		find(judge,
		     SESSION_REASON_INTERFACE_GONE,
		     "let 'refresh' remove the session, or 'sessions remove' it",
		     "network interface '%s' does not exist any more",
		     or_unknown(session->network_interface_id));
		return;
	}
	const struct ec2_instance *instance =
		inventory_instance(judge->inventory, interface->instance_id);
	if (instance != NULL)
		judge_instance(judge, instance, extra_types);
	else if (!interface->is_requester_managed && same(interface->status, "available"))
		find(judge,
		     SESSION_REASON_NOT_ATTACHED,
		     "attach it, or let 'refresh' remove the session: it is billed all the same",
		     "network interface '%s' is not attached to anything",
		     interface->id);
}

static size_t n_accepting(const struct ec2_mirror_rules *rules) {
	size_t n = 0;
	for (size_t i = 0; i < rules->n; i++)
		n += same(rules->items[i].action, "accept");
	return n;
}

static void judge_filter(struct judge *judge) {
	static const char fix[] = "run 'apply', which puts the filter's rules right, or add rules "
				  "to it where it is not ours";
	const char *id = or_unknown(judge->session->filter_id);
	const struct ec2_mirror_filter *filter =
		index_find(&judge->inventory->filters_by_id, judge->session->filter_id);
	if (filter == NULL) {
		find(judge,
		     SESSION_REASON_FILTER_GONE,
		     "run 'apply', which makes a filter",
		     "mirror filter '%s' does not exist",
		     id);
		return;
	}
	size_t n_ingress = n_accepting(&filter->ingress), n_egress = n_accepting(&filter->egress);
	if (n_ingress == 0 && n_egress == 0)
		find(judge,
		     SESSION_REASON_FILTER_EMPTY,
		     fix,
		     "mirror filter '%s' accepts nothing",
		     id);
	else if (n_ingress == 0 || n_egress == 0)
		find(judge,
		     SESSION_REASON_FILTER_ONE_WAY,
		     fix,
		     "mirror filter '%s' accepts nothing in direction %s, so that requests and "
		     "responses do not come together",
		     id,
		     n_ingress == 0 ? "ingress" : "egress");
}

// A packet goes to the first session whose filter accepts it, and to no other.
static void judge_starving(struct judge *judge) {
	size_t n;
	const struct index_entry *all = index_range(
		&judge->inventory->sessions_by_interface, judge->session->network_interface_id, &n
	);
	for (size_t i = 0; i < n; i++) {
		const struct ec2_mirror_session *other = all[i].value;
		const struct ec2_mirror_filter *filter =
			index_find(&judge->inventory->filters_by_id, other->filter_id);
		if (other == judge->session || other->number >= judge->session->number)
			continue;
		if (filter == NULL)
			find(judge,
			     SESSION_REASON_FOREIGN_FILTER_UNKNOWN,
			     "ask the owner of that session what its filter takes",
			     "session '%s' of account %s comes first and its filter cannot be seen",
			     or_unknown(other->id),
			     or_unknown(other->owner_id));
		else if (mirror_filter_takes_all(filter))
			find(judge,
			     SESSION_REASON_STARVED,
			     "give that session a higher number or a narrower filter, or remove it",
			     "session '%s' comes first and takes all TCP",
			     or_unknown(other->id));
	}
}

static void judge_appliances(struct judge *judge, const struct mirror_path *path) {
	if (path->n_healthy > 0)
		return;
	if (path->health.targets.n == 0)
		find(judge,
		     SESSION_REASON_NO_APPLIANCE,
		     "start an appliance and register it",
		     "no appliance is registered with load balancer '%s'",
		     or_unknown(path->balancer->name));
	else if (path->n_starting > 0)
		find(judge,
		     SESSION_REASON_APPLIANCES_STARTING,
		     "wait until they are healthy",
		     "the appliances of load balancer '%s' are starting",
		     or_unknown(path->balancer->name));
	else
		find(judge,
		     SESSION_REASON_NO_HEALTHY_APPLIANCE,
		     "'metlo-appliance doctor' says why",
		     "none of the %zu appliances of load balancer '%s' is healthy",
		     path->health.targets.n,
		     or_unknown(path->balancer->name));
}

static void judge_path(struct judge *judge, const struct mirror_path *path) {
	switch (path->view) {
	case MIRROR_PATH_OTHER:
		return;
	case MIRROR_PATH_GONE:
		find(judge,
		     SESSION_REASON_TARGET_GONE,
		     "run 'apply', which makes what is missing",
		     "mirror target '%s' or its load balancer does not exist",
		     path->target_id);
		return;
	case MIRROR_PATH_HIDDEN:
		find(judge,
		     SESSION_REASON_TARGET_HIDDEN,
		     "look with credentials that may, see 'metlo-appliance iam-policy'",
		     "the load balancer of mirror target '%s' may not be looked at",
		     path->target_id);
		return;
	case MIRROR_PATH_SEEN:
		break;
	}
	const char *state = or_unknown(path->balancer->state);
	if (strcmp(state, "active") != 0 && strcmp(state, "active_impaired") != 0)
		find(judge,
		     SESSION_REASON_BALANCER_NOT_ACTIVE,
		     strcmp(state, "provisioning") == 0
			     ? "wait until it is active"
			     : "destroy the deployment and apply it again",
		     "load balancer '%s' is in state '%s'",
		     or_unknown(path->balancer->name),
		     state);
	if (path->listener == NULL)
		find(judge,
		     SESSION_REASON_NO_LISTENER,
		     "run 'apply', which makes the listener",
		     "load balancer '%s' has no UDP 4789 listener; mirroring fails silently",
		     or_unknown(path->balancer->name));
	else
		judge_appliances(judge, path);
}

int session_status_judge(
	const struct inventory *inventory,
	const struct mirror_paths *paths,
	const struct shape_strings *extra_types,
	const struct ec2_mirror_session *session,
	struct arena *arena,
	struct session_status *ret_status
) {
	struct session_status status = {0};
	struct judge judge = {
		.inventory = inventory,
		.session = session,
		.arena = arena,
		.status = &status,
	};
	const struct mirror_path *path = mirror_path_of(paths, session->target_id);
	bool is_of_others = session->owner_id != NULL && inventory->account[0] != 0
		&& strcmp(session->owner_id, inventory->account) != 0;
	if (is_of_others) {
		find(&judge,
		     SESSION_REASON_OTHER_ACCOUNT,
		     NULL,
		     "account %s has made it, and its source and filter cannot be seen from here",
		     session->owner_id);
	} else {
		judge_pause(&judge);
		judge_source(&judge, extra_types);
		judge_filter(&judge);
		judge_starving(&judge);
	}
	if (path != NULL)
		judge_path(&judge, path);
	if (judge.is_out_of_memory)
		return -ENOMEM;
	*ret_status = status;
	return 0;
}

const char *session_source_type(const struct ec2_network_interface *interface) {
	static const struct {
		const char *begin;
		const char *type;
	} kinds[] = {
		{"ELB ", "load-balancer"},
		{"RDS", "rds"},
		{"ElastiCache", "elasticache"},
	};
	const char *description = interface->description == NULL ? "" : interface->description;
	if (strncmp(description, "arn:", 4) == 0 && strstr(description, ":ecs:") != NULL)
		return "ecs-task";
	if (interface->instance_id != NULL)
		return "instance";
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(description, kinds[i].begin, strlen(kinds[i].begin)) == 0)
			return kinds[i].type;
	return "eni";
}

const char *session_source_name(
	const struct ec2_network_interface *interface,
	const struct ec2_instance *instance
) {
	const char *name = NULL;
	if (instance != NULL)
		name = tags_get(&instance->tags, "Name");
	if (name == NULL && interface != NULL)
		name = tags_get(&interface->tags, "Name");
	if (name == NULL && interface != NULL)
		name = interface->description;
	return name == NULL ? "" : name;
}

static bool begins_key(const char *text) {
	static const char *const kinds[] = {
#define X(name, text) text "/",
		SOURCE_KINDS(X)
#undef X
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(text, kinds[i], strlen(kinds[i])) == 0)
			return true;
	return false;
}

// The length of the key that 'text' begins with. Keys are joined by commas, which are in the keys of tag
// selectors too: a key ends where another begins.
static size_t key_len(const char *text) {
	size_t len = strcspn(text, ",");
	while (text[len] == ',' && !begins_key(text + len + 1))
		len += 1 + strcspn(text + len + 1, ",");
	return len;
}

static bool is_listed(const char *text, const char *key) {
	while (text != NULL && *text != 0) {
		size_t len = key_len(text);
		if (strlen(key) == len && strncmp(text, key, len) == 0)
			return true;
		text += len + (text[len] == ',');
	}
	return false;
}

bool session_has_source(
	const struct inventory *inventory,
	const struct ec2_mirror_session *session,
	const char *key
) {
	const struct ec2_network_interface *interface =
		inventory_interface(inventory, session->network_interface_id);
	size_t kind_len = strcspn(key, "/");
	const char *id = key + kind_len + (key[kind_len] == '/');
	if (strncmp(key, "eni/", 4) == 0 && same(session->network_interface_id, id))
		return true;
	if (strncmp(key, "instance/", 9) == 0 && interface != NULL
	    && same(interface->instance_id, id))
		return true;
	return is_listed(tags_get(&session->tags, OWNERSHIP_TAG_SOURCE), key);
}

int session_sources(
	const struct ec2_mirror_session *session,
	struct arena *arena,
	struct shape_strings *ret_keys
) {
	const char *text = tags_get(&session->tags, OWNERSHIP_TAG_SOURCE);
	const char **keys = NULL;
	size_t n = 0;
	while (text != NULL && *text != 0) {
		size_t len = key_len(text);
		const char *key = arena_strndup(arena, text, len);
		keys = arena_grow(arena, keys, n, sizeof(*keys));
		if (key == NULL || keys == NULL)
			return -ENOMEM;
		keys[n++] = key;
		text += len + (text[len] == ',');
	}
	*ret_keys = (struct shape_strings) {.items = keys, .n = n};
	return 0;
}
