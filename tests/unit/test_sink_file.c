#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char folder[64];
	char path[96];
};

static int set_up(void **state) {
	static struct fixture f;
	strcpy(f.folder, "/tmp/test_sink.XXXXXX");
	if (mkdtemp(f.folder) == NULL)
		return -1;
	snprintf(f.path, sizeof(f.path), "%s/traces", f.folder);
	*state = &f;
	return 0;
}

static int tear_down(void **state) {
	struct fixture *f = *state;
	unlink(f->path);
	return rmdir(f->folder);
}

static struct sink *open_sink(const char *path) {
	struct sink *sink;
	assert_int_equal(sink_file_open(path, &sink), 0);
	return sink;
}

static uint32_t write_text(struct sink *sink, const char *text, uint32_t n_lines) {
	return sink_write(sink, slice_of_string(text), n_lines);
}

static void file_holds(const char *path, const char *want) {
	char got[256];
	int fd = open(path, O_RDONLY);
	ssize_t len = read(fd, got, sizeof(got));
	close(fd);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(got, want, (size_t)len);
}

static void status_is(struct sink *sink, const char *path, const char *why) {
	char want[256], got[256];
	want[0] = '\0';
	if (why[0] != '\0')
		snprintf(want, sizeof(want), "cannot write traces to '%s': %s", path, why);
	(void)sink_status(sink, got, sizeof(got));
	assert_string_equal(got, want);
}

static void state_is(struct sink *sink, enum sink_state want) {
	char why[256];
	assert_int_equal(sink_status(sink, why, sizeof(why)), want);
}

static void goes_on_in_a_new_file_where_that_was_deleted(void **state) {
	struct fixture *f = *state;
	struct sink *sink = open_sink(f->path);
	assert_int_equal(write_text(sink, "a\n", 1), 1);
	assert_int_equal(sink_restore(sink), 0);
	unlink(f->path);
	assert_int_equal(sink_restore(sink), 1);
	assert_int_equal(sink_restore(sink), 0);
	assert_int_equal(write_text(sink, "b\n", 1), 1);
	file_holds(f->path, "b\n");

	unlink(f->path);
	mkdir(f->path, 0700);
	assert_int_equal(sink_restore(sink), -EISDIR);
	assert_int_equal(write_text(sink, "c\n", 1), 0);
	state_is(sink, SINK_FAILS);
	status_is(sink, f->path, "Is a directory");
	rmdir(f->path);
	assert_int_equal(sink_restore(sink), 1);
	state_is(sink, SINK_WORKS);
	assert_int_equal(write_text(sink, "d\n", 1), 1);
	file_holds(f->path, "d\n");
	sink_close(sink);
}

static void leaves_a_file_that_was_moved_away(void **state) {
	struct fixture *f = *state;
	char moved[sizeof(f->path) + 2];
	snprintf(moved, sizeof(moved), "%s.1", f->path);
	struct sink *sink = open_sink(f->path);
	assert_int_equal(rename(f->path, moved), 0);
	assert_int_equal(sink_restore(sink), 0);
	assert_int_equal(write_text(sink, "a\n", 1), 1);
	file_holds(moved, "a\n");
	sink_close(sink);
	unlink(moved);
}

static void makes_a_file_that_only_its_owner_reads(void **state) {
	struct fixture *f = *state;
	mode_t before = umask(0);
	struct sink *sink = open_sink(f->path);
	umask(before);
	struct stat status;
	assert_int_equal(stat(f->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(write_text(sink, "a\nb\n", 2), 2);
	assert_int_equal(write_text(sink, "c\n", 1), 1);
	file_holds(f->path, "a\nb\nc\n");
	status_is(sink, f->path, "");
	sink_close(sink);
}

static void empties_a_file_only_when_asked(void **state) {
	struct fixture *f = *state;
	struct sink *sink = open_sink(f->path);
	(void)write_text(sink, "old\n", 1);
	sink_close(sink);
	sink = open_sink(f->path);
	file_holds(f->path, "old\n");
	assert_int_equal(sink_file_empty(sink), 0);
	(void)write_text(sink, "new\n", 1);
	sink_close(sink);
	file_holds(f->path, "new\n");
}

static void goes_on_in_a_file_that_was_emptied_under_it(void **state) {
	struct fixture *f = *state;
	struct sink *sink = open_sink(f->path);
	(void)write_text(sink, "old\n", 1);
	assert_int_equal(truncate(f->path, 0), 0);
	(void)write_text(sink, "new\n", 1);
	file_holds(f->path, "new\n");
	sink_close(sink);
}

static void file_is_whole(const char *path, off_t size) {
	struct stat status;
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, size);
	assert_true(status.st_blocks * 512 <= size + (1 << 20));
}

// The latest file counts; what was reserved behind the end of the first is given back.
static void goes_on_in_a_file_of_its_name_when_asked(void **state) {
	struct fixture *f = *state;
	char moved[128];
	snprintf(moved, sizeof(moved), "%s.1", f->path);
	struct sink *sink = open_sink(f->path);
	size_t len = 4 << 20;
	uint8_t *lines = malloc(len);
	memset(lines, '\n', len);
	assert_int_equal(sink_write(sink, slice_of(lines, len), 4 << 20), 4 << 20);
	assert_int_equal(rename(f->path, moved), 0);
	assert_int_equal(sink_reopen(sink), 0);
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(sink_reopen(sink), 0);
	assert_int_equal(write_text(sink, "new\n", 1), 1);
	file_is_whole(moved, (off_t)len);
	assert_int_equal(unlink(moved), 0);
	assert_int_equal(rename(f->path, moved), 0);
	assert_int_equal(sink_reopen(sink), 0);
	// Moved back before anybody wrote to the new one.
	assert_int_equal(rename(moved, f->path), 0);
	assert_int_equal(sink_reopen(sink), 0);
	assert_int_equal(write_text(sink, "more\n", 1), 1);
	sink_close(sink);
	file_holds(f->path, "new\nmore\n");
	free(lines);
}

static void goes_on_in_the_old_file_where_there_is_no_new_one(void **state) {
	struct fixture *f = *state;
	char moved[128];
	snprintf(moved, sizeof(moved), "%s.1", f->path);
	struct sink *sink = open_sink(f->path);
	assert_int_equal(rename(f->path, moved), 0);
	assert_int_equal(mkdir(f->path, 0700), 0);
	assert_int_equal(sink_reopen(sink), -EISDIR);
	rmdir(f->path);
	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_int_equal(sink_reopen(sink), -ENXIO);
	int reader = open(f->path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(sink_reopen(sink), -EINVAL);
	close(reader);
	assert_int_equal(write_text(sink, "a\n", 1), 1);
	sink_close(sink);
	file_holds(moved, "a\n");
	unlink(moved);
}

static void a_file_has_one_writer(void **state) {
	struct fixture *f = *state;
	struct sink *sink = open_sink(f->path), *second = NULL;
	assert_int_equal(sink_file_open(f->path, &second), -EBUSY);
	sink_close(sink);
	second = open_sink(f->path);
	sink_close(second);
}

static void says_why_it_cannot_be_opened(void **state) {
	struct fixture *f = *state;
	struct sink *sink = NULL;
	assert_int_equal(sink_file_open("/no-such-folder/traces", &sink), -ENOENT);
	assert_int_equal(sink_file_open(f->folder, &sink), -EISDIR);
	assert_null(sink);
	sink_close(NULL);
}

static void counts_what_a_full_device_does_not_take(void **) {
	struct sink *sink = open_sink("/dev/full");
	assert_int_equal(write_text(sink, "a\nb\n", 2), 0);
	assert_int_equal(write_text(sink, "c\n", 1), 0);
	status_is(sink, "/dev/full", "No space left on device");
	state_is(sink, SINK_IS_GONE);
	sink_close(sink);
}

// A limit on the size of files stands for a disk that is full in the middle of a line.
static void leaves_whole_lines_where_the_space_ends(void **state) {
	struct fixture *f = *state;
	struct rlimit before, limit;
	char why[256];
	getrlimit(RLIMIT_FSIZE, &before);
	limit = (struct rlimit) {.rlim_cur = 10, .rlim_max = before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	struct sink *sink = open_sink(f->path);
	uint32_t n_first = write_text(sink, "aaa\nbbb\nccc\n", 3);
	uint32_t n_second = write_text(sink, "ddd\n", 1);
	enum sink_state failing = sink_status(sink, why, sizeof(why));
	uint32_t n_third = write_text(sink, "e\n", 1);
	setrlimit(RLIMIT_FSIZE, &before);
	uint32_t n_fourth = write_text(sink, "fff\nggg\n", 2);
	assert_int_equal(failing, SINK_FAILS);
	state_is(sink, SINK_WORKS);
	assert_int_equal(n_first, 2);
	assert_int_equal(n_second, 0);
	assert_int_equal(n_third, 1);
	assert_int_equal(n_fourth, 2);
	file_holds(f->path, "aaa\nbbb\ne\nfff\nggg\n");
	status_is(sink, f->path, "File too large");
	sink_close(sink);
}

// Blocks are reserved ahead; none stay behind.
static void keeps_no_more_room_than_the_file_has(void **state) {
	struct fixture *f = *state;
	struct sink *sink = open_sink(f->path);
	size_t len = 1 << 20;
	uint8_t *lines = malloc(len);
	memset(lines, '\n', len);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sink_write(sink, slice_of(lines, len), 1 << 20), 1 << 20);
	sink_close(sink);
	struct stat status;
	assert_int_equal(stat(f->path, &status), 0);
	assert_int_equal(status.st_size, 3 << 20);
	assert_true(status.st_blocks * 512 <= 4 << 20);
	free(lines);
}

struct reader {
	int fd;
	size_t n_bytes;
};

static void *read_all(void *arg) {
	struct reader *reader = arg;
	char bytes[1000];
	for (ssize_t n; (n = read(reader->fd, bytes, sizeof(bytes))) > 0;)
		reader->n_bytes += (size_t)n;
	return NULL;
}

// The sink for a pipe's writing end.
static struct sink *open_pipe(int ret_fds[2]) {
	char path[64];
	assert_int_equal(pipe(ret_fds), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ret_fds[1]);
	struct sink *sink = open_sink(path);
	close(ret_fds[1]);
	return sink;
}

static void writes_a_large_batch_to_a_slow_pipe(void **) {
	int fds[2];
	struct sink *sink = open_pipe(fds);
	struct reader reader = {.fd = fds[0]};
	pthread_t thread;
	pthread_create(&thread, NULL, read_all, &reader);
	size_t len = 1 << 20;
	uint8_t *lines = malloc(len);
	memset(lines, 'x', len);
	lines[len - 1] = '\n';
	assert_int_equal(sink_write(sink, slice_of(lines, len), 1), 1);
	sink_close(sink);
	pthread_join(thread, NULL);
	assert_int_equal(reader.n_bytes, len);
	close(fds[0]);
	free(lines);
}

static void counts_what_a_closed_pipe_does_not_take(void **) {
	int fds[2];
	signal(SIGPIPE, SIG_IGN);
	struct sink *sink = open_pipe(fds);
	assert_int_equal(write_text(sink, "a\n", 1), 1);
	close(fds[0]);
	assert_int_equal(write_text(sink, "b\n", 1), 0);
	assert_int_equal(write_text(sink, "c\n", 1), 0);
	assert_int_equal(sink_reopen(sink), 0); // which nothing comes of
	assert_int_equal(write_text(sink, "d\n", 1), 0);
	char status[256];
	assert_int_equal(sink_status(sink, status, sizeof(status)), SINK_IS_GONE);
	assert_non_null(strstr(status, "': Broken pipe"));
	sink_close(sink);
}

static void gives_up_on_a_pipe_that_nobody_reads(void **) {
	int fds[2];
	struct sink *sink = open_pipe(fds);
	size_t len = 1 << 20;
	uint8_t *lines = malloc(len);
	memset(lines, '\n', len);
	atomic_store(&sink->is_giving_up, true);
	uint32_t n_taken = sink_write(sink, slice_of(lines, len), 1 << 20);
	assert_true(n_taken > 0 && n_taken < 1 << 20); // what the pipe holds
	struct reader reader = {.fd = fds[0]};
	sink_close(sink);
	(void)read_all(&reader);
	assert_int_equal(reader.n_bytes, n_taken);
	close(fds[0]);
	free(lines);
}

static void writes_to_standard_output_and_leaves_it_open(void **state) {
	struct fixture *f = *state;
	int saved = dup(STDOUT_FILENO);
	int fd = open(f->path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	dup2(fd, STDOUT_FILENO);
	close(fd);
	struct sink *sink;
	int rc = sink_file_open("-", &sink);
	uint32_t n_taken = rc < 0 ? 0 : write_text(sink, "a\n", 1);
	if (rc == 0)
		sink_close(sink);
	ssize_t n_after = write(STDOUT_FILENO, "after\n", 6);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	assert_int_equal(rc, 0);
	assert_int_equal(n_taken, 1);
	assert_int_equal(n_after, 6);
	file_holds(f->path, "a\nafter\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			makes_a_file_that_only_its_owner_reads, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			goes_on_in_a_new_file_where_that_was_deleted, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			leaves_a_file_that_was_moved_away, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(empties_a_file_only_when_asked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			goes_on_in_a_file_that_was_emptied_under_it, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			goes_on_in_a_file_of_its_name_when_asked, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			goes_on_in_the_old_file_where_there_is_no_new_one, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(a_file_has_one_writer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(says_why_it_cannot_be_opened, set_up, tear_down),
		cmocka_unit_test(counts_what_a_full_device_does_not_take),
		cmocka_unit_test_setup_teardown(
			leaves_whole_lines_where_the_space_ends, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			keeps_no_more_room_than_the_file_has, set_up, tear_down
		),
		cmocka_unit_test(writes_a_large_batch_to_a_slow_pipe),
		cmocka_unit_test(counts_what_a_closed_pipe_does_not_take),
		cmocka_unit_test(gives_up_on_a_pipe_that_nobody_reads),
		cmocka_unit_test_setup_teardown(
			writes_to_standard_output_and_leaves_it_open, set_up, tear_down
		),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
