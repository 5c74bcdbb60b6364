#include "doctor_view.h"

// The sources: whether there are any, and whether AWS can mirror them, by the verdicts of candidate.h.

const char *doctor_look_for_sources(struct doctor_view *view) {
	static const char *const kinds[] = {
		[SOURCE_ECS_SERVICE] = " ecs:DescribeServices ecs:ListTasks ecs:DescribeTasks "
				       "ecs:DescribeContainerInstances",
		[SOURCE_LOAD_BALANCER] = " elasticloadbalancing:DescribeLoadBalancers "
					 "elasticloadbalancing:DescribeTargetGroups "
					 "elasticloadbalancing:DescribeTargetHealth",
		[SOURCE_SCALING_GROUP] = " autoscaling:DescribeAutoScalingGroups",
	};
	const char *text = DOCTOR_LOOK_AT_SOURCES " ec2:DescribeVpcs ec2:DescribeSubnets";
	bool is_seen[sizeof(kinds) / sizeof(kinds[0])] = {0};
	for (size_t i = 0; i < view->deployment.n_sources; i++) {
		enum source_kind kind = view->deployment.sources[i].kind;
		if (kinds[kind] == NULL || is_seen[kind])
			continue;
		is_seen[kind] = true;
		text = doctor_text(view, "%s%s", text, kinds[kind]);
	}
	return text;
}

// Candidates that are refused for one of these reasons, in one finding for each reason. What is mirrored all
// the same, or was asked for by its id, is a problem; what a selector happens to find is not.
static void find_refused(
	struct doctor_view *view,
	enum doctor_check check,
	const enum candidate_reason *reasons,
	size_t n_reasons
) {
	for (size_t i = 0; i < n_reasons; i++) {
		struct shape_strings ids = {0}, names = {0};
		const struct candidate *first = NULL;
		bool is_problem = false;
		for (size_t j = 0; j < view->candidates.n; j++) {
			const struct candidate *candidate = &view->candidates.items[j];
			if (candidate->reason != reasons[i])
				continue;
			first = first == NULL ? candidate : first;
			bool is_refused = candidate->verdict == CANDIDATE_REFUSED;
			is_problem = is_problem || (is_refused && candidate->session != NULL)
				|| (is_refused && candidate->is_named && doctor_has_file(view));
			doctor_add(view, &ids, candidate->interface->id);
			doctor_add(view, &names, doctor_source_name(view, candidate));
		}
		if (first != NULL)
			doctor_find(
				view,
				check,
				is_problem ? DOCTOR_PROBLEM : DOCTOR_WARNING,
				&ids,
				first->instead,
				"%s: %s",
				doctor_names(view, &names),
				first->why
			);
	}
}

static void find_unresolved(struct doctor_view *view) {
	for (size_t i = 0; i < view->resolution.n_problems; i++) {
		const struct resolve_problem *problem = &view->resolution.problems[i];
		struct shape_strings subject = {0};
		doctor_add(view, &subject, problem->source);
		doctor_find(
			view,
			DOCTOR_SOURCES,
			doctor_has_file(view) ? DOCTOR_PROBLEM : DOCTOR_WARNING,
			&subject,
			doctor_has_file(view) ? doctor_text(
				view,
				"correct the source in '%s', or leave it out",
				view->options->file
			)
					      : doctor_refresh(view),
			"source '%s': %s",
			problem->source,
			problem->text
		);
	}
}

// What was asked for by its id and does not run now; what a selector finds may well be stopped.
static void find_idle(struct doctor_view *view) {
	for (size_t i = 0; i < view->candidates.n; i++) {
		const struct candidate *candidate = &view->candidates.items[i];
		struct shape_strings subject = {0};
		bool is_idle = candidate->reason == CANDIDATE_REASON_NOT_ATTACHED
			|| candidate->reason == CANDIDATE_REASON_NOT_RUNNING;
		if (!is_idle || !candidate->is_named || candidate->session != NULL)
			continue;
		doctor_add(view, &subject, candidate->interface->id);
		doctor_find(
			view,
			DOCTOR_SOURCES,
			DOCTOR_WARNING,
			&subject,
			candidate->instead,
			"%s: %s",
			doctor_source_name(view, candidate),
			candidate->why
		);
	}
}

int doctor_check_sources(struct doctor_view *view) {
	static const enum candidate_reason reasons[] = {
		CANDIDATE_REASON_APPLIANCE,
		CANDIDATE_REASON_INTERFACE_TYPE,
		CANDIDATE_REASON_REQUESTER_MANAGED,
		CANDIDATE_REASON_OTHER_ACCOUNT,
		CANDIDATE_REASON_NUMBER_TAKEN,
	};
	size_t n_before = view->doctor->n_findings;
	if (doctor_is_blind(view, DOCTOR_SOURCES, doctor_look_for_sources(view)))
		return 0;
	find_unresolved(view);
	find_idle(view);
	find_refused(view, DOCTOR_SOURCES, reasons, sizeof(reasons) / sizeof(reasons[0]));
	if (view->doctor->n_findings == n_before)
		doctor_find(
			view,
			DOCTOR_SOURCES,
			DOCTOR_OK,
			NULL,
			NULL,
			"%zu source%s to %zu interface%s",
			view->deployment.n_sources,
			view->deployment.n_sources == 1 ? " leads" : "s lead",
			view->sources.n,
			doctor_s(view->sources.n)
		);
	return 0;
}

// A check that consists of refusals, and what is said where there is none.
static int check_refused(
	struct doctor_view *view,
	enum doctor_check check,
	const char *operations,
	const enum candidate_reason *reasons,
	size_t n_reasons,
	const char *all_well
) {
	size_t n_before = view->doctor->n_findings;
	if (doctor_is_blind(view, check, operations))
		return 0;
	find_refused(view, check, reasons, n_reasons);
	if (view->doctor->n_findings == n_before)
		doctor_find(view, check, DOCTOR_OK, NULL, NULL, "%s", all_well);
	return 0;
}

int doctor_check_source_types(struct doctor_view *view) {
	static const enum candidate_reason reasons[] = {CANDIDATE_REASON_TYPE_UNSUPPORTED};
	return check_refused(
		view,
		DOCTOR_SOURCE_TYPES,
		DOCTOR_LOOK_AT_SOURCES,
		reasons,
		1,
		"AWS can mirror all instances"
	);
}

int doctor_check_ipv6_subnets(struct doctor_view *view) {
	static const enum candidate_reason reasons[] = {CANDIDATE_REASON_IPV6_ONLY};
	return check_refused(
		view,
		DOCTOR_IPV6_SUBNETS,
		DOCTOR_LOOK_AT_SOURCES " ec2:DescribeSubnets",
		reasons,
		1,
		"no source is in a subnet without IPv4"
	);
}

// Whose packets others take first. A deployment may have said that it bears that.
static void find_starved(struct doctor_view *view) {
	struct shape_strings ids = {0}, names = {0};
	const struct candidate *first = NULL;
	for (size_t i = 0; i < view->candidates.n; i++) {
		const struct candidate *candidate = &view->candidates.items[i];
		if (candidate->reason != CANDIDATE_REASON_STARVED)
			continue;
		first = first == NULL ? candidate : first;
		doctor_add(view, &ids, candidate->interface->id);
		doctor_add(view, &names, doctor_source_name(view, candidate));
	}
	if (first == NULL)
		return;
	bool is_borne = view->deployment.allows_starved && first->session != NULL;
	doctor_find(
		view,
		DOCTOR_FOREIGN_SESSIONS,
		is_borne ? DOCTOR_WARNING : DOCTOR_PROBLEM,
		&ids,
		first->instead,
		"%s: %s",
		doctor_names(view, &names),
		first->why
	);
}

int doctor_check_foreign_sessions(struct doctor_view *view) {
	static const enum candidate_reason reasons[] = {
		CANDIDATE_REASON_FOREIGN_FILTER_UNKNOWN,
		CANDIDATE_REASON_SESSIONS_FULL,
	};
	size_t n_before = view->doctor->n_findings, n_foreign = 0;
	if (doctor_is_blind(
		    view,
		    DOCTOR_FOREIGN_SESSIONS,
		    "ec2:DescribeTrafficMirrorSessions ec2:DescribeTrafficMirrorFilters "
		    "ec2:DescribeNetworkInterfaces"
	    ))
		return 0;
	find_starved(view);
	find_refused(view, DOCTOR_FOREIGN_SESSIONS, reasons, 2);
	for (size_t i = 0; i < view->candidates.n; i++)
		n_foreign += view->candidates.items[i].n_foreign;
	if (view->doctor->n_findings == n_before)
		doctor_find(
			view,
			DOCTOR_FOREIGN_SESSIONS,
			DOCTOR_OK,
			NULL,
			NULL,
			n_foreign == 0 ? "the sources have no sessions of others"
				       : "%zu session%s of others on the sources leave ours its "
					 "packets",
			n_foreign,
			doctor_s(n_foreign)
		);
	return 0;
}
