"""Requests of the query protocol and of its EC2 dialect: form parameters to a nested value.

Every parameter must be used by a shape; what is left over is refused.
"""

import base64
import binascii
import re
import urllib.parse

import botocore.utils

from .errors import WireError

INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})\Z")
FLOAT = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:?\d\d)\Z")


def parse_form(text):
    """name -> value. Each name once, each percent escape valid, UTF-8."""
    if isinstance(text, bytes):
        try:
            text = text.decode("ascii")
        except UnicodeDecodeError:
            raise WireError("malformed", "", "The body is not form encoded") from None
    form = {}
    for pair in filter(None, text.split("&")):
        key, equals, value = pair.partition("=")
        if not equals or re.search(r"%(?![0-9A-Fa-f]{2})|[^\x21-\x7e]", pair):
            raise WireError("malformed", key, "The parameter is not form encoded")
        try:
            key, value = (urllib.parse.unquote_plus(part, errors="strict") for part in (key, value))
        except UnicodeDecodeError:
            raise WireError("malformed", key, "The parameter is not UTF-8") from None
        if key in form:
            raise WireError("invalid", key, "The parameter is given twice")
        form[key] = value
    return form


class Names:
    """How the query protocol spells the path of a member."""

    @staticmethod
    def member(shape, name):
        return shape.serialization.get("name", name)

    @staticmethod
    def element(shape, path):
        if shape.serialization.get("flattened"):
            name = shape.member.serialization.get("name")
            return ".".join(path.split(".")[:-1] + [name]) if name else path
        return path + "." + shape.member.serialization.get("name", "member")


class Ec2Names:
    @staticmethod
    def member(shape, name):
        if "queryName" in shape.serialization:
            return shape.serialization["queryName"]
        name = shape.serialization.get("name", name)
        return name[0].upper() + name[1:]

    @staticmethod
    def element(_shape, path):
        return path


class FormReader:
    def __init__(self, form, names):
        self.form = form
        self.names = names
        self.used = set()
        # Every prefix of a name, so that absent branches of a deep shape cost nothing.
        self.prefixes = {key[: match.start()] for key in form for match in re.finditer(r"\.", key)}

    def read(self, shape):
        value = self.structure(shape, "") if shape is not None else {}
        left_over = sorted(set(self.form) - self.used)
        if left_over:
            raise WireError("unknown", left_over[0])
        return value or {}

    def value(self, shape, path):
        reader = {"structure": self.structure, "list": self.list, "map": self.map}.get(
            shape.type_name
        )
        if reader:
            return reader(shape, path)
        if path not in self.form:
            return None
        self.used.add(path)
        return read_scalar(shape, self.form[path], path)

    def structure(self, shape, path):
        if path and path not in self.prefixes:
            return None
        found = {}
        for name, member in shape.members.items():
            wire = self.names.member(member, name)
            value = self.value(member, path + "." + wire if path else wire)
            if value is not None:
                found[name] = value
        return found

    def list(self, shape, path):
        if self.names is Names and self.form.get(path) == "":
            self.used.add(path)
            return []
        prefix = self.names.element(shape, path)
        numbers = self.numbers_under(prefix)
        if not numbers:
            return None
        if numbers != list(range(1, len(numbers) + 1)):
            raise WireError("invalid", prefix, "The list is not numbered from 1 without gaps")
        return [self.value(shape.member, "%s.%d" % (prefix, n)) for n in numbers]

    def map(self, shape, path):
        prefix = path if shape.serialization.get("flattened") else path + ".entry"
        found = {}
        for number in self.numbers_under(prefix):
            entry = "%s.%d." % (prefix, number)
            key = self.value(shape.key, entry + shape.key.serialization.get("name", "key"))
            found[key] = self.value(
                shape.value, entry + shape.value.serialization.get("name", "value")
            )
        return found or None

    def numbers_under(self, prefix):
        if prefix not in self.prefixes:
            return []
        numbers = set()
        for key in self.form:
            if key.startswith(prefix + "."):
                number = key[len(prefix) + 1 :].split(".")[0]
                if re.fullmatch(r"[1-9][0-9]{0,4}", number):
                    numbers.add(int(number))
        return sorted(numbers)


def read_scalar(shape, text, path):
    kind = shape.type_name
    if kind in ("integer", "long"):
        if not INTEGER.match(text):
            raise WireError("malformed", path, "Expected an integer")
        return int(text)
    if kind in ("float", "double"):
        if not FLOAT.match(text):
            raise WireError("malformed", path, "Expected a number")
        return float(text)
    if kind == "boolean":
        if text not in ("true", "false"):
            raise WireError("malformed", path, "Expected true or false")
        return text == "true"
    if kind == "blob":
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            raise WireError("malformed", path, "Expected base64") from None
    if kind == "timestamp":
        if not TIMESTAMP.match(text):
            raise WireError("malformed", path, "Expected an ISO 8601 timestamp")
        return botocore.utils.parse_timestamp(text)
    return text


def read_request(operation, form):
    """The value of an operation's input. `form` is without Action and Version."""
    names = Ec2Names if operation.service.protocol == "ec2" else Names
    return FormReader(form, names).read(operation.input)
