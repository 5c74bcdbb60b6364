#include "interruption.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#define EXIT_OF_SIGNAL 128 // as shells count

// A signal's handler gets no context: this is the one variable of the program that is not passed down.
static volatile sig_atomic_t noted;

static void set_handler(void (*handler)(int)) {
	struct sigaction action = {.sa_flags = SA_RESTART};
	action.sa_handler = handler;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void note(int number) {
	noted = number;
	set_handler(SIG_DFL); // the second one ends the program
}

void interruption_watch(void) {
	if (noted == 0)
		set_handler(note);
}

bool interruption_is_noted(void *) {
	return noted != 0;
}

int interruption_signal(void) {
	return noted;
}

int interruption_exit_code(void) {
	return EXIT_OF_SIGNAL + noted;
}

// Between the look and the sleep the signals are held back, so that none is slept through.
void interruption_sleep(int64_t ms) {
	struct timespec timeout = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	sigset_t held, before;
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigprocmask(SIG_BLOCK, &held, &before);
	if (noted == 0)
		ppoll(NULL, 0, &timeout, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
