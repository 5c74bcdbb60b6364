"""EC2: security groups and their rules."""

import re

from ..core.errors import AwsError
from ..state import firewall, network
from . import ec2_tags

MAXIMUM_RULES = 60
NAME = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}\Z")
GROUP_FILTERS = {
    "description": "Description",
    "group-id": "GroupId",
    "group-name": "GroupName",
    "owner-id": "OwnerId",
    "vpc-id": "VpcId",
    "ip-permission.cidr": "IpPermissions.IpRanges.CidrIp",
    "ip-permission.from-port": "IpPermissions.FromPort",
    "ip-permission.to-port": "IpPermissions.ToPort",
    "ip-permission.protocol": "IpPermissions.IpProtocol",
    "ip-permission.group-id": "IpPermissions.UserIdGroupPairs.GroupId",
    "egress.ip-permission.cidr": "IpPermissionsEgress.IpRanges.CidrIp",
    "egress.ip-permission.protocol": "IpPermissionsEgress.IpProtocol",
}
RULE_FILTERS = {"group-id": "GroupId", "security-group-rule-id": "SecurityGroupRuleId"}


def describe_security_groups(call):
    for name in call.get("GroupNames") or []:
        raise AwsError(
            "InvalidGroup.NotFound", "The security group '%s' does not exist in default VPC" % name
        )
    ids = call.get("GroupIds")
    maximum = call.get("MaxResults")
    if maximum is not None and not 5 <= maximum <= 1000:
        raise AwsError(
            "InvalidParameterValue", "Expecting a value of MaxResults between 5 and 1000."
        )
    for one in ids or []:
        call.find("security-group", one)
    if ids and maximum is not None:
        raise AwsError(
            "InvalidParameterCombination",
            "The parameter MaxResults cannot be used together with ids",
        )
    views = [
        firewall.group_view(g)
        for g in call.region.store("security-group").values()
        if (g["GroupId"] in ids if ids else call.is_visible(g))
    ]
    return call.paged(
        "SecurityGroups",
        call.select("_group", None, GROUP_FILTERS, [dict(v, _hidden=0) for v in views]),
        explicit=bool(ids),
    )


def describe_security_group_rules(call):
    ids = call.get("SecurityGroupRuleIds")
    rows = [
        firewall.rule_view(g, r)
        for g in call.region.store("security-group").values()
        for r in g["_rules"]
    ]
    known = {row["SecurityGroupRuleId"] for row in rows}
    for one in ids or []:
        if one not in known:
            raise AwsError(
                "InvalidSecurityGroupRuleId.NotFound",
                "The security group rule ID '%s' does not exist" % one,
            )
    rows = [row for row in rows if not ids or row["SecurityGroupRuleId"] in ids]
    return call.paged(
        "SecurityGroupRules", call.select("_rule", None, RULE_FILTERS, rows), explicit=bool(ids)
    )


def create_security_group(call):
    name, vpc_id = call["GroupName"], call.get("VpcId")
    if vpc_id is None:
        raise AwsError("VPCIdNotSpecified", "No default VPC for this user")
    call.find("vpc", vpc_id)
    if not NAME.match(name) or name.startswith("sg-") or name.lower() == "default":
        raise AwsError("InvalidParameterValue", "Invalid security group name '%s'" % name)
    if not NAME.match(call["Description"]):
        raise AwsError("InvalidParameterValue", "Invalid security group description")
    if any(
        g["GroupName"] == name and g["VpcId"] == vpc_id
        for g in call.region.store("security-group").values()
    ):
        raise AwsError(
            "InvalidGroup.Duplicate",
            "The security group '%s' already exists for VPC '%s'" % (name, vpc_id),
        )
    tags = ec2_tags.requested(call, ["security-group"])["security-group"]
    call.commit()
    group = network.make_security_group(call.region, vpc_id, name, call["Description"], tags)
    group["_hidden"] = call.world.options.hidden_reads
    return {"GroupId": group["GroupId"], "Tags": group["Tags"]}


def delete_security_group(call):
    if not call.get("GroupId"):
        raise AwsError("MissingParameter", "The request must contain the parameter groupId")
    network.sweep(call.region)
    group = call.find("security-group", call["GroupId"])
    if group["GroupName"] == "default":
        raise AwsError(
            "CannotDelete",
            "the specified group: '%s' name: 'default' cannot be deleted by a user"
            % call["GroupId"],
        )
    users = [
        i
        for i in call.region.store("network-interface").values()
        if any(g["GroupId"] == call["GroupId"] for g in i["Groups"])
    ]
    users += [
        g
        for g in call.region.store("security-group").values()
        if g is not group
        and any(r["kind"] == "group" and r["value"] == call["GroupId"] for r in g["_rules"])
    ]
    if users:
        raise AwsError(
            "DependencyViolation", "resource %s has a dependent object" % call["GroupId"]
        )
    call.commit()
    del call.region.store("security-group")[call["GroupId"]]


def wanted_permissions(call, group):
    """IpPermissions, or the older single parameters."""
    single = {
        "IpProtocol": call.get("IpProtocol"),
        "FromPort": call.get("FromPort"),
        "ToPort": call.get("ToPort"),
    }
    if call.get("SourceSecurityGroupName") or call.get("SourceSecurityGroupOwnerId"):
        raise AwsError("InvalidParameterCombination", "Use IpPermissions to name a group in a VPC")
    has_single = any(v is not None for v in single.values()) or call.get("CidrIp")
    if bool(call.get("IpPermissions")) == bool(has_single):
        raise AwsError(
            "InvalidParameterCombination" if has_single else "MissingParameter",
            "The request must contain either IpPermissions or the single parameters",
        )
    wanted = call.get("IpPermissions") or [
        dict(
            {k: v for k, v in single.items() if v is not None},
            IpRanges=[{"CidrIp": call.get("CidrIp", "")}],
        )
    ]
    for permission in wanted:
        for pair in permission.get("UserIdGroupPairs") or []:
            if call.find("security-group", pair.get("GroupId", ""))["VpcId"] != group["VpcId"]:
                raise AwsError(
                    "InvalidGroup.NotFound",
                    "The security group '%s' does not exist" % pair["GroupId"],
                )
    return wanted


def authorize(call, is_egress):
    group = call.find("security-group", call.get("GroupId") or "")
    try:
        rules = firewall.flat_rules(wanted_permissions(call, group), is_egress)
    except firewall.BadRule as error:
        raise AwsError(*error.args) from None
    for number, rule in enumerate(rules):
        if any(firewall.same(rule, other) for other in group["_rules"] + rules[:number]):
            raise AwsError(
                "InvalidPermission.Duplicate",
                'the specified rule "peer: %s, %s" already exists'
                % (rule["value"], rule["protocol"]),
            )
    if len([r for r in group["_rules"] if r["egress"] == is_egress]) + len(rules) > MAXIMUM_RULES:
        raise AwsError(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        )
    tags = ec2_tags.tag_list(
        ec2_tags.requested(call, ["security-group-rule"])["security-group-rule"]
    )
    call.commit()
    firewall.add_rules(call.world.ids, group, rules, tags)
    return {"Return": True, "SecurityGroupRules": [firewall.rule_view(group, r) for r in rules]}


def revoke(call, is_egress):
    group = call.find("security-group", call.get("GroupId") or "")
    ids = call.get("SecurityGroupRuleIds")
    if ids:
        gone = [r for r in group["_rules"] if r["id"] in ids and r["egress"] == is_egress]
        if len(gone) != len(ids):
            raise AwsError(
                "InvalidSecurityGroupRuleId.NotFound", "A security group rule ID does not exist"
            )
    else:
        try:
            wanted = firewall.flat_rules(wanted_permissions(call, group), is_egress)
        except firewall.BadRule as error:
            raise AwsError(*error.args) from None
        gone = [r for r in group["_rules"] if any(firewall.same(r, w) for w in wanted)]
        if len(gone) != len(wanted):
            raise AwsError(
                "InvalidPermission.NotFound",
                "The specified rule does not exist in this security group.",
            )
    call.commit()
    group["_rules"] = [r for r in group["_rules"] if r not in gone]
    return {"Return": True}


def authorize_security_group_ingress(call):
    return authorize(call, False)


def authorize_security_group_egress(call):
    return authorize(call, True)


def revoke_security_group_ingress(call):
    return revoke(call, False)


def revoke_security_group_egress(call):
    return revoke(call, True)
