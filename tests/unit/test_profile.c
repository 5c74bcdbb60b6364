#include "fake_outside.h"
#include "ini.h"
#include "profile.h"
#include "scratch_folder.h"
#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct world {
	struct fake_outside fake;
	struct scratch_folder folder;
	char config[512], credentials[512];
	struct profile_set set;
	struct aws_error error;
};

static void *world_make(const char *config, const char *credentials) {
	struct world *world = calloc(1, sizeof(*world));
	fake_init(&world->fake);
	scratch_folder_make(&world->folder);
	if (config != NULL)
		scratch_folder_write(&world->folder, ".aws/config", config, world->config);
	if (credentials != NULL)
		scratch_folder_write(
			&world->folder, ".aws/credentials", credentials, world->credentials
		);
	fake_set(&world->fake, "HOME", world->folder.path);
	return world;
}

static void world_free(struct world *world) {
	profile_set_release(&world->set);
	scratch_folder_remove(&world->folder);
	fake_release(&world->fake);
	free(world);
}

static const char *get(const struct world *world, const char *name, const char *key) {
	return profile_get(profile_find(&world->set, PROFILE_SECTION_PROFILE, name), key);
}

static void load(struct world *world) {
	assert_int_equal(profile_set_load(&world->fake.outside, &world->set, &world->error), 0);
}

static void reads_sections_as_the_two_files_name_them(void **) {
	struct world *world = world_make(
		"[default]\n"
		"region = eu-west-1\n"
		"[profile dev]\n"
		"region=us-east-2\r\n"
		"[profile \"with space\"]\n"
		"region = sa-east-1\n"
		"[notaprofile]\n"
		"region = xx-north-1\n"
		"[sso-session corp]\n"
		"sso_region = us-east-1\n",
		"[dev]\n"
		"aws_access_key_id = AKID\n"
		"[profile odd]\n"
		"aws_access_key_id = ODD\n"
	);
	load(world);
	assert_string_equal(get(world, "default", "region"), "eu-west-1");
	assert_string_equal(get(world, "dev", "region"), "us-east-2");
	assert_string_equal(get(world, "dev", "aws_access_key_id"), "AKID");
	assert_string_equal(get(world, "with space", "region"), "sa-east-1");
	assert_null(get(world, "notaprofile", "region"));
	assert_string_equal(get(world, "profile odd", "aws_access_key_id"), "ODD");
	assert_null(get(world, "corp", "sso_region"));
	assert_non_null(profile_find(&world->set, PROFILE_SECTION_SSO_SESSION, "corp"));
	world_free(world);
}

static void lets_the_credentials_file_win(void **) {
	struct world *world = world_make(
		"[profile dev]\naws_access_key_id = CONFIG\nregion = eu-west-1\n",
		"[dev]\naws_access_key_id = CREDENTIALS\n"
	);
	load(world);
	const struct profile *dev = profile_find(&world->set, PROFILE_SECTION_PROFILE, "dev");
	assert_string_equal(profile_get(dev, "aws_access_key_id"), "CREDENTIALS");
	assert_string_equal(profile_get_from(dev, "aws_access_key_id", true), "CREDENTIALS");
	assert_null(profile_get_from(dev, "aws_access_key_id", false));
	assert_string_equal(profile_get_from(dev, "region", false), "eu-west-1");
	world_free(world);
}

static void reads_comments_nesting_and_indented_keys(void **) {
	struct world *world = world_make(
		"\xef\xbb\xbf# a comment\n"
		"; another\n"
		"[default]\n"
		"  region = eu-west-1 # not a comment\n"
		"  Output : json\n"
		"  # a comment in between\n"
		"  s3 =\n"
		"    endpoint_url = http://nested\n"
		"    region = nested\n"
		"  empty =\n"
		"[services local]\n"
		"ec2 =\n"
		"  endpoint_url = http://localhost:1\n"
		"text = value\n"
		"  dropped = yes\n",
		NULL
	);
	load(world);
	assert_string_equal(get(world, "default", "region"), "eu-west-1 # not a comment");
	assert_string_equal(get(world, "default", "output"), "json");
	assert_string_equal(get(world, "default", "s3.endpoint_url"), "http://nested");
	assert_null(get(world, "default", "empty"));
	const struct profile *services =
		profile_find(&world->set, PROFILE_SECTION_SERVICES, "local");
	assert_string_equal(profile_get(services, "ec2.endpoint_url"), "http://localhost:1");
	assert_null(profile_get(services, "dropped"));
	assert_null(profile_get(services, "text.dropped"));
	world_free(world);
}

static void merges_a_section_that_comes_twice(void **) {
	struct world *world = world_make(
		"[default]\nregion = one\noutput = json\n[default]\nregion = two\n", NULL
	);
	load(world);
	assert_string_equal(get(world, "default", "region"), "two");
	assert_string_equal(get(world, "default", "output"), "json");
	world_free(world);
}

static void skips_files_that_are_not_there(void **) {
	struct world *world = world_make(NULL, NULL);
	load(world);
	assert_int_equal(world->set.n_profiles, 0);
	world_free(world);
}

static void names_the_line_that_it_cannot_read(void **) {
	struct world *world = world_make("[default]\nregion = x\nwhat is this\n", NULL);
	int result = profile_set_load(&world->fake.outside, &world->set, &world->error);
	assert_int_equal(result, -EINVAL);
	assert_non_null(strstr(world->error.message, "line 3"));
	world_free(world);
}

static void refuses_a_key_outside_of_any_section(void **) {
	struct world *world = world_make("region = x\n", NULL);
	int result = profile_set_load(&world->fake.outside, &world->set, &world->error);
	assert_int_equal(result, -EINVAL);
	world_free(world);
}

static void takes_the_paths_from_the_environment(void **) {
	struct world *world = world_make(NULL, NULL);
	scratch_folder_write(&world->folder, "other", "[default]\nregion = r\n", world->config);
	fake_set(&world->fake, "AWS_CONFIG_FILE", "~/other");
	load(world);
	assert_string_equal(get(world, "default", "region"), "r");
	world_free(world);
}

static void settings_prefer_flag_then_environment_then_profile(void **) {
	struct world *world = world_make(
		"[default]\nregion = eu-west-1\nmax_attempts = 5\n"
		"[profile dev]\nregion = eu-west-2\nuse_fips_endpoint = true\nca_bundle = "
		"~/ca.pem\n",
		NULL
	);
	struct settings_flags flags = {0};
	struct settings settings;
	assert_int_equal(settings_load(&world->fake.outside, &flags, &settings, &world->error), 0);
	assert_string_equal(settings.region, "eu-west-1");
	assert_int_equal(settings.max_attempts, 5);
	assert_false(settings.uses_fips);
	settings_release(&settings);

	fake_set(&world->fake, "AWS_PROFILE", "dev");
	fake_set(&world->fake, "AWS_DEFAULT_REGION", "ap-south-1");
	assert_int_equal(settings_load(&world->fake.outside, &flags, &settings, &world->error), 0);
	assert_string_equal(settings.region, "ap-south-1");
	assert_true(settings.uses_fips);
	assert_false(settings.is_profile_explicit);
	assert_true(
		strncmp(settings.ca_bundle, world->folder.path, strlen(world->folder.path)) == 0
	);
	settings_release(&settings);

	fake_set(&world->fake, "AWS_REGION", "ap-south-2");
	flags.profile = "default";
	assert_int_equal(settings_load(&world->fake.outside, &flags, &settings, &world->error), 0);
	assert_string_equal(settings.region, "ap-south-2");
	assert_true(settings.is_profile_explicit);
	settings_release(&settings);
	world_free(world);
}

static void settings_refuse_what_makes_no_sense(void **) {
	struct world *world = world_make("[default]\n", NULL);
	struct settings settings;
	struct settings_flags flags = {.profile = "missing"};
	struct outside *outside = &world->fake.outside;
	assert_int_equal(settings_load(outside, &flags, &settings, &world->error), -EINVAL);
	assert_string_equal(world->error.code, "ProfileNotFound");

	flags = (struct settings_flags) {.region = "evil.example.com/"};
	assert_int_equal(settings_load(outside, &flags, &settings, &world->error), -EINVAL);
	assert_string_equal(world->error.code, "InvalidRegion");

	flags = (struct settings_flags) {0};
	fake_set(&world->fake, "AWS_MAX_ATTEMPTS", "many");
	assert_int_equal(settings_load(outside, &flags, &settings, &world->error), -EINVAL);
	assert_string_equal(world->error.code, "InvalidMaxAttempts");
	world_free(world);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_sections_as_the_two_files_name_them),
		cmocka_unit_test(lets_the_credentials_file_win),
		cmocka_unit_test(reads_comments_nesting_and_indented_keys),
		cmocka_unit_test(merges_a_section_that_comes_twice),
		cmocka_unit_test(skips_files_that_are_not_there),
		cmocka_unit_test(names_the_line_that_it_cannot_read),
		cmocka_unit_test(refuses_a_key_outside_of_any_section),
		cmocka_unit_test(takes_the_paths_from_the_environment),
		cmocka_unit_test(settings_prefer_flag_then_environment_then_profile),
		cmocka_unit_test(settings_refuse_what_makes_no_sense),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
