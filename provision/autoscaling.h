#pragma once

// Amazon EC2 Auto Scaling.

#include "client.h"

struct autoscaling_filter {
	const char *name; // "tag:KEY", "tag-key"
	struct shape_strings values;
};

struct autoscaling_query {
	struct shape_strings names;
	struct {
		struct autoscaling_filter *items;
		size_t n;
	} filters;
};

struct autoscaling_instance {
	const char *id;
	const char *zone;
	const char *lifecycle_state; // "InService", "Pending", "Terminating", ...
	const char *health; // "Healthy", "Unhealthy"
	const char *template_version;
};

struct autoscaling_tag {
	const char *key;
	const char *value;
	const char *group_name;
	bool is_propagated;
};

struct autoscaling_group {
	const char *name;
	const char *arn;
	const char *status; // "Delete in progress", else absent
	const char *template_id;
	const char *template_version;
	const char *subnet_ids; // with commas in between
	int64_t min;
	int64_t max;
	int64_t desired;
	struct shape_strings target_group_arns;
	struct {
		struct autoscaling_instance *items;
		size_t n;
	} instances;
	struct {
		struct autoscaling_tag *items;
		size_t n;
	} tags;
};

struct autoscaling_groups {
	struct {
		struct autoscaling_group *items;
		size_t n;
	} groups;
};

// Its instances are replaced where ELB finds them unhealthy.
struct autoscaling_new_group {
	const char *name;
	const char *template_id;
	const char *template_version; // "$Latest"
	const char *subnet_ids;
	struct shape_number min;
	struct shape_number max;
	struct shape_number desired;
	int64_t health_grace_s;
	struct shape_strings target_group_arns;
	struct {
		struct autoscaling_tag *items;
		size_t n;
	} tags;
};

struct autoscaling_change {
	const char *name;
	const char *template_id;
	const char *template_version;
	const char *subnet_ids;
	struct shape_number min;
	struct shape_number max;
	struct shape_number desired;
};

struct autoscaling_delete {
	const char *name;
	bool with_instances;
};

struct autoscaling_name {
	const char *name;
};

struct autoscaling_refresh {
	const char *id;
	const char *status; // "Pending", "InProgress", "Successful", "Failed", "Cancelled", ...
	const char *reason;
	int64_t percent;
};

struct autoscaling_refreshes {
	struct {
		struct autoscaling_refresh *items;
		size_t n;
	} refreshes;
};

CLIENT_CALL_DECLARE(
	autoscaling_describe_groups,
	struct autoscaling_query,
	struct autoscaling_groups
);

// A name that exists is AlreadyExists.
CLIENT_CALL_DECLARE(autoscaling_create_group, struct autoscaling_new_group, struct client_nothing);
CLIENT_CALL_DECLARE(autoscaling_update_group, struct autoscaling_change, struct client_nothing);

// ScalingActivityInProgress or ResourceInUse while instances come and go.
CLIENT_CALL_DECLARE(autoscaling_delete_group, struct autoscaling_delete, struct client_nothing);

// InstanceRefreshInProgress where one runs.
CLIENT_CALL_DECLARE(autoscaling_start_refresh, struct autoscaling_name, struct autoscaling_refresh);
CLIENT_CALL_DECLARE(
	autoscaling_describe_refreshes,
	struct autoscaling_name,
	struct autoscaling_refreshes
);
