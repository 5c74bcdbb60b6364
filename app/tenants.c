#include "tenants.h"

#include <errno.h>
#include <stdlib.h>

static int compare_vni(const void *a, const void *b) {
	const struct tenancy_entry *x = a, *y = b;
	return x->vni < y->vni ? -1 : x->vni > y->vni;
}

int tenants_make(const struct config_tenancy *config, struct tenants *ret) {
	size_t n = 0;
	for (size_t i = 0; i < config->groups.n; i++)
		n += config->groups.items[i].n;
	*ret = (struct tenants) {.tenancy.is_isolated = config->mode == CONFIG_TENANCY_ISOLATE};
	if (n == 0)
		return 0;
	ret->entries = calloc(n, sizeof(*ret->entries));
	if (ret->entries == NULL)
		return -ENOMEM;
	struct tenancy_entry *entry = ret->entries;
	for (size_t i = 0; i < config->groups.n; i++) {
		const struct config_vnis *group = &config->groups.items[i];
		for (size_t j = 0; j < group->n; j++)
			*entry++ = (struct tenancy_entry) {group->items[j], (uint32_t)i + 1};
	}
	qsort(ret->entries, n, sizeof(*ret->entries), compare_vni);
	ret->tenancy.entries = ret->entries;
	ret->tenancy.n_entries = (uint32_t)n;
	return 0;
}

void tenants_release(struct tenants *tenants) {
	free(tenants->entries);
	*tenants = (struct tenants) {};
}
