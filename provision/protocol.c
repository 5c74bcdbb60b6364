#include "protocol.h"

#include "uri.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BODY_MAX ((size_t)4 << 20)

static bool is_form(const struct operation *operation) {
	return operation->service->protocol == PROTOCOL_EC2
		|| operation->service->protocol == PROTOCOL_QUERY;
}

static void add_header(struct protocol_request *request, const char *name, const char *value) {
	request->headers[request->n_headers++] = (struct http_header) {name, value};
}

static bool sends_page_size(const struct operation *operation, const void *input) {
	const struct operation_paging *paging = &operation->paging;
	const struct shape_strings *ids = input;
	bool has_ids = false;
	for (int i = 0; i < paging->n_id_lists; i++)
		has_ids = has_ids || ids[i].n > 0;
	return paging->size_name != NULL && !has_ids;
}

// Keeps what was written where it outlives the buffer.
static int keep(struct arena *arena, struct strbuf *buf, const char **ret_text) {
	int result = strbuf_status(buf);
	if (result == 0) {
		*ret_text = arena_strndup(arena, buf->data, buf->len);
		if (*ret_text == NULL)
			result = -ENOMEM;
	}
	strbuf_release(buf);
	return result;
}

static int write_form(
	const struct operation *operation,
	const void *input,
	const struct protocol_options *options,
	struct arena *arena,
	struct protocol_request *request
) {
	const struct operation_paging *paging = &operation->paging;
	const char *text = "";
	struct strbuf body;
	strbuf_init(&body, BODY_MAX);
	strbuf_printf(&body, "Action=%s&Version=%s", operation->name, operation->service->version);
	if (operation->input != NULL)
		shape_write_query(
			operation->input,
			input,
			operation->service->protocol == PROTOCOL_EC2 ? SHAPE_DIALECT_EC2
								     : SHAPE_DIALECT_QUERY,
			&body
		);
	if (sends_page_size(operation, input))
		strbuf_printf(&body, "&%s=%d", paging->size_name, paging->size);
	if (options->page_token != NULL) {
		strbuf_printf(&body, "&%s=", paging->token_in);
		uri_encode(&body, slice_of_string(options->page_token), false);
	}
	if (options->is_dry_run && operation->service->protocol == PROTOCOL_EC2)
		strbuf_add_text(&body, "&DryRun=true");
	int result = keep(arena, &body, &text);
	if (result < 0)
		return result;
	request->body = slice_of_string(text);
	request->method = "POST";
	request->path = "/";
	add_header(request, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
	return 0;
}

static int write_json_body(
	const struct operation *operation,
	const void *input,
	const char *page_token,
	struct arena *arena,
	struct protocol_request *request
) {
	const struct operation_paging *paging = &operation->paging;
	json_t *body = operation->input == NULL ? json_object()
						: shape_write_json(operation->input, input);
	bool is_ok = body != NULL;
	if (is_ok && sends_page_size(operation, input))
		is_ok = json_object_set_new(body, paging->size_name, json_integer(paging->size))
			== 0;
	if (is_ok && page_token != NULL)
		is_ok = json_object_set_new(body, paging->token_in, json_string(page_token)) == 0;
	char *text = is_ok ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	char *copy = arena_strdup(arena, text);
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
	if (copy == NULL)
		return -ENOMEM;
	request->body = slice_of_string(copy);
	return 0;
}

static int write_json(
	const struct operation *operation,
	const void *input,
	const char *page_token,
	struct arena *arena,
	struct protocol_request *request
) {
	const char *target =
		arena_printf(arena, "%s%s", operation->service->target, operation->name);
	if (target == NULL)
		return -ENOMEM;
	request->method = "POST";
	request->path = "/";
	add_header(request, "Content-Type", "application/x-amz-json-1.1");
	add_header(request, "X-Amz-Target", target);
	return write_json_body(operation, input, page_token, arena, request);
}

// Replaces "{name}" of the path by the field "uri:name".
static void write_uri(const struct operation *operation, const void *input, struct strbuf *path) {
	const char *at = operation->path;
	while (*at != 0) {
		size_t plain = strcspn(at, "{");
		strbuf_add(path, at, plain);
		at += plain;
		if (*at == 0)
			break;
		size_t len = strcspn(++at, "}");
		for (size_t i = 0; i < operation->input->n_fields; i++) {
			const struct shape_field *field = &operation->input->fields[i];
			const char *name;
			struct strbuf value;
			if (!shape_field_is_in(field, "uri", &name) || strlen(name) != len
			    || strncmp(name, at, len) != 0)
				continue;
			strbuf_init(&value, BODY_MAX);
			// An integer 0 is a block's number, not an absence.
			shape_leaf_text(field, input, &value);
			uri_encode(path, strbuf_slice(&value), false);
			strbuf_release(&value);
		}
		at += len + 1;
	}
}

// Query, header and body fields; '*ret_has_json' where others remain for a JSON body.
static int write_places(
	const struct operation *operation,
	const void *input,
	struct arena *arena,
	struct strbuf *path,
	struct protocol_request *request
) {
	for (size_t i = 0; i < operation->input->n_fields; i++) {
		const struct shape_field *field = &operation->input->fields[i];
		const char *name, *text = "";
		struct strbuf value;
		if (shape_field_is_in(field, "body", &name)) {
			request->body =
				*(const struct slice *)((const char *)input + field->offset);
			continue;
		}
		strbuf_init(&value, BODY_MAX);
		bool is_set = shape_leaf_text(field, input, &value);
		int result = keep(arena, &value, &text);
		if (result < 0)
			return result;
		if (is_set && shape_field_is_in(field, "header", &name))
			add_header(request, name, text);
		if (is_set && shape_field_is_in(field, "query", &name)) {
			strbuf_printf(
				path, "%c%s=", strchr(path->data, '?') == NULL ? '?' : '&', name
			);
			uri_encode(path, slice_of_string(text), false);
		}
	}
	return 0;
}

static bool has_json_fields(const struct operation *operation) {
	for (size_t i = 0; operation->input != NULL && i < operation->input->n_fields; i++)
		if (strchr(operation->input->fields[i].name, ':') == NULL)
			return true;
	return false;
}

static int write_rest(
	const struct operation *operation,
	const void *input,
	const char *page_token,
	struct arena *arena,
	struct protocol_request *request
) {
	struct strbuf path;
	strbuf_init(&path, BODY_MAX);
	write_uri(operation, input, &path);
	int result = write_places(operation, input, arena, &path, request);
	if (result == 0 && page_token != NULL) {
		strbuf_printf(&path, "%c", strchr(path.data, '?') == NULL ? '?' : '&');
		strbuf_printf(&path, "%s=", operation->paging.token_in);
		uri_encode(&path, slice_of_string(page_token), false);
	}
	int status = keep(arena, &path, &request->path);
	request->method = operation->method;
	if (result < 0 || status < 0)
		return result < 0 ? result : status;
	if (!has_json_fields(operation))
		return 0;
	add_header(request, "Content-Type", "application/json");
	return write_json_body(operation, input, NULL, arena, request);
}

int protocol_write(
	const struct operation *operation,
	const void *input,
	const struct protocol_options *options,
	struct arena *arena,
	struct protocol_request *ret_request
) {
	struct protocol_request request = {0};
	int result;
	if (is_form(operation))
		result = write_form(operation, input, options, arena, &request);
	else if (operation->service->protocol == PROTOCOL_JSON)
		result = write_json(operation, input, options->page_token, arena, &request);
	else
		result = write_rest(operation, input, options->page_token, arena, &request);
	if (result == 0)
		*ret_request = request;
	return result;
}

// The node that holds the operation's result: EC2 has it at the root, query one below. NULL where this is
// no answer to the operation.
static const struct node *result_node(const struct operation *operation, const struct node *root) {
	char name[128];
	if (!is_form(operation))
		return root;
	snprintf(name, sizeof(name), "%sResponse", operation->name);
	if (strcmp(root->name, name) != 0)
		return NULL;
	if (operation->service->protocol == PROTOCOL_EC2 || operation->output == NULL)
		return root;
	snprintf(name, sizeof(name), "%sResult", operation->name);
	return node_find(root, name);
}

// The first of a JSON object. Where a service answers nothing at all, REST is what it speaks.
static bool may_be_object(const struct operation *operation, struct slice body) {
	size_t at = 0;
	while (at < body.len && isspace(body.data[at]))
		at++;
	return at < body.len ? body.data[at] == '{'
			     : body.len == 0 && operation->service->protocol != PROTOCOL_JSON;
}

static int bad_answer(const struct operation *operation, const char *why, struct aws_error *error) {
	return aws_error_set(
		error,
		-EBADMSG,
		"UnreadableAnswer",
		"the answer to %s cannot be read: %s",
		operation->name,
		why
	);
}

static int foreign_answer(const struct operation *operation, struct aws_error *error) {
	return aws_error_set(
		error,
		-EBADMSG,
		"UnreadableAnswer",
		"the answer is not one to %s; is there a proxy or a portal in between?",
		operation->name
	);
}

static const char *next_token(const struct operation *operation, const struct node *node) {
	const struct operation_paging *paging = &operation->paging;
	if (paging->token_in == NULL)
		return NULL;
	if (paging->is_truncated != NULL) {
		const char *flag = node_text(node, paging->is_truncated);
		if (flag == NULL || strcmp(flag, "true") != 0)
			return NULL;
	}
	const char *token = node_text(node, paging->token_out);
	return token == NULL || token[0] == 0 ? NULL : token;
}

int protocol_parse(
	const struct operation *operation,
	struct slice body,
	struct arena *arena,
	const struct node **ret_result,
	struct aws_error *error
) {
	struct node *root = NULL;
	*ret_result = NULL;
	if (operation->output == NULL && !is_form(operation))
		return 0;
	int result = is_form(operation) ? node_from_xml(arena, body, &root)
					: node_from_json(arena, body, &root);
	if (result == -ENOMEM)
		return aws_error_set(error, result, "OutOfMemory", "reading an answer");
	if (result < 0)
		return bad_answer(operation, is_form(operation) ? "not XML" : "not JSON", error);
	const struct node *node = result_node(operation, root);
	if (node == NULL || (!is_form(operation) && !may_be_object(operation, body)))
		return foreign_answer(operation, error);
	*ret_result = operation->output == NULL ? NULL : node;
	return 0;
}

int protocol_read(
	const struct operation *operation,
	const struct node *result,
	struct arena *arena,
	void *output,
	const char **ret_page_token,
	struct aws_error *error
) {
	const char *field = NULL;
	*ret_page_token = NULL;
	if (operation->output == NULL)
		return 0;
	int status = shape_read(operation->output, result, arena, output, &field);
	if (status == -ENOMEM)
		return aws_error_set(error, status, "OutOfMemory", "reading an answer");
	if (status < 0)
		return bad_answer(operation, field, error);
	*ret_page_token = next_token(operation, result);
	return 0;
}

// Control characters would let an answer write on the user's terminal as it likes.
static void copy_printable(char *to, size_t room, const char *from) {
	size_t len = 0;
	for (; from != NULL && *from != 0 && len + 1 < room; from++)
		to[len++] = (char)((unsigned char)*from < ' ' || *from == 0x7f ? ' ' : *from);
	to[len] = 0;
}

static const char *first_text(const struct node *root, const char *const *paths) {
	for (; *paths != NULL; paths++) {
		const char *text = node_text(root, *paths);
		if (text != NULL && text[0] != 0)
			return text;
	}
	return NULL;
}

static void read_xml_error(const struct node *root, struct aws_error *error) {
	static const char *const codes[] = {"Errors/Error/Code", "Error/Code", NULL};
	static const char *const messages[] = {"Errors/Error/Message", "Error/Message", NULL};
	static const char *const ids[] = {"RequestID", "RequestId", NULL};
	copy_printable(error->code, sizeof(error->code), first_text(root, codes));
	copy_printable(error->message, sizeof(error->message), first_text(root, messages));
	copy_printable(error->request_id, sizeof(error->request_id), first_text(root, ids));
}

// "com.amazonaws.ecs#ClusterNotFoundException" and "ResourceNotFoundException:http://..." both name
// what lies between.
static void read_json_error(
	const struct node *root,
	const struct http_response *response,
	struct aws_error *error
) {
	static const char *const codes[] = {"__type", "code", "error", NULL};
	static const char *const messages[] = {
		"message", "Message", "errorMessage", "error_description", NULL};
	const char *code = http_response_header(response, "x-amzn-errortype");
	if (code == NULL)
		code = first_text(root, codes);
	if (code != NULL && strchr(code, '#') != NULL)
		code = strchr(code, '#') + 1;
	copy_printable(error->code, sizeof(error->code), code);
	error->code[strcspn(error->code, ":")] = 0;
	copy_printable(error->message, sizeof(error->message), first_text(root, messages));
}

void protocol_read_error(
	const struct operation *operation,
	const struct http_response *response,
	struct aws_error *ret_error
) {
	struct arena scratch = arena_empty();
	struct aws_error error = {.status = response->status};
	struct node *root = NULL;
	const char *id = http_response_header(response, "x-amzn-requestid");
	if (is_form(operation)) {
		node_from_xml(&scratch, strbuf_slice(&response->body), &root);
		read_xml_error(root, &error);
	} else {
		node_from_json(&scratch, strbuf_slice(&response->body), &root);
		read_json_error(root, response, &error);
	}
	if (error.request_id[0] == 0)
		copy_printable(error.request_id, sizeof(error.request_id), id);
	if (error.code[0] == 0)
		snprintf(error.code, sizeof(error.code), "Http%d", response->status);
	if (error.message[0] == 0)
		snprintf(error.message, sizeof(error.message), "HTTP status %d", response->status);
	arena_release(&scratch);
	*ret_error = error;
}
