"""Compares traces, one by one, with what nginx and the clients wrote down of the same requests."""

import hashlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import collector


def trace_id(trace):
    return collector.header(trace["response"], "X-Request-Id") if trace["response"] else None


def head_bytes(first_line, headers):
    """Length of a message head whose fields are written the usual way."""
    fields = sum(len(("%(name)s: %(value)s\r\n" % field).encode()) for field in headers)
    return len(first_line.encode()) + 2 + fields + 2


def is_chunked(half):
    return (collector.header(half, "Transfer-Encoding") or "").lower() == "chunked"


def has_known_size(line, request):
    """nginx counts what it reads: not behind what it cannot parse, nor a body that it refuses."""
    if not request or is_chunked(request) or collector.header(request, "X-Odd") is not None:
        return False
    if line["status"] == 400:
        return False
    return line["status"] < 400 or collector.header(request, "Content-Length") is None


class Comparison:
    """'problems' are sentences; none means that both sides tell the same."""

    def __init__(self, traces, log):
        self.problems = []
        self.n_sizes = 0
        self.log = {line["id"]: line for line in log}
        self.by_id = {}
        self.without_id = []
        for trace in traces:
            self._sort_in(trace)
        for line in log:
            self._compare_line(line)
        for trace in self.without_id:
            self._say("a trace that nginx knows nothing of: %s" % self._name(trace))

    def _say(self, text):
        self.problems.append(text)

    def _name(self, trace):
        request, response = trace["request"] or {}, trace["response"] or {}
        url = request.get("url", {})
        return "%s %s -> %s %s" % (
            request.get("method"), url.get("path"), response.get("status"), trace["meta"]["flags"]
        )  # fmt: skip

    def _sort_in(self, trace):
        name = trace_id(trace)
        if name is None:
            self.without_id.append(trace)
        elif name in self.by_id:
            self._say("two traces of request %s: %s" % (name, self._name(trace)))
        elif name not in self.log:
            self._say("a response that nginx did not log: %s" % self._name(trace))
        else:
            self.by_id[name] = trace

    def _unanswered(self, line):
        """Takes the trace of a request to which nginx sent nothing back."""
        for trace in self.without_id:
            request = trace["request"]
            if request and not trace["response"] and request["method"] == line["method"]:
                if collector.trace_target(trace) == collector.split_target(line["target"]):
                    self.without_id.remove(trace)
                    return trace
        return None

    def _compare_line(self, line):
        what = "%s %s -> %s" % (line["method"], line["target"], line["status"])
        trace = self.by_id.get(line["id"])
        if not trace:
            # 499: the client left before an answer.
            if line["response_bytes"] > 0 or not self._unanswered(line):
                self._say("no trace of %s" % what)
            return
        if trace["response"]["status"] != line["status"]:
            self._say("%s: status %d" % (what, trace["response"]["status"]))
        if line["method"]:
            self._compare_request(what, line, trace)
        if line["completion"] == "OK":
            self._compare_sizes(what, line, trace)

    def _compare_request(self, what, line, trace):
        request, meta = trace["request"], trace["meta"]
        if not request:
            self._say("%s: a response alone" % what)
            return
        told = (request["method"], request["url"]["host"], collector.trace_target(trace))
        logged = (line["method"], line["host"], collector.split_target(line["target"]))
        if told != logged:
            self._say("%s: %s instead of %s" % (what, told, logged))
        if meta["protocol"] != line["protocol"]:
            self._say("%s: %s instead of %s" % (what, meta["protocol"], line["protocol"]))
        ends = (meta["source"], meta["sourcePort"], meta["destination"])
        if ends != (line["client"], line["client_port"], line["server"]):
            self._say("%s: between %s" % (what, ends))

    def _compare_sizes(self, what, line, trace):
        request, response, meta = trace["request"], trace["response"], trace["meta"]
        if has_known_size(line, request):
            n = head_bytes(line["request"], request["headers"]) + meta["requestBodyBytes"]
            if n != line["request_bytes"]:
                self._say("%s: a request of %d bytes, not %d" % (what, n, line["request_bytes"]))
            self.n_sizes += 1
        n = head_bytes("HTTP/1.1 %d " % response["status"], response["headers"])
        n += meta["responseBodyBytes"]
        reason = line["response_bytes"] - n
        if not is_chunked(response) and not 0 <= reason < 40:
            self._say("%s: a response of %d bytes, not %d" % (what, n, line["response_bytes"]))
        self.n_sizes += 1

    def with_clients(self, book):
        """Also compares bodies with what the clients received."""
        n_compared = 0
        for note in book:
            trace = self.by_id.get(note.get("id"))
            if not trace or note["method"] == "HEAD":
                continue
            n_compared += 1
            what = "%s %s" % (note["method"], note["target"])
            if trace["meta"]["responseBodyBytes"] != note["body_bytes"]:
                n = trace["meta"]["responseBodyBytes"]
                self._say("%s: a body of %d bytes, not %d" % (what, n, note["body_bytes"]))
            body = trace["response"]["body"]
            is_whole = not {"body_capped", "decode_capped"} & set(trace["meta"]["flags"])
            if is_whole and "responseBody" not in trace["meta"]:
                if hashlib.sha256(body.encode()).hexdigest() != note["sha256"]:
                    self._say("%s: the body differs" % what)
        return n_compared
