#include "fleet_table.h"

typedef const struct json_table_reader reader_t;
typedef const struct json_table_path path_t;

static int read_port(reader_t *reader, path_t *path, json_t *value, void *object) {
	struct deployment_health *health = object;
	json_int_t port = json_integer_value(value);
	if (!json_is_integer(value) || port < 1 || port > UINT16_MAX)
		return json_table_fail(reader, path, "a port is a number from 1 to 65535");
	health->port = (uint16_t)port;
	return 0;
}

#define HEALTH struct deployment_health
static const struct json_table_field health_fields[] = {
	FLEET_TEXT(
		HEALTH,
		protocol,
		"protocol",
		"how the load balancer asks the appliances",
		.form = "{\"enum\": [\"TCP\", \"HTTP\", \"HTTPS\"], \"default\": \"TCP\"}"
	),
	FLEET_CUSTOM(
		"port",
		read_port,
		"where it asks them",
		"{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 65535, \"default\": 8000}"
	),
	FLEET_TEXT(HEALTH, path, "path", "of HTTP and HTTPS"),
	FLEET_NUMBER(
		HEALTH,
		interval_s,
		"interval_s",
		5,
		300,
		"seconds between two questions",
		.form = "{\"default\": 10}"
	),
};
const struct json_table fleet_health_table = JSON_TABLE(health_fields);

#define APPLIANCES struct deployment_appliances
static const struct json_table_field appliances_fields[] = {
	FLEET_TEXT(
		APPLIANCES,
		image_id,
		"image",
		"id of the AMI to launch them from",
		.form = "{\"pattern\": \"^ami-\"}"
	),
	FLEET_TEXT(
		APPLIANCES,
		image_parameter,
		"image_parameter",
		"or the name of an SSM parameter that holds it"
	),
	FLEET_TEXT(APPLIANCES, instance_type, "instance_type", "such as c7i.xlarge; needed"),
	FLEET_TEXT(APPLIANCES, key_name, "key_name", "key pair to log in with"),
	FLEET_TEXT(
		APPLIANCES,
		instance_profile,
		"instance_profile",
		"its name; needed with mode dpdk, see 'iam-policy --for appliance'"
	),
	FLEET_TEXT(APPLIANCES, user_data, "user_data", "as the appliance reads it at its start"),
	FLEET_TEXTS(
		APPLIANCES,
		subnet_ids,
		"subnets",
		"where they are launched; those of the load balancer where left out"
	),
	FLEET_TEXTS(
		APPLIANCES,
		security_group_ids,
		"security_groups",
		"ids, besides the one that is made for them"
	),
	FLEET_FLAG(
		APPLIANCES,
		is_group,
		"auto_scaling",
		"in an Auto Scaling group instead of single instances"
	),
	FLEET_NUMBER(
		APPLIANCES,
		n,
		"count",
		1,
		1000,
		"how many; of a group the desired number; needed"
	),
	FLEET_NUMBER(APPLIANCES, n_max, "max", 1, 1000, "of a group; count where left out"),
};
const struct json_table fleet_appliances_table = JSON_TABLE(appliances_fields);

#define DEPLOYMENT struct deployment
static const struct json_table_field existing_fields[] = {
	FLEET_TEXT(
		DEPLOYMENT,
		existing_load_balancer,
		"load_balancer",
		"ARN of a network load balancer that gets a listener",
		.form = "{\"pattern\": \"^arn:\"}"
	),
	FLEET_TEXT(
		DEPLOYMENT,
		existing_target,
		"target",
		"id of a mirror target, which has its load balancer and appliances already",
		.form = "{\"pattern\": \"^tmt-\"}"
	),
	FLEET_TEXT(
		DEPLOYMENT,
		existing_filter,
		"filter",
		"id of a mirror filter",
		.form = "{\"pattern\": \"^tmf-\"}"
	),
	FLEET_TEXTS(
		DEPLOYMENT,
		existing_appliances,
		"appliances",
		"to be registered: ids of instances, or with mode dpdk their addresses"
	),
};
const struct json_table fleet_existing_table = JSON_TABLE(existing_fields);
