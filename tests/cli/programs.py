"""Runs the real programs. Where they are comes from the environment: METLO_BUILD, METLO_SOURCE."""

import contextlib
import json
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest

BUILD = os.environ["METLO_BUILD"]
SOURCE = os.environ["METLO_SOURCE"]
IS_SANITIZED = os.environ.get("METLO_SANITIZED") == "1"
APPLIANCE = os.path.join(BUILD, "metlo-appliance")
COLLECTOR = os.path.join(BUILD, "metlo-applianced")
CAPTURE = os.path.join(SOURCE, "tests", "data", "mirror.pcap")
PCAP_HEADER_SIZE = 24
TIMEOUT_S = 120


def run(*args, program=APPLIANCE, **options):
    """Runs a program to its end."""
    return subprocess.run(
        [program, *(arg if isinstance(arg, bytes) else str(arg) for arg in args)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
        **options,
    )


def wait_for(condition, what):
    """Waits until condition() is true, and returns what it gave."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain for " + what)
        time.sleep(0.02)


def frames_of(capture):
    """Where each frame of a pcap file ends."""
    at, ends = PCAP_HEADER_SIZE, []
    while at < len(capture):
        at += 16 + struct.unpack_from("<I", capture, at + 8)[0]
        ends.append(at)
    return ends


def read_lines(path):
    with open(path, "rb") as lines:
        return lines.read().splitlines()


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="metlo-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        path = self.path(name)
        if isinstance(content, (dict, list)):
            content = json.dumps(content)
        if isinstance(content, str):
            content = content.encode()
        with open(path, "wb") as file:
            file.write(content)
        return path

    def capture_bytes(self):
        with open(CAPTURE, "rb") as capture:
            return capture.read()

    def assert_refused(self, done, code, *words):
        """It said why in one line of stderr, said nothing else, and left with 'code'."""
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), 1, done.stderr.decode())
        for word in words:
            self.assertIn(word, lines[0])
        self.assertEqual(done.stdout, b"")
        self.assertEqual(done.returncode, code)
        return lines[0]

    def assert_closed(self, stats):
        """Nothing is lost without a name."""
        for prefix, made, kept in (
            ("packets", "packets.received", "packets.delivered"),
            ("traces", "traces.made", "traces.exported"),
        ):
            dropped = sum(
                value for name, value in stats.items() if name.startswith(prefix + ".dropped.")
            )
            self.assertEqual(stats[made], stats[kept] + dropped, prefix)


class Live(Case):
    """A test with a collector that runs on, reading a capture from a pipe that stays open."""

    @contextlib.contextmanager
    def collector(self, *args, lcores=1, content=None, **options):
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        command = [COLLECTOR, "--pcap", pipe, "--lcores", str(lcores), "--quiet", *args]
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
        )
        try:
            with open(pipe, "wb", buffering=0) as writer:
                content = self.capture_bytes() if content is None else content
                if content:
                    writer.write(content)
                yield child
        finally:
            if child.poll() is None:
                child.kill()
            child.communicate()

    def status(self, child):
        """What 'status --json' says of this collector; None where it does not know it."""
        done = run("status", "--json")
        if not done.stdout:
            return None
        collectors = json.loads(done.stdout)["collectors"]
        return next((each for each in collectors if each["pid"] == child.pid), None)

    def wait_until_read(self, child, n_packets=None):
        """Until the collector is done with so many packets, or with the whole shipped capture."""
        if n_packets is None:
            n_packets = len(frames_of(self.capture_bytes()))

        def has_read():
            status = self.status(child)
            total = status["total"] if status else {}
            n_done = sum(
                value
                for name, value in total.items()
                if name == "packets.delivered" or name.startswith("packets.dropped.")
            )
            # Received is not done with: frames may be on their way to another lcore.
            return total.get("packets.received") == n_done == n_packets and status

        return wait_for(has_read, "%d packets" % n_packets)

    def wait_until_opening(self, child):
        """It catches the stop signals, and no longer holds them back while DPDK starts."""
        bit = 1 << (signal.SIGTERM - 1)

        def is_opening():
            with open("/proc/%d/status" % child.pid, encoding="ascii") as status:
                masks = dict(line.split()[:2] for line in status if line.startswith("Sig"))
            n_threads = len(os.listdir("/proc/%d/task" % child.pid))
            caught, blocked = (int(masks[name], 16) & bit for name in ("SigCgt:", "SigBlk:"))
            return n_threads > 1 and caught and not blocked

        wait_for(is_opening, "inputs to be opened")

    def stop(self, child, number=signal.SIGTERM):
        """Sends a signal; returns its exit code, stdout and stderr."""
        child.send_signal(number)
        out, err = child.communicate(timeout=TIMEOUT_S)
        return child.returncode, out, err
