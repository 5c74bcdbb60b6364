#include "capture_input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS 50

int capture_input_init(struct capture_input *input, int fd) {
	input->fd = fd;
	struct stat status;
	if (fstat(fd, &status) != 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	if (S_ISREG(status.st_mode)) {
		input->is_file = true;
		input->file_size = (uint64_t)status.st_size;
		posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	input->buffer = malloc(CAPTURE_INPUT_SIZE);
	return input->buffer == NULL ? -ENOMEM : 0;
}

void capture_input_release(struct capture_input *input) {
	free(input->buffer);
	if (input->fd >= 0)
		close(input->fd);
}

static bool is_readable(const struct capture_input *input, int timeout_ms) {
	if (input->is_file)
		return true;
	struct pollfd poll_fd = {.fd = input->fd, .events = POLLIN};
	return poll(&poll_fd, 1, timeout_ms) > 0;
}

bool capture_input_is_interrupted(struct capture_input *input) {
	if (input->is_stopped != NULL && atomic_load(input->is_stopped))
		atomic_store_explicit(&input->is_interrupted, true, memory_order_relaxed);
	return atomic_load_explicit(&input->is_interrupted, memory_order_relaxed);
}

// Waits for bytes; false once interrupted.
static bool wait_readable(struct capture_input *input) {
	while (!is_readable(input, WAIT_MS)) {
		if (capture_input_is_interrupted(input))
			return false;
	}
	return true;
}

static ssize_t read_some(struct capture_input *input, void *ret, size_t size) {
	for (;;) {
		ssize_t n = read(input->fd, ret, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0)
			atomic_fetch_add_explicit(
				&input->n_read, (uint64_t)n, memory_order_relaxed
			);
		return n < 0 ? -errno : n;
	}
}

ssize_t capture_input_read(struct capture_input *input) {
	if (atomic_load_explicit(&input->is_interrupted, memory_order_relaxed))
		return 0;
	if (!is_readable(input, 0))
		return -EAGAIN;
	size_t len = capture_input_len(input);
	assert(len + CAPTURE_READ_SIZE <= CAPTURE_INPUT_SIZE);
	memmove(input->buffer, input->buffer + input->at, len);
	input->at = 0;
	input->end = len;
	ssize_t n = read_some(input, input->buffer + len, CAPTURE_READ_SIZE);
	if (n > 0)
		input->end += (size_t)n;
	return n;
}

int capture_input_require(struct capture_input *input, size_t len) {
	while (capture_input_len(input) < len && wait_readable(input)) {
		ssize_t n = capture_input_read(input);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
	}
	return 0;
}

ssize_t capture_input_cookie(void *cookie, char *ret, size_t size) {
	struct capture_input *input = cookie;
	size_t len = capture_input_len(input);
	if (len > 0) {
		size_t n = len < size ? len : size;
		memcpy(ret, capture_input_data(input), n);
		input->at += n;
		return (ssize_t)n;
	}
	if (!wait_readable(input))
		return 0;
	ssize_t n = read_some(input, ret, size);
	if (n < 0)
		errno = (int)-n;
	return n < 0 ? -1 : n;
}
