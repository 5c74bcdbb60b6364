#pragma once

// Where encoded traces go. A sink is a struct that begins with 'struct sink' and a table of
// functions; sink_file.c is one. The exporter calls write() for every batch of lines, from one or
// several threads, so a sink that has state locks it: a batch is large, a lock for it is cheap.

#include "slice.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sink;

enum sink_state {
	SINK_WORKS,
	SINK_FAILS, // did not take all of the latest lines, and is tried again with the next
	SINK_IS_GONE, // will take no more
};

struct sink_type {
	const char *name;

	// Takes whole lines, all or the first of them; returns how many. What is not taken is lost
	// and counted as traces.dropped.sink_failed. May block while the far side is slow, until
	// sink->is_giving_up. SIGPIPE is blocked or ignored by the caller.
	uint32_t (*write)(struct sink *sink, struct slice lines, uint32_t n_lines);

	// How it does; and what went wrong last, and with what, as one line for people without line
	// feed: empty where nothing ever did. From any thread.
	enum sink_state (*status)(struct sink *sink, char *ret, size_t size);

	// What it writes to may have been moved away, as log rotation does: goes on in what has the
	// name now. -errno, and it goes on as before. From one thread, while others write.
	int (*reopen)(struct sink *sink);

	// What it writes to may have been deleted: goes on in a new one of that name, and returns 1.
	// 0: it is still there, or that cannot be told now. -errno: none can be made, and until a
	// later call makes one it takes no lines. From the thread that reopens.
	int (*restore)(struct sink *sink);

	// Ends it and frees it. NULL is fine.
	void (*close)(struct sink *sink);
};

struct sink {
	const struct sink_type *type;
	atomic_bool
		is_giving_up; // exporter_stop: wo, sink: ro. The time to wait for others is over.
};

// Lines to the end of a regular file, which is made (0600) where there is none, or to any other file
// that exists (a pipe, a terminal, a device); "-" is standard output. What write() takes is with the
// kernel when it returns. After a failure in the middle of a line a regular file is cut back to whole
// lines, and the next batch is tried again. One process writes a regular file at a time: -EBUSY.
// Otherwise -errno.
[[nodiscard]] int sink_file_open(const char *path, struct sink **ret);

// Drops what a regular file held before; of others, and of standard output, nothing. Apart from
// opening, so that a start that fails later costs no one their traces. -errno.
[[nodiscard]] int sink_file_empty(struct sink *sink);

static inline uint32_t sink_write(struct sink *sink, struct slice lines, uint32_t n_lines) {
	return sink->type->write(sink, lines, n_lines);
}

static inline enum sink_state sink_status(struct sink *sink, char *ret, size_t size) {
	return sink->type->status(sink, ret, size);
}

[[nodiscard]] static inline int sink_reopen(struct sink *sink) {
	return sink->type->reopen(sink);
}

[[nodiscard]] static inline int sink_restore(struct sink *sink) {
	return sink->type->restore(sink);
}

static inline void sink_close(struct sink *sink) {
	if (sink != NULL)
		sink->type->close(sink);
}
