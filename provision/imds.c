#include "imds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX 65536
#define TOKEN_LIFE "21600"
#define DEFAULT_TIMEOUT_MS 1000
#define DEFAULT_ATTEMPTS 1

struct session {
	const struct outside *outside;
	const char *endpoint;
	uint32_t timeout_ms;
	long attempts;
	struct strbuf token;
};

static const char *endpoint_of(const struct outside *outside, const struct profile *profile) {
	const char *endpoint = outside_getenv(outside, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const char *mode = outside_getenv(outside, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
	if (endpoint == NULL)
		endpoint = profile_get(profile, "ec2_metadata_service_endpoint");
	if (endpoint != NULL)
		return endpoint;
	if (mode == NULL)
		mode = profile_get(profile, "ec2_metadata_service_endpoint_mode");
	return mode != NULL && strcasecmp(mode, "ipv6") == 0 ? "http://[fd00:ec2::254]"
							     : "http://169.254.169.254";
}

static long
setting(const struct outside *outside,
	const struct profile *profile,
	const char *variable,
	const char *key,
	long fallback) {
	const char *text = outside_getenv(outside, variable);
	char *end;
	if (text == NULL)
		text = profile_get(profile, key);
	if (text == NULL)
		return fallback;
	long value = strtol(text, &end, 10);
	return end == text || *end != 0 || value < 1 || value > 100 ? fallback : value;
}

static int exchange(
	const struct session *session,
	const char *method,
	const char *path,
	const struct http_header *header,
	struct strbuf *ret_text,
	struct aws_error *error
) {
	char url[512];
	struct http_response response;
	const char *slash = session->endpoint + strlen(session->endpoint) - 1;
	int skip = *slash == '/';
	if (snprintf(url, sizeof(url), "%s%s", session->endpoint, path + skip) >= (int)sizeof(url))
		return aws_error_set(error, -EINVAL, "InvalidEndpoint", "the address is too long");
	struct http_request request = {
		.method = method,
		.url = url,
		.headers = header,
		.n_headers = 1,
		.connect_timeout_ms = session->timeout_ms,
		.timeout_ms = session->timeout_ms,
		.is_direct = true,
	};
	int result = -ENOENT;
	http_response_init(&response, ANSWER_MAX);
	for (long i = 0; i < session->attempts; i++) {
		result = session->outside->send(session->outside->ctx, &request, &response, error);
		if (result == 0 && response.status < 500)
			break;
	}
	if (result == 0 && response.status != 200)
		result = aws_error_set(
			error,
			-ENOENT,
			"MetadataUnavailable",
			"instance metadata answers status %d for '%s'",
			response.status,
			path
		);
	else if (result == 0)
		strbuf_add_slice(ret_text, strbuf_slice(&response.body));
	else if (result != -ENOMEM && result != -ECANCELED)
		result = aws_error_set(
			error,
			-ENOENT,
			"MetadataUnavailable",
			"there is no instance metadata at '%s'",
			session->endpoint
		);
	http_response_release(&response);
	return result < 0 ? result : strbuf_status(ret_text);
}

int imds_get(
	const struct outside *outside,
	const struct profile *profile,
	const char *path,
	struct strbuf *ret_text,
	struct aws_error *error
) {
	static const struct http_header life = {"X-aws-ec2-metadata-token-ttl-seconds", TOKEN_LIFE};
	struct session session = {.outside = outside, .endpoint = endpoint_of(outside, profile)};
	if (outside_getenv_flag(outside, "AWS_EC2_METADATA_DISABLED"))
		return aws_error_set(error, -ENOENT, "MetadataUnavailable", "switched off");
	session.timeout_ms = 1000
		* (uint32_t)setting(outside,
				    profile,
				    "AWS_METADATA_SERVICE_TIMEOUT",
				    "metadata_service_timeout",
				    DEFAULT_TIMEOUT_MS / 1000);
	session.attempts =
		setting(outside,
			profile,
			"AWS_METADATA_SERVICE_NUM_ATTEMPTS",
			"metadata_service_num_attempts",
			DEFAULT_ATTEMPTS);
	strbuf_init(&session.token, ANSWER_MAX);
	int result = exchange(&session, "PUT", "/latest/api/token", &life, &session.token, error);
	struct http_header token = {"X-aws-ec2-metadata-token", session.token.data};
	if (result == 0 && strpbrk(session.token.data, "\r\n") != NULL)
		result = aws_error_set(
			error, -ENOENT, "MetadataUnavailable", "the token is no token"
		);
	if (result == 0)
		result = exchange(&session, "GET", path, &token, ret_text, error);
	strbuf_release(&session.token);
	return result;
}
