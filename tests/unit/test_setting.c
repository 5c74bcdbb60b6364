#include "setting.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// A table with every type, and a list in a list.
struct numbers SETTING_LIST_OF(uint32_t);

struct room {
	char *name;
	uint32_t size;
};

struct house {
	uint32_t age;
	bool is_empty;
	char *owner;
	int colour;
	struct room hall;
	struct SETTING_LIST_OF(struct room) rooms;
	struct SETTING_LIST_OF(struct numbers) floors;
};

static const char *const colours[] = {"white", "red", NULL};

static const struct setting room_fields[] = {
	{.key = "name",
	 .type = SETTING_TEXT,
	 .is_required = true,
	 .at = offsetof(struct room, name),
	 .min = 1,
	 .max = 4},
	{.key = "size",
	 .type = SETTING_NUMBER,
	 .at = offsetof(struct room, size),
	 .min = 5,
	 .max = 500,
	 .preset = "20"},
	{},
};
static const struct setting room_item = {.type = SETTING_OBJECT, .fields = room_fields};
static const struct setting number_item = {.type = SETTING_NUMBER, .max = UINT32_MAX};
static const struct setting floor_item = {
	.type = SETTING_LIST,
	.item = &number_item,
	.item_size = sizeof(uint32_t),
	.max = 20,
};
static const struct setting house_fields[] = {
	{.key = "age",
	 .type = SETTING_NUMBER,
	 .at = offsetof(struct house, age),
	 .max = 900,
	 .preset = "7"},
	{.key = "is_empty",
	 .type = SETTING_BOOL,
	 .at = offsetof(struct house, is_empty),
	 .preset = "true"},
	{.key = "owner",
	 .type = SETTING_TEXT,
	 .at = offsetof(struct house, owner),
	 .max = 5,
	 .preset = "\"Ada\""},
	{.key = "colour",
	 .type = SETTING_CHOICE,
	 .at = offsetof(struct house, colour),
	 .choices = colours,
	 .preset = "\"red\""},
	{.key = "hall",
	 .type = SETTING_OBJECT,
	 .at = offsetof(struct house, hall),
	 .fields = room_fields},
	{.key = "rooms",
	 .type = SETTING_LIST,
	 .at = offsetof(struct house, rooms),
	 .item = &room_item,
	 .item_size = sizeof(struct room),
	 .min = 1,
	 .max = 30},
	{.key = "floors",
	 .type = SETTING_LIST,
	 .at = offsetof(struct house, floors),
	 .item = &floor_item,
	 .item_size = sizeof(struct numbers),
	 .max = 3,
	 .preset = "[[1, 2], []]"},
	{},
};
static const struct setting house_setting = {.type = SETTING_OBJECT, .fields = house_fields};

static struct house make_house(void) {
	struct house house = {};
	assert_int_equal(setting_preset(&house_setting, &house), 0);
	return house;
}

// Applies JSON to a house with its presets. On failure the error stays in '*ret_error'.
static int apply(struct house *house, const char *text, struct setting_error *ret_error) {
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
	assert_non_null(value);
	memset(ret_error, 0, sizeof(*ret_error));
	int r = setting_apply(&house_setting, house, value, "$", ret_error);
	json_decref(value);
	return r;
}

static void presets_fill_what_is_not_given(void **) {
	struct house house = make_house();
	assert_int_equal(house.age, 7);
	assert_true(house.is_empty);
	assert_string_equal(house.owner, "Ada");
	assert_int_equal(house.colour, 1);
	assert_null(house.hall.name);
	assert_int_equal(house.hall.size, 20);
	assert_int_equal(house.rooms.n, 0);
	assert_int_equal(house.floors.n, 2);
	assert_int_equal(house.floors.items[0].n, 2);
	assert_int_equal(house.floors.items[0].items[1], 2);
	assert_int_equal(house.floors.items[1].n, 0);
	setting_release(&house_setting, &house);
}

static void values_take_the_place_of_presets(void **) {
	struct house house = make_house();
	struct setting_error error;
	const char *text =
		"{\"age\": 900, \"is_empty\": false, \"owner\": \"\", \"colour\": \"white\","
		" \"hall\": {\"name\": \"a\"}, \"rooms\": [{\"name\": \"b\", \"size\": 5},"
		" {\"name\": \"c\"}], \"floors\": [[4294967295]]}";
	assert_int_equal(apply(&house, text, &error), 0);
	assert_int_equal(house.age, 900);
	assert_false(house.is_empty);
	assert_string_equal(house.owner, "");
	assert_int_equal(house.colour, 0);
	assert_string_equal(house.hall.name, "a");
	assert_int_equal(house.rooms.n, 2);
	assert_int_equal(house.rooms.items[0].size, 5);
	assert_string_equal(house.rooms.items[1].name, "c");
	assert_int_equal(house.rooms.items[1].size, 20); // an entry has presets too
	assert_int_equal(house.floors.n, 1);
	assert_int_equal(house.floors.items[0].items[0], UINT32_MAX);
	setting_release(&house_setting, &house);
}

static void a_list_grows_as_far_as_it_may(void **) {
	struct house house = make_house();
	struct setting_error error;
	char text[2048] = "{\"rooms\": [";
	for (int i = 0; i < 30; i++)
		strcat(text, i == 0 ? "{\"name\": \"x\"}" : ", {\"name\": \"y\"}");
	strcat(text, "]}");
	assert_int_equal(apply(&house, text, &error), 0);
	assert_int_equal(house.rooms.n, 30);
	assert_string_equal(house.rooms.items[29].name, "y");
	// Again: the old entries go.
	assert_int_equal(apply(&house, "{\"rooms\": [{\"name\": \"z\"}]}", &error), 0);
	assert_int_equal(house.rooms.n, 1);
	setting_release(&house_setting, &house);
}

static const struct {
	const char *text, *error;
} refused[] = {
	{"[]", "$: expected an object, found an array of 0"},
	{"{\"aeg\": 1}", "$: unknown key \"aeg\"; did you mean \"age\"?"},
	{"{\"zzzzzzz\": 1}", "$: unknown key \"zzzzzzz\""},
	{"{\"\": 1}", "$: unknown key \"\""},
	{"{\"a\\u001b\": 1}", "$: unknown key \"a\\u001B\""},
	{"{\"age\": 901}", "$.age: expected an integer from 0 to 900, found 901"},
	{"{\"age\": -1}", "$.age: expected an integer from 0 to 900, found -1"},
	{"{\"age\": 9223372036854775807}",
	 "$.age: expected an integer from 0 to 900, found 9223372036854775807"},
	{"{\"age\": 1.5}", "$.age: expected an integer from 0 to 900, found 1.5"},
	{"{\"age\": null}", "$.age: expected an integer from 0 to 900, found null"},
	{"{\"is_empty\": 0}", "$.is_empty: expected true or false, found 0"},
	{"{\"owner\": \"abcdef\"}", "$.owner: expected a string of 0 to 5 bytes, found \"abcdef\""},
	{"{\"owner\": {}}", "$.owner: expected a string of 0 to 5 bytes, found an object of 0"},
	{"{\"colour\": \"rde\"}",
	 "$.colour: expected one of \"white\", \"red\", found \"rde\"; did you mean \"red\"?"},
	{"{\"colour\": 1}", "$.colour: expected one of \"white\", \"red\", found 1"},
	{"{\"hall\": {\"size\": 4}}", "$.hall.size: expected an integer from 5 to 500, found 4"},
	{"{\"hall\": {}}", "$.hall: the key \"name\" is missing"},
	{"{\"rooms\": []}", "$.rooms: expected an array of 1 to 30 objects, found an array of 0"},
	{"{\"rooms\": [{\"name\": \"a\"}, {\"name\": \"\"}]}",
	 "$.rooms[1].name: expected a string of 1 to 4 bytes, found \"\""},
	{"{\"rooms\": [{}]}", "$.rooms[0]: the key \"name\" is missing"},
	{"{\"floors\": [[], [1, -1]]}",
	 "$.floors[1][1]: expected an integer from 0 to 4294967295, found -1"},
	{"{\"floors\": [[], [], [], []]}",
	 "$.floors: expected an array of 0 to 3 arrays, found an array of 4"},
	{"{\"owner\": "
	 "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "a\"}",
	 "$.owner: expected a string of 0 to 5 bytes, found "
	 "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."},
};

static void refusals_say_where_and_what_was_expected(void **) {
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct house house = make_house();
		struct setting_error error;
		assert_int_equal(apply(&house, refused[i].text, &error), -EINVAL);
		assert_string_equal(error.text, refused[i].error);
		setting_release(&house_setting, &house);
	}
}

static void dotted_names_find_their_row(void **) {
	struct house house = make_house();
	void *target = NULL;
	const struct setting *setting = setting_find(&house_setting, "hall.size", &house, &target);
	assert_ptr_equal(setting, &room_fields[1]);
	assert_ptr_equal(target, &house.hall.size);
	assert_non_null(setting_find(&house_setting, "age", &house, &target));
	assert_null(setting_find(&house_setting, "hall.siz", &house, &target));
	assert_null(setting_find(&house_setting, "age.x", &house, &target));
	assert_null(setting_find(&house_setting, "", &house, &target));
	setting_release(&house_setting, &house);
}

static void the_schema_tells_bounds_and_presets(void **) {
	const struct setting size = {
		.key = "size",
		.type = SETTING_NUMBER,
		.min = 5,
		.max = 500,
		.preset = "20",
		.help = "of a room",
	};
	json_t *schema = setting_schema(&size);
	char *text = json_dumps(schema, JSON_COMPACT);
	assert_string_equal(
		text,
		"{\"description\":\"of a room\",\"type\":\"integer\",\"minimum\":5,\"maximum\":500,"
		"\"default\":20}"
	);
	free(text);
	json_decref(schema);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presets_fill_what_is_not_given),
		cmocka_unit_test(values_take_the_place_of_presets),
		cmocka_unit_test(a_list_grows_as_far_as_it_may),
		cmocka_unit_test(refusals_say_where_and_what_was_expected),
		cmocka_unit_test(dotted_names_find_their_row),
		cmocka_unit_test(the_schema_tells_bounds_and_presets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
