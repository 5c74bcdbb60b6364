"""Answers of the query protocol and of its EC2 dialect."""

import base64
import re
from xml.sax.saxutils import escape

# What XML 1.0 cannot carry at all.
UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def timestamp_text(value):
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (value.microsecond // 1000)


def scalar_text(shape, value):
    kind = shape.type_name
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "timestamp":
        return timestamp_text(value)
    if kind == "blob":
        return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()
    return escape(UNPRINTABLE.sub("", str(value)))


def write(out, shape, value, tag):
    kind = shape.type_name
    if kind == "structure":
        out.append("<%s>" % tag)
        write_members(out, shape, value)
        out.append("</%s>" % tag)
    elif kind == "list":
        write_list(out, shape, value, tag)
    elif kind == "map":
        write_map(out, shape, value, tag)
    else:
        out.append("<%s>%s</%s>" % (tag, scalar_text(shape, value), tag))


def write_members(out, shape, value):
    for name, member in shape.members.items():
        if value.get(name) is not None:
            write(out, member, value[name], member.serialization.get("name", name))


def write_list(out, shape, value, tag):
    if shape.serialization.get("flattened"):
        for member in value:
            write(out, shape.member, member, shape.member.serialization.get("name", tag))
        return
    if not value:
        out.append("<%s/>" % tag)
        return
    out.append("<%s>" % tag)
    for member in value:
        write(out, shape.member, member, shape.member.serialization.get("name", "member"))
    out.append("</%s>" % tag)


def write_map(out, shape, value, tag):
    flattened = shape.serialization.get("flattened")
    if not flattened:
        out.append("<%s>" % tag)
    for key, member in value.items():
        out.append("<%s>" % (tag if flattened else "entry"))
        write(out, shape.key, key, shape.key.serialization.get("name", "key"))
        write(out, shape.value, member, shape.value.serialization.get("name", "value"))
        out.append("</%s>" % (tag if flattened else "entry"))
    if not flattened:
        out.append("</%s>" % tag)


def write_answer(operation, value, request_id):
    """(content type, body)"""
    service, name, shape = operation.service, operation.name, operation.output
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        '<%sResponse xmlns="%s">' % (name, service.namespace),
    ]
    if service.protocol == "ec2":
        out.append("<requestId>%s</requestId>" % request_id)
        if shape is not None and shape.members:
            write_members(out, shape, value)
        else:
            out.append("<return>true</return>")
    else:
        wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
        if wrapper:
            out.append("<%s>" % wrapper)
            write_members(out, shape, value)
            out.append("</%s>" % wrapper)
        out.append("<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata>" % request_id)
    out.append("</%sResponse>" % name)
    return "text/xml;charset=UTF-8", "".join(out).encode()
