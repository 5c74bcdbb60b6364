// metlo-applianced: the collector. 'metlo-appliance run' starts it with its own arguments.

#include "collector.h"
#include "config.h"
#include "console.h"
#include "eal.h"
#include "options.h"
#include "outputs.h"
#include "process.h"
#include "progress.h"
#include "report.h"
#include "room.h"
#include "sizing.h"
#include "stats.h"
#include "telemetry.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define EXIT_USAGE 2
#define TICK_MS 250
#define SERVICE_NS 1000000000u
#define CALM_NS 10000000000u // without a failure, until what failed is said to work
#define GIVE_UP_NS 4500000000u // a write that never returns, as on a file system that hangs
#define DRAIN_NS 3000000000u // after that, sinks that wait give up: the whole takes less than 5 s

static uint64_t now_ns(clockid_t clock) {
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static sigset_t stop_signals(void) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	return set;
}

// With what asks for the file of traces to be opened again.
static sigset_t control_signals(void) {
	sigset_t set = stop_signals();
	sigaddset(&set, SIGHUP);
	return set;
}

static void hold(sigset_t set) {
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void release(sigset_t set) {
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

// A handler gets no context, so these are not passed down.
static atomic_bool is_stopped; // before there is a run
static atomic_bool is_to_reopen; // the same
static bool had_terminal; // when it was started
static bool outlives_terminal; // as 'nohup' has it

static bool has_terminal(void) {
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool is_terminal_gone(void) {
	return had_terminal && !has_terminal();
}

static void set_handlers(void (*handler)(int)) {
	struct sigaction action = {.sa_handler = handler};
	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

static void note_stop(int number) {
	(void)number;
	atomic_store(&is_stopped, true);
	set_handlers(SIG_DFL); // the second one ends the program
}

static void note_hangup(int number) {
	int error = errno;
	if (is_terminal_gone() && !outlives_terminal)
		note_stop(number);
	else
		atomic_store(&is_to_reopen, true);
	errno = error;
}

// While there is nothing to drain yet.
static void note_early_hangup(int number) {
	int error = errno;
	if (is_terminal_gone() && !outlives_terminal) {
		signal(number, SIG_DFL);
		raise(number);
	} else {
		atomic_store(&is_to_reopen, true);
	}
	errno = error;
}

static void set_hangup_handler(void (*handler)(int), int flags) {
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
	sigemptyset(&action.sa_mask);
	sigaction(SIGHUP, &action, NULL);
}

// 'metlo-appliance run' holds it back until here.
static void begin_hangups(void) {
	struct sigaction before = {.sa_handler = SIG_DFL};
	sigset_t set;
	had_terminal = has_terminal();
	sigaction(SIGHUP, NULL, &before);
	outlives_terminal = before.sa_handler == SIG_IGN;
	set_hangup_handler(note_early_hangup, SA_RESTART);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	release(set);
}

// A run between its start and its end.
struct run {
	struct collector *collector;
	struct progress progress;
	int signal_fd;
	const char *traces; // their file
	uint64_t serviced_ns;
	uint64_t draining_ns; // since when; 0: not
	struct collector_port *said; // of each port, what was said last
	uint64_t sink_failed_ns; // when it was last seen to fail, and that was said; 0: it works
};

// A line for people, in the place of the progress.
static void __attribute__((format(printf, 2, 3))) say(struct run *run, const char *format, ...) {
	char line[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	progress_clear(&run->progress);
	console_say("%s", line);
}

static void reopen(struct run *run) {
	struct failure failure;
	int r = collector_reopen(run->collector, &failure);
	if (r < 0)
		say(run, "%s", failure.text);
}

static void drain(struct run *run, uint64_t now) {
	run->draining_ns = now;
	collector_drain(run->collector);
	release(stop_signals());
}

// The first stop signal drains; the second one has its usual effect, at once. SIGHUP is one too where
// the terminal is gone: the kernel sends it then, and so do shells.
static void on_signal(struct run *run, uint64_t now) {
	struct signalfd_siginfo info;
	if (read(run->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	bool ends = info.ssi_signo != SIGHUP || (is_terminal_gone() && !outlives_terminal);
	if (ends)
		drain(run, now);
	else
		reopen(run);
}

// Says once what keeps a port from receiving, and again when that has changed.
static void watch_ports(struct run *run) {
	for (uint32_t i = 0; i < collector_n_ports(run->collector); i++) {
		struct collector_port port;
		collector_port(run->collector, i, &port);
		if (strcmp(port.trouble, run->said[i].trouble) == 0)
			continue;
		if (port.trouble[0] != '\0')
			say(run, "%s", port.trouble);
		else
			say(run, "port '%s' receives again", collector_port_name(run->collector, i)
			);
		run->said[i] = port;
	}
}

// The same for traces that cannot be written; where the end of the run is in sight, that says it. On a
// disk that is full some still can, now and then.
static void watch_sink(struct run *run, uint64_t now) {
	if (collector_restore(run->collector))
		say(run, "'%s' was deleted; traces go on in a new file of that name", run->traces);
	char why[256];
	enum sink_state state = collector_sink(run->collector, why, sizeof(why));
	bool is_said = run->sink_failed_ns != 0;
	bool is_end_in_sight = run->draining_ns != 0 || collector_progress(run->collector) >= 0;
	if (state == SINK_IS_GONE && run->draining_ns == 0) {
		drain(run, now); // why is said at the end
	} else if (state == SINK_FAILS && !is_end_in_sight) {
		run->sink_failed_ns = now;
		if (!is_said)
			say(run, "%s; what comes meanwhile is lost and counted", why);
	} else if (state == SINK_WORKS && is_said && now - run->sink_failed_ns >= CALM_NS) {
		run->sink_failed_ns = 0;
		say(run, "traces are written again");
	}
}

static void tick(struct run *run, uint64_t now) {
	if (now - run->serviced_ns >= SERVICE_NS) {
		run->serviced_ns = now;
		collector_service(run->collector);
		watch_ports(run);
		watch_sink(run, now);
	}
	if (run->draining_ns != 0 && now - run->draining_ns >= DRAIN_NS)
		collector_give_up(run->collector);
	if (run->draining_ns != 0 && now - run->draining_ns >= GIVE_UP_NS) {
		say(run, "traces cannot be written, and writing them does not end; giving up");
		_exit(EXIT_FAILURE);
	}
	progress_update(&run->progress, run->collector, now);
}

// Until all workers have ended.
static void wait_for_workers(struct run *run) {
	struct pollfd fds[] = {
		{.fd = collector_done_fd(run->collector), .events = POLLIN},
		{.fd = run->signal_fd, .events = POLLIN},
	};
	while ((fds[0].revents & POLLIN) == 0) {
		nfds_t n = run->draining_ns == 0 ? 2 : 1;
		if (poll(fds, n, TICK_MS) < 0 && errno != EINTR)
			return;
		uint64_t now = now_ns(CLOCK_MONOTONIC);
		if (n == 2 && (fds[1].revents & POLLIN) != 0)
			on_signal(run, now);
		tick(run, now);
	}
}

static void print_summary(struct collector *collector, const struct stats_run *run) {
	struct summary *summary = collector_summary(collector);
	report_print(collector, summary, run, stderr);
	summary_free(summary);
}

static int
finish(struct collector *collector,
       const struct config *config,
       struct stats_run *stats,
       struct failure *ret_failure) {
	struct failure broken;
	int r = collector_finish(collector, &broken);
	telemetry_stop();
	stats->ended_ns = now_ns(CLOCK_REALTIME);
	// A failure is said in one line, which a summary would bury.
	if (r == 0 && !config->quiet)
		print_summary(collector, stats);
	int r_results = 0;
	if (config->stats.file != NULL)
		r_results = stats_write(config->stats.file, collector, stats, ret_failure);
	if (r == -ETIMEDOUT) {
		console_say("%s", broken.text);
		_exit(EXIT_FAILURE);
	}
	if (r == 0)
		return r_results;
	if (r_results < 0)
		console_say("%s", ret_failure->text);
	*ret_failure = broken;
	return r;
}

static void say_start(const struct config *config, const struct stats_run *stats) {
	const char *first = config->ports.items[0].name;
	bool is_capture = strncmp(first, "pcap:", strlen("pcap:")) == 0;
	// For the log of a service, or whoever looks on; a script that reads a capture wants errors only.
	if (config->quiet || (is_capture && !isatty(STDERR_FILENO)))
		return;
	console_say(
		"reading %s%s with %u lcore%s; %" PRIu64 " MiB reserved",
		first,
		config->ports.n > 1 ? " and others" : "",
		config->lcores,
		config->lcores > 1 ? "s" : "",
		stats->memory >> 20
	);
}

static int run_collector(
	struct collector *collector,
	const struct config *config,
	struct failure *ret_failure
) {
	sigset_t set = control_signals();
	struct stats_run stats = {
		.started_ns = now_ns(CLOCK_REALTIME),
		.memory = sizing_memory(config),
		.is_profiled = config->profile,
	};
	struct run run = {
		.collector = collector,
		.signal_fd = signalfd(-1, &set, SFD_CLOEXEC),
		.traces = config->traces.file,
	};
	if (run.signal_fd < 0) {
		failure_set(ret_failure, "cannot wait for signals: %s", strerror(errno));
		return -errno;
	}
	run.said = calloc(collector_n_ports(collector), sizeof(*run.said));
	if (run.said == NULL) {
		close(run.signal_fd);
		failure_set(ret_failure, "out of memory");
		return -ENOMEM;
	}
	progress_init(&run.progress, !config->quiet, now_ns(CLOCK_MONOTONIC));
	int r = collector_start(collector, ret_failure);
	if (r == 0 && telemetry_start(collector, stats.started_ns) < 0)
		console_say("no live counters for 'metlo-appliance status' in this run");
	if (r == 0) {
		say_start(config, &stats);
		wait_for_workers(&run);
		progress_clear(&run.progress);
		r = finish(collector, config, &stats, ret_failure);
	}
	free(run.said);
	close(run.signal_fd);
	return r;
}

// Opening inputs and outputs may wait for who is at the other end of a pipe. A signal meanwhile ends
// the run as soon as it has begun, or instead of it where it is an output that was waited for.
static int open_and_run(const struct config *config, struct failure *ret_failure) {
	set_hangup_handler(note_hangup, 0);
	release(control_signals());
	struct collector *collector = collector_create(config, &is_stopped, ret_failure);
	hold(control_signals());
	set_handlers(SIG_DFL);
	if (collector == NULL)
		return is_stopped ? 0 : -EIO;
	// They are held, until the run looks for them.
	if (is_stopped)
		raise(SIGTERM);
	if (is_to_reopen)
		raise(SIGHUP);
	int r = run_collector(collector, config, ret_failure);
	collector_free(collector);
	return r;
}

static int collect(const struct config *config, struct failure *ret_failure) {
	set_handlers(note_stop);
	if (outputs_check(config, ret_failure) < 0)
		return -EIO;
	if (config->stats.file != NULL && stats_probe(config->stats.file, ret_failure) < 0)
		return -EIO;
	hold(control_signals()); // threads started from now on leave them to this one
	if (room_for_files(config, ret_failure) < 0 || room_for_threads(config, ret_failure) < 0)
		return -EIO;
	struct eal *eal = eal_start(config, sizing_dpdk_memory(config), ret_failure);
	if (eal == NULL)
		return -EIO;
	int r = open_and_run(config, ret_failure);
	eal_stop(eal);
	return r;
}

static void prepare_process(void) {
	process_begin();
	setrlimit(RLIMIT_CORE, &(struct rlimit) {});
	signal(SIGPIPE, SIG_IGN);
	// A script's "cmd &" leaves SIGINT ignored, so that a second one would do nothing.
	set_handlers(SIG_DFL);
}

static void print_help(void) {
	printf("The collector of metlo-appliance; 'metlo-appliance run' starts it.\n\n"
	       "usage: metlo-applianced --pcap FILE | --port NAME... [OPTION...]\n\noptions:\n");
	options_print(stdout);
}

int main(int argc, char **argv) {
	struct config config;
	struct options options = {};
	struct failure failure = {.text = "out of memory"};
	begin_hangups();
	prepare_process();
	int r = config_init(&config);
	if (r == 0)
		r = options_parse(argc, argv, &config, &options, &failure);
	int code = r == -EINVAL ? EXIT_USAGE : EXIT_FAILURE;
	if (r == 0 && options.wants_help)
		print_help();
	else if (r == 0 && options.wants_version)
		printf("metlo-applianced %s\n", PROJECT_VERSION);
	else if (r == 0)
		r = collect(&config, &failure);
	if (r < 0)
		console_say("%s", failure.text);
	config_release(&config);
	return process_end(r < 0 ? code : EXIT_SUCCESS);
}
