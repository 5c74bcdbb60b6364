#include "instance_types.h"

#include <stdlib.h>
#include <string.h>

// Each list is sorted.

// clang-format off
static const char *const virtual_families[] = {
	"a1", "c4", "c5", "c5a", "c5ad", "c5d", "c5n", "c6a", "c6g", "c6gd", "c6gn", "c6i", "c6id",
	"c6in", "c7a", "c7g", "c7gd", "c7i", "c7i-flex", "d2", "d3", "d3en", "dl1", "dl2q", "f1",
	"f2", "g3", "g3s", "g4ad", "g4dn", "g5", "g5g", "g6", "g6e", "g6f", "gr6", "gr6f", "h1",
	"hpc6a", "hpc6id", "hpc7a", "i3", "i3en", "i4g", "i4i", "i7i", "im4gn", "inf1", "inf2",
	"is4gen", "m4", "m5", "m5a", "m5ad", "m5d", "m5dn", "m5n", "m5zn", "m6a", "m6g", "m6gd",
	"m6i", "m6id", "m6idn", "m6in", "m7a", "m7g", "m7gd", "m7i", "m7i-flex", "mac1", "mac2",
	"mac2-m1ultra", "mac2-m2", "mac2-m2pro", "p2", "p3", "p3dn", "p4d", "p4de", "p5", "p5e",
	"r4", "r5", "r5a", "r5ad", "r5b", "r5d", "r5dn", "r5n", "r6a", "r6g", "r6gd", "r6i",
	"r6id", "r6idn", "r6in", "r7a", "r7g", "r7gd", "r7i", "r7iz", "t3", "t3a", "t4g", "trn1",
	"trn1n", "u-12tb1", "u-18tb1", "u-24tb1", "u-3tb1", "u-6tb1", "u-9tb1", "u7i-12tb",
	"u7i-6tb", "u7i-8tb", "u7in-16tb", "u7in-24tb", "u7in-32tb", "u7inh-32tb", "vt1", "x1",
	"x1e", "x2gd", "x2idn", "x2iedn", "x2iezn", "z1d",
};

// Bare metal works on Nitro v2 alone.
static const char *const metal_families[] = {
	"a1", "c5", "c5d", "c6g", "c6gd", "g5g", "i3", "m5", "m5d", "m6g", "m6gd", "mac1", "mac2",
	"mac2-m1ultra", "mac2-m2", "mac2-m2pro", "r5", "r5b", "r5d", "r6g", "r6gd", "x2gd", "z1d",
};

// Older than Nitro, or Nitro v5 and v6.
static const char *const unsupported_families[] = {
	"c1", "c3", "c7gn", "c8a", "c8g", "c8gb", "c8gd", "c8gn", "c8i", "c8i-flex", "c8ib",
	"c8id", "c8in", "c8ine", "cc2", "cg1", "cr1", "g2", "g7e", "hpc7g", "hpc8a", "hs1", "i2",
	"i7ie", "i8g", "i8ge", "m1", "m2", "m3", "m8a", "m8azn", "m8g", "m8gb", "m8gd", "m8gn",
	"m8i", "m8i-flex", "m8ib", "m8id", "m8idb", "m8idn", "m8in", "m8ine", "mac-m4",
	"mac-m4pro", "p5en", "p6-b200", "p6-b300", "p6e-gb200", "r3", "r8a", "r8g", "r8gb", "r8gd",
	"r8gn", "r8i", "r8i-flex", "r8ib", "r8id", "r8idb", "r8idn", "r8in", "t1", "t2", "trn2",
	"trn2u", "x8aedz", "x8g", "x8i",
};
// clang-format on

#define FAMILY_MAX 32

static int compare(const void *key, const void *item) {
	return strcmp(key, *(const char *const *)item);
}

static bool is_among(const char *family, const char *const *list, size_t n) {
	return bsearch(family, list, n, sizeof(*list), compare) != NULL;
}

#define IS_AMONG(family, list) is_among(family, list, sizeof(list) / sizeof((list)[0]))

enum instance_types_support
instance_types_support(const char *type, const struct shape_strings *extra) {
	char family[FAMILY_MAX];
	size_t len = strcspn(type, ".");
	if (len >= sizeof(family) || type[len] != '.')
		return INSTANCE_TYPES_UNKNOWN;
	memcpy(family, type, len);
	family[len] = 0;
	for (size_t i = 0; i < extra->n; i++)
		if (strcmp(extra->items[i], family) == 0 || strcmp(extra->items[i], type) == 0)
			return INSTANCE_TYPES_SUPPORTED;
	bool is_metal = strncmp(type + len + 1, "metal", 5) == 0;
	if (is_metal && IS_AMONG(family, metal_families))
		return INSTANCE_TYPES_SUPPORTED;
	if (IS_AMONG(family, virtual_families))
		return is_metal ? INSTANCE_TYPES_UNSUPPORTED : INSTANCE_TYPES_SUPPORTED;
	if (IS_AMONG(family, unsupported_families))
		return INSTANCE_TYPES_UNSUPPORTED;
	return INSTANCE_TYPES_UNKNOWN;
}
