"""The questions, asked by a real program at a real terminal."""

import os
import signal
import sys
import termios
import unittest

sys.path.insert(0, os.path.join(os.environ["METLO_SOURCE"], "tests", "support"))

from pty_session import PtySession  # pylint: disable=wrong-import-position

ASK = os.environ["ASK"]


class Prompts(unittest.TestCase):
    def ask(self, *arguments, columns=80, rows=24, **environment):
        variables = {"TERM": "xterm-256color", "PATH": os.environ["PATH"], **environment}
        session = PtySession([ASK, *arguments], variables, columns, rows)
        self.addCleanup(session.close)
        return session

    def ended(self, session, *output):
        """The program ended by itself, said this, and left the terminal as it was."""
        self.assertEqual(session.end(), 0, session.screen.history())
        self.assertEqual(session.output.decode().split("\n")[:-1], list(output))
        self.assertEqual(session.changes(), [])

    def test_an_arrow_and_enter_choose_one(self):
        session = self.ask("one")
        session.until("type to filter")
        session.press("down")
        session.until("> shop-web-2")
        session.press("enter")
        self.ended(session, "chosen 1", "done")
        self.assertEqual(session.screen.text(), "thing: shop-web-2")

    def test_typing_narrows_the_list(self):
        session = self.ask("several", "300")
        session.until("300 of 300, 0 chosen")
        session.type("item-2")
        session.until("100 of 300")
        session.type("9")
        session.until("10 of 300")
        session.press("space", "end", "space")
        session.until("2 chosen")
        session.press("ctrl-u")
        session.until("300 of 300, 2 chosen")
        session.press("enter")
        self.ended(session, "chosen 290", "chosen 299", "done")

    def test_tags_match_too(self):
        session = self.ask("several")
        session.until("which things?")
        session.type("env=prod")
        session.until("2 of 5")
        session.press("ctrl-a", "enter")
        self.ended(session, "chosen 0", "done")

    def test_what_cannot_be_chosen_says_why(self):
        for kind in ("one", "several"):
            session = self.ask(kind)
            session.until("> ")
            session.type("old")
            session.until("1 of 5")
            session.press("enter")
            session.until("AWS cannot mirror t2.micro; move it to t3.micro")
            session.press("escape")
            session.until("5 of 5")
            session.press("home", "enter")
            self.ended(session, "chosen 0", "done")

    def test_windows_of_all_sizes(self):
        for columns, rows in ((20, 5), (40, 8), (40, 24), (200, 12), (200, 60)):
            session = self.ask("several", "200", columns=columns, rows=rows)
            session.until("> [ ] shop")
            session.press("page down", "page down", "end")
            session.until("> [ ] item-199")
            for line in session.screen.lines():
                self.assertLessEqual(len(line), columns)
            self.assertEqual(session.screen.scrolled, [])
            session.press("home", "enter")
            self.ended(session, "chosen 0", "done")

    def test_a_window_that_changes_its_size(self):
        session = self.ask("several", "200", columns=120, rows=30)
        session.until("env=prod team=shop")
        for columns, rows in ((40, 30), (40, 8), (200, 8), (80, 24), (20, 5), (200, 50)):
            session.resize(columns, rows)
            session.press("end", "home")
            session.until("> [ ] shop")
            session.until("which things?")
            text = session.screen.text()
            self.assertEqual(text.count("which things?"), 1, text)
        session.until("env=prod team=shop")
        session.press("enter")
        self.ended(session, "chosen 0", "done")

    def test_foreign_text_does_not_steer_the_terminal(self):
        for columns in (40, 200):
            session = self.ask("several", columns=columns)
            session.until("evil?[2J?]0;ow")  # the screen refuses anything that we did not mean
            session.press("end", "enter")
            self.ended(session, "chosen 4", "done")
            self.assertNotIn("\x1b]", session.raw)
            self.assertNotIn("\x9b", session.raw)
            self.assertNotIn("\u202e", session.raw)

    def test_wide_characters_are_cut_by_columns(self):
        session = self.ask("several", columns=20)
        session.until("\u65e5\u672c")
        session.press("ctrl-c")
        self.ended(session, "interrupted")

    def test_colour(self):
        session = self.ask("one")
        session.until("type to filter")
        session.press("enter")
        self.ended(session, "chosen 0", "done")
        self.assertGreater(session.screen.colours, 0)

    def test_no_colour(self):
        session = self.ask("one", NO_COLOR="1")
        session.until("type to filter")
        session.press("enter")
        self.ended(session, "chosen 0", "done")
        self.assertEqual(session.screen.colours, 0)

    def test_escape_goes_back(self):
        for kind in ("one", "several", "text", "yes-no"):
            session = self.ask(kind)
            session.until("?")
            session.press("escape")
            self.ended(session, "back")

    def test_ctrl_c_and_signals_interrupt(self):
        for kind in ("one", "several", "text", "yes-no"):
            for term in ("xterm", "dumb"):
                session = self.ask(kind, TERM=term)
                session.until("?")
                session.press("ctrl-c")
                self.ended(session, "interrupted")
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
                session = self.ask(kind)
                session.until("?")
                session.signal(number)
                self.ended(session, "interrupted")

    def test_the_end_of_input(self):
        for kind in ("one", "text"):
            for term in ("xterm", "dumb"):
                session = self.ask(kind, TERM=term)
                session.until("?")
                session.press("ctrl-d")
                self.ended(session, "ended")

    def test_a_stop_gives_the_terminal_back_and_goes_on(self):
        session = self.ask("one")
        session.until("type to filter")
        session.press("ctrl-z", "down")
        # Nobody is there to wake it up again, so it goes on at once; what counts is that it asks again.
        session.until("> shop-web-2")
        session.press("enter")
        self.ended(session, "chosen 1", "done")
        self.assertEqual(session.raw.count("\x1b[?2004h"), 2)

    def test_a_stop_that_nothing_can_catch(self):
        session = self.ask("one")
        session.until("type to filter")
        session.signal(signal.SIGSTOP)
        os.waitpid(session.pid, os.WUNTRACED)
        now = termios.tcgetattr(session.master)  # as a shell would set it
        now[3] |= termios.ICANON | termios.ECHO
        termios.tcsetattr(session.master, termios.TCSANOW, now)
        session.signal(signal.SIGCONT)
        while termios.tcgetattr(session.master)[3] & termios.ICANON:
            session.read_some()
        session.press("down")
        session.until("> shop-web-2")
        session.press("enter")
        self.ended(session, "chosen 1", "done")

    def test_text_with_a_preset(self):
        session = self.ask("text")
        session.until("how many? [2]")
        session.until("between two and ten")
        session.press("enter")
        self.ended(session, "text 2", "done")
        self.assertEqual(session.screen.text(), "number: 2")

    def test_text_that_is_not_accepted(self):
        session = self.ask("text", columns=40)
        session.until("how many?")
        session.type("7x")
        session.press("enter")
        session.until("only digits, please")
        session.press("backspace", "left")
        session.type("1")
        session.until("> 17")
        session.press("enter")
        self.ended(session, "text 17", "done")

    def test_pasted_text(self):
        session = self.ask("text")
        session.until("how many?")
        session.type("\x1b[200~42\r\n\x1b[201~")
        session.until("> 42")
        session.press("enter")
        self.ended(session, "text 42", "done")

    def test_yes_and_no(self):
        for answer, output in (("y", "yes"), ("YES", "yes"), ("n", "no"), ("", "no")):
            session = self.ask("yes-no")
            session.until("really? [no]")
            session.type(answer)
            session.press("enter")
            self.ended(session, output, "done")

    def test_a_terminal_that_cannot_draw(self):
        session = self.ask("several", TERM="dumb", columns=200)
        session.until("numbers such as")
        session.until("1) shop-web-1 i-0a1 m5.large env=prod team=shop")
        session.until("3- old")
        session.type("3\n")
        session.until("\nAWS cannot mirror")
        session.type("9\n")
        session.until("give numbers of the list")
        session.type("/web\n")
        session.until("2) shop-web-2")
        session.type("1-2,4\n")
        self.ended(session, "chosen 0", "chosen 1", "chosen 3", "done")
        self.assertNotIn("\x1b", session.raw)

    def test_lines_at_a_terminal_that_cannot_draw(self):
        session = self.ask("text", TERM="dumb")
        session.until("how many? [2]:")
        session.type("x\n")
        session.until("only digits, please")
        session.type("<\n")
        self.ended(session, "back")
        self.assertNotIn("\x1b", session.raw)


if __name__ == "__main__":
    unittest.main()
