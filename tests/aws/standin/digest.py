"""A region's state with every identifier replaced by what it stands for.

Two runs that made the same things in another order, with other identifiers, have the same digest.
Each resource gets a label out of its content without identifiers; then labels take the place of
identifiers, and resources are labelled again until links of links count too.
"""

import collections
import datetime
import hashlib
import json
import re

ROUNDS = 4
# Random, or a matter of time: no part of what a run wanted.
IGNORED = {
    "MacAddress",
    "CreatedTime",
    "CreateTime",
    "AttachTime",
    "LaunchTime",
    "DNSName",
    "ClientToken",
    "PrivateIpAddress",
    "PrivateDnsName",
    "PrivateIpAddresses",
    "AvailableIpAddressCount",
    "createdAt",
    "VirtualNetworkId",
    "OwnerId",
    "StartTime",
    "EndTime",
    "LastModifiedDate",
    "Ipv6Addresses",
}
# Members that the API shows in calls of their own.
KEPT = {"_tags", "_attributes", "_rules", "_versions"}


def is_gone(item):
    """What is terminated, or goes with the next look, counts for nothing."""
    state = item.get("State")
    return (
        "_leaving" in item
        or isinstance(state, dict)
        and state.get("Name") in ("shutting-down", "terminated")
    )


def names_of(region):
    """every identifier -> the (kind, key) of the resource that it names"""
    return {
        key: (kind, key)
        for kind, store in region.stores.items()
        if not kind.startswith("_")
        for key, item in store.items()
        if not is_gone(item)
    }


def reduced(value, labels, own):
    if isinstance(value, dict):
        return {
            k: reduced(v, labels, own)
            for k, v in sorted(value.items())
            if (not k.startswith("_") or k in KEPT) and k not in IGNORED
        }
    if isinstance(value, (list, tuple)):
        return sorted(
            (reduced(v, labels, own) for v in value), key=lambda v: json.dumps(v, sort_keys=True)
        )
    if isinstance(value, datetime.datetime):
        return "time"
    if isinstance(value, str):
        if value == own:
            return "self"
        return labels.get(value) or re.sub(r"\b0?[0-9a-f]{16}\b", "*", value)
    return value


def label(item, labels, own):
    return hashlib.sha256(
        json.dumps(reduced(item, labels, own), sort_keys=True).encode()
    ).hexdigest()[:16]


def of_region(region):
    """kind -> {label: how many}"""
    names = names_of(region)
    labels = {}
    for _ in range(ROUNDS):
        labels = {
            key: "%s:%s" % (kind, label(region.stores[kind][key], labels, key))
            for key, (kind, _k) in names.items()
        }
    found = collections.defaultdict(collections.Counter)
    for key, (kind, _k) in names.items():
        found[kind][labels[key]] += 1
    account = region.account
    found["role"].update(account.roles.keys())
    found["instance-profile"].update(account.instance_profiles.keys())
    return {kind: dict(sorted(counter.items())) for kind, counter in sorted(found.items())}
