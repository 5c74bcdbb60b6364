#pragma once

// A home folder, an environment and a network of a test's own, and the credentials that come of them.

#include "client.h"
#include "credentials.h"
#include "fake_outside.h"
#include "scratch_folder.h"

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

static inline struct world *world_make(const char *config, const char *credentials) {
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

static inline void world_free(struct world *world) {
	credentials_release(&world->got);
	credentials_provider_free(world->provider);
	settings_release(&world->settings);
	scratch_folder_remove(&world->folder);
	fake_release(&world->fake);
	free(world);
}

// Settings and provider are made at the first get, after the test has set the environment up.
static inline int get(struct world *world) {
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

static inline void assert_got(struct world *world, const char *id, const char *source) {
	int result = get(world);
	if (result < 0)
		fail_msg("%d %s: %s", result, world->error.code, world->error.message);
	assert_string_equal(world->got.access_key_id, id);
	assert_string_equal(credentials_provider_source(world->provider), source);
}

static inline void assert_refused(struct world *world, int result, const char *code) {
	assert_int_equal(get(world), result);
	assert_string_equal(world->error.code, code);
}

static inline void set_keys(struct world *world) {
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
