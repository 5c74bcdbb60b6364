#include "key.h"

#include "console.h"
#include "utf8.h"

#include <errno.h>
#include <string.h>

#define ESCAPE 0x1b
// A sequence that has not ended by then is none.
#define SEQUENCE_MAX 32

struct named {
	const char *text; // behind the escape
	enum key_kind kind;
};

// As xterm, the Linux console, rxvt and tmux send them.
static const struct named sequences[] = {
	{"[A", KEY_UP},		  {"OA", KEY_UP},      {"[B", KEY_DOWN},
	{"OB", KEY_DOWN},	  {"[C", KEY_RIGHT},   {"OC", KEY_RIGHT},
	{"[D", KEY_LEFT},	  {"OD", KEY_LEFT},    {"[H", KEY_HOME},
	{"OH", KEY_HOME},	  {"[1~", KEY_HOME},   {"[7~", KEY_HOME},
	{"[F", KEY_END},	  {"OF", KEY_END},     {"[4~", KEY_END},
	{"[8~", KEY_END},	  {"[3~", KEY_DELETE}, {"[5~", KEY_PAGE_UP},
	{"[6~", KEY_PAGE_DOWN},	  {"OM", KEY_ENTER},   {"[200~", KEY_PASTE_BEGIN},
	{"[201~", KEY_PASTE_END},
};

static enum key_kind find_sequence(const uint8_t *text, size_t len) {
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		if (strlen(sequences[i].text) == len && memcmp(sequences[i].text, text, len) == 0)
			return sequences[i].kind;
	return KEY_UNKNOWN;
}

// "ESC O x" and "ESC [ digits... x" (ECMA-48, 5.4); "ESC [ [ x" is the Linux console's.
static int decode_escape(const uint8_t *bytes, size_t n, bool is_all, struct key *key) {
	if (n == 1) {
		key->kind = KEY_ESCAPE;
		return is_all ? 1 : -EAGAIN;
	}
	if (bytes[1] != '[' && bytes[1] != 'O') {
		// Two keys in quick succession, or Alt with a key: the escape counts.
		key->kind = KEY_ESCAPE;
		return 1;
	}
	size_t end = 2;
	if (n > end && bytes[1] == '[' && bytes[2] == '[')
		end++;
	while (end < n && end < SEQUENCE_MAX && bytes[end] >= 0x20 && bytes[end] <= 0x3f)
		end++;
	if (end == n && end < SEQUENCE_MAX)
		return is_all ? (int)n : -EAGAIN;
	key->kind = find_sequence(bytes + 1, end);
	return (int)end + (end < SEQUENCE_MAX && bytes[end] >= 0x40 && bytes[end] < 0x7f);
}

static int decode_text(const uint8_t *bytes, size_t n, bool is_all, struct key *key) {
	uint32_t code;
	size_t wanted = utf8_len(bytes[0]);
	if (wanted > n && !is_all)
		return -EAGAIN;
	size_t len = utf8_decode(bytes, n, &code);
	if (len == 0)
		return 1;
	memcpy(key->text, bytes, len);
	console_neutralise(key->text);
	key->kind = key->text[0] == '?' && bytes[0] != '?' ? KEY_UNKNOWN : KEY_TEXT;
	return (int)len;
}

int key_decode(const uint8_t *bytes, size_t n, bool is_all, struct key *ret_key) {
	*ret_key = (struct key) {0};
	if (n == 0)
		return -EAGAIN;
	switch (bytes[0]) {
	case ESCAPE:
		return decode_escape(bytes, n, is_all, ret_key);
	case '\r':
	case '\n':
		ret_key->kind = KEY_ENTER;
		return 1;
	case '\t':
		ret_key->kind = KEY_TAB;
		return 1;
	case '\b':
	case 0x7f:
		ret_key->kind = KEY_BACKSPACE;
		return 1;
	}
	if (bytes[0] >= 0x20)
		return decode_text(bytes, n, is_all, ret_key);
	if (bytes[0] >= 1 && bytes[0] <= 26) {
		ret_key->kind = KEY_CONTROL;
		ret_key->letter = (char)(bytes[0] - 1 + 'a');
	}
	return 1;
}
