#pragma once

// The bytes of a capture file or pipe, in a buffer that stays in the L2 cache. Not a mapping of the
// file: a process dies of touching a page that somebody cut off meanwhile.

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CAPTURE_READ_SIZE 262144u // bytes asked of the kernel at a time
#define CAPTURE_MAX_WISH (262144u + 16u) // the longest record with its header
#define CAPTURE_INPUT_SIZE (CAPTURE_READ_SIZE + CAPTURE_MAX_WISH)

struct capture_input {
	int fd;
	bool is_file; // a read never waits for others
	uint64_t file_size; // 0: unknown
	_Atomic uint64_t n_read; // reader: rw, control: r
	atomic_bool is_interrupted; // control: w, reader: rw
	const atomic_bool *is_stopped; // interrupts a wait too; NULL: nothing does
	size_t at, end; // of the bytes in 'buffer' not yet taken
	uint8_t *buffer;
};

// Takes over 'fd'; 'input' is zeroed but for 'is_stopped'. 0 or -errno.
[[nodiscard]] int capture_input_init(struct capture_input *input, int fd);
void capture_input_release(struct capture_input *input);

static inline size_t capture_input_len(const struct capture_input *input) {
	return input->end - input->at;
}

static inline const uint8_t *capture_input_data(const struct capture_input *input) {
	return input->buffer + input->at;
}

// Reads more bytes behind those there are, which must be fewer than CAPTURE_MAX_WISH. The number,
// 0 at the end, -EAGAIN while a pipe has none, or -errno.
[[nodiscard]] ssize_t capture_input_read(struct capture_input *input);

// Reads until there are 'len' bytes or the end comes; waits for a pipe. 0 or -errno.
[[nodiscard]] int capture_input_require(struct capture_input *input, size_t len);

bool capture_input_is_interrupted(struct capture_input *input);

// A read function for fopencookie: the bytes left, then the file's; waits for a pipe.
ssize_t capture_input_cookie(void *cookie, char *ret, size_t size);
