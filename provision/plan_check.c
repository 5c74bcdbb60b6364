#include "planner.h"

#include <errno.h>

static int missing(struct planner *planner, const char *what, const char *id) {
	return aws_error_set(
		planner->error,
		-EINVAL,
		"NotThere",
		"there is no %s '%s' in region '%s'; check the id and the region",
		what,
		id,
		planner->deployment->region
	);
}

static int check_subnets(struct planner *planner) {
	const struct deployment *deployment = planner->deployment;
	for (size_t i = 0; i < deployment->subnet_ids.n; i++) {
		const char *id = deployment->subnet_ids.items[i];
		const struct ec2_subnet *subnet = inventory_subnet(planner->inventory, id);
		if (subnet == NULL)
			return missing(planner, "subnet", id);
	}
	return 0;
}

int planner_check(struct planner *planner) {
	const struct deployment *deployment = planner->deployment;
	const struct inventory *inventory = planner->inventory;
	const char *vpc_id = deployment->vpc_id;
	const char *target = deployment->existing_target, *filter = deployment->existing_filter;
	if (vpc_id != NULL && inventory_vpc(inventory, vpc_id) == NULL)
		return missing(planner, "VPC", vpc_id);
	if (target != NULL && index_find(&inventory->targets_by_id, target) == NULL)
		return missing(planner, "mirror target", target);
	if (filter != NULL && index_find(&inventory->filters_by_id, filter) == NULL)
		return missing(planner, "mirror filter", filter);
	return check_subnets(planner);
}
