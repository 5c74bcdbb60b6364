#include "doctor_view.h"
#include "verify.h"

#include <string.h>

// Whether collectors run, as far as ELB and EC2 know it.

static bool is(const char *text, const char *wanted) {
	return text != NULL && strcmp(text, wanted) == 0;
}

static const char *or_nothing(const char *text) {
	return text == NULL ? "" : text;
}

static enum doctor_state state_of(const char *state) {
	if (is(state, "healthy"))
		return DOCTOR_OK;
	if (is(state, "initial") || is(state, "draining") || is(state, "unhealthy.draining"))
		return DOCTOR_WARNING;
	return DOCTOR_PROBLEM;
}

static bool is_alike(const struct elbv2_target_health *a, const struct elbv2_target_health *b) {
	return strcmp(or_nothing(a->state), or_nothing(b->state)) == 0
		&& strcmp(or_nothing(a->reason), or_nothing(b->reason)) == 0;
}

// All that are in the same state for the same reason.
static void find_alike(struct doctor_view *view, const struct elbv2_target_health *first) {
	struct shape_strings ids = {0};
	for (size_t i = 0; i < view->health.targets.n; i++)
		if (is_alike(&view->health.targets.items[i], first))
			doctor_add(view, &ids, view->health.targets.items[i].id);
	const char *reason = or_nothing(first->reason);
	const char *fix = verify_health_fix(reason);
	enum doctor_state state = state_of(first->state);
	if (fix == NULL && state == DOCTOR_PROBLEM)
		fix = "see 'metlo-appliance status' there, and the target group in the EC2 console";
	doctor_find(
		view,
		DOCTOR_APPLIANCES,
		state,
		&ids,
		fix,
		"%s %s %s%s%s%s%s%s",
		doctor_names(view, &ids),
		ids.n == 1 ? "is" : "are",
		first->state == NULL ? "in an unknown state" : first->state,
		reason[0] == 0 ? "" : " (",
		reason,
		first->description == NULL ? "" : ": ",
		or_nothing(first->description),
		reason[0] == 0 ? "" : ")"
	);
}

static void find_by_health(struct doctor_view *view) {
	for (size_t i = 0; i < view->health.targets.n; i++) {
		const struct elbv2_target_health *target = &view->health.targets.items[i];
		bool is_new = true;
		for (size_t j = 0; j < i; j++)
			is_new = is_new && !is_alike(&view->health.targets.items[j], target);
		if (is_new)
			find_alike(view, target);
	}
}

static void find_none(struct doctor_view *view) {
	bool will_come = deployment_has_appliances(&view->deployment) || view->found.group != NULL;
	const char *arn = view->target_group == NULL ? "ARN" : view->target_group->arn;
	const char *fix = will_come
		? "see the Auto Scaling group's activity and the instances' system log in the "
		  "EC2 console: appliances register when they have started"
		: doctor_text(
			view,
			"start an appliance, and register it: aws elbv2 register-targets --region "
			"%s --target-group-arn %s --targets Id=INSTANCE-OR-ADDRESS",
			view->region,
			arn
		);
	doctor_find(
		view,
		DOCTOR_APPLIANCES,
		DOCTOR_PROBLEM,
		NULL,
		fix,
		"no appliance is registered, so nobody takes what is mirrored"
	);
}

// Fewer than were asked for: the account may be at a limit, or they die.
static void find_short(struct doctor_view *view) {
	const struct autoscaling_group *group = view->found.group;
	struct shape_strings subject = {0};
	size_t n = 0;
	for (size_t i = 0; group != NULL && i < group->instances.n; i++)
		n += is(group->instances.items[i].lifecycle_state, "InService");
	if (group == NULL || (int64_t)n >= group->desired)
		return;
	doctor_add(view, &subject, group->name);
	doctor_find(
		view,
		DOCTOR_APPLIANCES,
		DOCTOR_WARNING,
		&subject,
		doctor_text(
			view,
			"aws autoscaling describe-scaling-activities --region %s "
			"--auto-scaling-group-name %s",
			view->region,
			group->name
		),
		"Auto Scaling group '%s' has %zu of %lld appliances in service",
		group->name,
		n,
		(long long)group->desired
	);
}

// An interface that is the target itself has no health check: its instance must run.
static void find_direct(struct doctor_view *view) {
	for (size_t i = 0; i < view->appliances.n; i++) {
		const struct doctor_place *place = &view->appliances.items[i];
		const struct ec2_instance *instance =
			inventory_instance(&view->inventory, place->interface->instance_id);
		struct shape_strings subject = {0};
		bool runs = instance != NULL && is(instance->state, "running");
		doctor_add(view, &subject, place->id);
		doctor_find(
			view,
			DOCTOR_APPLIANCES,
			runs ? DOCTOR_OK : DOCTOR_PROBLEM,
			&subject,
			runs ? NULL : "start the instance, or attach the interface to one",
			"interface '%s' takes the traffic; its instance %s",
			place->id,
			runs ? "runs (whether the collector does cannot be seen from here)"
			     : "does not run"
		);
	}
}

int doctor_check_appliances(struct doctor_view *view) {
	bool is_direct = view->target != NULL && view->target->network_interface_id != NULL;
	if (doctor_is_blind(
		    view,
		    DOCTOR_APPLIANCES,
		    is_direct ? "ec2:DescribeNetworkInterfaces ec2:DescribeInstances"
			      : "elasticloadbalancing:DescribeLoadBalancers "
				"elasticloadbalancing:DescribeListeners "
				"elasticloadbalancing:DescribeTargetGroups "
				"elasticloadbalancing:DescribeTargetHealth"
	    ))
		return 0;
	if (is_direct)
		find_direct(view);
	else if (view->target_group != NULL && view->health.targets.n == 0)
		find_none(view);
	else
		find_by_health(view);
	if (doctor_is_blind(view, DOCTOR_APPLIANCES, "autoscaling:DescribeAutoScalingGroups"))
		return 0;
	find_short(view);
	return 0;
}
