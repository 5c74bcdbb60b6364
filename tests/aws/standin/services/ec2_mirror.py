"""EC2: traffic mirror targets, filters, rules and sessions, with the rules that AWS documents."""

import ipaddress

from ..core.errors import AwsError
from ..state import mirroring
from . import ec2_tags
from .ec2_network import describe

MAXIMUM_NUMBER = 32766
SESSIONS_PER_INTERFACE = 3
MAXIMUM_VNI = 2**24 - 1
LOAD_BALANCER_PACKET_BYTES = 8500
TARGET_FILTERS = {
    "description": "Description",
    "network-interface-id": "NetworkInterfaceId",
    "network-load-balancer-arn": "NetworkLoadBalancerArn",
    "owner-id": "OwnerId",
    "traffic-mirror-target-id": "TrafficMirrorTargetId",
}
FILTER_FILTERS = {"description": "Description", "traffic-mirror-filter-id": "TrafficMirrorFilterId"}
RULE_FILTERS = {
    "traffic-mirror-filter-rule-id": "TrafficMirrorFilterRuleId",
    "traffic-mirror-filter-id": "TrafficMirrorFilterId",
    "rule-number": "RuleNumber",
    "rule-action": "RuleAction",
    "traffic-direction": "TrafficDirection",
    "protocol": "Protocol",
    "source-cidr-block": "SourceCidrBlock",
    "destination-cidr-block": "DestinationCidrBlock",
    "description": "Description",
}
SESSION_FILTERS = {
    "description": "Description",
    "network-interface-id": "NetworkInterfaceId",
    "owner-id": "OwnerId",
    "packet-length": "PacketLength",
    "session-number": "SessionNumber",
    "traffic-mirror-filter-id": "TrafficMirrorFilterId",
    "traffic-mirror-session-id": "TrafficMirrorSessionId",
    "traffic-mirror-target-id": "TrafficMirrorTargetId",
    "virtual-network-id": "VirtualNetworkId",
}


def invalid(text):
    return AwsError("InvalidParameterValue", text)


def tags_for(call, kind):
    return ec2_tags.tag_list(ec2_tags.requested(call, [kind])[kind])


def sessions_where(call, name, value):
    return [s for s in call.region.store("traffic-mirror-session").values() if s[name] == value]


# --- targets


def create_traffic_mirror_target(call):
    def make():
        names = ("NetworkInterfaceId", "NetworkLoadBalancerArn", "GatewayLoadBalancerEndpointId")
        given = [name for name in names if call.get(name)]
        if len(given) != 1:
            code = "InvalidParameterCombination" if given else "MissingParameter"
            raise AwsError(code, "Exactly one of %s is required" % ", ".join(names))
        kind = {
            "NetworkInterfaceId": check_interface_target,
            "NetworkLoadBalancerArn": check_load_balancer_target,
            "GatewayLoadBalancerEndpointId": check_endpoint_target,
        }[given[0]](call, call[given[0]])
        tags = tags_for(call, "traffic-mirror-target")
        call.commit()
        target_id = call.new_id("traffic-mirror-target")
        target = {
            "TrafficMirrorTargetId": target_id,
            given[0]: call[given[0]],
            "Type": kind,
            "OwnerId": call.account.id,
            "Tags": tags,
        }
        if call.get("Description") is not None:
            target["Description"] = call["Description"]
        call.create("traffic-mirror-target", target_id, target)
        return {"TrafficMirrorTarget": target, "ClientToken": call.get("ClientToken")}

    return call.once(make)


def check_interface_target(call, interface_id):
    interface = call.region.store("network-interface").get(interface_id)
    if interface is None or not call.is_visible(interface):
        raise AwsError(
            "InvalidTrafficMirrorTarget", "The interface ID '%s' does not exist" % interface_id
        )
    if interface["InterfaceType"] != "interface":
        raise AwsError(
            "InvalidTrafficMirrorTarget",
            "The interface '%s' is not of type interface" % interface_id,
        )
    return "network-interface"


def check_load_balancer_target(call, arn):
    balancer = call.region.store("load-balancer").get(arn)
    if balancer is None or balancer["Type"] != "network":
        raise AwsError(
            "InvalidTrafficMirrorTarget", "The Network Load Balancer '%s' does not exist" % arn
        )
    if balancer["State"]["Code"] != "active":
        raise AwsError(
            "InvalidTrafficMirrorTarget", "The Network Load Balancer '%s' is not active" % arn
        )
    return "network-load-balancer"


def check_endpoint_target(call, endpoint_id):
    if call.find("vpc-endpoint", endpoint_id)["VpcEndpointType"] != "GatewayLoadBalancer":
        raise AwsError(
            "InvalidTrafficMirrorTarget", "'%s' is no Gateway Load Balancer endpoint" % endpoint_id
        )
    return "gateway-load-balancer-endpoint"


def delete_traffic_mirror_target(call):
    target_id = call["TrafficMirrorTargetId"]
    call.find("traffic-mirror-target", target_id)
    users = sessions_where(call, "TrafficMirrorTargetId", target_id)
    if users:
        raise AwsError(
            "TrafficMirrorTargetInUse",
            "Cannot delete %s. Target is in use by %s"
            % (target_id, users[0]["TrafficMirrorSessionId"]),
        )
    call.commit()
    del call.region.store("traffic-mirror-target")[target_id]
    return {"TrafficMirrorTargetId": target_id}


def describe_traffic_mirror_targets(call):
    return describe(
        call,
        "traffic-mirror-target",
        "TrafficMirrorTargetIds",
        TARGET_FILTERS,
        "TrafficMirrorTargets",
    )


# --- filters and their rules


def filter_view(call, item):
    rules = sorted(
        (
            r
            for r in call.region.store("traffic-mirror-filter-rule").values()
            if r["TrafficMirrorFilterId"] == item["TrafficMirrorFilterId"]
        ),
        key=lambda r: r["RuleNumber"],
    )
    return dict(
        item,
        IngressFilterRules=[r for r in rules if r["TrafficDirection"] == "ingress"],
        EgressFilterRules=[r for r in rules if r["TrafficDirection"] == "egress"],
    )


def create_traffic_mirror_filter(call):
    def make():
        tags = tags_for(call, "traffic-mirror-filter")
        call.commit()
        filter_id = call.new_id("traffic-mirror-filter")
        item = {"TrafficMirrorFilterId": filter_id, "NetworkServices": [], "Tags": tags}
        if call.get("Description") is not None:
            item["Description"] = call["Description"]
        call.create("traffic-mirror-filter", filter_id, item)
        return {
            "TrafficMirrorFilter": filter_view(call, item),
            "ClientToken": call.get("ClientToken"),
        }

    return call.once(make)


def delete_traffic_mirror_filter(call):
    filter_id = call["TrafficMirrorFilterId"]
    call.find("traffic-mirror-filter", filter_id)
    users = sessions_where(call, "TrafficMirrorFilterId", filter_id)
    if users:
        raise AwsError(
            "TrafficMirrorFilterInUse",
            "Cannot delete %s. Filter is in use by %s"
            % (filter_id, users[0]["TrafficMirrorSessionId"]),
        )
    call.commit()
    del call.region.store("traffic-mirror-filter")[filter_id]
    rules = call.region.store("traffic-mirror-filter-rule")
    for rule_id in [k for k, r in rules.items() if r["TrafficMirrorFilterId"] == filter_id]:
        del rules[rule_id]
    return {"TrafficMirrorFilterId": filter_id}


def describe_traffic_mirror_filters(call):
    answer = describe(
        call,
        "traffic-mirror-filter",
        "TrafficMirrorFilterIds",
        FILTER_FILTERS,
        "TrafficMirrorFilters",
    )
    answer["TrafficMirrorFilters"] = [
        filter_view(call, item) for item in answer["TrafficMirrorFilters"]
    ]
    return answer


def modify_traffic_mirror_filter_network_services(call):
    item = call.find("traffic-mirror-filter", call["TrafficMirrorFilterId"])
    add, remove = call.get("AddNetworkServices") or [], call.get("RemoveNetworkServices") or []
    if not add and not remove or set(add) & set(remove):
        raise AwsError("InvalidParameterCombination", "Either add or remove a network service")
    call.commit()
    item["NetworkServices"] = sorted(set(item["NetworkServices"]) - set(remove) | set(add))
    return {"TrafficMirrorFilter": filter_view(call, item)}


def check_rule(call, rule):
    """Refuses a rule for its number, its networks, its ports, or its neighbours in the filter."""
    if not 1 <= rule["RuleNumber"] <= MAXIMUM_NUMBER:
        raise invalid("Rule number must be between 1 and %d" % MAXIMUM_NUMBER)
    families = set()
    for name in ("SourceCidrBlock", "DestinationCidrBlock"):
        try:
            families.add(ipaddress.ip_network(rule[name]).version)
        except ValueError:
            raise invalid(
                "Value (%s) for parameter %s is invalid. This is not a valid CIDR block."
                % (rule[name], name)
            ) from None
    if len(families) > 1:
        raise invalid("Source and destination CIDR blocks must be of the same address family")
    if not 0 <= rule.get("Protocol", 0) <= 255:
        raise invalid("Protocol must be between 0 and 255")
    for name in ("SourcePortRange", "DestinationPortRange"):
        ports = rule.get(name)
        if ports is None:
            continue
        low, high = ports.get("FromPort"), ports.get("ToPort")
        if low is None or high is None or not 0 <= low <= high <= 65535:
            raise invalid("%s is not a valid range of ports" % name)
        if rule.get("Protocol") not in (6, 17):
            raise invalid("%s is valid only for protocols 6 (TCP) and 17 (UDP)" % name)
    neighbours = [
        r
        for r in call.region.store("traffic-mirror-filter-rule").values()
        if r["TrafficMirrorFilterId"] == rule["TrafficMirrorFilterId"]
        and r is not rule.get("_old")
        and r["TrafficDirection"] == rule["TrafficDirection"]
    ]
    if any(r["RuleNumber"] == rule["RuleNumber"] for r in neighbours):
        raise AwsError(
            "TrafficMirrorFilterRuleAlreadyExists",
            "Rule number %d already exists in filter %s"
            % (rule["RuleNumber"], rule["TrafficMirrorFilterId"]),
        )
    if len(neighbours) >= call.world.options.rules_per_direction:
        raise AwsError(
            "TrafficMirrorFilterRuleLimitExceeded", "The filter has as many rules as it can have"
        )


def create_traffic_mirror_filter_rule(call):
    def make():
        call.find("traffic-mirror-filter", call["TrafficMirrorFilterId"])
        names = (
            "TrafficMirrorFilterId",
            "TrafficDirection",
            "RuleNumber",
            "RuleAction",
            "Protocol",
            "Description",
            "DestinationPortRange",
            "SourcePortRange",
            "DestinationCidrBlock",
            "SourceCidrBlock",
        )
        rule = {name: call[name] for name in names if call.get(name) is not None}
        check_rule(call, rule)
        if call.get("TagSpecifications"):
            rule["Tags"] = tags_for(call, "traffic-mirror-filter-rule")
        call.commit()
        rule["TrafficMirrorFilterRuleId"] = call.new_id("traffic-mirror-filter-rule")
        call.create("traffic-mirror-filter-rule", rule["TrafficMirrorFilterRuleId"], rule)
        return {"TrafficMirrorFilterRule": rule, "ClientToken": call.get("ClientToken")}

    return call.once(make)


def modify_traffic_mirror_filter_rule(call):
    old = call.find("traffic-mirror-filter-rule", call["TrafficMirrorFilterRuleId"])
    removed = {
        "destination-port-range": "DestinationPortRange",
        "source-port-range": "SourcePortRange",
        "protocol": "Protocol",
        "description": "Description",
    }
    rule = dict(old, _old=old)
    for name in call.get("RemoveFields") or []:
        if call.get(removed[name]) is not None:
            raise AwsError("InvalidParameterCombination", "%s cannot be set and removed" % name)
        rule.pop(removed[name], None)
    for name in (
        "TrafficDirection",
        "RuleNumber",
        "RuleAction",
        "Protocol",
        "Description",
        "DestinationPortRange",
        "SourcePortRange",
        "DestinationCidrBlock",
        "SourceCidrBlock",
    ):
        if call.get(name) is not None:
            rule[name] = call[name]
    check_rule(call, rule)
    del rule["_old"]
    call.commit()
    old.clear()
    old.update(rule)
    return {"TrafficMirrorFilterRule": old}


def delete_traffic_mirror_filter_rule(call):
    rule_id = call["TrafficMirrorFilterRuleId"]
    call.find("traffic-mirror-filter-rule", rule_id)
    call.commit()
    del call.region.store("traffic-mirror-filter-rule")[rule_id]
    return {"TrafficMirrorFilterRuleId": rule_id}


def describe_traffic_mirror_filter_rules(call):
    ids, filter_id = call.get("TrafficMirrorFilterRuleIds"), call.get("TrafficMirrorFilterId")
    rules = call.select("traffic-mirror-filter-rule", ids, RULE_FILTERS)
    return call.paged(
        "TrafficMirrorFilterRules",
        [r for r in rules if filter_id in (None, r["TrafficMirrorFilterId"])],
        explicit=bool(ids),
    )


# --- sessions


def check_source(call, interface_id):
    interface = call.find("network-interface", interface_id)
    if not mirroring.can_mirror(call.region, interface):
        raise AwsError(
            "NetworkInterfaceNotSupported",
            "%s must be attached to a supported instance" % interface_id,
        )
    if any(
        t.get("NetworkInterfaceId") == interface_id
        for t in call.region.store("traffic-mirror-target").values()
    ):
        raise invalid("%s is a traffic mirror target and cannot be a source" % interface_id)


def check_session(call, session, old=None):
    """Refuses what AWS refuses of a session that is new or about to change."""
    target = call.find("traffic-mirror-target", session["TrafficMirrorTargetId"])
    call.find("traffic-mirror-filter", session["TrafficMirrorFilterId"])
    if not 1 <= session["SessionNumber"] <= MAXIMUM_NUMBER:
        raise invalid("Session number must be between 1 and %d" % MAXIMUM_NUMBER)
    if not 1 <= session.get("VirtualNetworkId", 1) <= MAXIMUM_VNI:
        raise invalid("Virtual network ID must be between 1 and %d" % MAXIMUM_VNI)
    length = session.get("PacketLength")
    if length is not None and not 1 <= length <= LOAD_BALANCER_PACKET_BYTES:
        raise invalid("Packet length must be between 1 and %d" % LOAD_BALANCER_PACKET_BYTES)
    neighbours = [
        s
        for s in sessions_where(call, "NetworkInterfaceId", session["NetworkInterfaceId"])
        if s is not old
    ]
    for one in neighbours:
        if one["SessionNumber"] == session["SessionNumber"]:
            raise invalid(
                "Session number %d is already being used by %s"
                % (session["SessionNumber"], one["TrafficMirrorSessionId"])
            )
    if len(neighbours) >= SESSIONS_PER_INTERFACE:
        raise AwsError(
            "TrafficMirrorSessionsPerInterfaceLimitExceeded",
            "%s has %d sessions already" % (session["NetworkInterfaceId"], SESSIONS_PER_INTERFACE),
        )
    if "NetworkInterfaceId" in target:
        others = {
            s["NetworkInterfaceId"]
            for s in sessions_where(call, "TrafficMirrorTargetId", target["TrafficMirrorTargetId"])
        } - {session["NetworkInterfaceId"]}
        if len(others) >= call.world.options.sources_per_target:
            raise AwsError(
                "TrafficMirrorSourcesPerTargetLimitExceeded",
                "Sources per interface-target limit reached (%d)" % (len(others) + 1),
            )
    return target


def with_defaults(call, session, target):
    if "VirtualNetworkId" not in session:
        session["VirtualNetworkId"] = call.world.ids.random.randint(1, MAXIMUM_VNI)
    if "PacketLength" not in session and "NetworkLoadBalancerArn" in target:
        session["PacketLength"] = LOAD_BALANCER_PACKET_BYTES
    return session


def create_traffic_mirror_session(call):
    def make():
        names = (
            "NetworkInterfaceId",
            "TrafficMirrorTargetId",
            "TrafficMirrorFilterId",
            "PacketLength",
            "SessionNumber",
            "VirtualNetworkId",
            "Description",
        )
        session = {name: call[name] for name in names if call.get(name) is not None}
        check_source(call, session["NetworkInterfaceId"])
        target = check_session(call, session)
        if (
            len(call.region.store("traffic-mirror-session"))
            >= call.world.options.sessions_per_account
        ):
            raise AwsError(
                "TrafficMirrorSessionLimitExceeded",
                "The account has as many sessions as it can have",
            )
        session["Tags"] = tags_for(call, "traffic-mirror-session")
        call.commit()
        session.update(
            TrafficMirrorSessionId=call.new_id("traffic-mirror-session"), OwnerId=call.account.id
        )
        with_defaults(call, session, target)
        call.create("traffic-mirror-session", session["TrafficMirrorSessionId"], session)
        return {"TrafficMirrorSession": session, "ClientToken": call.get("ClientToken")}

    return call.once(make)


def modify_traffic_mirror_session(call):
    old = call.find("traffic-mirror-session", call["TrafficMirrorSessionId"])
    removed = {
        "packet-length": "PacketLength",
        "description": "Description",
        "virtual-network-id": "VirtualNetworkId",
    }
    session = dict(old)
    for name in call.get("RemoveFields") or []:
        if call.get(removed[name]) is not None:
            raise AwsError("InvalidParameterCombination", "%s cannot be set and removed" % name)
        session.pop(removed[name], None)
    for name in (
        "TrafficMirrorTargetId",
        "TrafficMirrorFilterId",
        "PacketLength",
        "SessionNumber",
        "VirtualNetworkId",
        "Description",
    ):
        if call.get(name) is not None:
            session[name] = call[name]
    target = check_session(call, session, old)
    call.commit()
    old.clear()
    old.update(with_defaults(call, session, target))
    return {"TrafficMirrorSession": old}


def delete_traffic_mirror_session(call):
    session_id = call["TrafficMirrorSessionId"]
    call.find("traffic-mirror-session", session_id)
    call.commit()
    del call.region.store("traffic-mirror-session")[session_id]
    return {"TrafficMirrorSessionId": session_id}


def describe_traffic_mirror_sessions(call):
    return describe(
        call,
        "traffic-mirror-session",
        "TrafficMirrorSessionIds",
        SESSION_FILTERS,
        "TrafficMirrorSessions",
    )
