"""A collector at an interface that goes down, goes, and comes back. In a namespace; needs root."""

import ctypes
import json
import os
import socket
import struct
import subprocess
import unittest

from programs import COLLECTOR, SOURCE, Live, run, wait_for

SYN, ACK = 2, 16
CLONE_NEWNET = 0x40000000
SUPPRESSIONS = os.path.join(SOURCE, "tests", "live", "lsan_suppressions")  # the AF_XDP driver's


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


def enter_namespace():
    if os.geteuid() != 0 or ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0:
        raise unittest.SkipTest("needs root and a network namespace")
    for scope in "all", "default":
        # Quiet interfaces: no neighbour or router discovery of the kernel's own.
        if os.path.exists("/proc/sys/net/ipv6/conf/%s/disable_ipv6" % scope):
            with open("/proc/sys/net/ipv6/conf/%s/disable_ipv6" % scope, "w", encoding="ascii") as switch:
                switch.write("1")


class Conversation:
    """A connection in which many requests are sent and answered."""

    REQUESTS = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 20
    RESPONSES = b"HTTP/1.1 204 None\r\n\r\n" * 20

    def __init__(self, interface):
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.wire.bind((interface, 0))
        self.next = [1, 1]
        self.send(0, SYN)
        self.send(1, SYN | ACK)

    def send(self, side, flags, data=b""):
        ports, addresses = (40000, 80), (b"\x0a\0\0\1", b"\x0a\0\0\2")
        acked = self.next[1 - side] if flags & ACK else 0
        tcp = struct.pack(">HHIIBBHHH", *ports[:: -1 if side else 1], self.next[side], acked, 0x50, flags, 65535, 0, 0)
        size = 20 + len(tcp) + len(data)
        ip4 = struct.pack(">BBHHHBBH", 0x45, 0, size, 0, 0, 64, 6, 0) + b"".join(addresses[:: -1 if side else 1])
        self.wire.send(b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + ip4 + tcp + data)
        self.next[side] = (self.next[side] + len(data) + (flags & SYN == SYN)) & 0xFFFFFFFF

    def go_on(self, n_rounds=100):
        for _ in range(n_rounds):
            self.send(0, ACK, self.REQUESTS)
            self.send(1, ACK, self.RESPONSES)


class Interfaces(Live):
    @classmethod
    def setUpClass(cls):
        enter_namespace()

    def make_wire(self):
        ip("link", "add", "near", "type", "veth", "peer", "name", "far")
        for name in "near", "far":
            ip("link", "set", name, "mtu", "1500", "up")

    def start(self, port, *args):
        self.make_wire()
        self.n_lines = 0
        self.log = open(self.path("log"), "w+", encoding="utf-8")
        self.addCleanup(self.log.close)
        child = subprocess.Popen(
            [COLLECTOR, "--port", port + ":far", "--quiet", "--stats", self.path("stats.json"), *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env={**os.environ, "LSAN_OPTIONS": "suppressions=%s:print_suppressions=0" % SUPPRESSIONS},
        )

        def end():
            child.kill()
            child.communicate()
            subprocess.run(["ip", "link", "del", "near"], capture_output=True, check=False)

        self.addCleanup(end)
        wait_for(lambda: self.status(child), "the collector")
        return child

    def lines(self):
        with open(self.path("log"), encoding="utf-8") as log:
            return [line.split(": ", 1)[1] for line in log.read().splitlines()]

    def expect(self, child, line, trouble, between=()):
        """It says this next, once 'between' was said or not, and 'status' tells it too."""

        def said():
            return [said for said in self.lines()[self.n_lines :] if said not in between]

        wait_for(said, line)
        self.assertEqual(said(), [line])
        self.n_lines = len(self.lines())
        port = self.status(child)["ports"][0]
        self.assertEqual(port["trouble"], trouble)
        shown = "port %s: %s\n" % (port["name"], trouble)
        self.assertEqual(shown in run("status").stdout.decode(), trouble != "")

    def end(self, child):
        code, out, _ = self.stop(child)
        self.assertEqual((code, out), (0, b""))
        self.assertEqual(len(self.lines()), self.n_lines)

    def send_frame(self):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
            wire.bind(("near", 0))
            wire.send(b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x88\xb5" + bytes(46))

    def n_received(self, child):
        return self.status(child)["total"]["packets.received"]

    def test_af_packet_takes_up_an_interface_that_comes_back(self):
        child = self.start("af_packet")
        self.assertEqual(self.status(child)["ports"][0]["trouble"], "")
        down = "interface 'far' is down; receiving goes on once it is up"
        ip("link", "set", "far", "down")
        self.expect(child, down, down)
        ip("link", "set", "far", "up")
        self.expect(child, "port 'af_packet:far' receives again", "")
        gone = "interface 'far' is gone; receiving goes on once it is back"
        ip("link", "del", "near")
        self.expect(child, gone, gone, between=[down])
        self.make_wire()
        self.expect(child, "port 'af_packet:far' receives again", "", between=[down])
        n_received = self.n_received(child)
        self.send_frame()
        wait_for(lambda: self.n_received(child) > n_received, "a frame")
        self.end(child)

    def test_a_pipe_whose_reader_sleeps_is_said_while_it_does(self):
        pipe = self.path("slow")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        config = self.write("config.json", {"memory": {"records_mb": 8}})
        child = self.start("af_packet", "--traces", pipe, "--config", config, "--encap", "none")
        conversation = Conversation("near")
        self.addCleanup(conversation.wire.close)
        trouble = "traces come faster than '%s' takes them" % pipe

        def is_said():
            conversation.go_on()
            return self.lines()

        wait_for(is_said, "it to be said")
        self.assertEqual(self.lines(), [trouble + "; what comes meanwhile is lost and counted"])
        self.assertEqual(self.status(child)["traces_trouble"], trouble)
        self.assertIn("traces: " + trouble, run("status").stdout.decode())

        def is_over():
            try:
                while os.read(reader, 1 << 16):
                    pass
            except BlockingIOError:
                return len(self.lines()) == 2

        wait_for(is_over, "it to be taken back")
        self.assertEqual(self.lines()[1], "traces are written again")
        self.assertEqual(self.status(child)["traces_trouble"], "")
        while not self.status(child)["traces_trouble"]:
            conversation.go_on()
        code, _, _ = self.stop(child)
        with open(self.path("stats.json"), encoding="utf-8") as file:
            stats = json.load(file)
        self.assert_closed(stats)
        lost = stats["traces.made"] - stats["traces.exported"]
        self.assertGreater(lost, stats["traces.dropped.sink_failed"])
        self.assertEqual(code, 1)
        self.assertIn("lost %d of %d traces" % (lost, stats["traces.made"]), self.lines()[-1])

    def test_af_xdp_says_that_a_restart_is_needed(self):
        child = self.start("af_xdp")
        detached = "the XDP program of interface 'far' was detached, and no frames come; start again"
        ip("link", "set", "dev", "far", "xdp", "off")
        self.expect(child, detached, detached)
        gone = "interface 'far' is gone; start again once it is back"
        ip("link", "del", "near")
        self.expect(child, gone, gone)
        self.end(child)


if __name__ == "__main__":
    unittest.main()
