"""A veth pair in a network namespace of its own, and the port that listens at it."""
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
    def __init__(self, port, queues=1, user=None, capabilities="-all"):
        command = [sys.argv[1], port, str(queues), *EAL_ARGS]
        if user is not None:
            command = ["setpriv", "--reuid", str(user), "--clear-groups", "--no-new-privs",
                       "--inh-caps", capabilities, "--ambient-caps", capabilities, *command]
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


def vlan_tagged(inner, tag, tag_type):
    return inner[:12] + tag_type.to_bytes(2, "big") + tag.to_bytes(2, "big") + inner[12:]


def too_late(_number, _frame):
    raise AssertionError("nothing came for a minute")


def check_down_and_up(wire, probe):
    """The far end goes down, which is said, and up again: the probe receives again."""
    run("ip", "link", "set", "far", "down")
    assert probe.waiting() == "interface 'far' is down; receiving goes on once it is up"
    run("ip", "link", "set", "far", "up")
    wait_until_up("near")
    probe.receiving()
    wire.near.send(frame(100))
    check_same(probe.frames(1)[0], frame(100))


def main(tests):
    enter_namespace()
    signal.signal(signal.SIGALRM, too_late)
    print(f"1..{len(tests)}", flush=True)
    n_failed = 0
    for number, test in enumerate(tests, 1):
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
