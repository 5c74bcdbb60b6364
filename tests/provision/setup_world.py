"""What the tests of setup-aws share: a person who answers its questions, and a complete set of flags."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from commands import APPLIANCE, CommandTest  # pylint: disable=wrong-import-position
from pty_session import PtySession  # pylint: disable=wrong-import-position

# Every question on the way of an instance to new appliances: what is waited for, and the keys.
WAY = [
    ("which region?", ["enter"]),
    ("which VPC?", ["shop", "enter"]),
    ("what shall be mirrored?", ["enter"]),
    ("which instances?", ["shop-web-1", "space", "ctrl-u", "shop-search", "space", "enter"]),
    ("what else shall be mirrored?", ["enter"]),
    ("which interfaces of an instance?", ["enter"]),
    ("which traffic?", ["servers", "enter"]),
    ("which TCP ports do the servers listen on?", ["8080", "enter"]),
    ("mirror queries to Amazon's DNS", ["enter"]),
    ("how do the appliances capture?", ["kernel", "enter"]),
    ("where does the traffic go?", ["parameter", "enter"]),
    ("which SSM parameter holds the AMI's id?", ["enter"]),
    ("which instance type?", ["c6i.large", "enter"]),
    ("how many?", ["enter"]),
    ("in an Auto Scaling group", ["n", "enter"]),
    ("what is the deployment called?", ["ctrl-u", "prod", "enter"]),
    ("which file keeps the answers", ["-", "enter"]),
    ("do this?", []),
]
CONTROLS = ("enter", "space", "ctrl-u", "ctrl-a", "escape", "down", "up", "end", "home", "tab", "backspace")


class SetupTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.before = self.state()

    def instance(self, name):
        for instance in self.region.store("instance").values():
            if {"Key": "Name", "Value": name} in instance["Tags"]:
                return instance["InstanceId"]
        raise AssertionError("no instance is named " + name)

    def start(self, *arguments, columns=100, rows=40, **variables):
        environment = {**self.environment, "TERM": "xterm-256color", **variables}
        session = PtySession([APPLIANCE, "setup-aws", *arguments], environment, columns, rows)
        self.addCleanup(session.close)
        return session

    @staticmethod
    def give(session, keys):
        for key in keys:
            if key in CONTROLS:
                session.press(key)
            else:
                session.type(key)

    def walk(self, session, n_steps=len(WAY)):
        """Answers the first questions and waits for the one that comes then."""
        for question, keys in WAY[:n_steps]:
            session.until(question)
            self.give(session, keys)
        if n_steps < len(WAY):
            session.until(WAY[n_steps][0])

    def nothing_was_made(self, session, code):
        self.assertEqual(session.end(), code, session.screen.history())
        self.says(session, "nothing was made")
        self.assertEqual(session.changes(), [])
        self.assertEqual(self.state(), self.before)

    def says(self, session, text):
        """However wide the window is that it was broken to."""
        self.assertIn("".join(text.split()), "".join(session.screen.history().split()))

    def flags(self, **changes):
        """A complete set, as a list; a name with None is left out."""
        flags = {
            "vpc": self.vpc(),
            "source": "instance/" + self.instance("shop-web-1"),
            "id": "prod",
            "no-appliances": True,
            "mode": "kernel",
            **changes,
        }
        words = []
        for name, value in flags.items():
            for one in value if isinstance(value, list) else [value]:
                if one is True:
                    words.append("--" + name)
                elif one is not None:
                    words += ["--" + name, str(one)]
        return words
