"""EC2: tags, at creation and after it."""

from ..core.errors import AwsError
from ..core.call import EC2_IDS
from ..state.network import tag_list

MAXIMUM_TAGS = 50
KEYS = {"network-interface": "TagSet"}
TAG_FILTERS = {
    "key": "Key",
    "resource-id": "ResourceId",
    "resource-type": "ResourceType",
    "value": "Value",
}
# what CreateTags takes although it is made by no call of the stand-in
EXTRA_PREFIXES = {"vol": "volume"}


def check_tags(tags):
    """Refuses what AWS refuses; returns key -> value."""
    found = {}
    for tag in tags:
        key, value = tag.get("Key", ""), tag.get("Value", "")
        if not key or len(key) > 128:
            raise AwsError(
                "InvalidParameterValue",
                "Tag keys must be 1 to 128 characters long. '%s' is invalid" % key,
            )
        if len(value) > 256:
            raise AwsError(
                "InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters"
            )
        if key.lower().startswith("aws:"):
            raise AwsError(
                "InvalidParameterValue",
                "Tag keys starting with 'aws:' are reserved for internal use",
            )
        if key in found:
            raise AwsError("InvalidParameterValue", "Duplicate tag key '%s' specified." % key)
        found[key] = value
    if len(found) > MAXIMUM_TAGS:
        raise AwsError("TagLimitExceeded", "The maximum number of tags for a resource is 50")
    return found


def requested(call, types):
    """resource type -> {key: value}, of the types that the call makes; refuses others."""
    found = {one: {} for one in types}
    for specification in call.get("TagSpecifications") or []:
        kind = specification.get("ResourceType")
        if kind is None:
            raise AwsError(
                "MissingParameter", "The request must contain the parameter ResourceType"
            )
        if kind not in found:
            raise AwsError(
                "InvalidParameterValue",
                "'%s' is not a valid taggable resource type for this operation." % kind,
            )
        if found[kind]:
            raise AwsError(
                "InvalidParameterValue",
                "The same resource type may not be specified more than once",
            )
        found[kind] = check_tags(specification.get("Tags") or [])
    return found


def tagged_kind(resource_id):
    prefix = resource_id.rpartition("-")[0]
    return next((kind for kind, (p, *_rest) in EC2_IDS.items() if p == prefix), None)


def find_tagged(call, resource_id):
    """(kind, the list that holds its tags)"""
    kind = tagged_kind(resource_id)
    if kind is None:
        raise AwsError("InvalidID", "The ID '%s' is not valid" % resource_id)
    item = call.find(kind, resource_id)
    return kind, item.setdefault(KEYS.get(kind, "Tags"), [])


def create_tags(call):
    tags = check_tags(call["Tags"])
    lists = [find_tagged(call, resource_id)[1] for resource_id in call["Resources"]]
    for held in lists:
        if len({t["Key"] for t in held} | set(tags)) > MAXIMUM_TAGS:
            raise AwsError("TagLimitExceeded", "The maximum number of tags for a resource is 50")
    call.commit()
    for held in lists:
        held[:] = [t for t in held if t["Key"] not in tags] + tag_list(tags)


def delete_tags(call):
    lists = [find_tagged(call, resource_id)[1] for resource_id in call["Resources"]]
    wanted = call.get("Tags")
    call.commit()
    for held in lists:
        if wanted is None:
            held[:] = [t for t in held if t["Key"].startswith("aws:")]
        else:
            held[:] = [
                t
                for t in held
                if not any(
                    t["Key"] == w.get("Key") and ("Value" not in w or w["Value"] == t["Value"])
                    for w in wanted
                )
            ]


def describe_tags(call):
    rows = []
    for kind in EC2_IDS:
        for resource_id, item in call.region.store(kind).items():
            if not item.get("_hidden"):
                rows += [
                    {
                        "Key": t["Key"],
                        "Value": t["Value"],
                        "ResourceId": resource_id,
                        "ResourceType": kind,
                    }
                    for t in item.get(KEYS.get(kind, "Tags"), [])
                ]
    return call.paged("Tags", call.select("_tag", None, TAG_FILTERS, rows))
