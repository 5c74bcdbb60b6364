#include "doctor_view.h"
#include "ownership.h"
#include "pause.h"

#include <string.h>

// The mirror sessions. Where there is no file, what should be mirrored is known by the tags of what is, and
// options of the sources are not known, so that less is certain.

#define FULL_PACKET 1514 // an Ethernet frame of 1500 bytes

static bool same(const char *a, const char *b) {
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

// Sessions of ours: '*at' goes on from where the last one was.
static const struct ec2_mirror_session *next_session(const struct doctor_view *view, size_t *at) {
	const struct ec2_mirror_sessions *sessions = &view->inventory.sessions;
	while (*at < sessions->sessions.n) {
		const struct ec2_mirror_session *session = &sessions->sessions.items[(*at)++];
		if (ownership_is_ours(&session->tags, view->id))
			return session;
	}
	return NULL;
}

static size_t n_sessions(const struct doctor_view *view) {
	size_t n = 0;
	for (size_t at = 0; next_session(view, &at) != NULL;)
		n++;
	return n;
}

int doctor_check_pause(struct doctor_view *view) {
	char text[PAUSE_TEXT_SIZE];
	if (doctor_is_blind(
		    view,
		    DOCTOR_PAUSE,
		    "ec2:DescribeTrafficMirrorFilters ec2:DescribeTrafficMirrorTargets"
	    ))
		return 0;
	pause_describe(&view->pause, view->inventory.read_at_s, text);
	bool is_good = view->is_pause_readable && !view->is_paused;
	const char *resume = doctor_text(
		view, "metlo-appliance sessions resume --id %s --region %s", view->id, view->region
	);
	doctor_find(
		view,
		DOCTOR_PAUSE,
		is_good ? DOCTOR_OK : DOCTOR_WARNING,
		NULL,
		is_good ? NULL : resume,
		"%s%s",
		view->is_pause_readable ? "mirroring is "
					: "the tag '" PAUSE_TAG "' cannot be read",
		view->is_pause_readable ? text : ", and counts for nothing"
	);
	return 0;
}

// Interfaces that should be mirrored and are not.
static void find_missing(struct doctor_view *view) {
	struct shape_strings missing = {0}, refused = {0}, names = {0}, refused_names = {0};
	const char *why = NULL, *instead = NULL;
	for (size_t i = 0; i < view->sources.n; i++) {
		const struct candidate *candidate = view->sources.items[i].candidate;
		bool is_try = candidate->verdict == CANDIDATE_TRY;
		if (candidate->session != NULL)
			continue;
		doctor_add(view, is_try ? &refused : &missing, candidate->interface->id);
		doctor_add(
			view, is_try ? &refused_names : &names, doctor_source_name(view, candidate)
		);
		if (is_try && why == NULL) {
			why = candidate->why;
			instead = candidate->instead;
		}
	}
	if (missing.n > 0)
		doctor_find(
			view,
			DOCTOR_SESSIONS,
			doctor_has_file(view) ? DOCTOR_PROBLEM : DOCTOR_WARNING,
			&missing,
			doctor_refresh(view),
			"%zu interface%s without a session: %s",
			missing.n,
			doctor_s(missing.n),
			doctor_names(view, &names)
		);
	if (refused.n > 0)
		doctor_find(
			view,
			DOCTOR_SESSIONS,
			DOCTOR_WARNING,
			&refused,
			doctor_text(
				view,
				"%s; %s",
				doctor_refresh(view),
				instead == NULL ? "if AWS refuses it, leave it out" : instead
			),
			"%zu interface%s without a session, perhaps because AWS refused it: %s: %s",
			refused.n,
			doctor_s(refused.n),
			doctor_names(view, &refused_names),
			why == NULL ? "" : why
		);
}

// Sessions that use another target or filter than they should.
static void find_astray(struct doctor_view *view) {
	struct shape_strings elsewhere = {0}, unfiltered = {0};
	const struct ec2_mirror_session *session;
	for (size_t at = 0; (session = next_session(view, &at)) != NULL;) {
		if (!same(session->target_id, view->target_id))
			doctor_add(view, &elsewhere, session->id);
		if (!same(session->filter_id, view->filter_id))
			doctor_add(view, &unfiltered, session->id);
	}
	if (elsewhere.n > 0)
		doctor_find(
			view,
			DOCTOR_SESSIONS,
			DOCTOR_PROBLEM,
			&elsewhere,
			doctor_text(
				view,
				"aws ec2 modify-traffic-mirror-session --region %s "
				"--traffic-mirror-session-id %s --traffic-mirror-target-id %s",
				view->region,
				elsewhere.items[0],
				view->target_id == NULL ? "TARGET" : view->target_id
			),
			"%zu session%s to another target than '%s': %s",
			elsewhere.n,
			elsewhere.n == 1 ? " sends" : "s send",
			view->target_id == NULL ? "" : view->target_id,
			doctor_names(view, &elsewhere)
		);
	if (unfiltered.n > 0)
		doctor_find(
			view,
			DOCTOR_SESSIONS,
			DOCTOR_PROBLEM,
			&unfiltered,
			doctor_text(
				view,
				"aws ec2 modify-traffic-mirror-session --region %s "
				"--traffic-mirror-session-id %s --traffic-mirror-filter-id %s",
				view->region,
				unfiltered.items[0],
				view->filter_id == NULL ? "FILTER" : view->filter_id
			),
			"%zu session%s another filter than '%s': %s",
			unfiltered.n,
			unfiltered.n == 1 ? " has" : "s have",
			view->filter_id == NULL ? "" : view->filter_id,
			doctor_names(view, &unfiltered)
		);
}

int doctor_check_sessions(struct doctor_view *view) {
	size_t n_before = view->doctor->n_findings, n;
	if (doctor_is_blind(
		    view,
		    DOCTOR_SESSIONS,
		    "ec2:DescribeTrafficMirrorSessions ec2:DescribeTrafficMirrorTargets "
		    "ec2:DescribeTrafficMirrorFilters ec2:DescribeNetworkInterfaces"
	    ))
		return 0;
	n = n_sessions(view);
	if (view->is_paused) {
		doctor_find(
			view,
			DOCTOR_SESSIONS,
			n == 0 ? DOCTOR_OK : DOCTOR_WARNING,
			NULL,
			n == 0 ? NULL : doctor_refresh(view),
			"%zu session%s while mirroring is paused",
			n,
			doctor_s(n)
		);
		return 0;
	}
	find_missing(view);
	find_astray(view);
	if (n == 0 && view->doctor->n_findings == n_before)
		doctor_find(
			view,
			DOCTOR_SESSIONS,
			DOCTOR_PROBLEM,
			NULL,
			doctor_apply(view),
			"there is no mirror session of deployment '%s'",
			view->id
		);
	else if (view->doctor->n_findings == n_before)
		doctor_find(
			view,
			DOCTOR_SESSIONS,
			DOCTOR_OK,
			NULL,
			NULL,
			"%zu session%s to '%s'",
			n,
			n == 1 ? " sends" : "s send",
			view->target_id
		);
	return 0;
}

static const struct candidate *candidate_of(const struct doctor_view *view, const char *id) {
	for (size_t i = 0; i < view->candidates.n; i++)
		if (same(view->candidates.items[i].interface->id, id))
			return &view->candidates.items[i];
	return NULL;
}

// Why a session is billed in vain; NULL where it is not, or another check says so.
static const char *
vain(struct doctor_view *view, const struct ec2_mirror_session *session, bool knows_sources) {
	const struct candidate *candidate = candidate_of(view, session->network_interface_id);
	if (candidate == NULL)
		return "its interface does not exist any more";
	if (candidate->reason == CANDIDATE_REASON_NOT_ATTACHED)
		return "its interface is not attached";
	if (candidate->reason == CANDIDATE_REASON_NOT_RUNNING)
		return "its instance does not run";
	if (candidate->reason == CANDIDATE_REASON_TYPE_UNSUPPORTED)
		return "AWS cannot mirror its instance's type";
	if (candidate->session != session)
		return "there is another of ours on the same interface";
	if (knows_sources && candidate->sources.n == 0)
		return "no source wants it any more";
	return NULL;
}

int doctor_check_stale_sessions(struct doctor_view *view) {
	struct shape_strings ids = {0}, texts = {0};
	const struct ec2_mirror_session *session;
	bool knows_sources = view->deployment.n_sources > 0 && doctor_has_file(view);
	if (doctor_is_blind(view, DOCTOR_STALE_SESSIONS, doctor_look_for_sources(view)))
		return 0;
	for (size_t at = 0; (session = next_session(view, &at)) != NULL;) {
		const char *why = vain(view, session, knows_sources);
		if (why == NULL)
			continue;
		doctor_add(view, &ids, session->id);
		doctor_add(view, &texts, doctor_text(view, "%s (%s)", session->id, why));
	}
	if (ids.n > 0)
		doctor_find(
			view,
			DOCTOR_STALE_SESSIONS,
			DOCTOR_PROBLEM,
			&ids,
			doctor_remove(view, &ids),
			"%zu session%s billed in vain: %s",
			ids.n,
			ids.n == 1 ? " is" : "s are",
			doctor_names(view, &texts)
		);
	else
		doctor_find(
			view,
			DOCTOR_STALE_SESSIONS,
			DOCTOR_OK,
			NULL,
			NULL,
			"no session is billed in vain"
		);
	return 0;
}

int doctor_check_packet_length(struct doctor_view *view) {
	struct shape_strings cut = {0};
	const struct ec2_mirror_session *session;
	int64_t shortest = EC2_MIRROR_PACKET_LENGTH_MAX;
	if (doctor_is_blind(view, DOCTOR_PACKET_LENGTH, "ec2:DescribeTrafficMirrorSessions"))
		return 0;
	for (size_t at = 0; (session = next_session(view, &at)) != NULL;) {
		if (!session->packet_length.is_set)
			continue;
		if (session->packet_length.value < FULL_PACKET)
			doctor_add(view, &cut, session->id);
		if (session->packet_length.value < shortest)
			shortest = session->packet_length.value;
	}
	if (cut.n > 0)
		doctor_find(
			view,
			DOCTOR_PACKET_LENGTH,
			DOCTOR_WARNING,
			&cut,
			doctor_text(
				view,
				"aws ec2 modify-traffic-mirror-session --region %s "
				"--traffic-mirror-session-id %s --remove-fields packet-length%s",
				view->region,
				cut.items[0],
				doctor_has_file(view)
					? ", and leave 'packet_length' out of the file"
					: ""
			),
			"%zu session%s packets after %lld bytes, so that most bodies are lost: %s",
			cut.n,
			cut.n == 1 ? " cuts" : "s cut",
			(long long)shortest,
			doctor_names(view, &cut)
		);
	else
		doctor_find(
			view,
			DOCTOR_PACKET_LENGTH,
			DOCTOR_OK,
			NULL,
			NULL,
			"packets are mirrored whole up to %lld bytes",
			(long long)shortest
		);
	return 0;
}
