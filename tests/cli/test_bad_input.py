"""What cannot be done is said in one line, with exit code 1, and leaves nothing half-written."""

import bz2
import gzip
import json
import lzma
import os
import resource
import struct
import subprocess
import unittest

from programs import APPLIANCE, CAPTURE, IS_SANITIZED, Case, read_lines, run

NOBODY = 65534
PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)


class BadInput(Case):
    def refuse(self, *args, words=(), **options):
        """A run that is refused, and that leaves nothing behind."""
        before = set(os.listdir(self.folder))
        done = run("run", "--traces", self.path("traces.jsonl"), "--stats", self.path("stats.json"), *args, **options)
        line = self.assert_refused(done, 1, *words)
        self.assertEqual(set(os.listdir(self.folder)), before)
        return line

    def test_a_missing_file(self):
        self.refuse("--pcap", "/nowhere/x.pcap", words=["'/nowhere/x.pcap'", "No such file", "; check its name"])

    def test_a_folder(self):
        self.refuse("--pcap", self.folder, words=[self.folder, "folder"])

    def nobody(self):
        """Options of run() for somebody who may not do everything."""
        if os.geteuid() != 0:
            return {}
        try:
            run("--version", user=NOBODY)
        except PermissionError:
            self.skipTest("someone else than root cannot run the programs where they are")
        return {"user": NOBODY}

    def test_a_file_without_permission(self):
        path = self.write("x.pcap", self.capture_bytes())
        os.chmod(path, 0)
        os.chmod(self.folder, 0o777)
        options = self.nobody()
        self.refuse("--pcap", path, words=[path, "Permission denied; run as a user who may read it"], **options)

    def test_a_folder_for_counters_without_permission(self):
        os.chmod(self.folder, 0o555)
        path = self.path("stats.json")
        done = run("run", "--pcap", CAPTURE, "--stats", path, **self.nobody())
        self.assert_refused(done, 1, "'%s': Permission denied; run as a user who may write there" % path)

    def test_not_a_capture(self):
        for content in (b"", b"\xd4", b"just text, long enough to be anything at all\n", b"\0" * 4096):
            path = self.write("x.pcap", content)
            self.refuse("--pcap", path, words=[path])

    def test_a_file_without_a_byte(self):
        self.refuse("--pcap", self.write("x.pcap", b""), words=["x.pcap", "it is empty"])
        self.refuse("--pcap", "-", words=["it is empty"])

    def test_a_compressed_capture(self):
        capture = self.capture_bytes()
        for content, tool in (
            (gzip.compress(capture), "zcat"),
            (bz2.compress(capture), "bzcat"),
            (lzma.compress(capture), "xzcat"),
            (b"\x28\xb5\x2f\xfd" + bytes(100), "zstdcat"),
            (b"\x28\xb5\x2f\xfd", "zstdcat"),
        ):
            path = self.write("x.pcap", content)
            words = [path, "compressed", " %s FILE | metlo-appliance run --pcap -" % tool]
            self.refuse("--pcap", path, words=words)

    def test_interfaces_of_different_link_types(self):
        def block(kind, body):
            return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

        frame = bytes(64)
        section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
        packet = block(6, struct.pack("<IIIII", 0, 0, 0, len(frame), len(frame)) + frame)
        interfaces = [block(1, struct.pack("<HHI", link, 0, 0)) for link in (1, 101)]
        path = self.write("x.pcapng", section + interfaces[0] + packet + interfaces[1] + packet)
        done = run("run", "--pcap", path, "--quiet")
        self.assert_refused(done, 1, path, "interfaces of different link types", "1 frames", "split it by interface")

    def test_a_link_type_that_carries_no_ip(self):
        path = self.write("x.pcap", PCAP_HEADER[:20] + struct.pack("<I", 147) + b"\0" * 64)
        self.refuse("--pcap", path, words=[path])

    def test_a_missing_interface(self):
        self.refuse("--port", "af_packet:nowhere0", words=["af_packet:nowhere0", "no interface 'nowhere0'"])

    def test_a_folder_for_traces_that_is_not_there(self):
        done = run("run", "--pcap", CAPTURE, "--traces", "/nowhere/x")
        self.assert_refused(done, 1, "'/nowhere/x'", "No such file")

    def test_a_folder_for_counters_that_is_not_there(self):
        done = run("run", "--pcap", CAPTURE, "--traces", self.path("x"), "--stats", "/nowhere/x")
        self.assert_refused(done, 1, "'/nowhere/x'", "No such file", "; make its folder first")
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_bad_configuration(self):
        config = self.write("config.json", {"http": {"body_keep": -1}})
        self.refuse("--config", config, "--pcap", CAPTURE, words=["$.http.body_keep", "found -1"])

    def test_a_cpu_that_is_not_there(self):
        config = self.write("config.json", {"cpus": [1023]})
        self.refuse("--config", config, "--pcap", CAPTURE, words=["config.json': $.cpus[0]: CPU 1023"])

    def test_an_argument_that_dpdk_refuses(self):
        config = self.write("config.json", {"eal_args": ["--frobnicate"]})
        self.refuse("--config", config, "--pcap", CAPTURE, words=["DPDK", 'arguments; see "eal_args"', "--verbose"])

    def test_more_memory_than_there_is(self):
        config = self.write("config.json", {"memory": {"records_mb": 1 << 20}})
        if IS_SANITIZED:
            self.skipTest("a sanitizer has its own view of memory")
        self.refuse("--config", config, "--pcap", CAPTURE, words=["no memory", "MiB"])

    def test_more_packet_buffers_than_there_is_memory(self):
        ports = [{"name": "af_packet:lo", "queues": 64}]
        config = self.write("config.json", {"ports": ports, "memory": {"frames": 1 << 20}})
        self.refuse("--config", config, words=["no memory for packet buffers", "MiB are there", '"frames"'])

    @unittest.skipIf(IS_SANITIZED, "a sanitizer needs more than any limit")
    def test_too_little_memory(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (self.limit, self.limit))

        for self.limit in 100 << 20, 200 << 20, 300 << 20:
            self.refuse("--pcap", CAPTURE, words=["emory"], preexec_fn=limit)

    @unittest.skipIf(IS_SANITIZED, "a sanitizer opens files of its own")
    def test_too_few_open_files(self):
        for n_files in 10, 14, 16, 18, 20:
            limit = (n_files, n_files)
            self.refuse(
                "--pcap",
                CAPTURE,
                words=["too few files may be open", "ulimit -n"],
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit),
            )

    def test_a_soft_limit_of_open_files_is_raised(self):
        done = run(
            "run",
            "--pcap",
            CAPTURE,
            "--quiet",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (16, 1024)),
        )
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    @unittest.skipIf(IS_SANITIZED, "a sanitizer starts threads of its own")
    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as a user without other processes")
    def test_too_few_threads(self):
        os.chmod(self.folder, 0o777)
        options = {"user": 2000000000 + os.getpid(), "env": {**os.environ, "XDG_RUNTIME_DIR": self.folder}}
        try:
            run("--version", **options)
        except PermissionError:
            self.skipTest("someone else than root cannot run the programs where they are")
        for n_lcores, n_needed in (1, 6), (2, 8):
            for n_threads in range(1, n_needed + 1):
                limit = lambda: resource.setrlimit(resource.RLIMIT_NPROC, (n_threads, n_threads))
                args = "run", "--pcap", CAPTURE, "--lcores", n_lcores, "--quiet"
                done = run(*args, preexec_fn=limit, **options)
                if n_threads == n_needed:
                    self.assertEqual((done.returncode, done.stderr), (0, b""))
                    continue
                words = "%d are needed, and only %d can be had" % (n_needed, n_threads), "TasksMax", "ulimit -u"
                self.assert_refused(done, 1, *words)

    def test_an_output_that_is_the_capture(self):
        capture = self.write("x.pcap", self.capture_bytes())
        link = self.path("link")
        os.symlink(capture, link)
        for option in ("--traces", "--stats"):
            for path in (capture, link):
                done = run("run", "--pcap", capture, option, path)
                self.assert_refused(done, 1, "is the capture to be read")
        with open(capture, "rb") as file:
            self.assertEqual(file.read(), self.capture_bytes())

    def test_an_output_that_is_the_configuration(self):
        config = self.write("x.json", {"lcores": 1})
        os.symlink(config, self.path("link"))
        os.link(config, self.path("hard"))
        for option in ("--traces", "--stats"):
            for name in ("x.json", "link", "hard"):
                done = run("run", "--config", config, "--pcap", CAPTURE, option, self.path(name))
                self.assert_refused(done, 1, "is the configuration")
        self.assertEqual(read_lines(config), [b'{"lcores": 1}'])

    def test_two_outputs_in_one_file(self):
        both = self.path("both")
        done = run("run", "--pcap", CAPTURE, "--traces", both, "--stats", both)
        self.assert_refused(done, 1, "choose two files")
        self.assertFalse(os.path.exists(both))

    def test_two_names_of_one_file_that_is_not_there_yet(self):
        both = self.path("both")
        os.symlink(both, self.path("link"))
        for traces, stats in (("./both", "both"), (both, "both"), ("link", "both"), ("both", "link")):
            done = run("run", "--pcap", CAPTURE, "--traces", traces, "--stats", stats, cwd=self.folder)
            self.assert_refused(done, 1, "choose two files")
            self.assertEqual(os.listdir(self.folder), ["link"])

    def test_standard_output_that_is_the_other_file(self):
        path = self.write("both", "kept")
        with open(path, "ab") as both:
            command = ["run", "--pcap", CAPTURE, "--traces", "-", "--stats", path]
            done = subprocess.run([APPLIANCE, *command], stdout=both, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"choose two files", done.stderr)
        self.assertEqual(read_lines(path), [b"kept"])
        for other in "-", "/dev/stdout", "/dev/fd/1":
            done = run("run", "--pcap", CAPTURE, "--traces", "-", "--stats", other)
            self.assert_refused(done, 1, "choose two files")
        done = run("run", "--pcap", CAPTURE, "--quiet", "--traces", "/dev/null", "--stats", "/dev/null")
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_an_existing_file_survives_a_refusal(self):
        kept = self.write("traces.jsonl", "kept\n")
        run("run", "--pcap", "/nowhere/x.pcap", "--traces", kept)
        self.assertEqual(read_lines(kept), [b"kept"])


class Broken(Case):
    """Input that breaks off: what was read is kept, and the end is said."""

    def test_a_capture_cut_anywhere_gives_what_it_holds(self):
        capture = self.capture_bytes()
        whole = run("run", "--pcap", CAPTURE, "--quiet", "--traces", "-").stdout.splitlines()
        for size in (24, 25, 39, 40, 41, len(capture) // 2, len(capture) - 1):
            path = self.write("cut.pcap", capture[:size])
            done = run("run", "--pcap", path, "--quiet", "--traces", "-")
            lines = done.stdout.splitlines()
            self.assertLess(len(lines), len(whole) + 1)
            if size == 24:
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                continue
            self.assertEqual(done.returncode, 1, size)
            self.assertEqual(len(done.stderr.splitlines()), 1)
            self.assertIn(path.encode(), done.stderr)

    def test_a_full_disk_is_said_and_counted(self):
        for quiet in [], ["--quiet"]:
            done = run("run", "--pcap", CAPTURE, *quiet, "--traces", "/dev/full", "--stats", self.path("stats.json"))
            stats = self.stats()
            lost = "lost %d of %d traces" % (stats["traces.dropped.sink_failed"], stats["traces.made"])
            self.assert_refused(done, 1, "/dev/full", "No space left", lost)
            self.assertGreater(stats["traces.made"], 100)

    def test_two_outputs_that_fail_are_both_said(self):
        done = run("run", "--pcap", CAPTURE, "--quiet", "--traces", "/dev/full", "--stats", "/dev/full")
        lines = done.stderr.decode().splitlines()
        self.assertEqual((done.returncode, len(lines)), (1, 2), lines)
        self.assertIn("cannot write counters to '/dev/full'", lines[0])
        self.assertIn("cannot write traces to '/dev/full'", lines[1])

    def test_a_limit_of_file_sizes_is_said_and_counted(self):
        limit = (100 << 10, 100 << 10)
        paths = [self.path("traces.jsonl"), self.path("stats.json")]
        done = run(
            "run",
            "--pcap",
            CAPTURE,
            "--quiet",
            "--traces",
            paths[0],
            "--stats",
            paths[1],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
        )
        self.assert_refused(done, 1, paths[0], "File too large")
        stats = self.stats()
        self.assert_closed(stats)
        self.assertIn(b"lost %d of " % stats["traces.dropped.sink_failed"], done.stderr)
        lines = read_lines(paths[0])
        self.assertEqual(len(lines), stats["traces.exported"])
        for line in lines:
            json.loads(line)
        self.assertGreater(stats["traces.dropped.sink_failed"], 0)

    def test_a_closed_standard_output_is_refused_before_anything_is_read(self):
        def close():
            os.close(1)

        for option in "--traces", "--stats":
            done = run("run", "--pcap", CAPTURE, option, "-", preexec_fn=close)
            self.assert_refused(done, 1, "'-'", "Bad file descriptor")

    def test_closed_standard_streams_do_no_harm_where_they_are_not_needed(self):
        def close():
            os.closerange(0, 3)

        paths = [self.path("traces.jsonl"), self.path("stats.json")]
        done = run("run", "--pcap", CAPTURE, "--traces", paths[0], "--stats", paths[1], preexec_fn=close)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(read_lines(paths[0])), self.stats()["traces.exported"])

    def test_standard_output_that_cannot_be_written_is_said(self):
        for words in (["help"], ["--version"], ["run", "--help"], ["check-config", "--schema"]):
            with self.subTest(words), open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run([APPLIANCE, *words], stdout=full, stderr=subprocess.PIPE, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertEqual(len(done.stderr.splitlines()), 1)
                self.assertRegex(done.stderr, b"cannot write (to|all of) standard output")
                done = run(*words, preexec_fn=lambda: os.close(1))
                self.assert_refused(done, 1, "standard output")
        for path in "-", "/dev/full":
            with open("/dev/full", "w", encoding="ascii") as full:
                command = [APPLIANCE, "run", "--pcap", CAPTURE, "--quiet", "--stats", path]
                done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn(b"cannot write counters to '%s': No space left" % path.encode(), done.stderr)

    def test_a_reader_that_goes_away_ends_nothing_badly(self):
        command = ["run", "--pcap", CAPTURE, "--quiet", "--traces", "-"]
        read_end, write_end = os.pipe()
        os.close(read_end)
        done = subprocess.run(
            [APPLIANCE, *command],
            stdout=write_end,
            stderr=subprocess.PIPE,
            check=False,
        )
        os.close(write_end)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertIn(b"Broken pipe", done.stderr)

    def test_garbage_at_every_layer_is_counted(self):
        capture = bytearray(self.capture_bytes())
        header, at = capture[:24], 24
        frames = []
        while at + 16 <= len(capture):
            seconds, micros, captured, length = struct.unpack_from("<IIII", capture, at)
            frame = capture[at + 16 : at + 16 + captured]
            for step, bit in ((7, 1), (13, 0x80), (31, 0xFF)):
                broken = bytearray(frame)
                for i in range(len(frames) % step, len(broken), step):
                    broken[i] ^= bit
                frames.append(struct.pack("<IIII", seconds, micros, captured, length) + broken)
            at += 16 + captured
        path = self.write("garbage.pcap", bytes(header) + b"".join(frames))
        done = run("run", "--pcap", path, "--quiet", "--stats", self.path("stats.json"))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assert_closed(self.stats())

    def stats(self):
        with open(self.path("stats.json"), encoding="utf-8") as stats:
            return json.load(stats)
