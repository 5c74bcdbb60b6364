"""./dev, in a tree of its own with stand-ins for what would install and build."""

import fcntl
import json
import os
import pty
import shutil
import subprocess
import termios
import unittest

from programs import APPLIANCE, CAPTURE, SOURCE, TIMEOUT_S, Case, read_lines

PASSWORD = "open sesame"
SUDO = """#!/bin/sh
echo "sudo $*" >>log
if [ "$1" = -n ]; then
	echo "sudo: a password is required" >&2
	exit 1
fi
if [ ! -e known ]; then
	printf 'password: ' >/dev/tty
	read -r word </dev/tty
	[ "$word" = "%s" ] || exit 1
	: >known
fi
exec "$@"
""" % PASSWORD


class Dev(Case):
    def setUp(self):
        super().setUp()
        for folder in "bin", "build", "tests/data":
            os.makedirs(self.path(folder))
        shutil.copy(os.path.join(SOURCE, "dev"), self.path("dev"))
        os.symlink(CAPTURE, self.path("tests/data/mirror.pcap"))
        os.symlink(APPLIANCE, self.path("build/metlo-appliance"))
        self.write("build/build.ninja", "")
        self.stand_in("ninja", "#!/bin/sh\n")
        self.stand_in("id", "#!/bin/sh\necho 1000\n")
        self.stand_in("sudo", SUDO)
        self.stand_in("apt-get", '#!/bin/sh\necho "apt-get $*" >>log\n')
        self.has_packages(True)

    def stand_in(self, name, script):
        os.chmod(self.write("bin/" + name, script), 0o755)

    def has_packages(self, is_installed):
        self.stand_in("dpkg-query", "#!/bin/sh\n" + ("printf installed\n" if is_installed else ""))

    def dev(self, *args, **options):
        """Runs it in a session of its own, which has no terminal."""
        return subprocess.run(
            [self.path("dev"), *args],
            env={**os.environ, "PATH": self.path("bin") + ":" + os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            timeout=TIMEOUT_S,
            check=False,
            **options,
        )

    def dev_at_terminal(self, typed, *args):
        try:
            terminal, end = pty.openpty()
        except OSError as error:
            self.skipTest("no pseudo-terminal: %s" % error)
        try:
            os.write(terminal, typed.encode() + b"\n")
            return self.dev(*args, preexec_fn=lambda: fcntl.ioctl(end, termios.TIOCSCTTY, 0), pass_fds=[end])
        finally:
            os.close(end)
            os.close(terminal)

    def log(self):
        return [line.decode() for line in read_lines(self.path("log"))]

    def test_without_a_terminal_it_says_in_one_line_what_to_install(self):
        self.has_packages(False)
        done = self.dev("build")
        line = self.assert_refused(done, 1, "a password is required", "run this at a terminal", "libdpdk-dev")
        self.assertIn("or install it as root: apt-get install --no-install-recommends gcc ", line)
        self.assertEqual(self.log(), ["sudo -n true"])

    def test_at_a_terminal_sudo_may_ask(self):
        self.has_packages(False)
        done = self.dev_at_terminal(PASSWORD, "build")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"installing gcc ", done.stderr)
        asked = [line for line in self.log() if line.startswith("apt-get")]
        self.assertEqual(len(asked), 2)
        self.assertRegex(asked[1], "install --no-install-recommends gcc .*libdpdk-dev")

    def test_a_wrong_password_is_a_refusal(self):
        self.has_packages(False)
        done = self.dev_at_terminal("wrong", "build")
        self.assert_refused(done, 1, "sudo refused; run this as root, or install it as root: apt-get")
        self.assertEqual(self.log(), ["sudo true"])

    def told(self, done):
        """The last lines of standard error, by what they tell of."""
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stderr.decode().splitlines()[-2:]
        return {line.split(":")[0]: line.split(":", 1)[1].strip() for line in lines}

    def test_a_run_tells_where_it_wrote(self):
        traces, stats = self.path("build/run/traces.jsonl"), self.path("build/run/stats.json")
        done = self.dev("run")
        n = len(read_lines(traces))
        self.assertGreater(n, 100)
        self.assertEqual(
            self.told(done), {"traces": "%s (%d lines of JSON)" % (traces, n), "counters": stats}
        )

    def test_a_run_with_files_of_its_own_leaves_the_others_alone(self):
        traces, stats = self.path("other traces.jsonl"), self.path("other.json")
        done = self.dev("run", "--stats=other.json", "--traces", traces)
        n = len(read_lines(traces))
        self.assertGreater(n, 100)
        self.assertEqual(
            self.told(done), {"traces": "%s (%d lines of JSON)" % (traces, n), "counters": stats}
        )
        self.assertTrue(os.path.exists(stats))
        self.assertEqual(os.listdir(self.path("build/run")), [])

    def test_standard_output_has_what_was_sent_there_and_nothing_else(self):
        done = self.dev("run", "--traces", "-")
        self.assertGreater(len([json.loads(line) for line in done.stdout.splitlines()]), 100)
        self.assertEqual(self.told(done)["traces"], "standard output")
        done = self.dev("run", "--stats=-")
        self.assertIn("packets.received", json.loads(done.stdout))
        self.assertEqual(self.told(done)["counters"], "standard output")

    def test_help_of_a_run_writes_no_files_and_tells_of_none(self):
        done = self.dev("run", "--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"--traces FILE", done.stdout)
        self.assertNotIn(b"traces:", done.stderr)


if __name__ == "__main__":
    unittest.main()
