#include "policy.h"

#include <jansson.h>

#include <assert.h>
#include <stdint.h>
#include <string.h>

// Whatever AWS says in a refusal: an action is read, and what is shown to allow it is JSON.

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct arena arena = arena_empty();
	struct policy_denial denial;
	struct aws_error error = {
		.status = 403,
		.code = "UnauthorizedOperation",
		.operation = "ec2:CreateTrafficMirrorFilter",
	};
	size_t len = size < sizeof(error.message) ? size : sizeof(error.message) - 1;
	memcpy(error.message, data, len);
	bool is_denial = policy_denial_read(&error, &arena, &denial);
	assert(is_denial);
	assert(strchr(denial.action, ':') != NULL);
	assert(denial.resource == NULL || strncmp(denial.resource, "arn:", 4) == 0);
	const char *text = policy_statement_for_denial(&denial, NULL, &arena);
	// NULL where the message is no UTF-8.
	json_t *json = text == NULL ? NULL : json_loads(text, 0, NULL);
	assert(text == NULL || json != NULL);
	json_decref(json);
	arena_release(&arena);
	return 0;
}
