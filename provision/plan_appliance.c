#include "launch.h"
#include "ownership.h"
#include "planner.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static int plan_template(struct planner *planner, const char *hash, bool *ret_is_new) {
	const struct ec2_launch_template *template = planner->found->template;
	const char *known = planner->found->template_hash;
	bool is_same = template != NULL && known != NULL && strcmp(known, hash) == 0;
	enum plan_action action = template == NULL ? PLAN_CREATE
		: is_same			   ? PLAN_KEEP
						   : PLAN_CHANGE;
	struct plan_step *step = planner_add(
		planner,
		action,
		PLAN_TEMPLATE,
		deployment_name(planner->deployment, NULL, &planner->plan->arena),
		template == NULL ? NULL : template->id,
		"%s",
		template == NULL  ? "is what the appliances are launched from"
			: is_same ? "as it should be"
				  : "the appliances are to be launched differently"
	);
	if (step == NULL)
		return -ENOMEM;
	step->hash = hash;
	*ret_is_new = action == PLAN_CHANGE;
	return 0;
}

static int plan_scaling_group(struct planner *planner, bool has_new_template) {
	const struct deployment_appliances *wanted = &planner->deployment->appliances;
	const struct autoscaling_group *group = planner->found->group;
	int64_t max = wanted->n_max == 0 ? wanted->n : wanted->n_max;
	const char *reason = "as it should be";
	enum plan_action action = PLAN_KEEP;
	if (group == NULL) {
		action = PLAN_CREATE;
		reason = "runs the appliances";
	} else if (has_new_template) {
		action = PLAN_CHANGE;
		reason = "its instances are replaced one by one";
	} else if (group->max != max || group->min != wanted->n) {
		action = PLAN_CHANGE;
		reason = "its size is another";
	}
	const char *name = deployment_name(planner->deployment, NULL, &planner->plan->arena);
	const char *id = group == NULL ? NULL : group->name;
	return planner_add(planner, action, PLAN_SCALING_GROUP, name, id, "%s", reason) == NULL
		? -ENOMEM
		: 0;
}

static int plan_group(struct planner *planner, const char *hash) {
	bool has_new_template = false;
	int result = plan_template(planner, hash, &has_new_template);
	return result < 0 ? result : plan_scaling_group(planner, has_new_template);
}

typedef int visit(struct planner *planner, const struct ec2_instance *instance, void *ctx);

static int each_instance(struct planner *planner, visit *function, void *ctx) {
	const struct ec2_instances *instances = &planner->found->instances;
	int result = 0;
	for (size_t i = 0; i < instances->reservations.n; i++) {
		const struct ec2_reservation *reservation = &instances->reservations.items[i];
		for (size_t j = 0; result == 0 && j < reservation->instances.n; j++)
			if (found_is_alive(&reservation->instances.items[j]))
				result = function(planner, &reservation->instances.items[j], ctx);
	}
	return result;
}

struct single_plan {
	const char *hash;
	int64_t n_alive;
};

static int plan_single(struct planner *planner, const struct ec2_instance *instance, void *ctx) {
	struct single_plan *single = ctx;
	const char *hash = tags_get(&instance->tags, LAUNCH_TAG_HASH);
	bool is_needed = single->n_alive < planner->deployment->appliances.n;
	single->n_alive++;
	if (planner_add(
		    planner,
		    is_needed ? PLAN_KEEP : PLAN_DELETE,
		    PLAN_INSTANCE,
		    instance->id,
		    instance->id,
		    "%s",
		    is_needed ? "as it should be" : "more than asked for"
	    )
	    == NULL)
		return -ENOMEM;
	if (is_needed && hash != NULL && strcmp(hash, single->hash) != 0)
		return planner_note(
			planner,
			"appliance '%s' was launched differently from what is asked for now; "
			"terminate "
			"it and run this again to replace it",
			instance->id
		);
	return 0;
}

static int plan_singles(struct planner *planner, const char *hash) {
	struct single_plan single = {.hash = hash};
	int result = each_instance(planner, plan_single, &single);
	for (int64_t i = single.n_alive; result == 0 && i < planner->deployment->appliances.n;
	     i++) {
		const char *name = arena_printf(
			&planner->plan->arena, "metlo-%s #%" PRId64, planner->deployment->id, i + 1
		);
		if (planner_add(
			    planner, PLAN_CREATE, PLAN_INSTANCE, name, NULL, "collects the traffic"
		    )
		    == NULL)
			result = -ENOMEM;
	}
	return result;
}

static int drop_single(struct planner *planner, const struct ec2_instance *instance, void *) {
	return planner_add(
		       planner,
		       PLAN_DELETE,
		       PLAN_INSTANCE,
		       instance->id,
		       instance->id,
		       "not needed any more"
	       ) == NULL
		? -ENOMEM
		: 0;
}

static int drop_group(struct planner *planner) {
	const struct found *found = planner->found;
	if (found->group != NULL
	    && planner_add(
		       planner,
		       PLAN_DELETE,
		       PLAN_SCALING_GROUP,
		       found->group->name,
		       found->group->name,
		       "not needed any more"
	       ) == NULL)
		return -ENOMEM;
	if (found->template != NULL
	    && planner_add(
		       planner,
		       PLAN_DELETE,
		       PLAN_TEMPLATE,
		       found->template->name,
		       found->template->id,
		       "not needed any more"
	       ) == NULL)
		return -ENOMEM;
	return 0;
}

int planner_appliances(struct planner *planner) {
	const struct deployment *deployment = planner->deployment;
	bool launches = planner->candidates != NULL && deployment_has_appliances(deployment);
	int result = 0;
	if (launches) {
		const char *hash =
			launch_hash(deployment, planner->found->image_id, &planner->plan->arena);
		if (hash == NULL)
			return planner_no_memory(planner);
		result = deployment->appliances.is_group ? plan_group(planner, hash)
							 : plan_singles(planner, hash);
	}
	if (result == 0 && !(launches && deployment->appliances.is_group))
		result = drop_group(planner);
	// The instances of a group go with it.
	if (result == 0 && !launches && planner->found->group == NULL)
		result = each_instance(planner, drop_single, NULL);
	return result;
}

static bool is_registered(const struct planner *planner, const char *target) {
	const struct elbv2_targets_health *health = &planner->found->health;
	for (size_t i = 0; i < health->targets.n; i++)
		if (health->targets.items[i].id != NULL
		    && strcmp(health->targets.items[i].id, target) == 0
		    && (health->targets.items[i].state == NULL
			|| strcmp(health->targets.items[i].state, "draining") != 0))
			return true;
	return false;
}

static int plan_registration(struct planner *planner, const char *target) {
	bool is_there = is_registered(planner, target);
	struct plan_step *step = planner_add(
		planner,
		is_there ? PLAN_KEEP : PLAN_CREATE,
		PLAN_REGISTRATION,
		target,
		is_there ? target : NULL,
		"%s",
		is_there ? "as it should be" : "collects the traffic"
	);
	if (step == NULL)
		return -ENOMEM;
	step->target = target;
	return 0;
}

static int register_single(struct planner *planner, const struct ec2_instance *instance, void *) {
	return plan_registration(planner, instance->id);
}

// Instances of a group and appliances with DPDK register without us.
int planner_registrations(struct planner *planner) {
	const struct deployment *deployment = planner->deployment;
	const struct shape_strings *existing = &deployment->existing_appliances;
	int result = 0;
	if (!planner_makes_target_group(planner))
		return 0;
	for (size_t i = 0; result == 0 && i < existing->n; i++)
		result = plan_registration(planner, existing->items[i]);
	bool registers_singles = deployment_has_appliances(deployment)
		&& !deployment->appliances.is_group && deployment->mode == DEPLOYMENT_KERNEL;
	if (result == 0 && registers_singles)
		result = each_instance(planner, register_single, NULL);
	if (result == 0 && existing->n == 0 && !deployment_has_appliances(deployment)
	    && planner->found->health.targets.n == 0)
		result = planner_note(
			planner,
			"no appliance is registered yet; until one is healthy, mirrored traffic "
			"goes "
			"nowhere but is billed"
		);
	return result;
}
