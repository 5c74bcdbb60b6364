"""SSM: the parameter store."""

import re

from ..core.errors import AwsError

NAME = re.compile(r"/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+){0,15}\Z")


def put(region, name, value, kind="String", data_type="text"):
    store = region.store("parameter")
    version = store[name]["Version"] + 1 if name in store else 1
    store[name] = {
        "Name": name,
        "Type": kind,
        "Value": value,
        "Version": version,
        "DataType": data_type,
        "LastModifiedDate": region.account.world.now(),
        "ARN": region.arn("ssm", "parameter/" + name.lstrip("/")),
    }
    return store[name]


def shown(call, item):
    """Secrets come encrypted unless asked for in the clear."""
    if item["Type"] == "SecureString" and not call.get("WithDecryption"):
        return dict(item, Value="AQICAHh-encrypted")
    return item


def get_parameter(call):
    name, _, version = call["Name"].partition(":")
    item = call.region.store("parameter").get(name)
    if item is None:
        raise AwsError("ParameterNotFound")
    if version and version != str(item["Version"]):
        raise AwsError(
            "ParameterVersionNotFound",
            "Systems Manager could not find version %s of %s." % (version, name),
        )
    return {"Parameter": shown(call, item)}


def get_parameters(call):
    if len(set(call["Names"])) != len(call["Names"]):
        raise call.refuse("invalid", "A name is given twice")
    store = call.region.store("parameter")
    return {
        "Parameters": [shown(call, store[name]) for name in call["Names"] if name in store],
        "InvalidParameters": [name for name in call["Names"] if name not in store],
    }


def get_parameters_by_path(call):
    path = call["Path"]
    if not path.startswith("/"):
        raise call.refuse(
            "invalid",
            (
                "The parameter doesn't meet the parameter name requirements. The path must begin"
                " with '/'"
            ),
        )
    if call.get("ParameterFilters"):
        raise AwsError("InvalidFilterKey", "The stand-in has no parameter filters")
    size = call.get("MaxResults")
    if size is not None and not 1 <= size <= 10:
        raise call.refuse("invalid", "MaxResults must be between 1 and 10")
    prefix = path.rstrip("/") + "/"
    items = [
        shown(call, p)
        for name, p in sorted(call.region.store("parameter").items())
        if name.startswith(prefix) and (call.get("Recursive") or "/" not in name[len(prefix) :])
    ]
    return call.paged("Parameters", items)


def put_parameter(call):
    name, store = call["Name"], call.region.store("parameter")
    if not NAME.match(name) or re.match(r"/?(aws|ssm)", name, re.IGNORECASE):
        raise call.refuse("invalid", "Parameter name '%s' is not allowed" % name)
    if name in store and not call.get("Overwrite"):
        raise AwsError(
            "ParameterAlreadyExists",
            (
                "The parameter already exists. To overwrite this value, set the overwrite "
                "option in the request to true."
            ),
        )
    if name not in store and not call.get("Type"):
        raise call.refuse("invalid", "A parameter type is required when you create a parameter.")
    if call.get("Overwrite") and call.get("Tags"):
        raise call.refuse("invalid", "Tags and overwrite can't be used together.")
    data_type = call.get("DataType") or "text"
    if data_type == "aws:ec2:image" and call["Value"] not in call.region.store("image"):
        raise call.refuse("invalid", "The image '%s' does not exist" % call["Value"])
    item = put(call.region, name, call["Value"], call.get("Type") or store[name]["Type"], data_type)
    return {"Version": item["Version"], "Tier": "Standard"}


def delete_parameter(call):
    if call.region.store("parameter").pop(call["Name"], None) is None:
        raise AwsError("ParameterNotFound")
