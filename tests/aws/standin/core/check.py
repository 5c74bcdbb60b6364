"""Holds a value to its shape: required members, types, ranges, lengths, patterns, enumerations.

botocore's own validator looks at required members, types and minima only; AWS looks at all of it.
"""

import datetime
import functools
import re

from .errors import WireError

LIMITS = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
# AWS answers and takes names that are newer than the model at hand.
OPEN_ENUMS = {
    "InstanceType",
    "NetworkInterfaceType",
    "NetworkInterfaceCreationType",
    "BootModeValues",
    "TargetGroupIpAddressTypeEnum",
    "RegionName",
    "ArchitectureType",
}
# Java's classes of characters, as near as `re` comes to them, for use inside [...].
JAVA_CLASSES = {
    r"\p{L}": r"a-zA-Z\u00aa-\u02af\u0370-\u1fff\u2c00-\ud7ff",
    r"\p{M}": r"\u0300-\u036f",
    r"\p{Z}": r" \u00a0\u2000-\u200a\u2028\u2029\u3000",
    r"\p{S}": r"$+<=>^`|~\u00a2-\u00a9\u2190-\u2bff",
    r"\p{N}": r"0-9\u0660-\u0669",
    r"\p{P}": r"!\"#%&'()*,\-./:;?@\[\\\]_{}\u2010-\u2027",
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010ffff",
}


@functools.lru_cache(maxsize=None)
def compile_pattern(pattern):
    for java, python in JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)


def check_string(shape, value, path):
    if not isinstance(value, str):
        raise WireError("malformed", path, "Expected a string")
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        raise WireError(
            "invalid", path, "Member must have length greater than or equal to %d" % low
        )
    if high is not None and len(value) > high:
        raise WireError("invalid", path, "Member must have length less than or equal to %d" % high)
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed and shape.name not in OPEN_ENUMS:
        raise WireError(
            "invalid", path, "Member must satisfy enum value set: [%s]" % ", ".join(allowed)
        )
    pattern = shape.metadata.get("pattern")
    if pattern and not compile_pattern(pattern).fullmatch(value):
        raise WireError(
            "invalid", path, "Member must satisfy regular expression pattern: " + pattern
        )


def check_number(shape, value, path):
    wanted = int if shape.type_name in LIMITS else (int, float)
    if isinstance(value, bool) or not isinstance(value, wanted):
        raise WireError("malformed", path, "Expected a number")
    low, high = LIMITS.get(shape.type_name, (float("-inf"), float("inf")))
    if not low <= value <= high:
        raise WireError("malformed", path, "Number out of range")
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        raise WireError("invalid", path, "Member must have value greater than or equal to %s" % low)
    if high is not None and value > high:
        raise WireError("invalid", path, "Member must have value less than or equal to %s" % high)


def check_structure(shape, value, path):
    if not isinstance(value, dict):
        raise WireError("malformed", path, "Expected a structure")
    members = shape.members
    for name in shape.required_members:
        if value.get(name) is None:
            raise WireError("missing", joined(path, name))
    for name, member in value.items():
        if name.startswith("_"):
            continue
        if name not in members:
            raise WireError("unknown", joined(path, name))
        if member is not None:
            check(members[name], member, joined(path, name))


def check_list(shape, value, path):
    if not isinstance(value, (list, tuple)):
        raise WireError("malformed", path, "Expected a list")
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        raise WireError(
            "invalid", path, "Member must have length greater than or equal to %d" % low
        )
    if high is not None and len(value) > high:
        raise WireError("invalid", path, "Member must have length less than or equal to %d" % high)
    for number, member in enumerate(value, 1):
        check(shape.member, member, "%s.%d" % (path, number))


def check_map(shape, value, path):
    if not isinstance(value, dict):
        raise WireError("malformed", path, "Expected a map")
    for key, member in value.items():
        check(shape.key, key, path + ".key")
        check(shape.value, member, "%s.%s" % (path, key))


def check_boolean(_shape, value, path):
    if not isinstance(value, bool):
        raise WireError("malformed", path, "Expected true or false")


def check_blob(_shape, value, path):
    if not isinstance(value, (bytes, str)):
        raise WireError("malformed", path, "Expected base64")


def check_timestamp(_shape, value, path):
    if not isinstance(value, datetime.datetime):
        raise WireError("malformed", path, "Expected a timestamp")


CHECKS = {
    "structure": check_structure,
    "list": check_list,
    "map": check_map,
    "string": check_string,
    "character": check_string,
    "boolean": check_boolean,
    "integer": check_number,
    "long": check_number,
    "float": check_number,
    "double": check_number,
    "blob": check_blob,
    "timestamp": check_timestamp,
}


def joined(path, name):
    return path + "." + name if path else name


def check(shape, value, path=""):
    """Raises WireError for the first misfit. Members that begin with `_` are ours."""
    CHECKS[shape.type_name](shape, value, path)
