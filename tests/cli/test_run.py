"""A run over the capture that ships with the project: what comes out, and where."""

import contextlib
import json
import os
import pty
import struct
import subprocess

from programs import APPLIANCE, CAPTURE, SOURCE, Case, read_lines, run


class Run(Case):
    def load(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return json.load(file)

    def test_every_request_of_the_servers_own_log_is_a_trace(self):
        done = run("run", "--pcap", CAPTURE, "--traces", self.path("traces.jsonl"))
        self.assertEqual(done.returncode, 0)
        traces = [json.loads(line) for line in read_lines(self.path("traces.jsonl"))]
        log = read_lines(os.path.join(SOURCE, "tests", "data", "mirror.log.jsonl"))
        self.assertEqual(len(traces), len(log))
        self.assertEqual(done.stdout, b"")

    def test_standard_output_has_nothing_but_traces(self):
        done = run("run", "--pcap", CAPTURE, "--traces", "-")
        self.assertEqual(done.returncode, 0)
        lines = done.stdout.splitlines()
        self.assertGreater(len(lines), 100)
        for line in lines:
            self.assertEqual(set(json.loads(line)), {"request", "response", "meta"})
        self.assertIn(b"traces ", done.stderr)

    def test_quiet_says_nothing(self):
        done = run("run", "--pcap", CAPTURE, "--quiet", "--traces", self.path("traces.jsonl"))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_any_number_of_lcores_gives_the_same_traces(self):
        results = []
        for lcores in 1, 2, 4, 7:
            done = run("run", "--pcap", CAPTURE, "--quiet", "--lcores", lcores, "--traces", "-")
            self.assertEqual(done.stderr, b"")
            results.append(sorted(done.stdout.splitlines()))
        for result in results[1:]:
            self.assertEqual(result, results[0])

    def test_counters_close_and_add_up(self):
        for lcores in 1, 3:
            path = self.path("stats.json")
            done = run("run", "--pcap", CAPTURE, "--quiet", "--lcores", lcores, "--stats", path)
            self.assertEqual(done.returncode, 0)
            stats = self.load("stats.json")
            self.assert_closed(stats)
            self.assertGreater(stats["traces.exported"], 0)
            self.assertEqual(len(stats["lcores"]), lcores)
            for name, value in stats["total"].items():
                self.assertEqual(value, stats[name], name)
                self.assertEqual(value, sum(each[name] for each in stats["lcores"]), name)
            self.assertEqual(os.listdir(self.folder), ["stats.json"])

    def test_every_counter_is_described(self):
        run("run", "--pcap", CAPTURE, "--quiet", "--stats", self.path("stats.json"))
        with open(os.path.join(SOURCE, "docs", "stats.md"), encoding="utf-8") as guide:
            guide = guide.read()
        for name in self.load("stats.json")["total"]:
            self.assertIn("| `%s` | " % name, guide)

    def test_counters_replace_the_file_of_the_last_run(self):
        path = self.write("stats.json", "old" * 100000)
        run("run", "--pcap", CAPTURE, "--quiet", "--stats", path)
        self.assertIn("packets.received", self.load("stats.json"))

    def test_counters_go_where_a_link_leads(self):
        os.mkdir(self.path("there"))
        os.symlink("there/second", self.path("first"))
        os.symlink(self.path("there/stats.json"), self.path("there/second"))
        for path in "first", self.path("first"):
            done = run("run", "--pcap", CAPTURE, "--quiet", "--stats", path, cwd=self.folder)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn("packets.received", self.load("there/stats.json"))
            self.assertEqual(sorted(os.listdir(self.path("there"))), ["second", "stats.json"])
            self.assertTrue(os.path.islink(self.path("first")))
            self.write("there/stats.json", "old")

    def test_a_link_that_leads_nowhere_is_refused(self):
        os.symlink("round", self.path("round"))
        os.symlink("nowhere/stats.json", self.path("lost"))
        for name, why in ("round", "Too many levels"), ("lost", "No such file"):
            done = run("run", "--pcap", CAPTURE, "--stats", self.path(name))
            self.assert_refused(done, 1, "'%s'" % self.path(name), why)

    def test_counters_replace_no_file_that_is_a_standard_stream(self):
        os.symlink("/proc/self/fd/1", self.path("stdout"))
        for name in "stdout", "log":
            path = self.write("log", "kept\n")
            with open(path, "ab") as log:
                command = [APPLIANCE, "run", "--pcap", CAPTURE, "--quiet", "--stats", self.path(name)]
                self.assertEqual(subprocess.run(command, stdout=log, check=False).returncode, 0)
                log.write(b"kept too\n")
            lines = read_lines(path)
            self.assertEqual([lines[0], lines[-1]], [b"kept", b"kept too"])
            self.assertIn("packets.received", json.loads(b"".join(lines[1:-1])))

    def test_counters_go_to_a_pipe_too(self):
        for path in "/dev/stdout", "-":
            done = run("run", "--pcap", CAPTURE, "--quiet", "--stats", path, cwd=self.folder)
            self.assertIn("packets.received", json.loads(done.stdout))
            self.assertEqual(os.listdir(self.folder), [])

    def test_the_same_frames_without_their_envelope_are_not_mirror_traffic(self):
        path = self.path("stats.json")
        run("run", "--pcap", CAPTURE, "--quiet", "--encap", "vxlan", "--vxlan-port", "4790", "--stats", path)
        stats = self.load("stats.json")
        self.assert_closed(stats)
        self.assertEqual(stats["traces.made"], 0)
        self.assertEqual(stats["packets.dropped.not_mirror"], stats["packets.received"])

    def test_bodies_are_kept_as_far_as_asked(self):
        done = run("run", "--pcap", CAPTURE, "--quiet", "--body-keep", "0", "--traces", "-")
        flags = [flag for line in done.stdout.splitlines() for flag in json.loads(line)["meta"]["flags"]]
        self.assertIn("body_capped", flags)

    def test_the_environment_is_told(self):
        done = run("run", "--pcap", CAPTURE, "--quiet", "--environment", "st\"aging", "--traces", "-")
        for line in done.stdout.splitlines():
            self.assertEqual(json.loads(line)["meta"]["environment"], 'st"aging')

    def test_a_name_of_a_file_may_be_any_bytes(self):
        odd = self.folder.encode() + b"/caf\xe9"
        os.mkdir(odd)
        os.symlink(CAPTURE, odd + b"/x.pcap")
        names = [odd + b"/x.pcap", odd + b"/x.jsonl", odd + b"/x.json"]
        done = run("run", "--pcap", names[0], "--traces", names[1], "--stats", names[2], "--quiet")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertGreater(len(read_lines(names[1])), 100)
        with open(names[2], encoding="utf-8") as stats:
            self.assertEqual(json.load(stats)["ports"][0]["name"], "pcap:%s/caf?/x.pcap" % self.folder)
        done = run("run", "--pcap", odd + b"/y.pcap")
        self.assert_refused(done, 1, "/caf?/y.pcap'", "No such file")

    def test_several_captures_are_one_run(self):
        path = self.path("stats.json")
        copy = self.write("copy.pcap", self.capture_bytes())
        run("run", "--pcap", CAPTURE, "--pcap", copy, "--lcores", "2", "--quiet", "--stats", path)
        stats = self.load("stats.json")
        self.assert_closed(stats)
        self.assertEqual(len(stats["ports"]), 2)

    def test_any_number_of_lcores_keeps_as_many_fragments(self):
        capture = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        for i in range(400):
            ip = struct.pack(">BBHHHBBHII", 0x45, 0, 84, i, 0x2000, 64, 6, 0, 0x0A000001 + i, 0x0A000002)
            frame = bytes(12) + b"\x08\x00" + ip + bytes(64)
            capture += struct.pack("<IIII", 0, i, len(frame), len(frame)) + frame
        path = self.write("x.pcap", capture)
        # Half of the buffers may wait in fragments.
        config = self.write("x.json", {"memory": {"frames": 512, "fragments": 4096}})
        for lcores in 1, 2, 5:
            run("run", "--config", config, "--pcap", path, "--lcores", lcores, "--quiet", "--stats", self.path("stats.json"))
            stats = self.load("stats.json")
            self.assert_closed(stats)
            self.assertEqual(stats["packets.dropped.fragment_timeout"], 256, lcores)

    def test_a_capture_may_come_from_standard_input(self):
        with open(CAPTURE, "rb") as capture:
            done = subprocess.run(
                [APPLIANCE, "run", "--pcap", "-", "--quiet", "--traces", "-"],
                stdin=capture,
                capture_output=True,
                check=False,
            )
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout, run("run", "--pcap", CAPTURE, "--quiet", "--traces", "-").stdout)

    def test_the_summary_tells_hosts_endpoints_and_losses(self):
        done = run("run", "--pcap", CAPTURE)
        text = done.stderr.decode()
        for part in "hosts", "endpoints", "packets ", "traces ", "/{id}", "shop.test":
            self.assertIn(part, text)
        self.assertNotIn("DOES NOT CLOSE", text)
        self.assertNotIn("\r", text)

    def test_profile_tells_what_stages_cost(self):
        text = run("run", "--pcap", CAPTURE, "--profile").stderr.decode()
        for stage in "receive", "decap+packet", "flow+tcp", "http", "trace encode":
            self.assertRegex(text, r"(?m)^ +\d+\.\d +%s$" % stage.replace("+", r"\+"))

    def test_stages_cost_nothing_where_they_were_not_measured(self):
        for options, is_measured in ([], False), (["--profile"], True):
            args = ["--quiet", "--traces", os.devnull, "--stats", self.path("stats.json")]
            run("run", "--pcap", CAPTURE, *args, *options)
            costs = self.load("stats.json")["profile_ns_per_packet"]
            for stage in "receive", "http", "trace encode", "trace write":
                self.assertEqual(costs[stage] > 0, is_measured, stage)

    def test_progress_is_for_terminals_only(self):
        try:
            terminal, end = pty.openpty()
        except OSError as error:
            self.skipTest("no pseudo-terminal: %s" % error)
        done = subprocess.run([APPLIANCE, "run", "--pcap", CAPTURE], stderr=end, check=False)
        os.close(end)
        shown = b""
        with contextlib.suppress(OSError):  # EIO where the other end is closed
            while part := os.read(terminal, 1 << 20):
                shown += part
        os.close(terminal)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"packets", shown)

    def test_dpdk_is_heard_only_when_asked(self):
        quiet = run("run", "--pcap", CAPTURE, "--traces", "-")
        loud = run("run", "--pcap", CAPTURE, "--traces", "-", "--verbose")
        self.assertNotIn(b"EAL", quiet.stderr)
        self.assertIn(b"EAL", loud.stderr)
        self.assertEqual(quiet.stdout, loud.stdout)

    def test_no_folder_is_left_behind(self):
        def folders():
            names = (glob for base in ("/run/dpdk", "/tmp/dpdk") if os.path.isdir(base) for glob in os.listdir(base))
            return set(names)

        process = subprocess.Popen([APPLIANCE, "run", "--pcap", CAPTURE, "--quiet"])
        process.wait()
        self.assertNotIn("metlo-%d" % process.pid, folders())
