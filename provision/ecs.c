#include "ecs.h"

static const struct service service_ecs = {
	.id = "ecs",
	.endpoint = "ecs",
	.signing_name = "ecs",
	.protocol = PROTOCOL_JSON,
	.target = "AmazonEC2ContainerServiceV20141113.",
	.variable = "ECS",
};

static const struct shape_field list_fields[] = {
	SHAPE_STRING(struct ecs_list, cluster, "cluster"),
};
static const struct shape list_shape = SHAPE(struct ecs_list, list_fields);
static const struct shape_field list_tasks_fields[] = {
	SHAPE_STRING(struct ecs_list, cluster, "cluster"),
	SHAPE_STRING(struct ecs_list, service_name, "serviceName"),
	SHAPE_STRING(struct ecs_list, desired_status, "desiredStatus"),
};
static const struct shape list_tasks_shape = SHAPE(struct ecs_list, list_tasks_fields);

#define ARNS_SHAPE(name, wire)                                                                     \
	static const struct shape_field name##_fields[] = {                                        \
		SHAPE_STRINGS(struct ecs_arns, arns, wire),                                        \
	};                                                                                         \
	static const struct shape name##_shape = SHAPE(struct ecs_arns, name##_fields)

ARNS_SHAPE(cluster_arns, "clusterArns");
ARNS_SHAPE(service_arns, "serviceArns");
ARNS_SHAPE(task_arns, "taskArns");

#define NAMES_SHAPE(name, wire)                                                                    \
	static const struct shape_field name##_fields[] = {                                        \
		SHAPE_STRING(struct ecs_names, cluster, "cluster"),                                \
		SHAPE_STRINGS(struct ecs_names, names, wire),                                      \
		SHAPE_STRINGS(struct ecs_names, include, "include"),                               \
	};                                                                                         \
	static const struct shape name##_shape = SHAPE(struct ecs_names, name##_fields)

NAMES_SHAPE(services_query, "services");
NAMES_SHAPE(tasks_query, "tasks");
NAMES_SHAPE(container_instances_query, "containerInstances");

static const struct shape_field clusters_query_fields[] = {
	SHAPE_STRINGS(struct ecs_names, names, "clusters"),
};
static const struct shape clusters_query_shape = SHAPE(struct ecs_names, clusters_query_fields);

#define CLUSTER struct ecs_cluster
static const struct shape_field cluster_fields[] = {
	SHAPE_ID(CLUSTER, arn, "clusterArn"),
	SHAPE_STRING(CLUSTER, name, "clusterName"),
	SHAPE_STRING(CLUSTER, status, "status"),
	SHAPE_INTEGER(CLUSTER, n_running_tasks, "runningTasksCount"),
	SHAPE_INTEGER(CLUSTER, n_services, "activeServicesCount"),
};
static const struct shape cluster_shape = SHAPE(CLUSTER, cluster_fields);
static const struct shape_field clusters_fields[] = {
	SHAPE_LIST(struct ecs_clusters, clusters, "clusters", cluster_shape),
};
static const struct shape clusters_shape = SHAPE(struct ecs_clusters, clusters_fields);

#define SERVICE struct ecs_service
static const struct shape_field service_fields[] = {
	SHAPE_ID(SERVICE, arn, "serviceArn"),
	SHAPE_STRING(SERVICE, name, "serviceName"),
	SHAPE_STRING(SERVICE, cluster_arn, "clusterArn"),
	SHAPE_STRING(SERVICE, status, "status"),
	SHAPE_STRING(SERVICE, launch_type, "launchType"),
	SHAPE_STRING(SERVICE, task_definition, "taskDefinition"),
	SHAPE_INTEGER(SERVICE, n_desired, "desiredCount"),
	SHAPE_INTEGER(SERVICE, n_running, "runningCount"),
	SHAPE_LIST(SERVICE, tags, "tags", tags_lower_shape),
};
static const struct shape service_shape = SHAPE(SERVICE, service_fields);
static const struct shape_field services_fields[] = {
	SHAPE_LIST(struct ecs_services, services, "services", service_shape),
};
static const struct shape services_shape = SHAPE(struct ecs_services, services_fields);

static const struct shape_field detail_fields[] = {
	SHAPE_STRING(struct ecs_detail, name, "name"),
	SHAPE_STRING(struct ecs_detail, value, "value"),
};
static const struct shape detail_shape = SHAPE(struct ecs_detail, detail_fields);
static const struct shape_field attachment_fields[] = {
	SHAPE_STRING(struct ecs_attachment, id, "id"),
	SHAPE_STRING(struct ecs_attachment, type, "type"),
	SHAPE_STRING(struct ecs_attachment, status, "status"),
	SHAPE_LIST(struct ecs_attachment, details, "details", detail_shape),
};
static const struct shape attachment_shape = SHAPE(struct ecs_attachment, attachment_fields);
static const struct shape_field binding_fields[] = {
	SHAPE_INTEGER(struct ecs_network_binding, container_port, "containerPort"),
	SHAPE_INTEGER(struct ecs_network_binding, host_port, "hostPort"),
	SHAPE_STRING(struct ecs_network_binding, protocol, "protocol"),
};
static const struct shape binding_shape = SHAPE(struct ecs_network_binding, binding_fields);
static const struct shape_field container_fields[] = {
	SHAPE_STRING(struct ecs_container, name, "name"),
	SHAPE_LIST(struct ecs_container, bindings, "networkBindings", binding_shape),
};
static const struct shape container_shape = SHAPE(struct ecs_container, container_fields);

#define TASK struct ecs_task
static const struct shape_field task_fields[] = {
	SHAPE_ID(TASK, arn, "taskArn"),
	SHAPE_STRING(TASK, group, "group"),
	SHAPE_STRING(TASK, launch_type, "launchType"),
	SHAPE_STRING(TASK, last_status, "lastStatus"),
	SHAPE_STRING(TASK, container_instance_arn, "containerInstanceArn"),
	SHAPE_STRING(TASK, task_definition_arn, "taskDefinitionArn"),
	SHAPE_LIST(TASK, attachments, "attachments", attachment_shape),
	SHAPE_LIST(TASK, containers, "containers", container_shape),
};
static const struct shape task_shape = SHAPE(TASK, task_fields);
static const struct shape_field tasks_fields[] = {
	SHAPE_LIST(struct ecs_tasks, tasks, "tasks", task_shape),
};
static const struct shape tasks_shape = SHAPE(struct ecs_tasks, tasks_fields);

#define HOST struct ecs_container_instance
static const struct shape_field host_fields[] = {
	SHAPE_ID(HOST, arn, "containerInstanceArn"),
	SHAPE_STRING(HOST, instance_id, "ec2InstanceId"),
	SHAPE_STRING(HOST, status, "status"),
};
static const struct shape host_shape = SHAPE(HOST, host_fields);
static const struct shape_field hosts_fields[] = {
	SHAPE_LIST(struct ecs_container_instances, instances, "containerInstances", host_shape),
};
static const struct shape hosts_shape = SHAPE(struct ecs_container_instances, hosts_fields);

static const struct shape_field definition_name_fields[] = {
	SHAPE_STRING(struct ecs_task_definition_name, name, "taskDefinition"),
};
static const struct shape definition_name_shape =
	SHAPE(struct ecs_task_definition_name, definition_name_fields);
#define DEFINITION struct ecs_task_definition
static const struct shape_field definition_fields[] = {
	SHAPE_STRING(DEFINITION, arn, "taskDefinition/taskDefinitionArn"),
	SHAPE_STRING(DEFINITION, network_mode, "taskDefinition/networkMode"),
};
static const struct shape definition_shape = SHAPE(DEFINITION, definition_fields);

#define PAGING .paging = {"nextToken", "nextToken", NULL, "maxResults", 100, 0}

#define CALL(call, input_type, output_type, ...)                                                   \
	CLIENT_CALL_DEFINE(                                                                        \
		call, struct input_type, struct output_type, .service = &service_ecs, __VA_ARGS__  \
	)

CALL(ecs_list_clusters,
     ecs_list,
     ecs_arns,
     .name = "ListClusters",
     .output = &cluster_arns_shape,
     PAGING);
CALL(ecs_describe_clusters,
     ecs_names,
     ecs_clusters,
     .name = "DescribeClusters",
     .input = &clusters_query_shape,
     .output = &clusters_shape);
CALL(ecs_list_services,
     ecs_list,
     ecs_arns,
     .name = "ListServices",
     .input = &list_shape,
     .output = &service_arns_shape,
     PAGING);
CALL(ecs_describe_services,
     ecs_names,
     ecs_services,
     .name = "DescribeServices",
     .input = &services_query_shape,
     .output = &services_shape);
CALL(ecs_list_tasks,
     ecs_list,
     ecs_arns,
     .name = "ListTasks",
     .input = &list_tasks_shape,
     .output = &task_arns_shape,
     PAGING);
CALL(ecs_describe_tasks,
     ecs_names,
     ecs_tasks,
     .name = "DescribeTasks",
     .input = &tasks_query_shape,
     .output = &tasks_shape);
CALL(ecs_describe_container_instances,
     ecs_names,
     ecs_container_instances,
     .name = "DescribeContainerInstances",
     .input = &container_instances_query_shape,
     .output = &hosts_shape);
CALL(ecs_describe_task_definition,
     ecs_task_definition_name,
     ecs_task_definition,
     .name = "DescribeTaskDefinition",
     .input = &definition_name_shape,
     .output = &definition_shape);
