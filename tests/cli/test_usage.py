"""The command line itself: help, versions, mistyped words."""

import os
import re

from programs import APPLIANCE, COLLECTOR, SOURCE, Case, run

COMMANDS = ["run", "status", "check-config", "help"]


class Usage(Case):
    def test_help_lists_every_command(self):
        for word in "help", "--help", "-h":
            done = run(word)
            self.assertEqual(done.returncode, 0)
            for command in COMMANDS:
                self.assertRegex(done.stdout.decode(), r"(?m)^  %s " % command)

    def test_the_script_of_the_tree_leaves_with_2_where_it_is_misused(self):
        for words in ["foo"], ["build", "foo"], ["build", "debug", "foo"], ["fuzz", "foo"]:
            done = run(*words, program=os.path.join(SOURCE, "dev"))
            self.assert_refused(done, 2, "dev: ", "foo")

    def test_every_command_has_a_help_of_its_own(self):
        for command in COMMANDS[:-1]:
            done = run(command, "--help")
            self.assertEqual(done.returncode, 0)
            self.assertIn("usage: metlo-appliance " + command, done.stdout.decode())
            self.assertEqual(done.stdout, run("help", command).stdout)
            self.assertEqual(done.stderr, b"")

    def test_both_programs_tell_the_same_version(self):
        versions = [run("--version", program=each).stdout.split()[1] for each in (APPLIANCE, COLLECTOR)]
        self.assertEqual(versions[0], versions[1])
        self.assertRegex(versions[0].decode(), r"^\d+\.\d+\.\d+$")

    def test_both_programs_take_the_same_options(self):
        ours, theirs = (
            re.findall(r"(?m)^  --.*", run(*args, program=program).stdout.decode())
            for program, args in ((APPLIANCE, ["run", "--help"]), (COLLECTOR, ["--help"]))
        )
        self.assertGreater(len(ours), 10)
        self.assertEqual(ours, theirs)

    def test_a_mistyped_command_gets_a_near_miss(self):
        self.assert_refused(run("stauts"), 2, "unknown command 'stauts'", "did you mean 'status'?")

    def test_a_strange_command_gets_none(self):
        line = self.assert_refused(run("frobnicate"), 2, "unknown command 'frobnicate'")
        self.assertNotIn("did you mean", line)

    def test_no_command_is_refused(self):
        self.assert_refused(run(), 2, "a command is needed")

    def test_a_mistyped_option_gets_a_near_miss(self):
        self.assert_refused(run("run", "--pacp", "x"), 2, "'--pacp'", "did you mean '--pcap'?")
        self.assert_refused(run("run", "--trace=x"), 2, "'--trace'", "did you mean '--traces'?")
        self.assert_refused(run("status", "--jsno"), 2, "did you mean '--json'?")
        self.assert_refused(run("check-config", "--shema"), 2, "did you mean '--schema'?")

    def test_an_option_without_its_argument_is_refused(self):
        self.assert_refused(run("run", "--pcap"), 2, "'--pcap' needs FILE")

    def test_an_argument_where_none_belongs_is_refused(self):
        self.assert_refused(run("run", "--quiet=yes"), 2, "'--quiet' takes no argument")
        self.assert_refused(run("run", "x.pcap"), 2, "unexpected argument 'x.pcap'")
        self.assert_refused(run("check-config"), 2, "needs one FILE")

    def test_a_value_out_of_bounds_is_refused(self):
        for args, expected in (
            (["--lcores", "0"], "--lcores: expected an integer from 1 to 127, found 0"),
            (["--lcores", "two"], 'found "two"'),
            (["--lcores", "99999999999999999999"], "found"),
            (["--lcores", "-1"], 'found "-1"'),
            (["--encap", "vxlna"], 'did you mean "vxlan"?'),
            (["--vxlan-port", "70000"], "from 1 to 65535, found 70000"),
            (["--body-keep", "1e3"], "--body-keep: expected an integer"),
            (["--traces", ""], "--traces: expected a string"),
            (["--port", "eth0"], '--port: expected pci:ADDRESS, af_packet:INTERFACE, '),
            (["--pcap", "x"], "--pcap: 'x' is given twice"),
            (["--traces", "a", "--traces", "b"], "--traces is given twice"),
            (["--lcores=1", "--lcores", "1"], "--lcores is given twice"),
            (["--config", "a", "--config", "b"], "--config is given twice"),
            (["--port", "pcap:"], 'found "pcap:"'),
            (["--environment", b"caf\xe9"], "--environment: 'caf?' is not UTF-8"),
        ):
            with self.subTest(args=args):
                self.assert_refused(run("run", "--pcap", "x", *args), 2, expected)

    def test_a_run_of_nothing_is_refused(self):
        self.assert_refused(run("run"), 2, "nothing to read")

    def test_text_from_outside_cannot_steer_the_terminal(self):
        line = self.assert_refused(run("run\x1b[2J\u202e"), 2, "unknown command 'run?[2J?'")
        self.assertTrue(line.isprintable())

    def test_the_manual_pages_name_every_option_and_command(self):
        pages = {"metlo-appliance.1.scd": COMMANDS[:-1], "metlo-applianced.8.scd": []}
        for page, commands in pages.items():
            with open("%s/docs/%s" % (SOURCE, page), encoding="utf-8") as text:
                manual = text.read()
            helps = [run(command, "--help").stdout.decode() for command in commands]
            helps.append(run("--help", program=COLLECTOR).stdout.decode())
            for option in set(re.findall(r"(?m)^  (--[a-z-]+)", "".join(helps))):
                self.assertIn("*%s" % option, manual, page)
            for command in commands:
                self.assertIn("*%s*" % command, manual, page)
