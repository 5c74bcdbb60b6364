"""Requests and answers of the JSON protocols: `json` and `rest-json`."""

import base64
import binascii
import datetime
import json
import re
import urllib.parse

from .errors import WireError
from .query import read_scalar
from .xmlwire import timestamp_text


def refuse_twins(pairs):
    value = dict(pairs)
    if len(value) != len(pairs):
        raise WireError("malformed", "", "A key is given twice")
    return value


def refuse_constant(text):
    raise WireError("malformed", "", text + " is not JSON")


def load(body):
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=refuse_twins, parse_constant=refuse_constant
        )
    except (UnicodeDecodeError, ValueError):
        raise WireError("malformed", "", "The body is not JSON") from None
    if not isinstance(value, dict):
        raise WireError("malformed", "", "The body is not a JSON object")
    return value


def read_value(shape, value, path):
    """JSON to our form of it. What does not fit is left for `check` to refuse."""
    kind = shape.type_name
    if value is None:
        return None
    if kind == "structure" and isinstance(value, dict):
        names = {
            member.serialization.get("name", name): name for name, member in shape.members.items()
        }
        found = {}
        for wire, member in value.items():
            if wire not in names:
                raise WireError("unknown", path + "." + wire if path else wire)
            read = read_value(
                shape.members[names[wire]], member, path + "." + wire if path else wire
            )
            if read is not None:
                found[names[wire]] = read
        return found
    if kind == "list" and isinstance(value, list):
        return [
            read_value(shape.member, member, "%s.%d" % (path, n))
            for n, member in enumerate(value, 1)
        ]
    if kind == "map" and isinstance(value, dict):
        return {
            key: read_value(shape.value, member, path + "." + key) for key, member in value.items()
        }
    if kind == "blob" and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error:
            raise WireError("malformed", path, "Expected base64") from None
    if kind == "timestamp" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
    return value


def read_request(operation, body):
    if operation.input is None:
        if load(body or b"{}"):
            raise WireError("unknown", "", "The call takes no parameters")
        return {}
    return read_value(operation.input, load(body), "")


def write_value(shape, value):
    kind = shape.type_name
    if kind == "structure":
        return write_members(shape, value, shape.members)
    if kind == "list":
        return [write_value(shape.member, member) for member in value]
    if kind == "map":
        return {key: write_value(shape.value, member) for key, member in value.items()}
    if kind == "timestamp":
        if shape.serialization.get("timestampFormat") == "iso8601":
            return timestamp_text(value)
        return round(value.timestamp(), 3)
    if kind == "blob":
        return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()
    return value


def write_members(shape, value, names):
    return {
        shape.members[name].serialization.get("name", name): write_value(
            shape.members[name], value[name]
        )
        for name in names
        if value.get(name) is not None
    }


def write_answer(operation, value):
    """(content type, body)"""
    document = write_value(operation.output, value) if operation.output is not None else {}
    return "application/x-amz-json-" + operation.service.json_version, json.dumps(document).encode()


def path_pattern(template):
    """A URI template as a regular expression; the query part of the template is left out."""
    parts = re.split(r"\{(\w+)(\+?)\}", template.split("?")[0])
    text = re.escape(parts[0])
    for name, greedy, literal in zip(parts[1::3], parts[2::3], parts[3::3]):
        text += "(?P<%s>%s)" % (name, ".+" if greedy else "[^/]+") + re.escape(literal)
    return re.compile(text + r"\Z")


def find_rest_operation(services, method, path):
    """(service, operation, path parameters), or None"""
    for service in services:
        for name in sorted(service.operation_names):
            operation = service.operation(name)
            match = operation.method == method and path_pattern(operation.path).match(path)
            if match:
                return service, operation, match.groupdict()
    return None


def read_rest_request(operation, path_values, query, headers, body):
    """The value of an operation's input out of path, query, headers and body."""
    value, shape, used_query = {}, operation.input, set()
    body_members = {}
    for name, member in (shape.members if shape is not None else {}).items():
        location = member.serialization.get("location")
        wire = member.serialization.get("name", name)
        text = None
        if location == "uri":
            text = urllib.parse.unquote(path_values[wire])
        elif location == "querystring" and wire in query:
            used_query.add(wire)
            text = query[wire]
        elif location == "header":
            text = headers.get(wire)
        elif location is None:
            body_members[wire] = (name, member)
        if text is not None:
            value[name] = read_scalar(member, text, wire)
    for wire in query:
        if wire not in used_query:
            raise WireError("unknown", wire)
    payload = shape.serialization.get("payload") if shape is not None else None
    if payload:
        value[payload] = body
        return value
    for wire, member in (load(body) if body else {}).items():
        if wire not in body_members:
            raise WireError("unknown", wire)
        name, member_shape = body_members[wire]
        read = read_value(member_shape, member, wire)
        if read is not None:
            value[name] = read
    return value


def write_rest_answer(operation, value):
    """(status, content type, headers, body)"""
    shape, headers, in_body = operation.output, {}, []
    if shape is None:
        return operation.success_status, "application/json", {}, b"{}"
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        if location == "header" and value.get(name) is not None:
            headers[member.serialization.get("name", name)] = str(value[name])
        elif location is None:
            in_body.append(name)
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name == "blob":
        return (
            operation.success_status,
            "application/octet-stream",
            headers,
            bytes(value.get(payload) or b""),
        )
    document = write_members(shape, value, in_body)
    return operation.success_status, "application/json", headers, json.dumps(document).encode()
