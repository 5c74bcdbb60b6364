#include "terminal.h"

#include "display.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define COLUMNS_PRESET 80u
#define ROWS_PRESET 24u
#define COLUMNS_MIN 20u
#define ROWS_MIN 5u

// The bytes of one key come together; a person needs longer between two.
#define ESCAPE_MS 60

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

// What a drawing may have switched off: the cursor, and going on in the next line.
#define CURSOR_AND_WRAP_ON "\033[?25h\033[?7h"

static const char *const styles[] = {
	[TERMINAL_PLAIN] = "\033[0m",
	[TERMINAL_TITLE] = "\033[1m",
	[TERMINAL_FOCUS] = "\033[1;36m",
	[TERMINAL_DIM] = "\033[2m",
	[TERMINAL_GOOD] = "\033[32m",
	[TERMINAL_WARNING] = "\033[33m",
	[TERMINAL_BAD] = "\033[31m",
};

static bool is_set(const char *variable) {
	const char *value = getenv(variable);
	return value != NULL && value[0] != '\0';
}

void terminal_init(struct terminal *ret_terminal) {
	const char *kind = getenv("TERM");
	*ret_terminal = (struct terminal) {
		.input = STDIN_FILENO,
		.output = STDERR_FILENO,
		.signals = -1,
	};
	bool is_output = isatty(STDERR_FILENO) == 1;
	bool is_dumb = kind == NULL || kind[0] == '\0' || strcmp(kind, "dumb") == 0;
	ret_terminal->is_interactive = is_output && isatty(STDIN_FILENO) == 1;
	ret_terminal->can_draw = is_output && !is_dumb;
	ret_terminal->has_colour = ret_terminal->can_draw && !is_set("NO_COLOR");
	display_prepare();
}

void terminal_size(const struct terminal *terminal, size_t *ret_columns, size_t *ret_rows) {
	struct winsize window = {0};
	if (ioctl(terminal->output, TIOCGWINSZ, &window) < 0)
		window = (struct winsize) {0};
	size_t columns = window.ws_col == 0 ? COLUMNS_PRESET : window.ws_col;
	size_t rows = window.ws_row == 0 ? ROWS_PRESET : window.ws_row;
	*ret_columns = columns < COLUMNS_MIN ? COLUMNS_MIN : columns;
	*ret_rows = rows < ROWS_MIN ? ROWS_MIN : rows;
}

void terminal_write(const struct terminal *terminal, const char *text, size_t len) {
	while (len > 0) {
		ssize_t n = write(terminal->output, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd room = {.fd = terminal->output, .events = POLLOUT};
			poll(&room, 1, -1);
			continue;
		}
		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static void say(const struct terminal *terminal, const char *text) {
	terminal_write(terminal, text, strlen(text));
}

const char *terminal_style(const struct terminal *terminal, enum terminal_style style) {
	return terminal->has_colour && style != TERMINAL_PLAIN ? styles[style] : "";
}

const char *terminal_plain(const struct terminal *terminal) {
	return terminal->has_colour ? styles[TERMINAL_PLAIN] : "";
}

// Signals are read like keys while a question is open, so that none can end the program with the
// terminal left as it is then.
static int take_signals(struct terminal *terminal) {
	static const int numbers[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH, SIGPIPE};
	sigset_t taken;
	sigemptyset(&taken);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&taken, numbers[i]);
	int fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	terminal->signals = fd;
	sigprocmask(SIG_BLOCK, &taken, &terminal->mask);
	// One that came just before the question is answered by it, too.
	int noted = terminal->noted_signal == NULL ? 0 : terminal->noted_signal();
	if (noted != 0)
		raise(noted);
	return 0;
}

// Blocked ones that came meanwhile are delivered now, but for a change of the window's size.
static void give_signals_back(struct terminal *terminal) {
	close(terminal->signals);
	terminal->signals = -1;
	sigprocmask(SIG_SETMASK, &terminal->mask, NULL);
}

static int set_raw(struct terminal *terminal) {
	struct termios raw = terminal->cooked;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR | IGNCR | ISTRIP);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	// Not TCSAFLUSH: what was typed ahead answers the next question.
	if (tcsetattr(terminal->input, TCSADRAIN, &raw) < 0)
		return -errno;
	terminal->is_raw = true;
	say(terminal, PASTE_ON);
	return 0;
}

static int make_raw(struct terminal *terminal) {
	if (tcgetattr(terminal->input, &terminal->cooked) < 0)
		return -errno;
	return set_raw(terminal);
}

static void make_cooked(struct terminal *terminal) {
	if (!terminal->is_raw)
		return;
	say(terminal, PASTE_OFF CURSOR_AND_WRAP_ON);
	tcsetattr(terminal->input, TCSADRAIN, &terminal->cooked);
	terminal->is_raw = false;
}

int terminal_begin(struct terminal *terminal) {
	int result = take_signals(terminal);
	if (result < 0)
		return result;
	if (terminal->is_interactive && terminal->can_draw)
		result = make_raw(terminal);
	if (result < 0)
		give_signals_back(terminal);
	return result;
}

void terminal_end(struct terminal *terminal) {
	make_cooked(terminal);
	if (terminal->signals >= 0)
		give_signals_back(terminal);
}

// As the shell's user expects of Ctrl-Z, with the terminal as it was meanwhile.
static enum terminal_event suspend(struct terminal *terminal) {
	bool was_raw = terminal->is_raw;
	if (was_raw)
		say(terminal, "\r\n");
	make_cooked(terminal);
	give_signals_back(terminal);
	kill(0, SIGTSTP);
	if (take_signals(terminal) < 0 || (was_raw && make_raw(terminal) < 0))
		return TERMINAL_ENDED;
	return TERMINAL_REDRAW;
}

static bool read_signal(struct terminal *terminal, enum terminal_event *ret_event) {
	struct signalfd_siginfo info;
	if (read(terminal->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return false;
	switch ((int)info.ssi_signo) {
	case SIGWINCH:
		*ret_event = TERMINAL_REDRAW;
		return true;
	case SIGTSTP:
		*ret_event = suspend(terminal);
		return true;
	case SIGCONT: // after a stop that nothing can catch, and the shell has set the terminal anew
		if (terminal->is_raw && set_raw(terminal) < 0)
			return false;
		*ret_event = TERMINAL_REDRAW;
		return true;
	case SIGPIPE:
		return false;
	case SIGHUP:
		*ret_event = TERMINAL_ENDED;
		return true;
	default:
		terminal->interrupted_by = (int)info.ssi_signo;
		*ret_event = TERMINAL_INTERRUPTED;
		return true;
	}
}

// True where the bytes hold a key.
static bool take_key(struct terminal *terminal, bool is_all, struct key *ret_key) {
	int taken = key_decode(terminal->bytes, terminal->n_bytes, is_all, ret_key);
	if (taken < 0)
		return false;
	terminal->n_bytes -= (size_t)taken;
	memmove(terminal->bytes, terminal->bytes + taken, terminal->n_bytes);
	return true;
}

// What a key means to the terminal itself.
static enum terminal_event event_of(struct terminal *terminal, const struct key *key) {
	if (key->kind == KEY_CONTROL && key->letter == 'c') {
		terminal->interrupted_by = SIGINT;
		return TERMINAL_INTERRUPTED;
	}
	if (key->kind == KEY_CONTROL && key->letter == 'd')
		return TERMINAL_ENDED;
	if (key->kind == KEY_CONTROL && key->letter == 'z')
		return suspend(terminal);
	return TERMINAL_KEY;
}

// Takes what was typed. False at the end of input.
static bool read_bytes(struct terminal *terminal) {
	size_t room = sizeof(terminal->bytes) - terminal->n_bytes;
	ssize_t n = read(terminal->input, terminal->bytes + terminal->n_bytes, room);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	terminal->n_bytes += (size_t)n;
	return n > 0;
}

enum terminal_event terminal_read(struct terminal *terminal, struct key *ret_key) {
	struct pollfd waits[] = {
		{.fd = terminal->signals, .events = POLLIN},
		{.fd = terminal->input, .events = POLLIN},
	};
	enum terminal_event event;
	bool is_all = false;
	while (!take_key(terminal, is_all, ret_key)) {
		int n_ready = poll(waits, 2, terminal->n_bytes > 0 ? ESCAPE_MS : -1);
		is_all = n_ready == 0;
		if (n_ready < 0 && errno != EINTR)
			return TERMINAL_ENDED;
		if (n_ready <= 0)
			continue;
		if (waits[0].revents != 0 && read_signal(terminal, &event))
			return event;
		if (waits[1].revents != 0 && !read_bytes(terminal))
			return TERMINAL_ENDED;
	}
	return event_of(terminal, ret_key);
}
