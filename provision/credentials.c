#include "credentials.h"

#include "credentials_source.h"
#include "timestamps.h"

#include <openssl/crypto.h>

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define REFRESH_BEFORE_S 900
#define RETRY_AFTER_S 60
#define STALE_RETRY_S 300

static const struct source {
	const char *name;
	credentials_load *load;
	bool is_of_profile;
} sources[] = {
	{"flags", credentials_from_flags, false},
	{"environment", credentials_from_environment, false},
	{"assume-role", credentials_from_assume_role, true},
	{"web-identity", credentials_from_web_identity, true},
	{"sso", credentials_from_sso, true},
	{"credentials-file", credentials_from_credentials_file, true},
	{"process", credentials_from_process, true},
	{"config-file", credentials_from_config_file, true},
	{"login", credentials_from_login, true},
	{"container", credentials_from_container, false},
	{"instance-metadata", credentials_from_imds, false},
};

#define N_SOURCES (sizeof(sources) / sizeof(sources[0]))

struct credentials_provider {
	struct credentials_context context;
	bool is_fixed;
	pthread_mutex_t lock; // guards what follows
	struct credentials current;
	const struct source *source; // NULL before the first success
	int64_t refresh_at_s; // 0: never
	bool is_expired; // AWS said so
};

static void free_secret(char *text) {
	if (text != NULL)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
}

void credentials_release(struct credentials *credentials) {
	free_secret(credentials->access_key_id);
	free_secret(credentials->secret_access_key);
	free_secret(credentials->session_token);
	*credentials = (struct credentials) {0};
}

int credentials_set(
	struct credentials *ret_credentials,
	const char *access_key_id,
	const char *secret_access_key,
	const char *session_token,
	int64_t expires_at_s
) {
	struct credentials credentials = {
		.access_key_id = strdup(access_key_id),
		.secret_access_key = strdup(secret_access_key),
		.session_token = session_token == NULL ? NULL : strdup(session_token),
		.expires_at_s = expires_at_s,
	};
	if (credentials.access_key_id == NULL || credentials.secret_access_key == NULL
	    || (session_token != NULL && credentials.session_token == NULL)) {
		credentials_release(&credentials);
		return -ENOMEM;
	}
	*ret_credentials = credentials;
	return 0;
}

int credentials_copy(const struct credentials *from, struct credentials *ret_credentials) {
	return credentials_set(
		ret_credentials,
		from->access_key_id,
		from->secret_access_key,
		from->session_token,
		from->expires_at_s
	);
}

int credentials_from_node(
	const struct node *node,
	const char *token_name,
	struct credentials *ret,
	struct aws_error *error
) {
	const char *id = node_text(node, "AccessKeyId");
	const char *secret = node_text(node, "SecretAccessKey");
	const char *token = node_text(node, token_name);
	const char *expiration = node_text(node, "Expiration");
	int64_t expires_at_s = 0;
	if (id == NULL || secret == NULL || id[0] == 0 || secret[0] == 0)
		return aws_error_set(
			error,
			-EBADMSG,
			"InvalidCredentials",
			"the answer lacks AccessKeyId or SecretAccessKey"
		);
	if (expiration != NULL && timestamp_from_iso(expiration, &expires_at_s) < 0)
		return aws_error_set(
			error,
			-EBADMSG,
			"InvalidCredentials",
			"'%s' is not a time of expiry",
			expiration
		);
	if (token != NULL && token[0] == 0)
		token = NULL;
	return credentials_set(ret, id, secret, token, expires_at_s);
}

int credentials_check(
	struct credentials *credentials,
	const char *source,
	struct aws_error *error
) {
	const struct credentials *c = credentials;
	const char *bad = !is_header_text(c->access_key_id) ? "access key id"
		: !is_header_text(c->secret_access_key)	    ? "secret access key"
		: c->session_token != NULL && !is_header_text(c->session_token) ? "session token"
										: NULL;
	if (bad == NULL)
		return 0;
	credentials_release(credentials);
	return aws_error_set(
		error,
		-EBADMSG,
		"InvalidCredentials",
		"the %s from '%s' holds a line break or another character that no key has",
		bad,
		source
	);
}

static int load_source(
	const struct source *source,
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	struct credentials credentials = {0};
	int result = source->load(context, &credentials, error);
	if (result == 0)
		result = credentials_check(&credentials, source->name, error);
	if (result == 0)
		*ret = credentials;
	return result;
}

const char *credentials_sts_region(const struct credentials_context *context) {
	const char *region = context->settings->region;
	if (region == NULL)
		region = profile_get(context->profile, "region");
	return region == NULL ? "us-east-1" : region;
}

int credentials_from_profile(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	int result = CREDENTIALS_ABSENT;
	for (size_t i = 0; i < N_SOURCES && result == CREDENTIALS_ABSENT; i++)
		if (sources[i].is_of_profile)
			result = load_source(&sources[i], context, ret, error);
	return result;
}

static struct credentials_provider *provider_create(void) {
	struct credentials_provider *provider = calloc(1, sizeof(*provider));
	if (provider != NULL)
		pthread_mutex_init(&provider->lock, NULL);
	return provider;
}

struct credentials_provider *credentials_provider_create(
	const struct outside *outside,
	const struct settings *settings,
	const struct credentials_flags *flags
) {
	struct credentials_provider *provider = provider_create();
	if (provider == NULL)
		return NULL;
	provider->context = (struct credentials_context) {
		.outside = outside,
		.settings = settings,
		.flags = flags,
		.profile = settings->profile,
		.profile_name = settings->profile_name,
	};
	return provider;
}

struct credentials_provider *credentials_provider_create_fixed(const struct credentials *credentials
) {
	struct credentials_provider *provider = provider_create();
	if (provider == NULL)
		return NULL;
	provider->is_fixed = true;
	if (credentials_copy(credentials, &provider->current) < 0) {
		credentials_provider_free(provider);
		errno = ENOMEM;
		return NULL;
	}
	return provider;
}

void credentials_provider_free(struct credentials_provider *provider) {
	if (provider == NULL)
		return;
	credentials_release(&provider->current);
	pthread_mutex_destroy(&provider->lock);
	free(provider);
}

static int
load(struct credentials_provider *provider,
     struct credentials *ret,
     const struct source **ret_source,
     struct aws_error *error) {
	if (provider->source != NULL) {
		*ret_source = provider->source;
		int result = load_source(provider->source, &provider->context, ret, error);
		if (result != CREDENTIALS_ABSENT)
			return result;
	}
	for (size_t i = 0; i < N_SOURCES; i++) {
		int result = load_source(&sources[i], &provider->context, ret, error);
		*ret_source = &sources[i];
		if (result != CREDENTIALS_ABSENT)
			return result;
	}
	return aws_error_set(
		error,
		-ENOENT,
		"NoCredentials",
		"no credentials in the environment, in profile '%s', in a container or on an "
		"instance",
		provider->context.profile_name
	);
}

// Well before the end, but not within the first two thirds of a short life. Instance metadata can hand
// out keys that have expired already; AWS accepts those for a while, so they are used and asked for
// again later.
static int64_t refresh_time(const struct credentials *credentials, int64_t now_s, double fraction) {
	if (credentials->expires_at_s == 0)
		return 0;
	int64_t life_s = credentials->expires_at_s - now_s;
	if (life_s <= 0)
		return now_s + STALE_RETRY_S + (int64_t)(fraction * STALE_RETRY_S);
	int64_t before_s = life_s / 3 < REFRESH_BEFORE_S ? life_s / 3 : REFRESH_BEFORE_S;
	return credentials->expires_at_s - before_s;
}

static int refresh(struct credentials_provider *provider, struct aws_error *error) {
	const struct outside *outside = provider->context.outside;
	const struct source *source = NULL;
	struct credentials fresh = {0};
	int64_t now_s = outside_now_s(outside);
	int result = load(provider, &fresh, &source, error);
	if (result == -ENOMEM)
		aws_error_set(error, result, "OutOfMemory", "reading credentials");
	bool is_usable = provider->current.access_key_id != NULL && !provider->is_expired
		&& provider->current.expires_at_s > now_s;
	if (result < 0 && is_usable) {
		provider->refresh_at_s = now_s + RETRY_AFTER_S;
		return 0;
	}
	if (result < 0)
		return result;
	assert(fresh.access_key_id != NULL);
	credentials_release(&provider->current);
	provider->current = fresh;
	provider->source = source;
	provider->is_expired = false;
	provider->refresh_at_s = refresh_time(&fresh, now_s, outside->random(outside->ctx));
	return 0;
}

static bool needs_refresh(const struct credentials_provider *provider) {
	if (provider->is_fixed)
		return false;
	if (provider->current.access_key_id == NULL || provider->is_expired)
		return true;
	return provider->refresh_at_s != 0
		&& outside_now_s(provider->context.outside) >= provider->refresh_at_s;
}

int credentials_provider_get(
	struct credentials_provider *provider,
	struct credentials *ret_credentials,
	struct aws_error *error
) {
	pthread_mutex_lock(&provider->lock);
	int result = needs_refresh(provider) ? refresh(provider, error) : 0;
	if (result == 0) {
		result = credentials_copy(&provider->current, ret_credentials);
		if (result < 0)
			aws_error_set(error, result, "OutOfMemory", "copying credentials");
	}
	pthread_mutex_unlock(&provider->lock);
	return result;
}

void credentials_provider_expire(
	struct credentials_provider *provider,
	const struct credentials *used
) {
	pthread_mutex_lock(&provider->lock);
	if (provider->current.access_key_id != NULL
	    && strcmp(provider->current.access_key_id, used->access_key_id) == 0)
		provider->is_expired = true;
	pthread_mutex_unlock(&provider->lock);
}

const char *credentials_provider_source(struct credentials_provider *provider) {
	pthread_mutex_lock(&provider->lock);
	const char *name = provider->source == NULL ? NULL : provider->source->name;
	pthread_mutex_unlock(&provider->lock);
	return name;
}
