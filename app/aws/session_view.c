#include "session_view.h"

#include "ownership.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct aws_error *error) {
	return aws_error_set(error, -ENOMEM, "OutOfMemory", "reading the sessions");
}

// What names no deployment was not made by this tool, whatever else its tags say.
static const char *deployment_of(const struct aws_tags *tags) {
	const char *id = tags_get(tags, OWNERSHIP_TAG_DEPLOYMENT);
	return id != NULL && ownership_is_managed(tags) && ownership_is_id(id) ? id : NULL;
}

const char *session_view_deployment(const struct ec2_mirror_session *session) {
	return deployment_of(&session->tags);
}

static bool is_ours(const struct ec2_mirror_session *session, const char *deployment) {
	if (session->id == NULL || session->network_interface_id == NULL)
		return false;
	if (deployment == NULL)
		return session_view_deployment(session) != NULL;
	return ownership_is_ours(&session->tags, deployment);
}

static int compare_texts(const char *a, const char *b) {
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int compare_places(const void *a, const void *b) {
	const struct ec2_mirror_session *left = *(const struct ec2_mirror_session *const *)a;
	const struct ec2_mirror_session *right = *(const struct ec2_mirror_session *const *)b;
	int order = compare_texts(left->network_interface_id, right->network_interface_id);
	return order != 0 ? order : (left->number > right->number) - (left->number < right->number);
}

static int compare_sessions(const void *a, const void *b) {
	const struct ec2_mirror_session *left = *(const struct ec2_mirror_session *const *)a;
	const struct ec2_mirror_session *right = *(const struct ec2_mirror_session *const *)b;
	int order = compare_texts(session_view_deployment(left), session_view_deployment(right));
	return order != 0 ? order : compare_places(a, b);
}

// All of the deployment, whatever their sources: what these are is known when the interfaces are.
static int list_ours(struct session_view *view, const char *deployment) {
	const struct ec2_mirror_sessions *all = &view->inventory.sessions;
	view->items = arena_alloc_array(&view->arena, all->sessions.n, sizeof(void *));
	if (view->items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < all->sessions.n; i++)
		if (is_ours(&all->sessions.items[i], deployment))
			view->items[view->n++] = &all->sessions.items[i];
	return 0;
}

static int
add_interfaces(struct client *client, struct session_view *view, struct aws_error *error) {
	struct shape_strings none = {0}, ids = {0};
	const char **items = arena_alloc_array(&view->arena, view->n, sizeof(*items));
	if (items == NULL)
		return no_memory(error);
	for (size_t i = 0; i < view->n; i++)
		items[ids.n++] = view->items[i]->network_interface_id;
	ids.items = items;
	return inventory_add(client, &view->inventory, &ids, &none, error);
}

static bool has_a_source(
	const struct session_view *view,
	const struct ec2_mirror_session *session,
	const struct shape_strings *sources
) {
	for (size_t i = 0; i < sources->n; i++)
		if (session_has_source(&view->inventory, session, sources->items[i]))
			return true;
	return sources->n == 0;
}

static void choose_sources(struct session_view *view, const struct shape_strings *sources) {
	size_t n = 0;
	for (size_t i = 0; i < view->n; i++)
		if (has_a_source(view, view->items[i], sources))
			view->items[n++] = view->items[i];
	view->n = n;
}

static bool is_listed(const struct session_view *view, const struct ec2_mirror_session *session) {
	for (size_t i = 0; i < view->n; i++)
		if (view->items[i] == session)
			return true;
	return false;
}

// There are at most three sessions on an interface.
static void add_others(struct session_view *view) {
	size_t n_ours = view->n;
	for (size_t i = 0; i < n_ours; i++) {
		size_t n;
		const struct index_entry *all = index_range(
			&view->inventory.sessions_by_interface,
			view->items[i]->network_interface_id,
			&n
		);
		for (size_t j = 0; j < n; j++)
			if (!is_listed(view, all[j].value))
				view->items[view->n++] = all[j].value;
	}
}

int session_view_load(
	struct client *client,
	const struct session_choice *choice,
	struct session_view *ret_view,
	struct aws_error *error
) {
	struct session_view view = {0};
	int result = inventory_load_mirroring(client, &view.inventory, error);
	if (result == 0 && list_ours(&view, choice->deployment) < 0)
		result = no_memory(error);
	if (result == 0)
		result = add_interfaces(client, &view, error);
	if (result == 0) {
		choose_sources(&view, &choice->sources);
		if (choice->with_others)
			add_others(&view);
	}
	if (result == 0 && choice->with_paths)
		result = mirror_paths_load(
			client, &view.inventory, view.items, view.n, &view.paths, error
		);
	if (result < 0) {
		session_view_release(&view);
		return result;
	}
	if (view.n > 0)
		qsort(view.items,
		      view.n,
		      sizeof(void *),
		      choice->with_others ? compare_places : compare_sessions);
	*ret_view = view;
	return 0;
}

void session_view_release(struct session_view *view) {
	mirror_paths_release(&view->paths);
	inventory_release(&view->inventory);
	arena_release(&view->arena);
	*view = (struct session_view) {0};
}

static int compare_ids(const void *a, const void *b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct id_list {
	const char **items;
	size_t n;
};

static void take_id(struct id_list *ids, const struct aws_tags *tags) {
	const char *id = deployment_of(tags);
	if (id != NULL)
		ids->items[ids->n++] = id;
}

int session_view_deployments(struct session_view *view, struct shape_strings *ret_ids) {
	const struct inventory *inventory = &view->inventory;
	size_t n_max = inventory->sessions.sessions.n + inventory->filters.filters.n
		+ inventory->targets.targets.n;
	struct id_list ids = {
		.items = arena_alloc_array(&view->arena, n_max, sizeof(*ids.items)),
	};
	if (ids.items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < inventory->sessions.sessions.n; i++)
		take_id(&ids, &inventory->sessions.sessions.items[i].tags);
	for (size_t i = 0; i < inventory->filters.filters.n; i++)
		take_id(&ids, &inventory->filters.filters.items[i].tags);
	for (size_t i = 0; i < inventory->targets.targets.n; i++)
		take_id(&ids, &inventory->targets.targets.items[i].tags);
	if (ids.n > 0)
		qsort(ids.items, ids.n, sizeof(*ids.items), compare_ids);
	size_t n = 0;
	for (size_t i = 0; i < ids.n; i++)
		if (i == 0 || strcmp(ids.items[i], ids.items[n - 1]) != 0)
			ids.items[n++] = ids.items[i];
	*ret_ids = (struct shape_strings) {.items = ids.items, .n = n};
	return 0;
}
