#include "process.h"

#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void process_begin(void) {
	static const int modes[] = {
		[STDIN_FILENO] = O_RDONLY,
		[STDOUT_FILENO] = O_RDONLY, // what is written there is not to vanish in silence
		[STDERR_FILENO] = O_WRONLY,
	};
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", modes[fd]);
	}
	signal(SIGXFSZ, SIG_IGN);
}

static bool has_no_reader(int fd) {
	struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
	return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLERR) != 0;
}

int process_end(int code) {
	bool was_broken = ferror(stdout) != 0;
	errno = 0;
	if ((fflush(stdout) == 0 && !was_broken) || has_no_reader(STDOUT_FILENO))
		return code;
	// Of a write that failed long ago, why it failed is not known any more.
	if (errno == 0)
		console_say("cannot write all of standard output");
	else
		console_say("cannot write to standard output: %s", strerror(errno));
	return code == EXIT_SUCCESS ? EXIT_FAILURE : code;
}
