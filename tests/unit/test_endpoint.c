#include "endpoint.h"
#include "fake_outside.h"
#include "partition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct service ec2 = {
	.id = "ec2",
	.endpoint = "ec2",
	.variable = "EC2",
	.has_fips_in_gov = true,
};
static const struct service ecs = {.id = "ecs", .endpoint = "ecs", .variable = "ECS"};
static const struct service iam = {
	.id = "iam",
	.endpoint = "iam",
	.variable = "IAM",
	.is_global = true,
};
static const struct service pricing = {
	.id = "pricing",
	.endpoint = "api.pricing",
	.variable = "PRICING",
};

struct world {
	struct fake_outside fake;
	struct settings settings;
	struct profile_entry entries[4];
	struct profile profile;
	struct arena arena;
	struct endpoint endpoint;
	struct aws_error error;
};

static int resolve(struct world *world, const struct service *service, const char *region) {
	struct endpoint_question question = {
		.outside = &world->fake.outside,
		.settings = &world->settings,
		.service = service,
		.region = region,
	};
	return endpoint_resolve(&question, &world->arena, &world->endpoint, &world->error);
}

static struct world *world_make(void) {
	struct world *world = calloc(1, sizeof(*world));
	fake_init(&world->fake);
	world->profile.entries = world->entries;
	world->settings.profile = &world->profile;
	return world;
}

static void world_free(struct world *world) {
	arena_release(&world->arena);
	fake_release(&world->fake);
	free(world);
}

static void knows_the_public_addresses(void **) {
	static const struct {
		const struct service *service;
		const char *region;
		bool uses_fips, uses_dual_stack;
		const char *url, *signing_region;
	} cases[] = {
		{&ec2, "us-east-1", 0, 0, "https://ec2.us-east-1.amazonaws.com", "us-east-1"},
		{&ec2,
		 "mx-central-1",
		 0,
		 0,
		 "https://ec2.mx-central-1.amazonaws.com",
		 "mx-central-1"},
		{&ec2, "cn-north-1", 0, 0, "https://ec2.cn-north-1.amazonaws.com.cn", "cn-north-1"},
		{&ec2,
		 "us-iso-east-1",
		 0,
		 0,
		 "https://ec2.us-iso-east-1.c2s.ic.gov",
		 "us-iso-east-1"},
		{&ec2, "us-east-1", 1, 0, "https://ec2-fips.us-east-1.amazonaws.com", "us-east-1"},
		{&ec2,
		 "us-gov-west-1",
		 1,
		 0,
		 "https://ec2.us-gov-west-1.amazonaws.com",
		 "us-gov-west-1"},
		{&ecs,
		 "us-gov-west-1",
		 1,
		 0,
		 "https://ecs-fips.us-gov-west-1.amazonaws.com",
		 "us-gov-west-1"},
		{&ec2, "us-east-1", 0, 1, "https://ec2.us-east-1.api.aws", "us-east-1"},
		{&ec2, "us-east-1", 1, 1, "https://ec2-fips.us-east-1.api.aws", "us-east-1"},
		{&ec2,
		 "cn-north-1",
		 0,
		 1,
		 "https://ec2.cn-north-1.api.amazonwebservices.com.cn",
		 "cn-north-1"},
		{&iam, "eu-west-1", 0, 0, "https://iam.amazonaws.com", "us-east-1"},
		{&iam, "eu-west-1", 1, 0, "https://iam-fips.amazonaws.com", "us-east-1"},
		{&iam,
		 "cn-northwest-1",
		 0,
		 0,
		 "https://iam.cn-north-1.amazonaws.com.cn",
		 "cn-north-1"},
		{&iam, "us-gov-east-1", 1, 0, "https://iam.us-gov.amazonaws.com", "us-gov-west-1"},
		{&pricing,
		 "us-west-2",
		 0,
		 0,
		 "https://api.pricing.us-east-1.amazonaws.com",
		 "us-east-1"},
		{&pricing,
		 "eu-west-1",
		 0,
		 0,
		 "https://api.pricing.eu-central-1.amazonaws.com",
		 "eu-central-1"},
		{&pricing,
		 "ap-northeast-1",
		 0,
		 0,
		 "https://api.pricing.ap-south-1.amazonaws.com",
		 "ap-south-1"},
		{&pricing,
		 "cn-north-1",
		 0,
		 0,
		 "https://api.pricing.cn-northwest-1.amazonaws.com.cn",
		 "cn-northwest-1"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *world = world_make();
		world->settings.uses_fips = cases[i].uses_fips;
		world->settings.uses_dual_stack = cases[i].uses_dual_stack;
		assert_int_equal(resolve(world, cases[i].service, cases[i].region), 0);
		assert_string_equal(world->endpoint.url, cases[i].url);
		assert_string_equal(world->endpoint.host, cases[i].url + strlen("https://"));
		assert_string_equal(world->endpoint.signing_region, cases[i].signing_region);
		world_free(world);
	}
}

static void says_where_there_is_no_endpoint(void **) {
	struct world *world = world_make();
	assert_int_equal(resolve(world, &pricing, "us-gov-west-1"), -EINVAL);
	world->settings.uses_dual_stack = true;
	assert_int_equal(resolve(world, &ec2, "us-iso-east-1"), -EINVAL);
	world->settings.uses_dual_stack = false;
	world->settings.uses_fips = true;
	assert_int_equal(resolve(world, &iam, "cn-north-1"), -EINVAL);
	assert_string_equal(world->error.code, "NoSuchEndpoint");
	world_free(world);
}

static void prefers_the_nearest_of_the_configured_addresses(void **) {
	struct world *world = world_make();
	struct profile services = {
		.section = PROFILE_SECTION_SERVICES,
		.name = "local",
		.entries = &(struct profile_entry) {"ec2.endpoint_url", "http://services:1", false},
		.n_entries = 1,
	};
	world->settings.profiles.profiles = &services;
	world->settings.profiles.n_profiles = 1;
	world->entries[0] = (struct profile_entry) {"endpoint_url", "http://profile:1", false};
	world->profile.n_entries = 1;
	assert_int_equal(resolve(world, &ec2, "us-east-1"), 0);
	assert_string_equal(world->endpoint.url, "http://profile:1");
	assert_string_equal(world->endpoint.host, "profile:1");

	world->entries[1] = (struct profile_entry) {"services", "local", false};
	world->profile.n_entries = 2;
	assert_int_equal(resolve(world, &ec2, "us-east-1"), 0);
	assert_string_equal(world->endpoint.url, "http://services:1");
	assert_int_equal(resolve(world, &ecs, "us-east-1"), 0);
	assert_string_equal(world->endpoint.url, "http://profile:1");

	fake_set(&world->fake, "AWS_ENDPOINT_URL", "http://all:1");
	fake_set(&world->fake, "AWS_ENDPOINT_URL_EC2", "https://[::1]:443/");
	assert_int_equal(resolve(world, &ec2, "us-east-1"), 0);
	assert_string_equal(world->endpoint.url, "https://[::1]:443");
	assert_string_equal(world->endpoint.host, "[::1]");
	assert_int_equal(resolve(world, &ecs, "us-east-1"), 0);
	assert_string_equal(world->endpoint.url, "http://all:1");

	world->settings.ignores_endpoint_urls = true;
	assert_int_equal(resolve(world, &ecs, "us-east-1"), 0);
	assert_string_equal(world->endpoint.url, "https://ecs.us-east-1.amazonaws.com");

	world->settings.endpoint_url = "http://flag:1";
	assert_int_equal(resolve(world, &ec2, "us-east-1"), 0);
	assert_string_equal(world->endpoint.url, "http://flag:1");
	world_free(world);
}

static void refuses_an_address_that_is_none(void **) {
	struct world *world = world_make();
	world->settings.endpoint_url = "localhost:4566";
	assert_int_equal(resolve(world, &ec2, "us-east-1"), -EINVAL);
	assert_string_equal(world->error.code, "InvalidEndpoint");
	world->settings.endpoint_url = "http://host/?query";
	assert_int_equal(resolve(world, &ec2, "us-east-1"), -EINVAL);
	world_free(world);
}

static void tells_partitions_by_their_regions(void **) {
	assert_string_equal(partition_of_region("eu-west-1")->name, "aws");
	assert_string_equal(partition_of_region("il-central-1")->name, "aws");
	assert_string_equal(partition_of_region("cn-northwest-1")->name, "aws-cn");
	assert_string_equal(partition_of_region("us-gov-east-1")->name, "aws-us-gov");
	assert_string_equal(partition_of_region("us-isob-east-1")->name, "aws-iso-b");
	assert_true(partition_is_region_name("us-east-1"));
	assert_false(partition_is_region_name(""));
	assert_false(partition_is_region_name("us-east-1.evil.example"));
	assert_false(partition_is_region_name("-"));
	assert_false(partition_is_region_name("US-EAST-1"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_public_addresses),
		cmocka_unit_test(says_where_there_is_no_endpoint),
		cmocka_unit_test(prefers_the_nearest_of_the_configured_addresses),
		cmocka_unit_test(refuses_an_address_that_is_none),
		cmocka_unit_test(tells_partitions_by_their_regions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
