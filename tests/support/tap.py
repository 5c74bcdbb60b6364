"""Test results as TAP, which meson counts."""

import sys
import threading


class Tap:
    def __init__(self):
        self.n = 0
        self.n_failed = 0
        self.lock = threading.Lock()

    def _say(self, is_ok, name, why=""):
        with self.lock:
            self.n += 1
            self.n_failed += not is_ok
            print(
                "%s %d - %s%s" % ("ok" if is_ok else "not ok", self.n, name.replace("#", ""), why)
            )

    def ok(self, name):
        self._say(True, name)

    def fail(self, name, why):
        self._say(False, name)
        print("".join("# %s\n" % line for line in str(why).splitlines()), end="", file=sys.stderr)

    def skip(self, name, why):
        self._say(True, name, " # SKIP " + why)

    def check(self, name, condition, why):
        if condition:
            self.ok(name)
        else:
            self.fail(name, "%s: %s" % (name, why))

    def end(self):
        """Prints the plan; the exit code."""
        print("1..%d" % self.n, flush=True)
        return 1 if self.n_failed else 0


def skip_all(why):
    """Says that the whole test is skipped, and ends."""
    print("1..0 # SKIP " + why, flush=True)
    sys.exit(0)
