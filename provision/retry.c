#include "retry.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define PAUSE_MAX_MS 20000

static const struct {
	const char *code;
	enum retry_class kind;
} codes[] = {
	{"Throttling", RETRY_THROTTLED},
	{"ThrottlingException", RETRY_THROTTLED},
	{"ThrottledException", RETRY_THROTTLED},
	{"RequestThrottled", RETRY_THROTTLED},
	{"RequestThrottledException", RETRY_THROTTLED},
	{"RequestLimitExceeded", RETRY_THROTTLED},
	{"TooManyRequestsException", RETRY_THROTTLED},
	{"SlowDown", RETRY_THROTTLED},
	{"BandwidthLimitExceeded", RETRY_THROTTLED},
	{"PriorRequestNotComplete", RETRY_THROTTLED},
	{"EC2ThrottledException", RETRY_THROTTLED},
	{"DependencyThrottle", RETRY_THROTTLED},
	{"ConcurrentLimitExceededException", RETRY_THROTTLED},
	{"RequestTimeout", RETRY_TRANSIENT},
	{"RequestTimeoutException", RETRY_TRANSIENT},
	{"InternalError", RETRY_TRANSIENT},
	{"InternalFailure", RETRY_TRANSIENT},
	{"InternalServerError", RETRY_TRANSIENT},
	{"ServiceUnavailable", RETRY_TRANSIENT},
	{"Unavailable", RETRY_TRANSIENT},
	{"IDPCommunicationError", RETRY_TRANSIENT},
	{"ResourceContention", RETRY_TRANSIENT},
	{"ScalingActivityInProgress", RETRY_NEVER}, // lasts for minutes; the caller waits
	{"ExpiredToken", RETRY_EXPIRED},
	{"ExpiredTokenException", RETRY_EXPIRED},
	{"TokenRefreshRequired", RETRY_EXPIRED},
	{"RequestExpired", RETRY_SKEWED},
	{"RequestTimeTooSkewed", RETRY_SKEWED},
	{"RequestInTheFuture", RETRY_SKEWED},
	{"SignatureDoesNotMatch", RETRY_SKEWED},
	{"InvalidSignatureException", RETRY_SKEWED},
	{"AuthFailure", RETRY_SKEWED},
};

enum retry_class retry_classify(int result, const struct aws_error *error) {
	switch (result) {
	case -ECONNREFUSED:
		return RETRY_TRANSIENT;
	case -ETIMEDOUT:
	case -EIO:
	case -EBADMSG: // a body that was cut
		return RETRY_UNKNOWN;
	case -EREMOTEIO:
		break;
	default:
		return RETRY_NEVER;
	}
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(error->code, codes[i].code) == 0)
			return codes[i].kind;
	switch (error->status) {
	case 429:
	case 503:
		return RETRY_THROTTLED;
	case 500:
	case 502:
	case 504:
		return RETRY_UNKNOWN;
	default:
		return RETRY_NEVER;
	}
}

int64_t retry_pause_ms(enum retry_class kind, int attempt, double fraction) {
	int64_t bound_ms = 1000;
	for (int i = 1; i < attempt && bound_ms < PAUSE_MAX_MS; i++)
		bound_ms *= 2;
	if (kind == RETRY_THROTTLED)
		bound_ms *= 2;
	if (bound_ms > PAUSE_MAX_MS)
		bound_ms = PAUSE_MAX_MS;
	return (int64_t)((double)bound_ms * fraction);
}
