#pragma once

// The tenancy of a configuration as the workers look it up.

#include "config.h"
#include "tenancy.h"

struct tenants {
	struct tenancy tenancy;
	struct tenancy_entry *entries; // owned; ordered by VNI
};

// -ENOMEM.
[[nodiscard]] int tenants_make(const struct config_tenancy *config, struct tenants *ret);
void tenants_release(struct tenants *tenants);
