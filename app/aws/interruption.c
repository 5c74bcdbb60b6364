#include "interruption.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#define EXIT_OF_SIGNAL 128 // as shells count

// A signal's handler gets no context: this is the one variable of the program that is not passed down.
static volatile sig_atomic_t noted;

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
#define N_SIGNALS (sizeof(signals) / sizeof(signals[0]))

// What is ignored stays so: nohup, or a shell's background.
static void replace_handlers(void (*before)(int), void (*after)(int)) {
	struct sigaction action = {.sa_flags = SA_RESTART}, now;
	action.sa_handler = after;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < N_SIGNALS; i++)
		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == before)
			sigaction(signals[i], &action, NULL);
}

static void note(int number) {
	noted = number;
	replace_handlers(note, SIG_DFL); // the second one ends the program
}

void interruption_watch(void) {
	if (noted == 0)
		replace_handlers(SIG_DFL, note);
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
	for (size_t i = 0; i < N_SIGNALS; i++)
		sigaddset(&held, signals[i]);
	sigprocmask(SIG_BLOCK, &held, &before);
	if (noted == 0)
		ppoll(NULL, 0, &timeout, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
