#pragma once

// An answer of AWS as a tree, whether it came as XML or as JSON. All of it lives in the arena that it
// was read into.
//
//   <a><b>1</b><c/></a>   and   {"b": 1, "c": ""}   are both   a: [b "1"] [c ""]
//   the items of a JSON array are named "member"

#include "arena.h"
#include "slice.h"

#include <stddef.h>

struct node {
	const char *name;
	const char *text; // of a leaf; NULL where there are children, or where JSON says null
	struct node *child;
	struct node *next;
};

// By a path such as "attachment/instanceId"; the empty path is the node itself. NULL where a step is
// missing; where several children have the name, the first. 'node' may be NULL.
const struct node *node_find(const struct node *node, const char *path);

// The text there, or NULL.
const char *node_text(const struct node *node, const char *path);

size_t node_n_children(const struct node *node);

// The root is the document's outermost element. -EBADMSG (not well-formed, a document type, too
// deep), -ENOMEM.
int node_from_xml(struct arena *arena, struct slice text, struct node **ret_root);

// -EBADMSG (not JSON, neither object nor array, too deep), -ENOMEM. Empty text is an empty object, as
// AWS sends it.
int node_from_json(struct arena *arena, struct slice text, struct node **ret_root);
