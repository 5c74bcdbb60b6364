#pragma once

// Which hosts and endpoints were seen, counted in fixed memory. Fed by one thread.

#include "message.h"

#include <stdint.h>
#include <stdio.h>

#define SUMMARY_MAX_ENDPOINTS 10000u

struct summary;

// NULL with errno ENOMEM. 'seed' is a secret, so that no sender of requests chooses collisions.
struct summary *summary_create(uint64_t seed);
void summary_free(struct summary *summary); // NULL is fine

// Counts a finished trace by method, host and path, where the parts of the path that look like
// identifiers count as one: /users/17 and /users/18 are /users/{id}. What has no room is counted as
// others, and for no host.
void summary_add(struct summary *summary, const struct message *trace);

// Adds 'from', made with the same seed, to 'to'.
void summary_merge(struct summary *to, const struct summary *from);

// Hosts and endpoints, the busiest first, with control bytes neutralised.
void summary_print(const struct summary *summary, FILE *to);

// Writes the path of a request target, without its query and with identifiers folded, to 'ret'; cut
// to 'ret_size' bytes with the 0 at its end. Returns its length.
size_t summary_fold_path(struct slice target, char *ret, size_t ret_size);
