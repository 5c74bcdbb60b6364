#include "credentials_source.h"
#include "imds.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 65536
#define BASE "/latest/meta-data/iam/security-credentials/"

static int read_role(
	const struct credentials_context *context,
	const char *role,
	struct credentials *ret,
	struct aws_error *error
) {
	char path[256];
	struct arena arena = arena_empty();
	struct node *root = NULL;
	struct strbuf text;
	if (snprintf(path, sizeof(path), BASE "%s", role) >= (int)sizeof(path))
		return aws_error_set(
			error, -EBADMSG, "InvalidCredentials", "the role's name is long"
		);
	strbuf_init(&text, TEXT_MAX);
	int result = imds_get(context->outside, context->profile, path, &text, error);
	if (result == 0)
		result = node_from_json(&arena, strbuf_slice(&text), &root);
	const char *code = node_text(root, "Code");
	if (result == -EBADMSG)
		aws_error_set(
			error, result, "InvalidCredentials", "instance metadata sent no JSON"
		);
	else if (result == 0 && (code == NULL || strcmp(code, "Success") != 0))
		result = aws_error_set(
			error,
			-ENOENT,
			"InvalidCredentials",
			"instance metadata says '%s' for role '%s'",
			code == NULL ? "" : code,
			role
		);
	else if (result == 0)
		result = credentials_from_node(root, "Token", ret, error);
	strbuf_release(&text);
	arena_release(&arena);
	return result;
}

// Not being on an instance, and an instance without a role, both mean that there is nothing here.
int credentials_from_imds(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	struct strbuf role;
	strbuf_init(&role, TEXT_MAX);
	int result = imds_get(context->outside, context->profile, BASE, &role, error);
	strbuf_cut(&role, strcspn(role.data, "\r\n"));
	if (result == -ENOENT || (result == 0 && role.len == 0))
		result = CREDENTIALS_ABSENT;
	else if (result == 0)
		result = read_role(context, role.data, ret, error);
	strbuf_release(&role);
	return result;
}
