#include "launch.h"

#include "digest.h"
#include "ownership.h"

#include <openssl/evp.h>

#include <errno.h>
#include <string.h>

#define HASH_LEN 16

static const char *text(const char *maybe) {
	return maybe == NULL ? "" : maybe;
}

static const char *joined(const struct shape_strings *list, struct arena *arena) {
	const char *all = "";
	for (size_t i = 0; all != NULL && i < list->n; i++)
		all = arena_printf(arena, "%s,%s", all, list->items[i]);
	return all;
}

const char *
launch_hash(const struct deployment *deployment, const char *image_id, struct arena *arena) {
	const struct deployment_appliances *appliances = &deployment->appliances;
	const char *groups = joined(&appliances->security_group_ids, arena);
	const char *mode = deployment->mode == DEPLOYMENT_DPDK ? "dpdk" : "kernel";
	if (groups == NULL)
		return NULL;
	const char *hash = digest_text(
		arena,
		mode,
		text(image_id),
		text(appliances->instance_type),
		text(appliances->key_name),
		text(appliances->instance_profile),
		text(appliances->user_data),
		groups,
		NULL
	);
	return hash == NULL ? NULL : arena_strndup(arena, hash, HASH_LEN);
}

static const char *base64(const char *plain, struct arena *arena) {
	size_t len = strlen(plain);
	char *encoded = arena_alloc(arena, (len + 2) / 3 * 4 + 1);
	if (encoded != NULL)
		EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)plain, (int)len);
	return encoded;
}

static int make_interfaces(
	const struct deployment *deployment,
	const char *group_id,
	const char *subnet_id,
	struct arena *arena,
	struct ec2_new_interfaces *ret_interfaces
) {
	const struct shape_strings *extra = &deployment->appliances.security_group_ids;
	size_t n = deployment->mode == DEPLOYMENT_DPDK ? 2 : 1;
	const char **groups = arena_alloc_array(arena, extra->n + 1, sizeof(*groups));
	struct ec2_new_interface *items = arena_alloc_array(arena, n, sizeof(*items));
	if (groups == NULL || items == NULL)
		return -ENOMEM;
	groups[0] = group_id;
	for (size_t i = 0; i < extra->n; i++)
		groups[i + 1] = extra->items[i];
	for (size_t i = 0; i < n; i++)
		items[i] = (struct ec2_new_interface) {
			.device_index = SHAPE_NUMBER_OF((int64_t)i),
			.subnet_id = subnet_id,
			.group_ids = {.items = groups, .n = extra->n + 1},
			.description = i == 0 ? "metlo-appliance" : "metlo-appliance data",
			.is_deleted_on_termination = true,
		};
	*ret_interfaces = (struct ec2_new_interfaces) {.items = items, .n = n};
	return 0;
}

int launch_make(
	const struct deployment *deployment,
	const char *image_id,
	const char *group_id,
	const char *subnet_id,
	struct arena *arena,
	struct ec2_launch *ret_launch
) {
	const struct deployment_appliances *appliances = &deployment->appliances;
	const char *name = deployment_name(deployment, NULL, arena);
	const char *hash = launch_hash(deployment, image_id, arena);
	struct aws_tag *extra = arena_alloc_array(arena, deployment->tags.n + 1, sizeof(*extra));
	struct ec2_launch launch = {
		.image_id = image_id,
		.instance_type = appliances->instance_type,
		.key_name = appliances->key_name,
		.instance_profile_name = appliances->instance_profile,
	};
	if (name == NULL || hash == NULL || extra == NULL)
		return -ENOMEM;
	extra[0] = (struct aws_tag) {LAUNCH_TAG_HASH, hash};
	for (size_t i = 0; i < deployment->tags.n; i++)
		extra[i + 1] = deployment->tags.items[i];
	struct aws_tags tags = {.items = extra, .n = deployment->tags.n + 1};
	int result = ownership_tags(deployment->id, name, NULL, &tags, arena, &launch.tags);
	if (result == 0)
		result =
			make_interfaces(deployment, group_id, subnet_id, arena, &launch.interfaces);
	if (result == 0 && appliances->user_data != NULL) {
		launch.user_data = base64(appliances->user_data, arena);
		if (launch.user_data == NULL)
			result = -ENOMEM;
	}
	if (result == 0)
		*ret_launch = launch;
	return result;
}
