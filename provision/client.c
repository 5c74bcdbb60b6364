#include "client.h"

#include "endpoint.h"
#include "protocol.h"
#include "retry.h"
#include "signer.h"
#include "timestamps.h"
#include "uri.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX ((size_t)64 << 20)
#define CONNECT_TIMEOUT_MS 10000
#define TIMEOUT_MS 60000
#define PAGES_MAX 10000
#define THROTTLED_EXTRA 7 // attempts on top of the configured ones
#define SKEW_MIN_S 60 // less than this is not why a signature fails

struct client {
	struct client_options options;
	char *region;
	struct gaps *gaps; // NULL: every failure is one
	int64_t skew_s; // the service's clock less ours
	uint64_t n_requests;
};

// One page of one operation, over all its attempts.
struct call {
	struct client *client;
	const struct operation *operation;
	const struct endpoint *endpoint;
	struct protocol_request request; // without what signing adds
	struct http_response response;
	struct arena *arena; // of the output
	const struct node *result; // of the last answer
	int attempt;
	bool was_skewed;
	bool was_expired;
};

struct client *client_create(const struct client_options *options) {
	const char *region = options->region != NULL ? options->region : options->settings->region;
	struct client *client = calloc(1, sizeof(*client));
	if (client == NULL)
		return NULL;
	client->options = *options;
	client->region = strdup(region == NULL ? "" : region);
	if (client->region == NULL) {
		free(client);
		return NULL;
	}
	return client;
}

void client_free(struct client *client) {
	if (client == NULL)
		return;
	free(client->region);
	free(client);
}

const char *client_region(const struct client *client) {
	return client->region;
}

const struct outside *client_outside(const struct client *client) {
	return client->options.outside;
}

const struct settings *client_settings(const struct client *client) {
	return client->options.settings;
}

uint64_t client_n_requests(const struct client *client) {
	return client->n_requests;
}

static int
sign(struct call *call,
     const struct credentials *credentials,
     struct arena *arena,
     struct protocol_request *request) {
	const struct outside *outside = call->client->options.outside;
	int64_t time_s = outside_now_s(outside) + call->client->skew_s;
	return signer_sign(call->operation, call->endpoint, credentials, time_s, arena, request);
}

static int send_signed(
	struct call *call,
	const struct protocol_request *request,
	struct arena *arena,
	struct aws_error *error
) {
	const struct outside *outside = call->client->options.outside;
	const char *url = arena_printf(arena, "%s%s", call->endpoint->url, request->path);
	if (url == NULL)
		return aws_error_set(error, -ENOMEM, "OutOfMemory", "making a request");
	struct http_request http = {
		.method = request->method,
		.url = url,
		.headers = request->headers,
		.n_headers = request->n_headers,
		.body = request->body,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.timeout_ms = TIMEOUT_MS,
	};
	call->client->n_requests++;
	int result = outside->send(outside->ctx, &http, &call->response, error);
	if (result < 0)
		return result;
	if (call->response.status >= 200 && call->response.status < 300) {
		struct slice body = strbuf_slice(&call->response.body);
		return protocol_parse(call->operation, body, call->arena, &call->result, error);
	}
	protocol_read_error(call->operation, &call->response, error);
	return -EREMOTEIO;
}

// The path of an address such as https://host/prefix is part of what is signed.
static int
with_base_path(struct call *call, struct arena *arena, struct protocol_request *request) {
	struct uri uri;
	if (uri_parse(call->endpoint->url, &uri) < 0 || slice_equals(uri.path, "/"))
		return 0;
	request->path = arena_printf(
		arena, "%.*s%s", (int)uri.path.len, (const char *)uri.path.data, request->path
	);
	return request->path == NULL ? -ENOMEM : 0;
}

static int attempt(struct call *call, const struct credentials *used, struct aws_error *error) {
	struct arena scratch = arena_empty();
	struct protocol_request request = call->request;
	int result = 0;
	if (call->operation->signing != OPERATION_UNSIGNED) {
		struct protocol_request full = request;
		result = with_base_path(call, &scratch, &full);
		if (result == 0)
			result = sign(call, used, &scratch, &full);
		full.path = request.path;
		request = full;
		if (result < 0)
			aws_error_set(
				error, result, "SigningFailed", "the request cannot be signed"
			);
	}
	if (result == 0)
		result = send_signed(call, &request, &scratch, error);
	arena_release(&scratch);
	return result;
}

// Failures here are final: where another try makes sense, the source has made it.
static int get_credentials(struct call *call, struct credentials *ret, struct aws_error *error) {
	struct credentials_provider *provider = call->client->options.credentials;
	if (call->operation->signing == OPERATION_UNSIGNED)
		return 0;
	if (provider == NULL)
		return aws_error_set(error, -ENOENT, "NoCredentials", "no credentials");
	return credentials_provider_get(provider, ret, error);
}

// Takes over the clock of the answer's Date header; false where ours was right.
static bool correct_skew(struct call *call) {
	const char *date = http_response_header(&call->response, "date");
	int64_t theirs_s;
	if (call->was_skewed || date == NULL || timestamp_from_http(date, &theirs_s) < 0)
		return false;
	int64_t skew_s = theirs_s - outside_now_s(call->client->options.outside);
	int64_t change_s = skew_s - call->client->skew_s;
	if (change_s < SKEW_MIN_S && change_s > -SKEW_MIN_S)
		return false;
	call->client->skew_s = skew_s;
	call->was_skewed = true;
	return true;
}

static bool renew_credentials(struct call *call, const struct credentials *used) {
	if (call->was_expired)
		return false;
	call->was_expired = true;
	credentials_provider_expire(call->client->options.credentials, used);
	return true;
}

// Whether to try again; sleeps where that is called for.
static bool is_worth_retrying(
	struct call *call,
	int result,
	const struct credentials *used,
	const struct aws_error *error
) {
	const struct outside *outside = call->client->options.outside;
	enum retry_class kind = retry_classify(result, error);
	int attempts_max = call->client->options.settings->max_attempts;
	switch (kind) {
	case RETRY_NEVER:
		return false;
	case RETRY_SKEWED:
		return correct_skew(call);
	case RETRY_EXPIRED:
		return used->access_key_id != NULL && renew_credentials(call, used);
	case RETRY_UNKNOWN:
		if (call->operation->is_unrepeatable)
			return false;
		break;
	case RETRY_THROTTLED:
		if (attempts_max > 1)
			attempts_max += THROTTLED_EXTRA;
		break;
	case RETRY_TRANSIENT:
		break;
	}
	if (++call->attempt >= attempts_max)
		return false;
	double fraction = outside->random(outside->ctx);
	outside->sleep_ms(outside->ctx, retry_pause_ms(kind, call->attempt, fraction));
	return true;
}

static int run_attempts(struct call *call, struct aws_error *error) {
	for (;;) {
		struct credentials used = {0};
		if (outside_is_cancelled(call->client->options.outside))
			return aws_error_set(error, -ECANCELED, "Cancelled", "cancelled");
		int result = get_credentials(call, &used, error);
		if (result < 0)
			return result;
		result = attempt(call, &used, error);
		bool is_retried = result < 0 && is_worth_retrying(call, result, &used, error);
		credentials_release(&used);
		if (!is_retried)
			return result;
	}
}

static int call_page(struct call *call, void *output, const char **token, struct aws_error *error) {
	const char *next = NULL;
	int result = run_attempts(call, error);
	if (result < 0)
		return result;
	result = protocol_read(call->operation, call->result, call->arena, output, &next, error);
	if (result < 0)
		return result;
	if (next != NULL && *token != NULL && strcmp(next, *token) == 0)
		return aws_error_set(
			error, -EBADMSG, "EndlessListing", "the same page was named twice"
		);
	*token = next;
	return 0;
}

static int call_pages(struct call *call, const void *input, void *output, struct aws_error *error) {
	const char *token = NULL;
	for (int page = 0; page < PAGES_MAX; page++) {
		struct arena scratch = arena_empty();
		struct protocol_options options = {
			.page_token = token,
			.is_dry_run = call->client->options.is_dry_run,
		};
		call->attempt = 0;
		int result =
			protocol_write(call->operation, input, &options, &scratch, &call->request);
		if (result < 0)
			aws_error_set(
				error, result, "RequestNotMade", "the request cannot be made"
			);
		else
			result = call_page(call, output, &token, error);
		arena_release(&scratch);
		if (result < 0 || token == NULL)
			return result;
	}
	return aws_error_set(error, -E2BIG, "EndlessListing", "more than %d pages", PAGES_MAX);
}

static int make_call(
	struct client *client,
	const struct operation *operation,
	const void *input,
	struct arena *arena,
	void *ret_output,
	struct aws_error *error
) {
	struct arena scratch = arena_empty();
	struct endpoint endpoint;
	struct endpoint_question question = {
		.outside = client->options.outside,
		.settings = client->options.settings,
		.service = operation->service,
		.region = client->region,
	};
	struct call call = {
		.client = client,
		.operation = operation,
		.endpoint = &endpoint,
		.arena = arena,
	};
	int result;
	if (client->region[0] == 0)
		result = aws_error_set(error, -ENOENT, "NoRegion", "no region is configured");
	else
		result = endpoint_resolve(&question, &scratch, &endpoint, error);
	if (result == 0) {
		http_response_init(&call.response, ANSWER_MAX);
		result = call_pages(&call, input, ret_output, error);
		http_response_release(&call.response);
	}
	arena_release(&scratch);
	return result;
}

static void name_operation(const struct operation *operation, char *ret_name, size_t room) {
	snprintf(ret_name, room, "%s:%s", operation->service->id, operation->name);
}

void client_set_gaps(struct client *client, struct gaps *gaps) {
	client->gaps = gaps;
}

bool client_has_gap(const struct client *client, const struct operation *operation) {
	char name[sizeof(((struct aws_error *)0)->operation)];
	name_operation(operation, name, sizeof(name));
	return gaps_find(client->gaps, name) != NULL;
}

int client_call(
	struct client *client,
	const struct operation *operation,
	const void *input,
	struct arena *arena,
	void *ret_output,
	struct aws_error *error
) {
	size_t size = operation->output == NULL ? 0 : operation->output->size;
	if (size > 0)
		memset(ret_output, 0, size);
	if (client_has_gap(client, operation))
		return 0;
	int result = make_call(client, operation, input, arena, ret_output, error);
	if (result >= 0)
		return result;
	name_operation(operation, error->operation, sizeof(error->operation));
	if (client->gaps == NULL || !gaps_take(client->gaps, error->operation, result, error))
		return result;
	if (size > 0)
		memset(ret_output, 0, size);
	return 0;
}
