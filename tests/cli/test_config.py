"""Configuration files, read by the real programs."""

import json
import os

from programs import CAPTURE, SOURCE, Case, run


class Config(Case):
    def check(self, config):
        return run("check-config", self.write("config.json", config))

    def test_a_full_configuration_is_valid(self):
        with open(SOURCE + "/docs/config.example.json", encoding="utf-8") as example:
            done = self.check(example.read())
        self.assertEqual(done.stderr, b"")
        self.assertEqual(done.returncode, 0)

    def test_errors_name_the_path_and_what_was_expected(self):
        port = {"name": "pcap:x"}
        for config, expected in (
            ({"ports": [{**port, "queues": 0}]}, "$.ports[0].queues: expected an integer from 1 to 64, found 0"),
            ({"ports": [{**port, "queues": "2"}]}, '$.ports[0].queues: expected an integer from 1 to 64, found "2"'),
            ({"ports": [{**port, "queues": 1.0}]}, "$.ports[0].queues: expected an integer"),
            ({"ports": [port, {"nam": "pcap:x"}]}, '$.ports[1]: unknown key "nam"; did you mean "name"?'),
            ({"ports": [{"queues": 1}]}, '$.ports[0]: the key "name" is missing'),
            ({"ports": port}, "$.ports: expected an array of 0 to 32 objects, found an object"),
            ({"ports": [port] * 33}, "$.ports: expected an array of 0 to 32 objects, found an array of 33"),
            ({"ports": [{"name": "eth0"}]}, "$.ports[0].name: expected pci:ADDRESS"),
            ({"ports": [port, port]}, '$.ports[1].name: "pcap:x" is listed already, as $.ports[0]'),
            ({"port": []}, '$: unknown key "port"; did you mean "ports"?'),
            ({"ports": [port], "http": {"bodykeep": 1}}, '$.http: unknown key "bodykeep"; did you mean "body_keep"?'),
            ({"ports": [port], "quiet": 1}, "$.quiet: expected true or false, found 1"),
            ({"ports": [port], "tenancy": {"mode": "isolated"}}, 'did you mean "isolate"?'),
            ({"ports": [port], "tenancy": {"groups": [[1]]}}, '$.tenancy.groups: only with "mode": "isolate"'),
            (
                {"ports": [port], "tenancy": {"mode": "isolate", "groups": [[1, 2], [2]]}},
                "$.tenancy.groups: the VNI 2 is listed twice",
            ),
            ({"ports": [port], "cpus": [0], "lcores": 2}, "$.cpus: expected as many entries as lcores (2), found 1"),
            ({"ports": [port], "vxlan_ports": []}, "$.vxlan_ports: expected an array of 1 to 16"),
            ({"ports": [port], "vxlan_ports": [4789, 0]}, "$.vxlan_ports[1]: expected an integer from 1 to 65535"),
            ([], "$: expected an object, found an array of 0"),
            ("{", "line 1, column 1"),
            ("", "line 1"),
            ('{"lcores":1,"lcores":2}', "line 1, column 20: duplicate object key near '\"lcores\"'"),
            (b'{"environment": "\xff"}', "unable to decode"),
            (b'{"environment": "a\\u0000"}', "line 1, column 25: \\u0000 is not allowed"),
            (b'{"a\\u0000": 1}', "\\u0000 is not allowed"),
            (b'{"environment": "a\0"}', "the file has a byte 0"),
            (b'{"lcores": 1}\0', "the file has a byte 0"),
            ('{"lcores": 1}'.encode("utf-16"), "the file has a byte 0"),
        ):
            with self.subTest(config=config):
                line = self.assert_refused(self.check(config), 1, expected)
                self.assertNotIn("JSON_", line)
                self.assertIn("config.json", line)

    def test_a_configuration_without_ports_leaves_them_to_the_options(self):
        path = self.write("config.json", {})
        done = run("check-config", path)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"is valid; no ports: give --port or --pcap", done.stdout)
        self.assertEqual(run("run", "--config", path, "--pcap", CAPTURE, "--quiet").returncode, 0)
        self.assert_refused(run("run", "--config", path), 2, "nothing to read")

    def test_a_configuration_that_cannot_be_read_is_refused(self):
        self.assert_refused(run("check-config", "/nowhere/x.json"), 1, "'/nowhere/x.json'", "No such file")
        self.assert_refused(run("check-config", self.folder), 1, "Is a directory")
        self.assert_refused(self.check(" " * (1 << 20) + "{}"), 1, "larger than 1 MiB")

    def test_outputs_that_would_destroy_one_another_are_refused(self):
        a, b = self.path("a"), self.path("b")
        capture = self.write("x.pcap", b"kept")
        os.symlink(capture, self.path("link"))
        config = self.path("config.json")
        for traces, stats, words in (
            (a, a, "choose two files"),
            (a, self.folder + "/./a", "choose two files"),
            ("-", "-", "choose two files"),
            (capture, b, "is the capture to be read"),
            (a, self.path("link"), "is the capture to be read"),
            (config, b, "is the configuration"),
            (a, config, "is the configuration"),
        ):
            with self.subTest(traces=traces, stats=stats):
                done = self.check(
                    {
                        "ports": [{"name": "pcap:" + capture}],
                        "traces": {"file": traces},
                        "stats": {"file": stats},
                    }
                )
                self.assertIn("config.json", self.assert_refused(done, 1, words))
        for traces, stats in ((a, b), ("/dev/null", "/dev/null"), ("/nowhere/a", "/nowhere/b")):
            done = self.check({"traces": {"file": traces}, "stats": {"file": stats}})
            self.assertEqual(done.stderr, b"")

    def test_run_refuses_what_check_config_refuses(self):
        port = {"name": "pcap:x", "queues": 2}
        for settings, path in (
            ({"lcores": 0}, "$.lcores"),
            ({"cpus": [0], "lcores": 2, "ports": [{"name": "pcap:x"}]}, "$.cpus"),
            ({"ports": [port]}, "$.ports[0].queues"),
        ):
            config = self.write("config.json", settings)
            checked = self.assert_refused(run("check-config", config), 1, "config '%s': %s: " % (config, path))
            self.assertEqual(checked, self.assert_refused(run("run", "--config", config), 1))

    def test_options_come_before_the_file(self):
        config = self.write(
            "config.json",
            {"ports": [{"name": "pcap:/nowhere"}], "lcores": 2, "stats": {"file": self.path("a.json")}},
        )
        args = ["--lcores", "1", "--pcap", CAPTURE, "--stats", self.path("b.json"), "--quiet"]
        done = run("run", *args, "--config", config)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        with open(self.path("b.json"), encoding="utf-8") as stats:
            self.assertEqual(len(json.load(stats)["lcores"]), 1)

    def test_the_shipped_schema_is_that_of_the_program(self):
        with open(SOURCE + "/docs/config.schema.json", "rb") as schema:
            self.assertEqual(run("check-config", "--schema").stdout, schema.read())

    def test_the_schema_has_no_room_for_unknown_keys(self):
        schema = json.loads(run("check-config", "--schema").stdout)

        def objects(node):
            if node.get("type") == "object":
                yield node
                for field in node["properties"].values():
                    yield from objects(field)
            if node.get("type") == "array":
                yield from objects(node["items"])

        found = list(objects(schema))
        self.assertGreater(len(found), 5)
        for each in found:
            self.assertIs(each["additionalProperties"], False)
            for key, field in each["properties"].items():
                self.assertTrue(field["description"], key)
                if "default" in field and field.get("type") == "integer":
                    self.assertTrue(field["minimum"] <= field["default"] <= field["maximum"], key)

    def test_the_guide_and_the_manual_tell_every_key_as_it_is(self):
        schema = json.loads(run("check-config", "--schema").stdout)
        with open(SOURCE + "/docs/config.md", encoding="utf-8") as guide:
            guide = guide.read()
        with open(SOURCE + "/docs/metlo-appliance.5.scd", encoding="utf-8") as manual:
            manual = manual.read()
        keys = list(described_keys(schema))
        self.assertGreater(len(keys), 30)
        for key, values, preset, meaning in keys:
            self.assertIn("| `%s` | %s | %s | %s |" % (key, values, preset, meaning), guide)
            self.assertIn("*%s*" % key.replace("_", "\\_"), manual)

    def test_the_guide_to_traces_tells_the_limits_as_they_are(self):
        schema = json.loads(run("check-config", "--schema").stdout)
        presets = {key: preset for key, _, preset, _ in described_keys(schema)}
        with open(SOURCE + "/docs/traces.md", encoding="utf-8") as guide:
            guide = guide.read()
        for key, unit, text in (
            ("decode.output_max", 1024, "%d KiB of output (`decode.output_max`)"),
            ("decode.ratio_max", 1, "%d bytes of output for a byte of input (`decode.ratio_max`)"),
            ("decode.time_ms", 1, "after %d ms (`decode.time_ms`)"),
            ("http.body_keep", 1024, "%d KiB by default (`http.body_keep`)"),
        ):
            self.assertIn(text % (int(presets[key].strip("`")) // unit), guide)


def values_of(field):
    if "enum" in field:
        return ", ".join("`%s`" % each for each in field["enum"])
    if field["type"] == "integer":
        return "%d to %d" % (field["minimum"], field["maximum"])
    if field["type"] == "string":
        return "string, %d to %d bytes" % (field["minLength"], field["maxLength"])
    if field["type"] == "array":
        return "list, %d to %d" % (field["minItems"], field["maxItems"])
    return "`true`, `false`"


def described_keys(node, prefix=""):
    """Each key of the schema as the guide's table has it: name, values, preset, meaning."""
    for key, field in node["properties"].items():
        if field.get("type") == "object":
            yield from described_keys(field, prefix + key + ".")
            continue
        preset = "needed" if key in node.get("required", []) else ""
        if "default" in field:
            preset = "`%s`" % json.dumps(field["default"])
        yield prefix + key, values_of(field), preset, field["description"]
        if field.get("type") == "array" and field["items"].get("type") == "object":
            yield from described_keys(field["items"], prefix + key + "[].")
