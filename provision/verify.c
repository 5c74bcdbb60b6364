#include "verify.h"

#include "ownership.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LOOKS 5
#define LOOK_PAUSE_MS 2000

struct verifier {
	struct client *client;
	const struct deployment *deployment;
	const struct apply_result *result;
	struct verify *verify;
	struct aws_error *error;
};

const char *verify_health_fix(const char *reason) {
	static const char *const fixes[][2] = {
		{"Elb.RegistrationInProgress", "wait: it is being registered"},
		{"Elb.InitialHealthChecking", "wait: the first health checks run"},
		{"Elb.InternalError", "an error of ELB's own; look again later"},
		{"Target.Timeout",
		 "let the health port in from the load balancer: security group and "
		 "network ACL of the appliance"},
		{"Target.FailedHealthChecks",
		 "the collector does not answer on its health port: is it "
		 "running? see 'metlo-appliance status' there"},
		{"Target.NotRegistered", "register the appliance"},
		{"Target.NotInUse",
		 "the target group has no listener, or the load balancer does not "
		 "cover the appliance's zone"},
		{"Target.DeregistrationInProgress", "it is being taken out"},
		{"Target.InvalidState", "the instance is stopped or terminated"},
		{"Target.IpUnusable", "the address cannot be used as a target"},
	};
	for (size_t i = 0; reason != NULL && i < sizeof(fixes) / sizeof(fixes[0]); i++)
		if (strcmp(reason, fixes[i][0]) == 0)
			return fixes[i][1];
	return NULL;
}

__attribute__((format(printf, 5, 6))) static int
find(struct verifier *verifier,
     enum verify_state state,
     const char *what,
     const char *fix,
     const char *format,
     ...) {
	struct verify *verify = verifier->verify;
	char text[400];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	struct verify_finding *findings =
		arena_grow(&verify->arena, verify->findings, verify->n_findings, sizeof(*findings));
	const char *copy = arena_strdup(&verify->arena, text);
	if (findings == NULL || copy == NULL)
		return aws_error_set(verifier->error, -ENOMEM, "OutOfMemory", "verifying");
	findings[verify->n_findings++] = (struct verify_finding) {
		.state = state,
		.what = what,
		.text = copy,
		.fix = fix,
	};
	verify->findings = findings;
	verify->n_by_state[state]++;
	return 0;
}

static int has_listener(struct verifier *verifier, bool *ret_has) {
	struct elbv2_listener_query query = {
		.load_balancer_arn = verifier->result->load_balancer_arn,
	};
	struct elbv2_listeners listeners;
	int result = elbv2_describe_listeners(
		verifier->client, &query, &verifier->verify->arena, &listeners, verifier->error
	);
	*ret_has = false;
	for (size_t i = 0; result == 0 && i < listeners.listeners.n; i++)
		*ret_has = *ret_has || listeners.listeners.items[i].port == DEPLOYMENT_VXLAN_PORT;
	return result;
}

// What was just made is not always seen at once.
static int verify_listener(struct verifier *verifier) {
	const struct outside *outside = client_outside(verifier->client);
	bool is_there = false;
	if (verifier->result->load_balancer_arn == NULL)
		return 0;
	for (int i = 0; i < LOOKS && !is_there; i++) {
		if (i > 0)
			outside->sleep_ms(outside->ctx, LOOK_PAUSE_MS);
		int result = has_listener(verifier, &is_there);
		if (result < 0)
			return result;
	}
	if (is_there)
		return find(
			verifier,
			VERIFY_GOOD,
			"listener",
			NULL,
			"the load balancer listens on UDP %d",
			DEPLOYMENT_VXLAN_PORT
		);
	return find(
		verifier,
		VERIFY_BAD,
		"listener",
		"apply the plan again",
		"the load balancer does not listen on UDP %d; mirroring fails silently",
		DEPLOYMENT_VXLAN_PORT
	);
}

static int verify_target(struct verifier *verifier, const struct elbv2_target_health *target) {
	const char *state = target->state == NULL ? "unknown" : target->state;
	const char *reason = target->reason == NULL ? "" : target->reason;
	const char *id = target->id == NULL ? "" : target->id;
	if (strcmp(state, "healthy") == 0)
		return find(verifier, VERIFY_GOOD, "appliance", NULL, "'%s' is healthy", id);
	if (strcmp(state, "initial") == 0)
		return find(
			verifier,
			VERIFY_PENDING,
			"appliance",
			verify_health_fix(reason),
			"'%s' is starting (%s)",
			id,
			reason
		);
	return find(
		verifier,
		VERIFY_BAD,
		"appliance",
		verify_health_fix(reason),
		"'%s' is %s (%s)",
		id,
		state,
		reason
	);
}

static int verify_targets(struct verifier *verifier) {
	struct elbv2_targets query = {.target_group_arn = verifier->result->target_group_arn};
	struct elbv2_targets_health health;
	if (query.target_group_arn == NULL)
		return 0;
	int result = elbv2_describe_target_health(
		verifier->client, &query, &verifier->verify->arena, &health, verifier->error
	);
	for (size_t i = 0; result == 0 && i < health.targets.n; i++)
		result = verify_target(verifier, &health.targets.items[i]);
	if (result < 0 || health.targets.n > 0)
		return result;
	bool will_come = deployment_has_appliances(verifier->deployment);
	return find(
		verifier,
		will_come ? VERIFY_PENDING : VERIFY_BAD,
		"appliance",
		will_come ? "wait: they register when they have started"
			  : "start an appliance and register it",
		"no appliance is registered"
	);
}

static int count_sessions(struct verifier *verifier, size_t *ret_n) {
	static const struct ec2_query all;
	struct ec2_mirror_sessions sessions;
	int result = ec2_describe_mirror_sessions(
		verifier->client, &all, &verifier->verify->arena, &sessions, verifier->error
	);
	*ret_n = 0;
	for (size_t i = 0; result == 0 && i < sessions.sessions.n; i++)
		*ret_n += ownership_is_ours(
			&sessions.sessions.items[i].tags, verifier->deployment->id
		);
	return result;
}

static int verify_sessions(struct verifier *verifier) {
	const struct outside *outside = client_outside(verifier->client);
	size_t n = 0;
	if (verifier->result->is_paused)
		return find(
			verifier,
			VERIFY_GOOD,
			"sessions",
			"'metlo-appliance sessions resume' ends the pause",
			"no mirror sessions, because mirroring is paused"
		);
	for (int i = 0; i < LOOKS && n == 0; i++) {
		if (i > 0)
			outside->sleep_ms(outside->ctx, LOOK_PAUSE_MS);
		int result = count_sessions(verifier, &n);
		if (result < 0)
			return result;
	}
	return find(
		verifier,
		n > 0 ? VERIFY_GOOD : VERIFY_BAD,
		"sessions",
		n > 0 ? NULL : "choose sources that can be mirrored",
		"%zu mirror sessions",
		n
	);
}

int verify_run(
	struct client *client,
	const struct deployment *deployment,
	const struct apply_result *result,
	struct verify *ret_verify,
	struct aws_error *error
) {
	struct verify verify = {0};
	struct verifier verifier = {
		.client = client,
		.deployment = deployment,
		.result = result,
		.verify = &verify,
		.error = error,
	};
	int status = verify_listener(&verifier);
	if (status == 0)
		status = verify_targets(&verifier);
	if (status == 0)
		status = verify_sessions(&verifier);
	if (status < 0)
		verify_release(&verify);
	else
		*ret_verify = verify;
	return status;
}

void verify_release(struct verify *verify) {
	arena_release(&verify->arena);
	*verify = (struct verify) {0};
}
