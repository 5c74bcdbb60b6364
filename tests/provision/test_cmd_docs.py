"""The guides and the manual page name every option and every key of the AWS commands."""

import json
import os
import re
import shutil
import subprocess
import unittest

from commands import APPLIANCE, CommandTest

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")
LOCAL = {"run", "status", "check-config", "help"}


def read(name):
    with open(os.path.join(DOCS, name), encoding="utf-8") as file:
        return file.read()


def keys_of(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    if isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


class Docs(CommandTest):
    def commands(self):
        """Every AWS command, as one types it."""
        for name in re.findall(r"(?m)^  ([a-z-]+) ", self.succeeds("help")):
            if name in LOCAL:
                continue
            parts = re.findall(r"(?m)^  ([a-z]+) ", self.succeeds(name, "--help"))
            yield from ([name, part] for part in parts) if parts else [[name]]

    def test_the_manual_page_names_every_command_and_option(self):
        manual, overview = read("metlo-appliance-aws.1.scd"), read("aws.md")
        seen = 0
        for words in self.commands():
            self.assertIn("*%s*" % " ".join(words), manual)
            self.assertIn("`" + words[0], overview)
            for option in re.findall(
                r"(?m)^  (?:-[a-z], )?(--[a-z-]+)", self.succeeds(*words, "--help")
            ):
                self.assertIn("*%s*" % option, manual, words)
                seen += 1
        self.assertGreater(seen, 50)

    def test_the_guide_names_every_key_of_a_plan(self):
        guide, path = read("aws.md"), self.fleet(
            self.deployment(sources=["tag/tier=api", "eni/eni-1"])
        )
        for key in set(keys_of(json.loads(self.succeeds("plan", "-f", path, "--output", "json")))):
            self.assertIn("`%s`" % key, guide.replace('{"', "`").replace('":', "`"))

    def test_the_guide_names_every_key_and_check_of_doctor(self):
        guide, path = read("aws.md"), self.fleet()
        self.succeeds("apply", "-f", path, "--yes")
        report = json.loads(self.run_command("doctor", "-f", path, "--output", "json").stdout)
        findings = report["deployments"][0]["findings"]
        for finding in findings:
            self.assertIn("| `%s` | %s |\n" % (finding["check"], finding["about"]), guide)
        for key in set(keys_of(report)):
            self.assertIn("`%s`" % key, guide.replace('{"', "`").replace('":', "`"))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "needs systemd")
    def test_the_example_of_a_timer_is_understood(self):
        names = ["metlo-appliance-refresh.service", "metlo-appliance-refresh.timer"]
        paths = []
        for name in names:
            text = read(os.path.join("systemd", name))
            paths.append(
                self.write(name, text.replace("/usr/local/bin/metlo-appliance", APPLIANCE))
            )
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *paths],
            capture_output=True,
            text=True,
            check=False,
        )
        said = [line for line in done.stderr.splitlines() if "metlo-appliance" in line]
        self.assertEqual(said, [])
        command = re.search(r"ExecStart=\S+ (.*)", read(os.path.join("systemd", names[0]))).group(1)
        self.assertEqual(command, "refresh -f /etc/metlo/fleet.json")
        self.succeeds("apply", "-f", self.fleet(), "--yes")
        self.succeeds("refresh", "-f", self.fleet())

    def test_links_lead_somewhere(self):
        guides = [n for n in os.listdir(DOCS) if n.endswith(".md")] + ["../README.md"]
        for name in guides:
            for link in re.findall(r"\]\(([^)#]+)[^)]*\)", read(name)):
                if "://" not in link:
                    path = os.path.join(DOCS, os.path.dirname(name), link)
                    self.assertTrue(os.path.exists(path), "%s: %s" % (name, link))
