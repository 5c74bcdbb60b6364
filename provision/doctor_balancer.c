#include "doctor_view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// The mirror target, and the load balancer behind it.

#define LOOK_AT_BALANCER "elasticloadbalancing:DescribeLoadBalancers"
#define TARGET_GROUP                                                                               \
	LOOK_AT_BALANCER " elasticloadbalancing:DescribeListeners"                                 \
			 " elasticloadbalancing:DescribeTargetGroups"

static bool is(const char *text, const char *wanted) {
	return text != NULL && strcmp(text, wanted) == 0;
}

// What is wrong with the target, or NULL.
static const char *target_fault(struct doctor_view *view) {
	const struct ec2_mirror_target *target = view->target;
	const struct elbv2_load_balancer *balancer = view->found.balancer;
	if (view->target_id == NULL)
		return "there is no mirror target";
	if (target == NULL)
		return doctor_text(
			view,
			"mirror target '%s' does not exist, or another account shares it no more",
			view->target_id
		);
	if (target->load_balancer_arn != NULL && balancer == NULL)
		return doctor_text(
			view,
			"mirror target '%s' leads to load balancer '%s', which does not exist",
			target->id,
			target->load_balancer_arn
		);
	if (target->load_balancer_arn != NULL && !is(balancer->arn, target->load_balancer_arn))
		return doctor_text(
			view,
			"mirror target '%s' leads to '%s', which is another load balancer than "
			"this deployment's",
			target->id,
			target->load_balancer_arn
		);
	if (target->network_interface_id != NULL && view->appliances.n == 0)
		return doctor_text(
			view,
			"mirror target '%s' leads to interface '%s', which does not exist",
			target->id,
			target->network_interface_id
		);
	return NULL;
}

int doctor_check_target(struct doctor_view *view) {
	const struct ec2_mirror_target *target = view->target;
	struct shape_strings subject = {0};
	if (doctor_is_blind(
		    view,
		    DOCTOR_TARGET,
		    "ec2:DescribeTrafficMirrorTargets ec2:DescribeTrafficMirrorSessions "
		    "ec2:DescribeNetworkInterfaces " LOOK_AT_BALANCER
	    ))
		return 0;
	doctor_add_once(view, &subject, view->target_id);
	const char *fault = target_fault(view);
	if (fault != NULL) {
		const char *fix = target != NULL && target->network_interface_id != NULL
			? "make a mirror target for an interface that exists, and point the "
			  "sessions to it"
			: doctor_apply(view);
		doctor_find(view, DOCTOR_TARGET, DOCTOR_PROBLEM, &subject, fix, "%s", fault);
		return 0;
	}
	const char *to = target->load_balancer_arn != NULL ? view->found.balancer->name
		: target->network_interface_id != NULL	   ? target->network_interface_id
						       : "an endpoint of a Gateway Load Balancer";
	doctor_find(
		view,
		DOCTOR_TARGET,
		DOCTOR_OK,
		&subject,
		NULL,
		"mirror target '%s' leads to '%s'",
		target->id,
		to
	);
	return 0;
}

static void find_state(struct doctor_view *view, const struct elbv2_load_balancer *balancer) {
	struct shape_strings subject = {0};
	doctor_add(view, &subject, balancer->arn);
	const char *reason = balancer->state_reason == NULL ? "" : balancer->state_reason;
	const char *state = balancer->state == NULL ? "in an unknown state" : balancer->state;
	if (is(state, "active"))
		doctor_find(
			view,
			DOCTOR_BALANCER,
			is(balancer->scheme, "internal") ? DOCTOR_OK : DOCTOR_WARNING,
			&subject,
			is(balancer->scheme, "internal")
				? NULL
				: "use an internal load balancer, so that nobody outside can send "
				  "to the appliances",
			"load balancer '%s' is active, %s",
			balancer->name,
			balancer->scheme == NULL ? "" : balancer->scheme
		);
	else
		doctor_find(
			view,
			DOCTOR_BALANCER,
			is(state, "provisioning") ? DOCTOR_WARNING : DOCTOR_PROBLEM,
			&subject,
			is(state, "provisioning") ? "wait a few minutes"
						  : "see its page in the EC2 console (Load "
						    "Balancers); where it has failed, destroy "
						    "the deployment and apply it again",
			"load balancer '%s' is %s%s%s",
			balancer->name,
			state,
			reason[0] == 0 ? "" : ": ",
			reason
		);
}

int doctor_check_balancer(struct doctor_view *view) {
	const struct elbv2_load_balancer *balancer = view->found.balancer;
	if (doctor_is_blind(view, DOCTOR_BALANCER, LOOK_AT_BALANCER))
		return 0;
	if (balancer == NULL) {
		bool needs_one = view->target == NULL || view->target->load_balancer_arn != NULL;
		if (needs_one)
			doctor_find(
				view,
				DOCTOR_BALANCER,
				DOCTOR_PROBLEM,
				NULL,
				doctor_apply(view),
				"there is no load balancer"
			);
		return 0;
	}
	find_state(view, balancer);
	return 0;
}

int doctor_check_listener(struct doctor_view *view) {
	const struct found *found = &view->found;
	struct shape_strings subject = {0};
	if (!doctor_has_balancer(view) || doctor_is_blind(view, DOCTOR_LISTENER, TARGET_GROUP))
		return 0;
	const char *group =
		view->target_group == NULL ? "ARN-OF-TARGET-GROUP" : view->target_group->arn;
	doctor_add(view, &subject, found->balancer->arn);
	if (found->listener == NULL)
		doctor_find(
			view,
			DOCTOR_LISTENER,
			DOCTOR_PROBLEM,
			&subject,
			view->options->file != NULL
				? doctor_apply(view)
				: doctor_text(
					view,
					"aws elbv2 create-listener --region %s --load-balancer-arn "
					"%s --protocol UDP --port %d --default-actions "
					"Type=forward,TargetGroupArn=%s",
					view->region,
					found->balancer->arn,
					DEPLOYMENT_VXLAN_PORT,
					group
				),
			"load balancer '%s' does not listen on UDP %d; mirroring fails silently",
			found->balancer->name,
			DEPLOYMENT_VXLAN_PORT
		);
	else if (view->target_group == NULL || (found->target_group != NULL && view->target_group != found->target_group))
		doctor_find(
			view,
			DOCTOR_LISTENER,
			DOCTOR_PROBLEM,
			&subject,
			doctor_text(
				view,
				"aws elbv2 modify-listener --region %s --listener-arn %s "
				"--default-actions Type=forward,TargetGroupArn=%s",
				view->region,
				found->listener->arn,
				found->target_group == NULL ? "ARN" : found->target_group->arn
			),
			"the listener on UDP %d does not forward to this deployment's target group",
			DEPLOYMENT_VXLAN_PORT
		);
	else
		doctor_find(
			view,
			DOCTOR_LISTENER,
			DOCTOR_OK,
			&subject,
			NULL,
			"listens on UDP %d and forwards to '%s'",
			DEPLOYMENT_VXLAN_PORT,
			view->target_group->name
		);
	return 0;
}

// What is wrong with the target group, or NULL.
static const char *fault(struct doctor_view *view, const struct elbv2_target_group *group) {
	if (!is(group->protocol, "UDP") && !is(group->protocol, "TCP_UDP"))
		return doctor_text(
			view,
			"its protocol is %s, not UDP",
			group->protocol == NULL ? "" : group->protocol
		);
	if (group->port != DEPLOYMENT_VXLAN_PORT)
		return doctor_text(
			view, "its port is %" PRId64 ", not %d", group->port, DEPLOYMENT_VXLAN_PORT
		);
	if (is(group->health_port, "traffic-port"))
		return doctor_text(
			view,
			"its health check asks on port %d, which answers no %s",
			DEPLOYMENT_VXLAN_PORT,
			group->health_protocol == NULL ? "TCP" : group->health_protocol
		);
	long port = group->health_port == NULL ? 0 : strtol(group->health_port, NULL, 10);
	if (view->options->file != NULL && port != deployment_health_port(&view->deployment))
		return doctor_text(
			view,
			"its health check asks on port %ld, but the file says %u",
			port,
			deployment_health_port(&view->deployment)
		);
	return NULL;
}

int doctor_check_target_group(struct doctor_view *view) {
	const struct elbv2_target_group *group = view->target_group;
	struct shape_strings subject = {0};
	if (!doctor_has_balancer(view) || doctor_is_blind(view, DOCTOR_TARGET_GROUP, TARGET_GROUP))
		return 0;
	if (group == NULL) {
		doctor_find(
			view,
			DOCTOR_TARGET_GROUP,
			DOCTOR_PROBLEM,
			NULL,
			doctor_apply(view),
			"there is no target group"
		);
		return 0;
	}
	doctor_add(view, &subject, group->arn);
	const char *what = fault(view, group);
	if (what == NULL) {
		doctor_find(
			view,
			DOCTOR_TARGET_GROUP,
			DOCTOR_OK,
			&subject,
			NULL,
			"'%s' takes UDP %d; health is asked for by %s on port %s",
			group->name,
			DEPLOYMENT_VXLAN_PORT,
			group->health_protocol,
			group->health_port
		);
		return 0;
	}
	const char *fix = doctor_text(
		view,
		"aws elbv2 modify-target-group --region %s --target-group-arn %s "
		"--health-check-port %u; the protocol and port of a group cannot be changed",
		view->region,
		group->arn,
		deployment_health_port(&view->deployment)
	);
	doctor_find(
		view,
		DOCTOR_TARGET_GROUP,
		DOCTOR_PROBLEM,
		&subject,
		fix,
		"'%s': %s",
		group->name,
		what
	);
	return 0;
}
