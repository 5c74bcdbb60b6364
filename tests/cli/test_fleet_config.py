"""Files of deployments: check-config, the schema, the guide and the example say the same."""

import copy
import json
import os
import sys
import unittest

from programs import SOURCE, Case, run

try:
    import jsonschema
except ImportError:
    jsonschema = None

DOCS = os.path.join(SOURCE, "docs")
SMALL = {"id": "a", "region": "eu-west-1", "vpc": "vpc-1", "sources": ["vpc/vpc-1"]}
# Each is put into SMALL.
GOOD = [
    {},
    {"sources": []},
    {"sources": [{"source": "lb/front", "lb_mode": "enis"}, "asg/x", "eni/eni-1", "subnet/subnet-1"]},
    {"mode": "kernel", "health": {"protocol": "HTTP", "port": 80, "path": "/h", "interval_s": 5}},
    {"filter": {"server_ports": [80, 443], "dns": True}},
    {"filter": {"rules": [{"protocol": "icmp"}, {"protocol": 6, "source_ports": "1-9"}]}},
    {"session": {"vni": 7, "number": 3, "packet_length": 8500}},
    {"session": {"vni": "per-source"}, "tags": {"team": "x"}},
]
BAD = [
    {"id": "Upper"},
    {"id": "-x"},
    {"id": ""},
    {"id": "a" * 21},
    {"region": "eu west"},
    {"vpc": 1},
    {"sources": "vpc/vpc-1"},
    {"sources": ["vpc-1"]},
    {"sources": [{"lb_mode": "enis"}]},
    {"sources": [{"source": "lb/x", "lb_mode": "all"}]},
    {"mode": "fast"},
    {"health": {"port": 0}},
    {"health": {"protocol": "UDP"}},
    {"health": {"interval_s": 4}},
    {"filter": {"server_ports": [0]}},
    {"filter": {"rules": [{"direction": "both"}]}},
    {"filter": {"rules": [{"protocol": "http"}]}},
    {"filter": {"rules": [{"source_ports": "80"}]}},
    {"session": {"vni": 1 << 24}},
    {"session": {"number": 32767}},
    {"session": {"packet_length": 8501}},
    {"tags": {"aws:x": "1"}},
    {"tags": {"metlo:managed": "true"}},
    {"tags": {"x": ""}},
    {"tags": {"": "x"}},
    {"tags": {"x" * 129: "x"}},
    {"tags": {"x": "y" * 257}},
    {"tags": {str(i): "x" for i in range(47)}},
    {"session": {"description": "x" * 256}},
    {"filter": {"rules": [{"description": "x" * 256}]}},
    {"allow_starved": "no"},
    {"surprise": 1},
]
# What only the program knows, and the place that it names.
WRONG = [
    ({"source_cidrs": ["::/129"]}, "source_cidrs[0]"),
    ({"filter": {"rules": [{"source_cidr": "1.2.3.4/33"}]}}, "filter.rules[0].source_cidr"),
    ({"filter": {"rules": [{"destination_cidr": "1.2.3/8"}]}}, "filter.rules[0].destination_cidr"),
    ({"filter": {"rules": [{}, {"protocol": "icmp", "source_ports": 8}]}}, "filter.rules[1]"),
    ({"filter": {"rules": [{"source_cidr": "::/0", "destination_cidr": "0.0.0.0/0"}]}}, "filter.rules[0]"),
    ({"tags": {"a": "x\u202e"}}, "tags.a"),
    ({"session": {"description": "a\nb"}}, "session.description"),
    ({"existing": {"appliances": ["x"]}}, "existing.appliances[0]"),
]


def load(name):
    with open(os.path.join(DOCS, name), encoding="utf-8") as file:
        return json.load(file)


class FleetFiles(Case):
    def check(self, content):
        path = self.write("fleet.json", content)
        return run("check-config", "--fleet", path)

    def test_the_shipped_schema_is_that_of_the_program(self):
        with open(os.path.join(DOCS, "fleet.schema.json"), "rb") as file:
            self.assertEqual(run("check-config", "--schema", "fleet").stdout, file.read())

    def test_the_example_is_valid(self):
        path = os.path.join(DOCS, "fleet.example.json")
        done = run("check-config", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"is valid: 2 deployments", done.stdout)

    @unittest.skipIf(jsonschema is None, "needs python3-jsonschema")
    def test_schema_and_program_agree(self):
        validator = jsonschema.Draft202012Validator(load("fleet.schema.json"))
        self.assertTrue(validator.is_valid(load("fleet.example.json")))
        for changes, is_good in [(c, True) for c in GOOD] + [(c, False) for c in BAD]:
            content = {"deployments": [{**copy.deepcopy(SMALL), **changes}]}
            with self.subTest(changes):
                self.assertEqual(validator.is_valid(content), is_good)
                self.assertEqual(self.check(content).returncode == 0, is_good)
        for key in ("id", "region", "sources"):
            content = {"deployments": [{k: v for k, v in SMALL.items() if k != key}]}
            self.assertFalse(validator.is_valid(content))
            self.assertEqual(self.check(content).returncode, 1)

    def test_a_value_that_aws_would_refuse_is_an_error_with_its_place(self):
        for changes, place in WRONG:
            with self.subTest(place):
                done = self.check({"deployments": [{**SMALL, **changes}]})
                self.assertEqual(done.returncode, 1)
                self.assertIn(("$.deployments[0].%s: " % place).encode(), done.stderr)

    def test_the_guide_tells_every_key_as_it_is(self):
        with open(os.path.join(DOCS, "fleet.md"), encoding="utf-8") as file:
            guide = file.read()
        lines = list(table(load("fleet.schema.json")))
        self.assertGreater(len(lines), 40)
        for line in lines:
            self.assertIn(line + "\n", guide)

    def test_a_file_of_deployments_is_known_by_its_key(self):
        path = self.write("f.json", {"deployments": [{**SMALL, "vpcs": "x"}]})
        done = run("check-config", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"$.deployments[0].vpcs: there is no such key; is 'vpc' what is meant?", done.stderr)

    def test_wrong_command_lines(self):
        for args in (["--schema", "flet"], ["--fleet"], ["--schema", "fleet", "x"], ["--fleet", "a", "b"]):
            self.assertEqual(run("check-config", *args).returncode, 2, args)
        self.assertIn(b"did you mean 'fleet'?", run("check-config", "--schema", "flet").stderr)
        done = run("check-config", "--fleet", "/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot read '/nowhere'", done.stderr)


def values_of(field):
    if "anyOf" in field:
        return " or ".join(values_of(each) for each in field["anyOf"])
    if "enum" in field:
        return ", ".join("`%s`" % each for each in field["enum"])
    if field["type"] == "integer":
        return "%d to %d" % (field["minimum"], field["maximum"])
    if field["type"] == "string":
        return "a range" if field.get("pattern", "").startswith("^[0-9]") else "text"
    return {"array": "list", "boolean": "`true`, `false`", "object": "object"}[field["type"]]


def rows(node, prefix=""):
    """Each key: name, values, preset, meaning."""
    for key, field in node["properties"].items():
        if "properties" in field:
            yield from rows(field, prefix + key + ".")
            continue
        preset = "needed" if key in node.get("required", []) else ""
        if "default" in field:
            preset = "`%s`" % json.dumps(field["default"])
        yield prefix + key, values_of(field), preset, field["description"]
        items = field.get("items", {})
        for form in items.get("anyOf", [items]):
            if "properties" in form:
                yield from rows(form, prefix + key + "[].")


def table(schema):
    """The lines of the guide."""
    for row in rows(schema):
        yield "| `%s` | %s | %s | %s |" % row


if __name__ == "__main__":
    print("\n".join(table(json.load(sys.stdin))))
