// Prints every operation with its wire names as JSON, for check_operations.py to compare with AWS's own
// service models.

#include "operations.h"

#include <stdio.h>

static const char *const type_names[] = {
	[SHAPE_TYPE_STRING] = "string",
	[SHAPE_TYPE_INTEGER] = "integer",
	[SHAPE_TYPE_NUMBER] = "integer",
	[SHAPE_TYPE_BOOL] = "boolean",
	[SHAPE_TYPE_DOUBLE] = "double",
	[SHAPE_TYPE_TIME] = "timestamp",
	[SHAPE_TYPE_CONSTANT] = "constant",
	[SHAPE_TYPE_BLOB] = "blob",
	[SHAPE_TYPE_STRINGS] = "strings",
	[SHAPE_TYPE_DOUBLES] = "doubles",
	[SHAPE_TYPE_STRUCT] = "struct",
	[SHAPE_TYPE_LIST] = "list",
};

static void dump_shape(const struct shape *shape) {
	if (shape == NULL) {
		printf("null");
		return;
	}
	printf("[");
	for (size_t i = 0; i < shape->n_fields; i++) {
		const struct shape_field *field = &shape->fields[i];
		printf("%s{\"name\":\"%s\",\"type\":\"%s\"",
		       i > 0 ? "," : "",
		       field->name,
		       type_names[field->type]);
		if (field->text != NULL)
			printf(",\"text\":\"%s\"", field->text);
		if (field->shape != NULL) {
			printf(",\"fields\":");
			dump_shape(field->shape);
		}
		printf("}");
	}
	printf("]");
}

static void dump_text(const char *name, const char *text) {
	if (text != NULL)
		printf(",\"%s\":\"%s\"", name, text);
}

static void dump(const struct operation *operation) {
	const struct service *service = operation->service;
	printf("{\"service\":\"%s\",\"operation\":\"%s\"", service->id, operation->name);
	dump_text("signing_name", service->signing_name);
	dump_text("version", service->version);
	dump_text("target", service->target);
	dump_text("method", operation->method);
	dump_text("path", operation->path);
	dump_text("token_in", operation->paging.token_in);
	dump_text("token_out", operation->paging.token_out);
	dump_text("size_name", operation->paging.size_name);
	dump_text("is_truncated", operation->paging.is_truncated);
	printf(",\"protocol\":%d,\"signing\":%d,\"page_size\":%d",
	       (int)service->protocol,
	       (int)operation->signing,
	       operation->paging.size);
	printf(",\"input\":");
	dump_shape(operation->input);
	printf(",\"output\":");
	dump_shape(operation->output);
	printf("}");
}

int main(void) {
	printf("[");
	for (size_t i = 0; i < n_operations; i++) {
		printf("%s", i > 0 ? ",\n" : "");
		dump(operations[i]);
	}
	printf("]\n");
	return 0;
}
