#include "credentials_world.h"
#include "region.h"
#include "sts.h"

static void takes_flags_before_all_else(void **) {
	struct world *world = world_make(NULL, "[default]\naws_access_key_id = FILE\n");
	set_keys(world);
	world->flags.access_key_id = "FLAG";
	world->flags.secret_access_key = "s";
	assert_got(world, "FLAG", "flags");
	world_free(world);
}

static void takes_the_environment_before_the_files(void **) {
	struct world *world = world_make(NULL, "[default]\naws_access_key_id = FILE\n");
	set_keys(world);
	fake_set(&world->fake, "AWS_SECURITY_TOKEN", "older");
	assert_got(world, "ENV", "environment");
	assert_string_equal(world->got.session_token, "older");
	world_free(world);
}

static void takes_our_own_variables_before_those_of_aws(void **) {
	struct world *world = world_make(NULL, NULL);
	set_keys(world);
	fake_set(&world->fake, "METLO_AWS_ACCESS_KEY_ID", "METLO");
	fake_set(&world->fake, "METLO_AWS_SECRET_ACCESS_KEY", "s");
	assert_got(world, "METLO", "environment");
	world_free(world);
}

static void a_profile_by_flag_switches_the_environment_off(void **) {
	const char *keys = "[dev]\naws_access_key_id = DEV\naws_secret_access_key = s\n";
	struct world *world = world_make(NULL, keys);
	set_keys(world);
	world->settings_flags.profile = "dev";
	assert_got(world, "DEV", "credentials-file");
	world_free(world);

	world = world_make(NULL, keys);
	set_keys(world);
	fake_set(&world->fake, "AWS_PROFILE", "dev");
	assert_got(world, "ENV", "environment");
	world_free(world);
}

static void an_id_without_a_secret_is_an_error(void **) {
	struct world *world = world_make(NULL, "[default]\naws_access_key_id = FILE\n");
	fake_set(&world->fake, "AWS_ACCESS_KEY_ID", "ENV");
	assert_refused(world, -EINVAL, "PartialCredentials");
	world_free(world);

	world = world_make(NULL, "[default]\naws_access_key_id = FILE\n");
	assert_refused(world, -EINVAL, "PartialCredentials");
	world_free(world);
}

static void takes_the_process_between_the_two_files(void **) {
	const char *process =
		"[default]\naws_access_key_id = CONFIG\naws_secret_access_key = s\n"
		"credential_process = /bin/sh -c 'echo \"{\\\"Version\\\":1,"
		"\\\"AccessKeyId\\\":\\\"PROCESS\\\",\\\"SecretAccessKey\\\":\\\"s\\\"}\"'\n";
	struct world *world = world_make(process, NULL);
	assert_got(world, "PROCESS", "process");
	assert_null(world->got.session_token);
	assert_int_equal(world->got.expires_at_s, 0);
	world_free(world);

	world = world_make(
		process, "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n"
	);
	assert_got(world, "FILE", "credentials-file");
	world_free(world);

	world = world_make(
		"[default]\naws_access_key_id = CONFIG\naws_secret_access_key = s\n", NULL
	);
	assert_got(world, "CONFIG", "config-file");
	world_free(world);
}

static void says_what_the_process_said_when_it_fails(void **) {
	struct world *world = world_make(
		"[default]\ncredential_process = /bin/sh -c 'echo log in first >&2; exit 3'\n", NULL
	);
	assert_refused(world, -EINVAL, "CredentialProcessFailed");
	assert_non_null(strstr(world->error.message, "log in first"));
	assert_non_null(strstr(world->error.message, "3"));
	world_free(world);

	world = world_make("[default]\ncredential_process = /nonexistent/program\n", NULL);
	assert_refused(world, -EINVAL, "CredentialProcessFailed");
	world_free(world);

	world = world_make("[default]\ncredential_process = echo '{\"Version\":2}'\n", NULL);
	assert_refused(world, -EBADMSG, "InvalidCredentials");
	world_free(world);

	world = world_make("[default]\ncredential_process = echo 'open\n", NULL);
	assert_refused(world, -EINVAL, "InvalidProfile");
	world_free(world);
}

static void assert_no_two_headers(struct world *world, const char *source) {
	if (get(world) != -EBADMSG)
		fail_msg("%s: %s", source, world->error.message);
	assert_string_equal(world->error.code, "InvalidCredentials");
	assert_non_null(strstr(world->error.message, source));
	assert_null(strstr(world->error.message, "Evil"));
	assert_null(world->got.access_key_id);
	world_free(world);
}

static void refuses_keys_that_would_be_two_headers(void **) {
	static const char *const bad[] = {
		"t\r\nX-Evil: 1", "Evil\n", "\tEvil", "Evil\x7f", "Evil\xc3\xa4"};
	static const char *const variables[] = {
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]) * 3; i++) {
		struct world *world = world_make(NULL, NULL);
		set_keys(world);
		fake_set(&world->fake, variables[i % 3], bad[i / 3]);
		assert_no_two_headers(world, "'environment'");
	}
	struct world *world = world_make(NULL, NULL);
	world->flags.access_key_id = "Evil\n";
	world->flags.secret_access_key = "s";
	assert_no_two_headers(world, "'flags'");

	world = world_make(
		"[default]\ncredential_process = /bin/echo "
		"'{\"Version\":1,\"AccessKeyId\":\"P\",\"SecretAccessKey\":\"s\","
		"\"SessionToken\":\"t\\u000d\\u000aX-Evil: 1\"}'\n",
		NULL
	);
	assert_no_two_headers(world, "'process'");

	world = world_make(
		NULL, "[default]\naws_access_key_id = Ev\x01il\naws_secret_access_key = s\n"
	);
	assert_no_two_headers(world, "'credentials-file'");

	world = world_make(NULL, NULL);
	fake_set(&world->fake, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
	fake_answer(
		&world->fake,
		200,
		"{\"AccessKeyId\":\"ECS\",\"SecretAccessKey\":\"s\",\"Token\":\"t\\nX-Evil: 1\","
		"\"Expiration\":\"" LATER "\"}"
	);
	assert_no_two_headers(world, "'container'");

	world = world_make(NULL, NULL);
	fake_answer(&world->fake, 200, "imds-token");
	fake_answer(&world->fake, 200, "my-role\n");
	fake_answer(&world->fake, 200, "imds-token");
	fake_answer(
		&world->fake,
		200,
		"{\"Code\":\"Success\",\"AccessKeyId\":\"IMDS\",\"SecretAccessKey\":\"s\\r\","
		"\"Token\":\"t\",\"Expiration\":\"" LATER "\"}"
	);
	assert_no_two_headers(world, "'instance-metadata'");
}

static void asks_the_container_with_its_token(void **) {
	struct world *world = world_make(NULL, NULL);
	fake_set(&world->fake, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x");
	fake_answer(&world->fake, 200, CONTAINER);
	assert_got(world, "ECS", "container");
	assert_string_equal(world->fake.requests[0].url, "http://169.254.170.2/v2/credentials/x");
	assert_true(world->fake.requests[0].is_direct);
	assert_string_equal(world->fake.requests[0].headers, "");
	world_free(world);

	world = world_make(NULL, NULL);
	scratch_folder_write(&world->folder, "token", "Bearer x", world->path);
	fake_set(&world->fake, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1");
	fake_set(&world->fake, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", world->path);
	fake_set(&world->fake, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "unused");
	fake_answer(&world->fake, 500, "");
	fake_answer(&world->fake, 200, CONTAINER);
	assert_got(world, "ECS", "container");
	assert_string_equal(world->fake.requests[1].headers, "Authorization: Bearer x\n");
	world_free(world);
}

static void refuses_container_addresses_of_strangers(void **) {
	static const char *const bad[] = {
		"http://example.com/creds",
		"http://169.254.169.254/creds",
		"http://127.0.0.1.example.com/creds",
		"ftp://127.0.0.1/creds",
		"http://user@127.0.0.1/creds",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct world *world = world_make(NULL, NULL);
		fake_set(&world->fake, "AWS_CONTAINER_CREDENTIALS_FULL_URI", bad[i]);
		assert_refused(world, -EINVAL, "InvalidEndpoint");
		world_free(world);
	}
	struct world *world = world_make(NULL, NULL);
	fake_set(&world->fake, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/creds");
	fake_set(&world->fake, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nX-Evil: b");
	assert_refused(world, -EINVAL, "InvalidToken");
	world_free(world);
}

static void asks_instance_metadata_by_version_two(void **) {
	struct world *world = world_make(NULL, NULL);
	fake_answer(&world->fake, 200, "imds-token");
	fake_answer(&world->fake, 200, "my-role\n");
	fake_answer(&world->fake, 200, "imds-token");
	fake_answer(&world->fake, 200, METADATA);
	assert_got(world, "IMDS", "instance-metadata");
	assert_string_equal(world->fake.requests[0].method, "PUT");
	assert_string_equal(world->fake.requests[0].url, "http://169.254.169.254/latest/api/token");
	assert_string_equal(
		world->fake.requests[3].url,
		"http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role"
	);
	assert_string_equal(
		world->fake.requests[3].headers, "X-aws-ec2-metadata-token: imds-token\n"
	);
	assert_true(world->fake.requests[3].is_direct);
	world_free(world);
}

static void does_not_fall_back_to_metadata_version_one(void **) {
	struct world *world = world_make(NULL, NULL);
	fake_answer(&world->fake, 403, "");
	assert_refused(world, -ENOENT, "NoCredentials");
	assert_int_equal(world->fake.n_sent, 1);
	world_free(world);

	world = world_make(NULL, NULL);
	fake_set(&world->fake, "AWS_EC2_METADATA_DISABLED", "true");
	assert_refused(world, -ENOENT, "NoCredentials");
	assert_int_equal(world->fake.n_sent, 0);
	world_free(world);
}

static void keeps_expired_keys_of_metadata_and_asks_later(void **) {
	struct world *world = world_make(NULL, NULL);
	world->fake.now_ms += 2 * 3600 * 1000; // METADATA has expired
	for (int i = 0; i < 2; i++) {
		fake_answer(&world->fake, 200, "t");
		fake_answer(&world->fake, 200, "role");
		fake_answer(&world->fake, 200, "t");
		fake_answer(&world->fake, 200, METADATA);
	}
	assert_got(world, "IMDS", "instance-metadata");
	world->fake.now_ms += 299 * 1000;
	assert_got(world, "IMDS", "instance-metadata");
	assert_int_equal(world->fake.n_sent, 4);
	world->fake.now_ms += 302 * 1000;
	assert_got(world, "IMDS", "instance-metadata");
	assert_int_equal(world->fake.n_sent, 8);
	world_free(world);
}

static void refreshes_before_the_end_and_bears_a_failure(void **) {
	struct world *world = world_make(NULL, NULL);
	fake_set(&world->fake, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
	fake_answer(&world->fake, 200, CONTAINER);
	assert_got(world, "ECS", "container");
	world->fake.now_ms += (3600 - 16 * 60) * 1000;
	assert_got(world, "ECS", "container");
	assert_int_equal(world->fake.n_sent, 1);

	// 14 minutes are left: it asks, is refused, and goes on with what it has for a minute.
	world->fake.now_ms += 2 * 60 * 1000;
	fake_answer(&world->fake, 404, "");
	assert_got(world, "ECS", "container");
	assert_got(world, "ECS", "container");
	assert_int_equal(world->fake.n_sent, 2);
	world->fake.now_ms += 61 * 1000;
	fake_answer(
		&world->fake,
		200,
		"{\"AccessKeyId\":\"ECS2\",\"SecretAccessKey\":\"s\",\"Expiration\":"
		"\"2015-08-30T20:00:00Z\"}"
	);
	assert_got(world, "ECS2", "container");

	// Once they have really expired, the failure is told.
	world->fake.now_ms += 24 * 3600 * 1000;
	fake_answer(&world->fake, 404, "");
	assert_refused(world, -EINVAL, "ContainerCredentialsFailed");
	world_free(world);
}

static void gets_new_keys_when_the_service_says_expired(void **) {
	struct world *world = world_make(NULL, NULL);
	struct arena arena = arena_empty();
	struct sts_identity identity;
	fake_set(&world->fake, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
	fake_set(&world->fake, "AWS_REGION", "us-east-1");
	fake_answer(&world->fake, 200, CONTAINER);
	assert_got(world, "ECS", "container");
	struct client_options options = {
		.outside = &world->fake.outside,
		.settings = &world->settings,
		.credentials = world->provider,
	};
	struct client *client = client_create(&options);
	fake_answer(
		&world->fake,
		400,
		"<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>"
	);
	fake_answer(&world->fake, 200, "{\"AccessKeyId\":\"FRESH\",\"SecretAccessKey\":\"s\"}");
	fake_answer(
		&world->fake,
		200,
		"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:x</Arn>"
		"</GetCallerIdentityResult></GetCallerIdentityResponse>"
	);
	assert_int_equal(
		sts_get_caller_identity(client, NULL, &arena, &identity, &world->error), 0
	);
	assert_string_equal(identity.arn, "arn:x");
	assert_non_null(strstr(world->fake.requests[3].headers, "Credential=FRESH/"));
	client_free(client);
	arena_release(&arena);
	world_free(world);
}

static void says_where_it_looked_when_there_is_nothing(void **) {
	struct world *world = world_make(NULL, NULL);
	assert_refused(world, -ENOENT, "NoCredentials");
	assert_non_null(strstr(world->error.message, "profile 'default'"));
	world_free(world);
}

static void takes_the_region_of_the_instance_last(void **) {
	struct world *world = world_make(NULL, NULL);
	struct arena arena = arena_empty();
	const char *region = NULL;
	struct outside *outside = &world->fake.outside;
	assert_int_equal(
		settings_load(outside, &world->settings_flags, &world->settings, &world->error), 0
	);
	fake_answer(&world->fake, 200, "t");
	fake_answer(&world->fake, 200, "ap-southeast-4");
	assert_int_equal(
		region_resolve(outside, &world->settings, &arena, &region, &world->error), 0
	);
	assert_string_equal(region, "ap-southeast-4");

	fake_answer(&world->fake, 200, "t");
	fake_answer(&world->fake, 200, "<html>not a region</html>");
	assert_int_equal(
		region_resolve(outside, &world->settings, &arena, &region, &world->error), -ENOENT
	);
	assert_string_equal(world->error.code, "NoRegion");
	arena_release(&arena);
	world_free(world);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_flags_before_all_else),
		cmocka_unit_test(takes_the_environment_before_the_files),
		cmocka_unit_test(takes_our_own_variables_before_those_of_aws),
		cmocka_unit_test(a_profile_by_flag_switches_the_environment_off),
		cmocka_unit_test(an_id_without_a_secret_is_an_error),
		cmocka_unit_test(takes_the_process_between_the_two_files),
		cmocka_unit_test(says_what_the_process_said_when_it_fails),
		cmocka_unit_test(refuses_keys_that_would_be_two_headers),
		cmocka_unit_test(asks_the_container_with_its_token),
		cmocka_unit_test(refuses_container_addresses_of_strangers),
		cmocka_unit_test(asks_instance_metadata_by_version_two),
		cmocka_unit_test(does_not_fall_back_to_metadata_version_one),
		cmocka_unit_test(keeps_expired_keys_of_metadata_and_asks_later),
		cmocka_unit_test(refreshes_before_the_end_and_bears_a_failure),
		cmocka_unit_test(gets_new_keys_when_the_service_says_expired),
		cmocka_unit_test(says_where_it_looked_when_there_is_nothing),
		cmocka_unit_test(takes_the_region_of_the_instance_last),
	};
	return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
