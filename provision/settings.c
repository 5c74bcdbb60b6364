#include "settings.h"

#include "partition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_ATTEMPTS 3
#define ATTEMPTS_MAX 20

static const char *first(const char *a, const char *b) {
	return a != NULL ? a : b;
}

// 'variable' of the environment, else 'key' of the profile.
static const char *configured(
	const struct outside *outside,
	const struct settings *settings,
	const char *variable,
	const char *key
) {
	return first(outside_getenv(outside, variable), profile_get(settings->profile, key));
}

static bool is_true(const char *value) {
	return value != NULL && (strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

static int choose_profile(
	const struct outside *outside,
	const struct settings_flags *flags,
	struct settings *settings,
	struct aws_error *error
) {
	const char *name = flags->profile;
	settings->is_profile_explicit = name != NULL;
	name = first(name, outside_getenv(outside, "AWS_PROFILE"));
	name = first(name, outside_getenv(outside, "AWS_DEFAULT_PROFILE"));
	bool is_asked_for = name != NULL;
	name = first(name, "default");
	settings->profile = profile_find(&settings->profiles, PROFILE_SECTION_PROFILE, name);
	settings->profile_name = arena_strdup(&settings->arena, name);
	if (settings->profile_name == NULL)
		return -ENOMEM;
	if (settings->profile == NULL && is_asked_for)
		return aws_error_set(
			error,
			-EINVAL,
			"ProfileNotFound",
			"profile '%s' is in neither the config nor the credentials file",
			name
		);
	return 0;
}

static int choose_attempts(
	const struct outside *outside,
	const struct settings_flags *flags,
	struct settings *settings,
	struct aws_error *error
) {
	const char *text = configured(outside, settings, "AWS_MAX_ATTEMPTS", "max_attempts");
	char *end = NULL;
	long n = text == NULL ? DEFAULT_ATTEMPTS : strtol(text, &end, 10);
	if (flags->max_attempts > 0)
		n = flags->max_attempts;
	else if (end != NULL && (end == text || *end != 0))
		n = 0;
	if (n < 1 || n > ATTEMPTS_MAX)
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidMaxAttempts",
			"the number of attempts must be between 1 and %d",
			ATTEMPTS_MAX
		);
	settings->max_attempts = (int)n;
	return 0;
}

static int choose_region(
	const struct outside *outside,
	const struct settings_flags *flags,
	struct settings *settings,
	struct aws_error *error
) {
	const char *region = first(flags->region, outside_getenv(outside, "AWS_REGION"));
	region = first(region, outside_getenv(outside, "AWS_DEFAULT_REGION"));
	region = first(region, profile_get(settings->profile, "region"));
	if (region == NULL)
		return 0;
	if (!partition_is_region_name(region))
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidRegion",
			"'%s' cannot be the name of a region",
			region
		);
	settings->region = arena_strdup(&settings->arena, region);
	return settings->region == NULL ? -ENOMEM : 0;
}

static int choose_paths(
	const struct outside *outside,
	const struct settings_flags *flags,
	struct settings *settings
) {
	const char *bundle =
		first(flags->ca_bundle,
		      configured(outside, settings, "AWS_CA_BUNDLE", "ca_bundle"));
	if (bundle != NULL) {
		settings->ca_bundle = profile_expand_path(outside, &settings->arena, bundle);
		if (settings->ca_bundle == NULL)
			return -ENOMEM;
	}
	settings->endpoint_url = arena_strdup(&settings->arena, flags->endpoint_url);
	return flags->endpoint_url != NULL && settings->endpoint_url == NULL ? -ENOMEM : 0;
}

int settings_load(
	const struct outside *outside,
	const struct settings_flags *flags,
	struct settings *ret_settings,
	struct aws_error *error
) {
	struct settings settings = {0};
	int result = profile_set_load(outside, &settings.profiles, error);
	if (result == 0)
		result = choose_profile(outside, flags, &settings, error);
	if (result == 0)
		result = choose_attempts(outside, flags, &settings, error);
	if (result == 0)
		result = choose_region(outside, flags, &settings, error);
	if (result == 0)
		result = choose_paths(outside, flags, &settings);
	if (result < 0) {
		if (result == -ENOMEM)
			aws_error_set(error, result, "OutOfMemory", "reading the settings");
		settings_release(&settings);
		return result;
	}
	settings.uses_fips =
		is_true(configured(outside, &settings, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
		);
	settings.uses_dual_stack = is_true(configured(
		outside, &settings, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"
	));
	settings.ignores_endpoint_urls = is_true(configured(
		outside,
		&settings,
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
		"ignore_configured_endpoint_urls"
	));
	*ret_settings = settings;
	return 0;
}

void settings_release(struct settings *settings) {
	profile_set_release(&settings->profiles);
	arena_release(&settings->arena);
	*settings = (struct settings) {0};
}
