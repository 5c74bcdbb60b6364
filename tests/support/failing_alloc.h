#pragma once

// Makes the n-th allocation of the program under test fail. Linked with --wrap for the four functions,
// so it sees the calls of our own objects; jansson, which is a library, is told to use them too.

#include <jansson.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static size_t failing_alloc_n; // so far
static size_t failing_alloc_at; // the one that fails, from 1; 0: none

static bool failing_alloc_fails(void) {
	return ++failing_alloc_n == failing_alloc_at;
}

void *__wrap_malloc(size_t size) {
	return failing_alloc_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
	return failing_alloc_fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size) {
	return failing_alloc_fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text) {
	size_t size = strlen(text) + 1;
	char *copy = __wrap_malloc(size);
	return copy == NULL ? NULL : memcpy(copy, text, size);
}

// Runs 'run' once to count, then once for each allocation with that one failing. 'run' returns what the
// code under test returned and must release everything; 'check' looks at a failure's result.
static void failing_alloc_each(int (*run)(void), void (*check)(size_t at, int result)) {
	json_set_alloc_funcs(__wrap_malloc, free);
	failing_alloc_n = 0;
	failing_alloc_at = 0;
	check(0, run());
	size_t n = failing_alloc_n;
	for (size_t at = 1; at <= n; at++) {
		failing_alloc_n = 0;
		failing_alloc_at = at;
		int result = run();
		failing_alloc_at = 0;
		check(at, result);
	}
}
