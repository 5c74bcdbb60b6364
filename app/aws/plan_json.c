#include "plan_print.h"

#include <ctype.h>
#include <string.h>

static const char *const verdicts[] = {
	[CANDIDATE_FINE] = "fine",
	[CANDIDATE_TRY] = "try",
	[CANDIDATE_REFUSED] = "refused",
};

static json_t *kind_json(enum plan_kind kind) {
	static const char *const names[] = {
#define X(name, text) [PLAN_##name] = #name,
		PLAN_KINDS(X)
#undef X
	};
	char key[32];
	size_t len = 0;
	for (; names[kind][len] != '\0' && len < sizeof(key) - 1; len++)
		key[len] = (char)tolower((unsigned char)names[kind][len]);
	key[len] = '\0';
	return json_string(key);
}

static json_t *texts_json(const struct shape_strings *texts) {
	json_t *list = json_array();
	for (size_t i = 0; i < texts->n; i++)
		if (json_array_append_new(list, json_string(texts->items[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *number_json(const struct shape_number *number) {
	return number->is_set ? json_integer(number->value) : json_null();
}

static json_t *session_json(const struct plan_session *session) {
	if (session->interface_id == NULL)
		return json_null();
	const struct candidate *candidate = session->candidate;
	static const struct shape_strings none;
	return json_pack(
		"{s:s, s:s?, s:o, s:I, s:o, s:o}",
		"interface_id",
		session->interface_id,
		"name",
		candidate == NULL ? NULL : candidate_name(candidate),
		"sources",
		texts_json(candidate == NULL ? &none : &candidate->sources),
		"session_number",
		(json_int_t)session->number,
		"vni",
		number_json(&session->vni),
		"packet_length",
		number_json(&session->packet_length)
	);
}

static json_t *step_json(const struct plan_step *step) {
	return json_pack(
		"{s:s, s:o, s:s, s:s?, s:s?, s:o}",
		"action",
		plan_action_text(step->action),
		"kind",
		kind_json(step->kind),
		"name",
		step->name,
		"id",
		step->id,
		"reason",
		step->reason,
		"session",
		session_json(&step->session)
	);
}

static json_t *candidate_json(const struct candidate *candidate) {
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s?, s:s?, s:o}",
		"interface_id",
		candidate->interface->id,
		"name",
		candidate_name(candidate),
		"verdict",
		verdicts[candidate->verdict],
		"reason",
		candidate_reason_text(candidate->reason),
		"why",
		candidate->why,
		"instead",
		candidate->instead,
		"sources",
		texts_json(&candidate->sources)
	);
}

// Appends, and gives the list up where that fails, so that what holds it becomes NULL.
static void append(json_t **list, json_t *item) {
	if (json_array_append_new(*list, item) == 0)
		return;
	json_decref(*list);
	*list = NULL;
}

static json_t *steps_json(const struct plan *plan) {
	json_t *list = json_array();
	for (size_t i = 0; i < plan->n_steps; i++)
		append(&list, step_json(&plan->steps[i]));
	return list;
}

static json_t *candidates_json(const struct candidates *candidates) {
	json_t *list = json_array();
	for (size_t i = 0; i < candidates->n; i++)
		if (candidates->items[i].verdict != CANDIDATE_FINE)
			append(&list, candidate_json(&candidates->items[i]));
	return list;
}

static json_t *problems_json(const struct resolution *resolution) {
	json_t *list = json_array();
	for (size_t i = 0; i < resolution->n_problems; i++)
		append(&list,
		       json_pack(
			       "{s:s, s:s}",
			       "source",
			       resolution->problems[i].source,
			       "text",
			       resolution->problems[i].text
		       ));
	return list;
}

static json_t *cost_json(const struct plan_cost *cost) {
	if (cost == NULL)
		return json_null();
	json_t *lines = json_array();
	for (size_t i = 0; i < cost->after.n_lines; i++) {
		const struct estimate_line *line = &cost->after.lines[i];
		append(&lines,
		       json_pack(
			       "{s:s, s:f, s:s, s:f, s:b}",
			       "what",
			       line->what,
			       "quantity",
			       line->quantity,
			       "unit",
			       line->unit,
			       "month",
			       line->month,
			       "is_known",
			       !line->is_unknown
		       ));
	}
	return json_pack(
		"{s:s, s:f, s:f, s:b, s:s?, s:o}",
		"currency",
		cost->prices.currency,
		"month_before",
		cost->before.month,
		"month_after",
		cost->after.month,
		"is_live",
		cost->prices.is_live,
		"why_not_live",
		cost->prices.why_not,
		"lines",
		lines
	);
}

json_t *plan_print_json(const struct survey *survey, const struct plan_cost *cost) {
	const struct plan *plan = &survey->plan;
	const struct shape_strings notes = {.items = plan->notes, .n = plan->n_notes};
	return json_pack(
		"{s:s, s:s, s:s?, s:b, s:{s:I, s:I, s:I, s:I}, s:o, s:o, s:o, s:o, s:o}",
		"deployment",
		plan->deployment->id,
		"region",
		plan->deployment->region,
		"vpc",
		plan->deployment->vpc_id,
		"has_changes",
		plan_has_changes(plan),
		"counts",
		"create",
		(json_int_t)plan->n_by_action[PLAN_CREATE],
		"change",
		(json_int_t)plan->n_by_action[PLAN_CHANGE],
		"delete",
		(json_int_t)plan->n_by_action[PLAN_DELETE],
		"keep",
		(json_int_t)plan->n_by_action[PLAN_KEEP],
		"steps",
		steps_json(plan),
		"left_out",
		candidates_json(&survey->candidates),
		"problems",
		problems_json(&survey->resolution),
		"notes",
		texts_json(&notes),
		"cost",
		cost_json(cost)
	);
}
