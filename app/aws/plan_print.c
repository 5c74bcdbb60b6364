#include "plan_print.h"

#include "console.h"
#include "display.h"
#include "listing.h"
#include "paragraph.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KIND_WIDTH 21
#define MARK_WIDTH 2
#define GAP 2
#define REASON_MIN 24 // a narrower column is none
#define NARROW_INDENT 4
#define WIDTH_FOR_KINDS 60
#define AMOUNT_COLUMN 47
#define WIDTH_FOR_AMOUNTS 76

#define STEP_NAME_MAX 192
#define REMARK_MAX 2048

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

struct layout {
	size_t width; // of the window; 0: any
	size_t indent;
	size_t name_width; // of the column of names; 0: they are in none
	bool is_coloured;
};

bool plan_print_is_coloured(FILE *to) {
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool is_unwanted = no_color != NULL && no_color[0] != '\0';
	return !is_unwanted && isatty(fileno(to)) == 1 && term != NULL && strcmp(term, "dumb") != 0;
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

// In columns where the window has room for them, else as it comes.
static void print_step(
	const struct plan_step *step,
	const struct layout *layout,
	const char *outcome,
	FILE *to
) {
	char name[STEP_NAME_MAX];
	const char *colour = layout->is_coloured ? marks[step->action].colour : "";
	size_t reason_at =
		layout->indent + MARK_WIDTH + KIND_WIDTH + layout->name_width + GAP + GAP;
	bool has_columns = layout->width == 0 || reason_at + REASON_MIN <= layout->width;
	struct paragraph paragraph;
	name_step(step, name, sizeof(name));
	fputs(colour, to);
	paragraph_begin(
		&paragraph,
		to,
		layout->width,
		layout->indent,
		has_columns && layout->name_width > 0 ? reason_at : layout->indent + NARROW_INDENT
	);
	paragraph_add(&paragraph, "%c %s", marks[step->action].mark, plan_kind_text(step->kind));
	if (layout->width == 0 || layout->width >= WIDTH_FOR_KINDS)
		paragraph_pad(&paragraph, layout->indent + MARK_WIDTH + KIND_WIDTH + 1);
	paragraph_add(&paragraph, " %s", name);
	fputs(colour[0] != '\0' ? COLOUR_OFF : "", to);
	if (has_columns && layout->name_width > 0)
		paragraph_pad(&paragraph, reason_at);
	else
		paragraph_add(&paragraph, "  ");
	paragraph_add(&paragraph, "%s%s", step->reason, outcome);
	paragraph_end(&paragraph);
}

void plan_print_step(
	const struct plan_step *step,
	const char *outcome,
	bool is_coloured,
	FILE *to
) {
	struct layout layout = {.width = listing_width(to), .is_coloured = is_coloured};
	print_step(step, &layout, outcome, to);
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
static void
print_kept(const struct plan *plan, enum plan_kind kind, const struct layout *layout, FILE *to) {
	const struct plan_step *last = NULL;
	size_t n = 0;
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == kind && plan->steps[i].action == PLAN_KEEP) {
			last = &plan->steps[i];
			n++;
		}
	if (n == 1)
		print_step(last, layout, "", to);
	else if (n > 1)
		fprintf(to, "    %-*s  %zu stay as they are\n", KIND_WIDTH, plan_kind_text(kind), n
		);
}

static void print_steps(const struct plan *plan, bool is_coloured, FILE *to) {
	struct layout layout = {
		.width = listing_width(to),
		.indent = 2,
		.name_width = widest_name(plan),
		.is_coloured = is_coloured,
	};
	for (int kind = 0; kind < PLAN_N_KINDS; kind++) {
		print_kept(plan, (enum plan_kind)kind, &layout, to);
		for (size_t i = 0; i < plan->n_steps; i++) {
			const struct plan_step *step = &plan->steps[i];
			if ((int)step->kind == kind && step->action != PLAN_KEEP)
				print_step(step, &layout, "", to);
		}
	}
}

__attribute__((format(printf, 2, 3))) static void print_remark(FILE *to, const char *format, ...) {
	char text[REMARK_MAX];
	struct paragraph paragraph;
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	paragraph_begin(&paragraph, to, listing_width(to), 2, 2 + NARROW_INDENT);
	paragraph_add(&paragraph, "%s", text);
	paragraph_end(&paragraph);
}

static void print_candidate(const struct candidate *candidate, FILE *to) {
	print_remark(
		to,
		"%s (%s): %s%s%s",
		candidate->interface->id,
		candidate_name(candidate),
		candidate->why,
		candidate->instead != NULL ? "; " : "",
		candidate->instead != NULL ? candidate->instead : ""
	);
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
	for (size_t i = 0; i < survey->resolution.n_problems; i++)
		print_remark(
			to,
			"%s: %s",
			survey->resolution.problems[i].source,
			survey->resolution.problems[i].text
		);
	if (survey->plan.n_notes > 0)
		fputs("\nto know:\n", to);
	for (size_t i = 0; i < survey->plan.n_notes; i++)
		print_remark(to, "%s", survey->plan.notes[i]);
}

// An amount, in a column where the window has room for it.
static void print_amount(FILE *to, const char *what, const char *amount) {
	size_t width = listing_width(to);
	struct paragraph paragraph;
	paragraph_begin(&paragraph, to, width, 2, 2 + NARROW_INDENT);
	paragraph_add(&paragraph, "%s", what);
	if (width == 0 || width >= WIDTH_FOR_AMOUNTS) {
		paragraph_pad(&paragraph, AMOUNT_COLUMN);
		paragraph_add(&paragraph, "%s", amount);
	} else {
		paragraph_add(&paragraph, ": %s", amount + strspn(amount, " "));
	}
	paragraph_end(&paragraph);
}

static void print_cost_line(const struct estimate_line *line, const char *currency, FILE *to) {
	char what[96], amount[64];
	snprintf(what, sizeof(what), "%s (%.6g %s)", line->what, line->quantity, line->unit);
	snprintf(amount, sizeof(amount), "%10.2f %s", line->month, currency);
	print_amount(to, what, line->is_unknown ? "price not known" : amount);
}

static void print_cost(const struct plan_cost *cost, FILE *to) {
	const struct prices *prices = &cost->prices;
	char amount[128];
	fputs("\ncost a month:\n", to);
	for (size_t i = 0; i < cost->after.n_lines; i++)
		print_cost_line(&cost->after.lines[i], prices->currency, to);
	snprintf(
		amount,
		sizeof(amount),
		"%10.2f %s, now %.2f",
		cost->after.month,
		prices->currency,
		cost->before.month
	);
	if (cost->after.n_lines == 0)
		print_remark(
			to, "nothing any more, now %.2f %s", cost->before.month, prices->currency
		);
	else
		print_amount(to, "together (the traffic comes on top)", amount);
	if (prices->is_live)
		print_remark(to, "prices are those of AWS's price list");
	else
		print_remark(
			to,
			"prices are those of " PRICES_TABLE_REGION " in " PRICES_TABLE_DATE
			", from a built-in table: %s",
			prices->why_not
		);
}

void plan_print_counts(const struct plan *plan, char *ret, size_t ret_size) {
	snprintf(
		ret,
		ret_size,
		"%zu to create, %zu to change, %zu to delete, %zu stay",
		plan->n_by_action[PLAN_CREATE],
		plan->n_by_action[PLAN_CHANGE],
		plan->n_by_action[PLAN_DELETE],
		plan->n_by_action[PLAN_KEEP]
	);
}

void plan_print(
	const struct survey *survey,
	const struct plan_cost *cost,
	bool is_coloured,
	FILE *to
) {
	const struct plan *plan = &survey->plan;
	char counts[128];
	struct paragraph paragraph;
	plan_print_counts(plan, counts, sizeof(counts));
	paragraph_begin(&paragraph, to, listing_width(to), 0, NARROW_INDENT);
	paragraph_add(
		&paragraph,
		"deployment '%s' in %s: %s",
		plan->deployment->id,
		plan->deployment->region,
		counts
	);
	paragraph_end(&paragraph);
	fputc('\n', to);
	print_steps(plan, is_coloured, to);
	print_remarks(survey, to);
	if (cost != NULL)
		print_cost(cost, to);
}
