#include "candidate.h"

#include "instance_types.h"
#include "mirror_filter.h"
#include "ownership.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct judge {
	const struct inventory *inventory;
	const struct candidate_options *options;
	struct arena *arena;
	struct index appliances; // ids and addresses
	bool is_out_of_memory;
};

static const struct {
	const char *text;
	enum candidate_verdict verdict;
} reasons[] = {
#define X(name, verdict_, text_)                                                                   \
	[CANDIDATE_REASON_##name] = {.text = text_, .verdict = CANDIDATE_##verdict_},
	CANDIDATE_REASONS(X)
#undef X
};

const char *candidate_reason_text(enum candidate_reason reason) {
	return reasons[reason].text;
}

// The gravest of what was found stays; of equals the first.
__attribute__((format(printf, 5, 6))) static void
find(struct judge *judge,
     struct candidate *candidate,
     enum candidate_reason reason,
     const char *instead,
     const char *format,
     ...) {
	char text[400];
	va_list args;
	if (candidate->reason != CANDIDATE_REASON_NONE
	    && reasons[reason].verdict <= candidate->verdict)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	candidate->verdict = reasons[reason].verdict;
	candidate->reason = reason;
	candidate->instead = instead;
	candidate->why = arena_strdup(judge->arena, text);
	if (candidate->why == NULL)
		judge->is_out_of_memory = true;
}

static bool begins_with(const char *text, const char *prefix) {
	return text != NULL && strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool same(const char *a, const char *b) {
	return a != NULL && strcmp(a, b) == 0;
}

// Mirroring the mirror would feed the appliance its own input, ever more of it.
static void judge_loop(struct judge *judge, struct candidate *candidate) {
	static const char instead[] =
		"leave it out; it is in the path of the mirrored traffic itself";
	const struct ec2_network_interface *interface = candidate->interface;
	bool is_appliance = index_find(&judge->appliances, interface->id) != NULL
		|| index_find(&judge->appliances, interface->instance_id) != NULL
		|| index_find(&judge->appliances, interface->private_ip) != NULL
		|| ownership_is_managed(&interface->tags);
	if (candidate->instance != NULL)
		is_appliance = is_appliance || ownership_is_managed(&candidate->instance->tags);
	for (size_t i = 0; !is_appliance && i < judge->inventory->targets.targets.n; i++)
		is_appliance =
			same(judge->inventory->targets.targets.items[i].network_interface_id,
			     interface->id);
	if (is_appliance)
		find(judge,
		     candidate,
		     CANDIDATE_REASON_APPLIANCE,
		     instead,
		     "%s belongs to an appliance or is a mirror target",
		     interface->id);
}

static void judge_interface_type(struct judge *judge, struct candidate *candidate) {
	static const struct {
		const char *type;
		const char *what;
		const char *instead;
	} types[] = {
		{"branch",
		 "a branch interface of a trunk (ECS with trunking, or an EKS pod with its own "
		 "security group)",
		 "mirror the load balancer in front of it, or its callers; or run it without "
		 "trunking"},
		{"trunk", "the trunk of branch interfaces", "mirror the host's first interface"},
		{"network_load_balancer",
		 "a node of a Network Load Balancer",
		 "mirror its targets: lb/NAME"},
		{"gateway_load_balancer",
		 "a node of a Gateway Load Balancer",
		 "mirror its targets"},
		{"gateway_load_balancer_endpoint",
		 "a Gateway Load Balancer endpoint",
		 "mirror the instances that send through it"},
		{"nat_gateway", "a NAT gateway", "mirror the instances that send through it"},
		{"natGateway", "a NAT gateway", "mirror the instances that send through it"},
		{"vpc_endpoint", "a VPC endpoint", "mirror the instances that call it"},
		{"lambda", "a Lambda function", "mirror what the function calls"},
		{"transit_gateway", "a transit gateway", "mirror the instances on either side"},
	};
	const char *type = candidate->interface->type;
	if (type == NULL || strcmp(type, "interface") == 0)
		return;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(type, types[i].type) != 0)
			continue;
		find(judge,
		     candidate,
		     CANDIDATE_REASON_INTERFACE_TYPE,
		     types[i].instead,
		     "it is %s, which AWS cannot mirror",
		     types[i].what);
		return;
	}
	find(judge,
	     candidate,
	     CANDIDATE_REASON_INTERFACE_TYPE,
	     "mirror the instances that talk to it",
	     "it is of type '%s'; AWS can mirror only ordinary interfaces",
	     type);
}

// AWS promises this for databases and caches only. Load balancers and Fargate tasks are reported to work,
// and to fail, depending on the hardware below.
static void judge_requester(struct judge *judge, struct candidate *candidate) {
	const struct ec2_network_interface *interface = candidate->interface;
	const char *description = interface->description;
	if (!interface->is_requester_managed || !same(interface->type, "interface"))
		return;
	if (begins_with(description, "RDS") || begins_with(description, "ElastiCache")
	    || same(interface->requester_id, "amazon-rds")
	    || same(interface->requester_id, "amazon-elasticache"))
		return;
	if (begins_with(description, "ELB "))
		find(judge,
		     candidate,
		     CANDIDATE_REASON_ALB,
		     "mirror the load balancer's targets instead: lb/NAME",
		     "it is a load balancer's own; that works unless the node is on old hardware, "
		     "and "
		     "it changes as the load balancer grows");
	else if (begins_with(description, "arn:") && strstr(description, ":ecs:") != NULL)
		find(judge,
		     candidate,
		     interface->instance_id == NULL ? CANDIDATE_REASON_FARGATE
						    : CANDIDATE_REASON_ECS_AWSVPC,
		     "if AWS refuses it, mirror the load balancer or the callers of the service, "
		     "or "
		     "run the agent as a sidecar",
		     "it is the interface of an ECS task; AWS does not promise that it can be "
		     "mirrored");
	else
		find(judge,
		     candidate,
		     CANDIDATE_REASON_REQUESTER_MANAGED,
		     "mirror the instances that talk to it",
		     "it is managed by another AWS service ('%.100s')",
		     description == NULL ? "" : description);
}

static void judge_place(struct judge *judge, struct candidate *candidate) {
	const struct ec2_network_interface *interface = candidate->interface;
	const struct ec2_subnet *subnet = inventory_subnet(judge->inventory, interface->subnet_id);
	if (subnet != NULL && subnet->is_ipv6_only)
		find(judge,
		     candidate,
		     CANDIDATE_REASON_IPV6_ONLY,
		     "give the workload an interface in a subnet with IPv4",
		     "subnet '%s' has IPv6 only, where AWS cannot mirror",
		     subnet->id);
	if (interface->owner_id != NULL && judge->inventory->account[0] != 0
	    && strcmp(interface->owner_id, judge->inventory->account) != 0)
		find(judge,
		     candidate,
		     CANDIDATE_REASON_OTHER_ACCOUNT,
		     "run this with the credentials of that account; the target can be shared with "
		     "it",
		     "it belongs to account %s, which must make the session itself",
		     interface->owner_id);
}

static void judge_instance(struct judge *judge, struct candidate *candidate) {
	const struct ec2_instance *instance = candidate->instance;
	if (instance == NULL) {
		if (!candidate->interface->is_requester_managed
		    && same(candidate->interface->status, "available"))
			find(judge,
			     candidate,
			     CANDIDATE_REASON_NOT_ATTACHED,
			     "attach it; the next refresh adds it",
			     "it is not attached to anything, but a session would be billed");
		return;
	}
	if (!same(instance->state, "running") && !same(instance->state, "pending"))
		find(judge,
		     candidate,
		     CANDIDATE_REASON_NOT_RUNNING,
		     "start it; the next refresh adds it",
		     "instance '%s' is %s, but a session would be billed",
		     instance->id,
		     instance->state == NULL ? "in an unknown state" : instance->state);
	if (instance->type == NULL)
		return;
	switch (instance_types_support(instance->type, &judge->options->extra_types)) {
	case INSTANCE_TYPES_SUPPORTED:
		break;
	case INSTANCE_TYPES_UNSUPPORTED:
		find(judge,
		     candidate,
		     CANDIDATE_REASON_TYPE_UNSUPPORTED,
		     "use a type that AWS can mirror (Nitro v2 to v4, such as m7i or m7g), or "
		     "mirror "
		     "its callers; newer types: --allow-instance-type",
		     "AWS cannot mirror instances of type '%s' (list of " INSTANCE_TYPES_DATE ")",
		     instance->type);
		break;
	case INSTANCE_TYPES_UNKNOWN:
		find(judge,
		     candidate,
		     CANDIDATE_REASON_TYPE_UNKNOWN,
		     "if AWS refuses it, mirror its callers",
		     "type '%s' is not in the list of " INSTANCE_TYPES_DATE,
		     instance->type);
		break;
	}
}

static bool is_number_taken(const struct index_entry *sessions, size_t n, int64_t number) {
	for (size_t i = 0; i < n; i++)
		if (((const struct ec2_mirror_session *)sessions[i].value)->number == number)
			return true;
	return false;
}

static void choose_number(
	struct judge *judge,
	struct candidate *candidate,
	const struct index_entry *foreign,
	size_t n_foreign
) {
	int64_t wanted = judge->options->session_number;
	if (wanted == 0 && candidate->session != NULL)
		wanted = candidate->session->number;
	if (wanted != 0 && is_number_taken(foreign, n_foreign, wanted)) {
		find(judge,
		     candidate,
		     CANDIDATE_REASON_NUMBER_TAKEN,
		     "let the number be chosen, or give another",
		     "another session has number %lld there",
		     (long long)wanted);
		return;
	}
	for (candidate->number = wanted;
	     candidate->number == 0 || is_number_taken(foreign, n_foreign, candidate->number);)
		candidate->number++;
}

// A packet goes to the first session whose filter accepts it, and to no other.
static void judge_starving(
	struct judge *judge,
	struct candidate *candidate,
	const struct ec2_mirror_session *foreign
) {
	const struct ec2_mirror_filter *filter =
		index_find(&judge->inventory->filters_by_id, foreign->filter_id);
	if (candidate->number == 0 || foreign->number > candidate->number)
		return;
	if (filter == NULL)
		find(judge,
		     candidate,
		     CANDIDATE_REASON_FOREIGN_FILTER_UNKNOWN,
		     "ask the owner of that session what its filter takes",
		     "session %s of account %s comes first there and its filter cannot be seen",
		     foreign->id,
		     foreign->owner_id == NULL ? "?" : foreign->owner_id);
	else if (mirror_filter_takes_all(filter) && !judge->options->allows_starved)
		find(judge,
		     candidate,
		     CANDIDATE_REASON_STARVED,
		     "give that session a higher number or a narrower filter, or remove it",
		     "session %s comes first there and takes all TCP; ours would get nothing",
		     foreign->id);
}

static int judge_sessions(struct judge *judge, struct candidate *candidate) {
	size_t n, n_foreign = 0;
	const struct index_entry *all =
		index_range(&judge->inventory->sessions_by_interface, candidate->interface->id, &n);
	struct index_entry *foreign = arena_alloc_array(judge->arena, n, sizeof(*foreign));
	if (foreign == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct ec2_mirror_session *session = all[i].value;
		if (ownership_is_ours(&session->tags, judge->options->deployment))
			candidate->session = session;
		else
			foreign[n_foreign++] = all[i];
	}
	candidate->n_foreign = n_foreign;
	if (candidate->session == NULL && n_foreign >= EC2_MIRROR_SESSIONS_PER_INTERFACE)
		find(judge,
		     candidate,
		     CANDIDATE_REASON_SESSIONS_FULL,
		     "remove one of them",
		     "it has %zu mirror sessions of others already, which is all that AWS allows",
		     n_foreign);
	choose_number(judge, candidate, foreign, n_foreign);
	for (size_t i = 0; i < n_foreign; i++)
		judge_starving(judge, candidate, foreign[i].value);
	return 0;
}

static int
judge_one(struct judge *judge, const struct resolve_want *want, struct candidate *candidate) {
	*candidate = (struct candidate) {
		.interface = want->interface,
		.instance = inventory_instance(judge->inventory, want->interface->instance_id),
		.sources = want->sources,
		.is_named = want->is_named,
	};
	judge_loop(judge, candidate);
	judge_interface_type(judge, candidate);
	judge_place(judge, candidate);
	judge_requester(judge, candidate);
	judge_instance(judge, candidate);
	int result = judge_sessions(judge, candidate);
	return judge->is_out_of_memory ? -ENOMEM : result;
}

int candidates_judge(
	const struct inventory *inventory,
	const struct resolution *resolution,
	const struct candidate_options *options,
	struct candidates *ret_candidates
) {
	struct candidates candidates = {.n = resolution->n_wants};
	struct judge judge = {
		.inventory = inventory,
		.options = options,
		.arena = &candidates.arena,
	};
	int result = 0;
	candidates.items =
		arena_alloc_array(&candidates.arena, candidates.n, sizeof(*candidates.items));
	if (candidates.items == NULL)
		result = -ENOMEM;
	for (size_t i = 0; result == 0 && i < options->appliances.n; i++)
		result = index_add(
			&judge.appliances,
			&candidates.arena,
			options->appliances.items[i],
			options->appliances.items[i]
		);
	index_sort(&judge.appliances);
	for (size_t i = 0; result == 0 && i < candidates.n; i++)
		result = judge_one(&judge, &resolution->wants[i], &candidates.items[i]);
	if (result < 0)
		candidates_release(&candidates);
	else
		*ret_candidates = candidates;
	return result;
}

void candidates_release(struct candidates *candidates) {
	arena_release(&candidates->arena);
	*candidates = (struct candidates) {0};
}

const char *candidate_name(const struct candidate *candidate) {
	const char *name = NULL;
	if (candidate->instance != NULL)
		name = tags_get(&candidate->instance->tags, "Name");
	if (name == NULL)
		name = tags_get(&candidate->interface->tags, "Name");
	if (name == NULL)
		name = candidate->interface->description;
	return name == NULL ? "" : name;
}
