#include "node.h"
#include "protocol.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

// The first byte chooses the protocol and whether the answer is an error; the rest is its body. Whatever
// it holds, reading ends, and an error always has a code that is safe to print.

struct item {
	const char *name;
	int64_t number;
	struct shape_number optional;
	bool flag;
	double price;
	int64_t time_s;
};

struct answer {
	struct {
		struct item *items;
		size_t n;
	} list;
	struct shape_strings strings;
	struct shape_doubles doubles;
	struct item item;
};

static const struct shape_field item_fields[] = {
	SHAPE_STRING(struct item, name, "name"),
	SHAPE_INTEGER(struct item, number, "number"),
	SHAPE_NUMBER(struct item, optional, "optional"),
	SHAPE_BOOL(struct item, flag, "flag"),
	SHAPE_DOUBLE(struct item, price, "deep/price"),
	SHAPE_TIME(struct item, time_s, "time"),
};
static const struct shape item_shape = SHAPE(struct item, item_fields);

static const struct shape_field answer_fields[] = {
	SHAPE_LIST(struct answer, list, "list", item_shape),
	SHAPE_STRINGS(struct answer, strings, "strings"),
	SHAPE_DOUBLES(struct answer, doubles, "doubles"),
	SHAPE_STRUCT(struct answer, item, "item", item_shape),
};
static const struct shape answer_shape = SHAPE(struct answer, answer_fields);

static void read_answer(const struct operation *operation, struct slice body) {
	struct arena arena = arena_empty();
	const struct node *node = NULL;
	const char *token = NULL;
	struct answer answer = {0};
	struct aws_error error;
	int result = protocol_parse(operation, body, &arena, &node, &error);
	if (result == 0)
		result = protocol_read(operation, node, &arena, &answer, &token, &error);
	if (result == 0) {
		for (size_t i = 0; i < answer.strings.n; i++)
			assert(answer.strings.items[i] != NULL);
		assert(token == NULL || token[0] != 0);
		for (size_t i = 0; i < answer.list.n; i++)
			assert(answer.list.items[i].name == NULL
			       || strlen(answer.list.items[i].name) <= body.len * 4);
	}
	arena_release(&arena);
}

static void read_error(const struct operation *operation, struct slice body) {
	struct http_response response;
	struct aws_error error;
	http_response_init(&response, 1 << 20);
	response.status = 400;
	strbuf_add_slice(&response.body, body);
	protocol_read_error(operation, &response, &error);
	assert(error.code[0] != 0 && error.message[0] != 0);
	for (const char *at = error.message; *at != 0; at++)
		assert((unsigned char)*at >= ' ');
	http_response_release(&response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size == 0)
		return 0;
	struct service service = {.protocol = (enum protocol)(data[0] & 3)};
	struct operation operation = {
		.service = &service,
		.name = "Call",
		.output = &answer_shape,
		.paging = {.token_in = "NextToken", .token_out = "nextToken"},
	};
	struct slice body = slice_of(data + 1, size - 1);
	if ((data[0] & 4) != 0)
		read_error(&operation, body);
	else
		read_answer(&operation, body);
	return 0;
}
