#include "credentials_source.h"
#include "file.h"
#include "uri.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 65536
#define TIMEOUT_MS 2000
#define ATTEMPTS 3

// The address given in full may be a plain one only where nobody else can answer: on this machine or at
// the addresses of ECS and EKS.
static bool is_allowed(const struct uri *uri) {
	static const char *const hosts[] = {
		"localhost",
		"169.254.170.2",
		"169.254.170.23",
		"fd00:ec2::23",
		"::1",
	};
	char host[64];
	struct in_addr address;
	if (uri->is_https)
		return true;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (slice_equals_nocase(uri->host, hosts[i]))
			return true;
	if (uri->host.len >= sizeof(host))
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)uri->host.len, (const char *)uri->host.data);
	return inet_pton(AF_INET, host, &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

static int
find_url(const struct credentials_context *context, struct strbuf *url, struct aws_error *error) {
	const struct outside *outside = context->outside;
	const char *relative = outside_getenv(outside, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = outside_getenv(outside, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	struct uri uri;
	if (relative == NULL && full == NULL)
		return CREDENTIALS_ABSENT;
	if (relative != NULL)
		strbuf_printf(
			url, "http://169.254.170.2%s%s", relative[0] == '/' ? "" : "/", relative
		);
	else
		strbuf_add_text(url, full);
	if (strbuf_status(url) < 0)
		return strbuf_status(url);
	if (uri_parse(url->data, &uri) < 0 || !is_allowed(&uri))
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidEndpoint",
			"AWS_CONTAINER_CREDENTIALS_FULL_URI '%s' is neither https nor on this "
			"machine",
			url->data
		);
	return 0;
}

static int find_token(
	const struct credentials_context *context,
	struct strbuf *token,
	struct aws_error *error
) {
	const struct outside *outside = context->outside;
	const char *path = outside_getenv(outside, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *text = outside_getenv(outside, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
	int result = 0;
	if (path != NULL)
		result = file_read(path, token);
	else if (text != NULL)
		strbuf_add_text(token, text);
	if (result < 0)
		return aws_error_set(
			error,
			result == -ENOMEM ? result : -EINVAL,
			"InvalidToken",
			"cannot read the container's authorization token in '%s': %s",
			path,
			strerror(-result)
		);
	if (strpbrk(token->data, "\r\n") != NULL)
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidToken",
			"the container's authorization token has a line break"
		);
	return strbuf_status(token);
}

static int send_retrying(
	const struct outside *outside,
	const struct http_request *request,
	struct http_response *response,
	struct aws_error *error
) {
	int result = 0;
	for (int i = 0; i < ATTEMPTS; i++) {
		result = outside->send(outside->ctx, request, response, error);
		if (result == 0 && response->status < 500)
			break;
		if (i + 1 < ATTEMPTS)
			outside->sleep_ms(outside->ctx, 1000);
	}
	if (result == 0 && response->status != 200)
		return aws_error_set(
			error,
			-EINVAL,
			"ContainerCredentialsFailed",
			"the container's credentials endpoint answers status %d",
			response->status
		);
	return result;
}

static int
fetch(const struct outside *outside,
      const char *url,
      const char *token,
      struct credentials *ret,
      struct aws_error *error) {
	struct arena arena = arena_empty();
	struct node *root = NULL;
	struct http_response response;
	struct http_header header = {"Authorization", token};
	struct http_request request = {
		.method = "GET",
		.url = url,
		.headers = &header,
		.n_headers = token[0] != 0,
		.connect_timeout_ms = TIMEOUT_MS,
		.timeout_ms = TIMEOUT_MS,
		.is_direct = true,
	};
	http_response_init(&response, TEXT_MAX);
	int result = send_retrying(outside, &request, &response, error);
	if (result == 0) {
		result = node_from_json(&arena, strbuf_slice(&response.body), &root);
		if (result == -EBADMSG)
			aws_error_set(
				error,
				result,
				"InvalidCredentials",
				"the container's credentials endpoint sent no JSON"
			);
	}
	if (result == 0)
		result = credentials_from_node(root, "Token", ret, error);
	http_response_release(&response);
	arena_release(&arena);
	return result;
}

int credentials_from_container(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	struct strbuf url, token;
	strbuf_init(&url, TEXT_MAX);
	strbuf_init(&token, TEXT_MAX);
	int result = find_url(context, &url, error);
	if (result == 0)
		result = find_token(context, &token, error);
	if (result == 0)
		result = fetch(context->outside, url.data, token.data, ret, error);
	strbuf_release(&url);
	strbuf_release(&token);
	return result;
}
