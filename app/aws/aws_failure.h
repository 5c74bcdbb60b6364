#pragma once

// What is said about a call that failed, in one line: what could not be done, why in the words of the service,
// the request id, and what to do next.
//
//   cannot read the account: ec2:DescribeVpcs: RequestExpired: ... (request id ...); get new credentials ...

#include "error.h"

#include <stddef.h>

// Says it. 'format' makes what could not be done: "apply deployment '%s'". Returns the exit code: 1, or
// that of an interruption where 'result' is -ECANCELED.
int aws_failure_say(int result, const struct aws_error *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

// The reason and the advice, without what could not be done.
void aws_failure_text(int result, const struct aws_error *error, char *ret, size_t ret_size);

// What to do about it: a phrase; NULL where the message says it or nothing helps.
const char *aws_failure_advice(int result, const struct aws_error *error);

// The statement of an IAM policy that allows the call which was refused, as JSON in one line; empty for an error
// that is no refusal.
void aws_failure_statement(const struct aws_error *error, char *ret, size_t ret_size);
