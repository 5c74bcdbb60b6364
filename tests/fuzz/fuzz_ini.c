#include "ini.h"

#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <string.h>

// Keys come in lower case and are never empty; names and values are trimmed and lie in the input.

struct seen {
	struct slice input;
	bool has_section;
};

static void check_slice(const struct seen *seen, struct slice s) {
	if (s.len == 0)
		return;
	assert(s.data >= seen->input.data);
	assert(s.data + s.len <= seen->input.data + seen->input.len);
	assert(!isspace(s.data[0]) && !isspace(s.data[s.len - 1]));
}

static int on_section(void *ctx, struct slice name) {
	struct seen *seen = ctx;
	seen->has_section = true;
	check_slice(seen, name);
	return 0;
}

static int on_entry(void *ctx, const char *key, struct slice value) {
	struct seen *seen = ctx;
	assert(seen->has_section && key[0] != 0 && strlen(key) < 128);
	for (; *key != 0; key++)
		assert(*key == (char)tolower((unsigned char)*key));
	check_slice(seen, value);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct seen seen = {.input = slice_of(data, size)};
	struct ini_handler handler = {.ctx = &seen, .section = on_section, .entry = on_entry};
	unsigned line = 0;
	int result = ini_read(seen.input, &handler, &line);
	assert((result == 0 && line == 0) || (result < 0 && line > 0));
	return 0;
}
