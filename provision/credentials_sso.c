#include "credentials_source.h"
#include "file.h"
#include "sso.h"
#include "timestamps.h"

#include <openssl/evp.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_FILE_MAX ((size_t)256 << 10)
#define REFRESH_BEFORE_S 900
#define SHA1_SIZE 20

struct sso_profile {
	const char *cache_key; // the session's name, or in the older form the start URL
	const char *region;
	const char *account_id;
	const char *role_name;
};

// The token file of 'aws sso login'. 'json' is all of it, so that it can be written back whole.
struct cached_token {
	const char *path;
	json_t *json;
	struct arena arena;
};

static int
invalid(const struct credentials_context *context, const char *missing, struct aws_error *error) {
	return aws_error_set(
		error,
		-EINVAL,
		"InvalidProfile",
		"profile '%s' is set up for SSO but lacks %s",
		context->profile_name,
		missing
	);
}

static int read_profile(
	const struct credentials_context *context,
	struct sso_profile *ret,
	struct aws_error *error
) {
	const struct profile_set *profiles = &context->settings->profiles;
	const char *name = profile_get(context->profile, "sso_session");
	const char *start_url = profile_get(context->profile, "sso_start_url");
	const struct profile *section = context->profile;
	ret->account_id = profile_get(context->profile, "sso_account_id");
	ret->role_name = profile_get(context->profile, "sso_role_name");
	if (name == NULL && start_url == NULL && ret->account_id == NULL && ret->role_name == NULL)
		return CREDENTIALS_ABSENT;
	if (name != NULL) {
		section = profile_find(profiles, PROFILE_SECTION_SSO_SESSION, name);
		if (section == NULL)
			return invalid(context, "the [sso-session] section that it names", error);
	}
	ret->cache_key = name != NULL ? name : start_url;
	ret->region = profile_get(section, "sso_region");
	if (ret->cache_key == NULL)
		return invalid(context, "sso_session or sso_start_url", error);
	if (ret->region == NULL)
		return invalid(context, "sso_region", error);
	if (ret->account_id == NULL)
		return invalid(context, "sso_account_id", error);
	return ret->role_name == NULL ? invalid(context, "sso_role_name", error) : 0;
}

static int login_needed(const struct credentials_context *context, struct aws_error *error) {
	return aws_error_set(
		error,
		-ENOENT,
		"SsoLoginNeeded",
		"the SSO session of profile '%s' is missing or has expired; run "
		"'aws sso login --profile %s'",
		context->profile_name,
		context->profile_name
	);
}

static const char *
cache_path(const struct credentials_context *context, const char *key, struct arena *arena) {
	uint8_t digest[SHA1_SIZE];
	char hex[2 * SHA1_SIZE + 1];
	if (EVP_Digest(key, strlen(key), digest, NULL, EVP_sha1(), NULL) != 1)
		return NULL;
	for (size_t i = 0; i < SHA1_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	const char *path = arena_printf(arena, "~/.aws/sso/cache/%s.json", hex);
	return path == NULL ? NULL : profile_expand_path(context->outside, arena, path);
}

static int read_cache(
	const struct credentials_context *context,
	const struct sso_profile *sso,
	struct cached_token *token,
	struct aws_error *error
) {
	struct strbuf text;
	assert(sso->cache_key != NULL);
	token->path = cache_path(context, sso->cache_key, &token->arena);
	if (token->path == NULL)
		return -ENOMEM;
	strbuf_init(&text, CACHE_FILE_MAX);
	int result = file_read(token->path, &text);
	if (result == 0)
		token->json = json_loadb(text.data, text.len, 0, NULL);
	strbuf_release(&text);
	if (result == -ENOMEM)
		return result;
	return token->json == NULL ? login_needed(context, error) : 0;
}

static const char *text_of(const struct cached_token *token, const char *key) {
	return json_string_value(json_object_get(token->json, key));
}

// 'fallback_s' where the file gives no such time.
static int64_t time_of(const struct cached_token *token, const char *key, int64_t fallback_s) {
	const char *text = text_of(token, key);
	int64_t time_s;
	return text == NULL || timestamp_from_iso(text, &time_s) < 0 ? fallback_s : time_s;
}

static void write_cache(struct cached_token *token) {
	char *text = json_dumps(token->json, JSON_COMPACT);
	if (text == NULL)
		return;
	// Where the folder cannot be written, the token is good for this process all the same.
	(void)file_replace(token->path, slice_of_string(text));
	explicit_bzero(text, strlen(text));
	free(text);
}

static int take_over(struct cached_token *token, const struct sso_token *fresh, int64_t now_s) {
	char expires_at[TIMESTAMP_ISO_SIZE];
	timestamp_to_iso(now_s + fresh->expires_in_s, expires_at);
	if (json_object_set_new(token->json, "accessToken", json_string(fresh->access_token)) < 0
	    || json_object_set_new(token->json, "expiresAt", json_string(expires_at)) < 0)
		return -ENOMEM;
	if (fresh->refresh_token != NULL
	    && json_object_set_new(token->json, "refreshToken", json_string(fresh->refresh_token))
		    < 0)
		return -ENOMEM;
	return 0;
}

// Tries to renew a token that is about to end. A failure counts only once the token has ended.
static int
refresh(const struct credentials_context *context,
	struct client *client,
	struct cached_token *token,
	struct aws_error *error) {
	int64_t now_s = outside_now_s(context->outside);
	int64_t left_s = time_of(token, "expiresAt", 0) - now_s;
	struct sso_refresh question = {
		.client_id = text_of(token, "clientId"),
		.client_secret = text_of(token, "clientSecret"),
		.refresh_token = text_of(token, "refreshToken"),
	};
	if (text_of(token, "accessToken") == NULL)
		return login_needed(context, error);
	if (left_s > REFRESH_BEFORE_S)
		return 0;
	bool can_refresh = question.client_id != NULL && question.client_secret != NULL
		&& question.refresh_token != NULL
		&& time_of(token, "registrationExpiresAt", INT64_MAX) > now_s;
	struct sso_token fresh = {0};
	int result = -ENOENT;
	if (can_refresh)
		result = sso_refresh_token(client, &question, &token->arena, &fresh, error);
	if (result == 0 && fresh.access_token != NULL && fresh.expires_in_s > 0) {
		result = take_over(token, &fresh, now_s);
		if (result == 0)
			write_cache(token);
		return result;
	}
	if (left_s > 0)
		return 0;
	return result == -ENOMEM || result == -ECONNREFUSED ? result : login_needed(context, error);
}

static int
fetch(const struct credentials_context *context,
      const struct sso_profile *sso,
      struct client *client,
      struct cached_token *token,
      struct credentials *ret,
      struct aws_error *error) {
	struct sso_role_credentials answer;
	struct sso_role role = {
		.role_name = sso->role_name,
		.account_id = sso->account_id,
		.access_token = text_of(token, "accessToken"),
	};
	if (!is_header_text(role.access_token))
		return aws_error_set(
			error,
			-EBADMSG,
			"InvalidCredentials",
			"the SSO token of profile '%s' holds a line break or another character "
			"that no token has",
			context->profile_name
		);
	int result = sso_get_role_credentials(client, &role, &token->arena, &answer, error);
	if (result == -EREMOTEIO && error->status == 401)
		return login_needed(context, error);
	if (result < 0)
		return result;
	if (answer.access_key_id == NULL || answer.secret_access_key == NULL)
		return aws_error_set(
			error,
			-EBADMSG,
			"InvalidCredentials",
			"the SSO portal's answer holds no keys"
		);
	return credentials_set(
		ret,
		answer.access_key_id,
		answer.secret_access_key,
		answer.session_token,
		answer.expires_at_ms / 1000
	);
}

int credentials_from_sso(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	struct sso_profile sso = {0};
	struct cached_token token = {0};
	int result = read_profile(context, &sso, error);
	if (result != 0)
		return result;
	struct client_options options = {
		.outside = context->outside,
		.settings = context->settings,
		.region = sso.region,
	};
	struct client *client = client_create(&options);
	result = client == NULL ? -ENOMEM : read_cache(context, &sso, &token, error);
	if (result == 0)
		result = refresh(context, client, &token, error);
	if (result == 0)
		result = fetch(context, &sso, client, &token, ret, error);
	json_decref(token.json);
	arena_release(&token.arena);
	client_free(client);
	return result;
}
