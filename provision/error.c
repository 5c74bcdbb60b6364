#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void aws_error_clear(struct aws_error *error) {
	*error = (struct aws_error) {0};
}

int aws_error_set(struct aws_error *error, int result, const char *code, const char *format, ...) {
	if (error == NULL)
		return result;
	error->status = 0;
	error->request_id[0] = 0;
	error->operation[0] = 0;
	snprintf(error->code, sizeof(error->code), "%s", code);
	va_list args;
	va_start(args, format);
	vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	return result;
}

bool aws_error_is(const struct aws_error *error, const char *code) {
	return strcmp(error->code, code) == 0;
}

static bool ends_with(const char *text, const char *tail) {
	size_t len = strlen(text), tail_len = strlen(tail);
	return len >= tail_len && strcmp(text + len - tail_len, tail) == 0;
}

bool aws_error_is_not_found(const struct aws_error *error) {
	const char *code = error->code;
	if (error->status == 0)
		return false;
	return ends_with(code, "NotFound") || ends_with(code, "NotFoundException")
		|| strncmp(code, "NoSuch", 6) == 0 || ends_with(code, ".Unknown");
}

bool aws_error_is_denied(const struct aws_error *error) {
	static const char *const codes[] = {
		"UnauthorizedOperation",
		"AccessDenied",
		"AccessDeniedException",
		"UnauthorizedAccess",
		"NotAuthorized",
	};
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (aws_error_is(error, codes[i]))
			return true;
	return false;
}
