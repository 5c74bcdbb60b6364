"""The file for traces while a collector runs: moved away, full, wanted by two; and SIGHUP."""

import fcntl
import json
import os
import pty
import resource
import shlex
import shutil
import signal
import stat
import subprocess
import termios
import unittest

from programs import CAPTURE, COLLECTOR, PCAP_HEADER_SIZE, Live, frames_of, read_lines, run, wait_for


def whole_capture():
    """The lines that the shipped capture gives."""
    return sorted(run("run", "--pcap", CAPTURE, "--quiet", "--traces", "-").stdout.splitlines())


class Halves(Live):
    """The shipped capture comes in two halves."""

    def setUp(self):
        super().setUp()
        self.traces = self.path("traces.jsonl")
        capture = self.capture_bytes()
        half = frames_of(capture)[len(frames_of(capture)) // 2]
        self.first, self.second = capture[:half], capture[half:]

    def read_first(self, child):
        """The first half of the capture was read, and its traces are written."""
        self.wait_until_read(child, len(frames_of(self.first)))
        wait_for(lambda: read_lines(self.traces), "lines")

    def read_second(self, child):
        with open(self.path("pipe"), "wb", buffering=0) as writer:
            writer.write(self.second)
        self.wait_until_read(child)


class Rotation(Halves):
    def test_it_goes_on_in_a_new_file(self):
        moved = self.path("traces.jsonl.1")
        with self.collector("--traces", self.traces, content=self.first) as child:
            self.read_first(child)
            os.rename(self.traces, moved)
            child.send_signal(signal.SIGHUP)
            wait_for(lambda: os.path.exists(self.traces), "a new file")
            self.assertEqual(stat.S_IMODE(os.stat(self.traces).st_mode), 0o600)
            self.read_second(child)
            self.assertEqual(self.stop(child), (0, b"", b""))
        old, new = read_lines(moved), read_lines(self.traces)
        self.assertTrue(old and new)
        self.assertEqual(sorted(old + new), whole_capture())

    def test_it_goes_on_in_the_same_file_where_that_was_not_moved(self):
        with self.collector("--traces", self.traces, content=self.first) as child:
            self.read_first(child)
            child.send_signal(signal.SIGHUP)
            self.read_second(child)
            self.assertEqual(self.stop(child), (0, b"", b""))
        self.assertEqual(sorted(read_lines(self.traces)), whole_capture())

    def test_where_no_new_file_can_be_made_it_says_so_and_goes_on_in_the_old_one(self):
        moved = self.path("moved")
        for make, why in (os.mkdir, "Is a directory"), (os.mkfifo, "No such device or address"):
            with self.subTest(why), self.collector("--traces", self.traces, content=self.first) as child:
                self.read_first(child)
                os.rename(self.traces, moved)
                make(self.traces)
                child.send_signal(signal.SIGHUP)
                said = child.stderr.readline().decode()
                self.assertIn("cannot open '%s' again: %s" % (self.traces, why), said)
                self.read_second(child)
                self.assertEqual(self.stop(child), (0, b"", b""))
                self.assertEqual(sorted(read_lines(moved)), whole_capture())
            os.unlink(self.path("pipe"))
            (os.rmdir if make is os.mkdir else os.unlink)(self.traces)

    def test_it_goes_on_in_a_new_file_where_that_was_deleted(self):
        with self.collector("--traces", self.traces, content=self.first) as child:
            self.read_first(child)
            os.unlink(self.traces)
            said = child.stderr.readline().decode()
            self.assertIn("'%s' was deleted; traces go on in a new file" % self.traces, said)
            self.assertEqual(stat.S_IMODE(os.stat(self.traces).st_mode), 0o600)
            self.read_second(child)
            self.assertEqual(self.stop(child), (0, b"", b""))
        new = read_lines(self.traces)
        self.assertTrue(new)
        self.assertLess(set(new), set(whole_capture()))

    def test_where_a_deleted_file_cannot_be_made_again_that_is_said_and_counted(self):
        folder = self.path("folder")
        os.mkdir(folder)
        self.traces = os.path.join(folder, "traces.jsonl")
        stats_path = self.path("stats.json")
        with self.collector("--traces", self.traces, "--stats", stats_path, content=self.first) as child:
            self.read_first(child)
            shutil.rmtree(folder)
            why = "cannot write traces to '%s': No such file or directory" % self.traces
            self.assertIn(why + "; what comes meanwhile is lost", child.stderr.readline().decode())
            self.assertEqual(self.status(child)["traces_trouble"], why)
            self.read_second(child)
            wait_for(lambda: self.status(child)["traces.dropped.sink_failed"], "traces to be lost")
            os.mkdir(folder)
            self.assertIn("was deleted; traces go on in a new file", child.stderr.readline().decode())
            self.assertEqual(self.status(child)["traces_trouble"], "")
            code, _, err = self.stop(child)
        with open(stats_path, encoding="utf-8") as file:
            stats = json.load(file)
        self.assert_closed(stats)
        self.assertEqual(code, 1)
        lost = stats["traces.dropped.sink_failed"]
        self.assertIn("%s; lost %d of %d traces" % (why, lost, stats["traces.made"]), err.decode())

    def test_a_signal_before_the_start_ends_nothing(self):
        config = self.path("config")
        os.mkfifo(config)
        command = [COLLECTOR, "--config", config, "--pcap", CAPTURE, "--quiet", "--traces", self.traces]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with open(config, "wb") as writer:
            child.send_signal(signal.SIGHUP)
            writer.write(b"{}")
        out, err = child.communicate(timeout=60)
        self.assertEqual((child.returncode, out, err), (0, b"", b""))
        self.assertEqual(sorted(read_lines(self.traces)), whole_capture())

    def test_a_run_without_a_file_goes_on(self):
        for args in (), ("--traces", "-"):
            with self.subTest(args), self.collector(*args) as child:
                self.wait_until_read(child)
                child.send_signal(signal.SIGHUP)
                code, out, err = self.stop(child)
                self.assertEqual((code, err), (0, b""))
                self.assertEqual(sorted(out.splitlines()), whole_capture() if args else [])
            os.unlink(self.path("pipe"))


class Trouble(Halves):
    def test_a_file_that_cannot_be_written_is_said_at_once_and_so_is_its_end(self):
        stats_path = self.path("stats.json")
        args = "--traces", self.traces, "--stats", stats_path
        with self.collector(*args, content=self.first) as child:
            self.read_first(child)
            size = os.path.getsize(self.traces)
            resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            capture = self.second
            quarter = frames_of(self.capture_bytes()[:PCAP_HEADER_SIZE] + capture)
            quarter = quarter[len(quarter) // 2] - PCAP_HEADER_SIZE
            with open(self.path("pipe"), "wb", buffering=0) as writer:
                writer.write(capture[:quarter])
                why = "cannot write traces to '%s': File too large; " % self.traces
                self.assertIn(why, child.stderr.readline().decode())
                self.assertEqual(self.status(child)["traces_trouble"], why[:-2])
                self.assertIn("traces: " + why[:-2], run("status").stdout.decode())
                unlimited = resource.RLIM_INFINITY, resource.RLIM_INFINITY
                resource.prlimit(child.pid, resource.RLIMIT_FSIZE, unlimited)
                writer.write(capture[quarter:])
            self.assertIn("traces are written again", child.stderr.readline().decode())
            self.assertEqual(self.status(child)["traces_trouble"], "")
            code, _, err = self.stop(child)
        with open(stats_path, encoding="utf-8") as file:
            stats = json.load(file)
        self.assert_closed(stats)
        lost = stats["traces.dropped.sink_failed"]
        self.assertGreater(lost, 0)
        self.assertEqual(code, 1)
        self.assertIn("lost %d of %d traces" % (lost, stats["traces.made"]), err.decode())
        self.assertEqual(len(read_lines(self.traces)), stats["traces.exported"])

    def test_it_ends_where_nobody_reads_the_pipe_any_more(self):
        stats_path = self.path("stats.json")
        with self.collector("--traces", "-", "--stats", stats_path, content=self.first) as child:
            child.stdout.readline()
            child.stdout.close()
            with open(self.path("pipe"), "wb", buffering=0) as writer:
                writer.write(self.second)
                err = child.stderr.read().decode()
            self.assertEqual(child.wait(60), 1)
        self.assertRegex(err, "cannot write traces to '-': Broken pipe; lost [0-9]+ of [0-9]+ traces\n$")
        with open(stats_path, encoding="utf-8") as stats:
            self.assert_closed(json.load(stats))

    def test_two_collectors_do_not_write_one_file(self):
        with self.collector("--traces", self.traces) as child:
            self.wait_until_read(child)
            done = run("run", "--pcap", CAPTURE, "--quiet", "--traces", self.traces)
            self.assert_refused(done, 1, self.traces, "another collector writes there")
            self.assertEqual(self.stop(child), (0, b"", b""))
        self.assertEqual(sorted(read_lines(self.traces)), whole_capture())
        done = run("run", "--pcap", CAPTURE, "--quiet", "--traces", self.traces)
        self.assertEqual(done.returncode, 0)


class Terminal(Live):
    def setUp(self):
        super().setUp()
        self.master, self.terminal = pty.openpty()
        self.addCleanup(self.hang_up)

    def hang_up(self):
        for fd in self.master, self.terminal:
            if fd >= 0:
                os.close(fd)
        self.master = self.terminal = -1

    def take_terminal(self):
        """As of a program that a terminal's window was opened with."""
        os.setsid()
        fcntl.ioctl(self.terminal, termios.TIOCSCTTY, 0)

    @staticmethod
    def is_pending(child, number):
        with open("/proc/%d/status" % child.pid, encoding="ascii") as status:
            pending = next(line for line in status if line.startswith("ShdPnd:"))
        return int(pending.split()[1], 16) & (1 << (number - 1))

    def test_a_terminal_that_is_gone_drains_as_sigterm_does(self):
        args = "--traces", self.path("traces.jsonl"), "--stats", self.path("stats.json")
        with self.collector(*args, preexec_fn=self.take_terminal) as child:
            self.wait_until_read(child)
            self.hang_up()
            out, err = child.communicate(timeout=60)
            self.assertEqual((child.returncode, out, err), (0, b"", b""))
        with open(self.path("stats.json"), encoding="utf-8") as stats:
            self.assert_closed(json.load(stats))
        self.assertEqual(sorted(read_lines(self.path("traces.jsonl"))), whole_capture())

    @unittest.skipUnless(shutil.which("bash"), "needs bash")
    def test_it_drains_below_a_shell_whose_terminal_is_gone(self):
        """The shell sends SIGHUP itself, and the kernel a moment later, or not at all."""
        pipe, traces, stats = self.path("pipe"), self.path("traces.jsonl"), self.path("stats.json")
        os.mkfifo(pipe)
        for background in "", " &":
            shell, terminal = pty.fork()
            if shell == 0:
                os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
            command = [COLLECTOR, "--quiet", "--pcap", pipe, "--traces", traces, "--stats", stats]
            os.write(terminal, (shlex.join(command) + background + "\n").encode())
            with open(pipe, "wb", buffering=0) as writer:
                writer.write(self.capture_bytes())
                wait_for(lambda: os.path.exists(traces) and read_lines(traces), "lines")
                os.close(terminal)
                wait_for(lambda: os.path.exists(stats) and os.path.getsize(stats), "the end")
            os.waitpid(shell, 0)
            with open(stats, encoding="utf-8") as file:
                counters = json.load(file)
            self.assert_closed(counters)
            self.assertEqual(len(read_lines(traces)), counters["traces.exported"])
            os.unlink(stats)
            os.unlink(traces)

    def test_a_terminal_that_is_gone_ends_the_wait_for_a_pipe(self):
        pipe = self.path("nobody")
        os.mkfifo(pipe)
        for option in "--pcap", "--traces":
            master, slave = pty.openpty()

            def take_terminal():
                os.setsid()
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

            command = {"--pcap": CAPTURE, option: pipe}
            command = [COLLECTOR, "--quiet", *(word for pair in command.items() for word in pair)]
            child = subprocess.Popen(command, stderr=subprocess.PIPE, preexec_fn=take_terminal)
            self.wait_until_opening(child)
            os.close(slave)
            os.close(master)
            _, err = child.communicate(timeout=60)
            self.assertEqual((child.returncode, err), (0, b""), option)

    def test_what_nohup_started_outlives_its_terminal(self):
        def start():
            self.take_terminal()
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        traces = self.path("traces.jsonl")
        with self.collector("--traces", traces, preexec_fn=start) as child:
            self.wait_until_read(child)
            self.hang_up()
            wait_for(lambda: not self.is_pending(child, signal.SIGHUP), "the signal to be taken")
            os.rename(traces, self.path("moved"))
            child.send_signal(signal.SIGHUP)
            wait_for(lambda: os.path.exists(traces), "a new file")
            self.assertEqual(self.stop(child), (0, b"", b""))
