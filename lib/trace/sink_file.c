#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define POLL_MS 100 // between two looks at sink->is_giving_up

// Blocks are reserved ahead, as many again as there are, within these bounds: the kernel then spends
// a third less on each write. Regular files on disks only.
#define RESERVE_MIN ((off_t)1 << 20)
#define RESERVE_MAX ((off_t)64 << 20)

// Appending, so that who empties the file under us gets no hole.
#define OPEN_FLAGS (O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY)

struct file_id {
	dev_t device;
	ino_t inode;
};

struct sink_file {
	struct sink sink; // first
	bool is_regular;
	bool is_named; // regular, and opened by its name
	struct file_id current, next; // of 'fd' and 'next_fd', when last looked at. file_reopen: rw
	atomic_int next_fd; // file_reopen: rw, a writer: takes it. -1: none
	pthread_mutex_t lock; // of what follows, and of the order of writes
	int fd;
	bool is_deleted; // and no new one could be made
	bool is_reserving;
	off_t reserved_to; // offset in the file
	// Read without the lock, which who writes may hold for long.
	_Atomic enum sink_state state;
	atomic_int error; // the latest, errno
	char path[];
};

// Of a long path the end, so that there is room for what is wrong with it.
#define SHOWN_MAX 48

static struct file_id file_id_of(const struct stat *status) {
	return (struct file_id) {.device = status->st_dev, .inode = status->st_ino};
}

static bool is_same_file(struct file_id a, struct file_id b) {
	return a.device == b.device && a.inode == b.inode;
}

static struct sink_file *of(struct sink *sink) {
	return (struct sink_file *)(void *)sink;
}

// Waits until a few bytes can be written without blocking. -ETIMEDOUT when giving up.
static int wait_for_room(struct sink_file *file) {
	struct pollfd poll_fd = {.fd = file->fd, .events = POLLOUT};
	for (;;) {
		// When giving up, what fits at once still goes; a reader that takes a little now and then
		// is not waited for.
		bool is_last = atomic_load_explicit(&file->sink.is_giving_up, memory_order_relaxed);
		int n = poll(&poll_fd, 1, is_last ? 0 : POLL_MS);
		if (n > 0 || (n < 0 && errno != EINTR))
			return n > 0 ? 0 : -errno;
		if (is_last)
			return -ETIMEDOUT;
	}
}

// Regular files take all at once. To others no more is given than surely does not block, so that
// a reader that has stopped reading cannot hold us for ever (PIPE_BUF, pipe(7)).
static ssize_t write_some(struct sink_file *file, struct slice bytes) {
	if (!file->is_regular) {
		int rc = wait_for_room(file);
		if (rc < 0)
			return rc;
		bytes = slice_first(bytes, PIPE_BUF);
	}
	ssize_t n = write(file->fd, bytes.data, bytes.len);
	if (n >= 0)
		return n;
	return errno == EINTR || errno == EAGAIN ? 0 : -errno;
}

// Returns how many bytes the file has of 'bytes'; fewer than given when '*ret_error' is set.
static size_t write_all(struct sink_file *file, struct slice bytes, int *ret_error) {
	size_t done = 0;
	while (done < bytes.len) {
		ssize_t n = write_some(file, slice_from(bytes, done));
		if (n < 0) {
			*ret_error = (int)-n;
			break;
		}
		done += (size_t)n;
	}
	return done;
}

// Takes the last 'n_bytes' back, if they are still the last.
static bool cut(const struct sink_file *file, size_t n_bytes) {
	struct stat status;
	off_t end = lseek(file->fd, 0, SEEK_CUR);
	if (end < (off_t)n_bytes || fstat(file->fd, &status) < 0 || status.st_size != end)
		return false;
	off_t whole = end - (off_t)n_bytes;
	return ftruncate(file->fd, whole) == 0 && lseek(file->fd, whole, SEEK_SET) == whole;
}

static uint32_t count_lines(struct slice bytes, size_t *ret_len) {
	uint32_t n = 0;
	*ret_len = 0;
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.data[i] == '\n') {
			n++;
			*ret_len = i + 1;
		}
	}
	return n;
}

static void reserve(struct sink_file *file, size_t len) {
	off_t at = lseek(file->fd, 0, SEEK_CUR);
	off_t end = at + (off_t)len;
	if (end <= file->reserved_to)
		return;
	off_t more = end < RESERVE_MIN ? RESERVE_MIN : end < RESERVE_MAX ? end : RESERVE_MAX;
	file->is_reserving = fallocate(file->fd, FALLOC_FL_KEEP_SIZE, at, end + more - at) == 0;
	file->reserved_to = end + more;
}

static bool is_on_disk(int fd) {
	struct statfs status;
	return fstatfs(fd, &status) == 0 && status.f_type != TMPFS_MAGIC;
}

static void begin_file(struct sink_file *file, int fd) {
	file->fd = fd;
	file->is_deleted = false;
	atomic_store(&file->state, SINK_WORKS);
	file->is_reserving = file->is_named && is_on_disk(fd);
	file->reserved_to = 0;
}

static void end_file(const struct sink_file *file) {
	struct stat status;
	// Gives back what was reserved behind the end.
	if (file->reserved_to > 0 && fstat(file->fd, &status) == 0)
		(void)!ftruncate(file->fd, status.st_size);
	if (file->fd != STDOUT_FILENO)
		close(file->fd);
}

static void take_next_file(struct sink_file *file) {
	int fd = atomic_exchange(&file->next_fd, -1);
	if (fd < 0)
		return;
	end_file(file);
	begin_file(file, fd);
}

static uint32_t write_lines(struct sink_file *file, struct slice lines, uint32_t n_lines) {
	if (atomic_load(&file->state) == SINK_IS_GONE || file->is_deleted)
		return 0;
	if (file->is_reserving)
		reserve(file, lines.len);
	int error = 0;
	size_t done = write_all(file, lines, &error);
	if (error == 0) {
		atomic_store(&file->state, SINK_WORKS);
		return n_lines;
	}
	size_t whole;
	uint32_t n_whole = count_lines(slice_first(lines, done), &whole);
	bool is_gone = !file->is_regular || (done > whole && !cut(file, done - whole));
	atomic_store(&file->error, error);
	atomic_store(&file->state, is_gone ? SINK_IS_GONE : SINK_FAILS);
	return n_whole;
}

static uint32_t file_write(struct sink *sink, struct slice lines, uint32_t n_lines) {
	struct sink_file *file = of(sink);
	pthread_mutex_lock(&file->lock);
	take_next_file(file);
	uint32_t n_taken = write_lines(file, lines, n_lines);
	pthread_mutex_unlock(&file->lock);
	return n_taken;
}

static enum sink_state file_status(struct sink *sink, char *ret, size_t size) {
	struct sink_file *file = of(sink);
	enum sink_state state = atomic_load(&file->state);
	int error = atomic_load(&file->error);
	size_t len = strlen(file->path);
	ret[0] = '\0';
	if (error != 0)
		snprintf(
			ret,
			size,
			"cannot write traces to '%s%s': %s",
			len > SHOWN_MAX ? "..." : "",
			file->path + (len > SHOWN_MAX ? len - SHOWN_MAX : 0),
			strerrordesc_np(error)
		);
	return state;
}

// Two writers would cut each other's lines. Where the file system has no locks there is none.
static int lock_file(int fd) {
	return flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK ? -EBUSY : 0;
}

static int open_regular(const char *path, struct file_id *ret_id) {
	struct stat status = {0};
	int fd = open(path, OPEN_FLAGS | O_NONBLOCK, 0600); // what has the name may be a pipe
	if (fd < 0)
		return -errno;
	int rc = fstat(fd, &status) < 0 ? -errno : 0;
	if (rc == 0 && !S_ISREG(status.st_mode))
		rc = -EINVAL;
	if (rc < 0) {
		close(fd);
		return rc;
	}
	*ret_id = file_id_of(&status);
	return fd;
}

static void forget_next(struct sink_file *file) {
	int fd = atomic_exchange(&file->next_fd, -1);
	if (fd >= 0)
		close(fd);
	else
		file->current = file->next; // it was taken
	file->next = file->current;
}

// Does not wait for who writes: the next who does so takes it.
static int file_reopen(struct sink *sink) {
	struct sink_file *file = of(sink);
	struct file_id id = {0};
	if (!file->is_named)
		return 0;
	int fd = open_regular(file->path, &id);
	if (fd < 0)
		return fd;
	int rc = 0;
	if (!is_same_file(id, file->next)) {
		forget_next(file);
		bool is_other = !is_same_file(id, file->current);
		rc = is_other ? lock_file(fd) : 0;
		if (rc == 0 && is_other) {
			file->next = id;
			atomic_store(&file->next_fd, fd);
			return 0;
		}
	}
	close(fd);
	return rc;
}

// With the lock.
static int restore(struct sink_file *file) {
	struct stat status;
	take_next_file(file);
	if (fstat(file->fd, &status) < 0 || status.st_nlink > 0)
		return 0;
	int rc = file_reopen(&file->sink);
	if (rc == 0) {
		take_next_file(file);
		return 1;
	}
	file->is_deleted = true;
	atomic_store(&file->error, -rc);
	atomic_store(&file->state, SINK_FAILS);
	return rc;
}

// Does not wait for who writes: a later call finds out.
static int file_restore(struct sink *sink) {
	struct sink_file *file = of(sink);
	if (!file->is_named || pthread_mutex_trylock(&file->lock) != 0)
		return 0;
	int rc = restore(file);
	pthread_mutex_unlock(&file->lock);
	return rc;
}

static void file_close(struct sink *sink) {
	struct sink_file *file = of(sink);
	take_next_file(file);
	end_file(file);
	pthread_mutex_destroy(&file->lock);
	free(file);
}

static const struct sink_type sink_file_type = {
	.name = "file",
	.write = file_write,
	.status = file_status,
	.reopen = file_reopen,
	.restore = file_restore,
	.close = file_close,
};

static int open_path(const char *path) {
	if (strcmp(path, "-") == 0) {
		int flags = fcntl(STDOUT_FILENO, F_GETFL);
		bool is_open = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
		return is_open ? STDOUT_FILENO : -EBADF;
	}
	int fd = open(path, OPEN_FLAGS, 0600);
	return fd < 0 ? -errno : fd;
}

int sink_file_open(const char *path, struct sink **ret) {
	size_t size = strlen(path) + 1;
	struct stat status;
	struct sink_file *file = calloc(1, sizeof(*file) + size);
	if (file == NULL)
		return -ENOMEM;
	int fd = open_path(path);
	int rc = fd < 0 ? fd : 0;
	if (rc == 0 && fstat(fd, &status) < 0)
		rc = -errno;
	bool is_named = rc == 0 && S_ISREG(status.st_mode) && fd != STDOUT_FILENO;
	if (is_named)
		rc = lock_file(fd);
	if (rc < 0) {
		if (fd > STDOUT_FILENO)
			close(fd);
		free(file);
		return rc;
	}
	memcpy(file->path, path, size);
	file->is_regular = S_ISREG(status.st_mode);
	file->is_named = is_named;
	file->current = file->next = file_id_of(&status);
	atomic_init(&file->next_fd, -1);
	begin_file(file, fd);
	file->sink.type = &sink_file_type;
	pthread_mutex_init(&file->lock, NULL);
	*ret = &file->sink;
	return 0;
}

int sink_file_empty(struct sink *sink) {
	struct sink_file *file = of(sink);
	if (!file->is_named)
		return 0;
	return ftruncate(file->fd, 0) < 0 ? -errno : 0;
}
