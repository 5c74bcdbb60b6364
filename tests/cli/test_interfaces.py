"""A collector at an interface that goes down, goes, and comes back. In a namespace; needs root."""

import ctypes
import os
import socket
import subprocess
import unittest

from programs import COLLECTOR, SOURCE, Live, run, wait_for

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


class Interfaces(Live):
    @classmethod
    def setUpClass(cls):
        enter_namespace()

    def make_wire(self):
        ip("link", "add", "near", "type", "veth", "peer", "name", "far")
        for name in "near", "far":
            ip("link", "set", name, "mtu", "1500", "up")

    def start(self, port):
        self.make_wire()
        self.n_lines = 0
        self.log = open(self.path("log"), "w+", encoding="utf-8")
        self.addCleanup(self.log.close)
        child = subprocess.Popen(
            [COLLECTOR, "--port", port + ":far", "--quiet", "--stats", self.path("stats.json")],
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
