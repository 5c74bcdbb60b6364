#pragma once

// Whole files, small ones.

#include "strbuf.h"

// Appends the file to 'ret_text'. -ENOENT, -EACCES and the like, -E2BIG (over the cap of the buffer),
// -ENOMEM.
int file_read(const char *path, struct strbuf *ret_text);

// Replaces the file at once, so that a reader sees the old or the new text, never a part; mode 0600.
int file_replace(const char *path, struct slice text);
