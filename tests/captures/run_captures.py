"""Runs the collector over captures that others made, and compares with what other tools found.

Usage: run_captures.py PROGRAM FOLDER [--only TEXT] [--jobs N]

FOLDER holds captures and oracle.jsonl: a line a capture with what Suricata ("sur", "sur_http") and
tshark ("ts") made of it. Checked for every capture:
 - the collector ends well, without a sanitizer's finding, and its sums close;
 - where both tools agree on the number of requests, it finds as many;
 - every transaction of which Suricata tells method, host, target and status is among its traces.
verdicts.json has the captures where the tools differ, or are both wrong, and what is right:
"requests" (how many there are), "not" (what Suricata takes for a transaction and is none, or "all"),
"damaged" (the file ends inside a record), always with the reason ("why").
"""

import argparse
import collections
import concurrent.futures
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import collector
import tap


def agreed_requests(entry):
    """The number of requests where both tools found some and the same number, else None."""
    if not isinstance(entry["sur"], dict):
        return None
    n_suricata, n_tshark = entry["sur"].get("http1", 0), entry["ts"].get("h1req", 0)
    return n_tshark if n_suricata == n_tshark and n_tshark > 0 else None


def plain_host(host):
    """Suricata's way to tell a host: in lower case, without the port."""
    host = host.lower()
    if host.startswith("["):
        return host[1:].split("]")[0]
    return host.split(":")[0] if host.count(":") == 1 else host


def row_key(row):
    method, host, url, status = row
    return method, plain_host(host), collector.split_target(url), status


def suricata_transactions(entry):
    rows = [row[:4] for row in entry["sur_http"] or [] if all(row[:4])]
    return collections.Counter(map(row_key, rows))


def our_transactions(traces):
    return collections.Counter(
        (
            trace["request"]["method"],
            plain_host(trace["request"]["url"]["host"]),
            collector.trace_target(trace),
            trace["response"]["status"],
        )
        for trace in traces
        if trace["request"] and trace["response"]
    )


def check_capture(report, options, entry, verdict):
    name = entry["file"]
    try:
        path = os.path.join(options.folder, name)
        is_damaged = verdict.get("damaged", False)
        result = collector.collect(options.program, path, is_damaged=is_damaged)
    except collector.Failed as failure:
        report.fail("ends and its sums close: " + name, "%s: %s" % (name, failure))
        return
    report.ok("ends and its sums close: " + name)
    n = len(result.requests())
    wanted = verdict.get("requests", agreed_requests(entry))
    if wanted is not None:
        report.check("%d requests: %s" % (wanted, name), n == wanted, "found %d" % n)
    theirs = suricata_transactions(entry)
    for row in verdict.get("not", []):
        theirs = theirs - collections.Counter(theirs if row == "all" else [row_key(row)])
    if theirs:
        missing = theirs - our_transactions(result.traces)
        report.check("transactions: " + name, not missing, "missing %s" % list(missing.items())[:5])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    oracle = os.path.join(options.folder, "oracle.jsonl")
    if not os.path.exists(oracle):
        tap.skip_all("captures of other projects: no '%s'" % oracle)
    with open(oracle) as lines:
        entries = [entry for entry in map(json.loads, lines) if options.only in entry["file"]]
    with open(os.path.join(HERE, "verdicts.json")) as text:
        verdicts = json.load(text)
    report = tap.Tap()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = [
            pool.submit(check_capture, report, options, entry, verdicts.get(entry["file"], {}))
            for entry in entries
        ]
        for job in jobs:
            job.result()
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
