#pragma once

// Why something failed: one line for people, lower case, what failed first, its subject in quotes,
// without a newline.
struct failure {
	char text[768];
};

void failure_set(struct failure *failure, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
