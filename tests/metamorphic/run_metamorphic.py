"""Changes captures in ways that must not change what is in them, and compares the traces.

Usage: run_metamorphic.py PROGRAM REWRITE OWN SHARED [--only TEXT] [--jobs N]

OWN is the project's folder of captures, SHARED one of other projects' (skipped where absent) of which
sample.txt names some. All captures of a group become one file, each with addresses of its own, so
that a variant of all of them costs one run of the collector.
"""

import argparse
import collections
import concurrent.futures
import ipaddress
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import collector
import tap

# name: steps of rewrite, lcores
VARIANTS = {
    "two lcores": ([], 2),
    "four lcores": ([], 4),
    "VXLAN": (["vxlan"], 1),
    "VXLAN, two lcores": (["vxlan"], 2),
    "VXLAN in QinQ": (["vxlan=2"], 1),
    "outer packets in fragments of 576": (["vxlan", "fragment=576"], 1),
    "outer packets in fragments of 100, four lcores": (["vxlan", "fragment=100"], 4),
    "inner packets in fragments": (["fragment=200"], 1),
    "fragments in fragments": (["fragment=300", "vxlan=1", "fragment=150"], 1),
    "every packet twice": (["duplicate"], 1),
    "every packet twice, two lcores": (["vxlan", "duplicate"], 2),
    "reordered": (["reorder=8"], 1),
    "reordered otherwise": (["seed=7", "vxlan", "reorder=8"], 2),
    "twice and reordered": (["duplicate", "seed=9", "reorder=8"], 1),
    "IPv6": (["ipv6"], 1),
    "IPv6 in VXLAN, four lcores": (["ipv6", "vxlan"], 4),
    "random segments": (["segment"], 1),
    "other random segments, four lcores": (["seed=3", "segment"], 4),
    "random segments, reordered": (["seed=4", "segment", "reorder=8"], 1),
    "everything at once": (
        ["seed=5", "segment", "duplicate", "vxlan=2", "fragment=400", "reorder=4"],
        2,
    ),
    **{"segments of %d" % size: (["segment=%d" % size], 1) for size in range(1, 65)},
}


def as_ipv4(address):
    """The address that became fd64::a.b.c.d."""
    parsed = ipaddress.ip_address(address)
    if parsed.version == 6 and parsed in ipaddress.ip_network("fd64::/96"):
        return str(ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF))
    return address


def canonical(trace):
    """What of a trace may not change, as text."""
    meta = trace["meta"]
    for key in ("timestamp", "durationMs", "vni"):
        meta.pop(key, None)
    for key in ("source", "destination"):
        meta[key] = as_ipv4(meta[key])
    url = trace["request"]["url"] if trace["request"] else {"host": ""}
    if url["host"].startswith("[fd64"):
        address, _, port = url["host"][1:].partition("]")
        url["host"] = as_ipv4(address) + port
    return json.dumps(trace, sort_keys=True)


def describe(difference, captures):
    """The first few traces that differ, with the capture that they come from."""
    lines = []
    for text, n in sorted(difference.items())[:6]:
        trace = json.loads(text)
        source = ipaddress.ip_address(trace["meta"]["source"])
        number = source.packed[0] if source.version == 4 else source.packed[1]
        name = captures[number - 1] if number <= len(captures) else "?"
        request, response = trace["request"], trace["response"]
        asked = "%s %s" % (request["method"], request["url"]["path"]) if request else None
        status = response["status"] if response else None
        lines.append("  %d of %s -> %s %s in %s" % (n, asked, status, trace["meta"], name))
    return "\n".join(lines)


class Group:
    def __init__(self, options, name, captures):
        self.options, self.name, self.captures = options, name, captures
        self.wanted = self.traces_of([], 1)

    def traces_of(self, steps, lcores):
        """What the collector makes of the captures after these steps: how often each trace."""
        with tempfile.TemporaryDirectory() as work:
            path = os.path.join(work, "variant.pcap")
            command = [self.options.rewrite, path, *steps, "--", *self.captures]
            subprocess.run(command, check=True)
            result = collector.collect(self.options.program, path, "auto", lcores)
        return collections.Counter(map(canonical, result.traces))

    def check(self, report, variant):
        steps, lcores = VARIANTS[variant]
        name = "%s: %s" % (self.name, variant)
        try:
            found = self.traces_of(steps, lcores)
        except collector.Failed as failure:
            report.fail(name, failure)
            return
        missing, added = self.wanted - found, found - self.wanted
        why = "%d missing, %d added\nmissing:\n%s\nadded:\n%s" % (
            missing.total(),
            added.total(),
            describe(missing, self.captures),
            describe(added, self.captures),
        )
        report.check(name, not missing and not added, why)


def groups_of(options, report):
    own = sorted(name for name in os.listdir(options.own) if name.endswith(".pcap"))
    yield "own captures", [os.path.join(options.own, name) for name in own]
    with open(os.path.join(HERE, "sample.txt")) as lines:
        sample = [os.path.join(options.shared, line.strip()) for line in lines]
    if all(map(os.path.exists, sample)):
        yield "captures of other projects", sample
    else:
        report.skip("captures of other projects", "not all there in '%s'" % options.shared)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("rewrite")
    parser.add_argument("own")
    parser.add_argument("shared")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    report = tap.Tap()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, captures in groups_of(options, report):
            group = Group(options, name, captures)
            report.check(name + ": some traces", group.wanted.total() > 100, group.wanted.total())
            variants = [variant for variant in VARIANTS if options.only in variant]
            list(pool.map(lambda variant: group.check(report, variant), variants))
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
