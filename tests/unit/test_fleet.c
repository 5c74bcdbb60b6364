#include "fleet.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int read_text(const char *text, struct fleet *fleet, struct aws_error *error) {
	size_t len = strlen(text);
	char *copy = malloc(len + (len == 0));
	memcpy(copy, text, len);
	int result = fleet_read(slice_of(copy, len), fleet, error);
	free(copy);
	return result;
}

#define ONE(more)                                                                                  \
	"{\"deployments\": [{\"id\": \"a\", \"region\": \"eu-west-1\", \"vpc\": \"vpc-1\","        \
	" \"sources\": [\"vpc/vpc-1\"]" more "}]}"

#define RULE(text) ONE(", \"filter\": {\"rules\": [{" text "}]}")
#define D0 "$.deployments[0]."

static void reads_all_that_there_is(void **) {
	struct fleet fleet;
	struct aws_error error;
	const char *text = ONE(
		", \"source_vpcs\": [\"vpc-2\"], \"subnets\": [\"subnet-1\"], \"tags\": {\"team\": "
		"\"x\"},"
		" \"mode\": \"kernel\", \"source_cidrs\": [\"10.0.0.0/8\"],"
		" \"health\": {\"protocol\": \"HTTP\", \"port\": 80, \"path\": \"/h\", "
		"\"interval_s\": 30},"
		" \"appliances\": {\"image\": \"ami-1\", \"instance_type\": \"c7i.large\", "
		"\"count\": 2,"
		"  \"max\": 4, \"auto_scaling\": true},"
		" \"filter\": {\"dns\": true, \"rules\": [{\"direction\": \"ingress\", "
		"\"protocol\": \"tcp\","
		"  \"destination_ports\": \"8000-8080\", \"source_cidr\": \"10.0.0.0/8\"},"
		"  {\"action\": \"reject\", \"protocol\": 1}]},"
		" \"session\": {\"number\": 10, \"vni\": \"per-source\", \"packet_length\": 512},"
		" \"allow_instance_types\": [\"m9g\"], \"allow_starved\": true"
	);
	int result = read_text(text, &fleet, &error);
	if (result < 0)
		fail_msg("%s", error.message);
	assert_int_equal(fleet.n_deployments, 1);
	const struct deployment *one = &fleet.deployments[0];
	assert_string_equal(one->source_vpc_ids.items[0], "vpc-2");
	assert_string_equal(tags_get(&one->tags, "team"), "x");
	assert_int_equal(one->mode, DEPLOYMENT_KERNEL);
	assert_int_equal(one->health.port, 80);
	assert_int_equal(one->health.interval_s, 30);
	assert_true(one->appliances.is_group);
	assert_int_equal(one->appliances.n_max, 4);
	assert_true(one->mirrors_dns);
	assert_int_equal(one->rules.n, 2);
	assert_int_equal(one->rules.items[0].destination_ports.to, 8080);
	assert_int_equal(one->rules.items[1].protocol.value, 1);
	assert_int_equal(one->session.vni_mode, DEPLOYMENT_VNI_PER_SOURCE);
	assert_int_equal(one->session.packet_length, 512);
	assert_true(one->allows_starved);
	fleet_release(&fleet);
}

static void reads_sources_in_both_forms(void **) {
	struct fleet fleet;
	struct aws_error error;
	const char *text =
		"{\"deployments\": [{\"id\": \"a\", \"region\": \"eu-west-1\","
		" \"existing\": {\"target\": \"tmt-1\"}, \"filter\": {\"server_ports\": [443, 80]},"
		" \"sources\": [\"tag/env=prod\", {\"source\": \"lb/x\", \"lb_mode\": \"enis\","
		" \"primary_only\": true}]}]}";
	assert_int_equal(read_text(text, &fleet, &error), 0);
	const struct deployment *one = &fleet.deployments[0];
	assert_int_equal(one->n_sources, 2);
	assert_int_equal(one->sources[0].kind, SOURCE_TAGS);
	assert_int_equal(one->sources[1].lb_mode, SOURCE_LB_ENIS);
	assert_true(one->sources[1].is_primary_only);
	assert_string_equal(one->existing_target, "tmt-1");
	assert_int_equal(one->rules.n, 4);
	assert_int_equal(one->rules.items[0].destination_ports.from, 80);
	fleet_release(&fleet);
}

static void names_the_place_of_a_mistake(void **) {
	static const char *const cases[][2] = {
		{"", "line 1"},
		{"[]", "$: an object is expected, not a list"},
		{"{}", "$: 'deployments' is missing"},
		{"{\"deployments\": 1}", "$.deployments: a list is expected"},
		{"{\"deployments\": [{}]}", "$.deployments[0]: 'id' is missing"},
		{ONE(", \"regoin\": \"x\""), "is 'region' what is meant?"},
		{ONE(", \"colour\": \"x\""), "$.deployments[0].colour: there is no such key"},
		{ONE(", \"session\": {\"number\": 0}"),
		 "$.deployments[0].session.number: 0 is not between"},
		{ONE(", \"session\": {\"number\": \"1\"}"), "a number is expected, not a text"},
		{ONE(", \"session\": {\"number\": 1.5}"),
		 "a number is expected, not a number with a fraction"},
		{ONE(", \"session\": {\"vni\": 0}"), "$.deployments[0].session.vni: a VNI is"},
		{ONE(", \"health\": {\"port\": 65536}"), "$.deployments[0].health.port"},
		{ONE(", \"allow_starved\": 1"), "true or false is expected"},
		{ONE(", \"subnets\": [\"a\", 1]"),
		 "$.deployments[0].subnets[1]: a text is expected"},
		{ONE(", \"mode\": \"fast\""), "\"dpdk\" or \"kernel\""},
		{ONE(", \"filter\": {\"rules\": [{\"destination_ports\": \"90-80\"}]}"),
		 "rules[0].destination_ports"},
		{ONE(", \"filter\": {\"rules\": [{\"destination_ports\": \"80\"}]}"),
		 "rules[0].destination_ports"},
		{ONE(", \"filter\": {\"rules\": [{}], \"server_ports\": [1]}"), "already"},
		{ONE(", \"tags\": {\"metlo:managed\": \"x\"}"), "not yours"},
		{ONE(", \"appliances\": {\"image\": \"ami-1\"}"),
		 "$.deployments[0]: the instance type"},
		{"{\"deployments\": [{\"id\": \"A\", \"region\": \"r\", \"vpc\": \"vpc-1\", "
		 "\"sources\": []}]}",
		 "1 to 20"},
		{"{\"deployments\": [{\"id\": \"a\", \"region\": \"r\", \"sources\": [\"x\"]}]}",
		 "sources[0]"},
		{"{\"deployments\": [{\"id\": \"a\", \"region\": \"r\", \"vpc\": \"vpc-1\", "
		 "\"sources\": []},"
		 "{\"id\": \"a\", \"region\": \"r\", \"vpc\": \"vpc-1\", \"sources\": []}]}",
		 "$.deployments[1]: there is another"},
		{RULE("\"source_cidr\": \"1.2.3.4/33\""),
		 D0 "filter.rules[0].source_cidr: an address"},
		{RULE("\"destination_cidr\": \"1.2.3/8\""),
		 D0 "filter.rules[0].destination_cidr: "},
		{RULE("\"source_cidr\": \"1.2.3.4/+8\""),
		 D0 "filter.rules[0].source_cidr: an address"},
		{RULE("\"protocol\": \"icmp\", \"source_ports\": 8"),
		 D0 "filter.rules[0]: ports need"},
		{RULE("\"source_cidr\": \"::/0\", \"destination_cidr\": \"0.0.0.0/0\""),
		 D0 "filter.rules[0]: both address ranges"},
		{RULE("\"description\": \"a\\nb\""),
		 D0 "filter.rules[0].description: a description"},
		{ONE(", \"filter\": {\"rules\": [{}, {}, {}, {}, {}, {}]}"),
		 D0 "filter.rules: more than 10"},
		{ONE(", \"source_cidrs\": [\"10.0.0.0/8\", \"::/129\"]"),
		 D0 "source_cidrs[1]: '::/129' is no"},
		{ONE(", \"source_cidrs\": [\"10.0.0.1\"]"), D0 "source_cidrs[0]: '10.0.0.1' is no"},
		{ONE(", \"source_cidrs\": [\"::/0\"]"), D0 "source_cidrs[0]: '::/0' is no"},
		{ONE(", \"tags\": {\"\": \"x\"}"), D0 "tags.: the key of a tag has 1 to 128"},
		{ONE(", \"tags\": {\"AWS:x\": \"x\"}"), D0 "tags.AWS:x: "},
		{ONE(", \"tags\": {\"a\\u001bb\": \"x\"}"), "a tag has no control characters"},
		{ONE(", \"tags\": {\"a\": \"x\\u202ey\"}"), D0 "tags.a: a tag has no control"},
		{ONE(", \"session\": {\"description\": \"a\\nb\"}"),
		 D0 "session.description: a desc"},
		{ONE(", \"session\": {\"description\": \"a\\u2028b\"}"),
		 D0 "session.description: a"},
		{ONE(", \"existing\": {\"appliances\": [\"x\"]}"),
		 D0 "existing.appliances[0]: 'x' is no IPv4 address"},
		{ONE(", \"mode\": \"kernel\", \"existing\": {\"appliances\": [\"i-1\", "
		     "\"10.0.0.1\"]}"),
		 D0 "existing.appliances[1]: '10.0.0.1' is no id"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fleet fleet;
		struct aws_error error;
		if (read_text(cases[i][0], &fleet, &error) != -EINVAL)
			fail_msg("accepted %s", cases[i][0]);
		if (strstr(error.message, cases[i][1]) == NULL)
			fail_msg(
				"%s\nwanted: %s\ngot: %s", cases[i][0], cases[i][1], error.message
			);
	}
}

// A deployment with a tag and a description of so many characters of two bytes.
static int read_lengths(size_t key, size_t value, size_t description) {
	char texts[3][600] = {0}, text[3000];
	const size_t lengths[] = {key, value, description};
	struct fleet fleet;
	struct aws_error error;
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < lengths[i]; j++)
			memcpy(&texts[i][2 * j], "\xc3\xa9", 2);
	snprintf(
		text,
		sizeof(text),
		ONE(", \"tags\": {\"%s\": \"%s\"}, \"session\": {\"description\": \"%s\"}"),
		texts[0],
		texts[1],
		texts[2]
	);
	int result = read_text(text, &fleet, &error);
	if (result == 0)
		fleet_release(&fleet);
	return result;
}

static void bounds_texts_as_aws_does(void **) {
	assert_int_equal(read_lengths(128, 256, 255), 0);
	assert_int_equal(read_lengths(129, 256, 255), -EINVAL);
	assert_int_equal(read_lengths(128, 257, 255), -EINVAL);
	assert_int_equal(read_lengths(128, 256, 256), -EINVAL);
}

static int read_tags(size_t n) {
	char tags[1024] = "";
	char text[2048];
	struct fleet fleet;
	struct aws_error error;
	size_t len = 0;
	for (size_t i = 0; i < n; i++)
		len += (size_t
		)snprintf(&tags[len], sizeof(tags) - len, "%s\"%zu\": \"x\"", i > 0 ? "," : "", i);
	snprintf(text, sizeof(text), ONE(", \"tags\": {%s}"), tags);
	int result = read_text(text, &fleet, &error);
	if (result == 0)
		fleet_release(&fleet);
	return result;
}

static void leaves_room_for_our_own_tags(void **) {
	assert_int_equal(read_tags(46), 0);
	assert_int_equal(read_tags(47), -EINVAL);
}

static void says_when_there_is_no_file(void **) {
	struct fleet fleet;
	struct aws_error error;
	assert_int_equal(fleet_load("/nonexistent/fleet.json", &fleet, &error), -ENOENT);
	assert_non_null(strstr(error.message, "/nonexistent/fleet.json"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_all_that_there_is),
		cmocka_unit_test(reads_sources_in_both_forms),
		cmocka_unit_test(names_the_place_of_a_mistake),
		cmocka_unit_test(bounds_texts_as_aws_does),
		cmocka_unit_test(leaves_room_for_our_own_tags),
		cmocka_unit_test(says_when_there_is_no_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
