#!/usr/bin/env python3
"""AF_XDP ports on a veth pair.

    test_af_xdp_live.py PORT_PROBE

Prints TAP. Needs root and network namespaces; says that it is skipped where it has none.
"""
import ctypes
import os
import re
import signal
import socket
import sys
import time

from wire import Probe, Wire, check_down_and_up, check_same, frame, main, run, vlan_tagged

XDP_FLAGS_SKB_MODE, XDP_FLAGS_DRV_MODE = 2, 4


def af_xdp_says_when_its_interface_is_down_or_gone():
    wire = Wire(mtu=1500)
    probe = Probe("af_xdp:far")
    assert probe.queues() == 1
    check_down_and_up(wire, probe)
    wire.close()
    assert probe.waiting() == "interface 'far' is gone; start again once it is back"
    probe.end()


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
    assert "missing are CAP_NET_RAW, CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_IPC_LOCK;" in error, error
    error = Probe("af_xdp:far").error()  # the other end still sends long frames
    assert error.startswith("cannot open port 'af_xdp:far': cannot set up its queues"), error
    wire.close()
    wire = Wire(mtu=1500, queues=2)
    error = Probe("af_xdp:far").error()
    assert "AF_XDP can serve 1 of the 2 receive queues of 'far'" in error, error
    wire.close()


def attach(program, flags=0):
    libbpf = ctypes.CDLL("libbpf.so.1")
    assert libbpf.bpf_xdp_attach(socket.if_nametoindex("far"), program, flags, None) == 0


def load_filter():
    """An XDP program called 'filter' that lets every frame pass."""
    instructions = bytes.fromhex("b700000002000000" "9500000000000000")
    libbpf = ctypes.CDLL("libbpf.so.1")
    program = libbpf.bpf_prog_load(6, b"filter", b"GPL", instructions, ctypes.c_size_t(2), None)  # 6: XDP
    assert program >= 0
    return program


def attached(name):
    """The id of the program of that name at 'far', or None."""
    found = re.search(rf"prog/xdp\w* id (\d+) name {name}", run("ip", "link", "show", "far"))
    return found and found[1]


def af_xdp_leaves_an_interface_to_whom_it_gives_its_frames():
    wire = Wire(mtu=1500)
    first = Probe("af_xdp:far")
    assert first.queues() == 1
    program = attached("xsk_def_prog")
    error = Probe("af_xdp:far").error()
    assert error == ("cannot open port 'af_xdp:far': interface 'far' gives its frames to another AF_XDP program "
                     f"(XDP program {program}, xsk_def_prog), as another collector; end that first"), error
    assert attached("xsk_def_prog") == program
    wire.near.send(frame(100))
    check_same(first.frames(1)[0], frame(100))
    first.end()
    wire.close()


def af_xdp_leaves_a_foreign_program_attached():
    program = load_filter()
    for mode, flags in ("xdp", XDP_FLAGS_DRV_MODE), ("xdpgeneric", XDP_FLAGS_SKB_MODE):
        wire = Wire(mtu=1500)
        attach(program, flags)
        error = Probe("af_xdp:far").error()
        assert error == ("cannot open port 'af_xdp:far': interface 'far' has an XDP program already "
                         f"({attached('filter')}, filter); use 'af_packet:far', or detach it with "
                         f"'ip link set dev far {mode} off' where nobody needs it"), error
        assert attached("filter")
        run("ip", "link", "set", "dev", "far", mode, "off")
        probe = Probe("af_xdp:far")
        assert probe.queues() == 1
        probe.end()
        wire.close()
    os.close(program)


def af_xdp_says_when_its_program_is_gone():
    wire = Wire(mtu=1500)
    probe = Probe("af_xdp:far")
    assert probe.queues() == 1
    run("ip", "link", "set", "dev", "far", "xdp", "off")
    assert probe.waiting() == "the XDP program of interface 'far' was detached, and no frames come; start again"
    program = load_filter()
    attach(program)
    assert probe.waiting() == ("another XDP program was attached to interface 'far', and no frames come; "
                               "detach it and start again, or use af_packet:")
    probe.end()
    assert attached("filter")
    os.close(program)
    wire.close()


def af_xdp_starts_again_after_it_was_killed():
    wire = Wire(mtu=1500)
    for seed in range(3):
        probe = Probe("af_xdp:far")
        assert probe.queues() == 1, seed
        wire.near.send(frame(100, seed))
        check_same(probe.frames(1)[0], frame(100, seed))
        probe.process.kill()
        probe.process.wait()
        assert attached("xsk_def_prog")
    probe = Probe("af_xdp:far")
    assert probe.queues() == 1
    probe.end()
    assert "xdp" not in run("ip", "link", "show", "far")
    wire.close()


def af_xdp_needs_no_capabilities_but_those_it_names():
    wire = Wire(mtu=1500)
    probe = Probe("af_xdp:far", user=65534, capabilities="-all,+net_raw,+net_admin,+sys_admin,+ipc_lock")
    assert probe.queues() == 1, probe.first
    probe.end()
    wire.close()


TESTS = [
    af_xdp_gives_frames_whole,
    af_xdp_counts_what_the_kernel_dropped,
    af_xdp_can_be_opened_again,
    af_xdp_says_when_its_interface_is_down_or_gone,
    af_xdp_leaves_an_interface_to_whom_it_gives_its_frames,
    af_xdp_leaves_a_foreign_program_attached,
    af_xdp_says_when_its_program_is_gone,
    af_xdp_starts_again_after_it_was_killed,
    af_xdp_errors_say_what_to_do,
    af_xdp_needs_no_capabilities_but_those_it_names,
]

sys.exit(main(TESTS))
