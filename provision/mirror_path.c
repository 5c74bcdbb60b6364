#include "mirror_path.h"

#include "deployment.h"

#include <errno.h>
#include <string.h>

static int no_memory(struct aws_error *error) {
	return aws_error_set(error, -ENOMEM, "OutOfMemory", "looking behind the mirror targets");
}

// What is gone, or may not be looked at, is an answer and no failure.
static int excuse(int result, const struct aws_error *error, struct mirror_path *path) {
	if (result != -EREMOTEIO)
		return result;
	if (aws_error_is_not_found(error))
		path->view = MIRROR_PATH_GONE;
	else if (aws_error_is_denied(error))
		path->view = MIRROR_PATH_HIDDEN;
	else
		return result;
	return 0;
}

static int load_balancer(
	struct client *client,
	const char *arn,
	struct arena *arena,
	struct mirror_path *path,
	struct aws_error *error
) {
	struct elbv2_query query = {.arns = {.items = &arn, .n = 1}};
	struct elbv2_load_balancers balancers;
	int result = elbv2_describe_load_balancers(client, &query, arena, &balancers, error);
	if (result < 0)
		return excuse(result, error, path);
	if (balancers.load_balancers.n == 0)
		path->view = MIRROR_PATH_GONE;
	else
		path->balancer = &balancers.load_balancers.items[0];
	return 0;
}

static int load_listener(
	struct client *client,
	struct arena *arena,
	struct mirror_path *path,
	struct aws_error *error
) {
	struct elbv2_listener_query query = {.load_balancer_arn = path->balancer->arn};
	struct elbv2_listeners listeners;
	int result = elbv2_describe_listeners(client, &query, arena, &listeners, error);
	if (result < 0)
		return excuse(result, error, path);
	for (size_t i = 0; i < listeners.listeners.n; i++) {
		const struct elbv2_listener *listener = &listeners.listeners.items[i];
		const char *protocol = listener->protocol == NULL ? "" : listener->protocol;
		if (listener->port == DEPLOYMENT_VXLAN_PORT
		    && (strcmp(protocol, "UDP") == 0 || strcmp(protocol, "TCP_UDP") == 0))
			path->listener = listener;
	}
	return 0;
}

static int load_health(
	struct client *client,
	struct arena *arena,
	struct mirror_path *path,
	struct aws_error *error
) {
	const struct elbv2_listener *listener = path->listener;
	if (listener->actions.n == 0 || listener->actions.items[0].target_group_arn == NULL)
		return 0;
	struct elbv2_targets query = {
		.target_group_arn = listener->actions.items[0].target_group_arn,
	};
	int result = elbv2_describe_target_health(client, &query, arena, &path->health, error);
	if (result < 0)
		return excuse(result, error, path);
	for (size_t i = 0; i < path->health.targets.n; i++) {
		const char *state = path->health.targets.items[i].state;
		path->n_healthy += state != NULL && strcmp(state, "healthy") == 0;
		path->n_starting += state != NULL && strcmp(state, "initial") == 0;
	}
	return 0;
}

static int load_path(
	struct client *client,
	const struct inventory *inventory,
	struct arena *arena,
	struct mirror_path *path,
	struct aws_error *error
) {
	const struct ec2_mirror_target *target =
		index_find(&inventory->targets_by_id, path->target_id);
	if (target == NULL) {
		path->view = MIRROR_PATH_GONE;
		return 0;
	}
	if (target->load_balancer_arn == NULL) {
		path->view = MIRROR_PATH_OTHER;
		return 0;
	}
	if (target->owner_id != NULL && inventory->account[0] != 0
	    && strcmp(target->owner_id, inventory->account) != 0) {
		path->view = MIRROR_PATH_HIDDEN;
		return 0;
	}
	int result = load_balancer(client, target->load_balancer_arn, arena, path, error);
	if (result == 0 && path->view == MIRROR_PATH_SEEN)
		result = load_listener(client, arena, path, error);
	if (result == 0 && path->view == MIRROR_PATH_SEEN && path->listener != NULL)
		result = load_health(client, arena, path, error);
	return result;
}

int mirror_paths_load(
	struct client *client,
	const struct inventory *inventory,
	const struct ec2_mirror_session *const *sessions,
	size_t n_sessions,
	struct mirror_paths *ret_paths,
	struct aws_error *error
) {
	struct mirror_paths paths = {0};
	int result = 0;
	for (size_t i = 0; result == 0 && i < n_sessions; i++) {
		const char *id = sessions[i]->target_id;
		if (id == NULL || mirror_path_of(&paths, id) != NULL)
			continue;
		paths.items = arena_grow(&paths.arena, paths.items, paths.n, sizeof(*paths.items));
		if (paths.items == NULL) {
			result = no_memory(error);
			break;
		}
		paths.items[paths.n] = (struct mirror_path) {.target_id = id};
		result = load_path(client, inventory, &paths.arena, &paths.items[paths.n++], error);
	}
	if (result < 0)
		mirror_paths_release(&paths);
	else
		*ret_paths = paths;
	return result;
}

void mirror_paths_release(struct mirror_paths *paths) {
	arena_release(&paths->arena);
	*paths = (struct mirror_paths) {0};
}

const struct mirror_path *mirror_path_of(const struct mirror_paths *paths, const char *target_id) {
	for (size_t i = 0; target_id != NULL && i < paths->n; i++)
		if (strcmp(paths->items[i].target_id, target_id) == 0)
			return &paths->items[i];
	return NULL;
}
