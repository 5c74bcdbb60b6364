#include "http_conversations.h"

#include <setjmp.h>

#include <cmocka.h>

static void assert_plays_as(
	const struct conversation *talk,
	struct run *run,
	const struct cut *cut,
	const char *how
) {
	run_talk(run, talk, cut);
	if (strcmp(run->text, talk->traces) != 0)
		fail_msg("%s, %s:\n%sinstead of:\n%s", talk->name, how, run->text, talk->traces);
	if (run_has_leak(run))
		fail_msg("%s, %s: a leak", talk->name, how);
	if (!counters_traces_closed(&run->counters))
		fail_msg("%s, %s: traces are not accounted for", talk->name, how);
}

#define N_CONVERSATIONS (sizeof(conversations) / sizeof(*conversations))

static void tells_the_traces_of_a_conversation(void **) {
	for (size_t i = 0; i < N_CONVERSATIONS; i++) {
		struct run *run = run_create(&run_limits, 64, 4);
		assert_plays_as(&conversations[i], run, NULL, "whole");
		run_free(run);
	}
}

static void tells_the_same_cut_at_any_byte(void **) {
	struct run *run = run_create(&run_limits, 64, 4);
	for (size_t i = 0; i < N_CONVERSATIONS; i++) {
		const struct conversation *talk = &conversations[i];
		for (size_t k = 0; k < MAX_STEPS && !talk->is_by_segment; k++) {
			for (size_t at = 1;
			     at < talk->steps[k].len && talk->steps[k].kind == STEP_DATA;
			     at++) {
				char how[64];
				snprintf(how, sizeof(how), "step %zu cut at %zu", k, at);
				assert_plays_as(
					talk, run, &(struct cut) {.step = k, .at = at}, how
				);
			}
		}
	}
	run_free(run);
}

static void tells_the_same_byte_by_byte(void **) {
	struct run *run = run_create(&run_limits, 64, 4);
	for (size_t i = 0; i < N_CONVERSATIONS; i++) {
		if (!conversations[i].is_by_segment)
			assert_plays_as(
				&conversations[i],
				run,
				&(struct cut) {.is_bytewise = true},
				"byte by byte"
			);
	}
	run_free(run);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_traces_of_a_conversation),
		cmocka_unit_test(tells_the_same_cut_at_any_byte),
		cmocka_unit_test(tells_the_same_byte_by_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
