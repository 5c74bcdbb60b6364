#include "shell_words.h"

#include "strbuf.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

// Whether the character behind 'at' is to be taken as it is.
static bool is_escape(const char *at, char quote) {
	if (*at != '\\')
		return false;
	return quote == 0 ? at[1] != 0 : quote == '"' && (at[1] == '"' || at[1] == '\\');
}

// Copies one word to '*to', which is moved on; returns where it ended, or NULL for an open quote.
static const char *copy_word(const char *at, char **to) {
	char quote = 0;
	for (; *at != 0 && (quote != 0 || !isspace((unsigned char)*at)); at++) {
		if (quote == 0 && (*at == '"' || *at == '\'')) {
			quote = *at;
		} else if (quote != 0 && *at == quote) {
			quote = 0;
		} else if (is_escape(at, quote)) {
			*(*to)++ = *++at;
		} else {
			*(*to)++ = *at;
		}
	}
	*(*to)++ = 0;
	return quote == 0 ? at : NULL;
}

int shell_words_split(const char *text, struct arena *arena, char ***ret_words) {
	size_t len = strlen(text);
	// No more words than bytes, and their bytes with a NUL each.
	char **words = arena_alloc_array(arena, len + 2, sizeof(*words));
	char *to = arena_alloc(arena, 2 * len + 2);
	size_t n = 0;
	if (words == NULL || to == NULL)
		return -ENOMEM;
	for (const char *at = text; *at != 0;) {
		if (isspace((unsigned char)*at)) {
			at++;
			continue;
		}
		words[n++] = to;
		at = copy_word(at, &to);
		if (at == NULL)
			return -EBADMSG;
	}
	if (n == 0)
		return -EBADMSG;
	*ret_words = words;
	return 0;
}

const char *shell_words_quote(const char *text, struct arena *arena) {
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-_./:@%+=,";
	if (text[0] != '\0' && text[strspn(text, plain)] == '\0')
		return text;
	struct strbuf quoted;
	strbuf_init(&quoted, 8192);
	strbuf_add_char(&quoted, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			strbuf_add_text(&quoted, "'\\'");
		strbuf_add_char(&quoted, *text);
	}
	strbuf_add_char(&quoted, '\'');
	const char *copy = strbuf_status(&quoted) < 0 ? NULL : arena_strdup(arena, quoted.data);
	strbuf_release(&quoted);
	return copy;
}
