#include "fleet.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

// Whatever is accepted passes the checks of a deployment and its filter; whatever is not has a message.

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct fleet fleet;
	struct aws_error error;
	aws_error_clear(&error);
	if (fleet_read(slice_of(data, size), &fleet, &error) < 0) {
		assert(error.message[0] != 0);
		return 0;
	}
	for (size_t i = 0; i < fleet.n_deployments; i++) {
		const struct deployment *deployment = &fleet.deployments[i];
		struct mirror_filter_plan plan;
		struct arena arena = arena_empty();
		assert(deployment_check(deployment, &error) == 0);
		if (mirror_filter_compile(&deployment->rules, &arena, &plan, &error) == 0)
			assert(plan.n <= 2 * EC2_MIRROR_RULES_PER_DIRECTION);
		for (size_t j = 0; j < deployment->n_sources; j++)
			assert(source_key(&deployment->sources[j], &arena) != NULL);
		arena_release(&arena);
	}
	fleet_release(&fleet);
	return 0;
}
