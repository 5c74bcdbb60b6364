#include "digest.h"
#include "ownership.h"
#include "pause.h"
#include "planner.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *joined(struct planner *planner, const struct shape_strings *texts) {
	struct strbuf text;
	strbuf_init(&text, 65536);
	for (size_t i = 0; i < texts->n; i++)
		strbuf_printf(&text, "%s%s", i > 0 ? "," : "", texts->items[i]);
	const char *copy =
		strbuf_status(&text) < 0 ? NULL : arena_strdup(&planner->plan->arena, text.data);
	strbuf_release(&text);
	return copy;
}

static struct shape_number
wanted_vni(const struct deployment_session *session, const struct candidate *candidate) {
	switch (session->vni_mode) {
	case DEPLOYMENT_VNI_GIVEN:
		return SHAPE_NUMBER_OF(session->vni);
	case DEPLOYMENT_VNI_PER_SOURCE:
		return SHAPE_NUMBER_OF(
			digest_number(candidate->sources.items[0], EC2_MIRROR_VNI_MAX)
		);
	case DEPLOYMENT_VNI_RANDOM:
		break;
	}
	return (struct shape_number) {0};
}

static int
wish(struct planner *planner, const struct candidate *candidate, struct plan_session *ret_session) {
	const struct deployment_session *session = &planner->deployment->session;
	const char *source = joined(planner, &candidate->sources);
	const char *description = session->description;
	if (source != NULL && description == NULL)
		description = arena_printf(
			&planner->plan->arena, "metlo %s: %.150s", planner->deployment->id, source
		);
	if (source == NULL || description == NULL)
		return planner_no_memory(planner);
	*ret_session = (struct plan_session) {
		.candidate = candidate,
		.interface_id = candidate->interface->id,
		.number = candidate->number,
		.vni = wanted_vni(session, candidate),
		.description = description,
		.source = source,
	};
	if (session->packet_length > 0)
		ret_session->packet_length = SHAPE_NUMBER_OF(session->packet_length);
	return 0;
}

// The id of the step of this kind that stays or is made; NULL where it is yet to be made.
static const char *id_of(const struct planner *planner, enum plan_kind kind) {
	for (size_t i = 0; i < planner->plan->n_steps; i++) {
		const struct plan_step *step = &planner->plan->steps[i];
		if (step->kind == kind && step->action != PLAN_DELETE)
			return step->id;
	}
	return NULL;
}

static bool same(const char *a, const char *b) {
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

// What differs from the wish, or NULL. What AWS chose where nothing was asked for is no difference.
static const char *difference(
	const struct planner *planner,
	const struct ec2_mirror_session *session,
	const struct plan_session *wanted
) {
	const struct deployment *deployment = planner->deployment;
	const char *target = deployment->existing_target != NULL ? deployment->existing_target
								 : id_of(planner, PLAN_TARGET);
	const char *filter = deployment->existing_filter != NULL ? deployment->existing_filter
								 : id_of(planner, PLAN_FILTER);
	if (!same(session->target_id, target))
		return "it sends elsewhere";
	if (!same(session->filter_id, filter))
		return "it has another filter";
	if (session->number != wanted->number)
		return "its number is another";
	if (wanted->vni.is_set && (!session->vni.is_set || session->vni.value != wanted->vni.value))
		return "its VNI is another";
	if (wanted->packet_length.is_set
	    && (!session->packet_length.is_set
		|| session->packet_length.value != wanted->packet_length.value))
		return "its packet length is another";
	if (!wanted->packet_length.is_set && session->packet_length.is_set
	    && session->packet_length.value != EC2_MIRROR_PACKET_LENGTH_MAX)
		return "its packets are cut";
	if (!ownership_has_source(&session->tags, wanted->source))
		return "other sources want it now";
	return NULL;
}

static int plan_wanted(struct planner *planner, const struct candidate *candidate) {
	const struct ec2_mirror_session *session = candidate->session;
	struct plan_session wanted = {0};
	int result = wish(planner, candidate, &wanted);
	if (result < 0)
		return result;
	const char *change = session == NULL ? NULL : difference(planner, session, &wanted);
	enum plan_action action = session == NULL ? PLAN_CREATE
		: change != NULL		  ? PLAN_CHANGE
						  : PLAN_KEEP;
	struct plan_step *step = planner_add(
		planner,
		action,
		PLAN_SESSION,
		candidate->interface->id,
		session == NULL ? NULL : session->id,
		"%s",
		change != NULL ? change : wanted.source
	);
	if (step == NULL)
		return -ENOMEM;
	step->session = wanted;
	return 0;
}

static const struct candidate *
candidate_of(const struct planner *planner, const char *interface_id) {
	size_t low = 0, high = planner->candidates == NULL ? 0 : planner->candidates->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct candidate *candidate = &planner->candidates->items[middle];
		int order = strcmp(candidate->interface->id, interface_id);
		if (order == 0)
			return candidate;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

// Sessions of ours that nothing wants any more, or that would be billed for nothing.
static int drop_unwanted(struct planner *planner, const char *paused) {
	const struct ec2_mirror_sessions *sessions = &planner->inventory->sessions;
	for (size_t i = 0; i < sessions->sessions.n; i++) {
		const struct ec2_mirror_session *session = &sessions->sessions.items[i];
		if (!ownership_is_ours(&session->tags, planner->deployment->id)
		    || session->network_interface_id == NULL)
			continue;
		const struct candidate *candidate =
			candidate_of(planner, session->network_interface_id);
		bool is_wanted = candidate != NULL && candidate->verdict != CANDIDATE_REFUSED;
		bool is_kept = is_wanted && candidate->session == session;
		if (is_kept && !planner->plan->is_paused)
			continue;
		const char *reason = "no source wants it any more";
		if (planner->candidates == NULL)
			reason = "not needed any more";
		else if (is_kept)
			reason = paused;
		else if (is_wanted)
			reason = "there is another on the same interface";
		else if (candidate != NULL)
			reason = candidate->why;
		struct plan_step *step = planner_add(
			planner,
			PLAN_DELETE,
			PLAN_SESSION,
			session->network_interface_id,
			session->id,
			"%s",
			reason
		);
		if (step == NULL)
			return -ENOMEM;
		step->session.interface_id = session->network_interface_id;
	}
	return 0;
}

static int say_unreadable(struct planner *planner) {
	return planner_note(
		planner,
		"tag '%s' of deployment '%s' cannot be read and counts for nothing; "
		"'metlo-appliance "
		"sessions resume' removes it",
		PAUSE_TAG,
		planner->deployment->id
	);
}

// What a pause means for this plan; 'ret_text' says it in words.
static int plan_pause(struct planner *planner, char ret_text[PAUSE_TEXT_SIZE]) {
	struct plan *plan = planner->plan;
	const char *id = planner->deployment->id;
	int64_t now_s = planner->inventory->read_at_s;
	struct pause pause;
	bool is_readable = pause_find(planner->inventory, id, &pause);
	pause_describe(&pause, now_s, ret_text);
	plan->is_paused = pause_holds(&pause, now_s);
	for (size_t i = 0; plan->is_paused && i < planner->candidates->n; i++)
		plan->n_paused += planner->candidates->items[i].verdict != CANDIDATE_REFUSED;
	if (!is_readable)
		return say_unreadable(planner);
	if (plan->is_paused)
		return planner_note(
			planner,
			"mirroring is %s, so that %zu sessions are not made; 'metlo-appliance "
			"sessions resume --id %s' ends the pause",
			ret_text,
			plan->n_paused,
			id
		);
	if (pause.kind == PAUSE_AFTER)
		return planner_note(
			planner, "mirroring is %s; the first refresh after that pauses it", ret_text
		);
	return 0;
}

int planner_sessions(struct planner *planner) {
	const struct candidates *candidates = planner->candidates;
	char paused[PAUSE_TEXT_SIZE] = "";
	int result = candidates == NULL ? 0 : plan_pause(planner, paused);
	bool wants_any = candidates != NULL && !planner->plan->is_paused;
	for (size_t i = 0; wants_any && result == 0 && i < candidates->n; i++)
		if (candidates->items[i].verdict != CANDIDATE_REFUSED)
			result = plan_wanted(planner, &candidates->items[i]);
	return result < 0 ? result : drop_unwanted(planner, paused);
}
