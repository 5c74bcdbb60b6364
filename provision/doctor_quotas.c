#include "doctor_view.h"
#include "ownership.h"
#include "service_quotas.h"

#include <errno.h>
#include <string.h>

// What AWS limits. The limits of mirroring are fixed, and Service Quotas does not know them, so that they are
// counted here.

#define MIRROR_PER_ACCOUNT 10000 // of sessions, targets and filters each
#define SOURCES_PER_INTERFACE 10 // that sends to an interface; 100 for the largest instances
#define NEARLY 0.9

// How many there are. '*ret_is_least': others may exist that were not read. Below 0: as client_call().
typedef int count_fn(struct doctor_view *view, double *ret_n, bool *ret_is_least);

static bool is(const char *text, const char *wanted) {
	return text != NULL && strcmp(text, wanted) == 0;
}

static int count_balancers(struct doctor_view *view, double *ret_n, bool *) {
	static const struct elbv2_query all;
	struct elbv2_load_balancers found;
	int result =
		elbv2_describe_load_balancers(view->client, &all, view->arena, &found, view->error);
	for (size_t i = 0; result == 0 && i < found.load_balancers.n; i++)
		*ret_n += is(found.load_balancers.items[i].type, "network");
	return result;
}

static int count_target_groups(struct doctor_view *view, double *ret_n, bool *) {
	static const struct elbv2_target_group_query all;
	struct elbv2_target_groups found;
	int result =
		elbv2_describe_target_groups(view->client, &all, view->arena, &found, view->error);
	*ret_n = (double)found.groups.n;
	return result;
}

static int count_targets(struct doctor_view *view, double *ret_n, bool *) {
	*ret_n = (double)view->health.targets.n;
	return 0;
}

// In the fullest zone.
static int count_targets_in_zone(struct doctor_view *view, double *ret_n, bool *) {
	for (size_t i = 0; i < view->appliances.n; i++) {
		const struct doctor_place *one = &view->appliances.items[i];
		double n = 0;
		for (size_t j = 0; one->interface != NULL && j < view->appliances.n; j++)
			n += view->appliances.items[j].interface != NULL
				&& is(view->appliances.items[j].interface->zone,
				      one->interface->zone == NULL ? "" : one->interface->zone);
		*ret_n = n > *ret_n ? n : *ret_n;
	}
	return 0;
}

static int count_listeners(struct doctor_view *view, double *ret_n, bool *) {
	struct elbv2_listener_query query = {0};
	struct elbv2_listeners found;
	if (!doctor_has_balancer(view))
		return 0;
	query.load_balancer_arn = view->found.balancer->arn;
	int result =
		elbv2_describe_listeners(view->client, &query, view->arena, &found, view->error);
	*ret_n = (double)found.listeners.n;
	return result;
}

static int count_nodes(struct doctor_view *view, double *ret_n, bool *) {
	size_t n;
	const char *vpc_id = view->found.balancer == NULL ? NULL : view->found.balancer->vpc_id;
	const struct index_entry *entries =
		index_range(&view->inventory.interfaces_by_vpc, vpc_id, &n);
	for (size_t i = 0; i < n; i++)
		*ret_n +=
			is(((const struct ec2_network_interface *)entries[i].value)->type,
			   "network_load_balancer");
	return 0;
}

static int count_interfaces(struct doctor_view *view, double *ret_n, bool *ret_is_least) {
	*ret_n = (double)view->inventory.interfaces.n;
	*ret_is_least = view->options->file != NULL;
	return 0;
}

static size_t n_rules(const struct ec2_permissions *permissions) {
	size_t n = 0;
	for (size_t i = 0; i < permissions->n; i++) {
		const struct ec2_permission *permission = &permissions->items[i];
		n += permission->ranges.n + permission->ipv6_ranges.n + permission->groups.n
			+ permission->prefix_lists.n;
	}
	return n;
}

// Of the fullest group and direction.
static int count_rules(struct doctor_view *view, double *ret_n, bool *) {
	size_t most = 0;
	for (size_t i = 0; i < view->groups.n; i++) {
		const struct ec2_security_group *group = view->groups.entries[i].value;
		size_t in = n_rules(&group->ingress), out = n_rules(&group->egress);
		size_t n = in > out ? in : out;
		most = n > most ? n : most;
	}
	*ret_n = (double)most;
	return 0;
}

static int count_groups_of_interface(struct doctor_view *view, double *ret_n, bool *) {
	for (size_t i = 0; i < view->appliances.n; i++)
		if ((double)view->appliances.items[i].groups.n > *ret_n)
			*ret_n = (double)view->appliances.items[i].groups.n;
	return 0;
}

static int count_acl_entries(struct doctor_view *view, double *ret_n, bool *) {
	for (size_t i = 0; i < view->acls.n; i++) {
		const struct ec2_acl *acl = view->acls.entries[i].value;
		double n[2] = {0, 0};
		for (size_t j = 0; j < acl->entries.n; j++)
			n[acl->entries.items[j].is_egress] += acl->entries.items[j].number < 32767;
		double most = n[0] > n[1] ? n[0] : n[1];
		*ret_n = most > *ret_n ? most : *ret_n;
	}
	return 0;
}

static int count_groups(struct doctor_view *view, double *ret_n, bool *) {
	static const struct autoscaling_query all;
	struct autoscaling_groups found;
	int result =
		autoscaling_describe_groups(view->client, &all, view->arena, &found, view->error);
	*ret_n = (double)found.groups.n;
	return result;
}

static bool is_counted(const struct ec2_instance *instance) {
	return (is(instance->state, "running") || is(instance->state, "pending"))
		&& instance->type != NULL && strchr("acdhimrtz", instance->type[0]) != NULL;
}

static int64_t vcpus_of(const struct ec2_instance_types *types, const char *name) {
	for (size_t i = 0; i < types->types.n; i++)
		if (is(types->types.items[i].name, name))
			return types->types.items[i].n_vcpus;
	return 0;
}

static int count_vcpus(struct doctor_view *view, double *ret_n, bool *ret_is_least) {
	struct shape_strings names = {0};
	struct ec2_instance_types types;
	const struct index *instances = &view->inventory.instances;
	*ret_is_least = view->options->file != NULL;
	for (size_t i = 0; i < instances->n; i++) {
		const struct ec2_instance *instance = instances->entries[i].value;
		if (is_counted(instance) && names.n < EC2_FILTER_VALUES_MAX)
			doctor_add_once(view, &names, instance->type);
	}
	struct ec2_filter filter = {.name = "instance-type", .values = names};
	struct ec2_query query = {.filters = {.items = &filter, .n = 1}};
	if (names.n == 0)
		return 0;
	int result =
		ec2_describe_instance_types(view->client, &query, view->arena, &types, view->error);
	for (size_t i = 0; result == 0 && i < instances->n; i++) {
		const struct ec2_instance *instance = instances->entries[i].value;
		if (is_counted(instance))
			*ret_n += (double)vcpus_of(&types, instance->type);
	}
	return result;
}

// What must be the case for a quota to matter.
enum needs {
	ALWAYS,
	A_BALANCER,
	LAUNCHED, // appliances that we launch
	SCALED, // in an Auto Scaling group
};

static const struct quota {
	const char *service;
	const char *code;
	const char *what;
	enum needs needs;
	count_fn *count;
	const char *operation; // that counting needs; NULL: none of its own
} quotas[] = {
	{"elasticloadbalancing",
	 "L-69A177A2",
	 "Network Load Balancers in the region",
	 A_BALANCER,
	 count_balancers,
	 "elasticloadbalancing:DescribeLoadBalancers"},
	{"elasticloadbalancing",
	 "L-B22855CB",
	 "target groups in the region",
	 A_BALANCER,
	 count_target_groups,
	 "elasticloadbalancing:DescribeTargetGroups"},
	{"elasticloadbalancing",
	 "L-EEF1AD04",
	 "targets of the load balancer",
	 A_BALANCER,
	 count_targets,
	 "elasticloadbalancing:DescribeTargetHealth"},
	{"elasticloadbalancing",
	 "L-B211E961",
	 "targets of the load balancer in one zone",
	 A_BALANCER,
	 count_targets_in_zone,
	 "elasticloadbalancing:DescribeTargetHealth"},
	{"elasticloadbalancing",
	 "L-57A373D6",
	 "listeners of the load balancer",
	 A_BALANCER,
	 count_listeners,
	 "elasticloadbalancing:DescribeListeners"},
	{"elasticloadbalancing",
	 "L-23568085",
	 "interfaces of Network Load Balancers in the VPC",
	 A_BALANCER,
	 count_nodes,
	 "ec2:DescribeNetworkInterfaces"},
	{"vpc",
	 "L-DF5E4CA3",
	 "network interfaces in the region",
	 ALWAYS,
	 count_interfaces,
	 "ec2:DescribeNetworkInterfaces"},
	{"vpc",
	 "L-0EA8095F",
	 "rules in one direction of a security group",
	 ALWAYS,
	 count_rules,
	 "ec2:DescribeSecurityGroups"},
	{"vpc",
	 "L-2AFB9258",
	 "security groups of an appliance's interface",
	 ALWAYS,
	 count_groups_of_interface,
	 "ec2:DescribeNetworkInterfaces"},
	{"vpc",
	 "L-2AEEBF1A",
	 "entries in one direction of a network ACL",
	 ALWAYS,
	 count_acl_entries,
	 "ec2:DescribeNetworkAcls"},
	{"ec2",
	 "L-1216C47A",
	 "vCPUs of running standard instances",
	 LAUNCHED,
	 count_vcpus,
	 "ec2:DescribeInstanceTypes"},
	{"autoscaling",
	 "L-CDE20ADC",
	 "Auto Scaling groups in the region",
	 SCALED,
	 count_groups,
	 "autoscaling:DescribeAutoScalingGroups"},
};

static bool applies(const struct doctor_view *view, enum needs needs) {
	bool is_scaled = view->found.group != NULL;
	switch (needs) {
	case ALWAYS:
		return true;
	case A_BALANCER:
		return doctor_has_balancer(view);
	case LAUNCHED:
		return is_scaled || deployment_has_appliances(&view->deployment);
	case SCALED:
		return is_scaled;
	}
	return false;
}

static void
judge(struct doctor_view *view, const struct quota *quota, double n, double limit, bool is_least) {
	struct shape_strings subject = {0};
	if (n < limit * NEARLY)
		return;
	doctor_add(view, &subject, quota->code);
	doctor_find(
		view,
		DOCTOR_QUOTAS,
		n >= limit ? DOCTOR_PROBLEM : DOCTOR_WARNING,
		&subject,
		doctor_text(
			view,
			"aws service-quotas request-service-quota-increase --region %s "
			"--service-code %s --quota-code %s --desired-value %.0f",
			view->region,
			quota->service,
			quota->code,
			n >= limit * 2 ? n + limit : limit * 2
		),
		"%s: %s%.0f of %.0f%s",
		quota->what,
		is_least ? "at least " : "",
		n,
		limit,
		n >= limit ? ", so that no more can be made" : ""
	);
}

// Left out where it cannot be known, which is said once for all.
static int ask(struct doctor_view *view, const struct quota *quota, size_t *n_known) {
	struct service_quotas_key key = {
		.service_code = quota->service,
		.quota_code = quota->code,
	};
	struct service_quotas_quota found;
	double n = 0;
	bool is_least = false;
	int result = service_quotas_effective(view->client, &key, view->arena, &found, view->error);
	if (result == -EREMOTEIO && aws_error_is_not_found(view->error))
		return 0; // the region does not have it
	if (result == -EREMOTEIO && aws_error_is(view->error, "NoSuchResourceException"))
		return 0;
	if (result == 0)
		result = quota->count(view, &n, &is_least);
	if (result < 0 || found.value <= 0 || gaps_find(&view->gaps, quota->operation) != NULL)
		return result;
	(*n_known)++;
	judge(view, quota, n, found.value, is_least);
	return 0;
}

int doctor_check_quotas(struct doctor_view *view) {
	size_t n_known = 0, n_before = view->doctor->n_findings;
	int result = 0;
	for (size_t i = 0; result == 0 && i < sizeof(quotas) / sizeof(quotas[0]); i++)
		if (applies(view, quotas[i].needs))
			result = ask(view, &quotas[i], &n_known);
	if (result < 0
	    || doctor_is_blind(
		    view,
		    DOCTOR_QUOTAS,
		    "servicequotas:GetServiceQuota servicequotas:GetAWSDefaultServiceQuota "
		    "elasticloadbalancing:DescribeLoadBalancers "
		    "elasticloadbalancing:DescribeTargetGroups "
		    "elasticloadbalancing:DescribeTargetHealth "
		    "elasticloadbalancing:DescribeListeners ec2:DescribeInstanceTypes "
		    "ec2:DescribeNetworkInterfaces ec2:DescribeNetworkAcls "
		    "ec2:DescribeSecurityGroups autoscaling:DescribeAutoScalingGroups"
	    ))
		return result;
	if (view->doctor->n_findings == n_before)
		doctor_find(
			view,
			DOCTOR_QUOTAS,
			DOCTOR_OK,
			NULL,
			NULL,
			"%zu quota%s of the account have room",
			n_known,
			doctor_s(n_known)
		);
	return 0;
}

static void judge_mirroring(struct doctor_view *view, const char *what, size_t n, size_t limit) {
	if ((double)n < (double)limit * NEARLY)
		return;
	doctor_find(
		view,
		DOCTOR_MIRROR_LIMITS,
		n >= limit ? DOCTOR_PROBLEM : DOCTOR_WARNING,
		NULL,
		"AWS does not raise this limit: take away what is not needed, or use another "
		"account",
		"%s: %zu of %zu%s",
		what,
		n,
		limit,
		n >= limit ? ", so that no more can be made" : ""
	);
}

static size_t n_own(const struct doctor_view *view) {
	size_t n = 0;
	for (size_t i = 0; i < view->inventory.sessions.sessions.n; i++)
		n += is(view->inventory.sessions.sessions.items[i].owner_id,
			view->inventory.account);
	return n;
}

static size_t n_to_target(const struct doctor_view *view) {
	size_t n = 0;
	for (size_t i = 0; i < view->inventory.sessions.sessions.n; i++)
		n += view->target_id != NULL
			&& is(view->inventory.sessions.sessions.items[i].target_id,
			      view->target_id);
	return n;
}

int doctor_check_mirror_limits(struct doctor_view *view) {
	const struct inventory *inventory = &view->inventory;
	size_t n_before = view->doctor->n_findings;
	if (doctor_is_blind(
		    view,
		    DOCTOR_MIRROR_LIMITS,
		    "ec2:DescribeTrafficMirrorSessions ec2:DescribeTrafficMirrorTargets "
		    "ec2:DescribeTrafficMirrorFilters"
	    ))
		return 0;
	size_t n_sessions = n_own(view);
	judge_mirroring(view, "sessions of the account", n_sessions, MIRROR_PER_ACCOUNT);
	judge_mirroring(
		view, "targets of the account", inventory->targets.targets.n, MIRROR_PER_ACCOUNT
	);
	judge_mirroring(
		view, "filters of the account", inventory->filters.filters.n, MIRROR_PER_ACCOUNT
	);
	if (view->target != NULL && view->target->network_interface_id != NULL)
		judge_mirroring(
			view,
			"sources of a target that is an interface",
			n_to_target(view),
			SOURCES_PER_INTERFACE
		);
	if (view->doctor->n_findings == n_before)
		doctor_find(
			view,
			DOCTOR_MIRROR_LIMITS,
			DOCTOR_OK,
			NULL,
			NULL,
			"%zu of %d sessions, %zu targets and %zu filters are in use in this region",
			n_sessions,
			MIRROR_PER_ACCOUNT,
			inventory->targets.targets.n,
			inventory->filters.filters.n
		);
	return 0;
}
