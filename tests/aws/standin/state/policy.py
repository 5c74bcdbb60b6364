"""Evaluates IAM policy documents: enough of the language for the policies that the tool prints."""

import re

ALLOWED, EXPLICIT_DENY, IMPLICIT_DENY = "allowed", "explicitDeny", "implicitDeny"
ADMINISTRATOR = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def as_list(value):
    return value if isinstance(value, list) else [value]


def matches(pattern, text, ignore_case=False):
    expression = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return (
        re.fullmatch(expression, text, re.IGNORECASE | re.DOTALL if ignore_case else re.DOTALL)
        is not None
    )


def compare(operator, wanted, actual):
    if operator in ("StringEquals", "ArnEquals") and "*" not in wanted:
        return wanted == actual
    if operator == "StringEqualsIgnoreCase":
        return wanted.lower() == actual.lower()
    if operator in ("StringLike", "ArnLike", "ArnEquals"):
        return matches(wanted, actual)
    if operator == "Bool":
        return wanted.lower() == actual.lower()
    if operator == "StringEquals":
        return wanted == actual
    raise ValueError("condition operator %s is not known here" % operator)


def condition_holds(operator, key, wanted, context):
    """One key of one condition operator against the request's context (keys in lower case)."""
    quantifier, _, rest = operator.rpartition(":")
    if_exists = rest.endswith("IfExists")
    rest = rest[: -len("IfExists")] if if_exists else rest
    actual = context.get(key.lower())
    if rest == "Null":
        return (actual is None) == (as_list(wanted)[0].lower() == "true")
    negated = rest.startswith(("StringNot", "ArnNot"))
    rest = rest.replace("Not", "", 1) if negated else rest
    if actual is None:
        return if_exists or negated or quantifier == "ForAllValues"
    hits = [any(compare(rest, w, a) for w in as_list(wanted)) for a in as_list(actual)]
    hit = all(hits) if quantifier == "ForAllValues" else any(hits)
    return not hit if negated else hit


def statement_applies(statement, action, resource, context):
    if "Action" in statement:
        hit = any(matches(a, action, ignore_case=True) for a in as_list(statement["Action"]))
    else:
        hit = not any(matches(a, action, ignore_case=True) for a in as_list(statement["NotAction"]))
    if hit and "Resource" in statement:
        hit = any(matches(r, resource) for r in as_list(statement["Resource"]))
    elif hit:
        hit = not any(matches(r, resource) for r in as_list(statement["NotResource"]))
    return hit and all(
        condition_holds(operator, key, wanted, context)
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def evaluate(documents, action, resource, context):
    """`action` as service:Name; `context`: condition keys in lower case -> text or texts."""
    verdict = IMPLICIT_DENY
    for document in documents:
        for statement in as_list(document["Statement"]):
            if statement_applies(statement, action, resource, context):
                if statement["Effect"] == "Deny":
                    return EXPLICIT_DENY
                verdict = ALLOWED
    return verdict
