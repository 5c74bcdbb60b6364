#include "ownership.h"
#include "pause.h"
#include "session_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// One session of which all is well, to be spoiled in one place.
struct world {
	struct arena arena;
	struct inventory inventory;
	struct aws_tag session_tags[3], filter_tags[3];
	struct ec2_mirror_session sessions[2];
	struct ec2_mirror_rule ingress, egress;
	struct ec2_mirror_filter filters[2];
	struct ec2_mirror_target target;
	struct ec2_network_interface interface;
	struct ec2_instance instance;
	struct elbv2_load_balancer balancer;
	struct elbv2_listener listener;
	struct elbv2_target_health health;
	struct mirror_path path;
	struct mirror_paths paths;
	size_t n_sessions;
	bool has_interface, has_filter;
};

#define TAGS(array, third_key, third_value)                                                        \
	array[0] = (struct aws_tag) {OWNERSHIP_TAG_MANAGED, "true"};                               \
	array[1] = (struct aws_tag) {OWNERSHIP_TAG_DEPLOYMENT, "prod"};                            \
	array[2] = (struct aws_tag) {                                                              \
		third_key, third_value                                                             \
	}

static struct ec2_mirror_rule any_tcp(const char *direction) {
	return (struct ec2_mirror_rule) {
		.direction = direction,
		.number = 1,
		.action = "accept",
		.protocol = SHAPE_NUMBER_OF(6),
		.source_cidr = "0.0.0.0/0",
		.destination_cidr = "0.0.0.0/0",
	};
}

static void make_mirroring(struct world *world) {
	TAGS(world->session_tags, OWNERSHIP_TAG_SOURCE, "tag/a=1,b=2,ecs/shop/cart");
	TAGS(world->filter_tags, PAUSE_TAG, "paused");
	world->sessions[0] = (struct ec2_mirror_session) {
		.id = "tms-1",
		.target_id = "tmt-1",
		.filter_id = "tmf-1",
		.network_interface_id = "eni-1",
		.owner_id = "111122223333",
		.number = 5,
		.tags = {.items = world->session_tags, .n = 3},
	};
	world->sessions[1] = (struct ec2_mirror_session) {
		.id = "tms-2",
		.filter_id = "tmf-1",
		.network_interface_id = "eni-1",
		.owner_id = "111122223333",
		.number = 1,
	};
	world->n_sessions = 1;
	world->ingress = any_tcp("ingress");
	world->egress = any_tcp("egress");
	world->filters[0] = (struct ec2_mirror_filter) {
		.id = "tmf-1",
		.ingress = {.items = &world->ingress, .n = 1},
		.egress = {.items = &world->egress, .n = 1},
		.tags = {.items = world->filter_tags, .n = 2},
	};
}

static void make_rest(struct world *world) {
	world->interface = (struct ec2_network_interface) {
		.id = "eni-1",
		.instance_id = "i-1",
		.status = "in-use",
	};
	world->instance = (struct ec2_instance) {
		.id = "i-1",
		.type = "m7i.large",
		.state = "running",
	};
	world->balancer = (struct elbv2_load_balancer) {.name = "metlo-prod", .state = "active"};
	world->health = (struct elbv2_target_health) {.id = "i-9", .state = "healthy"};
	world->path = (struct mirror_path) {
		.target_id = "tmt-1",
		.balancer = &world->balancer,
		.listener = &world->listener,
		.health.targets = {.items = &world->health, .n = 1},
		.n_healthy = 1,
	};
	world->paths = (struct mirror_paths) {.items = &world->path, .n = 1};
	world->has_interface = world->has_filter = true;
}

static int setup(void **state) {
	struct world *world = calloc(1, sizeof(*world));
	make_mirroring(world);
	make_rest(world);
	*state = world;
	return 0;
}

static int teardown(void **state) {
	struct world *world = *state;
	arena_release(&world->arena);
	free(world);
	return 0;
}

static void must(int result) {
	assert_int_equal(result, 0);
}

static void fill(struct world *world) {
	struct arena *arena = &world->arena;
	struct inventory *inventory = &world->inventory;
	inventory->account = "111122223333";
	inventory->filters.filters.items = world->filters;
	inventory->filters.filters.n = world->has_filter;
	if (world->has_interface)
		must(index_add(&inventory->interfaces, arena, "eni-1", &world->interface));
	must(index_add(&inventory->instances, arena, "i-1", &world->instance));
	if (world->has_filter)
		must(index_add(&inventory->filters_by_id, arena, "tmf-1", &world->filters[0]));
	for (size_t i = 0; i < world->n_sessions; i++)
		must(index_add(
			&inventory->sessions_by_interface, arena, "eni-1", &world->sessions[i]
		));
	index_sort(&inventory->sessions_by_interface);
}

static void assert_status(
	struct world *world,
	enum session_status_state state,
	enum session_status_reason reason
) {
	struct session_status status;
	fill(world);
	must(session_status_judge(
		&world->inventory, &world->paths, NULL, &world->sessions[0], &world->arena, &status
	));
	if (status.reason != reason)
		fail_msg(
			"%s: %s",
			session_status_reason_text(status.reason),
			status.why == NULL ? "" : status.why
		);
	assert_int_equal(status.state, state);
	assert_int_equal(status.why == NULL, reason == SESSION_REASON_NONE);
}

static void flows_where_nothing_is_wrong(void **state) {
	assert_status(*state, SESSION_FLOWING, SESSION_REASON_NONE);
}

static void sees_that_the_interface_is_gone(void **state) {
	struct world *world = *state;
	world->has_interface = false;
	assert_status(world, SESSION_STOPPED, SESSION_REASON_INTERFACE_GONE);
}

static void sees_that_the_interface_is_detached(void **state) {
	struct world *world = *state;
	world->interface.instance_id = NULL;
	world->interface.status = "available";
	assert_status(world, SESSION_STOPPED, SESSION_REASON_NOT_ATTACHED);
}

static void sees_that_the_instance_is_stopped(void **state) {
	struct world *world = *state;
	world->instance.state = "stopped";
	assert_status(world, SESSION_STOPPED, SESSION_REASON_NOT_RUNNING);
}

static void sees_a_type_that_cannot_be_mirrored(void **state) {
	struct world *world = *state;
	world->instance.type = "m8g.large";
	assert_status(world, SESSION_STOPPED, SESSION_REASON_TYPE_UNSUPPORTED);
}

static void sees_a_filter_that_is_gone(void **state) {
	struct world *world = *state;
	world->has_filter = false;
	assert_status(world, SESSION_STOPPED, SESSION_REASON_FILTER_GONE);
}

static void sees_a_filter_that_accepts_nothing(void **state) {
	struct world *world = *state;
	world->ingress.action = "reject";
	world->filters[0].egress.n = 0;
	assert_status(world, SESSION_STOPPED, SESSION_REASON_FILTER_EMPTY);
}

static void sees_a_filter_of_one_direction(void **state) {
	struct world *world = *state;
	world->filters[0].egress.n = 0;
	assert_status(world, SESSION_PARTIAL, SESSION_REASON_FILTER_ONE_WAY);
}

static void sees_another_session_that_takes_all(void **state) {
	struct world *world = *state;
	world->n_sessions = 2;
	assert_status(world, SESSION_STOPPED, SESSION_REASON_STARVED);
}

static void bears_another_session_that_comes_later(void **state) {
	struct world *world = *state;
	world->n_sessions = 2;
	world->sessions[1].number = 6;
	assert_status(world, SESSION_FLOWING, SESSION_REASON_NONE);
}

static void does_not_guess_at_a_filter_that_cannot_be_seen(void **state) {
	struct world *world = *state;
	world->n_sessions = 2;
	world->sessions[1].filter_id = "tmf-9";
	assert_status(world, SESSION_UNKNOWN, SESSION_REASON_FOREIGN_FILTER_UNKNOWN);
}

static void sees_that_the_listener_is_missing(void **state) {
	struct world *world = *state;
	world->path.listener = NULL;
	assert_status(world, SESSION_STOPPED, SESSION_REASON_NO_LISTENER);
}

static void sees_that_no_appliance_takes_it(void **state) {
	struct world *world = *state;
	world->path.n_healthy = 0;
	world->health.state = "unhealthy";
	assert_status(world, SESSION_STOPPED, SESSION_REASON_NO_HEALTHY_APPLIANCE);
}

static void sees_that_appliances_are_starting(void **state) {
	struct world *world = *state;
	world->path.n_healthy = 0;
	world->path.n_starting = 1;
	assert_status(world, SESSION_STOPPED, SESSION_REASON_APPLIANCES_STARTING);
}

static void sees_that_no_appliance_is_registered(void **state) {
	struct world *world = *state;
	world->path.n_healthy = 0;
	world->path.health.targets.n = 0;
	assert_status(world, SESSION_STOPPED, SESSION_REASON_NO_APPLIANCE);
}

static void sees_that_the_target_is_gone(void **state) {
	struct world *world = *state;
	world->path.view = MIRROR_PATH_GONE;
	assert_status(world, SESSION_STOPPED, SESSION_REASON_TARGET_GONE);
}

static void says_when_it_may_not_look(void **state) {
	struct world *world = *state;
	world->path.view = MIRROR_PATH_HIDDEN;
	assert_status(world, SESSION_UNKNOWN, SESSION_REASON_TARGET_HIDDEN);
}

static void says_when_another_account_has_made_it(void **state) {
	struct world *world = *state;
	world->sessions[0].owner_id = "444455556666";
	world->has_interface = false;
	assert_status(world, SESSION_UNKNOWN, SESSION_REASON_OTHER_ACCOUNT);
}

static void says_when_it_is_left_over_in_a_pause(void **state) {
	struct world *world = *state;
	world->filters[0].tags.n = 3;
	assert_status(world, SESSION_STOPPED, SESSION_REASON_PAUSED);
}

static void keeps_the_gravest_reason(void **state) {
	struct world *world = *state;
	world->filters[0].egress.n = 0;
	world->instance.state = "stopped";
	world->path.listener = NULL;
	assert_status(world, SESSION_STOPPED, SESSION_REASON_NOT_RUNNING);
}

static void knows_its_sources(void **state) {
	struct world *world = *state;
	static const struct {
		const char *key;
		bool is_one;
	} cases[] = {
		{"tag/a=1,b=2", true},
		{"ecs/shop/cart", true},
		{"eni/eni-1", true},
		{"instance/i-1", true},
		{"tag/a=1", false},
		{"b=2", false},
		{"ecs/shop", false},
		{"eni/eni-2", false},
		{"", false},
	};
	fill(world);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (session_has_source(&world->inventory, &world->sessions[0], cases[i].key)
		    != cases[i].is_one)
			fail_msg("'%s'", cases[i].key);
	struct shape_strings keys;
	must(session_sources(&world->sessions[0], &world->arena, &keys));
	assert_int_equal(keys.n, 2);
	assert_string_equal(keys.items[0], "tag/a=1,b=2");
	assert_string_equal(keys.items[1], "ecs/shop/cart");
	must(session_sources(&world->sessions[1], &world->arena, &keys));
	assert_int_equal(keys.n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(flows_where_nothing_is_wrong),
		TEST(sees_that_the_interface_is_gone),
		TEST(sees_that_the_interface_is_detached),
		TEST(sees_that_the_instance_is_stopped),
		TEST(sees_a_type_that_cannot_be_mirrored),
		TEST(sees_a_filter_that_is_gone),
		TEST(sees_a_filter_that_accepts_nothing),
		TEST(sees_a_filter_of_one_direction),
		TEST(sees_another_session_that_takes_all),
		TEST(bears_another_session_that_comes_later),
		TEST(does_not_guess_at_a_filter_that_cannot_be_seen),
		TEST(sees_that_the_listener_is_missing),
		TEST(sees_that_no_appliance_takes_it),
		TEST(sees_that_appliances_are_starting),
		TEST(sees_that_no_appliance_is_registered),
		TEST(sees_that_the_target_is_gone),
		TEST(says_when_it_may_not_look),
		TEST(says_when_another_account_has_made_it),
		TEST(says_when_it_is_left_over_in_a_pause),
		TEST(keeps_the_gravest_reason),
		TEST(knows_its_sources),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
