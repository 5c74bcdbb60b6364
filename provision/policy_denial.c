#include "policy.h"

#include <string.h>

// "... is not authorized to perform: ACTION on resource: ARN because no identity-based policy allows ..." or
// "... with an explicit deny in a service control policy".
#define PERFORM "is not authorized to perform: "
#define RESOURCE "on resource: "
#define DENY "with an explicit deny in "

static const char *word_after(const char *text, const char *mark, struct arena *arena) {
	const char *at = strstr(text, mark);
	if (at == NULL)
		return NULL;
	at += strlen(mark);
	size_t len = strcspn(at, " ,;\n");
	if (len > 0 && at[len - 1] == '.')
		len--;
	return arena_strndup(arena, at, len);
}

static const char *forbidden_by(const char *text, struct arena *arena) {
	const char *at = strstr(text, DENY);
	if (at == NULL)
		return NULL;
	at += strlen(DENY);
	size_t len = strcspn(at, ".:\n");
	return arena_strndup(arena, at, len);
}

bool policy_denial_read(
	const struct aws_error *error,
	struct arena *arena,
	struct policy_denial *ret_denial
) {
	if (!aws_error_is_denied(error))
		return false;
	struct policy_denial denial = {
		.call = arena_strdup(arena, error->operation),
		.action = word_after(error->message, PERFORM, arena),
		.resource = word_after(error->message, RESOURCE, arena),
		.forbidden_by = forbidden_by(error->message, arena),
		.is_explicit = strstr(error->message, "explicit deny") != NULL,
	};
	if (denial.action == NULL || strchr(denial.action, ':') == NULL)
		denial.action = denial.call;
	if (denial.resource != NULL && strncmp(denial.resource, "arn:", 4) != 0)
		denial.resource = NULL;
	if (denial.call == NULL || denial.action == NULL || denial.action[0] == 0)
		return false;
	*ret_denial = denial;
	return true;
}
