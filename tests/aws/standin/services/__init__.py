"""The calls: one Python function for each operation, named as botocore names its methods."""

import importlib

MODULES = {
    "autoscaling": ["autoscaling"],
    "cloudwatch": ["cloudwatch"],
    "ebs": ["ebs"],
    "ec2": [
        "ec2_network",
        "ec2_routing",
        "ec2_instances",
        "ec2_types",
        "ec2_tags",
        "ec2_mirror",
        "ec2_security",
        "ec2_templates",
        "ec2_images",
    ],
    "ecs": ["ecs"],
    "elb": ["elb"],
    "elbv2": ["elbv2", "elbv2_targets"],
    "iam": ["iam"],
    "pricing": ["pricing"],
    "service-quotas": ["service_quotas"],
    "ssm": ["ssm"],
    "sso": ["sso"],
    "sso-oidc": ["sso_oidc"],
    "sts": ["sts"],
}


class Handlers:
    def __init__(self):
        self.modules = {}

    def find(self, service, python_name):
        """The function that answers the call, or None."""
        if service not in self.modules:
            names = MODULES.get(service, [])
            self.modules[service] = [
                importlib.import_module("." + name, __name__) for name in names
            ]
        found = (getattr(module, python_name, None) for module in self.modules[service])
        return next(filter(None, found), None)


HANDLERS = Handlers()
