#include "deployment.h"

#include "deployment_values.h"
#include "ownership.h"
#include "partition.h"

#include <errno.h>
#include <string.h>

static int invalid(struct aws_error *error, const char *why) {
	return aws_error_set(error, -EINVAL, "InvalidDeployment", "%s", why);
}

static int check_session(const struct deployment_session *session, struct aws_error *error) {
	if (session->number < 0 || session->number > EC2_MIRROR_SESSION_NUMBER_MAX)
		return invalid(error, "a session number is between 1 and 32766");
	if (session->vni_mode == DEPLOYMENT_VNI_GIVEN
	    && (session->vni < 1 || session->vni > EC2_MIRROR_VNI_MAX))
		return invalid(error, "a VNI is between 1 and 16777215");
	if (session->packet_length < 0 || session->packet_length > EC2_MIRROR_PACKET_LENGTH_MAX)
		return invalid(error, "a packet length is between 1 and 8500");
	return 0;
}

static int check_health(const struct deployment_health *health, struct aws_error *error) {
	const char *protocol = health->protocol == NULL ? "TCP" : health->protocol;
	bool is_http = strcmp(protocol, "HTTP") == 0 || strcmp(protocol, "HTTPS") == 0;
	if (!is_http && strcmp(protocol, "TCP") != 0)
		return invalid(error, "the health check is TCP, HTTP or HTTPS");
	if (!is_http && health->path != NULL)
		return invalid(error, "only an HTTP health check has a path");
	if (health->interval_s != 0 && (health->interval_s < 5 || health->interval_s > 300))
		return invalid(error, "the interval of the health check is between 5 and 300 s");
	return 0;
}

static int check_appliances(const struct deployment *deployment, struct aws_error *error) {
	const struct deployment_appliances *appliances = &deployment->appliances;
	if (!deployment_has_appliances(deployment))
		return 0;
	if (appliances->image_id != NULL && appliances->image_parameter != NULL)
		return invalid(
			error, "the appliance's image is given twice, by id and by parameter"
		);
	if (appliances->instance_type == NULL)
		return invalid(error, "the instance type of the appliances is missing");
	if (appliances->n < 1 || (appliances->n_max != 0 && appliances->n_max < appliances->n))
		return invalid(
			error, "at least one appliance is needed, and no more than the maximum"
		);
	if (deployment->mode == DEPLOYMENT_DPDK && appliances->instance_profile == NULL)
		return invalid(
			error,
			"an appliance with DPDK registers its own address and needs an instance "
			"profile "
			"for that"
		);
	if (deployment->existing_target != NULL)
		return invalid(error, "appliances cannot be launched behind a target that exists");
	return 0;
}

static bool begins_with(const char *text, const char *prefix) {
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int check_id(const char *id, const char *what, const char *prefix, struct aws_error *error) {
	if (id == NULL || begins_with(id, prefix))
		return 0;
	return aws_error_set(
		error,
		-EINVAL,
		"InvalidDeployment",
		"'%s' is no %s: its id begins with '%s'",
		id,
		what,
		prefix
	);
}

static int check_ids(const struct deployment *deployment, struct aws_error *error) {
	const char *balancer = deployment->existing_load_balancer;
	int result = check_id(deployment->vpc_id, "VPC", "vpc-", error);
	if (result == 0)
		result = check_id(deployment->existing_target, "mirror target", "tmt-", error);
	if (result == 0)
		result = check_id(deployment->existing_filter, "mirror filter", "tmf-", error);
	for (size_t i = 0; result == 0 && i < deployment->source_vpc_ids.n; i++)
		result = check_id(deployment->source_vpc_ids.items[i], "VPC", "vpc-", error);
	for (size_t i = 0; result == 0 && i < deployment->subnet_ids.n; i++)
		result = check_id(deployment->subnet_ids.items[i], "subnet", "subnet-", error);
	if (result == 0)
		result = check_id(deployment->appliances.image_id, "image", "ami-", error);
	if (result == 0 && balancer != NULL
	    && (!begins_with(balancer, "arn:") || strstr(balancer, ":loadbalancer/net/") == NULL))
		return invalid(
			error,
			"an existing load balancer is named by the ARN of a network load balancer"
		);
	return result;
}

int deployment_check(const struct deployment *deployment, struct aws_error *error) {
	char place[DEPLOYMENT_PLACE_MAX];
	if (deployment->id == NULL || !ownership_is_id(deployment->id))
		return invalid(
			error,
			"a deployment's id has 1 to 20 lower-case letters, digits and hyphens"
		);
	if (deployment->region == NULL || !partition_is_region_name(deployment->region))
		return invalid(error, "the region is missing");
	if (deployment->vpc_id == NULL && deployment->existing_target == NULL)
		return invalid(error, "the VPC is missing");
	if (deployment->existing_target != NULL && deployment->existing_load_balancer != NULL)
		return invalid(error, "a target that exists has its load balancer already");
	if (deployment->existing_filter != NULL && deployment->rules.n > 0)
		return invalid(error, "a filter that exists has its rules already");
	int result = check_ids(deployment, error);
	if (result == 0)
		result = check_session(&deployment->session, error);
	if (result == 0)
		result = check_health(&deployment->health, error);
	if (result == 0)
		result = check_appliances(deployment, error);
	return result < 0 ? result : deployment_values_check(deployment, place, error);
}

const char *
deployment_name(const struct deployment *deployment, const char *part, struct arena *arena) {
	if (part == NULL)
		return arena_printf(arena, "metlo-%s", deployment->id);
	return arena_printf(arena, "metlo-%s-%s", deployment->id, part);
}

uint16_t deployment_health_port(const struct deployment *deployment) {
	return deployment->health.port == 0 ? DEPLOYMENT_HEALTH_PORT : deployment->health.port;
}

bool deployment_has_appliances(const struct deployment *deployment) {
	return deployment->appliances.image_id != NULL
		|| deployment->appliances.image_parameter != NULL;
}
