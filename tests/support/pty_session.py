"""A program at a terminal of its own, and the hands of the person in front of it."""

import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

from screen import Screen

TIMEOUT_S = 120

KEYS = {
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "page up": "\x1b[5~",
    "page down": "\x1b[6~",
    "delete": "\x1b[3~",
    "enter": "\r",
    "escape": "\x1b",
    "backspace": "\x7f",
    "tab": "\t",
    "space": " ",
    "ctrl-a": "\x01",
    "ctrl-c": "\x03",
    "ctrl-d": "\x04",
    "ctrl-u": "\x15",
    "ctrl-z": "\x1a",
}


class PtySession:
    """Standard input and error are the terminal; standard output is a pipe, so that both can be told
    apart, unless `merged`."""

    def __init__(self, arguments, environment, columns=80, rows=24, merged=False):
        self.screen = Screen(columns, rows)
        self.raw = ""
        self.output = b""
        self.status = None
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        reader, writer = os.pipe()
        go_reader, go_writer = os.pipe()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            self.start(arguments, environment, None if merged else writer, go_reader)
        os.close(writer)
        os.close(go_reader)
        self.stdout = reader
        self.watched = [self.master, reader]
        self.resize(columns, rows)
        self.at_start = termios.tcgetattr(self.master)
        os.write(go_writer, b"x")  # the window has its size now
        os.close(go_writer)

    @staticmethod
    def start(arguments, environment, writer, go_reader):
        try:
            os.read(go_reader, 1)
            if writer is not None:
                os.dup2(writer, 1)
            os.execve(arguments[0], arguments, environment)
        finally:
            os._exit(127)

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(columns, rows)

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)
        os.close(self.stdout)

    def read(self, deadline):
        """Takes what there is to see; False when the program has closed the terminal."""
        left = deadline - time.monotonic()
        ready = select.select(self.watched, [], [], left)[0] if left > 0 else []
        if not ready:
            raise AssertionError("waited in vain; the screen is:\n" + self.screen.text())
        if self.stdout in ready:
            said = os.read(self.stdout, 65536)
            self.output += said
            if not said:  # it has closed it
                self.watched.remove(self.stdout)
        if self.master in ready:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            text = self.decoder.decode(data)
            self.raw += text
            self.screen.feed(text)
            return data != b""
        return True

    def read_some(self):
        """Waits for anything that the program says."""
        return self.read(time.monotonic() + TIMEOUT_S)

    def until(self, text):
        """Waits until the text is on the screen."""
        deadline = time.monotonic() + TIMEOUT_S
        while text not in self.screen.text():
            if not self.read(deadline):
                raise AssertionError(
                    "%r never came; the program ended with:\n%s" % (text, self.screen.history())
                )

    def until_gone(self, text):
        deadline = time.monotonic() + TIMEOUT_S
        while text in self.screen.text():
            self.read(deadline)

    def until_kept(self, text):
        """The same as until(), or it has scrolled away meanwhile."""
        deadline = time.monotonic() + TIMEOUT_S
        while text not in self.screen.history():
            if not self.read(deadline):
                raise AssertionError("%r never came:\n%s" % (text, self.screen.history()))

    def press(self, *keys):
        for key in keys:
            os.write(self.master, KEYS[key].encode())

    def type(self, text):
        os.write(self.master, text.encode())

    def signal(self, number):
        os.kill(self.pid, number)

    def changes(self):
        """What of the terminal is not as it was: settings, the cursor, wrapping, pasting."""
        now = termios.tcgetattr(self.master)
        kept = {
            "settings %s, not %s" % (now, self.at_start): now == self.at_start,
            "the cursor": self.screen.shows_cursor,
            "wrapping": self.screen.wraps,
            "pasting": not self.screen.pastes,
        }
        return [what for what, is_kept in kept.items() if not is_kept]

    def end(self):
        """Reads to the end and returns the exit code, or minus the signal."""
        deadline = time.monotonic() + TIMEOUT_S
        while self.read(deadline):
            pass
        while True:
            data = os.read(self.stdout, 65536)
            if not data:
                break
            self.output += data
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status
