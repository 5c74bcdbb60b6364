#include "command.h"

#include "console.h"
#include "suggest.h"

#include <stddef.h>

int command_refuse(const char *command, const char *word, const char *const *words) {
	const char *near = suggest(word, words);
	if (near != NULL)
		console_say("%s: unknown option '%s'; did you mean '%s'?", command, word, near);
	else
		console_say("%s: unknown option '%s'; see --help", command, word);
	return EXIT_USAGE;
}
