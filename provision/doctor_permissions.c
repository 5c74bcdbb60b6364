#include "doctor_view.h"
#include "iam.h"
#include "ownership.h"
#include "policy.h"

#include <errno.h>
#include <string.h>

// Whether the caller may do what keeps the deployment going: by dry runs of EC2, which know everything that
// decides, and by the policy simulator, which knows the caller's own policies.

// Who is asked about, as the simulator wants it.
enum principal {
	PRINCIPAL_KNOWN,
	PRINCIPAL_ROOT, // may do everything
	PRINCIPAL_OTHER, // federated users, or a role that cannot be found
};

static bool is_same_list(const struct shape_strings *a, const struct shape_strings *b) {
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

static bool is_alike(const struct policy_statement *a, const struct policy_statement *b) {
	if (!is_same_list(&a->resources, &b->resources) || a->n_conditions != b->n_conditions)
		return false;
	for (size_t i = 0; i < a->n_conditions; i++)
		if (strcmp(a->conditions[i].key, b->conditions[i].key) != 0
		    || !is_same_list(&a->conditions[i].values, &b->conditions[i].values))
			return false;
	return true;
}

// "arn:aws:sts::123456789012:assumed-role/NAME/SESSION" is the role NAME, whose ARN has a path too, which only
// IAM knows.
static int find_role(struct doctor_view *view, const char *after, const char **ret_arn) {
	struct iam_name name = {.name = doctor_text(view, "%.*s", (int)strcspn(after, "/"), after)};
	struct iam_role role;
	const char *partition_end = strstr(view->caller, ":sts:");
	int result = iam_get_role(view->client, &name, view->arena, &role, view->error);
	if (result == -EREMOTEIO && aws_error_is_not_found(view->error))
		return 0;
	if (result < 0)
		return result;
	*ret_arn = role.arn != NULL ? role.arn
				    : doctor_text(
					    view,
					    "%.*s:iam::%s:role/%s",
					    (int)(partition_end - view->caller),
					    view->caller,
					    view->inventory.account,
					    name.name
				    );
	return 0;
}

static int
find_principal(struct doctor_view *view, enum principal *ret_kind, const char **ret_arn) {
	const char *role = strstr(view->caller, ":assumed-role/");
	const char *last = strrchr(view->caller, ':');
	int result = 0;
	*ret_arn = NULL;
	if (last != NULL && strcmp(last, ":root") == 0) {
		*ret_kind = PRINCIPAL_ROOT;
		return 0;
	}
	if (role != NULL && strstr(view->caller, ":sts:") != NULL)
		result = find_role(view, role + strlen(":assumed-role/"), ret_arn);
	else if (strstr(view->caller, ":user/") != NULL)
		*ret_arn = view->caller;
	*ret_kind = *ret_arn == NULL ? PRINCIPAL_OTHER : PRINCIPAL_KNOWN;
	return result;
}

// The actions of all needs that have this one's resources and conditions, each once; false where an earlier
// need has asked for them already.
static bool
collect(struct doctor_view *view,
	const struct policy_statements *needs,
	size_t at,
	struct shape_strings *ret_actions) {
	for (size_t i = 0; i < at; i++)
		if (is_alike(&needs->items[i], &needs->items[at]))
			return false;
	for (size_t i = at; i < needs->n; i++)
		if (is_alike(&needs->items[i], &needs->items[at]))
			doctor_add_once(view, ret_actions, needs->items[i].actions.items[0]);
	return true;
}

static int simulate(
	struct doctor_view *view,
	const char *principal,
	const struct policy_statement *need,
	const struct shape_strings *actions,
	struct shape_strings *ret_denied
) {
	struct iam_context *context =
		arena_alloc_array(view->arena, need->n_conditions, sizeof(*context));
	struct iam_decisions decisions;
	if (context == NULL) {
		view->is_out_of_memory = true;
		return 0;
	}
	for (size_t i = 0; i < need->n_conditions; i++)
		context[i] = (struct iam_context) {
			.key = need->conditions[i].key,
			// One of the values is what such a call has.
			.values = {.items = need->conditions[i].values.items, .n = 1},
			.type = "string",
		};
	struct iam_simulation simulation = {
		.principal_arn = principal,
		.actions = *actions,
		.resource_arns = need->resources,
		.context = {.items = context, .n = need->n_conditions},
	};
	int result = iam_simulate_principal_policy(
		view->client, &simulation, view->arena, &decisions, view->error
	);
	for (size_t i = 0; result == 0 && i < decisions.decisions.n; i++) {
		const struct iam_decision *decision = &decisions.decisions.items[i];
		if (decision->decision != NULL && strcmp(decision->decision, "allowed") != 0)
			doctor_add_once(view, ret_denied, decision->action);
	}
	return result;
}

// What the simulator says the caller may not do of what 'features' need.
static int simulate_all(
	struct doctor_view *view,
	const char *principal,
	uint32_t features,
	struct shape_strings *ret_denied
) {
	struct policy_wants wants = {.features = features, .account = view->inventory.account};
	struct policy_statements needs;
	const char *regions[] = {view->region};
	view->deployment.region = view->region;
	wants.lists[POLICY_REGIONS] = (struct shape_strings) {.items = regions, .n = 1};
	int result = policy_wants_add(&wants, &view->deployment, view->arena);
	if (result == 0)
		result = policy_needs(&wants, view->arena, &needs);
	if (result < 0)
		return result;
	for (size_t i = 0; result == 0 && i < needs.n; i++) {
		struct shape_strings actions = {0};
		if (collect(view, &needs, i, &actions))
			result = simulate(view, principal, &needs.items[i], &actions, ret_denied);
	}
	return result;
}

static const struct ec2_mirror_session *any_session(const struct doctor_view *view) {
	for (size_t i = 0; i < view->inventory.sessions.sessions.n; i++)
		if (ownership_is_ours(&view->inventory.sessions.sessions.items[i].tags, view->id))
			return &view->inventory.sessions.sessions.items[i];
	return NULL;
}

// A dry run never returns 0. What it says beyond permissions does not matter here; the action that is missing
// may be another than the call's, such as ec2:CreateTags.
static void
note(struct doctor_view *view,
     int result,
     const struct aws_error *error,
     struct shape_strings *ret_denied) {
	struct policy_denial denial;
	if (result != -EREMOTEIO || !aws_error_is_denied(error))
		return;
	bool is_read = policy_denial_read(error, view->arena, &denial);
	doctor_add_once(view, ret_denied, is_read ? denial.action : error->operation);
}

// What a refresh does, on what there is.
static void run_dry(struct doctor_view *view, struct shape_strings *ret_denied) {
	struct client *client = view->options->dry_client;
	const struct ec2_mirror_session *session = any_session(view);
	struct aws_error error = {0};
	if (client == NULL || session == NULL)
		return;
	struct ec2_new_mirror_session made = {
		.network_interface_id = session->network_interface_id,
		.target_id = session->target_id,
		.filter_id = session->filter_id,
		.number =
			session->number == EC2_MIRROR_SESSION_NUMBER_MAX ? 1 : session->number + 1,
		.client_token = "metlo-doctor",
	};
	struct ec2_id made_id, id = {.id = session->id};
	struct ec2_mirror_session_change change = {
		.id = session->id,
		.target_id = session->target_id,
		.filter_id = session->filter_id,
	};
	if (ownership_tags(
		    view->id, view->id, NULL, &view->deployment.tags, view->arena, &made.tags
	    )
	    < 0)
		view->is_out_of_memory = true;
	int result = ec2_create_mirror_session(client, &made, view->arena, &made_id, &error);
	note(view, result, &error, ret_denied);
	result = ec2_modify_mirror_session(client, &change, NULL, NULL, &error);
	note(view, result, &error, ret_denied);
	result = ec2_delete_mirror_session(client, &id, NULL, NULL, &error);
	note(view, result, &error, ret_denied);
}

static void find_denied(
	struct doctor_view *view,
	const struct shape_strings *denied,
	enum doctor_state state,
	const char *for_what
) {
	if (denied->n == 0)
		return;
	const char *file = view->options->file;
	doctor_find(
		view,
		DOCTOR_PERMISSIONS,
		state,
		denied,
		doctor_text(
			view,
			"attach the policy that 'metlo-appliance iam-policy%s%s' prints to '%s'",
			file == NULL ? "" : " -f ",
			file == NULL ? "" : file,
			view->caller
		),
		"the caller lacks %zu permission%s that '%s' needs: %s",
		denied->n,
		doctor_s(denied->n),
		for_what,
		doctor_names(view, denied)
	);
}

static void find_unknown(struct doctor_view *view, const char *why) {
	doctor_find(
		view,
		DOCTOR_PERMISSIONS,
		DOCTOR_UNKNOWN,
		NULL,
		"look at the caller's policies in the IAM console, or try "
		"'metlo-appliance plan' and 'refresh'",
		"the permissions of '%s' cannot be judged: %s",
		view->caller,
		why
	);
}

// Those that are needed to set up but not to go on are worth a warning.
static int judge(struct doctor_view *view, const char *principal) {
	struct shape_strings needed = {0}, more = {0}, others = {0};
	bool has_file = view->options->file != NULL;
	run_dry(view, &needed);
	int result = simulate_all(view, principal, POLICY_BIT(POLICY_REFRESH), &needed);
	if (result == 0 && has_file)
		result = simulate_all(view, principal, POLICY_BIT(POLICY_APPLY), &more);
	if (result == -EREMOTEIO) {
		find_unknown(view, view->error->message);
		result = 0;
	}
	for (size_t i = 0; i < more.n; i++)
		if (!doctor_has(&needed, more.items[i]))
			doctor_add(view, &others, more.items[i]);
	find_denied(view, &needed, DOCTOR_PROBLEM, "refresh");
	find_denied(view, &others, DOCTOR_WARNING, "apply");
	return result;
}

int doctor_check_permissions(struct doctor_view *view) {
	size_t n_before = view->doctor->n_findings;
	const char *arn;
	enum principal kind;
	struct shape_strings denied = {0};
	int result = find_principal(view, &kind, &arn);
	if (result < 0)
		return result;
	switch (kind) {
	case PRINCIPAL_ROOT:
		break;
	case PRINCIPAL_OTHER:
		run_dry(view, &denied);
		find_denied(view, &denied, DOCTOR_PROBLEM, "refresh");
		find_unknown(view, "the policy simulator takes users and roles only");
		break;
	case PRINCIPAL_KNOWN:
		result = judge(view, arn);
		break;
	}
	if (result < 0 || doctor_is_blind(view, DOCTOR_PERMISSIONS, "iam:SimulatePrincipalPolicy"))
		return result;
	if (view->doctor->n_findings == n_before)
		doctor_find(
			view,
			DOCTOR_PERMISSIONS,
			DOCTOR_OK,
			NULL,
			NULL,
			kind == PRINCIPAL_ROOT ? "the caller is the account's root user"
					       : "the caller may do what 'refresh'%s",
			view->options->file == NULL ? " needs" : " and 'apply' need"
		);
	return 0;
}
