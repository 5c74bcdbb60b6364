"""The price list: what mirroring, load balancers, transfer and instances cost, region by region."""

import json

from ..core.errors import AwsError

# region -> prefix of its usage types, factor on the prices of us-east-1
REGIONS = {
    "us-east-1": ("", 1.0),
    "us-west-2": ("USW2-", 1.0),
    "eu-central-1": ("EUC1-", 1.2),
    "ap-south-1": ("APS3-", 1.1),
    "cn-north-1": ("CNN1-", 1.3),
    "cn-northwest-1": ("CNW1-", 1.1),
}
INSTANCES = {
    "c6i.large": 0.085,
    "c6in.large": 0.1134,
    "c6i.xlarge": 0.17,
    "c6in.xlarge": 0.2268,
    "c7g.medium": 0.0363,
    "c6in.2xlarge": 0.4536,
    "c7i.xlarge": 0.1785,
    "m5.large": 0.096,
    "t3.micro": 0.0104,
}
FIELDS = {
    "servicecode",
    "regioncode",
    "productfamily",
    "usagetype",
    "location",
    "locationtype",
    "instancetype",
    "operation",
    "operatingsystem",
    "tenancy",
    "capacitystatus",
    "preinstalledsw",
    "termtype",
    "group",
    "servicename",
}


# service, product family, usage type, operation, unit, dollars in us-east-1
PRODUCTS = (
    ("AmazonVPC", "Traffic Mirroring", "ENI-Mirror", "", "Hrs", 0.015),
    ("AmazonVPC", "VpcEndpoint", "VpcEndpoint-Hours", "VpcEndpoint", "Hrs", 0.01),
    (
        "AWSELB",
        "Load Balancer-Network",
        "LoadBalancerUsage",
        "LoadBalancing:Network",
        "Hrs",
        0.0225,
    ),
    ("AWSELB", "Load Balancer-Network", "LCUUsage", "LoadBalancing:Network", "LCU-Hrs", 0.006),
    (
        "AWSELB",
        "Load Balancer-Application",
        "LoadBalancerUsage",
        "LoadBalancing:Application",
        "Hrs",
        0.0225,
    ),
    ("AmazonEC2", "Data Transfer", "DataTransfer-Regional-Bytes", "", "GB", 0.01),
)
INSTANCE = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "capacitystatus": "Used",
    "preInstalledSw": "NA",
}


def products():
    """(service, product family, attributes, unit, dollars)"""
    rows = [(*row, {}) for row in PRODUCTS]
    for kind, dollars in INSTANCES.items():
        usage, more = "BoxUsage:" + kind, {**INSTANCE, "instanceType": kind}
        row = ("AmazonEC2", "Compute Instance", usage, "RunInstances", "Hrs", dollars, more)
        rows.append(row)
    for region, (prefix, factor) in REGIONS.items():
        for service, family, usage, operation, unit, dollars, more in rows:
            attributes = {
                **more,
                "usagetype": prefix + usage,
                "operation": operation,
                "regionCode": region,
                "location": region,
                "locationType": "AWS Region",
                "servicecode": service,
            }
            yield service, family, attributes, unit, dollars * factor


def document(service, family, attributes, unit, dollars, number):
    sku = "SKU%013d" % number
    currency = "CNY" if attributes["regionCode"].startswith("cn-") else "USD"
    dimension = {
        "unit": unit,
        "beginRange": "0",
        "endRange": "Inf",
        "appliesTo": [],
        "rateCode": sku + ".JRTCKXETXF.6YS6EN2CT7",
        "description": "$%g per %s" % (dollars, unit),
        "pricePerUnit": {currency: "%.10f" % dollars},
    }
    terms = {
        "OnDemand": {
            sku
            + ".JRTCKXETXF": {
                "priceDimensions": {sku + ".JRTCKXETXF.6YS6EN2CT7": dimension},
                "sku": sku,
                "effectiveDate": "2026-01-01T00:00:00Z",
                "offerTermCode": "JRTCKXETXF",
                "termAttributes": {},
            }
        }
    }
    return json.dumps(
        {
            "product": {"productFamily": family, "attributes": attributes, "sku": sku},
            "serviceCode": service,
            "terms": terms,
            "version": "20260101000000",
            "publicationDate": "2026-01-01T00:00:00Z",
        }
    )


def check_service(code):
    if code not in ("AmazonVPC", "AWSELB", "AmazonEC2"):
        raise AwsError("NotFoundException", "There is no service '%s'" % code)


def check_version(call):
    if call.get("FormatVersion") not in (None, "aws_v1"):
        raise AwsError("InvalidParameterException", "The format version must be aws_v1")
    size = call.get("MaxResults")
    if size is not None and not 1 <= size <= 100:
        raise AwsError("InvalidParameterException", "MaxResults must be between 1 and 100")


def get_products(call):
    check_service(call["ServiceCode"])
    check_version(call)
    found = []
    for number, (service, family, attributes, unit, dollars) in enumerate(products()):
        searched = {key.lower(): value for key, value in attributes.items()}
        searched["productfamily"] = family
        for one in call.get("Filters") or []:
            if one["Field"].lower() not in FIELDS:
                raise AwsError(
                    "InvalidParameterException", "The field '%s' is not known" % one["Field"]
                )
        if service == call["ServiceCode"] and all(
            searched.get(f["Field"].lower()) == f["Value"] for f in call.get("Filters") or []
        ):
            found.append(document(service, family, attributes, unit, dollars, number))
    return call.paged("PriceList", found, extra={"FormatVersion": "aws_v1"})


def describe_services(call):
    if call.get("ServiceCode"):
        check_service(call["ServiceCode"])
    check_version(call)
    codes = (
        [call["ServiceCode"]] if call.get("ServiceCode") else ["AWSELB", "AmazonEC2", "AmazonVPC"]
    )
    return call.paged(
        "Services",
        [
            {"ServiceCode": c, "AttributeNames": ["regionCode", "usagetype", "productFamily"]}
            for c in codes
        ],
        extra={"FormatVersion": "aws_v1"},
    )


def get_attribute_values(call):
    check_service(call["ServiceCode"])
    values = {
        a[call["AttributeName"]]
        for s, _f, a, _u, _d in products()
        if s == call["ServiceCode"] and call["AttributeName"] in a
    }
    return call.paged("AttributeValues", [{"Value": v} for v in sorted(values)])
