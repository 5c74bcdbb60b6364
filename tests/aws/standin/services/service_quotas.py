"""Service Quotas: defaults for all, applied values where the account has them.

Traffic mirroring has no quota here, as in life.
"""

from ..core.errors import AwsError

# service -> code -> name, default, adjustable
QUOTAS = {
    "elasticloadbalancing": {
        "L-69A177A2": ("Network Load Balancers per Region", 50, True),
        "L-B22855CB": ("Target Groups per Region", 3000, True),
        "L-EEF1AD04": ("Targets per Network Load Balancer", 3000, True),
        "L-B211E961": ("Targets per Availability Zone Per Network Load Balancer", 500, True),
        "L-57A373D6": ("Listeners per Network Load Balancer", 50, True),
        "L-23568085": ("Network Load Balancer ENIs per VPC", 1200, True),
    },
    "vpc": {
        "L-DF5E4CA3": ("Network interfaces per Region", 5000, True),
        "L-0EA8095F": ("Inbound or outbound rules per security group", 60, True),
        "L-2AFB9258": ("Security groups per network interface", 5, True),
        "L-2AEEBF1A": ("Rules per network ACL", 20, True),
        "L-F678F1CE": ("VPCs per Region", 5, True),
    },
    "ec2": {
        "L-1216C47A": ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5, True),
        "L-0E3CBAB9": ("Public AMIs", 5, True),
        "L-70015FFA": ("AMI sharing", 1000, True),
    },
    "autoscaling": {"L-CDE20ADC": ("Auto Scaling groups per region", 500, True)},
}


def row(call, service, code, value):
    name, _, adjustable = QUOTAS[service][code]
    return {
        "ServiceCode": service,
        "ServiceName": service,
        "QuotaCode": code,
        "QuotaName": name,
        "Value": float(value),
        "QuotaArn": call.region.arn("servicequotas", "%s/%s" % (service, code)),
        "Unit": "None",
        "Adjustable": adjustable,
        "GlobalQuota": False,
    }


def codes(call):
    if call["ServiceCode"] not in QUOTAS:
        raise AwsError(
            "NoSuchResourceException",
            "The request failed because the specified service does not exist.",
        )
    return QUOTAS[call["ServiceCode"]]


def default_of(call):
    known = codes(call)
    if call["QuotaCode"] not in known:
        raise AwsError(
            "NoSuchResourceException",
            "The request failed because the specified quota does not exist.",
        )
    return known[call["QuotaCode"]][1]


def get_aws_default_service_quota(call):
    return {"Quota": row(call, call["ServiceCode"], call["QuotaCode"], default_of(call))}


def get_service_quota(call):
    """Only values that the account was given; there is no falling back to the default."""
    default_of(call)
    applied = call.region.store("_quota").get((call["ServiceCode"], call["QuotaCode"]))
    if applied is None:
        raise AwsError(
            "NoSuchResourceException",
            "The request failed because the specified quota has no applied value.",
        )
    return {"Quota": row(call, call["ServiceCode"], call["QuotaCode"], applied)}


def list_aws_default_service_quotas(call):
    return call.paged(
        "Quotas", [row(call, call["ServiceCode"], c, q[1]) for c, q in codes(call).items()]
    )


def list_service_quotas(call):
    applied = call.region.store("_quota")
    return call.paged(
        "Quotas",
        [
            row(call, call["ServiceCode"], c, applied.get((call["ServiceCode"], c), q[1]))
            for c, q in codes(call).items()
        ],
    )
