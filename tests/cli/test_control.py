"""A collector that runs: signals, and what 'status' tells of it."""

import json
import os
import signal
import struct
import subprocess

from programs import CAPTURE, COLLECTOR, Live, frames_of, read_lines, run, wait_for


class Signals(Live):
    def test_sigterm_and_sigint_drain_and_exit_with_0(self):
        for number in signal.SIGTERM, signal.SIGINT:
            with self.subTest(number), self.collector(
                "--traces", self.path("traces.jsonl"), "--stats", self.path("stats.json")
            ) as child:
                self.wait_until_read(child)
                code, out, err = self.stop(child, number)
                self.assertEqual((code, out, err), (0, b"", b""))
                with open(self.path("stats.json"), encoding="utf-8") as stats:
                    self.assert_closed(json.load(stats))
                expected = run("run", "--pcap", CAPTURE, "--quiet", "--traces", "-").stdout.splitlines()
                self.assertEqual(sorted(read_lines(self.path("traces.jsonl"))), sorted(expected))
            os.unlink(self.path("pipe"))

    def test_what_is_open_when_it_stops_is_a_trace_with_a_flag(self):
        capture = self.capture_bytes()
        cut = capture[: frames_of(capture)[39]]
        with self.collector("--traces", "-", content=cut) as child:
            self.wait_until_read(child, 40)
            code, out, _ = self.stop(child)
            self.assertEqual(code, 0)
            flags = [flag for line in out.splitlines() for flag in json.loads(line)["meta"]["flags"]]
            whole = run("run", "--pcap", self.write("cut.pcap", cut), "--quiet", "--traces", "-")
            self.assertEqual(len(out.splitlines()), len(whole.stdout.splitlines()))
            self.assertTrue(flags)

    def test_a_signal_before_anything_was_read_ends_it_too(self):
        with self.collector("--traces", "-", content=self.capture_bytes()[:24]) as child:
            self.wait_until_read(child, 0)
            self.assertEqual(self.stop(child), (0, b"", b""))

    def test_a_signal_before_a_capture_has_begun_ends_it_in_order(self):
        header = self.capture_bytes()[:24]
        section = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
        for number in signal.SIGTERM, signal.SIGINT:
            for content in b"", header[:10], section[:16], section:
                with self.subTest(number=number, content=content):
                    traces, stats = self.path("traces.jsonl"), self.path("stats.json")
                    with self.collector("--traces", traces, "--stats", stats, content=content) as child:
                        self.wait_until_opening(child)
                        self.assertEqual(self.stop(child, number), (0, b"", b""))
                    self.assertEqual(read_lines(traces), [])
                    with open(stats, encoding="utf-8") as file:
                        self.assertEqual(json.load(file)["packets.received"], 0)
                os.unlink(self.path("pipe"))

    def test_a_signal_before_anybody_writes_to_a_pipe_ends_it_in_order(self):
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        for option in "--pcap", "--traces":
            command = {"--pcap": CAPTURE, option: pipe}
            command = [COLLECTOR, "--quiet", *(word for pair in command.items() for word in pair)]
            child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.wait_until_opening(child)
            self.assertEqual(self.stop(child), (0, b"", b""), option)

    def test_it_says_that_it_waits_for_a_reader(self):
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        command = [COLLECTOR, "--pcap", CAPTURE, "--traces", pipe]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertIn("waiting for a reader of '%s'\n" % pipe, child.stderr.readline().decode())
        with open(pipe, "rb") as reader:
            self.assertTrue(reader.read())
        _, err = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 0)
        self.assertNotIn(b"waiting", err)
        self.assertNotIn(b"stopped", err)

    def test_the_summary_says_that_a_capture_was_not_read_to_its_end(self):
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        child = subprocess.Popen([COLLECTOR, "--pcap", pipe], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with open(pipe, "wb", buffering=0) as writer:
            writer.write(self.capture_bytes())
            self.wait_until_read(child)
            code, _, err = self.stop(child)
        self.assertEqual(code, 0)
        self.assertIn(b"stopped    before the capture was read to its end\n", err)

    def test_a_reader_that_does_not_read_does_not_hold_it_up(self):
        pipe = self.path("slow")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            with self.collector("--traces", pipe, "--stats", self.path("stats.json")) as child:
                self.wait_until_read(child)
                code, _, err = self.stop(child)
                self.assertIn(code, (0, 1))
                self.assertLess(len(err.splitlines()), 2)
                with open(self.path("stats.json"), encoding="utf-8") as stats:
                    stats = json.load(stats)
                self.assert_closed(stats)
                self.assertGreater(stats["traces.dropped.sink_failed"], 0)
        finally:
            os.close(reader)

    def test_a_second_signal_ends_it_at_once(self):
        pipe = self.path("slow")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            for number in signal.SIGTERM, signal.SIGINT:
                with self.subTest(number), self.collector("--traces", pipe) as child:
                    self.wait_until_read(child)
                    child.send_signal(number)
                    self.wait_until_draining(child)
                    code, _, _ = self.stop(child, number)
                    self.assertEqual(code, -number)
                os.unlink(self.path("pipe"))
        finally:
            os.close(reader)

    def test_signals_work_where_the_parent_ignores_them(self):
        """As a script's "cmd &" does."""

        def ignore():
            for number in signal.SIGTERM, signal.SIGINT:
                signal.signal(number, signal.SIG_IGN)

        pipe = self.path("slow")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            for number in signal.SIGTERM, signal.SIGINT:
                with self.subTest(number), self.collector("--traces", pipe, preexec_fn=ignore) as child:
                    self.wait_until_read(child)
                    child.send_signal(number)
                    self.wait_until_draining(child)
                    code, _, _ = self.stop(child, number)
                    self.assertEqual(code, -number)
                os.unlink(self.path("pipe"))
        finally:
            os.close(reader)

    def wait_until_draining(self, child):
        """The stop signals are no longer held back: the first one was taken."""
        def is_free():
            with open("/proc/%d/status" % child.pid, encoding="ascii") as status:
                blocked = next(line for line in status if line.startswith("SigBlk:"))
            return not int(blocked.split()[1], 16) & (1 << (signal.SIGTERM - 1))

        wait_for(is_free, "the first signal to be taken")

    def test_a_killed_collector_leaves_no_folder_for_long(self):
        with self.collector() as child:
            self.wait_until_read(child)
            child.kill()
            child.wait()
        self.assertIsNone(self.status(child))
        run("run", "--pcap", CAPTURE, "--quiet")
        for base in "/run/dpdk", "/tmp/dpdk":
            self.assertFalse(os.path.exists("%s/metlo-%d" % (base, child.pid)))


def shape_of(value):
    """Its keys and types, all the way down."""
    if isinstance(value, dict):
        return {key: shape_of(each) for key, each in value.items()}
    return [shape_of(each) for each in value] if isinstance(value, list) else type(value)


class Status(Live):
    def test_it_tells_live_counters(self):
        with self.collector(lcores=2) as child:
            status = self.wait_until_read(child)
            self.assertEqual((status["n_lcores"], len(status["lcores"])), (2, 2))
            self.assertEqual(status["ports"][0]["name"], "pcap:" + self.path("pipe"))
            total = status["total"]
            for name, value in total.items():
                self.assertEqual(value, sum(each[name] for each in status["lcores"]), name)
            self.assert_closed({**total, "traces.made": total["traces.exported"]})
            self.assertGreater(total["flows.now"], 0)
            self.stop(child)

    def test_it_has_the_shape_of_the_counters_of_a_run(self):
        with self.collector("--stats", self.path("stats.json"), lcores=2) as child:
            self.wait_until_read(child)

            def has_looked_at_ports():
                status = self.status(child)
                return status if status["ports"][0]["is_missed_complete"] else None

            status = wait_for(has_looked_at_ports, "a look at the ports")
            self.stop(child)
        with open(self.path("stats.json"), encoding="utf-8") as file:
            stats = json.load(file)
        for name in "seconds", "cpu_seconds", "memory.reserved", "profile_ns_per_packet":
            del stats[name]
        for name in "pid", "uptime_ms", "n_lcores", "n_ports":
            self.assertIs(type(status.pop(name)), int, name)
        self.assertEqual(status.pop("traces_trouble"), "")
        for each in status, status["total"], *status["lcores"]:
            self.assertIs(type(each.pop("flows.now")), int)
        self.assertEqual(shape_of(status), shape_of(stats))
        self.assertEqual([each["lcore"] for each in status["lcores"]], [0, 1])
        self.assertEqual(status["ports"], stats["ports"])
        self.assertEqual({name: status[name] for name in status["total"]}, status["total"])

    def test_the_table_shows_totals_and_what_was_dropped(self):
        with self.collector(lcores=2) as child:
            self.wait_until_read(child)
            done = run("status")
            self.assertEqual(done.returncode, 0)
            text = done.stdout.decode()
            self.assertIn("process %d," % child.pid, text)
            mine = text[text.index("process %d," % child.pid) :]
            self.assertRegex(mine, r"(?m)^packets\.received +%d " % len(frames_of(self.capture_bytes())))
            self.assertRegex(mine, r"(?m)^packets\.dropped\.inner_not_tcp +\d+ ")
            self.assertNotIn("frame_short", mine.split("collector")[0])
            self.stop(child)

    def test_two_collectors_are_told_apart(self):
        first = type(self)("status")
        first.setUp()
        self.addCleanup(first.doCleanups)
        with self.collector() as one, first.collector(content=self.capture_bytes()[:24]) as other:
            self.wait_until_read(one)
            first.wait_until_read(other, 0)
            self.assertNotEqual(one.pid, other.pid)
            first.stop(other)
            self.assertIsNone(first.status(other))
            self.stop(one)

    def test_without_a_collector_it_says_so(self):
        done = run("status")
        if done.returncode == 0 or b"of another user" in done.stderr:
            self.skipTest("a collector of someone else is running")
        self.assert_refused(done, 1, "no collector is running here")
