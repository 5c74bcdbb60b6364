#include "client.h"
#include "credentials.h"
#include "fake_outside.h"
#include "region.h"
#include "scratch_folder.h"
#include "sts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct world {
	struct fake_outside fake;
	struct scratch_folder folder;
	struct settings_flags settings_flags;
	struct credentials_flags flags;
	struct settings settings;
	struct credentials_provider *provider;
	struct credentials got;
	struct aws_error error;
	char path[512];
};

static struct world *world_make(const char *config, const char *credentials) {
	struct world *world = calloc(1, sizeof(*world));
	fake_init(&world->fake);
	scratch_folder_make(&world->folder);
	fake_set(&world->fake, "HOME", world->folder.path);
	if (config != NULL)
		scratch_folder_write(&world->folder, ".aws/config", config, world->path);
	if (credentials != NULL)
		scratch_folder_write(&world->folder, ".aws/credentials", credentials, world->path);
	return world;
}

static void world_free(struct world *world) {
	credentials_release(&world->got);
	credentials_provider_free(world->provider);
	settings_release(&world->settings);
	scratch_folder_remove(&world->folder);
	fake_release(&world->fake);
	free(world);
}

// Settings and provider are made at the first get, after the test has set the environment up.
static int get(struct world *world) {
	if (world->provider == NULL) {
		int result = settings_load(
			&world->fake.outside,
			&world->settings_flags,
			&world->settings,
			&world->error
		);
		if (result < 0)
			return result;
		world->provider = credentials_provider_create(
			&world->fake.outside, &world->settings, &world->flags
		);
	}
	credentials_release(&world->got);
	return credentials_provider_get(world->provider, &world->got, &world->error);
}

static void assert_got(struct world *world, const char *id, const char *source) {
	int result = get(world);
	if (result < 0)
		fail_msg("%d %s: %s", result, world->error.code, world->error.message);
	assert_string_equal(world->got.access_key_id, id);
	assert_string_equal(credentials_provider_source(world->provider), source);
}

static void assert_refused(struct world *world, int result, const char *code) {
	assert_int_equal(get(world), result);
	assert_string_equal(world->error.code, code);
}

static void set_keys(struct world *world) {
	fake_set(&world->fake, "AWS_ACCESS_KEY_ID", "ENV");
	fake_set(&world->fake, "AWS_SECRET_ACCESS_KEY", "secret");
}

#define STS_ANSWER(operation, id, expiration)                                                      \
	"<" operation "Response><" operation "Result><Credentials><AccessKeyId>" id                \
	"</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</"                      \
	"SessionToken><Expiration>" expiration "</Expiration></Credentials></" operation           \
	"Result></" operation "Response>"
#define LATER "2015-08-30T13:36:00Z" // an hour after the fake clock's start
#define METADATA                                                                                   \
	"{\"Code\":\"Success\",\"AccessKeyId\":\"IMDS\",\"SecretAccessKey\":\"s\","                \
	"\"Token\":\"t\",\"Expiration\":\"" LATER "\"}"
#define CONTAINER                                                                                  \
	"{\"AccessKeyId\":\"ECS\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","                      \
	"\"Expiration\":\"" LATER "\"}"

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

static void assumes_a_role_with_the_keys_of_another_profile(void **) {
	struct world *world = world_make(
		"[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = "
		"base\n"
		"external_id = ext\nduration_seconds = 3600\nregion = eu-west-1\n",
		"[base]\naws_access_key_id = BASE\naws_secret_access_key = s\n"
	);
	world->settings_flags.profile = "role";
	fake_answer(&world->fake, 200, STS_ANSWER("AssumeRole", "ROLE", LATER));
	assert_got(world, "ROLE", "assume-role");
	assert_string_equal(world->got.session_token, "t");
	assert_int_equal(world->got.expires_at_s, 1440938160 + 3600);
	const struct fake_request *request = &world->fake.requests[0];
	assert_string_equal(request->url, "https://sts.eu-west-1.amazonaws.com/");
	assert_non_null(strstr(request->headers, "Credential=BASE/"));
	assert_string_equal(
		request->body,
		"Action=AssumeRole&Version=2011-06-15"
		"&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr"
		"&RoleSessionName=metlo-appliance-1440938160&DurationSeconds=3600&ExternalId=ext"
	);
	world_free(world);
}

static void follows_a_chain_of_roles(void **) {
	struct world *world = world_make(
		"[default]\nrole_arn = arn:aws:iam::1:role/top\nsource_profile = middle\n"
		"[profile middle]\nrole_arn = arn:aws:iam::1:role/middle\nsource_profile = base\n",
		"[base]\naws_access_key_id = BASE\naws_secret_access_key = s\n"
	);
	fake_answer(&world->fake, 200, STS_ANSWER("AssumeRole", "MIDDLE", LATER));
	fake_answer(&world->fake, 200, STS_ANSWER("AssumeRole", "TOP", LATER));
	assert_got(world, "TOP", "assume-role");
	assert_non_null(strstr(world->fake.requests[0].headers, "Credential=BASE/"));
	assert_non_null(strstr(world->fake.requests[1].headers, "Credential=MIDDLE/"));
	assert_string_equal(world->fake.requests[0].url, "https://sts.us-east-1.amazonaws.com/");
	world_free(world);
}

static void assumes_a_role_with_the_environments_keys(void **) {
	struct world *world = world_make(
		"[profile role]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = "
		"Environment\n",
		NULL
	);
	set_keys(world);
	world->settings_flags.profile = "role";
	fake_answer(&world->fake, 200, STS_ANSWER("AssumeRole", "ROLE", LATER));
	assert_got(world, "ROLE", "assume-role");
	assert_non_null(strstr(world->fake.requests[0].headers, "Credential=ENV/"));
	world_free(world);
}

static void lets_a_profile_with_keys_name_itself(void **) {
	struct world *world = world_make(
		"[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n",
		"[default]\naws_access_key_id = SELF\naws_secret_access_key = s\n"
	);
	fake_answer(&world->fake, 200, STS_ANSWER("AssumeRole", "ROLE", LATER));
	assert_got(world, "ROLE", "assume-role");
	assert_non_null(strstr(world->fake.requests[0].headers, "Credential=SELF/"));
	world_free(world);
}

static void refuses_role_profiles_that_make_no_sense(void **) {
	static const char *const configs[] = {
		"[default]\nrole_arn = r\n",
		"[default]\nrole_arn = r\nsource_profile = a\ncredential_source = Environment\n",
		"[default]\nrole_arn = r\nsource_profile = missing\n",
		"[default]\nrole_arn = r\nsource_profile = default\n",
		"[default]\nrole_arn = r\nsource_profile = a\n[profile a]\nregion = x\n",
		"[default]\nrole_arn = r\nsource_profile = a\n"
		"[profile a]\nrole_arn = r\nsource_profile = default\n",
		"[default]\nrole_arn = r\ncredential_source = Elsewhere\n",
		"[default]\nrole_arn = r\ncredential_source = Environment\n",
		"[default]\nrole_arn = r\nsource_profile = default\nduration_seconds = 60\n",
	};
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		struct world *world = world_make(configs[i], NULL);
		assert_refused(world, -EINVAL, "InvalidProfile");
		assert_int_equal(world->fake.n_sent, 0);
		world_free(world);
	}
}

static int ask(void *ctx, const char *serial, char *ret_code, size_t room) {
	assert_string_equal(serial, "arn:aws:iam::1:mfa/me");
	snprintf(ret_code, room, "%s", (const char *)ctx);
	return 0;
}

static void asks_for_an_mfa_code_where_it_can(void **) {
	const char *config = "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n"
			     "mfa_serial = arn:aws:iam::1:mfa/me\n";
	const char *keys = "[base]\naws_access_key_id = BASE\naws_secret_access_key = s\n";
	struct world *world = world_make(config, keys);
	assert_refused(world, -EINVAL, "InvalidProfile");
	world_free(world);

	char code[] = "123456";
	world = world_make(config, keys);
	world->flags.ask_mfa_code = ask;
	world->flags.ask_ctx = code;
	fake_answer(&world->fake, 200, STS_ANSWER("AssumeRole", "ROLE", LATER));
	assert_got(world, "ROLE", "assume-role");
	assert_non_null(strstr(world->fake.requests[0].body, "&TokenCode=123456"));
	world_free(world);
}

static void trades_a_web_identity_token_unsigned(void **) {
	struct world *world = world_make(NULL, NULL);
	scratch_folder_write(&world->folder, "token", "jwt.1\n", world->path);
	fake_set(&world->fake, "AWS_WEB_IDENTITY_TOKEN_FILE", world->path);
	fake_set(&world->fake, "AWS_ROLE_ARN", "arn:aws:iam::1:role/pod");
	fake_set(&world->fake, "AWS_ROLE_SESSION_NAME", "pod");
	fake_set(&world->fake, "AWS_REGION", "eu-central-1");
	fake_answer(&world->fake, 200, STS_ANSWER("AssumeRoleWithWebIdentity", "WEB", LATER));
	assert_got(world, "WEB", "web-identity");
	const struct fake_request *request = &world->fake.requests[0];
	assert_null(strstr(request->headers, "Authorization"));
	assert_non_null(strstr(request->body, "&WebIdentityToken=jwt.1"));
	assert_non_null(strstr(request->body, "&RoleSessionName=pod"));

	// A token that was rotated is read anew.
	scratch_folder_write(&world->folder, "token", "jwt.2", world->path);
	world->fake.now_ms += 3500 * 1000;
	fake_answer(
		&world->fake,
		200,
		STS_ANSWER("AssumeRoleWithWebIdentity", "WEB2", "2015-08-30T15:36:00Z")
	);
	assert_got(world, "WEB2", "web-identity");
	assert_non_null(strstr(world->fake.requests[1].body, "&WebIdentityToken=jwt.2"));
	world_free(world);
}

// sha1 of "corp"
#define SSO_CACHE ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
#define SSO_CONFIG                                                                                 \
	"[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = admin\n"    \
	"[sso-session corp]\nsso_region = us-west-2\nsso_start_url = https://corp.example/start\n"
#define SSO_ROLE                                                                                   \
	"{\"roleCredentials\":{\"accessKeyId\":\"SSO\",\"secretAccessKey\":\"s\","                 \
	"\"sessionToken\":\"t\",\"expiration\":1440941760000}}"

static void gets_keys_for_an_sso_token(void **) {
	struct world *world = world_make(SSO_CONFIG, NULL);
	scratch_folder_write(
		&world->folder,
		SSO_CACHE,
		"{\"accessToken\":\"tok\",\"expiresAt\":\"2015-08-30T20:00:00Z\"}",
		world->path
	);
	fake_answer(&world->fake, 200, SSO_ROLE);
	assert_got(world, "SSO", "sso");
	assert_int_equal(world->got.expires_at_s, 1440941760);
	const struct fake_request *request = &world->fake.requests[0];
	assert_string_equal(request->method, "GET");
	assert_string_equal(
		request->url,
		"https://portal.sso.us-west-2.amazonaws.com/federation/credentials"
		"?role_name=admin&account_id=123456789012"
	);
	assert_non_null(strstr(request->headers, "x-amz-sso_bearer_token: tok\n"));
	assert_null(strstr(request->headers, "Authorization"));
	world_free(world);
}

static void refreshes_an_sso_token_that_is_about_to_end(void **) {
	struct world *world = world_make(SSO_CONFIG, NULL);
	struct stat status;
	scratch_folder_write(
		&world->folder,
		SSO_CACHE,
		"{\"accessToken\":\"old\",\"expiresAt\":\"2015-08-30T12:40:00Z\",\"refreshToken\":"
		"\"r1\","
		"\"clientId\":\"c\",\"clientSecret\":\"cs\",\"startUrl\":\"kept\","
		"\"registrationExpiresAt\":\"2015-09-30T12:40:00Z\"}",
		world->path
	);
	fake_answer(
		&world->fake,
		200,
		"{\"accessToken\":\"new\",\"expiresIn\":28800,\"refreshToken\":\"r2\"}"
	);
	fake_answer(&world->fake, 200, SSO_ROLE);
	assert_got(world, "SSO", "sso");
	assert_string_equal(
		world->fake.requests[0].url, "https://oidc.us-west-2.amazonaws.com/token"
	);
	assert_string_equal(
		world->fake.requests[0].body,
		"{\"clientId\":\"c\",\"clientSecret\":\"cs\",\"refreshToken\":\"r1\","
		"\"grantType\":\"refresh_token\"}"
	);
	assert_non_null(strstr(world->fake.requests[1].headers, "x-amz-sso_bearer_token: new\n"));

	char text[1024] = "";
	FILE *file = fopen(world->path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_non_null(strstr(text, "\"accessToken\":\"new\""));
	assert_non_null(strstr(text, "\"refreshToken\":\"r2\""));
	assert_non_null(strstr(text, "\"expiresAt\":\"2015-08-30T20:36:00Z\""));
	assert_non_null(strstr(text, "\"startUrl\":\"kept\""));
	assert_int_equal(stat(world->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	world_free(world);
}

static void says_when_an_sso_login_is_needed(void **) {
	struct world *world = world_make(SSO_CONFIG, NULL);
	assert_refused(world, -ENOENT, "SsoLoginNeeded");
	assert_non_null(strstr(world->error.message, "aws sso login --profile default"));
	world_free(world);

	world = world_make(SSO_CONFIG, NULL);
	scratch_folder_write(
		&world->folder,
		SSO_CACHE,
		"{\"accessToken\":\"tok\",\"expiresAt\":\"2015-08-30T12:00:00Z\"}",
		world->path
	);
	assert_refused(world, -ENOENT, "SsoLoginNeeded");
	world_free(world);

	world = world_make(SSO_CONFIG, NULL);
	scratch_folder_write(
		&world->folder,
		SSO_CACHE,
		"{\"accessToken\":\"tok\",\"expiresAt\":\"2015-08-30T20:00:00Z\"}",
		world->path
	);
	fake_answer(&world->fake, 401, "{\"message\":\"Session token not found or invalid\"}");
	assert_refused(world, -ENOENT, "SsoLoginNeeded");
	world_free(world);
}

static void reads_the_older_form_of_sso(void **) {
	struct world *world = world_make(
		"[default]\nsso_start_url = https://corp.example/start\nsso_region = eu-west-1\n"
		"sso_account_id = 1\nsso_role_name = r\n",
		NULL
	);
	// sha1 of the start URL
	scratch_folder_write(
		&world->folder,
		".aws/sso/cache/f7c9b39d0b4c7a7d82c79307585f77e1c5e74378.json",
		"{\"accessToken\":\"tok\",\"expiresAt\":\"2015-08-30T20:00:00Z\"}",
		world->path
	);
	fake_answer(&world->fake, 200, SSO_ROLE);
	assert_got(world, "SSO", "sso");
	world_free(world);
}

static void explains_a_login_session(void **) {
	struct world *world = world_make("[default]\nlogin_session = arn:x\n", NULL);
	assert_refused(world, -EINVAL, "LoginSessionUnsupported");
	world_free(world);
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
	assert_int_equal(sts_get_caller_identity(client, NULL, &arena, &identity, &world->error), 0);
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
		cmocka_unit_test(assumes_a_role_with_the_keys_of_another_profile),
		cmocka_unit_test(follows_a_chain_of_roles),
		cmocka_unit_test(assumes_a_role_with_the_environments_keys),
		cmocka_unit_test(lets_a_profile_with_keys_name_itself),
		cmocka_unit_test(refuses_role_profiles_that_make_no_sense),
		cmocka_unit_test(asks_for_an_mfa_code_where_it_can),
		cmocka_unit_test(trades_a_web_identity_token_unsigned),
		cmocka_unit_test(gets_keys_for_an_sso_token),
		cmocka_unit_test(refreshes_an_sso_token_that_is_about_to_end),
		cmocka_unit_test(says_when_an_sso_login_is_needed),
		cmocka_unit_test(reads_the_older_form_of_sso),
		cmocka_unit_test(explains_a_login_session),
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
	return cmocka_run_group_tests(tests, NULL, NULL);
}
