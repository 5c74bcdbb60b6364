#include "node.h"
#include "strbuf.h"

#include <errno.h>
#include <expat.h>
#include <limits.h>
#include <stdlib.h>

#define DEPTH_MAX 32
#define TEXT_MAX ((size_t)4 << 20)

struct reader {
	XML_Parser parser;
	struct arena *arena;
	struct node *open[DEPTH_MAX];
	struct node *last_child[DEPTH_MAX];
	size_t depth;
	struct node *root;
	struct strbuf text; // of the innermost element, as far as it was read
	int result;
};

static void stop(struct reader *reader, int result) {
	if (reader->result == 0)
		reader->result = result;
	XML_StopParser(reader->parser, XML_FALSE);
}

static void on_start(void *ctx, const char *name, const char **) {
	struct reader *reader = ctx;
	if (reader->result < 0)
		return;
	if (reader->depth == DEPTH_MAX) {
		stop(reader, -EBADMSG);
		return;
	}
	struct node *node = arena_alloc(reader->arena, sizeof(*node));
	char *copy = arena_strdup(reader->arena, name);
	if (node == NULL || copy == NULL) {
		stop(reader, -ENOMEM);
		return;
	}
	node->name = copy;
	if (reader->depth == 0) {
		reader->root = node;
	} else {
		struct node **last = &reader->last_child[reader->depth - 1];
		if (*last == NULL)
			reader->open[reader->depth - 1]->child = node;
		else
			(*last)->next = node;
		*last = node;
	}
	reader->last_child[reader->depth] = NULL;
	reader->open[reader->depth++] = node;
	strbuf_cut(&reader->text, 0);
}

static void on_end(void *ctx, const char *) {
	struct reader *reader = ctx;
	if (reader->result < 0)
		return;
	struct node *node = reader->open[--reader->depth];
	if (node->child == NULL) {
		node->text = arena_strndup(reader->arena, reader->text.data, reader->text.len);
		if (node->text == NULL)
			stop(reader, -ENOMEM);
	}
	strbuf_cut(&reader->text, 0);
}

static void on_text(void *ctx, const char *data, int len) {
	struct reader *reader = ctx;
	if (reader->result < 0)
		return;
	strbuf_add(&reader->text, data, (size_t)len);
	int status = strbuf_status(&reader->text);
	if (status < 0)
		stop(reader, status == -E2BIG ? -EBADMSG : status);
}

// No answer of AWS has a document type; refusing it ends every entity trick.
static void on_doctype(void *ctx, const char *, const char *, const char *, int) {
	stop(ctx, -EBADMSG);
}

int node_from_xml(struct arena *arena, struct slice text, struct node **ret_root) {
	static const XML_Memory_Handling_Suite memory = {malloc, realloc, free};
	struct reader reader = {.arena = arena};
	if (text.len > INT_MAX)
		return -EBADMSG;
	reader.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
	if (reader.parser == NULL)
		return -ENOMEM;
	strbuf_init(&reader.text, TEXT_MAX);
	XML_SetUserData(reader.parser, &reader);
	XML_SetElementHandler(reader.parser, on_start, on_end);
	XML_SetCharacterDataHandler(reader.parser, on_text);
	XML_SetStartDoctypeDeclHandler(reader.parser, on_doctype);
	enum XML_Status status =
		XML_Parse(reader.parser, (const char *)text.data, (int)text.len, XML_TRUE);
	if (reader.result == 0 && status != XML_STATUS_OK)
		reader.result =
			XML_GetErrorCode(reader.parser) == XML_ERROR_NO_MEMORY ? -ENOMEM : -EBADMSG;
	XML_ParserFree(reader.parser);
	strbuf_release(&reader.text);
	if (reader.result == 0)
		*ret_root = reader.root;
	return reader.result;
}
