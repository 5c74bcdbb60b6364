"""The live lab: what the collector makes of a kernel mirror against nginx's access log.

Usage: test_live.py PROGRAM PORT MTU
PORT is af_packet or af_xdp.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile

import network
import nginx
from compare import Comparison, collector

import tap

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER = "10.20.0.10"
ATTEMPTS = 5
LOSSES = {"gap", "truncated", "midstream", "body_shed"}


class Collector:
    """The collector at the appliance's interface."""

    def __init__(self, lab, program, port, work):
        self.traces_path = os.path.join(work, "traces.jsonl")
        self.stats_path = os.path.join(work, "stats.json")
        self.log_path = os.path.join(work, "collector.log")
        with open(self.log_path, "wb") as log:
            self.process = lab.appliance.start(
                program, "run", "--port", port + ":mirror0", "--traces", self.traces_path,
                "--stats", self.stats_path, "--quiet", stdout=log, stderr=log,
            )  # fmt: skip

    def log(self):
        with open(self.log_path, errors="replace") as text:
            return text.read()

    def check_alive(self):
        if self.process.poll() is not None:
            raise collector.Failed("ended with %d: %s" % (self.process.returncode, self.log()))

    def has_seen(self, text):
        self.check_alive()
        if not os.path.exists(self.traces_path):
            return False
        with open(self.traces_path, "rb") as traces:
            return text.encode() in traces.read()

    def end(self):
        """Asks it to drain; its traces and counters."""
        self.check_alive()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            raise collector.Failed("did not end after SIGTERM: " + self.log()) from None
        with open(self.log_path, "rb") as log:
            collector.check_finding(log.read())
        if code != 0:
            raise collector.Failed("ended with %d after SIGTERM: %s" % (code, self.log()))
        with open(self.stats_path) as text:
            stats = json.load(text)
        collector.check_sums(stats)
        return collector.Result(collector.read_traces(self.traces_path), stats)


def wait_until_ready(lab, process):
    """Asks nginx for something until a trace of it shows."""

    def ask():
        probe = ["curl", "-s", "-o", "/dev/null", "http://%s/small?ready" % SERVER]
        lab.client.run(*probe)
        return process.has_seen('"name":"ready"')

    network.wait_for(ask, "the first trace", 60)


def drive(lab, work):
    """Runs every scene and wrk; what the clients wrote down."""
    book = os.path.join(work, "clients.jsonl")
    script = os.path.join(HERE, "drive.py")
    driver = lab.client.start(sys.executable, script, SERVER, book, stdout=subprocess.DEVNULL)
    if driver.wait(180) != 0:
        raise network.LabError("the clients failed")
    load = ["wrk", "-t1", "-c16", "-d1s", "-H", "Host: users.shop.test"]
    lab.client.run(*load, "http://%s/small?wrk" % SERVER)
    with open(book, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def drop_probes(result, log):
    """Takes out the requests of wait_until_ready(), some of which came before the collector."""
    probes = {line["id"] for line in log if line["target"] == "/small?ready"}
    result.traces = [
        trace
        for trace in result.traces
        if not trace["request"]
        or trace["request"]["url"]["parameters"] != [{"name": "ready", "value": ""}]
    ]
    return [line for line in log if line["id"] not in probes]


def run(program, port, mtu):
    """One run of the lab: what the collector tells, nginx's log, the clients' book, and how many
    frames were lost before the collector saw them."""
    with tempfile.TemporaryDirectory() as work, network.Network(mtu) as lab:
        server = nginx.WebServer(lab.server, os.path.join(work, "nginx"))
        process = Collector(lab, program, port, work)
        wait_until_ready(lab, process)
        book = drive(lab, work)
        lab.settle()
        n_lost = lab.n_lost()
        log = server.log()
        result = process.end()
        n_lost += sum(port["missed"] + port["no_mbuf"] for port in result.stats["ports"])
        return result, drop_probes(result, log), book, n_lost


def judge(report, result, log, book):
    compared = Comparison(result.traces, log)
    n_bodies = compared.with_clients(book)
    lacking = [trace["meta"] for trace in result.traces if LOSSES & set(trace["meta"]["flags"])]
    report.check("no trace lacks anything", not lacking, lacking[:5])
    report.check("nginx logged what the clients asked", len(log) >= len(book), len(log))
    report.check(
        "%d traces are %d lines of nginx's log, with %d sizes and %d bodies"
        % (len(result.traces), len(log), compared.n_sizes, n_bodies),
        not compared.problems,
        "%d problems\n%s" % (len(compared.problems), "\n".join(compared.problems[:30])),
    )


def main():
    program, port, mtu = sys.argv[1:4]
    missing = network.why_not() or nginx.why_not() or network.lacking(["curl", "wrk"])
    if missing:
        tap.skip_all("live lab: " + missing)
    report = tap.Tap()
    try:
        # A machine that is busy otherwise may lose frames in the kernel: then there is nothing to
        # compare.
        for _ in range(ATTEMPTS):
            result, log, book, n_lost = run(os.path.abspath(program), port, int(mtu))
            if n_lost == 0:
                break
            print("# %d frames were lost" % n_lost)
        report.check("no frame was lost in one of the runs", n_lost == 0, n_lost)
        if n_lost == 0:
            judge(report, result, log, book)
    except (collector.Failed, network.LabError) as failure:
        report.fail("the lab runs to its end", failure)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
