#include "fleet.h"
#include "fleet_write.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define DEPLOYMENT(more)                                                                           \
	"{\"deployments\": [{\"id\": \"a\", \"region\": \"eu-west-1\", \"vpc\": \"vpc-1\"," more   \
	"}]}"

static const char *const fleets[] = {
	DEPLOYMENT("\"sources\": [\"vpc/vpc-1\"]"),
	DEPLOYMENT(
		"\"sources\": [\"tag/a=b,c=d\", {\"source\": \"lb/front\", \"lb_mode\": \"enis\"},"
		"{\"source\": \"lb/back\", \"lb_mode\": \"auto\"},"
		"{\"source\": \"instance/i-1\", \"primary_only\": true}, \"ecs/shop/cart\"],"
		"\"source_vpcs\": [\"vpc-2\"], \"subnets\": [\"subnet-1\", \"subnet-2\"],"
		"\"tags\": {\"team\": \"x\", \"other\": \"y\"}, \"mode\": \"kernel\","
		"\"source_cidrs\": [\"10.0.0.0/8\"],"
		"\"health\": {\"protocol\": \"HTTP\", \"port\": 80, \"path\": \"/h\", "
		"\"interval_s\": 30},"
		"\"appliances\": {\"image\": \"ami-1\", \"instance_type\": \"c7i.large\","
		"\"key_name\": \"k\", \"instance_profile\": \"p\", \"user_data\": \"{}\\n\","
		"\"subnets\": [\"subnet-3\"], \"security_groups\": [\"sg-1\"],"
		"\"count\": 2, \"max\": 4, \"auto_scaling\": true},"
		"\"filter\": {\"dns\": true, \"rules\": [{\"direction\": \"ingress\","
		"\"protocol\": \"tcp\", \"destination_ports\": \"8000-8080\","
		"\"source_ports\": 1, \"source_cidr\": \"10.0.0.0/8\", \"description\": \"d\"},"
		"{\"action\": \"reject\", \"protocol\": 1, \"destination_cidr\": \"::/0\"},"
		"{\"protocol\": 0}]},"
		"\"session\": {\"number\": 10, \"vni\": \"per-source\", \"packet_length\": 512,"
		"\"description\": \"s\"},"
		"\"allow_instance_types\": [\"m9g\"], \"allow_starved\": true"
	),
	DEPLOYMENT("\"sources\": [\"eni/eni-1\"], \"session\": {\"vni\": 7},"
		   "\"existing\": {\"load_balancer\": "
		   "\"arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/net/a/b\", \"filter\": "
		   "\"tmf-1\","
		   "\"appliances\": [\"10.0.0.4\"]}"),
	DEPLOYMENT("\"sources\": [\"asg/web\"], \"existing\": {\"target\": \"tmt-1\"}"),
	DEPLOYMENT("\"sources\": [\"subnet/subnet-1\"], \"filter\": {\"server_ports\": [80, 443]}"),
};

static void load(const char *text, struct fleet *fleet) {
	struct aws_error error;
	if (fleet_read(slice_of(text, strlen(text)), fleet, &error) < 0)
		fail_msg("%s in %s", error.message, text);
}

static void write_out(const char *text, struct strbuf *out) {
	struct fleet fleet;
	load(text, &fleet);
	strbuf_init(out, 65536);
	assert_int_equal(fleet_write(&fleet.deployments[0], out), 0);
	fleet_release(&fleet);
}

// What it loses on the way the second file would lack.
static void what_is_written_is_read_again(void **) {
	for (size_t i = 0; i < sizeof(fleets) / sizeof(fleets[0]); i++) {
		struct strbuf first, second;
		write_out(fleets[i], &first);
		write_out(first.data, &second);
		assert_string_equal(first.data, second.data);
		strbuf_release(&first);
		strbuf_release(&second);
	}
}

// Every key and value of the richest is in what was written.
static void nothing_is_forgotten(void **) {
	static const char *const parts[] = {
		"tag/a=b,c=d",
		"enis",
		"auto\"",
		"primary_only",
		"source_vpcs",
		"subnet-2",
		"\"other\": \"y\"",
		"kernel",
		"10.0.0.0/8",
		"interval_s",
		"\"path\"",
		"ami-1",
		"key_name",
		"instance_profile",
		"user_data",
		"subnet-3",
		"sg-1",
		"\"count\": 2",
		"\"max\": 4",
		"auto_scaling",
		"\"dns\": true",
		"8000-8080",
		"\"source_ports\": 1",
		"reject",
		"::/0",
		"\"protocol\": 0",
		"\"number\": 10",
		"per-source",
		"packet_length",
		"m9g",
		"allow_starved",
	};
	struct strbuf text;
	write_out(fleets[1], &text);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(text.data, parts[i]) == NULL)
			fail_msg("%s is missing in %s", parts[i], text.data);
	strbuf_release(&text);
}

static void leaves_out_what_is_at_its_preset(void **) {
	struct strbuf text;
	write_out(fleets[0], &text);
	assert_null(strstr(text.data, "filter"));
	assert_null(strstr(text.data, "session"));
	assert_null(strstr(text.data, "appliances"));
	strbuf_release(&text);
}

static void replaces_only_its_own_file(void **) {
	char folder[] = "/tmp/fleet-XXXXXX", path[64];
	struct fleet fleet;
	struct aws_error error;
	struct stat status;
	load(fleets[0], &fleet);
	struct deployment *one = &fleet.deployments[0];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/fleet.json", folder);
	assert_int_equal(fleet_may_save(one, path, &error), 0);
	assert_int_equal(fleet_save(one, path, &error), 0);
	assert_int_equal(fleet_save(one, path, &error), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	one->id = "b";
	assert_int_equal(fleet_save(one, path, &error), -EEXIST);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("a letter to a friend", file);
	fclose(file);
	assert_int_equal(fleet_save(one, path, &error), -EEXIST);
	unlink(path);
	assert_int_equal(rmdir(folder), 0); // nothing else was left there
	snprintf(path, sizeof(path), "%s/fleet.json", folder);
	assert_int_equal(fleet_save(one, path, &error), -ENOENT);
	fleet_release(&fleet);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(nothing_is_forgotten),
		cmocka_unit_test(leaves_out_what_is_at_its_preset),
		cmocka_unit_test(replaces_only_its_own_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
