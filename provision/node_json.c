#include "node.h"
#include "strbuf.h"

#include <jansson.h>
#include <openssl/crypto.h>

#include <errno.h>
#include <stdio.h>

#define DEPTH_MAX 32

static int
convert(struct arena *arena, const char *name, json_t *value, int depth, struct node **ret_node);

// Adds 'value' behind '*last', which is moved on to it.
static int
append(struct arena *arena, struct node ***last, const char *name, json_t *value, int depth) {
	struct node *node = NULL;
	int result = convert(arena, name, value, depth + 1, &node);
	if (result == 0) {
		**last = node;
		*last = &node->next;
	}
	return result;
}

static int convert_children(struct arena *arena, json_t *value, int depth, struct node *node) {
	struct node **last = &node->child;
	int result = 0;
	if (json_is_array(value)) {
		for (size_t i = 0; result == 0 && i < json_array_size(value); i++)
			result = append(arena, &last, "member", json_array_get(value, i), depth);
		return result;
	}
	for (void *at = json_object_iter(value); result == 0 && at != NULL;
	     at = json_object_iter_next(value, at))
		result = append(
			arena, &last, json_object_iter_key(at), json_object_iter_value(at), depth
		);
	return result;
}

static char *leaf_text(struct arena *arena, json_t *value) {
	switch (json_typeof(value)) {
	case JSON_STRING:
		return arena_strndup(arena, json_string_value(value), json_string_length(value));
	case JSON_INTEGER:
		return arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	case JSON_REAL:
		return arena_printf(arena, "%.17g", json_real_value(value));
	case JSON_TRUE:
		return arena_strdup(arena, "true");
	case JSON_FALSE:
		return arena_strdup(arena, "false");
	case JSON_NULL:
	case JSON_OBJECT:
	case JSON_ARRAY:
		break;
	}
	return NULL;
}

static int
convert(struct arena *arena, const char *name, json_t *value, int depth, struct node **ret_node) {
	if (depth > DEPTH_MAX)
		return -EBADMSG;
	struct node *node = arena_alloc(arena, sizeof(*node));
	char *copy = arena_strdup(arena, name);
	if (node == NULL || copy == NULL)
		return -ENOMEM;
	node->name = copy;
	*ret_node = node;
	if (json_is_object(value) || json_is_array(value))
		return convert_children(arena, value, depth, node);
	node->text = leaf_text(arena, value);
	return node->text == NULL && !json_is_null(value) ? -ENOMEM : 0;
}

// Strings may be secrets, and jansson frees them as they are.
static void wipe(json_t *value) {
	size_t i;
	json_t *item;
	const char *key;
	if (json_is_array(value))
		json_array_foreach (value, i, item)
			wipe(item);
	if (json_is_object(value))
		json_object_foreach (value, key, item)
			wipe(item);
	if (json_is_string(value))
		OPENSSL_cleanse(
			(void *)(uintptr_t)json_string_value(value), json_string_length(value)
		);
}

// jansson names no reason where the memory for its own buffer is missing.
static int load_failure(const json_error_t *error) {
	enum json_error_code code = json_error_code(error);
	return code == json_error_out_of_memory || code == json_error_unknown ? -ENOMEM : -EBADMSG;
}

int node_from_json(struct arena *arena, struct slice text, struct node **ret_root) {
	json_error_t error = {0};
	if (text.len == 0)
		text = slice_of_string("{}");
	json_t *value = json_loadb((const char *)text.data, text.len, 0, &error);
	if (value == NULL)
		return load_failure(&error);
	struct node *root = NULL;
	int result = convert(arena, "", value, 0, &root);
	wipe(value);
	json_decref(value);
	if (result == 0)
		*ret_root = root;
	return result;
}
