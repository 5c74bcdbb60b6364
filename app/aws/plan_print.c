#include "plan_print.h"

#include "console.h"
#include "display.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KIND_WIDTH 21
#define GAP 2

#define STEP_NAME_MAX 192

#define COLOUR_OFF "\033[0m"

static const struct {
	char mark;
	const char *colour;
} marks[] = {
	[PLAN_KEEP] = {' ', ""},
	[PLAN_CREATE] = {'+', "\033[32m"},
	[PLAN_CHANGE] = {'~', "\033[33m"},
	[PLAN_DELETE] = {'-', "\033[31m"},
};

bool plan_print_is_coloured(FILE *to) {
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool is_unwanted = no_color != NULL && no_color[0] != '\0';
	return !is_unwanted && isatty(fileno(to)) == 1 && term != NULL && strcmp(term, "dumb") != 0;
}

// Foreign text, shown harmlessly.
static void put(const char *text, FILE *to) {
	char copy[1024];
	snprintf(copy, sizeof(copy), "%s", text == NULL ? "-" : text);
	console_neutralise(copy);
	fputs(copy, to);
}

static void name_step(const struct plan_step *step, char *ret, size_t ret_size) {
	const struct candidate *candidate = step->session.candidate;
	const char *name = candidate == NULL ? "" : candidate_name(candidate);
	if (name[0] != '\0')
		snprintf(ret, ret_size, "%s (%s)", step->name, name);
	else
		snprintf(ret, ret_size, "%s", step->name);
	console_neutralise(ret);
}

static void
print_step(const struct plan_step *step, size_t name_width, bool is_coloured, FILE *to) {
	char name[STEP_NAME_MAX];
	const char *colour = is_coloured ? marks[step->action].colour : "";
	name_step(step, name, sizeof(name));
	size_t width = display_width(name);
	fprintf(to,
		"%s%c %-*s  %s%s%*s",
		colour,
		marks[step->action].mark,
		KIND_WIDTH,
		plan_kind_text(step->kind),
		name,
		colour[0] != '\0' ? COLOUR_OFF : "",
		(int)(GAP + (width < name_width ? name_width - width : 0)),
		"");
	put(step->reason, to);
}

void plan_print_step(const struct plan_step *step, bool is_coloured, FILE *to) {
	print_step(step, 0, is_coloured, to);
}

static size_t widest_name(const struct plan *plan) {
	char name[STEP_NAME_MAX];
	size_t widest = 0;
	for (size_t i = 0; i < plan->n_steps; i++) {
		name_step(&plan->steps[i], name, sizeof(name));
		size_t width = display_width(name);
		widest = width > widest ? width : widest;
	}
	return widest;
}

// Of what stays, a kind of many is one line.
static void print_kept(const struct plan *plan, enum plan_kind kind, size_t name_width, FILE *to) {
	const struct plan_step *last = NULL;
	size_t n = 0;
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == kind && plan->steps[i].action == PLAN_KEEP) {
			last = &plan->steps[i];
			n++;
		}
	if (n == 1) {
		fputs("  ", to);
		print_step(last, name_width, false, to);
		fputc('\n', to);
	} else if (n > 1) {
		fprintf(to, "    %-*s  %zu stay as they are\n", KIND_WIDTH, plan_kind_text(kind), n
		);
	}
}

static void print_steps(const struct plan *plan, bool is_coloured, FILE *to) {
	size_t name_width = widest_name(plan);
	for (int kind = 0; kind < PLAN_N_KINDS; kind++) {
		print_kept(plan, (enum plan_kind)kind, name_width, to);
		for (size_t i = 0; i < plan->n_steps; i++) {
			const struct plan_step *step = &plan->steps[i];
			if ((int)step->kind != kind || step->action == PLAN_KEEP)
				continue;
			fputs("  ", to);
			print_step(step, name_width, is_coloured, to);
			fputc('\n', to);
		}
	}
}

static void print_candidate(const struct candidate *candidate, FILE *to) {
	fputs("  ", to);
	put(candidate->interface->id, to);
	fputs(" (", to);
	put(candidate_name(candidate), to);
	fputs("): ", to);
	put(candidate->why, to);
	if (candidate->instead != NULL) {
		fputs("; ", to);
		put(candidate->instead, to);
	}
	fputc('\n', to);
}

static void print_candidates(
	const struct candidates *candidates,
	enum candidate_verdict verdict,
	const char *title,
	FILE *to
) {
	size_t n = 0;
	for (size_t i = 0; i < candidates->n; i++) {
		if (candidates->items[i].verdict != verdict)
			continue;
		if (n++ == 0)
			fprintf(to, "\n%s\n", title);
		print_candidate(&candidates->items[i], to);
	}
}

static void print_remarks(const struct survey *survey, FILE *to) {
	print_candidates(&survey->candidates, CANDIDATE_REFUSED, "left out:", to);
	print_candidates(&survey->candidates, CANDIDATE_TRY, "AWS may refuse to mirror:", to);
	if (survey->resolution.n_problems > 0)
		fputs("\nsources that lead to nothing:\n", to);
	for (size_t i = 0; i < survey->resolution.n_problems; i++) {
		fputs("  ", to);
		put(survey->resolution.problems[i].source, to);
		fputs(": ", to);
		put(survey->resolution.problems[i].text, to);
		fputc('\n', to);
	}
	if (survey->plan.n_notes > 0)
		fputs("\nto know:\n", to);
	for (size_t i = 0; i < survey->plan.n_notes; i++) {
		fputs("  ", to);
		put(survey->plan.notes[i], to);
		fputc('\n', to);
	}
}

static void print_cost_line(const struct estimate_line *line, const char *currency, FILE *to) {
	char what[96];
	snprintf(what, sizeof(what), "%s (%.6g %s)", line->what, line->quantity, line->unit);
	if (line->is_unknown)
		fprintf(to, "  %-44s   price not known\n", what);
	else
		fprintf(to, "  %-44s %10.2f %s\n", what, line->month, currency);
}

static void print_cost(const struct plan_cost *cost, FILE *to) {
	const struct prices *prices = &cost->prices;
	fputs("\ncost a month:\n", to);
	for (size_t i = 0; i < cost->after.n_lines; i++)
		print_cost_line(&cost->after.lines[i], prices->currency, to);
	if (cost->after.n_lines == 0)
		fprintf(to,
			"  nothing any more, now %.2f %s\n",
			cost->before.month,
			prices->currency);
	else
		fprintf(to,
			"  %-44s %10.2f %s, now %.2f\n",
			"together (the traffic comes on top)",
			cost->after.month,
			prices->currency,
			cost->before.month);
	if (prices->is_live)
		fputs("  prices are those of AWS's price list\n", to);
	else
		fprintf(to,
			"  prices are those of " PRICES_TABLE_REGION " in " PRICES_TABLE_DATE
			", from a built-in table: %s\n",
			prices->why_not);
}

void plan_print_counts(const struct plan *plan, FILE *to) {
	fprintf(to,
		"%zu to create, %zu to change, %zu to delete, %zu stay",
		plan->n_by_action[PLAN_CREATE],
		plan->n_by_action[PLAN_CHANGE],
		plan->n_by_action[PLAN_DELETE],
		plan->n_by_action[PLAN_KEEP]);
}

void plan_print(
	const struct survey *survey,
	const struct plan_cost *cost,
	bool is_coloured,
	FILE *to
) {
	const struct plan *plan = &survey->plan;
	fprintf(to, "deployment '%s' in %s: ", plan->deployment->id, plan->deployment->region);
	plan_print_counts(plan, to);
	fputs("\n\n", to);
	print_steps(plan, is_coloured, to);
	print_remarks(survey, to);
	if (cost != NULL)
		print_cost(cost, to);
}
