#include "candidate.h"
#include "lab.h"
#include "resolve.h"
#include "source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// Against the stand-in's sample account, see tests/aws/standin/sample.py.

struct world {
	struct lab lab;
	struct inventory inventory;
	struct resolution resolution;
	struct candidates candidates;
	struct arena arena;
};

static int setup(void **state) {
	struct world *world = calloc(1, sizeof(*world));
	struct shape_strings none = {0};
	lab_open(&world->lab);
	lab_check(
		inventory_load(world->lab.client, &none, &world->inventory, &world->lab.error),
		&world->lab.error,
		"inventory"
	);
	*state = world;
	return 0;
}

static int teardown(void **state) {
	struct world *world = *state;
	lab_assert_no_violations(&world->lab);
	candidates_release(&world->candidates);
	resolution_release(&world->resolution);
	inventory_release(&world->inventory);
	arena_release(&world->arena);
	lab_close(&world->lab);
	free(world);
	return 0;
}

static void discover_all(
	struct world *world,
	struct source *sources,
	size_t n,
	const struct candidate_options *options
) {
	candidates_release(&world->candidates);
	resolution_release(&world->resolution);
	lab_check(
		resolve_sources(
			world->lab.client,
			&world->inventory,
			sources,
			n,
			&world->resolution,
			&world->lab.error
		),
		&world->lab.error,
		"resolve"
	);
	assert_int_equal(
		candidates_judge(
			&world->inventory, &world->resolution, options, &world->candidates
		),
		0
	);
}

static struct source source_of(struct world *world, const char *text) {
	struct source source;
	lab_check(
		source_parse(text, &world->arena, &source, &world->lab.error),
		&world->lab.error,
		text
	);
	return source;
}

static void discover(struct world *world, const char *text) {
	static const struct candidate_options options = {.deployment = "test"};
	struct source source = source_of(world, text);
	discover_all(world, &source, 1, &options);
}

// The id of the instance with this Name.
static const char *instance_named(const struct world *world, const char *name) {
	for (size_t i = 0; i < world->inventory.instances.n; i++) {
		const struct ec2_instance *instance = world->inventory.instances.entries[i].value;
		if (tags_has(&instance->tags, "Name", name))
			return instance->id;
	}
	fail_msg("no instance is named '%s'", name);
	return NULL;
}

static const struct candidate *only(const struct world *world) {
	if (world->candidates.n != 1)
		fail_msg("%zu candidates, wanted 1", world->candidates.n);
	return &world->candidates.items[0];
}

static void discover_instance(struct world *world, const char *name) {
	const char *text = arena_printf(&world->arena, "instance/%s", instance_named(world, name));
	discover(world, text);
}

static void finds_every_interface_of_an_instance(void **state) {
	struct world *world = *state;
	discover_instance(world, "shop-web-1");
	assert_int_equal(world->candidates.n, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(world->candidates.items[i].verdict, CANDIDATE_FINE);
	struct source source = source_of(
		world,
		arena_printf(&world->arena, "instance/%s", instance_named(world, "shop-web-1"))
	);
	struct candidate_options options = {.deployment = "test"};
	source.is_primary_only = true;
	discover_all(world, &source, 1, &options);
	assert_int_equal(only(world)->interface->device_index, 0);
	assert_int_equal(only(world)->number, 1);
}

static void refuses_types_that_cannot_be_mirrored(void **state) {
	struct world *world = *state;
	static const char *const names[] = {"shop-legacy", "shop-orders", "billing-export"};
	for (size_t i = 0; i < 3; i++) {
		discover_instance(world, names[i]);
		assert_int_equal(only(world)->reason, CANDIDATE_REASON_TYPE_UNSUPPORTED);
		assert_non_null(only(world)->instead);
	}
	const char *extra[] = {"m8g"};
	struct candidate_options options = {.deployment = "test", .extra_types = {extra, 1}};
	struct source source = source_of(
		world,
		arena_printf(&world->arena, "instance/%s", instance_named(world, "shop-orders"))
	);
	discover_all(world, &source, 1, &options);
	assert_int_equal(only(world)->verdict, CANDIDATE_FINE);
}

static void refuses_what_is_stopped_or_has_no_ipv4(void **state) {
	struct world *world = *state;
	discover_instance(world, "shop-batch");
	assert_int_equal(only(world)->reason, CANDIDATE_REASON_NOT_RUNNING);
	discover_instance(world, "billing-ipv6");
	assert_int_equal(only(world)->reason, CANDIDATE_REASON_IPV6_ONLY);
}

static void sees_another_vendors_session(void **state) {
	struct world *world = *state;
	discover_instance(world, "billing-ledger");
	assert_int_equal(only(world)->reason, CANDIDATE_REASON_STARVED);
	assert_int_equal(only(world)->n_foreign, 1);
	discover_instance(world, "vendor-sensor");
	assert_int_equal(only(world)->reason, CANDIDATE_REASON_APPLIANCE);

	struct candidate_options options = {.deployment = "test", .session_number = 1};
	struct source source = source_of(
		world,
		arena_printf(&world->arena, "instance/%s", instance_named(world, "billing-ledger"))
	);
	discover_all(world, &source, 1, &options);
	assert_int_equal(only(world)->reason, CANDIDATE_REASON_NUMBER_TAKEN);
}

static void selects_by_all_of_the_tags(void **state) {
	struct world *world = *state;
	discover(world, "tag/env=production,tier=api");
	// web-1 with two interfaces, web-2, web-3, search; orders is of a type that cannot be mirrored
	size_t n_fine = 0;
	for (size_t i = 0; i < world->candidates.n; i++)
		n_fine += world->candidates.items[i].verdict == CANDIDATE_FINE;
	assert_int_equal(world->candidates.n, 6);
	assert_int_equal(n_fine, 5);
	discover(world, "tag/env=nothing");
	assert_int_equal(world->candidates.n, 0);
	assert_int_equal(world->resolution.n_problems, 1);
}

static void goes_through_a_load_balancer_to_its_targets(void **state) {
	struct world *world = *state;
	discover(world, "lb/shop-front");
	assert_int_equal(world->candidates.n, 3);
	assert_int_equal(world->resolution.n_ports, 1);
	assert_int_equal(world->resolution.ports[0], 8080);
	discover(world, "lb/shop-internal");
	assert_int_equal(world->candidates.n, 2);
	assert_int_equal(world->resolution.ports[0], 9090);
	discover(world, "lb/shop-classic");
	assert_int_equal(world->candidates.n, 1);
	discover(world, "lb/nothing");
	assert_int_equal(world->resolution.n_problems, 1);
}

static void takes_a_load_balancers_own_interfaces_when_asked(void **state) {
	struct world *world = *state;
	struct candidate_options options = {.deployment = "test"};
	struct source source = source_of(world, "lb/shop-front");
	source.lb_mode = SOURCE_LB_ENIS;
	discover_all(world, &source, 1, &options);
	assert_true(world->candidates.n >= 2);
	for (size_t i = 0; i < world->candidates.n; i++)
		assert_int_equal(world->candidates.items[i].reason, CANDIDATE_REASON_ALB);
	source = source_of(world, "lb/shop-internal");
	source.lb_mode = SOURCE_LB_ENIS;
	discover_all(world, &source, 1, &options);
	assert_int_equal(world->resolution.n_problems, 1);
	source = source_of(world, "lb/shop-classic");
	source.lb_mode = SOURCE_LB_ENIS;
	discover_all(world, &source, 1, &options);
	assert_int_equal(only(world)->reason, CANDIDATE_REASON_ALB);
}

static void finds_the_tasks_of_a_service(void **state) {
	struct world *world = *state;
	discover(world, "ecs/shop/payments");
	assert_int_equal(world->candidates.n, 3);
	assert_int_equal(world->candidates.items[0].reason, CANDIDATE_REASON_FARGATE);
	discover(world, "ecs/shop/cart");
	assert_int_equal(world->candidates.n, 2);
	assert_int_equal(world->candidates.items[0].reason, CANDIDATE_REASON_ECS_AWSVPC);
	discover(world, "ecs/shop/nothing");
	assert_int_equal(world->resolution.n_problems, 1);
	discover(world, "ecs/nothing/cart");
	assert_int_equal(world->resolution.n_problems, 1);
}

static void shares_a_host_between_services(void **state) {
	struct world *world = *state;
	struct candidate_options options = {.deployment = "test"};
	struct source sources[] = {
		source_of(world, "ecs/shop/images"),
		source_of(world, "ecs/shop/mail"),
		source_of(world, "ecs/shop/metrics"),
	};
	discover_all(world, sources, 3, &options);
	assert_int_equal(world->candidates.n, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct candidate *candidate = &world->candidates.items[i];
		assert_int_equal(candidate->verdict, CANDIDATE_FINE);
		assert_int_equal(candidate->sources.n, 3);
		assert_string_equal(candidate->sources.items[2], "ecs/shop/metrics");
	}
}

static void finds_the_members_of_a_group(void **state) {
	struct world *world = *state;
	discover(world, "asg/shop-workers");
	assert_int_equal(world->candidates.n, 2);
	assert_int_equal(world->candidates.items[0].verdict, CANDIDATE_FINE);
	discover(world, "asg/nothing");
	assert_int_equal(world->resolution.n_problems, 1);
}

static const struct candidate *described(const struct world *world, const char *description) {
	for (size_t i = 0; i < world->candidates.n; i++)
		if (strstr(world->candidates.items[i].interface->description, description) != NULL)
			return &world->candidates.items[i];
	fail_msg("no candidate is described as '%s'", description);
	return NULL;
}

static void judges_every_interface_of_a_vpc(void **state) {
	struct world *world = *state;
	const char *vpc = NULL;
	for (size_t i = 0; i < world->inventory.vpcs.vpcs.n; i++)
		if (tags_has(&world->inventory.vpcs.vpcs.items[i].tags, "Name", "shop"))
			vpc = world->inventory.vpcs.vpcs.items[i].id;
	discover(world, arena_printf(&world->arena, "vpc/%s", vpc));
	assert_int_equal(described(world, "RDS")->verdict, CANDIDATE_FINE);
	assert_int_equal(described(world, "ElastiCache")->verdict, CANDIDATE_FINE);
	assert_int_equal(described(world, "Lambda")->reason, CANDIDATE_REASON_INTERFACE_TYPE);
	assert_int_equal(described(world, "NAT Gateway")->reason, CANDIDATE_REASON_INTERFACE_TYPE);
	assert_int_equal(described(world, "VPC Endpoint")->reason, CANDIDATE_REASON_INTERFACE_TYPE);
	assert_int_equal(described(world, "ELB app/")->reason, CANDIDATE_REASON_ALB);
	assert_int_equal(described(world, "ELB net/")->reason, CANDIDATE_REASON_INTERFACE_TYPE);
}

static void says_when_an_id_is_unknown(void **state) {
	struct world *world = *state;
	discover(world, "instance/i-0123456789abcdef0");
	assert_int_equal(world->resolution.n_problems, 1);
	discover(world, "eni/eni-0123456789abcdef0");
	assert_int_equal(world->resolution.n_problems, 1);
	discover(world, "subnet/subnet-0123456789abcdef0");
	assert_int_equal(world->resolution.n_problems, 1);
	discover(world, "vpc/vpc-0123456789abcdef0");
	assert_int_equal(world->resolution.n_problems, 1);
	assert_string_equal(world->resolution.problems[0].source, "vpc/vpc-0123456789abcdef0");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			finds_every_interface_of_an_instance, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			refuses_types_that_cannot_be_mirrored, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			refuses_what_is_stopped_or_has_no_ipv4, setup, teardown
		),
		cmocka_unit_test_setup_teardown(sees_another_vendors_session, setup, teardown),
		cmocka_unit_test_setup_teardown(selects_by_all_of_the_tags, setup, teardown),
		cmocka_unit_test_setup_teardown(
			goes_through_a_load_balancer_to_its_targets, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			takes_a_load_balancers_own_interfaces_when_asked, setup, teardown
		),
		cmocka_unit_test_setup_teardown(finds_the_tasks_of_a_service, setup, teardown),
		cmocka_unit_test_setup_teardown(shares_a_host_between_services, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_the_members_of_a_group, setup, teardown),
		cmocka_unit_test_setup_teardown(judges_every_interface_of_a_vpc, setup, teardown),
		cmocka_unit_test_setup_teardown(says_when_an_id_is_unknown, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
