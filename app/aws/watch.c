#include "watch.h"

#include "interruption.h"

#include <stddef.h>

#define MS_PER_S 1000

int64_t watch_delay_s(int64_t interval_s, unsigned n_failures) {
	int64_t longest_s = interval_s > WATCH_DELAY_MAX_S ? interval_s : WATCH_DELAY_MAX_S;
	int64_t delay_s = interval_s;
	for (; n_failures > 0 && delay_s < longest_s; n_failures--)
		delay_s *= 2;
	return delay_s < longest_s ? delay_s : longest_s;
}

void watch_run(int64_t interval_s, bool (*round)(void *ctx), void *ctx) {
	unsigned n_failures = 0;
	interruption_watch();
	while (!interruption_is_noted(NULL)) {
		n_failures = round(ctx) ? 0 : n_failures + 1;
		interruption_sleep(watch_delay_s(interval_s, n_failures) * MS_PER_S);
	}
}
