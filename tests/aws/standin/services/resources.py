"""Which resources a call touches, with the condition keys that policies may ask for."""

PREFIXES = {
    "elbv2": "elasticloadbalancing", "elb": "elasticloadbalancing", "service-quotas": "servicequotas",
    "sso": "sso", "sso-oidc": "sso-oauth",
}


def touched(call):
    """[(action, ARN or *, condition context)]"""
    action = "%s:%s" % (PREFIXES.get(call.service.name, call.service.name), call.operation.name)
    return [(action, "*", {"ec2:region": call.region.name, "aws:requestedregion": call.region.name})]
