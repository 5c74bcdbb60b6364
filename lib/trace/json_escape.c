#include "json_escape_priv.h"

size_t json_escape(uint8_t *to, struct slice text, size_t n_readable) {
#ifdef JSON_ESCAPE_HAS_AVX512
	if (json_escape_can_avx512())
		return json_escape_avx512(to, text);
#endif
#ifdef HAS_V16
	return json_escape_16(to, text, n_readable);
#else
	(void)n_readable;
	return json_escape_portable(to, text);
#endif
}

size_t json_escape_body(uint8_t *to, struct slice text) {
#ifdef JSON_ESCAPE_HAS_AVX512
	if (json_escape_can_avx512())
		return json_escape_body_avx512(to, text);
#endif
#ifdef JSON_ESCAPE_HAS_AVX2
	if (json_escape_can_avx2())
		return json_escape_body_avx2(to, text);
#endif
#ifdef HAS_V16
	return json_escape_body_16(to, text);
#else
	return json_escape_body_portable(to, text);
#endif
}
