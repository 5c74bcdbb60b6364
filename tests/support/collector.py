"""Runs the collector over a capture and reads what it made of it."""

import json
import os
import subprocess
import tempfile
import urllib.parse

FINDINGS = (b"ERROR: AddressSanitizer", b"ERROR: LeakSanitizer", b"runtime error:")


class Failed(Exception):
    """What went wrong, for people."""


class Result:
    def __init__(self, traces, stats):
        self.traces = traces
        self.stats = stats

    def requests(self):
        return [trace for trace in self.traces if trace["request"] is not None]


def check_finding(text):
    for finding in FINDINGS:
        if finding in text:
            raise Failed("a sanitizer spoke:\n" + text.decode(errors="replace")[-4000:])


def check_sums(stats):
    """Both sums of the accounting close, and the lcores add up to the total."""
    total = stats["total"]
    for what, taken in (("packets", ["received", "delivered"]), ("traces", ["made", "exported"])):
        dropped = sum(n for name, n in total.items() if name.startswith(what + ".dropped."))
        came, went = (total["%s.%s" % (what, name)] for name in taken)
        if came != went + dropped:
            raise Failed(
                "%s: %d %s, %d %s, %d dropped" % (what, came, taken[0], went, taken[1], dropped)
            )
    for name in ("packets.received", "packets.delivered", "traces.made"):
        n = sum(lcore[name] for lcore in stats["lcores"])
        if n != total[name]:
            raise Failed("%s: %d in total, %d by lcore" % (name, total[name], n))


def read_traces(path):
    with open(path, "rb") as lines:
        return [json.loads(line) for line in lines]


def check_end(done, is_damaged):
    """Ended well, or said that the capture is damaged where it is."""
    text = done.stderr.decode(errors="replace")[-2000:]
    if is_damaged and done.returncode == 1 and "is cut or damaged" in text:
        return
    if is_damaged or done.returncode != 0:
        raise Failed("ended with %d: %s" % (done.returncode, text))


def collect(program, capture, encap="auto", lcores=1, timeout_s=300, is_damaged=False):
    """Runs to the end of the capture. Raises Failed unless it ended well and the sums close.
    A damaged capture is read as far as it goes, and that is said."""
    with tempfile.TemporaryDirectory() as work:
        traces, stats = os.path.join(work, "traces.jsonl"), os.path.join(work, "stats.json")
        command = [program, "run", "--pcap", capture, "--encap", encap, "--lcores", str(lcores)]
        command += ["--traces", traces, "--stats", stats]
        try:
            done = subprocess.run(command, capture_output=True, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise Failed("did not end within %d s" % timeout_s) from None
        check_finding(done.stderr)
        check_end(done, is_damaged)
        with open(stats) as text:
            counters = json.load(text)
        check_sums(counters)
        found = read_traces(traces)
    if len(found) != counters["total"]["traces.exported"]:
        raise Failed("%d lines, %d exported" % (len(found), counters["total"]["traces.exported"]))
    return Result(found, counters)


def split_target(target):
    """A request target as traces show it: its path, and its decoded parameters."""
    if "://" in target.split("?")[0]:
        rest = target.split("://", 1)[1]
        at = min([at for at in (rest.find("/"), rest.find("?")) if at >= 0] or [len(rest)])
        target = rest[at:] if rest[at : at + 1] == "/" else "/" + rest[at:]
    path, _, query = target.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    decode = urllib.parse.unquote_plus
    return path, tuple((decode(name), decode(value)) for name, _, value in pairs)


def trace_target(trace):
    url = trace["request"]["url"]
    return url["path"], tuple((pair["name"], pair["value"]) for pair in url["parameters"])


def header(half, name):
    """The first field of that name, or None."""
    for field in half["headers"]:
        if field["name"].lower() == name.lower():
            return field["value"]
    return None
