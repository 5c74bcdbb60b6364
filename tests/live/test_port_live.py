#!/usr/bin/env python3
"""Live ports on a veth pair.

    test_port_live.py PORT_PROBE

Prints TAP. Needs root and network namespaces; says that it is skipped where it has none.
"""
import os
import signal
import socket
import sys
import time

from wire import Probe, Wire, check_down_and_up, check_same, frame, main, run, udp_frame, vlan_tagged


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
    check_down_and_up(wire, probe)
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


def af_packet_reads_interfaces_without_ethernet():
    run("ip", "tuntap", "add", "ip0", "mode", "tun")
    run("ip", "link", "set", "ip0", "up")
    probe = Probe("af_packet:ip0")
    assert probe.queues() == 1
    probe.end()
    run("ip", "link", "del", "ip0")


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
    virtual_devices_are_ports,
]

sys.exit(main(TESTS))
