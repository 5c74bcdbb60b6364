#include "credentials_source.h"
#include "shell_words.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_MAX 65536
#define ERRORS_MAX 4096
#define TIMEOUT_MS 60000

struct child {
	pid_t pid;
	int fds[2]; // its output and its errors, -1 where at an end
	struct strbuf texts[2];
};

static int64_t monotonic_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int spawn(char **words, struct child *child) {
	int output[2], errors[2];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t usual;
	if (pipe2(output, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(errors, O_CLOEXEC) < 0) {
		int result = -errno;
		close(output[0]);
		close(output[1]);
		return result;
	}
	int result = posix_spawn_file_actions_init(&actions);
	if (result == 0) {
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
		posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
		posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO);
		result = posix_spawnattr_init(&attributes);
	}
	if (result == 0) {
		// A program that speaks over sockets ignores this signal; a shell's pipes need it.
		sigemptyset(&usual);
		sigaddset(&usual, SIGPIPE);
		posix_spawnattr_setsigdefault(&attributes, &usual);
		posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
		result = posix_spawnp(&child->pid, words[0], &actions, &attributes, words, environ);
		posix_spawnattr_destroy(&attributes);
		posix_spawn_file_actions_destroy(&actions);
	}
	close(output[1]);
	close(errors[1]);
	child->fds[0] = output[0];
	child->fds[1] = errors[0];
	return -result;
}

// Reads what is there; closes at the end. Text beyond the cap is dropped.
static void drain(struct child *child, int i) {
	char block[4096];
	ssize_t n = read(child->fds[i], block, sizeof(block));
	if (n > 0) {
		strbuf_add(&child->texts[i], block, (size_t)n);
	} else if (n == 0 || errno != EINTR) {
		close(child->fds[i]);
		child->fds[i] = -1;
	}
	explicit_bzero(block, sizeof(block));
}

// Until both pipes are at an end; false where that takes too long.
static bool collect(struct child *child) {
	int64_t end_ms = monotonic_ms() + TIMEOUT_MS;
	while (child->fds[0] >= 0 || child->fds[1] >= 0) {
		struct pollfd fds[2] = {
			{.fd = child->fds[0], .events = POLLIN},
			{.fd = child->fds[1], .events = POLLIN},
		};
		int64_t left_ms = end_ms - monotonic_ms();
		int n = left_ms <= 0 ? 0 : poll(fds, 2, (int)left_ms);
		if (n == 0)
			return false;
		for (int i = 0; n > 0 && i < 2; i++)
			if (fds[i].revents != 0)
				drain(child, i);
	}
	return true;
}

// The exit status, or -1 where it was killed.
static int finish(struct child *child) {
	int status = 0;
	for (int i = 0; i < 2; i++)
		if (child->fds[i] >= 0)
			close(child->fds[i]);
	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
read_output(const struct strbuf *output, struct credentials *ret, struct aws_error *error) {
	struct arena arena = arena_empty();
	struct node *root = NULL;
	int result = strbuf_status(output);
	if (result == 0)
		result = node_from_json(&arena, strbuf_slice(output), &root);
	const char *version = node_text(root, "Version");
	if (result == -EBADMSG || result == -E2BIG)
		aws_error_set(
			error, result, "InvalidCredentials", "credential_process wrote no JSON"
		);
	else if (result == 0 && (version == NULL || strcmp(version, "1") != 0))
		result = aws_error_set(
			error,
			-EBADMSG,
			"InvalidCredentials",
			"the output of credential_process is not of version 1"
		);
	else if (result == 0)
		result = credentials_from_node(root, "SessionToken", ret, error);
	arena_release(&arena);
	return result;
}

static int failed(const struct child *child, int status, struct aws_error *error) {
	const char *text = child->texts[1].data;
	return aws_error_set(
		error,
		-EINVAL,
		"CredentialProcessFailed",
		"credential_process ended with status %d: %.*s",
		status,
		(int)strcspn(text, "\r\n"),
		text
	);
}

static int run(char **words, struct credentials *ret, struct aws_error *error) {
	struct child child = {0};
	strbuf_init(&child.texts[0], OUTPUT_MAX);
	strbuf_init(&child.texts[1], ERRORS_MAX);
	int result = spawn(words, &child);
	if (result < 0) {
		if (child.fds[0] > 0)
			close(child.fds[0]);
		if (child.fds[1] > 0)
			close(child.fds[1]);
		return aws_error_set(
			error,
			-EINVAL,
			"CredentialProcessFailed",
			"cannot run credential_process '%s': %s",
			words[0],
			strerror(-result)
		);
	}
	bool is_complete = collect(&child);
	if (!is_complete)
		kill(child.pid, SIGKILL);
	int status = finish(&child);
	if (!is_complete)
		result = aws_error_set(
			error,
			-ETIMEDOUT,
			"CredentialProcessFailed",
			"credential_process did not end within %d s",
			TIMEOUT_MS / 1000
		);
	else if (status != 0)
		result = failed(&child, status, error);
	else
		result = read_output(&child.texts[0], ret, error);
	strbuf_release(&child.texts[0]);
	strbuf_release(&child.texts[1]);
	return result;
}

int credentials_from_process(
	const struct credentials_context *context,
	struct credentials *ret,
	struct aws_error *error
) {
	const char *command = profile_get(context->profile, "credential_process");
	struct arena arena = arena_empty();
	char **words;
	if (command == NULL)
		return CREDENTIALS_ABSENT;
	int result = shell_words_split(command, &arena, &words);
	if (result == -EBADMSG)
		result = aws_error_set(
			error,
			-EINVAL,
			"InvalidProfile",
			"credential_process of profile '%s' is empty or has an open quote",
			context->profile_name
		);
	else if (result == 0)
		result = run(words, ret, error);
	arena_release(&arena);
	return result;
}
