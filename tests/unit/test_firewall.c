#include "firewall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct firewall_range range(const char *text) {
	struct firewall_range range;
	assert_true(firewall_range_read(text, &range));
	return range;
}

static struct firewall_traffic
traffic(bool is_egress, int protocol, uint16_t from, uint16_t to, const char *peer) {
	return (struct firewall_traffic) {
		.is_egress = is_egress,
		.protocol = protocol,
		.from_port = from,
		.to_port = to,
		.peer = range(peer),
	};
}

static void reads_blocks_and_addresses(void **) {
	struct firewall_range one = range("10.1.2.3");
	assert_int_equal(one.first, 0x0a010203);
	assert_int_equal(one.last, 0x0a010203);
	struct firewall_range block = range("10.1.255.0/20");
	assert_int_equal(block.first, 0x0a01f000);
	assert_int_equal(block.last, 0x0a01ffff);
	struct firewall_range all = range("0.0.0.0/0");
	assert_int_equal(all.first, 0);
	assert_int_equal(all.last, UINT32_MAX);
}

static void refuses_what_is_no_block(void **) {
	static const char *const texts[] = {
		"",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/8x",
		"10.0.0/8",
		"::/0",
		"a",
		"/8",
		"255.255.255.255.255.255.255/8",
	};
	struct firewall_range range;
	for (size_t i = 0; i < N_OF(texts); i++) {
		char *text = strdup(texts[i]);
		assert_false(firewall_range_read(text, &range));
		free(text);
	}
	assert_false(firewall_range_read(NULL, &range));
}

static void knows_what_covers_what(void **) {
	assert_true(firewall_range_covers(range("10.0.0.0/8"), range("10.255.0.0/16")));
	assert_true(firewall_range_covers(range("10.0.0.0/8"), range("10.0.0.0/8")));
	assert_false(firewall_range_covers(range("10.0.0.0/16"), range("10.0.0.0/8")));
	assert_false(firewall_range_covers(range("10.0.0.0/8"), range("11.0.0.1")));
}

static void a_group_lets_in_what_one_of_its_rules_names(void **) {
	struct ec2_ip_range ranges[] = {{.cidr = "10.1.0.0/16"}, {.cidr = "10.2.0.0/16"}};
	struct ec2_group_pair pair = {.group_id = "sg-nlb"};
	struct ec2_permission permissions[] = {
		{.protocol = "udp",
		 .from_port = SHAPE_NUMBER_OF(4789),
		 .to_port = SHAPE_NUMBER_OF(4789),
		 .ranges = {ranges, 2}},
		{.protocol = "tcp",
		 .from_port = SHAPE_NUMBER_OF(8000),
		 .to_port = SHAPE_NUMBER_OF(8010),
		 .groups = {&pair, 1}},
	};
	struct ec2_security_group group = {.ingress = {permissions, 2}};
	const struct ec2_security_group *groups[] = {&group};
	static const char *const nlb[] = {"sg-x", "sg-nlb"};
	const struct {
		struct firewall_traffic traffic;
		enum firewall_verdict verdict;
	} cases[] = {
		{traffic(false, 17, 4789, 4789, "10.2.9.9"), FIREWALL_PASSES},
		{traffic(false, 17, 4789, 4789, "10.3.9.9"), FIREWALL_REFUSES},
		{traffic(false, 17, 4788, 4788, "10.2.9.9"), FIREWALL_REFUSES},
		{traffic(false, 6, 4789, 4789, "10.2.9.9"), FIREWALL_REFUSES},
		{traffic(true, 17, 4789, 4789, "10.2.9.9"), FIREWALL_REFUSES},
		{traffic(false, 6, 8000, 8000, "10.2.9.9"), FIREWALL_REFUSES},
	};
	for (size_t i = 0; i < N_OF(cases); i++)
		assert_int_equal(
			firewall_judge_groups(groups, 1, &cases[i].traffic), cases[i].verdict
		);
	struct firewall_traffic health = traffic(false, 6, 8000, 8000, "10.2.9.9");
	health.peer_groups = (struct shape_strings) {nlb, 2};
	assert_int_equal(firewall_judge_groups(groups, 1, &health), FIREWALL_PASSES);
	assert_int_equal(firewall_judge_groups(groups, 0, &health), FIREWALL_PASSES);
}

static void all_protocols_means_all_ports(void **) {
	struct ec2_ip_range anywhere = {.cidr = "0.0.0.0/0"};
	struct ec2_permission permission = {.protocol = "-1", .ranges = {&anywhere, 1}};
	struct ec2_security_group group = {.egress = {&permission, 1}};
	const struct ec2_security_group *groups[] = {&group};
	struct firewall_traffic out = traffic(true, 17, 4789, 4789, "10.0.0.1");
	assert_int_equal(firewall_judge_groups(groups, 1, &out), FIREWALL_PASSES);
}

static void a_prefix_list_may_let_in(void **) {
	struct ec2_prefix_list list = {.id = "pl-1"};
	struct ec2_permission permission = {
		.protocol = "17",
		.from_port = SHAPE_NUMBER_OF(0),
		.to_port = SHAPE_NUMBER_OF(65535),
		.prefix_lists = {&list, 1},
	};
	struct ec2_security_group group = {.ingress = {&permission, 1}};
	const struct ec2_security_group *groups[] = {&group};
	struct firewall_traffic vxlan = traffic(false, 17, 4789, 4789, "10.0.0.1");
	assert_int_equal(firewall_judge_groups(groups, 1, &vxlan), FIREWALL_MAY_PASS);
	struct firewall_traffic health = traffic(false, 6, 8000, 8000, "10.0.0.1");
	assert_int_equal(firewall_judge_groups(groups, 1, &health), FIREWALL_REFUSES);
}

// In no order, as EC2 may give them.
static struct ec2_acl_entry entries[] = {
	{.number = 32767, .protocol = "-1", .action = "deny", .cidr = "0.0.0.0/0"},
	{.number = 200,
	 .protocol = "17",
	 .action = "allow",
	 .cidr = "10.0.0.0/8",
	 .from_port = SHAPE_NUMBER_OF(4789),
	 .to_port = SHAPE_NUMBER_OF(4789)},
	{.number = 100, .protocol = "17", .action = "deny", .cidr = "10.9.0.0/16"},
	{.number = 50,
	 .protocol = "6",
	 .action = "allow",
	 .cidr = "0.0.0.0/0",
	 .from_port = SHAPE_NUMBER_OF(32768),
	 .to_port = SHAPE_NUMBER_OF(60999)},
	{.number = 10, .protocol = "-1", .action = "allow", .ipv6_cidr = "::/0"},
	{.number = 10,
	 .protocol = "-1",
	 .action = "allow",
	 .cidr = "0.0.0.0/0",
	 .is_egress = true,
	 .from_port = SHAPE_NUMBER_OF(1),
	 .to_port = SHAPE_NUMBER_OF(1)},
};
static const struct ec2_acl acl = {.entries = {entries, N_OF(entries)}};

static void the_lowest_entry_that_matches_decides(void **) {
	const struct {
		struct firewall_traffic traffic;
		enum firewall_verdict verdict;
	} cases[] = {
		{traffic(false, 17, 4789, 4789, "10.1.1.1"), FIREWALL_PASSES},
		{traffic(false, 17, 4789, 4789, "10.9.1.1"), FIREWALL_REFUSES},
		{traffic(false, 17, 4789, 4789, "10.0.0.0/8"), FIREWALL_REFUSES},
		{traffic(false, 17, 4789, 4789, "11.1.1.1"), FIREWALL_REFUSES},
		{traffic(false, 17, 4790, 4790, "10.1.1.1"), FIREWALL_REFUSES},
		{traffic(false, 6, 8000, 8000, "10.1.1.1"), FIREWALL_REFUSES},
		{traffic(false, 6, 40000, 50000, "10.1.1.1"), FIREWALL_PASSES},
		{traffic(false, 6, 1024, 65535, "10.1.1.1"), FIREWALL_PASSES_PARTLY},
		{traffic(true, 6, 1024, 65535, "10.1.1.1"), FIREWALL_PASSES},
	};
	for (size_t i = 0; i < N_OF(cases); i++)
		assert_int_equal(firewall_judge_acl(&acl, &cases[i].traffic), cases[i].verdict);
	assert_int_equal(firewall_judge_acl(NULL, &cases[1].traffic), FIREWALL_PASSES);
}

static void what_no_entry_matches_is_refused(void **) {
	struct ec2_acl empty = {0};
	struct firewall_traffic vxlan = traffic(false, 17, 4789, 4789, "10.1.1.1");
	assert_int_equal(firewall_judge_acl(&empty, &vxlan), FIREWALL_REFUSES);
}

static void the_longest_prefix_is_the_route(void **) {
	struct ec2_route routes[] = {
		{.cidr = "0.0.0.0/0", .gateway_id = "igw-1"},
		{.cidr = "10.0.0.0/16", .gateway_id = "local"},
		{.cidr = "10.0.0.0/8", .transit_gateway_id = "tgw-1"},
		{.ipv6_cidr = "::/0", .gateway_id = "igw-1"},
	};
	struct ec2_route_table table = {.routes = {routes, N_OF(routes)}};
	assert_ptr_equal(firewall_route(&table, range("10.0.1.1")), &routes[1]);
	assert_ptr_equal(firewall_route(&table, range("10.1.1.1")), &routes[2]);
	assert_ptr_equal(firewall_route(&table, range("8.8.8.8")), &routes[0]);
	table.routes.n = 0;
	assert_null(firewall_route(&table, range("10.0.1.1")));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_blocks_and_addresses),
		cmocka_unit_test(refuses_what_is_no_block),
		cmocka_unit_test(knows_what_covers_what),
		cmocka_unit_test(a_group_lets_in_what_one_of_its_rules_names),
		cmocka_unit_test(all_protocols_means_all_ports),
		cmocka_unit_test(a_prefix_list_may_let_in),
		cmocka_unit_test(the_lowest_entry_that_matches_decides),
		cmocka_unit_test(what_no_entry_matches_is_refused),
		cmocka_unit_test(the_longest_prefix_is_the_route),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
