"""What 'status' makes of sockets that are no collector's."""

import contextlib
import json
import os
import socket
import subprocess
import threading
import unittest

from programs import Case, run

NOBODY = 65534
EVIL = "\x1b[31mEVIL\x1b]0;x\x07\u202e"
NAMES = {"packets/received": 7, EVIL: 5, "is\x7fit": 1}


class Impostor:
    """Answers like a collector, from a folder and as a user that one chooses; all or 'n_answers' questions."""

    def __init__(self, folder, info, owner=None, user=None, n_answers=None):
        self.info = {"version": EVIL, "pid": 4242, "uptime_ms": 1, "n_lcores": 2, "n_ports": 1, **info}
        self.n_asked = 0
        self.n_answers = n_answers
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        os.makedirs(folder)
        self.socket.bind(folder + "/dpdk_telemetry.v2")
        if owner is not None:
            os.chown(folder, owner, owner)
        if user is not None:  # SO_PEERCRED tells who listens
            os.seteuid(user)
        self.socket.listen(5)
        if user is not None:
            os.seteuid(0)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            with peer, contextlib.suppress(BrokenPipeError):
                peer.send(b"{}")
                while question := peer.recv(1000).decode():
                    self.n_asked += 1
                    if self.n_answers is not None and self.n_asked > self.n_answers:
                        continue
                    peer.send(json.dumps({question: self.answer(question)}, ensure_ascii=False).encode())

    def answer(self, question):
        if question == "/metlo/info":
            return self.info
        return {"name": EVIL, "trouble": EVIL} if "port" in question else NAMES

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Status(Case):
    def ask(self, *words, **options):
        """'status', where an impostor has its folder."""
        folder = self.path("dpdk/metlo-%d" % options.pop("pid", 4242))
        impostor = Impostor(folder, options.pop("info", {}), **options)
        self.addCleanup(impostor.close)
        done = run("status", *words, env={**os.environ, "XDG_RUNTIME_DIR": self.folder})
        return impostor, done

    def assert_unknown(self, done):
        """It tells nothing of process 4242; collectors of someone else may be running."""
        self.assertNotIn(b"4242", done.stdout)
        if done.returncode != 0:
            self.assertEqual(len(done.stderr.splitlines()), 1)
        return done.stderr.decode()

    def test_no_text_of_a_collector_steers_the_terminal(self):
        _, done = self.ask()
        self.assertEqual(done.returncode, 0)
        text = done.stdout.decode()
        self.assertIn("?[31mEVIL?]0;x??", text)
        self.assertEqual({c for c in text if not c.isprintable()}, {"\n"})

    def test_no_text_of_a_collector_steers_the_terminal_as_json(self):
        _, done = self.ask("--json")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.isascii())
        self.assertNotIn(b"\x1b", done.stdout)
        found = [each for each in json.loads(done.stdout)["collectors"] if each["pid"] == 4242]
        self.assertEqual(found[0]["total"]["packets.received"], 14)

    def test_no_count_of_lcores_or_ports_keeps_it_busy(self):
        for name in "n_lcores", "n_ports":
            for number in 2**62, 128, -1:
                with self.subTest(name, number=number):
                    impostor, done = self.ask(info={name: number})
                    self.assert_unknown(done)
                    self.assertEqual(impostor.n_asked, 1)
                os.unlink(self.path("dpdk/metlo-4242/dpdk_telemetry.v2"))
                os.rmdir(self.path("dpdk/metlo-4242"))

    @unittest.skipIf(os.geteuid() != 0, "only root can be someone else")
    def test_a_folder_of_another_user_is_left_alone(self):
        impostor, done = self.ask(owner=NOBODY, pid=os.getpid())
        said = self.assert_unknown(done)
        self.assertEqual("of another user may run" in said, done.returncode != 0)
        self.assertEqual(impostor.n_asked, 0)

    @unittest.skipIf(os.geteuid() != 0, "only root can be someone else")
    def test_a_socket_of_another_user_is_left_alone(self):
        impostor, done = self.ask(user=NOBODY)
        self.assert_unknown(done)
        self.assertEqual(impostor.n_asked, 0)

    @unittest.skipIf(os.geteuid() != 0, "only root can be someone else")
    def test_what_a_dead_collector_of_another_user_left_is_no_collector(self):
        with subprocess.Popen(["true"]) as dead:
            dead.wait()
        if b"of another user" in run("status").stderr:
            self.skipTest("a collector of another user is running")
        _, done = self.ask(owner=NOBODY, pid=dead.pid)
        self.assertNotIn("of another user", self.assert_unknown(done))

    def assert_unanswered(self, done, pids):
        """Each is named in a line, with what to do, and the status is 1."""
        lines = [line for line in done.stderr.decode().splitlines() if "does not answer" in line]
        self.assertEqual(len(lines), len(pids))
        for pid, line in zip(pids, lines):
            self.assertIn("collector process %d does not answer; " % pid, line)
            self.assertIn("'kill -CONT %d'" % pid, line)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn(b"no collector", done.stderr)

    def listen(self, pid):
        """What a stopped collector is: its socket takes connections, and nobody accepts them."""
        folder = self.path("dpdk/metlo-%d" % pid)
        os.makedirs(folder)
        mute = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(mute.close)
        mute.bind(folder + "/dpdk_telemetry.v2")
        mute.listen(0)
        return mute

    def test_one_that_does_not_answer_is_named_and_others_are_shown(self):
        self.listen(77)
        _, done = self.ask()
        self.assertIn(b"process 4242,", done.stdout)
        self.assert_unanswered(done, [77])
        self.assertNotIn(b"77", done.stdout.split(b"process 4242")[1].splitlines()[0])

    def test_one_that_does_not_answer_is_listed_as_json(self):
        self.listen(77)
        _, done = self.ask("--json")
        found = json.loads(done.stdout)
        self.assertIn(4242, [each["pid"] for each in found["collectors"]])
        self.assertEqual(found["unanswered"], [77])
        self.assert_unanswered(done, [77])

    def test_all_that_answer_is_no_trouble(self):
        _, done = self.ask("--json")
        self.assertEqual(json.loads(done.stdout)["unanswered"], [])
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_one_that_stops_answering_is_named_however_often_it_was_asked_before(self):
        for n_answers in 0, 1, 3:
            with self.subTest(n_answers):
                _, done = self.ask(n_answers=n_answers)
                self.assert_unanswered(done, [4242])
            os.unlink(self.path("dpdk/metlo-4242/dpdk_telemetry.v2"))
            os.rmdir(self.path("dpdk/metlo-4242"))

    def test_one_that_nobody_can_connect_to_any_more_is_named(self):
        address = self.listen(77).getsockname()
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as waiting:
            waiting.connect(address)  # as many as may wait
            _, done = self.ask()
        self.assert_unanswered(done, [77])

    def test_what_a_dead_collector_left_is_no_collector_even_where_its_pid_runs_again(self):
        self.listen(os.getpid()).close()
        os.mkdir(self.path("dpdk/metlo-%d" % os.getppid()))  # and no socket in it
        _, done = self.ask("--json")
        self.assertEqual(json.loads(done.stdout)["unanswered"], [])
        self.assertEqual((done.returncode, done.stderr), (0, b""))


if __name__ == "__main__":
    unittest.main()
