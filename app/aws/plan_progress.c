#include "plan_progress.h"

#include "aws_failure.h"
#include "console.h"
#include "display.h"
#include "listing.h"
#include "plan_print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES_MAX 512
#define WIDTH_UNKNOWN 80

static const char *const doing[] = {
	[PLAN_KEEP] = "keeping",
	[PLAN_CREATE] = "creating",
	[PLAN_CHANGE] = "changing",
	[PLAN_DELETE] = "deleting",
};

void plan_progress_init(struct plan_progress *progress, const struct plan *plan, FILE *to) {
	*progress = (struct plan_progress) {
		.to = to,
		.is_terminal = isatty(fileno(to)) == 1,
		.is_coloured = plan_print_is_coloured(to),
		.width = listing_width(to),
		.n_steps = plan->n_steps - plan->n_by_action[PLAN_KEEP],
	};
	if (progress->width == 0)
		progress->width = WIDTH_UNKNOWN;
}

void plan_progress_clear(struct plan_progress *progress) {
	if (!progress->is_line_open)
		return;
	fputs("\r\033[K", progress->to);
	fflush(progress->to);
	progress->is_line_open = false;
}

// The line that is written over; it never reaches the last column, so that it does not wrap.
static void __attribute__((format(printf, 2, 3)))
show(struct plan_progress *progress, const char *format, ...) {
	char line[LINE_BYTES_MAX];
	va_list args;
	if (!progress->is_terminal)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	console_neutralise(line);
	line[display_fit(line, progress->width - 1, NULL)] = '\0';
	plan_progress_clear(progress);
	fputs(line, progress->to);
	fflush(progress->to);
	progress->is_line_open = true;
}

static void on_started(void *ctx, const struct plan_step *step) {
	struct plan_progress *progress = ctx;
	show(progress,
	     "[%zu/%zu] %s %s '%s'",
	     progress->n_ended,
	     progress->n_steps,
	     doing[step->action],
	     plan_kind_text(step->kind),
	     step->name);
}

static void
on_finished(void *ctx, const struct plan_step *step, int result, const struct aws_error *error) {
	struct plan_progress *progress = ctx;
	plan_progress_clear(progress);
	progress->n_ended++;
	progress->waits_for = NULL;
	char outcome[1800] = "";
	if (result == -ECANCELED)
		snprintf(outcome, sizeof(outcome), ": not finished");
	else if (result < 0)
		snprintf(outcome, sizeof(outcome), ": failed");
	if (result < 0 && result != -ECANCELED && step->kind == PLAN_SESSION) {
		size_t len = strlen(outcome);
		outcome[len++] = ':';
		outcome[len++] = ' ';
		aws_failure_text(result, error, outcome + len, sizeof(outcome) - len);
	}
	plan_print_step(step, outcome, progress->is_coloured, progress->to);
	fflush(progress->to);
}

static int64_t now_s(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void on_waiting(void *ctx, const char *what) {
	struct plan_progress *progress = ctx;
	bool is_new = progress->waits_for == NULL || strcmp(progress->waits_for, what) != 0;
	if (is_new)
		progress->waits_since_s = now_s();
	show(progress,
	     "[%zu/%zu] waiting for the %s, %" PRId64 " s",
	     progress->n_ended,
	     progress->n_steps,
	     what,
	     now_s() - progress->waits_since_s);
	if (!progress->is_terminal && is_new) {
		fprintf(progress->to, "  waiting for the %s\n", what);
		fflush(progress->to);
	}
	progress->waits_for = what;
}

static void on_rolling_back(void *ctx, const struct aws_error *) {
	struct plan_progress *progress = ctx;
	plan_progress_clear(progress);
	progress->n_steps = progress->n_ended;
	progress->n_ended = 0;
	fputs("taking back what was made:\n", progress->to);
	fflush(progress->to);
}

struct apply_events plan_progress_events(struct plan_progress *progress) {
	return (struct apply_events) {
		.ctx = progress,
		.started = on_started,
		.finished = on_finished,
		.waiting = on_waiting,
		.rolling_back = on_rolling_back,
	};
}
