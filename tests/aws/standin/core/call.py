"""One API call as the services see it, with the rules that all calls share."""

import hashlib
import json
import re

from . import filters
from .errors import AwsError, refusal

# service -> parameter with the page's size, parameter with the token, where the next token goes
PAGING = {
    "ec2": ("MaxResults", "NextToken", "NextToken"),
    "elbv2": ("PageSize", "Marker", "NextMarker"),
    "elb": ("PageSize", "Marker", "NextMarker"),
    "ecs": ("maxResults", "nextToken", "nextToken"),
    "iam": ("MaxItems", "Marker", "Marker"),
    "autoscaling": ("MaxRecords", "NextToken", "NextToken"),
    "cloudwatch": ("MaxResults", "NextToken", "NextToken"),
    "ebs": ("MaxResults", "NextToken", "NextToken"),
}
DEFAULT_PAGING = ("MaxResults", "NextToken", "NextToken")
# kind of EC2 resource -> prefix of its id, code and text when not there, code when no id
EC2_IDS = {
    "vpc": ("vpc", "InvalidVpcID.NotFound", "vpc ID", "InvalidVpcId.Malformed"),
    "subnet": ("subnet", "InvalidSubnetID.NotFound", "subnet ID", "InvalidSubnetId.Malformed"),
    "network-interface": (
        "eni",
        "InvalidNetworkInterfaceID.NotFound",
        "networkInterface ID",
        "InvalidNetworkInterfaceId.Malformed",
    ),
    "instance": ("i", "InvalidInstanceID.NotFound", "instance ID", "InvalidInstanceID.Malformed"),
    "security-group": ("sg", "InvalidGroup.NotFound", "security group", "InvalidGroupId.Malformed"),
    "security-group-rule": (
        "sgr",
        "InvalidSecurityGroupRuleId.NotFound",
        "security group rule ID",
        "InvalidSecurityGroupRuleId.Malformed",
    ),
    "route-table": (
        "rtb",
        "InvalidRouteTableID.NotFound",
        "routeTable ID",
        "InvalidRouteTableId.Malformed",
    ),
    "network-acl": (
        "acl",
        "InvalidNetworkAclID.NotFound",
        "networkAcl ID",
        "InvalidNetworkAclId.Malformed",
    ),
    "image": ("ami", "InvalidAMIID.NotFound", "image id", "InvalidAMIID.Malformed"),
    "snapshot": ("snap", "InvalidSnapshot.NotFound", "snapshot", "InvalidSnapshotID.Malformed"),
    "launch-template": (
        "lt",
        "InvalidLaunchTemplateId.NotFound",
        "launch template",
        "InvalidLaunchTemplateId.Malformed",
    ),
    "vpc-endpoint": (
        "vpce",
        "InvalidVpcEndpointId.NotFound",
        "Vpc Endpoint ID",
        "InvalidVpcEndpointId.Malformed",
    ),
    "vpc-peering-connection": (
        "pcx",
        "InvalidVpcPeeringConnectionID.NotFound",
        "vpcPeeringConnection ID",
        "InvalidVpcPeeringConnectionId.Malformed",
    ),
    "traffic-mirror-target": (
        "tmt",
        "InvalidTrafficMirrorTargetId.NotFound",
        "traffic mirror target",
        "InvalidTrafficMirrorTargetId.Malformed",
    ),
    "traffic-mirror-filter": (
        "tmf",
        "InvalidTrafficMirrorFilterId.NotFound",
        "traffic mirror filter",
        "InvalidTrafficMirrorFilterId.Malformed",
    ),
    "traffic-mirror-filter-rule": (
        "tmfr",
        "InvalidTrafficMirrorFilterRuleId.NotFound",
        "traffic mirror filter rule",
        "InvalidTrafficMirrorFilterRuleId.Malformed",
    ),
    "traffic-mirror-session": (
        "tms",
        "InvalidTrafficMirrorSessionId.NotFound",
        "traffic mirror session",
        "InvalidTrafficMirrorSessionId.Malformed",
    ),
}
NEVER_SAME = ("ClientToken", "DryRun", "NextToken", "Marker", "nextToken", "clientToken")


class DryRun(Exception):
    """Raised by `commit` in a dry run: everything was right, and nothing must change."""


def digest(parameters):
    kept = {k: v for k, v in parameters.items() if k not in NEVER_SAME}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()


class Call:
    def __init__(self, world, operation, principal, region, parameters):
        self.world = world
        self.operation = operation
        self.service = operation.service
        self.principal = principal
        self.account = principal.account if principal else None
        self.region = region
        self.parameters = parameters
        self.committed = False

    def __getitem__(self, name):
        return self.parameters[name]

    def get(self, name, default=None):
        return self.parameters.get(name, default)

    def refuse(self, kind, message):
        return refusal(self.service, kind, message)

    def commit(self):
        """Every check is done and what follows changes state."""
        self.committed = True
        if self.parameters.get("DryRun"):
            raise DryRun

    # --- making and finding

    def create(self, kind, item_id, item):
        item["_hidden"] = self.world.options.hidden_reads
        self.region.store(kind)[item_id] = item
        return item

    def new_id(self, kind):
        return self.world.ids.make(EC2_IDS[kind][0])

    def is_visible(self, item):
        """Counts down the reads that a new resource stays unseen for."""
        if item.get("_hidden", 0) > 0:
            item["_hidden"] -= 1
            return False
        return True

    def find(self, kind, item_id):
        """An EC2 resource by id; refuses what is no id, is not there, or is too new to be seen."""
        prefix, not_found, noun, malformed = EC2_IDS[kind]
        if not re.fullmatch(prefix + r"-([0-9a-f]{8}|[0-9a-f]{17})", item_id):
            raise AwsError(malformed, 'Invalid id: "%s" (expecting "%s-...")' % (item_id, prefix))
        item = self.region.store(kind).get(item_id)
        if item is None or not self.is_visible(item):
            raise AwsError(not_found, "The %s '%s' does not exist" % (noun, item_id))
        return item

    def select(self, kind, ids, table, items=None):
        """The resources that ids and filters of a Describe call pick."""
        compiled = filters.compile_filters(self.get("Filters"), table)
        if ids:
            if self.get("MaxResults") is not None:
                raise AwsError(
                    "InvalidParameterCombination",
                    "The parameter MaxResults cannot be used together with ids",
                )
            chosen = [self.find(kind, one) for one in dict.fromkeys(ids)]
        else:
            found = list(self.region.store(kind).values()) if items is None else items
            chosen = [item for item in found if self.is_visible(item)]
        return [item for item in chosen if filters.passes(item, compiled, table)]

    # --- answering

    def paged(self, key, items, explicit=False, extra=None):
        """One page of `items` under `key`. `explicit`: each was named by the caller: no pages."""
        size_name, token_name, next_name = PAGING.get(self.service.name, DEFAULT_PAGING)
        limit = min(self.world.options.page_size, self.get(size_name) or 10**6)
        token, tokens = self.get(token_name), self.region.store("_page")
        answer = dict(extra or {})
        if token:
            known = tokens.get(token)
            if known is None or known["for"] != self.page_digest():
                raise self.bad_token(token)
            items = known["items"]
        elif explicit:
            answer[key] = items
            return answer
        elif self.get("Filters") and self.world.options.empty_pages:
            limit = 0
        answer[key] = items[:limit]
        if len(items) > limit or (limit == 0 and not token):
            token = self.world.ids.letters(48)
            tokens[token] = {"for": self.page_digest(), "items": items[limit:]}
            answer[next_name] = token
        return answer

    def page_digest(self):
        size_name = PAGING.get(self.service.name, DEFAULT_PAGING)[0]
        return self.operation.name + digest(
            {k: v for k, v in self.parameters.items() if k != size_name}
        )

    def bad_token(self, token):
        if self.service.name == "ec2":
            return AwsError(
                "InvalidParameterValue", "Unable to parse pagination token '%s'" % token
            )
        if self.service.name == "autoscaling":
            return AwsError("InvalidNextToken", "The token '%s' is invalid" % token)
        return self.refuse("invalid", "The token '%s' is invalid" % token)

    def once(self, make):
        """`make()` for a call with a client token: the same token gives the same answer again."""
        token = self.get("ClientToken")
        if token is None:
            return make()
        if not re.fullmatch(r"[\x21-\x7e]{1,64}", token):
            raise AwsError("InvalidParameterValue", "Invalid value '%s' for clientToken" % token)
        key = (self.operation.name, token)
        known = self.region.client_tokens.get(key)
        if known is None:
            answer = make()
            self.region.client_tokens[key] = (digest(self.parameters), answer)
            return answer
        if known[0] != digest(self.parameters):
            raise AwsError(
                "IdempotentParameterMismatch",
                "The client token '%s' has been used before with different parameters" % token,
            )
        self.commit()
        return known[1]
