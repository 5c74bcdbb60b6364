"""Which host names are right for a call. Names that are not AWS's own always fit."""

import re

from .errors import AwsError
from ..state.partitions import PARTITIONS, partition_of

PREFIXES = {
    "elbv2": "elasticloadbalancing",
    "elb": "elasticloadbalancing",
    "service-quotas": "servicequotas",
    "cloudwatch": "monitoring",
    "pricing": "api.pricing",
    "sso": "portal.sso",
    "sso-oidc": "oidc",
}
WITHOUT_FIPS = {"pricing", "sso", "sso-oidc"}


def names_for(service, region):
    """Every host name that `service` answers at in `region`."""
    partition = PARTITIONS[partition_of(region)]
    prefix, suffix = PREFIXES.get(service, service), partition["suffix"]
    if service == "iam":
        gov = partition_of(region) == "aws-us-gov"
        china = partition_of(region) == "aws-cn"
        names = (
            ["iam.%s.%s" % (region, suffix)]
            if china
            else (
                ["iam.us-gov.amazonaws.com"]
                if gov
                else ["iam.amazonaws.com", "iam-fips.amazonaws.com"]
            )
        )
        return names
    names = ["%s.%s.%s" % (prefix, region, suffix)]
    if service == "sts" and region == "us-east-1":
        names.append("sts.amazonaws.com")
    if service not in WITHOUT_FIPS and suffix == "amazonaws.com":
        names.append("%s-fips.%s.%s" % (prefix, region, suffix))
    return names


def check_host(service, scope, host):
    name = host.rpartition(":")[0] or host
    if not re.search(r"\.amazonaws\.com(\.cn)?\Z", name):
        return
    regions = [scope.region] if scope else [r for p in PARTITIONS.values() for r in p["regions"]]
    if any(name in names_for(service.name, region) for region in regions if partition_of(region)):
        return
    raise AwsError(
        "UnknownEndpoint",
        "'%s' is not where %s of region '%s' answers" % (name, service.name, regions[0]),
        404,
    )


def certificate_names():
    """The names in the certificate, so that the stand-in can pose as AWS behind a proxy."""
    names = {"localhost", "*.amazonaws.com", "iam.us-gov.amazonaws.com"}
    for partition in PARTITIONS.values():
        for region in partition["regions"]:
            suffix = "%s.%s" % (region, partition["suffix"])
            names |= {"*." + suffix, "api.pricing." + suffix, "portal.sso." + suffix}
    return sorted(names)
