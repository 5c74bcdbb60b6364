#include "aws_failure.h"

#include "console.h"
#include "interruption.h"
#include "policy.h"
#include "retry.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPIRED                                                                                    \
	"get new credentials where these came from (such as 'aws sso login') and run it again"
#define WRONG_KEYS "check the access key, its secret, and that the account has the region enabled"

// X(code, advice)
#define ADVICE(X)                                                                                  \
	X("ExpiredToken", EXPIRED)                                                                 \
	X("ExpiredTokenException", EXPIRED)                                                        \
	X("RequestExpired", EXPIRED)                                                               \
	X("InvalidClientTokenId", WRONG_KEYS)                                                      \
	X("UnrecognizedClientException", WRONG_KEYS)                                               \
	X("InvalidAccessKeyId", WRONG_KEYS)                                                        \
	X("AuthFailure", WRONG_KEYS)                                                               \
	X("SignatureDoesNotMatch", WRONG_KEYS)                                                     \
	X("OptInRequired", "enable the region for this account, or choose another with --region")  \
	X("ConnectionFailed", "check the name of the region, the network and HTTPS_PROXY")         \
	X("TlsFailed", "check --ca-bundle, AWS_CA_BUNDLE and the proxy")                           \
	X("ReadTimeout", "check the network and run it again")                                     \
	X("ConnectionCut", "check the network and run it again")

static bool ends_with(const char *text, const char *tail) {
	size_t len = strlen(text), tail_len = strlen(tail);
	return len >= tail_len && strcmp(text + len - tail_len, tail) == 0;
}

static const char *advice_by_class(int result, const struct aws_error *error) {
	if (aws_error_is_not_found(error) || ends_with(error->code, ".Malformed"))
		return "check the id and the region";
	if (ends_with(error->code, "LimitExceeded") || strncmp(error->code, "TooMany", 7) == 0)
		return "remove what is not needed, or ask for a higher quota in Service Quotas";
	if (retry_classify(result, error) == RETRY_THROTTLED)
		return "wait a minute and run it again; AWS_MAX_ATTEMPTS makes it try longer";
	if (error->status >= 500)
		return "that is a failure of AWS; run it again";
	return NULL;
}

const char *aws_failure_advice(int result, const struct aws_error *error) {
	static const struct {
		const char *code;
		const char *advice;
	} advice[] = {
#define X(code_, advice_) {.code = (code_), .advice = (advice_)},
		ADVICE(X)
#undef X
	};
	for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
		if (aws_error_is(error, advice[i].code))
			return advice[i].advice;
	return result == -EREMOTEIO ? advice_by_class(result, error) : NULL;
}

void aws_failure_statement(const struct aws_error *error, char *ret, size_t ret_size) {
	struct arena arena = arena_empty();
	struct policy_denial denial;
	ret[0] = '\0';
	if (policy_denial_read(error, &arena, &denial) && !denial.is_explicit) {
		const char *text = policy_statement_for_denial(&denial, NULL, &arena);
		if (text != NULL && strlen(text) < ret_size)
			snprintf(ret, ret_size, "%s", text);
	}
	arena_release(&arena);
}

// What to do next, with what stands before it.
static void next_step(int result, const struct aws_error *error, char *ret, size_t ret_size) {
	char statement[1024];
	struct arena arena = arena_empty();
	struct policy_denial denial;
	const char *advice = aws_failure_advice(result, error);
	aws_failure_statement(error, statement, sizeof(statement));
	ret[0] = '\0';
	if (statement[0] != '\0')
		snprintf(ret, ret_size, "; this policy statement allows it: %s", statement);
	else if (policy_denial_read(error, &arena, &denial) && denial.is_explicit)
		snprintf(
			ret,
			ret_size,
			"; %s forbids it, and no other policy can allow it",
			denial.forbidden_by == NULL ? "some policy" : denial.forbidden_by
		);
	else if (advice != NULL)
		snprintf(ret, ret_size, "; %s", advice);
	arena_release(&arena);
}

// EC2 adds a text to its refusals that only it can read.
static size_t readable_len(const char *message) {
	const char *encoded = strstr(message, " Encoded authorization failure message");
	return encoded == NULL ? strlen(message) : (size_t)(encoded - message);
}

void aws_failure_text(int result, const struct aws_error *error, char *ret, size_t ret_size) {
	char request_id[160] = "", next[1088];
	bool is_answer = error->status != 0;
	next_step(result, error, next, sizeof(next));
	if (error->request_id[0] != '\0')
		snprintf(request_id, sizeof(request_id), " (request id %s)", error->request_id);
	snprintf(
		ret,
		ret_size,
		"%s%s%s%s%.*s%s%s",
		error->operation,
		error->operation[0] != '\0' ? ": " : "",
		is_answer ? error->code : "",
		is_answer ? ": " : "",
		(int)readable_len(error->message),
		error->message,
		request_id,
		next
	);
}

int aws_failure_say(int result, const struct aws_error *error, const char *format, ...) {
	char what[256], text[2304];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (result == -ECANCELED && interruption_is_noted(NULL)) {
		console_say("stopped: could not %s", what);
		return interruption_exit_code();
	}
	aws_failure_text(result, error, text, sizeof(text));
	console_say("cannot %s: %s", what, text);
	return EXIT_FAILURE;
}
