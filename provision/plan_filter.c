#include "ownership.h"
#include "planner.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *rule_name(struct planner *planner, const struct ec2_mirror_rule *rule) {
	return arena_printf(&planner->plan->arena, "%s %" PRId64, rule->direction, rule->number);
}

// "accept tcp 10.0.0.0/8 -> any:443"; what is any is left out.
static int plan_rule(
	struct planner *planner,
	enum plan_action action,
	const struct ec2_mirror_rule *rule,
	const char *id
) {
	struct plan_step *step = planner_add(
		planner,
		action,
		PLAN_RULE,
		rule_name(planner, rule),
		id,
		"%s",
		action == PLAN_KEEP		    ? "as it should be"
			: action == PLAN_DELETE	    ? "not wanted"
			: rule->description == NULL ? "wanted"
						    : rule->description
	);
	if (step == NULL)
		return -ENOMEM;
	step->rule = *rule;
	return 0;
}

static const struct ec2_mirror_rule *
find_rule(const struct ec2_mirror_rules *rules, const struct ec2_mirror_rule *wanted) {
	for (size_t i = 0; i < rules->n; i++)
		if (mirror_filter_rule_equals(&rules->items[i], wanted))
			return &rules->items[i];
	return NULL;
}

// Rules that exist and are not wanted go. One of the same number is made anew after that, for a change
// of a rule is not one step with AWS either.
static int drop_rules(
	struct planner *planner,
	const struct ec2_mirror_rules *rules,
	const struct mirror_filter_plan *wanted
) {
	int result = 0;
	for (size_t i = 0; result == 0 && i < rules->n; i++) {
		bool is_wanted = false;
		for (size_t j = 0; j < wanted->n; j++)
			is_wanted = is_wanted
				|| mirror_filter_rule_equals(&rules->items[i], &wanted->rules[j]);
		if (!is_wanted)
			result = plan_rule(
				planner, PLAN_DELETE, &rules->items[i], rules->items[i].id
			);
	}
	return result;
}

static int plan_rules(
	struct planner *planner,
	const struct ec2_mirror_filter *filter,
	const struct mirror_filter_plan *wanted
) {
	static const struct ec2_mirror_filter none;
	if (filter == NULL)
		filter = &none;
	int result = drop_rules(planner, &filter->ingress, wanted);
	if (result == 0)
		result = drop_rules(planner, &filter->egress, wanted);
	for (size_t i = 0; result == 0 && i < wanted->n; i++) {
		const struct ec2_mirror_rule *rule = find_rule(&filter->ingress, &wanted->rules[i]);
		if (rule == NULL)
			rule = find_rule(&filter->egress, &wanted->rules[i]);
		result = plan_rule(
			planner,
			rule == NULL ? PLAN_CREATE : PLAN_KEEP,
			&wanted->rules[i],
			rule == NULL ? NULL : rule->id
		);
	}
	return result;
}

static bool has_dns(const struct ec2_mirror_filter *filter) {
	for (size_t i = 0; i < filter->network_services.n; i++)
		if (strcmp(filter->network_services.items[i], "amazon-dns") == 0)
			return true;
	return false;
}

static int plan_filter(
	struct planner *planner,
	const struct ec2_mirror_filter *filter,
	const struct mirror_filter_plan *wanted
) {
	bool wants_dns = planner->deployment->mirrors_dns;
	const char *name = deployment_name(planner->deployment, NULL, &planner->plan->arena);
	struct plan_step *step = planner_add(
		planner,
		filter == NULL ? PLAN_CREATE : PLAN_KEEP,
		PLAN_FILTER,
		name,
		filter == NULL ? NULL : filter->id,
		"%s",
		filter == NULL ? "says what is mirrored" : "as it should be"
	);
	if (step == NULL)
		return -ENOMEM;
	step->adds_dns = wants_dns && (filter == NULL || !has_dns(filter));
	step->removes_dns = !wants_dns && filter != NULL && has_dns(filter);
	if (filter != NULL && (step->adds_dns || step->removes_dns)) {
		step->action = PLAN_CHANGE;
		step->reason = wants_dns ? "DNS is to be mirrored" : "DNS is not to be mirrored";
	}
	return plan_rules(planner, filter, wanted);
}

// Ours; of several (two runs at once) the first by id stays.
static const struct ec2_mirror_filter *find_filter(const struct planner *planner) {
	const struct ec2_mirror_filters *filters = &planner->inventory->filters;
	const struct ec2_mirror_filter *found = NULL;
	for (size_t i = 0; i < filters->filters.n; i++) {
		const struct ec2_mirror_filter *filter = &filters->filters.items[i];
		if (ownership_is_ours(&filter->tags, planner->deployment->id)
		    && (found == NULL || strcmp(filter->id, found->id) < 0))
			found = filter;
	}
	return found;
}

static int drop_filters(struct planner *planner, const struct ec2_mirror_filter *kept) {
	const struct ec2_mirror_filters *filters = &planner->inventory->filters;
	for (size_t i = 0; i < filters->filters.n; i++) {
		const struct ec2_mirror_filter *filter = &filters->filters.items[i];
		if (filter == kept || !ownership_is_ours(&filter->tags, planner->deployment->id))
			continue;
		if (planner_add(
			    planner,
			    PLAN_DELETE,
			    PLAN_FILTER,
			    filter->id,
			    filter->id,
			    "%s",
			    kept == NULL ? "not needed any more" : "there is another"
		    )
		    == NULL)
			return -ENOMEM;
	}
	return 0;
}

int planner_filter(struct planner *planner) {
	const struct deployment *deployment = planner->deployment;
	struct mirror_filter_rules rules = deployment->rules;
	struct mirror_filter_plan wanted;
	if (planner->candidates == NULL || deployment->existing_filter != NULL)
		return drop_filters(planner, NULL);
	if (rules.n == 0 && mirror_filter_default(&planner->plan->arena, &rules) < 0)
		return planner_no_memory(planner);
	int result = mirror_filter_compile(&rules, &planner->plan->arena, &wanted, planner->error);
	if (result < 0)
		return result;
	const struct ec2_mirror_filter *filter = find_filter(planner);
	result = plan_filter(planner, filter, &wanted);
	return result < 0 ? result : drop_filters(planner, filter);
}

static const struct ec2_mirror_target *find_target(const struct planner *planner) {
	const struct ec2_mirror_targets *targets = &planner->inventory->targets;
	const struct elbv2_load_balancer *balancer = planner->found->balancer;
	const struct ec2_mirror_target *found = NULL;
	for (size_t i = 0; balancer != NULL && i < targets->targets.n; i++) {
		const struct ec2_mirror_target *target = &targets->targets.items[i];
		if (ownership_is_ours(&target->tags, planner->deployment->id)
		    && target->load_balancer_arn != NULL
		    && strcmp(target->load_balancer_arn, balancer->arn) == 0
		    && (found == NULL || strcmp(target->id, found->id) < 0))
			found = target;
	}
	return found;
}

int planner_target(struct planner *planner) {
	const struct ec2_mirror_targets *targets = &planner->inventory->targets;
	const struct ec2_mirror_target *kept = NULL;
	bool makes_target =
		planner->candidates != NULL && planner->deployment->existing_target == NULL;
	if (makes_target) {
		kept = find_target(planner);
		const char *name =
			deployment_name(planner->deployment, NULL, &planner->plan->arena);
		if (planner_add(
			    planner,
			    kept == NULL ? PLAN_CREATE : PLAN_KEEP,
			    PLAN_TARGET,
			    name,
			    kept == NULL ? NULL : kept->id,
			    "%s",
			    kept == NULL ? "is where sessions send to" : "as it should be"
		    )
		    == NULL)
			return -ENOMEM;
	}
	for (size_t i = 0; i < targets->targets.n; i++) {
		const struct ec2_mirror_target *target = &targets->targets.items[i];
		if (target == kept || !ownership_is_ours(&target->tags, planner->deployment->id))
			continue;
		if (planner_add(
			    planner,
			    PLAN_DELETE,
			    PLAN_TARGET,
			    target->id,
			    target->id,
			    "%s",
			    makes_target ? "it leads to another load balancer, or there are two"
					 : "not needed any more"
		    )
		    == NULL)
			return -ENOMEM;
	}
	return 0;
}
