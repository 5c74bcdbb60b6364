#include "doctor_view.h"

#include <string.h>

// The mirror filter: what no rule of a direction accepts is not mirrored, without a word.

static bool is_accept(const struct ec2_mirror_rule *rule) {
	return rule->action != NULL && strcmp(rule->action, "accept") == 0;
}

static bool is_ipv6(const struct ec2_mirror_rule *rule) {
	return rule->source_cidr != NULL && strchr(rule->source_cidr, ':') != NULL;
}

static bool is_any(const char *cidr) {
	return cidr == NULL || strcmp(cidr, "0.0.0.0/0") == 0 || strcmp(cidr, "::/0") == 0;
}

static bool rejects_all(const struct ec2_mirror_rule *rule) {
	return !is_accept(rule) && !rule->protocol.is_set && is_any(rule->source_cidr)
		&& is_any(rule->destination_cidr);
}

// Whether some rule of the family accepts, and is not behind one that rejects everything.
static bool accepts_any(const struct ec2_mirror_rules *rules, bool wants_ipv6) {
	int64_t end = INT64_MAX;
	for (size_t i = 0; i < rules->n; i++)
		if (is_ipv6(&rules->items[i]) == wants_ipv6 && rejects_all(&rules->items[i])
		    && rules->items[i].number < end)
			end = rules->items[i].number;
	for (size_t i = 0; i < rules->n; i++)
		if (is_accept(&rules->items[i]) && is_ipv6(&rules->items[i]) == wants_ipv6
		    && rules->items[i].number < end)
			return true;
	return false;
}

static bool is_protocol(struct shape_number a, struct shape_number b) {
	return !a.is_set || !b.is_set || a.value == b.value;
}

// Whether some rule accepts packets that come from these ports.
static bool
accepts_answers(const struct ec2_mirror_rules *rules, const struct ec2_mirror_rule *there) {
	for (size_t i = 0; i < rules->n; i++) {
		const struct ec2_mirror_rule *rule = &rules->items[i];
		if (!is_accept(rule) || is_ipv6(rule) != is_ipv6(there)
		    || !is_protocol(rule->protocol, there->protocol))
			continue;
		if (!rule->source_from.is_set
		    || (rule->source_from.value <= there->destination_to.value
			&& there->destination_from.value <= rule->source_to.value))
			return true;
	}
	return false;
}

// Rules for the packets to a server whose answers no rule accepts.
static void find_one_way(
	struct doctor_view *view,
	const struct ec2_mirror_rules *there,
	const struct ec2_mirror_rules *back,
	const char *back_name
) {
	for (size_t i = 0; i < there->n; i++) {
		const struct ec2_mirror_rule *rule = &there->items[i];
		struct shape_strings subject = {0};
		if (!is_accept(rule) || !rule->destination_from.is_set
		    || accepts_answers(back, rule))
			continue;
		doctor_add(view, &subject, rule->id);
		doctor_find(
			view,
			DOCTOR_FILTER,
			DOCTOR_WARNING,
			&subject,
			doctor_text(
				view,
				"add a rule for %s with source ports %lld-%lld, or use "
				"'server_ports' in the file",
				back_name,
				(long long)rule->destination_from.value,
				(long long)rule->destination_to.value
			),
			"filter '%s' mirrors what goes to ports %lld-%lld, but not the answers",
			view->filter->id,
			(long long)rule->destination_from.value,
			(long long)rule->destination_to.value
		);
	}
}

static void
find_deaf(struct doctor_view *view, const struct ec2_mirror_rules *rules, const char *direction) {
	struct shape_strings subject = {0};
	if (accepts_any(rules, false) || accepts_any(rules, true))
		return;
	doctor_add(view, &subject, view->filter->id);
	doctor_find(
		view,
		DOCTOR_FILTER,
		DOCTOR_PROBLEM,
		&subject,
		doctor_text(
			view,
			"aws ec2 create-traffic-mirror-filter-rule --region %s "
			"--traffic-mirror-filter-id %s --traffic-direction %s --rule-number 100 "
			"--rule-action accept --protocol 6 --source-cidr-block 0.0.0.0/0 "
			"--destination-cidr-block 0.0.0.0/0",
			view->region,
			view->filter->id,
			direction
		),
		"filter '%s' accepts nothing in direction %s, so nothing is mirrored there",
		view->filter->id,
		direction
	);
}

int doctor_check_filter(struct doctor_view *view) {
	size_t n_before = view->doctor->n_findings;
	if (doctor_is_blind(
		    view,
		    DOCTOR_FILTER,
		    "ec2:DescribeTrafficMirrorFilters ec2:DescribeTrafficMirrorSessions"
	    ))
		return 0;
	if (view->filter == NULL) {
		doctor_find(
			view,
			DOCTOR_FILTER,
			DOCTOR_PROBLEM,
			NULL,
			doctor_apply(view),
			"the mirror filter%s%s%s does not exist",
			view->filter_id == NULL ? "" : " '",
			view->filter_id == NULL ? "" : view->filter_id,
			view->filter_id == NULL ? "" : "'"
		);
		return 0;
	}
	find_deaf(view, &view->filter->ingress, "ingress");
	find_deaf(view, &view->filter->egress, "egress");
	find_one_way(view, &view->filter->ingress, &view->filter->egress, "egress");
	find_one_way(view, &view->filter->egress, &view->filter->ingress, "ingress");
	if (view->doctor->n_findings == n_before)
		doctor_find(
			view,
			DOCTOR_FILTER,
			DOCTOR_OK,
			NULL,
			NULL,
			"filter '%s' accepts packets in both directions",
			view->filter->id
		);
	return 0;
}

int doctor_check_filter_ipv6(struct doctor_view *view) {
	struct shape_strings ids = {0}, names = {0};
	const char *direction = NULL;
	if (view->filter == NULL)
		return 0;
	if (!accepts_any(&view->filter->ingress, true))
		direction = "ingress";
	else if (!accepts_any(&view->filter->egress, true))
		direction = "egress";
	for (size_t i = 0; direction != NULL && i < view->sources.n; i++) {
		const struct candidate *candidate = view->sources.items[i].candidate;
		if (candidate->interface->ipv6_addresses.n == 0)
			continue;
		doctor_add(view, &ids, candidate->interface->id);
		doctor_add(view, &names, doctor_source_name(view, candidate));
	}
	if (ids.n == 0) {
		doctor_find(
			view,
			DOCTOR_FILTER_IPV6,
			DOCTOR_OK,
			NULL,
			NULL,
			direction == NULL ? "the filter has rules for IPv6"
					  : "no source has an IPv6 address"
		);
		return 0;
	}
	doctor_find(
		view,
		DOCTOR_FILTER_IPV6,
		DOCTOR_WARNING,
		&ids,
		doctor_text(
			view,
			"aws ec2 create-traffic-mirror-filter-rule --region %s "
			"--traffic-mirror-filter-id %s --traffic-direction %s --rule-number 200 "
			"--rule-action accept --protocol 6 --source-cidr-block ::/0 "
			"--destination-cidr-block ::/0",
			view->region,
			view->filter->id,
			direction
		),
		"filter '%s' accepts no IPv6 in direction %s, and %zu source%s IPv6 addresses: %s",
		view->filter->id,
		direction,
		ids.n,
		ids.n == 1 ? " has" : "s have",
		doctor_names(view, &names)
	);
	return 0;
}
