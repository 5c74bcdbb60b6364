#include "decap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static enum verdict decap(const uint8_t *bytes, size_t len, struct decap_result *ret) {
	uint8_t *exact = malloc(len);
	memcpy(exact, bytes, len);
	enum verdict verdict = decap_vxlan(slice_of(exact, len), ret);
	free(exact);
	return verdict;
}

static void reads_the_vni(void **) {
	const uint8_t header[] = {0x08, 0, 0, 0, 0x54, 0xfa, 0x21, 0};
	struct decap_result result;
	assert_int_equal(decap(header, sizeof(header), &result), VERDICT_DELIVERED);
	assert_int_equal(result.vni, 0x54fa21);
	assert_int_equal(result.inner_at, 8);
}

static void does_not_mind_reserved_bits(void **) {
	const uint8_t header[] = {0xff, 0xff, 0xff, 0xff, 0, 0, 1, 0xff};
	struct decap_result result;
	assert_int_equal(decap(header, sizeof(header), &result), VERDICT_DELIVERED);
	assert_int_equal(result.vni, 1);
}

static void refuses_a_header_without_a_valid_vni(void **) {
	const uint8_t header[] = {0xf7, 0, 0, 0, 0, 0, 1, 0};
	struct decap_result result;
	assert_int_equal(decap(header, sizeof(header), &result), VERDICT_DECAP_NO_VNI);
}

static void refuses_a_short_header(void **) {
	const uint8_t header[] = {0x08, 0, 0, 0, 0, 0, 1};
	for (size_t len = 0; len <= sizeof(header); len++) {
		struct decap_result result = {.vni = 77};
		assert_int_equal(decap(header, len, &result), VERDICT_DECAP_SHORT);
		assert_int_equal(result.vni, 77);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_vni),
		cmocka_unit_test(does_not_mind_reserved_bits),
		cmocka_unit_test(refuses_a_header_without_a_valid_vni),
		cmocka_unit_test(refuses_a_short_header),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
