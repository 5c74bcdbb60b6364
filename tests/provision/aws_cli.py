"""Carries out a line that was meant for AWS's own command line: enough of it for what 'doctor' advises.

Options are members of the operation's input, as AWS's models name them; anything else is an error.
"""

import re
import shlex

# what the command line calls otherwise than the model
FLAGS = {
    ("create-network-acl-entry", "--ingress"): ("Egress", False),
    ("create-network-acl-entry", "--egress"): ("Egress", True),
}


def kebab(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def split(text):
    """At the commas that are in no bracket."""
    depth, parts = 0, [""]
    for char in text:
        depth += char in "[{"
        depth -= char in "]}"
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def shorthand(text, shape):
    """A=b,C=[{D=e}] as the shape wants it."""
    if shape.type_name == "structure":
        text = text[1:-1] if text.startswith("{") else text
        pairs = (part.split("=", 1) for part in split(text))
        return {name: shorthand(value, shape.members[name]) for name, value in pairs}
    if shape.type_name == "list":
        if not (text.startswith("[") and text.endswith("]")):
            raise ValueError("'%s' is no list" % text)
        return [shorthand(part, shape.member) for part in split(text[1:-1])]
    if shape.type_name in ("integer", "long"):
        return int(text)
    if shape.type_name == "boolean":
        return {"true": True, "false": False}[text]
    return text


def value_of(words, shape):
    if shape.type_name == "list":
        return [shorthand(word, shape.member) for word in words]
    (word,) = words
    return shorthand(word, shape)


def run(make_client, line):
    """`make_client`: a service's name and region -> a client of it."""
    program, service, operation, *words = shlex.split(line)
    if program != "aws":
        raise ValueError("'%s' is not AWS's command line" % program)
    parameters, given = {}, {}
    while words:
        name = words.pop(0)
        if (operation, name) in FLAGS:
            member, value = FLAGS[operation, name]
            parameters[member] = value
            continue
        given[name] = []
        while words and not words[0].startswith("--"):
            given[name].append(words.pop(0))
    client = make_client(service, given.pop("--region")[0])
    model = client.meta.service_model
    (full,) = (name for name in model.operation_names if kebab(name) == operation)
    members = {"--" + kebab(name): (name, shape) for name, shape in model.operation_model(full).input_shape.members.items()}
    for name, values in given.items():
        member, shape = members[name]
        parameters[member] = value_of(values, shape)
    return getattr(client, operation.replace("-", "_"))(**parameters)
