#!/usr/bin/env python3
"""Live ports on a veth pair in a network namespace of its own.

    test_port_live.py PORT_PROBE

Prints TAP. Needs root and network namespaces; says that it is skipped where it has none.
"""
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
EAL_ARGS = ["--no-huge", "--no-pci", "--no-shconf", "--no-telemetry", "--log-level=*:error", "-m", "256",
            "-l", "0"]
SUPPRESSIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lsan_suppressions")
MARK = b"\x88\xb5"  # EtherType for local experiments
ETHERNET, RAW_IP = 0, 1


class Skip(Exception):
    pass


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def enter_namespace():
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(CLONE_NEWNET) != 0:
        print("1..0 # SKIP needs root and a network namespace")
        sys.exit(0)
    # Quiet interfaces: no neighbour or router discovery of the kernel's own.
    for scope in "all", "default":
        try:
            with open(f"/proc/sys/net/ipv6/conf/{scope}/disable_ipv6", "w") as f:
                f.write("1")
        except OSError:
            pass
    run("ip", "link", "set", "lo", "up")


def wait_until_up(name):
    """Until frames can be sent: the kernel gets there a while after its two ends are up."""
    while "state UP" not in run("ip", "link", "show", name):
        time.sleep(0.005)
    run("ip", "link", "show", name)  # waits for who is at it


class Wire:
    """A veth pair: frames sent on 'near' arrive at 'far', where the port listens."""

    def __init__(self, mtu=9001, queues=1):
        run("ip", "link", "add", "near", "numrxqueues", str(queues), "numtxqueues", str(queues), "type", "veth",
            "peer", "name", "far", "numrxqueues", str(queues), "numtxqueues", str(queues))
        for name in "near", "far":
            run("ip", "link", "set", name, "mtu", str(mtu), "up")
        for name in "near", "far":
            wait_until_up(name)
        self.near = self.open("near")
        self.far = self.open("far")

    @staticmethod
    def open(name):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        s.bind((name, 0))
        return s

    def send_slowly(self, frames):
        """With pauses: a veth that has an XDP program queues 256 frames and drops the rest."""
        for number, one in enumerate(frames):
            self.near.send(one)
            if number % 64 == 0:
                time.sleep(0.001)

    def close(self):
        self.near.close()
        self.far.close()
        run("ip", "link", "del", "near")


class Probe:
    def __init__(self, port, queues=1, user=None):
        command = [sys.argv[1], port, str(queues), *EAL_ARGS]
        if user is not None:
            command = ["setpriv", "--reuid", str(user), "--clear-groups", "--no-new-privs", *command]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, LSAN_OPTIONS=f"suppressions={SUPPRESSIONS}:print_suppressions=0"))
        self.first = self.process.stdout.readline().split(None, 1)

    def queues(self):
        assert self.first[0] == "open", self.first
        return int(self.first[1])

    def error(self):
        self.process.stdin.close()
        self.process.wait()
        assert self.first[0] == "error", self.first
        return self.first[1].strip()

    def frames(self, n):
        """The next n frames as dictionaries."""
        found = []
        while len(found) < n:
            line = self.process.stdout.readline().split()
            assert line and line[0] == "frame", line
            queue, length, segments, link, time_ns, total = map(int, line[1:7])
            first = bytes.fromhex(line[7])
            found.append(dict(queue=queue, length=length, segments=segments, link=link, time_ns=time_ns,
                              sum=total, first=first))
        return found

    def waiting(self):
        line = self.process.stdout.readline()
        assert line.startswith("waiting "), line
        return line[8:].strip()

    def waiting_for(self, text):
        """After whatever else kept it waiting on the way: one that is deleted may be seen down before."""
        while (found := self.waiting()) != text:
            pass

    def receiving(self):
        """After whatever else kept it waiting on the way, as an interface that is made before it is up."""
        while (line := self.process.stdout.readline()) != "receiving\n":
            assert line.startswith("waiting "), line

    def end(self):
        """Frames not asked for, and the loss counters."""
        self.process.stdin.close()
        lines = [line.split() for line in self.process.stdout]
        assert self.process.wait() == 0, self.process.returncode
        assert lines[-1][0] == "end", lines
        return lines[:-1], list(map(int, lines[-1][1:]))


def frame(length, seed=0):
    body = bytes((i * 31 + seed) % 256 for i in range(length - 14))
    return b"\x02\0\0\0\0\x01" + b"\x02\0\0\0\0\x02" + MARK + body


def udp_frame(port, payload=b"x" * 20):
    udp = port.to_bytes(2, "big") + (4789).to_bytes(2, "big") + (8 + len(payload)).to_bytes(2, "big") + b"\0\0"
    ip = bytearray(b"\x45\0\0\0\0\0\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02")
    ip[2:4] = (20 + len(udp) + len(payload)).to_bytes(2, "big")
    return b"\x02\0\0\0\0\x01" + b"\x02\0\0\0\0\x02" + b"\x08\x00" + bytes(ip) + udp + payload


def check_same(found, sent):
    assert found["length"] == len(sent), (found["length"], len(sent))
    assert found["sum"] == sum(sent)
    assert found["first"] == sent[:64], (found["first"], sent[:64])
    assert found["link"] == ETHERNET


def af_packet_gives_frames_of_every_length_whole():
    wire = Wire()
    probe = Probe("af_packet:far")
    assert probe.queues() == 1
    sent = [frame(n, n) for n in (14, 60, 64, 315, 1514, 2048, 2049, 4096, 9015)]
    before = time.time_ns()
    for one in sent:
        wire.near.send(one)
    for one, found in zip(sent, probe.frames(len(sent))):
        check_same(found, one)
        assert found["segments"] == (len(one) + 2047) // 2048
        assert before - 10**9 < found["time_ns"] < time.time_ns() + 10**9
    rest, (missed, no_mbuf, is_complete) = probe.end()
    assert (rest, missed, no_mbuf, is_complete) == ([], 0, 0, 1)
    wire.close()


def af_packet_takes_what_the_clock_was_set_by_out_of_times():
    wire = Wire()
    hour = 3600 * 10**9
    for shift in hour, 0:
        os.environ["CLOCK_SHIFT_NS"] = str(shift)
        probe = Probe("af_packet:far")
        before = time.time_ns() - shift
        wire.near.send(frame(100))
        assert before - 10**9 < probe.frames(1)[0]["time_ns"] < before + hour // 2
        probe.end()
    del os.environ["CLOCK_SHIFT_NS"]
    wire.close()


def af_packet_leaves_outgoing_frames_out():
    wire = Wire()
    probe = Probe("af_packet:far")
    wire.far.send(frame(100, 1))
    wire.near.send(frame(101, 2))
    check_same(probe.frames(1)[0], frame(101, 2))
    rest, _ = probe.end()
    assert rest == []
    wire.close()


def vlan_tagged(inner, tag, tag_type):
    return inner[:12] + tag_type.to_bytes(2, "big") + tag.to_bytes(2, "big") + inner[12:]


def af_packet_puts_vlan_tags_back():
    for tag_type in 0x8100, 0x88A8:
        wire = Wire()
        probe = Probe("af_packet:far")
        tagged = vlan_tagged(frame(200), 0x6123, tag_type)
        wire.near.send(tagged)
        double = vlan_tagged(tagged, 0x0007, 0x88A8)
        wire.near.send(double)
        found = probe.frames(2)
        check_same(found[0], tagged)
        check_same(found[1], double)
        probe.end()
        wire.close()


def af_packet_gives_frames_larger_than_the_mtu_whole():
    """As an interface with GRO hands them out: one TCP packet of 60 KB from a local connection."""
    wire = Wire(mtu=1500)
    run("ip", "addr", "add", "10.9.0.1/24", "dev", "near")
    run("ip", "neigh", "add", "10.9.0.2", "lladdr", "02:00:00:00:00:02", "dev", "near")
    probe = Probe("af_packet:far")
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_UDP, 103, 1400)  # UDP_SEGMENT
    sock.sendto(b"y" * 42000, ("10.9.0.2", 9))
    found = probe.frames(1)[0]
    assert found["length"] > 9015 and found["segments"] > 5, found
    probe.end()
    sock.close()
    wire.close()


def af_packet_keeps_a_flow_on_one_queue():
    wire = Wire()
    probe = Probe("af_packet:far", queues=4)
    assert probe.queues() == 4
    n_flows, n_rounds = 64, 5
    for _ in range(n_rounds):
        for flow in range(n_flows):
            wire.near.send(udp_frame(40000 + flow))
    queues = {}
    for found in probe.frames(n_flows * n_rounds):
        flow = found["first"][34:36]
        queues.setdefault(flow, set()).add(found["queue"])
    assert len(queues) == n_flows
    assert all(len(q) == 1 for q in queues.values())
    assert len(set.union(*queues.values())) == 4
    rest, (missed, _, _) = probe.end()
    assert (rest, missed) == ([], 0)
    wire.close()


def af_packet_counts_what_the_kernel_dropped():
    wire = Wire()
    probe = Probe("af_packet:far")
    probe.process.send_signal(signal.SIGSTOP)  # SIGSTOP: its ring overruns
    n_sent = 0
    one = frame(9015)
    for _ in range(8000):
        wire.near.send(one)
        n_sent += 1
    probe.process.send_signal(signal.SIGCONT)
    rest, (missed, no_mbuf, is_complete) = probe.end()
    assert missed > 1000 and is_complete == 1, missed
    assert len(rest) + missed == n_sent, (len(rest), missed, n_sent)
    wire.close()


def af_packet_goes_on_after_an_interface_was_down():
    wire = Wire()
    probe = Probe("af_packet:far")
    assert probe.queues() == 1
    run("ip", "link", "set", "far", "down")
    assert probe.waiting() == "interface 'far' is down; receiving goes on once it is up"
    run("ip", "link", "set", "far", "up")
    wait_until_up("near")
    probe.receiving()
    wire.near.send(frame(100))
    check_same(probe.frames(1)[0], frame(100))
    probe.end()
    wire.close()


def af_packet_takes_up_an_interface_that_was_made_anew():
    for queues in 1, 3:
        wire = Wire()
        probe = Probe("af_packet:far", queues=queues)
        assert probe.queues() == queues
        for seed in 1, 2, 3:
            wire.near.send(frame(100, seed))
            check_same(probe.frames(1)[0], frame(100, seed))
            wire.close()
            probe.waiting_for("interface 'far' is gone; receiving goes on once it is back")
            wire = Wire()
            probe.receiving()
        sent = [udp_frame(40000 + flow) for flow in range(64)]
        for one in sent:
            wire.near.send(one)
        used = {found["queue"] for found in probe.frames(len(sent))}
        assert len(used) == queues, used
        rest, (missed, no_mbuf, is_complete) = probe.end()
        assert (rest, missed, no_mbuf, is_complete) == ([], 0, 0, 1), (rest, missed, no_mbuf, is_complete)
        wire.close()


def af_packet_says_what_keeps_an_interface_that_came_back():
    wire = Wire()
    probe = Probe("af_packet:far")
    wire.close()
    probe.waiting_for("interface 'far' is gone; receiving goes on once it is back")
    run("ip", "tuntap", "add", "far", "mode", "tun")
    assert probe.waiting() == "interface 'far' is down; receiving goes on once it is up"
    run("ip", "link", "set", "far", "up")
    assert "frames of another kind" in probe.waiting()
    run("ip", "link", "del", "far")
    wire = Wire()
    probe.receiving()
    probe.end()
    wire.close()


def af_xdp_says_when_its_interface_is_down_or_gone():
    wire = Wire(mtu=1500)
    probe = Probe("af_xdp:far")
    assert probe.queues() == 1
    run("ip", "link", "set", "far", "down")
    assert probe.waiting() == "interface 'far' is down; receiving goes on once it is up"
    run("ip", "link", "set", "far", "up")
    wait_until_up("near")
    probe.receiving()
    wire.near.send(frame(100))
    check_same(probe.frames(1)[0], frame(100))
    wire.close()
    assert probe.waiting() == "interface 'far' is gone; start again once it is back"
    probe.end()


def af_packet_reads_interfaces_without_ethernet():
    run("ip", "tuntap", "add", "ip0", "mode", "tun")
    run("ip", "link", "set", "ip0", "up")
    probe = Probe("af_packet:ip0")
    assert probe.queues() == 1
    probe.end()
    run("ip", "link", "del", "ip0")


def af_xdp_gives_frames_whole():
    wire = Wire(mtu=3000)
    probe = Probe("af_xdp:far", queues=3)
    assert probe.queues() == 1  # a veth has no combined queues
    sent = [frame(n, n) for n in (14, 60, 64, 315, 1514, 2048, 2049, 3014)]
    sent += [vlan_tagged(frame(200), 0x6123, 0x8100)]
    sent += [frame(600, n) for n in range(300)]
    wire.send_slowly(sent)
    before = time.time_ns()
    for one, found in zip(sent, probe.frames(len(sent))):
        check_same(found, one)
        assert found["segments"] == 1
        assert abs(before - found["time_ns"]) < 10**10
    rest, (missed, no_mbuf, is_complete) = probe.end()
    assert (rest, missed, no_mbuf, is_complete) == ([], 0, 0, 1), (missed, no_mbuf)
    wire.close()


def af_xdp_counts_what_the_kernel_dropped():
    wire = Wire(mtu=1500)
    probe = Probe("af_xdp:far")
    assert probe.queues() == 1
    probe.process.send_signal(signal.SIGSTOP)  # SIGSTOP: its ring overruns
    wire.send_slowly([frame(600)] * 4000)
    probe.process.send_signal(signal.SIGCONT)
    rest, (missed, _, is_complete) = probe.end()
    assert missed > 100 and is_complete == 1, missed
    assert len(rest) + missed == 4000, (len(rest), missed)
    wire.close()


def af_xdp_can_be_opened_again():
    wire = Wire(mtu=1500)
    for seed in range(3):
        probe = Probe("af_xdp:far")
        assert probe.queues() == 1
        wire.near.send(frame(100, seed))
        check_same(probe.frames(1)[0], frame(100, seed))
        probe.end()
    assert "xdp" not in run("ip", "link", "show", "far")
    wire.close()


def af_xdp_errors_say_what_to_do():
    wire = Wire(mtu=9001)
    error = Probe("af_xdp:far").error()
    assert "cannot carry frames of MTU 9001; use 'af_packet:far'" in error, error
    run("ip", "link", "set", "far", "mtu", "1500")
    error = Probe("af_xdp:far", user=65534).error()
    assert "missing are CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF, CAP_IPC_LOCK;" in error, error
    error = Probe("af_xdp:far").error()  # the other end still sends long frames
    assert error.startswith("cannot open port 'af_xdp:far': cannot set up its queues"), error
    wire.close()
    wire = Wire(mtu=1500, queues=2)
    error = Probe("af_xdp:far").error()
    assert "AF_XDP can serve 1 of the 2 receive queues of 'far'" in error, error
    wire.close()


def virtual_devices_are_ports():
    probe = Probe("vdev:net_null0,size=128,no-rx=1", queues=2)
    assert probe.queues() == 2
    probe.end()
    error = Probe("vdev:net_nothing0").error()
    assert error.startswith("cannot open port 'vdev:net_nothing0': DPDK did not make device"), error


def errors_say_what_to_do():
    wire = Wire()
    assert "there is no interface 'eth9' here; there is lo, " in Probe("af_packet:eth9").error()
    assert "there is no interface" in Probe("af_packet:" + "x" * 100).error()
    run("ip", "link", "set", "far", "down")
    assert "interface 'far' is down; bring it up with 'ip link set far up'" in Probe("af_packet:far").error()
    run("ip", "link", "set", "far", "up")
    error = Probe("af_packet:far", user=65534).error()
    assert "no permission to capture: CAP_NET_RAW is missing; run it as root, or " in error, error
    wire.close()


TESTS = [
    af_packet_gives_frames_of_every_length_whole,
    af_packet_takes_what_the_clock_was_set_by_out_of_times,
    af_packet_leaves_outgoing_frames_out,
    af_packet_puts_vlan_tags_back,
    af_packet_gives_frames_larger_than_the_mtu_whole,
    af_packet_keeps_a_flow_on_one_queue,
    af_packet_counts_what_the_kernel_dropped,
    af_packet_reads_interfaces_without_ethernet,
    af_packet_goes_on_after_an_interface_was_down,
    af_packet_takes_up_an_interface_that_was_made_anew,
    af_packet_says_what_keeps_an_interface_that_came_back,
    errors_say_what_to_do,
    af_xdp_gives_frames_whole,
    af_xdp_counts_what_the_kernel_dropped,
    af_xdp_can_be_opened_again,
    af_xdp_says_when_its_interface_is_down_or_gone,
    af_xdp_errors_say_what_to_do,
    virtual_devices_are_ports,
]


def too_late(_number, _frame):
    raise AssertionError("nothing came for a minute")


def main():
    enter_namespace()
    signal.signal(signal.SIGALRM, too_late)
    print(f"1..{len(TESTS)}", flush=True)
    n_failed = 0
    for number, test in enumerate(TESTS, 1):
        signal.alarm(60)
        try:
            test()
            print(f"ok {number} - {test.__name__}", flush=True)
        except Skip as why:
            print(f"ok {number} - {test.__name__} # SKIP {why}", flush=True)
        except (AssertionError, OSError, subprocess.CalledProcessError) as why:
            n_failed += 1
            print(f"not ok {number} - {test.__name__}: {type(why).__name__} {why}", flush=True)
            subprocess.run(["ip", "link", "del", "near"], capture_output=True)
    return 1 if n_failed else 0


sys.exit(main())
