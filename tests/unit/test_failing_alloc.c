#include "client.h"
#include "credentials.h"
#include "failing_alloc.h"
#include "fake_outside.h"
#include "policy.h"
#include "scratch_folder.h"
#include "sts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// Every allocation of a whole call fails once: the call returns an error, and (under the address
// sanitizer) nothing is left behind. The test's own memory is not counted.

static struct scratch_folder folder;
static const struct fake_answer *answers;
static size_t n_answers;

// What the fake world itself allocates is not under test.
static int send_uncounted(
	void *ctx,
	const struct http_request *request,
	struct http_response *response,
	struct aws_error *error
) {
	size_t n = failing_alloc_n, at = failing_alloc_at;
	failing_alloc_at = 0;
	int result = fake_send(ctx, request, response, error);
	failing_alloc_n = n;
	failing_alloc_at = at;
	return result;
}

static int call_with_provider(
	const struct outside *outside,
	const struct settings *settings,
	struct aws_error *error
) {
	struct credentials_flags flags = {0};
	struct arena arena = arena_empty();
	struct sts_identity identity;
	struct client_options options = {
		.outside = outside,
		.settings = settings,
		.credentials = credentials_provider_create(outside, settings, &flags),
		.region = "us-east-1",
	};
	struct client *client = options.credentials == NULL ? NULL : client_create(&options);
	int result = client == NULL
		? -ENOMEM
		: sts_get_caller_identity(client, NULL, &arena, &identity, error);
	if (result == 0 && strcmp(identity.arn, "arn:x") != 0)
		result = -EINVAL;
	client_free(client);
	credentials_provider_free(options.credentials);
	arena_release(&arena);
	return result;
}

// Settings, credentials and one call, from nothing.
static int call_from_nothing(void) {
	static struct fake_outside fake;
	struct settings_flags flags = {0};
	struct settings settings;
	struct aws_error error;
	fake_init(&fake);
	fake.outside.send = send_uncounted;
	fake_set(&fake, "HOME", folder.path);
	fake_set(&fake, "AWS_EC2_METADATA_DISABLED", "true");
	memcpy(fake.answers, answers, n_answers * sizeof(*answers));
	fake.n_answers = n_answers;
	aws_error_clear(&error);
	int result = settings_load(&fake.outside, &flags, &settings, &error);
	if (result == 0) {
		result = call_with_provider(&fake.outside, &settings, &error);
		settings_release(&settings);
	}
	fake_release(&fake);
	return result;
}

static void check(size_t at, int result) {
	if (at == 0 && result != 0)
		fail_msg("fails with all its memory: %d", result);
	// Which error it is cannot be asked: jansson takes some of its own failures for bad input.
	if (at > 0 && result >= 0)
		fail_msg("allocation %zu fails and the call returns %d", at, result);
}

#define IDENTITY                                                                                   \
	"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:x</Arn>"                     \
	"</GetCallerIdentityResult></GetCallerIdentityResponse>"
#define ROLE                                                                                       \
	"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ROLE</AccessKeyId>"       \
	"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>"           \
	"2015-08-30T13:36:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"

static void run_all(const char *config, const struct fake_answer *wanted, size_t n_wanted) {
	char path[512];
	scratch_folder_make(&folder);
	scratch_folder_write(&folder, ".aws/config", config, path);
	answers = wanted;
	n_answers = n_wanted;
	failing_alloc_each(call_from_nothing, check);
	scratch_folder_remove(&folder);
}

static void a_call_with_keys_from_a_file_bears_any_failure(void **) {
	static const struct fake_answer wanted[] = {{.status = 200, .body = IDENTITY}};
	run_all("[default]\naws_access_key_id = A\naws_secret_access_key = s\naws_session_token = "
		"t\n",
		wanted,
		1);
}

static void a_call_with_a_role_bears_any_failure(void **) {
	static const struct fake_answer wanted[] = {
		{.status = 200, .body = ROLE},
		{.status = 200, .body = IDENTITY},
	};
	run_all("[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n"
		"[profile base]\naws_access_key_id = A\naws_secret_access_key = s\n",
		wanted,
		2);
}

static void a_call_with_a_process_bears_any_failure(void **) {
	static const struct fake_answer wanted[] = {{.status = 200, .body = IDENTITY}};
	run_all("[default]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"A\","
		"\"SecretAccessKey\":\"s\"}'\n",
		wanted,
		1);
}

// Without their JSON: jansson itself writes an object without some of its keys where memory is short.
static int make_policies(void) {
	struct arena arena = arena_empty();
	struct policy_wants wants = policy_wants_everything();
	struct source source = {.kind = SOURCE_ECS_SERVICE, .id = "shop/cart"};
	struct deployment deployment = {
		.id = "prod",
		.region = "eu-west-1",
		.vpc_id = "vpc-1",
		.sources = &source,
		.n_sources = 1};
	struct policy_statements statements;
	struct policy_denial denial;
	struct aws_error error = {
		.status = 403, .code = "AccessDenied", .operation = "iam:PassRole"};
	int result = policy_wants_add(&wants, &deployment, &arena);
	if (result == 0)
		result = policy_statements(&wants, &arena, &statements);
	if (result == 0 && !policy_denial_read(&error, &arena, &denial))
		result = -ENOMEM;
	if (result == 0)
		result = policy_statements_for(&denial, &wants, &arena, &statements);
	arena_release(&arena);
	return result;
}

static void policies_bear_any_failure(void **) {
	failing_alloc_each(make_policies, check);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_with_keys_from_a_file_bears_any_failure),
		cmocka_unit_test(a_call_with_a_role_bears_any_failure),
		cmocka_unit_test(a_call_with_a_process_bears_any_failure),
		cmocka_unit_test(policies_bear_any_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
