#include "digest.h"

#include "sigv4.h"
#include "strbuf.h"

#include <openssl/evp.h>

#include <stdarg.h>
#include <string.h>

const char *digest_text(struct arena *arena, ...) {
	struct strbuf all;
	char hex[SIGV4_HEX_SIZE];
	va_list args;
	strbuf_init(&all, 1024 * 1024);
	va_start(args, arena);
	for (const char *text; (text = va_arg(args, const char *)) != NULL;)
		strbuf_add(&all, text, strlen(text) + 1);
	va_end(args);
	int result = strbuf_status(&all);
	if (result == 0)
		result = sigv4_payload_hash(strbuf_slice(&all), hex);
	strbuf_release(&all);
	return result < 0 ? NULL : arena_strdup(arena, hex);
}

int64_t digest_number(const char *text, int64_t max) {
	uint8_t digest[32] = {0};
	uint64_t value = 0;
	EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL);
	for (size_t i = 0; i < 7; i++)
		value = value << 8 | digest[i];
	return (int64_t)(value % (uint64_t)max) + 1;
}
