#include "shape.h"

#include "timestamps.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool shape_field_is_in(const struct shape_field *field, const char *place, const char **ret_name) {
	size_t len = strlen(place);
	if (strncmp(field->name, place, len) != 0 || field->name[len] != ':')
		return false;
	*ret_name = field->name + len + 1;
	return true;
}

static const void *value_at(const struct shape_field *field, const void *object) {
	return (const char *)object + field->offset;
}

static bool add_time(int64_t time_s, struct strbuf *buf) {
	char text[TIMESTAMP_ISO_SIZE];
	timestamp_to_iso(time_s, text);
	strbuf_add_text(buf, text);
	return true;
}

bool shape_leaf_text(const struct shape_field *field, const void *object, struct strbuf *buf) {
	const void *value = value_at(field, object);
	switch (field->type) {
	case SHAPE_TYPE_STRING: {
		const char *text = *(const char *const *)value;
		if (text == NULL)
			return false;
		strbuf_add_text(buf, text);
		return true;
	}
	case SHAPE_TYPE_INTEGER: {
		int64_t number = *(const int64_t *)value;
		strbuf_printf(buf, "%" PRId64, number);
		return number != 0;
	}
	case SHAPE_TYPE_NUMBER: {
		const struct shape_number *number = value;
		strbuf_printf(buf, "%" PRId64, number->value);
		return number->is_set;
	}
	case SHAPE_TYPE_BOOL:
		strbuf_add_text(buf, "true");
		return *(const bool *)value;
	case SHAPE_TYPE_DOUBLE:
		strbuf_printf(buf, "%.17g", *(const double *)value);
		return fpclassify(*(const double *)value) != FP_ZERO;
	case SHAPE_TYPE_TIME: {
		int64_t time_s = *(const int64_t *)value;
		return time_s != 0 && add_time(time_s, buf);
	}
	case SHAPE_TYPE_CONSTANT:
		strbuf_add_text(buf, field->text);
		return true;
	case SHAPE_TYPE_BLOB:
	case SHAPE_TYPE_STRINGS:
	case SHAPE_TYPE_DOUBLES:
	case SHAPE_TYPE_STRUCT:
	case SHAPE_TYPE_LIST:
		break;
	}
	return false;
}

static int read_integer(const char *text, int64_t *ret_value) {
	char *end;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (end == text || *end != 0 || errno != 0)
		return -EBADMSG;
	*ret_value = value;
	return 0;
}

static int read_double(const char *text, double *ret_value) {
	char *end;
	double value = strtod(text, &end);
	if (end == text || *end != 0 || !isfinite(value))
		return -EBADMSG;
	*ret_value = value;
	return 0;
}

// The JSON services write a time as seconds with a fraction, the others as RFC 3339.
static int read_time(const char *text, int64_t *ret_value) {
	double seconds;
	if (timestamp_from_iso(text, ret_value) == 0)
		return 0;
	if (read_double(text, &seconds) < 0 || fabs(seconds) > 1e12)
		return -EBADMSG;
	*ret_value = (int64_t)seconds;
	return 0;
}

static int read_bool(const char *text, bool *ret_value) {
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return -EBADMSG;
	*ret_value = text[0] == 't';
	return 0;
}

static int read_leaf(const struct shape_field *field, const char *text, void *value) {
	switch (field->type) {
	case SHAPE_TYPE_STRING:
		*(const char **)value = text;
		return 0;
	case SHAPE_TYPE_INTEGER:
		return read_integer(text, value);
	case SHAPE_TYPE_NUMBER: {
		struct shape_number *number = value;
		int result = read_integer(text, &number->value);
		number->is_set = result == 0;
		return result;
	}
	case SHAPE_TYPE_BOOL:
		return read_bool(text, value);
	case SHAPE_TYPE_DOUBLE:
		return read_double(text, value);
	case SHAPE_TYPE_TIME:
		return read_time(text, value);
	case SHAPE_TYPE_CONSTANT:
	case SHAPE_TYPE_BLOB:
	case SHAPE_TYPE_STRINGS:
	case SHAPE_TYPE_DOUBLES:
	case SHAPE_TYPE_STRUCT:
	case SHAPE_TYPE_LIST:
		break;
	}
	return -EINVAL;
}

static int append_string(struct arena *arena, const char *text, struct shape_strings *list) {
	const char **items = arena_grow(arena, list->items, list->n, sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	items[list->n++] = text == NULL ? "" : text;
	list->items = items;
	return 0;
}

static int append_double(struct arena *arena, const char *text, struct shape_doubles *list) {
	double *items = arena_grow(arena, list->items, list->n, sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	int result = read_double(text == NULL ? "" : text, &items[list->n]);
	list->items = items;
	list->n += result == 0;
	return result;
}

static int append_item(
	const struct shape *shape,
	const struct node *node,
	struct arena *arena,
	struct shape_list *list,
	const char **ret_field
) {
	char *items = arena_grow(arena, list->items, list->n, shape->size);
	if (items == NULL)
		return -ENOMEM;
	list->items = items;
	void *item = items + list->n * shape->size;
	memset(item, 0, shape->size);
	int result = shape_read(shape, node, arena, item, ret_field);
	list->n += result == 0;
	return result;
}

static int read_list(
	const struct shape_field *field,
	const struct node *node,
	struct arena *arena,
	void *value,
	const char **ret_field
) {
	int result = 0;
	for (const struct node *item = node->child; result == 0 && item != NULL;
	     item = item->next) {
		if (field->type == SHAPE_TYPE_STRINGS)
			result = append_string(arena, item->text, value);
		else if (field->type == SHAPE_TYPE_DOUBLES)
			result = append_double(arena, item->text, value);
		else
			result = append_item(field->shape, item, arena, value, ret_field);
	}
	return result;
}

static int read_field(
	const struct shape_field *field,
	const struct node *node,
	struct arena *arena,
	void *value,
	const char **ret_field
) {
	if (field->type == SHAPE_TYPE_STRUCT)
		return shape_read(field->shape, node, arena, value, ret_field);
	if (field->type == SHAPE_TYPE_LIST || field->type == SHAPE_TYPE_STRINGS
	    || field->type == SHAPE_TYPE_DOUBLES)
		return read_list(field, node, arena, value, ret_field);
	return node->text == NULL ? 0 : read_leaf(field, node->text, value);
}

int shape_read(
	const struct shape *shape,
	const struct node *node,
	struct arena *arena,
	void *object,
	const char **ret_field
) {
	for (size_t i = 0; i < shape->n_fields; i++) {
		const struct shape_field *field = &shape->fields[i];
		const struct node *found = node_find(node, field->name);
		bool is_absent = found == NULL || found->text == NULL || found->text[0] == 0;
		int result = 0;
		if (field->is_required && is_absent)
			result = -EBADMSG;
		else if (found != NULL)
			result = read_field(
				field, found, arena, (char *)object + field->offset, ret_field
			);
		if (result == -EBADMSG && *ret_field == NULL)
			*ret_field = field->name;
		if (result < 0)
			return result;
	}
	return 0;
}
