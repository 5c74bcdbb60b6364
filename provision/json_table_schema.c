#include "json_table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

// json_object_set_new() takes the value also when it fails, and NULL makes it fail; so one flag is enough to
// know that the whole could not be made.
static void put(json_t *schema, const char *key, json_t *value, bool *ok) {
	if (json_object_set_new(schema, key, value) < 0)
		*ok = false;
}

static json_t *object_schema(const struct json_table *table, bool *ok);

static void put_texts(json_t *schema, bool *ok) {
	json_t *item = json_object();
	put(item, "type", json_string("string"), ok);
	put(item, "minLength", json_integer(1), ok);
	put(schema, "type", json_string("array"), ok);
	put(schema, "items", item, ok);
}

static void put_type(json_t *schema, const struct json_table_field *field, bool *ok) {
	switch (field->type) {
	case JSON_TABLE_TEXT:
		put(schema, "type", json_string("string"), ok);
		put(schema, "minLength", json_integer(1), ok);
		break;
	case JSON_TABLE_NUMBER:
		put(schema, "type", json_string("integer"), ok);
		put(schema, "minimum", json_integer(field->min), ok);
		put(schema, "maximum", json_integer(field->max), ok);
		break;
	case JSON_TABLE_FLAG:
		put(schema, "type", json_string("boolean"), ok);
		break;
	case JSON_TABLE_TEXTS:
		put_texts(schema, ok);
		break;
	case JSON_TABLE_OBJECT:
	case JSON_TABLE_CUSTOM:
		break;
	}
}

static void put_form(json_t *schema, const struct json_table_field *field, bool *ok) {
	if (field->form == NULL)
		return;
	json_t *form = json_loads(field->form, 0, NULL);
	if (json_object_update(schema, form) < 0)
		*ok = false;
	json_decref(form);
}

// Items that are objects, besides those of another form that the row tells.
static void put_items(json_t *schema, const struct json_table *table, bool *ok) {
	json_t *object = object_schema(table, ok);
	json_t *other = json_incref(json_object_get(schema, "items"));
	if (other == NULL) {
		put(schema, "items", object, ok);
		return;
	}
	json_t *both = json_array(), *items = json_object();
	if (json_array_append_new(both, other) < 0 || json_array_append_new(both, object) < 0)
		*ok = false;
	put(items, "anyOf", both, ok);
	put(schema, "items", items, ok);
}

static json_t *field_schema(const struct json_table_field *field, bool *ok) {
	json_t *schema =
		field->type == JSON_TABLE_OBJECT ? object_schema(field->table, ok) : json_object();
	assert(field->help != NULL);
	put_type(schema, field, ok);
	put_form(schema, field, ok);
	if (field->type == JSON_TABLE_CUSTOM && field->table != NULL)
		put_items(schema, field->table, ok);
	put(schema, "description", json_string(field->help), ok);
	return schema;
}

static json_t *object_schema(const struct json_table *table, bool *ok) {
	json_t *schema = json_object(), *properties = json_object(), *required = json_array();
	for (size_t i = 0; i < table->n_fields; i++) {
		const struct json_table_field *field = &table->fields[i];
		put(properties, field->name, field_schema(field, ok), ok);
		if (field->is_required
		    && json_array_append_new(required, json_string(field->name)) < 0)
			*ok = false;
	}
	put(schema, "type", json_string("object"), ok);
	put(schema, "additionalProperties", json_false(), ok);
	put(schema, "properties", properties, ok);
	if (json_array_size(required) > 0)
		put(schema, "required", required, ok);
	else
		json_decref(required);
	return schema;
}

char *json_table_schema_text(const struct json_table *table) {
	bool ok = true;
	json_t *schema = json_object(), *body = object_schema(table, &ok);
	char *text = NULL, *line = NULL;
	put(schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"), &ok);
	if (ok && json_object_update(schema, body) == 0)
		text = json_dumps(schema, JSON_INDENT(2));
	json_decref(body);
	json_decref(schema);
	if (text != NULL && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}
