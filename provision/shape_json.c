#include "shape.h"

#include <math.h>
#include <string.h>

// NULL stands for "left out" as well as for "no memory"; 'is_ok' tells them apart.
struct writer {
	bool is_ok;
};

static json_t *checked(struct writer *writer, json_t *value) {
	writer->is_ok = writer->is_ok && value != NULL;
	return value;
}

static json_t *write_object(struct writer *writer, const struct shape *shape, const void *object);

static json_t *write_strings(struct writer *writer, const struct shape_strings *strings) {
	if (strings->n == 0)
		return NULL;
	json_t *array = checked(writer, json_array());
	for (size_t i = 0; i < strings->n; i++)
		if (json_array_append_new(array, json_string(strings->items[i])) < 0)
			writer->is_ok = false;
	return array;
}

static json_t *
write_list(struct writer *writer, const struct shape *shape, const struct shape_list *list) {
	if (list->n == 0)
		return NULL;
	json_t *array = checked(writer, json_array());
	for (size_t i = 0; i < list->n; i++) {
		const void *item = (const char *)list->items + i * shape->size;
		if (json_array_append_new(array, write_object(writer, shape, item)) < 0)
			writer->is_ok = false;
	}
	return array;
}

static json_t *write_struct(struct writer *writer, const struct shape *shape, const void *object) {
	json_t *value = write_object(writer, shape, object);
	if (json_object_size(value) > 0)
		return value;
	json_decref(value);
	return NULL;
}

static json_t *
write_leaf(struct writer *writer, const struct shape_field *field, const void *value) {
	if (field->type == SHAPE_TYPE_STRING) {
		const char *text = *(const char *const *)value;
		return text == NULL ? NULL : checked(writer, json_string(text));
	}
	if (field->type == SHAPE_TYPE_CONSTANT)
		return checked(writer, json_string(field->text));
	if (field->type == SHAPE_TYPE_INTEGER || field->type == SHAPE_TYPE_TIME) {
		int64_t number = *(const int64_t *)value;
		return number == 0 ? NULL : checked(writer, json_integer(number));
	}
	if (field->type == SHAPE_TYPE_NUMBER) {
		const struct shape_number *number = value;
		return number->is_set ? checked(writer, json_integer(number->value)) : NULL;
	}
	if (field->type == SHAPE_TYPE_BOOL)
		return *(const bool *)value ? json_true() : NULL;
	if (field->type == SHAPE_TYPE_DOUBLE && fpclassify(*(const double *)value) != FP_ZERO)
		return checked(writer, json_real(*(const double *)value));
	return NULL;
}

static json_t *
write_field(struct writer *writer, const struct shape_field *field, const void *value) {
	if (field->type == SHAPE_TYPE_STRINGS)
		return write_strings(writer, value);
	if (field->type == SHAPE_TYPE_LIST)
		return write_list(writer, field->shape, value);
	if (field->type == SHAPE_TYPE_STRUCT)
		return write_struct(writer, field->shape, value);
	return write_leaf(writer, field, value);
}

// Takes 'value'. "a/b" is the member b of the member a, which is made where it is missing.
static void put(struct writer *writer, json_t *object, const char *path, json_t *value) {
	size_t len = strcspn(path, "/");
	while (path[len] == '/') {
		char name[128];
		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		json_t *inner = json_object_get(object, name);
		if (inner == NULL) {
			inner = json_object();
			if (json_object_set_new(object, name, inner) < 0)
				writer->is_ok = false;
		}
		object = json_object_get(object, name);
		path += len + 1;
		len = strcspn(path, "/");
	}
	if (json_object_set_new(object, path, value) < 0)
		writer->is_ok = false;
}

static json_t *write_object(struct writer *writer, const struct shape *shape, const void *object) {
	json_t *root = checked(writer, json_object());
	for (size_t i = 0; i < shape->n_fields; i++) {
		const struct shape_field *field = &shape->fields[i];
		if (strchr(field->name, ':') != NULL)
			continue;
		json_t *value = write_field(writer, field, (const char *)object + field->offset);
		if (value != NULL)
			put(writer, root, field->name, value);
	}
	return root;
}

json_t *shape_write_json(const struct shape *shape, const void *object) {
	struct writer writer = {.is_ok = true};
	json_t *root = write_object(&writer, shape, object);
	if (writer.is_ok)
		return root;
	json_decref(root);
	return NULL;
}
