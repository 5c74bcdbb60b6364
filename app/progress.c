#include "progress.h"

#include "console.h"

#include <inttypes.h>
#include <stdio.h>

#define INTERVAL_NS 250000000u

void progress_init(struct progress *progress, bool is_shown, uint64_t now_ns) {
	*progress = (struct progress) {
		.is_shown = is_shown && console_is_terminal(),
		.started_ns = now_ns,
	};
}

void progress_update(
	struct progress *progress,
	const struct collector *collector,
	uint64_t now_ns
) {
	if (!progress->is_shown || now_ns - progress->shown_ns < INTERVAL_NS)
		return;
	progress->shown_ns = now_ns;
	struct counters total = {};
	for (uint32_t i = 0; i < collector_n_lcores(collector); i++) {
		struct counters counters;
		collector_counters(collector, i, &counters);
		counters_merge(&total, &counters);
	}
	double done = collector_progress(collector);
	char share[8] = "";
	if (done >= 0)
		snprintf(share, sizeof(share), "%3.0f %%", done * 100);
	fprintf(stderr,
		"\r\033[K%s %8.1f s %12" PRIu64 " packets %10" PRIu64 " traces",
		share,
		(double)(now_ns - progress->started_ns) / 1e9,
		total.received,
		total.events[COUNTER_TRACES_EXPORTED]);
	fflush(stderr);
}

void progress_clear(struct progress *progress) {
	if (progress->is_shown && progress->shown_ns != 0)
		fputs("\r\033[K", stderr);
}
