"""IAM: roles, users and instance profiles to be found and made, and the policy simulator."""

import json
import re
import urllib.parse

from ..core.errors import AwsError
from ..state import policy


def not_found(what, name):
    return AwsError("NoSuchEntity", "The %s with name %s cannot be found." % (what, name))


def marked(call, key, items):
    answer = call.paged(key, items)
    answer["IsTruncated"] = "Marker" in answer
    return answer


def get_role(call):
    role = call.account.roles.get(call["RoleName"])
    if role is None:
        raise not_found("role", call["RoleName"])
    return {"Role": role}


def get_user(call):
    name = call.get("UserName")
    if name is None:
        arn = call.principal.arn
        found = next((u for u in call.account.users.values() if u["Arn"] == arn), None)
        if found is None:
            raise call.refuse(
                "invalid", "Must specify userName when calling with non-User credentials"
            )
        return {"User": found}
    if name not in call.account.users:
        raise not_found("user", name)
    return {"User": call.account.users[name]}


def get_instance_profile(call):
    profile = call.account.instance_profiles.get(call["InstanceProfileName"])
    if profile is None:
        raise AwsError(
            "NoSuchEntity", "Instance Profile %s cannot be found." % call["InstanceProfileName"]
        )
    return {"InstanceProfile": profile}


def list_instance_profiles(call):
    prefix = call.get("PathPrefix") or "/"
    return marked(
        call,
        "InstanceProfiles",
        [p for p in call.account.instance_profiles.values() if p["Path"].startswith(prefix)],
    )


def parsed_policy(text, code="MalformedPolicyDocument"):
    """A policy document, or a refusal."""
    try:
        document = json.loads(text)
        statements = policy.as_list(document["Statement"])
        good = all(
            s["Effect"] in ("Allow", "Deny") and ("Action" in s or "NotAction" in s)
            for s in statements
        )
    except (ValueError, KeyError, TypeError):
        good = False
    if not good:
        raise AwsError(code, "Syntax errors in policy.")
    return document


def create_role(call):
    name, path = call["RoleName"], call.get("Path") or "/"
    if name in call.account.roles:
        raise AwsError("EntityAlreadyExists", "Role with name %s already exists." % name)
    trust = []
    for statement in policy.as_list(parsed_policy(call["AssumeRolePolicyDocument"])["Statement"]):
        principal = statement.get("Principal") or {}
        for values in principal.values() if isinstance(principal, dict) else []:
            trust += [
                re.sub(r"arn:[^:]*:iam::(\d+):root", r"\1", v) for v in policy.as_list(values)
            ]
    role = call.world.add_role(call.account, name, path, trust, [])
    role["AssumeRolePolicyDocument"] = urllib.parse.quote(call["AssumeRolePolicyDocument"])
    if call.get("Tags"):
        role["Tags"] = call["Tags"]
    return {"Role": role}


def put_role_policy(call):
    role = get_role(call)["Role"]
    named = role.setdefault("_named_policies", {})
    named[call["PolicyName"]] = parsed_policy(call["PolicyDocument"])
    role["_policies"][:] = named.values()


def delete_role_policy(call):
    role = get_role(call)["Role"]
    if role.get("_named_policies", {}).pop(call["PolicyName"], None) is None:
        raise not_found("role policy", call["PolicyName"])
    role["_policies"][:] = role["_named_policies"].values()


def delete_role(call):
    role = get_role(call)["Role"]
    if role["_policies"] or any(
        role in p["Roles"] for p in call.account.instance_profiles.values()
    ):
        raise AwsError(
            "DeleteConflict", "Cannot delete entity, must detach all policies and profiles first."
        )
    del call.account.roles[call["RoleName"]]


def create_instance_profile(call):
    name, path = call["InstanceProfileName"], call.get("Path") or "/"
    if name in call.account.instance_profiles:
        raise AwsError("EntityAlreadyExists", "Instance Profile %s already exists." % name)
    profile = {
        "InstanceProfileName": name,
        "Path": path,
        "InstanceProfileId": "AIPA" + call.world.ids.letters(17),
        "Arn": call.account.iam_arn("instance-profile" + path + name),
        "CreateDate": call.world.now(),
        "Roles": [],
        "_hidden": call.world.options.hidden_reads,
    }
    if call.get("Tags"):
        profile["Tags"] = call["Tags"]
    call.account.instance_profiles[name] = profile
    return {"InstanceProfile": profile}


def add_role_to_instance_profile(call):
    profile, role = get_instance_profile(call)["InstanceProfile"], get_role(call)["Role"]
    if profile["Roles"]:
        raise AwsError(
            "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
        )
    profile["Roles"].append(role)


def remove_role_from_instance_profile(call):
    profile, role = get_instance_profile(call)["InstanceProfile"], get_role(call)["Role"]
    if role not in profile["Roles"]:
        raise not_found("role", call["RoleName"])
    profile["Roles"].remove(role)


def delete_instance_profile(call):
    if get_instance_profile(call)["InstanceProfile"]["Roles"]:
        raise AwsError(
            "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first."
        )
    del call.account.instance_profiles[call["InstanceProfileName"]]


def create_service_linked_role(call):
    service = call["AWSServiceName"]
    if service in call.account.service_linked_roles:
        raise AwsError(
            "InvalidInput",
            "Service role name for %s has been taken in this account, please try a different"
            " suffix." % service,
        )
    call.account.service_linked_roles.add(service)
    name = "AWSServiceRoleFor" + service.partition(".")[0].title()
    return {
        "Role": call.world.add_role(
            call.account, name, "/aws-service-role/%s/" % service, [service], []
        )
    }


# --- the simulator


def documents_of(call, arn):
    """The policies of a user or a role."""
    match = re.fullmatch(r"arn:[^:]+:iam::(\d+):(user|role|group)/(?:.*/)?([^/]+)", arn)
    if not match:
        raise AwsError(
            "InvalidInput",
            "Invalid Entity Arn: %s does not clearly define entity type and name." % arn,
        )
    held = {"user": call.account.users, "role": call.account.roles}.get(match[2], {})
    entity = held.get(match[3])
    if match[1] != call.account.id or entity is None or entity["Arn"] != arn:
        raise AwsError(
            "NoSuchEntity", "The %s with name %s cannot be found." % (match[2], match[3])
        )
    return entity["_principal"].policies if match[2] == "user" else entity["_policies"]


def simulate(call, documents):
    context = {
        e["ContextKeyName"].lower(): e.get("ContextKeyValues", [])
        for e in call.get("ContextEntries") or []
    }
    for name in call["ActionNames"]:
        if not re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9*]+", name):
            raise AwsError("InvalidInput", "Invalid Action name: %s" % name)
    rows = []
    for name in call["ActionNames"]:
        for resource in call.get("ResourceArns") or ["*"]:
            rows.append(
                {
                    "EvalActionName": name,
                    "EvalResourceName": resource,
                    "MatchedStatements": [],
                    "MissingContextValues": [],
                    "EvalDecision": policy.evaluate(documents, name, resource, context),
                }
            )
    return marked(call, "EvaluationResults", rows)


def simulate_principal_policy(call):
    extra = [parsed_policy(text, "InvalidInput") for text in call.get("PolicyInputList") or []]
    return simulate(call, documents_of(call, call["PolicySourceArn"]) + extra)


def simulate_custom_policy(call):
    return simulate(call, [parsed_policy(text, "InvalidInput") for text in call["PolicyInputList"]])
