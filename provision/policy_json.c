#include "policy.h"

#include <jansson.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VERSION "2012-10-17"

// json_*_new() take NULL and then fail, so one flag is enough to know that the whole could not be made.
static void put(json_t *object, const char *key, json_t *value, bool *ok) {
	if (json_object_set_new(object, key, value) < 0)
		*ok = false;
}

// One text as it is, several as a list.
static json_t *texts_json(const struct shape_strings *texts, bool *ok) {
	if (texts->n == 1)
		return json_string(texts->items[0]);
	json_t *list = json_array();
	for (size_t i = 0; i < texts->n; i++)
		if (json_array_append_new(list, json_string(texts->items[i])) < 0)
			*ok = false;
	return list;
}

static json_t *conditions_json(const struct policy_statement *statement, bool *ok) {
	json_t *operators = json_object();
	for (size_t i = 0; i < statement->n_conditions; i++) {
		const struct policy_condition *condition = &statement->conditions[i];
		json_t *keys = json_object_get(operators, condition->operator);
		if (keys == NULL) {
			keys = json_object();
			put(operators, condition->operator, keys, ok);
		}
		if (*ok)
			put(keys, condition->key, texts_json(&condition->values, ok), ok);
	}
	return operators;
}

static json_t *statement_json(const struct policy_statement *statement, bool *ok) {
	json_t *object = json_object();
	if (statement->sid != NULL)
		put(object, "Sid", json_string(statement->sid), ok);
	put(object, "Effect", json_string("Allow"), ok);
	put(object, "Action", texts_json(&statement->actions, ok), ok);
	put(object, "Resource", texts_json(&statement->resources, ok), ok);
	if (statement->n_conditions > 0)
		put(object, "Condition", conditions_json(statement, ok), ok);
	return object;
}

static const char *dump(const json_t *json, size_t flags, struct arena *arena) {
	char *text = json_dumps(json, flags);
	const char *copy = text == NULL ? NULL : arena_strdup(arena, text);
	free(text);
	return copy;
}

static int add_document(json_t *statements, struct arena *arena, struct shape_strings *documents) {
	bool ok = true;
	json_t *document = json_object();
	const char **items = arena_grow(arena, documents->items, documents->n, sizeof(*items));
	put(document, "Version", json_string(VERSION), &ok);
	put(document, "Statement", json_incref(statements), &ok);
	const char *text = ok ? dump(document, JSON_INDENT(2), arena) : NULL;
	json_decref(document);
	if (items == NULL || text == NULL)
		return -ENOMEM;
	items[documents->n] = text;
	*documents = (struct shape_strings) {.items = items, .n = documents->n + 1};
	return 0;
}

static size_t size_of(const json_t *json) {
	return json_dumpb(json, NULL, 0, JSON_COMPACT);
}

struct document_writer {
	struct arena *arena;
	struct shape_strings *documents;
	json_t *open; // statements of the document that is being filled
	size_t size;
};

// {"Version":"2012-10-17","Statement":[]}
#define FRAME_SIZE 39

static int close_document(struct document_writer *writer) {
	if (json_array_size(writer->open) == 0)
		return 0;
	int result = add_document(writer->open, writer->arena, writer->documents);
	json_decref(writer->open);
	writer->open = json_array();
	writer->size = FRAME_SIZE;
	return writer->open == NULL ? -ENOMEM : result;
}

static struct policy_statement
part_of(const struct policy_statement *whole, size_t from, size_t n) {
	struct policy_statement part = *whole;
	part.resources = (struct shape_strings) {.items = whole->resources.items + from, .n = n};
	return part;
}

// A statement that is too long for any document is divided by its resources.
static int
write_statement(struct document_writer *writer, const struct policy_statement *statement) {
	bool ok = true;
	json_t *json = statement_json(statement, &ok);
	size_t size = json == NULL ? 0 : size_of(json); // 0 too where memory is short
	int result = ok && size > 0 ? 0 : -ENOMEM;
	size += 1; // a comma
	size_t half = statement->resources.n / 2;
	if (result == 0 && FRAME_SIZE + size > POLICY_DOCUMENT_MAX && half > 0) {
		struct policy_statement first = part_of(statement, 0, half);
		struct policy_statement rest =
			part_of(statement, half, statement->resources.n - half);
		json_decref(json);
		result = write_statement(writer, &first);
		return result < 0 ? result : write_statement(writer, &rest);
	}
	if (result == 0 && writer->size + size > POLICY_DOCUMENT_MAX)
		result = close_document(writer);
	if (result == 0 && json_array_append(writer->open, json) < 0)
		result = -ENOMEM;
	writer->size += size;
	json_decref(json);
	return result;
}

int policy_documents(
	const struct policy_statements *statements,
	struct arena *arena,
	struct shape_strings *ret_documents
) {
	struct shape_strings documents = {0};
	struct document_writer writer = {
		.arena = arena,
		.documents = &documents,
		.open = json_array(),
		.size = FRAME_SIZE,
	};
	int result = writer.open == NULL ? -ENOMEM : 0;
	for (size_t i = 0; result == 0 && i < statements->n; i++)
		result = write_statement(&writer, &statements->items[i]);
	if (result == 0)
		result = close_document(&writer);
	json_decref(writer.open);
	if (result == 0)
		*ret_documents = documents;
	return result;
}

const char *policy_trust(const struct policy_wants *wants, struct arena *arena) {
	bool ok = true,
	     is_china = wants->partition != NULL && strcmp(wants->partition, "aws-cn") == 0;
	const char *name = is_china ? "ec2.amazonaws.com.cn" : "ec2.amazonaws.com";
	json_t *document = json_object(), *statement = json_object(), *principal = json_object();
	put(principal, "Service", json_string(name), &ok);
	put(statement, "Effect", json_string("Allow"), &ok);
	put(statement, "Principal", principal, &ok);
	put(statement, "Action", json_string("sts:AssumeRole"), &ok);
	put(document, "Version", json_string(VERSION), &ok);
	put(document, "Statement", statement, &ok);
	const char *text = ok ? dump(document, JSON_INDENT(2), arena) : NULL;
	json_decref(document);
	return text;
}

const char *policy_statement_for_denial(
	const struct policy_denial *denial,
	const struct policy_wants *wants,
	struct arena *arena
) {
	struct policy_statements found;
	bool ok = true;
	if (policy_statements_for(denial, wants, arena, &found) < 0)
		return NULL;
	json_t *list = json_array();
	for (size_t i = 0; i < found.n; i++) {
		found.items[i].sid = NULL;
		if (json_array_append_new(list, statement_json(&found.items[i], &ok)) < 0)
			ok = false;
	}
	const char *text = NULL;
	if (ok)
		text = dump(found.n == 1 ? json_array_get(list, 0) : list, 0, arena);
	json_decref(list);
	return text;
}

const char *policy_statement_for(
	const char *action,
	const char *resource,
	const struct policy_wants *wants,
	struct arena *arena
) {
	struct policy_denial denial = {.action = action, .resource = resource};
	return policy_statement_for_denial(&denial, wants, arena);
}
