#!/usr/bin/python3
"""Holds sample traces against docs/trace.schema.json and docs/traces.md: SAMPLES-PROGRAM DOCS-FOLDER.

Speaks TAP.
"""

import copy
import json
import os
import re
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("1..0 # skip python3-jsonschema is not installed")
    sys.exit(0)


def without(trace, *path):
    trace = copy.deepcopy(trace)
    at = trace
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    return trace


def changed(trace, value, *path):
    trace = copy.deepcopy(trace)
    at = trace
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return trace


def spoiled(trace):
    """Traces that the schema must refuse."""
    for key in trace:
        yield without(trace, key)
    for half in ("request", "response", "meta"):
        for key in trace[half]:
            if key != "vni":
                yield without(trace, half, key)
        yield changed(trace, 1, half, "surprise")
    yield changed(trace, 1, "surprise")
    yield changed(trace, "200", "response", "status")
    yield changed(trace, None, "request", "body")
    yield changed(trace, ["unknown"], "meta", "flags")
    yield changed(trace, "2024-11-23T14:21:07Z", "meta", "timestamp")
    yield changed(trace, 1 << 24, "meta", "vni")
    yield changed(trace, None, "meta")


def main():
    program, docs = sys.argv[1:]
    with open(os.path.join(docs, "trace.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    with open(os.path.join(docs, "traces.md"), encoding="utf-8") as file:
        guide = file.read()
    lines = subprocess.run([program], check=True, stdout=subprocess.PIPE).stdout
    traces = [json.loads(line) for line in lines.decode("utf-8").splitlines()]
    validator = jsonschema.Draft202012Validator(schema)
    meta = schema["properties"]["meta"]["properties"]
    reasons = schema["$defs"]["omission"]["properties"]["omitted"]["enum"]
    flags = meta["flags"]["items"]["enum"]
    seen = {t["meta"][k]["omitted"] for t in traces for k in ("requestBody", "responseBody") if k in t["meta"]}

    checks = [
        ("the schema is one", lambda: jsonschema.Draft202012Validator.check_schema(schema) is None),
        ("every sample conforms", lambda: all(validator.is_valid(t) for t in traces) and len(traces) > 8),
        ("spoiled traces do not", lambda: not any(validator.is_valid(t) for t in spoiled(traces[0]))),
        ("the schema has all flags in order", lambda: any(t["meta"]["flags"] == flags for t in traces)),
        ("every reason for leaving a body out has a sample", lambda: seen == set(reasons)),
        (
            "the guide names every flag, reason and key",
            lambda: all("`%s`" % name in guide for name in flags + reasons + list(meta)),
        ),
        (
            "the guide's example conforms",
            lambda: validator.is_valid(json.loads(re.search(r"```json\n(\{\n.*?\n\})\n```", guide, re.S).group(1))),
        ),
    ]
    print("1..%d" % len(checks))
    for i, (name, check) in enumerate(checks, 1):
        print("%s %d - %s" % ("ok" if check() else "not ok", i, name))


main()
