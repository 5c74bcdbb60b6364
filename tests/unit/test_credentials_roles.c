// Credentials of other roles: assumed, of a web identity, of SSO.

#include "credentials_world.h"

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

static void refuses_an_sso_token_that_would_be_two_headers(void **) {
	struct world *world = world_make(SSO_CONFIG, NULL);
	scratch_folder_write(
		&world->folder,
		SSO_CACHE,
		"{\"accessToken\":\"tok\\r\\nX-Evil: 1\",\"expiresAt\":\"2015-08-30T20:00:00Z\"}",
		world->path
	);
	assert_refused(world, -EBADMSG, "InvalidCredentials");
	assert_int_equal(world->fake.n_sent, 0);
	assert_non_null(strstr(world->error.message, "'default'"));
	assert_null(strstr(world->error.message, "Evil"));
	world_free(world);
}

static void refuses_keys_of_a_role_that_would_be_two_headers(void **) {
	struct world *world = world_make(
		"[default]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = Environment\n",
		NULL
	);
	set_keys(world);
	world->settings_flags.profile = "default";
	fake_answer(&world->fake, 200, STS_ANSWER("AssumeRole", "ROLE&#13;&#10;X-Evil: 1", LATER));
	assert_refused(world, -EBADMSG, "InvalidCredentials");
	assert_non_null(strstr(world->error.message, "'assume-role'"));
	world_free(world);

	world = world_make(
		"[default]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = Environment\n",
		NULL
	);
	set_keys(world);
	world->settings_flags.profile = "default";
	fake_set(&world->fake, "AWS_SESSION_TOKEN", "t\nX-Evil: 1");
	assert_refused(world, -EBADMSG, "InvalidCredentials");
	assert_int_equal(world->fake.n_sent, 0);
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

int main(void) {
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(refuses_an_sso_token_that_would_be_two_headers),
		cmocka_unit_test(refuses_keys_of_a_role_that_would_be_two_headers),
		cmocka_unit_test(reads_the_older_form_of_sso),
		cmocka_unit_test(explains_a_login_session),
	};
	return cmocka_run_group_tests_name("credentials_roles", tests, NULL, NULL);
}
