"""botocore and the stand-in read what the other writes, for every call that the stand-in has.

Values are made up from the models, the same in every run.
"""

import datetime
import json
import random
import string
import unittest
import urllib.parse

import botocore.parsers
import botocore.serialize
from botocore.awsrequest import HeadersDict

from standin.core import check, errors, jsonwire, query, xmlwire
from standin.services import HANDLERS
from standin.standin import models

ROUNDS, DEEPEST = 3, 7
TEXT = string.ascii_letters + string.digits + " &<>\"'%+=;,./~\u00e9\u4e16\U0001f600"
MOST_SKIPPED = 60  # values too particular to be guessed from their patterns


class Maker:
    """Values that fit a shape."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def value(self, shape, depth=0):
        return getattr(self, shape.type_name, self.number)(shape, depth)

    def structure(self, shape, depth):
        found = {}
        for name, member in shape.members.items():
            is_needed = name in shape.required_members
            if is_needed or depth < DEEPEST and self.random.random() < (0.8 if depth < 2 else 0.3):
                found[name] = self.value(member, depth + 1)
        return {name: value for name, value in found.items() if value is not None}

    def list(self, shape, depth):
        low = max(1, shape.metadata.get("min", 1))
        size = self.random.randint(low, max(low, min(low + 2, shape.metadata.get("max", low + 2))))
        members = [self.value(shape.member, depth + 1) for _ in range(size)]
        return None if None in members or {} in members else members

    def map(self, shape, depth):
        found = {
            self.value(shape.key, depth + 1): self.value(shape.value, depth + 1) for _ in range(2)
        }
        return None if None in found or None in found.values() else found

    def string(self, shape, _depth):
        choices = getattr(shape, "enum", None)
        if choices:
            return self.random.choice(choices)
        low = shape.metadata.get("min", 1)
        size = min(low + self.random.randint(0, 8), shape.metadata.get("max", 10**6))
        letters = string.ascii_lowercase if "pattern" in shape.metadata else TEXT
        return "".join(self.random.choice(letters) for _ in range(size)) or None

    character = string

    def boolean(self, _shape, _depth):
        return self.random.random() < 0.5

    def number(self, shape, _depth):
        low, high = shape.metadata.get("min", -5), shape.metadata.get("max", 70000)
        whole = self.random.randint(int(low), max(int(low), min(int(high), int(low) + 1000)))
        return (
            float(whole) + 0.5
            if shape.type_name in ("float", "double") and high > whole + 0.5
            else whole
        )

    def timestamp(self, _shape, _depth):
        seconds = self.random.randint(10**9, 2 * 10**9)
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)

    def blob(self, _shape, _depth):
        return bytes(self.random.randrange(256) for _ in range(self.random.randint(1, 40)))


def fits(shape, value):
    try:
        check.check(shape, value)
        return True
    except errors.WireError:
        return False


def offered():
    """Every operation that the stand-in answers."""
    for service in models().services.values():
        for name in sorted(service.operation_names):
            operation = service.operation(name)
            if HANDLERS.find(service.name, operation.python_name):
                yield service, operation


def read_back(service, operation, request):
    """A request as botocore made it, read by the stand-in."""
    body = request["body"]
    if service.protocol in ("query", "ec2"):
        form = query.parse_form(urllib.parse.urlencode(body))
        form.pop("Action"), form.pop("Version")  # pylint: disable=expression-not-assigned
        return query.read_request(operation, form)
    body = body if isinstance(body, bytes) else body.encode()
    if service.protocol == "json":
        return jsonwire.read_request(operation, body)
    path, _, _ = request["url_path"].partition("?")
    found = jsonwire.find_rest_operation([service], request["method"], path)
    texts = {
        name: value if isinstance(value, str) else str(value)
        for name, value in request["query_string"].items()
    }
    return jsonwire.read_rest_request(operation, found[2], texts, request["headers"], body)


def tidy(value):
    """Empty lists, structures and what is not there are the same on the wire of some protocols."""
    if isinstance(value, dict):
        kept = {k: tidy(v) for k, v in value.items() if k != "ResponseMetadata"}
        return {k: v for k, v in kept.items() if v not in ({}, [], None)}
    if isinstance(value, list):
        return [tidy(v) for v in value]
    if isinstance(value, datetime.datetime):
        return int(value.timestamp())
    return value


def write_answer(service, operation, value):
    """(headers, status, body)"""
    if service.protocol == "rest-json":
        status, kind, headers, body = jsonwire.write_rest_answer(operation, value)
        return {**headers, "Content-Type": kind}, status, body
    if service.protocol == "json":
        kind, body = jsonwire.write_answer(operation, value)
    else:
        kind, body = xmlwire.write_answer(operation, value, "request-1")
    return {"Content-Type": kind}, 200, body


class RoundTrip(unittest.TestCase):
    maxDiff = 2000

    def test_requests_are_read_as_botocore_writes_them(self):
        tried = skipped = 0
        for service, operation in offered():
            serializer = botocore.serialize.create_serializer(
                service.protocol, include_validation=False
            )
            for seed in range(ROUNDS if operation.input is not None else 0):
                value = Maker("%s.%d" % (operation.name, seed)).value(operation.input)
                if not fits(operation.input, value):
                    skipped += 1
                    continue
                tried += 1
                request = serializer.serialize_to_request(json_safe(value), operation.model)
                with self.subTest(operation=operation.name, seed=seed):
                    self.assertEqual(tidy(read_back(service, operation, request)), tidy(value))
        self.assertGreater(tried, 300)
        self.assertLess(skipped, MOST_SKIPPED)

    def test_answers_are_read_by_botocore_as_they_were_meant(self):
        tried = 0
        for service, operation in offered():
            parser = botocore.parsers.create_parser(service.protocol)
            is_tried = operation.output is not None and not operation.model.has_streaming_output
            for seed in range(ROUNDS if is_tried else 0):
                value = Maker("%s.%d" % (operation.name, seed)).value(operation.output)
                headers, status, body = write_answer(service, operation, value)
                answer = {"headers": HeadersDict(headers), "status_code": status, "body": body}
                tried += 1
                with self.subTest(operation=operation.name, seed=seed):
                    self.assertEqual(tidy(parser.parse(answer, operation.output)), tidy(value))
        self.assertGreater(tried, 300)

    def test_errors_are_read_by_botocore(self):
        for service in models().services.values():
            parser = botocore.parsers.create_parser(service.protocol)
            kind, headers, body = errors.body_of(
                service, errors.AwsError("SomeCode", "a <b> & \u00e9"), 400, "request-1"
            )
            shape = service.operation(min(service.operation_names)).output
            answer = {
                "headers": HeadersDict({**headers, "Content-Type": kind}),
                "status_code": 400,
                "body": body,
            }
            found = parser.parse(answer, shape)
            self.assertEqual(
                (found["Error"]["Code"], found["Error"]["Message"]),
                ("SomeCode", "a <b> & \u00e9"),
                service.name,
            )

    def test_what_botocore_would_not_send_is_refused(self):
        operation = models()["ecs"].operation("ListServices")
        for body in (
            b'{"cluster":1}',
            b'{"cluster":"a","cluster":"b"}',
            b'{"maxResults":"5"}',
            b'{"maxResults":5.5}',
            b"[]",
            b"{",
            b'{"maxResults":NaN}',
            b'{"x":1}',
            b"\xff",
            b'{"maxResults":99999999999}',
            b'{"launchType":"MOON"}',
        ):
            with self.assertRaises(errors.WireError, msg=body):
                check.check(operation.input, jsonwire.read_request(operation, body))


def json_safe(value):
    """A copy, since botocore's serialisers may change what they are given."""
    return json.loads(json.dumps(value)) if is_plain(value) else value


def is_plain(value):
    if isinstance(value, dict):
        return all(is_plain(v) for v in value.values())
    if isinstance(value, list):
        return all(is_plain(v) for v in value)
    return not isinstance(value, (bytes, datetime.datetime))
