#include "credentials_source.h"
#include "file.h"
#include "sts.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TOKEN_MAX 20000 // as STS has it

struct source {
	const char *token_file;
	const char *role_arn;
	const char *session_name;
};

// The environment goes before the profile; a profile named by flag, or one that another profile names,
// has only itself.
static struct source find(const struct credentials_context *context) {
	bool uses_environment = !context->settings->is_profile_explicit && context->parent == NULL;
	struct source source = {0};
	if (uses_environment) {
		source.token_file = outside_getenv(context->outside, "AWS_WEB_IDENTITY_TOKEN_FILE");
		source.role_arn = outside_getenv(context->outside, "AWS_ROLE_ARN");
		source.session_name = outside_getenv(context->outside, "AWS_ROLE_SESSION_NAME");
	}
	if (source.token_file == NULL)
		source.token_file = profile_get(context->profile, "web_identity_token_file");
	if (source.role_arn == NULL)
		source.role_arn = profile_get(context->profile, "role_arn");
	if (source.session_name == NULL)
		source.session_name = profile_get(context->profile, "role_session_name");
	return source;
}

static int read_token(const char *path, struct strbuf *token, struct aws_error *error) {
	int result = file_read(path, token);
	if (result < 0)
		return aws_error_set(
			error,
			result == -ENOMEM ? result : -EINVAL,
			"InvalidIdentityToken",
			"cannot read the web identity token in '%s': %s",
			path,
			strerror(-result)
		);
	while (token->len > 0 && isspace((unsigned char)token->data[token->len - 1]))
		strbuf_cut(token, token->len - 1);
	return 0;
}

static int
assume(const struct credentials_context *context,
       const struct sts_web_identity *identity,
       struct credentials *ret,
       struct aws_error *error) {
	struct arena arena = arena_empty();
	struct sts_credentials answer;
	struct client_options options = {
		.outside = context->outside,
		.settings = context->settings,
		.region = credentials_sts_region(context),
	};
	struct client *client = client_create(&options);
	int result = client == NULL
		? -ENOMEM
		: sts_assume_role_with_web_identity(client, identity, &arena, &answer, error);
	if (result == 0 && (answer.access_key_id == NULL || answer.secret_access_key == NULL))
		result = aws_error_set(
			error,
			-EBADMSG,
			"InvalidCredentials",
			"the answer to AssumeRoleWithWebIdentity holds no keys"
		);
	if (result == 0)
		result = credentials_set(
			ret,
			answer.access_key_id,
			answer.secret_access_key,
			answer.session_token,
			answer.expires_at_s
		);
	client_free(client);
	arena_release(&arena);
	return result;
}

int credentials_from_web_identity(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	char session_name[64];
	struct strbuf token;
	struct source source = find(context);
	if (source.token_file == NULL)
		return CREDENTIALS_ABSENT;
	if (source.role_arn == NULL)
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidProfile",
			"there is a web identity token file but no role to assume with it"
		);
	if (source.session_name == NULL) {
		int64_t now_s = outside_now_s(context->outside);
		snprintf(session_name, sizeof(session_name), "metlo-appliance-%" PRId64, now_s);
		source.session_name = session_name;
	}
	strbuf_init(&token, TOKEN_MAX);
	int result = read_token(source.token_file, &token, error);
	struct sts_web_identity identity = {
		.role_arn = source.role_arn,
		.session_name = source.session_name,
		.token = token.data,
	};
	if (result == 0)
		result = assume(context, &identity, ret, error);
	strbuf_release(&token);
	return result;
}
