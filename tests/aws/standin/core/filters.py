"""EC2's filters: names that a call knows, values with wildcards, tags."""

import datetime
import re

from .errors import AwsError

MAXIMUM_VALUES = 200


def walk(value, path):
    """Every value at a dotted path through structures and lists."""
    if isinstance(value, list):
        for member in value:
            yield from walk(member, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, dict) and value.get(path[0]) is not None:
        yield from walk(value[path[0]], path[1:])


def as_text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return str(value)


def compile_value(pattern):
    expression, escaped = "", False
    for character in pattern:
        if escaped or character not in "*?\\":
            expression, escaped = expression + re.escape(character), False
        elif character == "\\":
            escaped = True
        else:
            expression += ".*" if character == "*" else "."
    return re.compile(expression + r"\Z", re.DOTALL)


def tags_of(item):
    return item.get("Tags") or item.get("TagSet") or []


def filter_values(item, name, table):
    if name.startswith("tag:"):
        return [t.get("Value", "") for t in tags_of(item) if t["Key"] == name[4:]]
    if name == "tag-key":
        return [t["Key"] for t in tags_of(item)]
    if name == "tag-value":
        return [t.get("Value", "") for t in tags_of(item)]
    rule = table[name]
    return [as_text(v) for v in (rule(item) if callable(rule) else walk(item, rule.split(".")))]


def compile_filters(filters, table):
    """[(name, [expression])]; refuses names that the call does not know."""
    compiled = []
    for one in filters or []:
        name, values = one.get("Name"), one.get("Values")
        if not name:
            raise AwsError("MissingParameter", "The request must contain the parameter Filter.Name")
        if (
            name not in table
            and not name.startswith("tag:")
            and name not in ("tag-key", "tag-value")
        ):
            raise AwsError("InvalidParameterValue", "The filter '%s' is invalid" % name)
        if not values:
            raise AwsError("InvalidParameterValue", "The filter '%s' has no values" % name)
        if len(values) > MAXIMUM_VALUES:
            raise AwsError(
                "FilterLimitExceeded",
                "The maximum number of filter values specified on a single call is 200",
            )
        exact = {v for v in values if not re.search(r"[*?\\]", v)}
        compiled.append((name, exact, [compile_value(v) for v in values if v not in exact]))
    return compiled


def passes(item, compiled, table):
    return all(
        any(
            value in exact or any(e.match(value) for e in expressions)
            for value in filter_values(item, name, table)
        )
        for name, exact, expressions in compiled
    )
