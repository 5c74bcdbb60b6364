#include "transport.h"

#include <curl/curl.h>
#include <openssl/rand.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CANCEL_POLL_MS 100
#define HEADER_MAX 65536

struct transport {
	CURL *curl;
	char *ca_bundle;
	struct transport_options options;
};

struct exchange {
	struct transport *transport;
	struct http_response *response;
};

static size_t on_body(char *data, size_t size, size_t n, void *ctx) {
	struct exchange *exchange = ctx;
	strbuf_add(&exchange->response->body, data, size * n);
	return strbuf_status(&exchange->response->body) < 0 ? 0 : size * n;
}

static size_t trimmed(const char *data, size_t len) {
	while (len > 0 && isspace((unsigned char)data[len - 1]))
		len--;
	return len;
}

static void add_header(struct strbuf *text, const char *name, const char *colon, const char *end) {
	for (; name < colon; name++)
		strbuf_add_char(text, (char)tolower((unsigned char)*name));
	strbuf_add_char(text, 0);
	const char *value = colon + 1;
	while (value < end && isspace((unsigned char)*value))
		value++;
	strbuf_add(text, value, (size_t)(end - value));
	strbuf_add_char(text, 0);
}

// A status line starts the headers anew, so those of an interim answer (100, or a proxy's) go.
static size_t on_header(char *data, size_t size, size_t n, void *ctx) {
	struct exchange *exchange = ctx;
	struct strbuf *text = &exchange->response->header_text;
	size_t len = trimmed(data, size * n);
	if (len >= 5 && strncmp(data, "HTTP/", 5) == 0) {
		strbuf_cut(text, 0);
		return size * n;
	}
	const char *colon = memchr(data, ':', len);
	if (colon == NULL || memchr(data, 0, len) != NULL)
		return size * n;
	add_header(text, data, colon, data + len);
	return strbuf_status(text) < 0 ? 0 : size * n;
}

static bool is_cancelled(void *ctx) {
	const struct transport *transport = ctx;
	const struct transport_options *options = &transport->options;
	return options->is_cancelled != NULL && options->is_cancelled(options->is_cancelled_ctx);
}

static int on_progress(void *ctx, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
	const struct transport *transport = ctx;
	return !transport->options.finishes_exchanges && is_cancelled(ctx);
}

// A line break in one would begin another.
static bool are_proper(const struct http_request *request) {
	for (size_t i = 0; i < request->n_headers; i++) {
		const struct http_header *header = &request->headers[i];
		if (!is_header_text(header->name) || !is_header_text(header->value)
		    || header->name[0] == 0 || header->name[strcspn(header->name, ": ")] != 0)
			return false;
	}
	return true;
}

static struct curl_slist *header_list(const struct http_request *request) {
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	struct strbuf line;
	bool is_complete = list != NULL;
	strbuf_init(&line, HEADER_MAX);
	for (size_t i = 0; is_complete && i < request->n_headers; i++) {
		strbuf_cut(&line, 0);
		strbuf_printf(&line, "%s: %s", request->headers[i].name, request->headers[i].value);
		struct curl_slist *longer = curl_slist_append(list, line.data);
		is_complete = longer != NULL && strbuf_status(&line) == 0;
		list = longer == NULL ? list : longer;
	}
	strbuf_release(&line);
	if (is_complete)
		return list;
	curl_slist_free_all(list);
	return NULL;
}

// curl's own headers hold a copy of a session token: it goes with the list.
static void header_list_free(struct curl_slist *list) {
	for (struct curl_slist *item = list; item != NULL; item = item->next)
		explicit_bzero(item->data, strlen(item->data));
	curl_slist_free_all(list);
}

static void set_options(CURL *curl, const struct transport *transport) {
	curl_easy_reset(curl); // connections and sessions stay
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "metlo-appliance/" PROJECT_VERSION);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transport);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	if (transport->ca_bundle != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, transport->ca_bundle);
}

static void set_request(
	CURL *curl,
	const struct http_request *request,
	struct exchange *exchange,
	struct curl_slist *headers
) {
	bool has_body = strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0;
	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	if (has_body) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
		curl_easy_setopt(
			curl,
			CURLOPT_POSTFIELDS,
			request->body.len == 0 ? "" : (const char *)request->body.data
		);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
	if (request->is_direct)
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
}

// Whether curl gave up before the first byte of the request was on its way.
static bool was_not_sent(CURL *curl) {
	curl_off_t before_us = 0;
	curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &before_us);
	return before_us == 0;
}

static int
failure(CURL *curl, CURLcode code, const struct exchange *exchange, struct aws_error *error) {
	const char *reason = curl_easy_strerror(code);
	int body_status = strbuf_status(&exchange->response->body);
	int header_status = strbuf_status(&exchange->response->header_text);
	if (body_status == -E2BIG || header_status == -E2BIG)
		return aws_error_set(error, -E2BIG, "AnswerTooLarge", "the answer is too large");
	if (body_status < 0 || header_status < 0 || code == CURLE_OUT_OF_MEMORY)
		return aws_error_set(error, -ENOMEM, "OutOfMemory", "reading an answer");
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return aws_error_set(error, -ECANCELED, "Cancelled", "cancelled");
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR
	    || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CERTPROBLEM)
		return aws_error_set(error, -EPROTO, "TlsFailed", "%s", reason);
	if (was_not_sent(curl))
		return aws_error_set(error, -ECONNREFUSED, "ConnectionFailed", "%s", reason);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return aws_error_set(error, -ETIMEDOUT, "ReadTimeout", "%s", reason);
	return aws_error_set(error, -EIO, "ConnectionCut", "%s", reason);
}

static int send_request(
	void *ctx,
	const struct http_request *request,
	struct http_response *ret_response,
	struct aws_error *error
) {
	struct transport *transport = ctx;
	struct exchange exchange = {.transport = transport, .response = ret_response};
	CURL *curl = transport->curl;
	http_response_clear(ret_response);
	if (!are_proper(request))
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidHeader",
			"a header holds a character that none may have"
		);
	struct curl_slist *headers = header_list(request);
	if (headers == NULL)
		return aws_error_set(error, -ENOMEM, "OutOfMemory", "making a request");
	set_options(curl, transport);
	set_request(curl, request, &exchange, headers);
	CURLcode code = curl_easy_perform(curl);
	int result = code == CURLE_OK ? 0 : failure(curl, code, &exchange, error);
	long status = 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	ret_response->status = (int)status;
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
	header_list_free(headers);
	return result;
}

static int64_t now_ms(void *) {
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void sleep_ms(void *ctx, int64_t ms) {
	while (ms > 0 && !is_cancelled(ctx)) {
		int64_t step = ms < CANCEL_POLL_MS ? ms : CANCEL_POLL_MS;
		struct timespec pause = {.tv_nsec = step * 1000000};
		nanosleep(&pause, NULL);
		ms -= step;
	}
}

static double random_fraction(void *) {
	uint32_t value = 0;
	if (RAND_bytes((unsigned char *)&value, sizeof(value)) != 1)
		value = (uint32_t)now_ms(NULL) * 2654435761u;
	return value / 4294967296.0;
}

static const char *environment(void *, const char *name) {
	return getenv(name);
}

int transport_set_ca_bundle(struct transport *transport, const char *path) {
	char *copy = path == NULL ? NULL : strdup(path);
	if (path != NULL && copy == NULL)
		return -ENOMEM;
	free(transport->ca_bundle);
	transport->ca_bundle = copy;
	return 0;
}

struct transport *transport_create(const struct transport_options *options) {
	struct transport *transport = calloc(1, sizeof(*transport));
	if (transport == NULL)
		return NULL;
	transport->options = *options;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(transport);
		errno = ENOMEM;
		return NULL;
	}
	transport->curl = curl_easy_init();
	if (transport->curl == NULL || transport_set_ca_bundle(transport, options->ca_bundle) < 0) {
		transport_free(transport);
		errno = ENOMEM;
		return NULL;
	}
	return transport;
}

void transport_free(struct transport *transport) {
	if (transport == NULL)
		return;
	curl_easy_cleanup(transport->curl);
	curl_global_cleanup();
	free(transport->ca_bundle);
	free(transport);
}

struct outside transport_outside(struct transport *transport) {
	return (struct outside) {
		.ctx = transport,
		.send = send_request,
		.now_ms = now_ms,
		.sleep_ms = sleep_ms,
		.random = random_fraction,
		.getenv = environment,
		.is_cancelled = is_cancelled,
	};
}
