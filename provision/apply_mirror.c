#include "applier.h"
#include "ownership.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define TAKEN_TRIES_MAX 4

static int count_filters(struct applier *applier, const char *id, size_t *ret_n) {
	struct ec2_query query = {.ids = {.items = &id, .n = 1}};
	struct ec2_mirror_filters found;
	int result = ec2_describe_mirror_filters(
		applier->client, &query, applier->arena, &found, applier->error
	);
	*ret_n = result == 0 ? found.filters.n : 0;
	return result;
}

static int count_targets(struct applier *applier, const char *id, size_t *ret_n) {
	struct ec2_query query = {.ids = {.items = &id, .n = 1}};
	struct ec2_mirror_targets found;
	int result = ec2_describe_mirror_targets(
		applier->client, &query, applier->arena, &found, applier->error
	);
	*ret_n = result == 0 ? found.targets.n : 0;
	return result;
}

static int make_filter(
	struct applier *applier,
	const struct plan_step *step,
	const char *anchor,
	const char **ret_id
) {
	struct ec2_new_mirror_filter filter = {
		.description = "metlo-appliance",
		.client_token = applier_token(applier, "filter", anchor),
	};
	struct ec2_id made = {0};
	if (filter.client_token == NULL)
		return -ENOMEM;
	int result = applier_tags(applier, step->name, NULL, &filter.tags);
	if (result == 0)
		result = ec2_create_mirror_filter(
			applier->client, &filter, applier->arena, &made, applier->error
		);
	if (result < 0)
		return result;
	*ret_id = made.id;
	return applier_looks_for(applier, count_filters, made.id, "mirror filter");
}

static int set_dns(struct applier *applier, const char *filter_id, const struct plan_step *step) {
	const char *dns = "amazon-dns";
	struct ec2_mirror_services services = {
		.filter_id = filter_id,
		.add = {.items = &dns, .n = step->adds_dns},
		.remove = {.items = &dns, .n = step->removes_dns},
	};
	struct applier_wait wait = {.for_what = "mirror filter"};
	int result;
	if (!step->adds_dns && !step->removes_dns)
		return 0;
	do
		result = ec2_modify_mirror_services(
			applier->client, &services, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return result;
}

// The group's or load balancer's id is another in every set-up, so the token is too.
int applier_create_filter(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	const char *anchor = applier->balancer_group_id != NULL ? applier->balancer_group_id
		: applier->balancer_arn != NULL			? applier->balancer_arn
								: applier->target_id;
	int result = make_filter(applier, step, anchor, ret_id);
	if (result == -ENOENT)
		result = make_filter(applier, step, applier->nonce, ret_id);
	if (result < 0)
		return result;
	applier->filter_id = *ret_id;
	return set_dns(applier, *ret_id, step);
}

int applier_change_filter(struct applier *applier, const struct plan_step *step, const char **) {
	return set_dns(applier, step->id, step);
}

// Sessions of ours that the survey did not see yet, so that the plan leaves them; others' stay and so does
// what they use.
static void delete_users(struct applier *applier, const char *filter_name, const char *id) {
	struct ec2_filter filter = {.name = filter_name, .values = {.items = &id, .n = 1}};
	struct ec2_query query = {.filters = {.items = &filter, .n = 1}};
	struct ec2_mirror_sessions found;
	struct aws_error ignored;
	int result = ec2_describe_mirror_sessions(
		applier->client, &query, applier->arena, &found, &ignored
	);
	for (size_t i = 0; result == 0 && i < found.sessions.n; i++) {
		const struct ec2_mirror_session *session = &found.sessions.items[i];
		struct ec2_id session_id = {.id = session->id};
		if (ownership_is_ours(&session->tags, applier->deployment->id))
			(void)ec2_delete_mirror_session(
				applier->client, &session_id, applier->arena, NULL, &ignored
			);
	}
}

int applier_delete_filter(struct applier *applier, const struct plan_step *step, const char **) {
	struct ec2_id id = {.id = step->id};
	struct applier_wait wait = {.for_what = "filter's sessions to go", .is_for_release = true};
	int result;
	do {
		if (wait.n_tries > 0)
			delete_users(applier, "traffic-mirror-filter-id", step->id);
		result = ec2_delete_mirror_filter(
			applier->client, &id, applier->arena, NULL, applier->error
		);
	} while (applier_waits(applier, result, &wait));
	return applier_gone(applier, result);
}

int applier_create_rule(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	struct ec2_new_mirror_rule rule = {
		.rule = step->rule,
		.client_token = applier_token(
			applier, arena_printf(applier->arena, "rule %s", step->name), applier->nonce
		),
	};
	struct ec2_id made;
	struct applier_wait wait = {.for_what = "mirror filter"};
	int result;
	if (rule.client_token == NULL)
		return -ENOMEM;
	rule.rule.filter_id = applier->filter_id;
	do
		result = ec2_create_mirror_rule(
			applier->client, &rule, applier->arena, &made, applier->error
		);
	while (applier_waits(applier, result, &wait));
	// Its number is taken: another run was here, and the next plan says whether it is the same.
	if (result == -EREMOTEIO
	    && aws_error_is(applier->error, "TrafficMirrorFilterRuleAlreadyExists"))
		return 0;
	if (result == 0)
		*ret_id = made.id;
	return result;
}

int applier_delete_rule(struct applier *applier, const struct plan_step *step, const char **) {
	struct ec2_id id = {.id = step->id};
	struct applier_wait wait = {.for_what = "rule to go", .is_for_release = true};
	int result;
	do
		result = ec2_delete_mirror_rule(
			applier->client, &id, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return applier_gone(applier, result);
}

static int make_target(
	struct applier *applier,
	const struct plan_step *step,
	const char *anchor,
	const char **ret_id
) {
	struct ec2_new_mirror_target target = {
		.load_balancer_arn = applier->balancer_arn,
		.description = "metlo-appliance",
		.client_token = applier_token(applier, "target", anchor),
	};
	struct ec2_id made;
	struct applier_wait wait = {.for_what = "load balancer"};
	if (target.client_token == NULL)
		return -ENOMEM;
	int result = applier_tags(applier, step->name, NULL, &target.tags);
	if (result < 0)
		return result;
	do
		result = ec2_create_mirror_target(
			applier->client, &target, applier->arena, &made, applier->error
		);
	while (applier_waits(applier, result, &wait));
	if (result < 0)
		return result;
	*ret_id = made.id;
	return applier_looks_for(applier, count_targets, made.id, "mirror target");
}

int applier_create_target_of(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	int result = make_target(applier, step, applier->balancer_arn, ret_id);
	if (result == -ENOENT)
		result = make_target(applier, step, applier->nonce, ret_id);
	if (result == 0)
		applier->target_id = *ret_id;
	return result;
}

int applier_delete_target(struct applier *applier, const struct plan_step *step, const char **) {
	struct ec2_id id = {.id = step->id};
	struct applier_wait wait = {.for_what = "target's sessions to go", .is_for_release = true};
	int result;
	do {
		if (wait.n_tries > 0)
			delete_users(applier, "traffic-mirror-target-id", step->id);
		result = ec2_delete_mirror_target(
			applier->client, &id, applier->arena, NULL, applier->error
		);
	} while (applier_waits(applier, result, &wait));
	return applier_gone(applier, result);
}

static const char *our_session(struct applier *applier, const char *interface_id) {
	struct ec2_filter filter = {
		.name = "network-interface-id",
		.values = {.items = &interface_id, .n = 1},
	};
	struct ec2_query query = {.filters = {.items = &filter, .n = 1}};
	struct ec2_mirror_sessions found;
	struct aws_error ignored;
	int result = ec2_describe_mirror_sessions(
		applier->client, &query, applier->arena, &found, &ignored
	);
	for (size_t i = 0; result == 0 && i < found.sessions.n; i++)
		if (ownership_is_ours(&found.sessions.items[i].tags, applier->deployment->id))
			return found.sessions.items[i].id;
	return NULL;
}

// The number is taken: perhaps by ours, made by a run that did not hear the answer or that runs at the same
// time. It may not be seen at once. The error stays as it is.
static int find_session(struct applier *applier, const char *interface_id, const char **ret_id) {
	struct aws_error refusal = *applier->error;
	struct applier_wait wait = {.for_what = "mirror session"};
	if (!aws_error_is(&refusal, "InvalidParameterValue")
	    || strstr(refusal.message, "already") == NULL)
		return -ENOENT;
	do {
		*ret_id = our_session(applier, interface_id);
		if (*ret_id != NULL)
			return 0;
	} while (applier_polls(applier, &wait, TAKEN_TRIES_MAX));
	*applier->error = refusal;
	return -ENOENT;
}

// Not for the interface: that it is gone is an answer.
static bool is_unseen(struct applier *applier, int result) {
	return result == -EREMOTEIO
		&& (aws_error_is(applier->error, "InvalidTrafficMirrorTargetId.NotFound")
		    || aws_error_is(applier->error, "InvalidTrafficMirrorFilterId.NotFound"));
}

int applier_create_session(
	struct applier *applier,
	const struct plan_step *step,
	const char **ret_id
) {
	const struct plan_session *wanted = &step->session;
	struct ec2_new_mirror_session session = {
		.network_interface_id = wanted->interface_id,
		.target_id = applier->target_id,
		.filter_id = applier->filter_id,
		.number = wanted->number,
		.packet_length = wanted->packet_length,
		.vni = wanted->vni,
		.description = wanted->description,
		.client_token = applier_token(applier, wanted->interface_id, applier->nonce),
	};
	const char *name = deployment_name(applier->deployment, NULL, applier->arena);
	struct ec2_id made;
	struct applier_wait wait = {.for_what = "mirror target and filter"};
	if (name == NULL || session.client_token == NULL)
		return -ENOMEM;
	int result = applier_tags(applier, name, wanted->source, &session.tags);
	if (result < 0)
		return result;
	do
		result = ec2_create_mirror_session(
			applier->client, &session, applier->arena, &made, applier->error
		);
	while (is_unseen(applier, result) && applier_waits(applier, result, &wait));
	if (result == 0)
		*ret_id = made.id;
	else if (result == -EREMOTEIO && aws_error_is(applier->error, "InvalidParameterValue") && find_session(applier, wanted->interface_id, ret_id) == 0)
		result = 0;
	return result;
}

static int retag(struct applier *applier, const struct plan_step *step) {
	struct ec2_tagging tagging = {.resource_ids = {.items = &step->id, .n = 1}};
	const char *name = deployment_name(applier->deployment, NULL, applier->arena);
	if (name == NULL)
		return -ENOMEM;
	int result = applier_tags(applier, name, step->session.source, &tagging.tags);
	return result < 0
		? result
		: ec2_create_tags(applier->client, &tagging, applier->arena, NULL, applier->error);
}

int applier_change_session(struct applier *applier, const struct plan_step *step, const char **) {
	static const char *const packet_length[] = {"packet-length"};
	const struct plan_session *wanted = &step->session;
	struct ec2_mirror_session_change change = {
		.id = step->id,
		.target_id = applier->target_id,
		.filter_id = applier->filter_id,
		.number = wanted->number,
		.packet_length = wanted->packet_length,
		.vni = wanted->vni,
		.description = wanted->description,
	};
	struct applier_wait wait = {.for_what = "mirror target and filter"};
	int result;
	if (!wanted->packet_length.is_set)
		change.remove = (struct shape_strings) {.items = packet_length, .n = 1};
	do
		result = ec2_modify_mirror_session(
			applier->client, &change, applier->arena, NULL, applier->error
		);
	while (is_unseen(applier, result) && applier_waits(applier, result, &wait));
	return result < 0 ? result : retag(applier, step);
}

int applier_delete_session(struct applier *applier, const struct plan_step *step, const char **) {
	struct ec2_id id = {.id = step->id};
	struct applier_wait wait = {.for_what = "session to go", .is_for_release = true};
	int result;
	do
		result = ec2_delete_mirror_session(
			applier->client, &id, applier->arena, NULL, applier->error
		);
	while (applier_waits(applier, result, &wait));
	return applier_gone(applier, result);
}
