#include "frame.h"
#include "tenants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct tenants make(struct config *config, const char *text) {
	struct tenants tenants;
	struct failure failure;
	assert_int_equal(config_init(config), 0);
	assert_int_equal(config_parse(config, text, strlen(text), &failure), 0);
	assert_int_equal(tenants_make(&config->tenancy, &tenants), 0);
	return tenants;
}

static void shared_is_one_network(void **) {
	struct config config;
	struct tenants tenants = make(&config, "{}");
	assert_int_equal(
		tenancy_network(&tenants.tenancy, 1), tenancy_network(&tenants.tenancy, 77)
	);
	tenants_release(&tenants);
	config_release(&config);
}

static void isolated_vnis_are_networks_but_for_their_groups(void **) {
	struct config config;
	struct tenants tenants =
		make(&config,
		     "{\"tenancy\": {\"mode\": \"isolate\", \"groups\": [[9, 2], [5], [16777215, "
		     "1, 7]]}}");
	const struct tenancy *tenancy = &tenants.tenancy;
	assert_int_equal(tenancy_network(tenancy, 9), tenancy_network(tenancy, 2));
	assert_int_equal(tenancy_network(tenancy, 16777215), tenancy_network(tenancy, 7));
	assert_int_not_equal(tenancy_network(tenancy, 9), tenancy_network(tenancy, 5));
	assert_int_not_equal(tenancy_network(tenancy, 5), tenancy_network(tenancy, 7));
	assert_int_not_equal(tenancy_network(tenancy, 100), tenancy_network(tenancy, 101));
	assert_int_not_equal(tenancy_network(tenancy, 3), tenancy_network(tenancy, 7));
	tenants_release(&tenants);
	config_release(&config);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared_is_one_network),
		cmocka_unit_test(isolated_vnis_are_networks_but_for_their_groups),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
