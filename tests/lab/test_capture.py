"""The shipped capture gives exactly the requests that its nginx logged.

Usage: test_capture.py PROGRAM FOLDER
"""

import json
import os
import sys

import compare
from compare import collector

import tap


def main():
    program, folder = sys.argv[1:3]
    report = tap.Tap()
    with open(os.path.join(folder, "mirror.log.jsonl"), encoding="utf-8") as lines:
        log = [json.loads(line) for line in lines]
    for lcores in (1, 2, 4):
        name = "every trace of the shipped capture is in nginx's log, %d lcores" % lcores
        try:
            capture = os.path.join(folder, "mirror.pcap")
            result = collector.collect(program, capture, "auto", lcores)
            compared = compare.Comparison(result.traces, log)
        except collector.Failed as failure:
            report.fail(name, failure)
            continue
        flagged = [trace["meta"]["flags"] for trace in result.traces if trace["meta"]["flags"]]
        report.check(name, not compared.problems, "\n".join(compared.problems[:20]))
        report.check("no trace lacks anything, %d lcores" % lcores, not flagged, flagged[:20])
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
