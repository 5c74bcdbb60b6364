"""Security groups' rules: kept one by one, shown grouped by protocol and ports."""

import ipaddress

NUMBERS = {
    "tcp": "tcp",
    "udp": "udp",
    "icmp": "icmp",
    "icmpv6": "icmpv6",
    "6": "tcp",
    "17": "udp",
    "1": "icmp",
    "58": "icmpv6",
    "-1": "-1",
}


class BadRule(Exception):
    """(code, message)"""


def normal_protocol(text):
    if text in NUMBERS:
        return NUMBERS[text]
    if text.isdigit() and int(text) <= 255:
        return text
    raise BadRule(
        "InvalidParameterValue", "Invalid value '%s' for IP protocol. Unknown protocol." % text
    )


def normal_ports(permission, protocol):
    low, high = permission.get("FromPort"), permission.get("ToPort")
    if protocol not in ("tcp", "udp", "icmp", "icmpv6"):
        return None, None
    if low is None or high is None:
        raise BadRule(
            "InvalidParameterValue",
            "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
        )
    if protocol in ("tcp", "udp") and not 0 <= low <= high <= 65535 or not -1 <= low <= 65535:
        raise BadRule("InvalidParameterValue", "Invalid value '%d-%d' for portRange" % (low, high))
    return low, high


def normal_cidr(text, version):
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        network = None
    if network is None or network.version != version:
        raise BadRule("InvalidParameterValue", "CIDR block %s is malformed" % text)
    return str(network)


def flat_rules(permissions, is_egress):
    """Permissions as a call gives them -> rules."""
    rules = []
    for permission in permissions:
        protocol = normal_protocol(permission.get("IpProtocol", ""))
        low, high = normal_ports(permission, protocol)
        sources = [
            ("cidr4", normal_cidr(r.get("CidrIp", ""), 4), r)
            for r in permission.get("IpRanges") or []
        ]
        sources += [
            ("cidr6", normal_cidr(r.get("CidrIpv6", ""), 6), r)
            for r in permission.get("Ipv6Ranges") or []
        ]
        sources += [
            ("list", r.get("PrefixListId", ""), r) for r in permission.get("PrefixListIds") or []
        ]
        sources += [
            ("group", r.get("GroupId", ""), r) for r in permission.get("UserIdGroupPairs") or []
        ]
        if not sources:
            raise BadRule(
                "MissingParameter",
                "Either a CIDR block, a prefix list or a source group is required",
            )
        rules += [
            {
                "egress": is_egress,
                "protocol": protocol,
                "from": low,
                "to": high,
                "kind": kind,
                "value": value,
                "description": source.get("Description"),
            }
            for kind, value, source in sources
        ]
    return rules


def same(one, other):
    """Descriptions do not tell rules apart."""
    return all(one[k] == other[k] for k in ("egress", "protocol", "from", "to", "kind", "value"))


def permissions(rules, owner):
    """Rules of one direction as IpPermissions."""
    grouped = {}
    for rule in rules:
        key = (rule["protocol"], rule["from"], rule["to"])
        permission = grouped.setdefault(
            key,
            {
                "IpProtocol": key[0],
                "IpRanges": [],
                "Ipv6Ranges": [],
                "PrefixListIds": [],
                "UserIdGroupPairs": [],
            },
        )
        if key[1] is not None:
            permission.update(FromPort=key[1], ToPort=key[2])
        place, name = {
            "cidr4": ("IpRanges", "CidrIp"),
            "cidr6": ("Ipv6Ranges", "CidrIpv6"),
            "list": ("PrefixListIds", "PrefixListId"),
            "group": ("UserIdGroupPairs", "GroupId"),
        }[rule["kind"]]
        entry = {name: rule["value"]}
        if rule["kind"] == "group":
            entry["UserId"] = owner
        if rule["description"]:
            entry["Description"] = rule["description"]
        permission[place].append(entry)
    return list(grouped.values())


def rule_view(group, rule):
    """A rule as DescribeSecurityGroupRules shows it."""
    view = {
        "SecurityGroupRuleId": rule["id"],
        "GroupId": group["GroupId"],
        "GroupOwnerId": group["OwnerId"],
        "IsEgress": rule["egress"],
        "IpProtocol": rule["protocol"],
        "Tags": rule["tags"],
        "FromPort": -1 if rule["from"] is None else rule["from"],
        "ToPort": -1 if rule["to"] is None else rule["to"],
    }
    if rule["description"]:
        view["Description"] = rule["description"]
    if rule["kind"] == "group":
        view["ReferencedGroupInfo"] = {
            "GroupId": rule["value"],
            "UserId": group["OwnerId"],
            "VpcId": group["VpcId"],
        }
    else:
        view[{"cidr4": "CidrIpv4", "cidr6": "CidrIpv6", "list": "PrefixListId"}[rule["kind"]]] = (
            rule["value"]
        )
    return view


def add_rules(ids, group, rules, tags=()):
    for rule in rules:
        rule.update(id=ids.make("sgr"), tags=list(tags))
        group["_rules"].append(rule)


def group_view(group):
    return dict(
        group,
        IpPermissions=permissions(
            [r for r in group["_rules"] if not r["egress"]], group["OwnerId"]
        ),
        IpPermissionsEgress=permissions(
            [r for r in group["_rules"] if r["egress"]], group["OwnerId"]
        ),
    )
