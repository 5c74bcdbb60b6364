#pragma once

// Amazon ECS.

#include "client.h"
#include "tags.h"

#define ECS_SERVICES_MAX 10 // of one describe
#define ECS_TASKS_MAX 100
#define ECS_CONTAINER_INSTANCES_MAX 100

struct ecs_list {
	const char *cluster; // NULL for listing clusters
	const char *service_name; // of tasks; NULL: of all services
	const char *desired_status; // of tasks: "RUNNING"
};

struct ecs_arns {
	struct shape_strings arns;
};

struct ecs_names {
	const char *cluster;
	struct shape_strings names; // or ARNs
	struct shape_strings include; // "TAGS": else there are none in the answer
};

struct ecs_cluster {
	const char *arn;
	const char *name;
	const char *status;
	int64_t n_running_tasks;
	int64_t n_services;
};

struct ecs_clusters {
	struct {
		struct ecs_cluster *items;
		size_t n;
	} clusters;
};

struct ecs_service {
	const char *arn;
	const char *name;
	const char *cluster_arn;
	const char *status; // "ACTIVE", "DRAINING", "INACTIVE"
	const char *launch_type; // "EC2", "FARGATE", "EXTERNAL"; absent with capacity providers
	const char *task_definition;
	int64_t n_desired;
	int64_t n_running;
	struct aws_tags tags;
};

struct ecs_services {
	struct {
		struct ecs_service *items;
		size_t n;
	} services;
};

struct ecs_detail {
	const char *name; // "networkInterfaceId", "subnetId", "privateIPv4Address", ...
	const char *value;
};

struct ecs_attachment {
	const char *id;
	const char *type; // "ElasticNetworkInterface"
	const char *status; // "ATTACHED"
	struct {
		struct ecs_detail *items;
		size_t n;
	} details;
};

struct ecs_network_binding {
	int64_t container_port;
	int64_t host_port;
	const char *protocol;
};

struct ecs_container {
	const char *name;
	struct {
		struct ecs_network_binding *items;
		size_t n;
	} bindings;
};

struct ecs_task {
	const char *arn;
	const char *group; // "service:NAME"
	const char *launch_type;
	const char *last_status; // "RUNNING"
	const char *container_instance_arn; // absent on Fargate
	const char *task_definition_arn;
	struct {
		struct ecs_attachment *items;
		size_t n;
	} attachments;
	struct {
		struct ecs_container *items;
		size_t n;
	} containers;
};

struct ecs_tasks {
	struct {
		struct ecs_task *items;
		size_t n;
	} tasks;
};

struct ecs_container_instance {
	const char *arn;
	const char *instance_id; // of EC2
	const char *status;
};

struct ecs_container_instances {
	struct {
		struct ecs_container_instance *items;
		size_t n;
	} instances;
};

struct ecs_task_definition_name {
	const char *name; // "family:revision" or an ARN
};

struct ecs_task_definition {
	const char *arn;
	const char *network_mode; // "awsvpc", "bridge", "host", "none"; absent: "bridge"
};

CLIENT_CALL_DECLARE(ecs_list_clusters, struct ecs_list, struct ecs_arns);
CLIENT_CALL_DECLARE(ecs_describe_clusters, struct ecs_names, struct ecs_clusters);
CLIENT_CALL_DECLARE(ecs_list_services, struct ecs_list, struct ecs_arns);
CLIENT_CALL_DECLARE(ecs_describe_services, struct ecs_names, struct ecs_services);
CLIENT_CALL_DECLARE(ecs_list_tasks, struct ecs_list, struct ecs_arns);
CLIENT_CALL_DECLARE(ecs_describe_tasks, struct ecs_names, struct ecs_tasks);
CLIENT_CALL_DECLARE(
	ecs_describe_container_instances,
	struct ecs_names,
	struct ecs_container_instances
);
CLIENT_CALL_DECLARE(
	ecs_describe_task_definition,
	struct ecs_task_definition_name,
	struct ecs_task_definition
);
