#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int file_read(const char *path, struct strbuf *ret_text) {
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	char block[4096];
	ssize_t n;
	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0 && errno != EINTR) {
			int result = -errno;
			close(fd);
			return result;
		}
		if (n > 0)
			strbuf_add(ret_text, block, (size_t)n);
		if (strbuf_status(ret_text) < 0)
			break;
	}
	explicit_bzero(block, sizeof(block));
	close(fd);
	return strbuf_status(ret_text);
}

static int write_all(int fd, struct slice text) {
	while (text.len > 0) {
		ssize_t n = write(fd, text.data, text.len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			text = slice_from(text, (size_t)n);
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int file_replace(const char *path, struct slice text) {
	struct strbuf temporary;
	strbuf_init(&temporary, 4096);
	strbuf_printf(&temporary, "%s.XXXXXX", path);
	int result = strbuf_status(&temporary);
	if (result < 0) {
		strbuf_release(&temporary);
		return result;
	}
	int fd = mkostemp(temporary.data, O_CLOEXEC); // mode 0600
	if (fd < 0) {
		result = -errno;
	} else {
		result = write_all(fd, text);
		close(fd);
		if (result == 0 && rename(temporary.data, path) < 0)
			result = -errno;
		if (result < 0)
			unlink(temporary.data);
	}
	strbuf_release(&temporary);
	return result;
}
