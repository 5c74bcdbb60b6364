#include "credentials_source.h"
#include "sts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DURATION_MIN_S 900
#define DURATION_MAX_S 43200

static const struct {
	const char *name;
	credentials_load *load;
} credential_sources[] = {
	{"Environment", credentials_from_environment},
	{"Ec2InstanceMetadata", credentials_from_imds},
	{"EcsContainer", credentials_from_container},
};

static bool has_keys(const struct profile *profile) {
	return profile_get(profile, "aws_access_key_id") != NULL;
}

static int
invalid(const struct credentials_context *context, const char *why, struct aws_error *error) {
	return aws_error_set(
		error, -EINVAL, "InvalidProfile", "profile '%s': %s", context->profile_name, why
	);
}

static int from_credential_source(
	const struct credentials_context *context,
	const char *name,
	struct credentials *ret,
	struct aws_error *error
) {
	struct credentials_context child = *context;
	child.parent = context;
	for (size_t i = 0; i < sizeof(credential_sources) / sizeof(credential_sources[0]); i++) {
		if (strcmp(name, credential_sources[i].name) != 0)
			continue;
		int result = credential_sources[i].load(&child, ret, error);
		if (result != CREDENTIALS_ABSENT)
			return result;
		return invalid(context, "its credential_source has no credentials", error);
	}
	return invalid(
		context,
		"credential_source must be Environment, Ec2InstanceMetadata or EcsContainer",
		error
	);
}

static bool is_among_parents(const struct credentials_context *context, const char *name) {
	for (; context != NULL; context = context->parent)
		if (strcmp(context->profile_name, name) == 0)
			return true;
	return false;
}

static int from_source_profile(
	const struct credentials_context *context,
	const char *name,
	struct credentials *ret,
	struct aws_error *error
) {
	const struct profile_set *profiles = &context->settings->profiles;
	struct credentials_context child = *context;
	child.profile = profile_find(profiles, PROFILE_SECTION_PROFILE, name);
	child.profile_name = name;
	child.parent = context;
	if (child.profile == NULL)
		return invalid(context, "its source_profile is in neither file", error);
	int result;
	if (has_keys(child.profile)) {
		// Also the one profile that may name itself.
		result = credentials_from_credentials_file(&child, ret, error);
		if (result == CREDENTIALS_ABSENT)
			result = credentials_from_config_file(&child, ret, error);
	} else if (is_among_parents(context, name)) {
		return invalid(context, "source_profile leads back to itself", error);
	} else {
		result = credentials_from_profile(&child, ret, error);
	}
	if (result == CREDENTIALS_ABSENT)
		return invalid(&child, "it is a source_profile but holds no credentials", error);
	return result;
}

static int source_credentials(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	const char *source_profile = profile_get(context->profile, "source_profile");
	const char *credential_source = profile_get(context->profile, "credential_source");
	if (source_profile != NULL && credential_source != NULL)
		return invalid(context, "it has both source_profile and credential_source", error);
	if (source_profile != NULL)
		return from_source_profile(context, source_profile, ret, error);
	if (credential_source != NULL)
		return from_credential_source(context, credential_source, ret, error);
	return invalid(
		context, "it has role_arn but neither source_profile nor credential_source", error
	);
}

static int read_duration(
	const struct credentials_context *context,
	int64_t *ret_duration_s,
	struct aws_error *error
) {
	const char *text = profile_get(context->profile, "duration_seconds");
	char *end;
	if (text == NULL)
		return 0;
	long value = strtol(text, &end, 10);
	if (end == text || *end != 0 || value < DURATION_MIN_S || value > DURATION_MAX_S)
		return invalid(context, "duration_seconds must be between 900 and 43200", error);
	*ret_duration_s = value;
	return 0;
}

static int read_mfa(
	const struct credentials_context *context,
	struct sts_role *role,
	char *code,
	size_t room,
	struct aws_error *error
) {
	const struct credentials_flags *flags = context->flags;
	role->serial_number = profile_get(context->profile, "mfa_serial");
	if (role->serial_number == NULL)
		return 0;
	if (flags == NULL || flags->ask_mfa_code == NULL)
		return invalid(context, "mfa_serial needs a code, and nobody can be asked", error);
	int result = flags->ask_mfa_code(flags->ask_ctx, role->serial_number, code, room);
	if (result < 0)
		return aws_error_set(error, result, "MfaCodeMissing", "no MFA code was given");
	role->token_code = code;
	return 0;
}

static int
assume(const struct credentials_context *context,
       const struct credentials *source,
       const struct sts_role *role,
       struct credentials *ret,
       struct aws_error *error) {
	struct arena arena = arena_empty();
	struct sts_credentials answer;
	struct client_options options = {
		.outside = context->outside,
		.settings = context->settings,
		.credentials = credentials_provider_create_fixed(source),
		.region = credentials_sts_region(context),
	};
	struct client *client = options.credentials == NULL ? NULL : client_create(&options);
	int result =
		client == NULL ? -ENOMEM : sts_assume_role(client, role, &arena, &answer, error);
	if (result == 0 && (answer.access_key_id == NULL || answer.secret_access_key == NULL))
		result = aws_error_set(
			error,
			-EBADMSG,
			"InvalidCredentials",
			"the answer to AssumeRole holds no keys"
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
	credentials_provider_free(options.credentials);
	arena_release(&arena);
	return result;
}

int credentials_from_assume_role(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	char session_name[64], code[16] = "";
	struct credentials source = {0};
	struct sts_role role = {
		.role_arn = profile_get(context->profile, "role_arn"),
		.session_name = profile_get(context->profile, "role_session_name"),
		.external_id = profile_get(context->profile, "external_id"),
	};
	if (role.role_arn == NULL
	    || profile_get(context->profile, "web_identity_token_file") != NULL)
		return CREDENTIALS_ABSENT;
	if (role.session_name == NULL) {
		int64_t now_s = outside_now_s(context->outside);
		snprintf(session_name, sizeof(session_name), "metlo-appliance-%" PRId64, now_s);
		role.session_name = session_name;
	}
	int result = read_duration(context, &role.duration_s, error);
	if (result == 0)
		result = source_credentials(context, &source, error);
	if (result == 0)
		result = credentials_check(&source, "the source of a role", error);
	if (result == 0)
		result = read_mfa(context, &role, code, sizeof(code), error);
	if (result == 0)
		result = assume(context, &source, &role, ret, error);
	credentials_release(&source);
	return result;
}
