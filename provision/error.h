#pragma once

// What went wrong in a call to AWS, in the words of the service. Functions that take one fill it in
// whenever they return less than 0, and leave it alone otherwise.
//
//   -EREMOTEIO  the service answered and refused: status, code, message, request_id
//   -EBADMSG    the answer cannot be read
//   -E2BIG      the answer is over our limit
//   -ETIMEDOUT, -ECONNREFUSED, -EIO  no answer: code names what failed, status is 0
//   -ENOENT     not configured (credentials, region)
//   -EINVAL     our own input is wrong (a profile, a file, an option)
//   -ENOMEM
//
// Texts are cut to their room; they never hold a secret.

#include <stdbool.h>

struct aws_error {
	int status; // HTTP status, 0 where no answer came
	char code[128];
	char message[1024];
	char request_id[128];
	char operation[96]; // "ec2:DescribeVpcs", empty outside a call
};

void aws_error_clear(struct aws_error *error);

// For errors of our own: status 0. 'error' may be NULL. Returns 'result', so that a caller can say
// 'return aws_error_set(error, -EINVAL, "InvalidProfile", ...)'.
int aws_error_set(struct aws_error *error, int result, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

bool aws_error_is(const struct aws_error *error, const char *code);

// True for every spelling of "there is no such resource": X.NotFound, NoSuchX, XNotFound...
bool aws_error_is_not_found(const struct aws_error *error);

// True where the caller lacks a permission; 'error->operation' names the call.
bool aws_error_is_denied(const struct aws_error *error);
