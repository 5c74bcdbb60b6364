#include "body_text.h"

#include "utf8.h"

#include <string.h>

// What has been put so far. A character may begin in one block and end in the next.
struct text {
	uint8_t *to;
	uint8_t begun[4]; // a character whose last bytes have not come yet
	size_t n_begun;
};

static bool put(struct text *text, struct slice whole) {
	size_t len = json_escape_body(text->to, whole);
	if (len == SIZE_MAX)
		return false;
	text->to += len;
	return true;
}

// Takes the rest of the character that has begun from the start of 'bytes'; returns how much that is.
static size_t complete(struct text *text, struct slice bytes) {
	size_t n = 0;
	while (n < bytes.len && utf8_whole(slice_of(text->begun, text->n_begun)) < text->n_begun)
		text->begun[text->n_begun++] = bytes.data[n++];
	return n;
}

// False where it is not text.
static bool put_piece(struct text *text, struct slice bytes) {
	if (text->n_begun > 0) {
		bytes = slice_from(bytes, complete(text, bytes));
		if (bytes.len == 0)
			return true;
		if (!put(text, slice_of(text->begun, text->n_begun)))
			return false;
		text->n_begun = 0;
	}
	size_t len = utf8_whole(bytes);
	text->n_begun = bytes.len - len;
	memcpy(text->begun, bytes.data + len, text->n_begun);
	return put(text, slice_first(bytes, len));
}

// Another core has written it.
static void prefetch_block(const struct block *block) {
	for (size_t at = 0; block != NULL && at < MESSAGE_BLOCK_SIZE; at += 64)
		__builtin_prefetch((const uint8_t *)block + at);
}

size_t body_text_escape(uint8_t *to, const struct message *m, bool is_cut) {
	struct text text = {.to = to};
	prefetch_block(m->blocks);
	if (!put_piece(&text, slice_of(m->room + m->body_at, m->body_inline)))
		return SIZE_MAX;
	for (const struct block *block = m->blocks; block != NULL; block = block->next) {
		prefetch_block(block->next);
		if (!put_piece(&text, slice_of(block->data, block->len)))
			return SIZE_MAX;
	}
	struct slice end = slice_of(text.begun, text.n_begun);
	if (is_cut)
		end.len = utf8_whole(end);
	return put(&text, end) ? (size_t)(text.to - to) : SIZE_MAX;
}
