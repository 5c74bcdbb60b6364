#include "doctor_view.h"
#include "policy.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 3 // that a text names
#define REMOVE_MAX 50 // sessions in a line

static const struct {
	const char *text;
	const char *what;
} checks[] = {
#define X(name, text_, what_) [DOCTOR_##name] = {.text = text_, .what = what_},
	DOCTOR_CHECKS(X)
#undef X
};

static doctor_check_fn *const functions[] = {
	[DOCTOR_PAUSE] = doctor_check_pause,
	[DOCTOR_SESSIONS] = doctor_check_sessions,
	[DOCTOR_SOURCES] = doctor_check_sources,
	[DOCTOR_SOURCE_TYPES] = doctor_check_source_types,
	[DOCTOR_IPV6_SUBNETS] = doctor_check_ipv6_subnets,
	[DOCTOR_FOREIGN_SESSIONS] = doctor_check_foreign_sessions,
	[DOCTOR_STALE_SESSIONS] = doctor_check_stale_sessions,
	[DOCTOR_PACKET_LENGTH] = doctor_check_packet_length,
	[DOCTOR_FILTER] = doctor_check_filter,
	[DOCTOR_FILTER_IPV6] = doctor_check_filter_ipv6,
	[DOCTOR_TARGET] = doctor_check_target,
	[DOCTOR_BALANCER] = doctor_check_balancer,
	[DOCTOR_LISTENER] = doctor_check_listener,
	[DOCTOR_TARGET_GROUP] = doctor_check_target_group,
	[DOCTOR_APPLIANCES] = doctor_check_appliances,
	[DOCTOR_ZONES] = doctor_check_zones,
	[DOCTOR_CROSS_ZONE] = doctor_check_cross_zone,
	[DOCTOR_STICKINESS] = doctor_check_stickiness,
	[DOCTOR_CLIENT_ADDRESS] = doctor_check_client_address,
	[DOCTOR_DEREGISTRATION] = doctor_check_deregistration,
	[DOCTOR_BALANCER_GROUPS] = doctor_check_balancer_groups,
	[DOCTOR_APPLIANCE_GROUPS] = doctor_check_appliance_groups,
	[DOCTOR_BALANCER_ACLS] = doctor_check_balancer_acls,
	[DOCTOR_APPLIANCE_ACLS] = doctor_check_appliance_acls,
	[DOCTOR_SOURCE_ACLS] = doctor_check_source_acls,
	[DOCTOR_ROUTES] = doctor_check_routes,
	[DOCTOR_MTU] = doctor_check_mtu,
	[DOCTOR_MIRRORED] = doctor_check_mirrored,
	[DOCTOR_BLOCKED] = doctor_check_blocked,
	[DOCTOR_RECEIVED] = doctor_check_received,
	[DOCTOR_MIRROR_LIMITS] = doctor_check_mirror_limits,
	[DOCTOR_QUOTAS] = doctor_check_quotas,
	[DOCTOR_PERMISSIONS] = doctor_check_permissions,
};

const char *doctor_check_text(enum doctor_check check) {
	return checks[check].text;
}

const char *doctor_check_what(enum doctor_check check) {
	return checks[check].what;
}

const char *doctor_state_text(enum doctor_state state) {
	static const char *const texts[] = {"ok", "warning", "problem", "unknown"};
	return texts[state];
}

__attribute__((format(printf, 2, 0))) static const char *
format_text(struct doctor_view *view, const char *format, va_list args) {
	char text[2048];
	vsnprintf(text, sizeof(text), format, args);
	const char *copy = arena_strdup(view->arena, text);
	if (copy == NULL)
		view->is_out_of_memory = true;
	return copy == NULL ? "" : copy;
}

const char *doctor_text(struct doctor_view *view, const char *format, ...) {
	va_list args;
	va_start(args, format);
	const char *text = format_text(view, format, args);
	va_end(args);
	return text;
}

bool doctor_has(const struct shape_strings *list, const char *text) {
	for (size_t i = 0; text != NULL && i < list->n; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

void doctor_add(struct doctor_view *view, struct shape_strings *list, const char *text) {
	const char **items = arena_grow(view->arena, list->items, list->n, sizeof(*items));
	const char *copy = arena_strdup(view->arena, text == NULL ? "" : text);
	if (items == NULL || copy == NULL) {
		view->is_out_of_memory = true;
		return;
	}
	items[list->n] = copy;
	*list = (struct shape_strings) {.items = items, .n = list->n + 1};
}

void doctor_add_once(struct doctor_view *view, struct shape_strings *list, const char *text) {
	if (text != NULL && !doctor_has(list, text))
		doctor_add(view, list, text);
}

static int compare(const void *a, const void *b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void doctor_sort(struct doctor_view *view, struct shape_strings *list) {
	const char **items = arena_alloc_array(view->arena, list->n, sizeof(*items));
	if (items == NULL) {
		view->is_out_of_memory = true;
		return;
	}
	for (size_t i = 0; i < list->n; i++)
		items[i] = list->items[i];
	if (list->n > 1)
		qsort(items, list->n, sizeof(*items), compare);
	list->items = items;
}

const char *doctor_names(struct doctor_view *view, const struct shape_strings *names) {
	const char *text = "";
	for (size_t i = 0; i < names->n && i < NAMES_MAX; i++)
		text = doctor_text(view, "%s%s%.120s", text, i > 0 ? ", " : "", names->items[i]);
	if (names->n > NAMES_MAX)
		text = doctor_text(view, "%s and %zu more", text, names->n - NAMES_MAX);
	return text;
}

const char *doctor_source_name(struct doctor_view *view, const struct candidate *candidate) {
	const char *name = candidate_name(candidate);
	return name[0] == 0 ? candidate->interface->id
			    : doctor_text(view, "%s (%.60s)", candidate->interface->id, name);
}

const char *doctor_s(size_t n) {
	return n == 1 ? "" : "s";
}

void doctor_find(
	struct doctor_view *view,
	enum doctor_check check,
	enum doctor_state state,
	const struct shape_strings *subjects,
	const char *fix,
	const char *format,
	...
) {
	struct doctor *doctor = view->doctor;
	va_list args;
	va_start(args, format);
	const char *text = format_text(view, format, args);
	va_end(args);
	struct doctor_finding *findings =
		arena_grow(&doctor->arena, doctor->findings, doctor->n_findings, sizeof(*findings));
	if (findings == NULL) {
		view->is_out_of_memory = true;
		return;
	}
	struct doctor_finding *finding = &findings[doctor->n_findings];
	*finding = (struct doctor_finding) {
		.check = check,
		.state = state,
		.text = text,
		.fix = arena_strdup(view->arena, fix),
	};
	for (size_t i = 0; subjects != NULL && i < subjects->n; i++)
		doctor_add(view, &finding->subjects, subjects->items[i]);
	if (fix != NULL && finding->fix == NULL)
		view->is_out_of_memory = true;
	doctor->findings = findings;
	doctor->n_findings++;
	doctor->n_by_state[state]++;
}

static void
find_failed(struct doctor_view *view, enum doctor_check check, const struct gap *failed) {
	struct shape_strings subjects = {0};
	doctor_add(view, &subjects, failed->operation);
	doctor_find(
		view,
		check,
		DOCTOR_UNKNOWN,
		&subjects,
		"run it again later",
		"cannot be looked at: %s: %s: %.300s",
		failed->operation,
		failed->code,
		failed->message
	);
}

static void
find_denied(struct doctor_view *view, enum doctor_check check, const struct shape_strings *denied) {
	const char *statement = policy_statement_for(denied->items[0], NULL, NULL, view->arena);
	const char *fix = statement == NULL || denied->n > 1
		? doctor_text(
			view,
			"allow %s to '%s', see 'metlo-appliance iam-policy'",
			doctor_names(view, denied),
			view->caller
		)
		: doctor_text(
			view, "add this policy statement for '%s': %s", view->caller, statement
		);
	doctor_find(
		view,
		check,
		DOCTOR_UNKNOWN,
		denied,
		fix,
		"cannot be looked at: no permission for %s",
		doctor_names(view, denied)
	);
}

bool doctor_is_blind(struct doctor_view *view, enum doctor_check check, const char *operations) {
	struct shape_strings denied = {0};
	const struct gap *failed = NULL;
	for (const char *at = operations; *at != 0;) {
		size_t len = strcspn(at, " ");
		const char *name = doctor_text(view, "%.*s", (int)len, at);
		const struct gap *gap = gaps_find(&view->gaps, name);
		if (gap != NULL && gap->is_denied)
			doctor_add(view, &denied, gap->operation);
		else if (gap != NULL)
			failed = gap;
		at += len + strspn(at + len, " ");
	}
	if (denied.n > 0)
		find_denied(view, check, &denied);
	else if (failed != NULL)
		find_failed(view, check, failed);
	return denied.n > 0 || failed != NULL;
}

const char *doctor_apply(struct doctor_view *view) {
	return view->options->file == NULL
		? "apply the file of the deployment again: metlo-appliance apply -f FILE"
		: doctor_text(
			view,
			"metlo-appliance apply -f %s --deployment %s",
			view->options->file,
			view->id
		);
}

const char *doctor_refresh(struct doctor_view *view) {
	return view->options->file == NULL
		? "refresh the file of the deployment: metlo-appliance refresh -f FILE"
		: doctor_text(
			view,
			"metlo-appliance refresh -f %s --deployment %s",
			view->options->file,
			view->id
		);
}

const char *doctor_remove(struct doctor_view *view, const struct shape_strings *ids) {
	const char *text = "metlo-appliance sessions remove";
	if (doctor_has_file(view))
		return doctor_refresh(view);
	for (size_t i = 0; i < ids->n && i < REMOVE_MAX; i++)
		text = doctor_text(view, "%s %s", text, ids->items[i]);
	return doctor_text(view, "%s --region %s", text, view->region);
}

bool doctor_has_file(const struct doctor_view *view) {
	return view->options->file != NULL;
}

bool doctor_has_balancer(const struct doctor_view *view) {
	return view->found.balancer != NULL;
}

static int run_checks(struct doctor_view *view) {
	int result = doctor_view_load(view);
	for (size_t i = 0; result == 0 && i < DOCTOR_N_CHECKS; i++) {
		if ((view->options->skipped & DOCTOR_BIT(i)) != 0)
			continue;
		result = functions[i](view);
		if (result == 0 && view->is_out_of_memory)
			result = -ENOMEM;
	}
	return result;
}

int doctor_run(
	struct client *client,
	const struct doctor_options *options,
	struct doctor *ret_doctor,
	struct aws_error *error
) {
	struct doctor doctor = {0};
	struct doctor_view view = {
		.client = client,
		.options = options,
		.doctor = &doctor,
		.arena = &doctor.arena,
		.error = error,
		.deployment = *options->deployment,
		.id = options->deployment->id,
		.region = client_region(client),
	};
	client_set_gaps(client, &view.gaps);
	int result = run_checks(&view);
	client_set_gaps(client, NULL);
	if (result == -ENOMEM)
		aws_error_set(error, result, "OutOfMemory", "diagnosing the deployment");
	doctor_view_release(&view);
	if (result < 0)
		doctor_release(&doctor);
	else
		*ret_doctor = doctor;
	return result;
}

void doctor_release(struct doctor *doctor) {
	arena_release(&doctor->arena);
	*doctor = (struct doctor) {0};
}
