#include "node.h"

#include <string.h>

static const struct node *find_child(const struct node *node, const char *name, size_t len) {
	for (const struct node *child = node->child; child != NULL; child = child->next)
		if (strncmp(child->name, name, len) == 0 && child->name[len] == 0)
			return child;
	return NULL;
}

const struct node *node_find(const struct node *node, const char *path) {
	while (node != NULL && *path != 0) {
		size_t len = strcspn(path, "/");
		node = find_child(node, path, len);
		path += len + (path[len] == '/');
	}
	return node;
}

const char *node_text(const struct node *node, const char *path) {
	const struct node *found = node_find(node, path);
	return found == NULL ? NULL : found->text;
}

size_t node_n_children(const struct node *node) {
	size_t n = 0;
	for (const struct node *child = node == NULL ? NULL : node->child; child != NULL;
	     child = child->next)
		n++;
	return n;
}
