"""What was called, with what, and how it was answered."""

import collections
import fnmatch
import threading


class Journal:
    def __init__(self):
        self.lock = threading.Lock()
        self.calls = []
        self.number = 0

    def add(self, **entry):
        with self.lock:
            self.number += 1
            entry["number"] = self.number
            self.calls.append(entry)

    def clear(self):
        with self.lock:
            self.calls = []

    def find(self, service="*", action="*", region="*"):
        with self.lock:
            return [
                c
                for c in self.calls
                if fnmatch.fnmatchcase(c["service"], service)
                and fnmatch.fnmatchcase(c["action"], action)
                and fnmatch.fnmatchcase(c["region"], region)
            ]

    def counts(self):
        """service:Action -> number of calls"""
        with self.lock:
            return dict(
                collections.Counter("%s:%s" % (c["service"], c["action"]) for c in self.calls)
            )

    def violations(self):
        """Calls that no correct client makes: bad signatures, unknown or misfitting parameters."""
        with self.lock:
            return [c for c in self.calls if c.get("violation")]
