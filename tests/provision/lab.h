#pragma once

// What the tests against the stand-in share: the world as it is, in the environment that the stand-in's
// script sets, and a way to its control endpoint.

#include "client.h"
#include "region.h"
#include "transport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lab {
	struct transport *transport;
	struct outside outside;
	struct settings settings;
	struct credentials_flags flags;
	struct credentials_provider *provider;
	struct client *client;
	struct aws_error error;
};

static inline void lab_check(int result, const struct aws_error *error, const char *what) {
	if (result >= 0)
		return;
	fprintf(stderr,
		"%s: %d %s: %s (%s)\n",
		what,
		result,
		error->code,
		error->message,
		error->operation);
	abort();
}

static inline void lab_open(struct lab *lab) {
	struct transport_options options = {0};
	struct settings_flags flags = {0};
	memset(lab, 0, sizeof(*lab));
	lab->transport = transport_create(&options);
	lab->outside = transport_outside(lab->transport);
	lab_check(
		settings_load(&lab->outside, &flags, &lab->settings, &lab->error),
		&lab->error,
		"settings"
	);
	transport_set_ca_bundle(lab->transport, lab->settings.ca_bundle);
	lab->provider = credentials_provider_create(&lab->outside, &lab->settings, &lab->flags);
	struct client_options client_options = {
		.outside = &lab->outside,
		.settings = &lab->settings,
		.credentials = lab->provider,
	};
	lab->client = client_create(&client_options);
}

static inline void lab_close(struct lab *lab) {
	client_free(lab->client);
	credentials_provider_free(lab->provider);
	settings_release(&lab->settings);
	transport_free(lab->transport);
}

// Sends a command to the stand-in itself; the answer is appended to 'ret_answer', which may be NULL.
static inline void lab_control(
	struct lab *lab,
	const char *method,
	const char *path,
	const char *json,
	struct strbuf *ret_answer
) {
	char url[256];
	const char *control = getenv("AWS_LAB_CONTROL");
	struct http_response response;
	snprintf(url, sizeof(url), "%s/%s", control == NULL ? "" : control, path);
	struct http_request request = {
		.method = method,
		.url = url,
		.body = slice_of_string(json),
		.connect_timeout_ms = 5000,
		.timeout_ms = 60000,
		.is_direct = true,
	};
	http_response_init(&response, 1 << 26);
	lab_check(
		lab->outside.send(lab->outside.ctx, &request, &response, &lab->error),
		&lab->error,
		"control"
	);
	if (response.status != 200) {
		fprintf(stderr,
			"control %s %s: %d %s\n",
			method,
			path,
			response.status,
			response.body.data);
		abort();
	}
	if (ret_answer != NULL)
		strbuf_add_slice(ret_answer, strbuf_slice(&response.body));
	http_response_release(&response);
}

// The stand-in records calls that no correct client makes.
static inline void lab_assert_no_violations(struct lab *lab) {
	struct strbuf answer;
	strbuf_init(&answer, 1 << 20);
	lab_control(lab, "GET", "violations", "", &answer);
	if (strcmp(answer.data, "[]") != 0) {
		fprintf(stderr, "violations: %s\n", answer.data);
		abort();
	}
	strbuf_release(&answer);
}
