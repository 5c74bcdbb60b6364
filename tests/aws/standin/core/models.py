"""The services that are served, as botocore's models describe them."""

import functools

import botocore.loaders
import botocore.model
from botocore import xform_name

# botocore's name of the service -> the name in a credential scope (None: served unsigned only).
SERVICES = {
    "ec2": "ec2",
    "elbv2": "elasticloadbalancing",
    "elb": "elasticloadbalancing",
    "ecs": "ecs",
    "sts": "sts",
    "iam": "iam",
    "service-quotas": "servicequotas",
    "autoscaling": "autoscaling",
    "ssm": "ssm",
    "cloudwatch": "monitoring",
    "ebs": "ebs",
    "pricing": "pricing",
    "sso": None,
    "sso-oidc": None,
}
# Older models leave these to the SDK's code.
UNSIGNED = {"AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"}
PROTOCOLS = ("ec2", "query", "json", "rest-json")


def pick_protocol(metadata):
    """Newer models list several protocols; the project speaks the ones in PROTOCOLS."""
    offered = [metadata["protocol"]] + list(metadata.get("protocols", []))
    return next(p for p in offered if p in PROTOCOLS)


class Service:
    """One service: its model, its protocol and its operations by wire name."""

    def __init__(self, name, document):
        self.name = name
        self.model = botocore.model.ServiceModel(document, name)
        metadata = document["metadata"]
        self.protocol = pick_protocol(metadata)
        self.api_version = metadata["apiVersion"]
        self.namespace = metadata.get("xmlNamespace") or "http://%s.amazonaws.com/doc/%s/" % (
            metadata["endpointPrefix"],
            self.api_version,
        )
        self.json_version = metadata.get("jsonVersion", "1.1")
        self.target_prefix = metadata.get("targetPrefix")
        self.endpoint_prefix = metadata["endpointPrefix"]
        self.signing_name = SERVICES[name]
        self.operation_names = frozenset(self.model.operation_names)

    @functools.lru_cache(maxsize=None)
    def operation(self, name):
        return Operation(self, self.model.operation_model(name))

    @functools.cached_property
    def error_shapes(self):
        return {s.error_code: s for s in self.model.error_shapes}


class Operation:
    def __init__(self, service, model):
        self.service = service
        self.model = model
        self.name = model.name
        self.python_name = xform_name(model.name)
        self.input = model.input_shape
        self.output = model.output_shape
        # newer models say the same in other words
        newer = model._operation_model.get("auth") or []  # pylint: disable=protected-access
        self.is_unsigned = (
            model.auth_type == "none" or newer == ["smithy.api#noAuth"] or model.name in UNSIGNED
        )
        self.may_leave_body_unsigned = model.auth_type == "v4-unsigned-body" or bool(
            model._operation_model.get("unsignedPayload")
        )  # pylint: disable=protected-access
        self.method = model.http.get("method", "POST")
        self.path = model.http.get("requestUri", "/")
        self.success_status = model.http.get("responseCode", 200)
        self.error_codes = frozenset(s.error_code for s in model.error_shapes)


class Models:
    def __init__(self):
        loader = botocore.loaders.Loader(include_default_search_paths=True)
        self.services = {
            name: Service(name, loader.load_service_model(name, "service-2")) for name in SERVICES
        }

    def __getitem__(self, name):
        return self.services[name]

    def by_query(self, action, version, signing_name):
        """The query or EC2 service that `Action` and `Version` name; None when there is none."""
        for service in self.services.values():
            if service.protocol in ("query", "ec2") and service.api_version == version:
                if (
                    signing_name in (None, service.signing_name)
                    and action in service.operation_names
                ):
                    return service
        return None

    def by_signing_name(self, signing_name):
        return next((s for s in self.services.values() if s.signing_name == signing_name), None)

    def by_target_prefix(self, prefix):
        return next(
            (
                s
                for s in self.services.values()
                if s.target_prefix == prefix and s.protocol == "json"
            ),
            None,
        )

    def rest_services(self):
        return [s for s in self.services.values() if s.protocol == "rest-json"]
