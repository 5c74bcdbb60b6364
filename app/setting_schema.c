#include "setting.h"

// json_object_set_new() takes the value also when it fails, and NULL makes it fail; so one flag is
// enough to know that the whole could not be made.
static void put(json_t *schema, const char *key, json_t *value, bool *ok) {
	if (json_object_set_new(schema, key, value) < 0)
		*ok = false;
}

static void put_object(json_t *schema, const struct setting *setting, bool *ok) {
	json_t *properties = json_object();
	json_t *required = json_array();
	for (const struct setting *field = setting->fields; field->key != NULL; field++) {
		put(properties, field->key, setting_schema(field), ok);
		if (field->is_required
		    && json_array_append_new(required, json_string(field->key)) < 0)
			*ok = false;
	}
	put(schema, "type", json_string("object"), ok);
	put(schema, "additionalProperties", json_false(), ok);
	put(schema, "properties", properties, ok);
	if (json_array_size(required) > 0)
		put(schema, "required", required, ok);
	else
		json_decref(required);
}

static void put_bounds(json_t *schema, const struct setting *setting, bool *ok) {
	static const char *const least[] = {
		[SETTING_NUMBER] = "minimum",
		[SETTING_TEXT] = "minLength",
		[SETTING_LIST] = "minItems",
	};
	static const char *const most[] = {
		[SETTING_NUMBER] = "maximum",
		[SETTING_TEXT] = "maxLength",
		[SETTING_LIST] = "maxItems",
	};
	put(schema, least[setting->type], json_integer(setting->min), ok);
	put(schema, most[setting->type], json_integer(setting->max), ok);
}

static void put_choices(json_t *schema, const struct setting *setting, bool *ok) {
	json_t *names = json_array();
	for (const char *const *name = setting->choices; *name != NULL; name++) {
		if (json_array_append_new(names, json_string(*name)) < 0)
			*ok = false;
	}
	put(schema, "enum", names, ok);
}

json_t *setting_schema(const struct setting *setting) {
	json_t *schema = json_object();
	bool ok = schema != NULL;
	put(schema, "description", json_string(setting->help), &ok);
	switch (setting->type) {
	case SETTING_NUMBER:
		put(schema, "type", json_string("integer"), &ok);
		put_bounds(schema, setting, &ok);
		break;
	case SETTING_BOOL:
		put(schema, "type", json_string("boolean"), &ok);
		break;
	case SETTING_TEXT:
		put(schema, "type", json_string("string"), &ok);
		put_bounds(schema, setting, &ok);
		break;
	case SETTING_CHOICE:
		put_choices(schema, setting, &ok);
		break;
	case SETTING_OBJECT:
		put_object(schema, setting, &ok);
		break;
	case SETTING_LIST:
		put(schema, "type", json_string("array"), &ok);
		put(schema, "items", setting_schema(setting->item), &ok);
		put_bounds(schema, setting, &ok);
		break;
	}
	if (setting->preset != NULL)
		put(schema, "default", json_loads(setting->preset, JSON_DECODE_ANY, NULL), &ok);
	if (ok)
		return schema;
	json_decref(schema);
	return NULL;
}
