#pragma once

// A deployment as a fleet's file: what fleet_load() reads again gives the same deployment.

#include "deployment.h"
#include "error.h"
#include "strbuf.h"

// Appends JSON with a newline at its end. What is at its preset is left out. -ENOMEM, -E2BIG.
int fleet_write(const struct deployment *deployment, struct strbuf *ret_text);

// Puts it into a file, at once, mode 0600. A file that is there is replaced only where it holds nothing but a
// deployment of the same id and region; else -EEXIST.
int fleet_save(const struct deployment *deployment, const char *path, struct aws_error *error);

// Whether fleet_save() would put it there, without writing.
int fleet_may_save(const struct deployment *deployment, const char *path, struct aws_error *error);
