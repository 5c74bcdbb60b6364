#include "confirm.h"

#include "console.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool confirm_is_possible(const char *command, bool is_sure) {
	if (is_sure || isatty(STDIN_FILENO) == 1)
		return true;
	console_say("%s: nobody can be asked here whether to go on; --yes says so", command);
	return false;
}

bool confirm_ask(const char *format, ...) {
	char question[512], answer[16] = "";
	va_list args;
	va_start(args, format);
	vsnprintf(question, sizeof(question), format, args);
	va_end(args);
	console_neutralise(question);
	fprintf(stderr, "%s [y/N] ", question);
	if (fgets(answer, sizeof(answer), stdin) == NULL) {
		fputc('\n', stderr);
		return false;
	}
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}
