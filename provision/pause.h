#pragma once

// Mirroring on demand. A deployment is paused by deleting its sessions, so that nothing is billed, and by a
// tag on its mirror filter and mirror target that says so; every plan reads the tag and wants no sessions
// while it holds. Its end needs no clock that runs: the first plan after it sees that it is over.
//
//   metlo:mirroring = "paused"                             until someone resumes
//   metlo:mirroring = "paused-until 2026-02-03T04:05:06Z"
//   metlo:mirroring = "active-until 2026-02-03T04:05:06Z"  paused afterwards
//
// All of a deployment is paused or nothing: sessions are shared between its sources.

#include "client.h"
#include "inventory.h"

#include <stdbool.h>
#include <stdint.h>

#define PAUSE_TAG "metlo:mirroring"
#define PAUSE_TEXT_SIZE 64

enum pause_kind {
	PAUSE_NEVER, // there is no tag
	PAUSE_ALWAYS,
	PAUSE_UNTIL,
	PAUSE_AFTER,
};

struct pause {
	enum pause_kind kind;
	int64_t time_s; // since 1970; of PAUSE_UNTIL and PAUSE_AFTER
};

// The value of the tag. -EBADMSG where it is none of ours.
int pause_parse(const char *value, struct pause *ret_pause);
void pause_format(const struct pause *pause, char ret_value[PAUSE_TEXT_SIZE]);

bool pause_holds(const struct pause *pause, int64_t now_s);

// "paused", "paused until 2026-02-03T04:05:06Z", "active until ...", "active".
void pause_describe(const struct pause *pause, int64_t now_s, char ret_text[PAUSE_TEXT_SIZE]);

// What the tags of the deployment's filter and target say. False where one says what cannot be read,
// which counts for nothing.
bool pause_find(const struct inventory *inventory, const char *deployment, struct pause *ret_pause);

// Whether there is anything of the deployment's own to remember on.
bool pause_is_possible(const struct inventory *inventory, const char *deployment);

// Writes or, for PAUSE_NEVER, removes the tag, in one call. -ENOENT where the deployment has no filter or
// target of its own.
int pause_set(
	struct client *client,
	const struct inventory *inventory,
	const char *deployment,
	const struct pause *pause,
	struct aws_error *error
);
