"""Faults that tests order: which calls they hit, and what happens to those.

kinds, before the call does anything:
  error      answer `code`, `message`, `status`            throttle   the service's throttling error
  http       answer `status` with a body that is no XML or JSON (as a load balancer in front would)
  expired    the security token has expired               deny       the caller may not do this
kinds that may come before or after (`when`) the call has had its effect:
  reset      cut the connection                           stall      never answer
  slow       answer `seconds` late                        hold       answer when released (see Held)
kinds after the call has had its effect:
  truncate   half of the body, then the connection ends   empty      200 and no body
  garbage    200 and a body that is not the protocol's
  portal     200 and an HTML page that is well-formed XML (as a proxy that wants a login answers)
  other      200 and an empty answer to another call, DescribeAddresses
"""

import dataclasses
import fnmatch
import threading

BEFORE = {"error", "throttle", "http", "expired", "deny"}
EITHER = {"reset", "stall", "slow", "hold"}
AFTER = {"truncate", "empty", "garbage", "portal", "other"}


@dataclasses.dataclass
class Fault:
    kind: str
    service: str = "*"
    action: str = "*"
    region: str = "*"
    skip: int = 0  # let this many matching calls pass first
    times: int = 1  # then hit this many; 0: all
    when: str = "before"
    status: int = 500
    code: str = "InternalError"
    message: str = "An internal error has occurred"
    seconds: float = 1.0
    seen: int = 0
    hit: int = 0

    def __post_init__(self):
        if self.kind not in BEFORE | EITHER | AFTER:
            raise ValueError("there is no fault '%s'" % self.kind)
        if self.kind in AFTER:
            self.when = "after"
        if self.when not in ("before", "after") or (self.kind in BEFORE and self.when != "before"):
            raise ValueError("fault '%s' cannot come '%s'" % (self.kind, self.when))

    def takes(self, service, action, region):
        if not (
            fnmatch.fnmatchcase(service, self.service)
            and fnmatch.fnmatchcase(action, self.action)
            and fnmatch.fnmatchcase(region, self.region)
        ):
            return False
        self.seen += 1
        if self.seen <= self.skip or (self.times and self.hit >= self.times):
            return False
        self.hit += 1
        return True


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.faults = []
        self.held = Held()

    def add(self, **fields):
        fault = Fault(**fields)
        with self.lock:
            self.faults.append(fault)
        return fault

    def clear(self):
        with self.lock:
            self.faults = []
        self.held.release()

    def take(self, service, action, region):
        """The faults that hit this call, in the order in which they were added."""
        with self.lock:
            return [fault for fault in self.faults if fault.takes(service, action, region)]


class Held:
    """Calls that wait until a test, which may kill their client meanwhile, releases them."""

    def __init__(self):
        self.condition = threading.Condition()
        self.tickets = set()  # one for each call that waits; released when it is not in here

    def hold(self, timeout_s=60):
        ticket = object()
        with self.condition:
            self.tickets.add(ticket)
            self.condition.notify_all()
            self.condition.wait_for(lambda: ticket not in self.tickets, timeout_s)
            self.tickets.discard(ticket)

    def wait(self, timeout_s):
        """True when a call is held; False when none was within the time."""
        with self.condition:
            return self.condition.wait_for(lambda: bool(self.tickets), timeout_s)

    def release(self):
        with self.condition:
            self.tickets.clear()
            self.condition.notify_all()
