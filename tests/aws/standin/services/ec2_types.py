"""EC2: instance types, computed from a table of families and sizes."""

from ..core.errors import AwsError

# family -> hypervisor, architecture, current generation, GiB of memory per vCPU, has a metal size
FAMILIES = {
    "t1": ("xen", "x86_64", False, 0.6, False),
    "t2": ("xen", "x86_64", True, 4, False),
    "m1": ("xen", "x86_64", False, 2, False),
    "m3": ("xen", "x86_64", False, 3.75, False),
    "m4": ("xen", "x86_64", True, 4, False),
    "c4": ("xen", "x86_64", True, 1.9, False),
    "r4": ("xen", "x86_64", True, 7.6, False),
    "i3": ("xen", "x86_64", True, 7.6, True),
    "t3": ("nitro", "x86_64", True, 2, False),
    "t3a": ("nitro", "x86_64", True, 2, False),
    "t4g": ("nitro", "arm64", True, 2, False),
    "m5": ("nitro", "x86_64", True, 4, True),
    "m5n": ("nitro", "x86_64", True, 4, True),
    "c5": ("nitro", "x86_64", True, 2, True),
    "c5n": ("nitro", "x86_64", True, 2.6, True),
    "r5": ("nitro", "x86_64", True, 8, True),
    "m6g": ("nitro", "arm64", True, 4, True),
    "c6g": ("nitro", "arm64", True, 2, True),
    "m6i": ("nitro", "x86_64", True, 4, True),
    "c6i": ("nitro", "x86_64", True, 2, True),
    "c6in": ("nitro", "x86_64", True, 2, True),
    "r6i": ("nitro", "x86_64", True, 8, True),
    "m7g": ("nitro", "arm64", True, 4, True),
    "c7g": ("nitro", "arm64", True, 2, True),
    "c7gn": ("nitro", "arm64", True, 2, True),
    "m7i": ("nitro", "x86_64", True, 4, True),
    "c7i": ("nitro", "x86_64", True, 2, True),
    "r7i": ("nitro", "x86_64", True, 8, True),
    "m8g": ("nitro", "arm64", True, 4, True),
    "c8g": ("nitro", "arm64", True, 2, True),
    "m8i": ("nitro", "x86_64", True, 4, True),
    "c8i": ("nitro", "x86_64", True, 2, True),
}
# size -> vCPUs, interfaces, baseline Gbit/s
SIZES = {
    "nano": (2, 2, 0.032),
    "micro": (2, 2, 0.064),
    "small": (2, 3, 0.128),
    "medium": (2, 3, 0.256),
    "large": (2, 3, 0.75),
    "xlarge": (4, 4, 1.25),
    "2xlarge": (8, 4, 2.5),
    "4xlarge": (16, 8, 5.0),
    "8xlarge": (32, 8, 10.0),
    "12xlarge": (48, 8, 12.0),
    "16xlarge": (64, 15, 20.0),
    "24xlarge": (96, 15, 25.0),
    "metal": (96, 15, 25.0),
}
SMALL = ("nano", "micro", "small", "medium")
TYPE_FILTERS = {
    "bare-metal": "BareMetal",
    "current-generation": "CurrentGeneration",
    "hypervisor": "Hypervisor",
    "instance-type": "InstanceType",
    "network-info.maximum-network-interfaces": "NetworkInfo.MaximumNetworkInterfaces",
    "network-info.ena-support": "NetworkInfo.EnaSupport",
    "processor-info.supported-architecture": "ProcessorInfo.SupportedArchitectures",
    "vcpu-info.default-vcpus": "VCpuInfo.DefaultVCpus",
}
OFFERING_FILTERS = {"instance-type": "InstanceType", "location": "Location"}


def exists(instance_type):
    family, _, size = instance_type.partition(".")
    if family not in FAMILIES or size not in SIZES:
        return False
    if size == "metal":
        return FAMILIES[family][4]
    return (
        family.startswith("t")
        or size not in SMALL
        or size == "medium"
        and family in ("m6g", "c6g", "m7g", "c7g", "m8g")
    )


def all_types():
    return [
        family + "." + size for family in FAMILIES for size in SIZES if exists(family + "." + size)
    ]


def type_info(instance_type):
    family, _, size = instance_type.partition(".")
    hypervisor, architecture, current, memory, _ = FAMILIES[family]
    vcpus, interfaces, gbps = SIZES[size]
    is_nitro, is_metal = hypervisor == "nitro", size == "metal"
    network_card = {
        "NetworkCardIndex": 0,
        "NetworkPerformance": "Up to %g Gigabit" % max(gbps, 5),
        "MaximumNetworkInterfaces": interfaces,
    }
    info = {
        "InstanceType": instance_type,
        "CurrentGeneration": current,
        "FreeTierEligible": instance_type == "t2.micro",
        "SupportedUsageClasses": ["on-demand", "spot"],
        "SupportedRootDeviceTypes": ["ebs"],
        "SupportedVirtualizationTypes": ["hvm"],
        "BareMetal": is_metal,
        "HibernationSupported": False,
        "ProcessorInfo": {
            "SupportedArchitectures": [architecture],
            "SustainedClockSpeedInGhz": 3.1,
        },
        "VCpuInfo": {
            "DefaultVCpus": vcpus,
            "DefaultCores": max(1, vcpus // 2),
            "DefaultThreadsPerCore": 2,
        },
        "MemoryInfo": {"SizeInMiB": int(vcpus * memory * 1024)},
        "InstanceStorageSupported": family == "i3",
        "NetworkInfo": {
            "NetworkPerformance": network_card["NetworkPerformance"],
            "MaximumNetworkInterfaces": interfaces,
            "MaximumNetworkCards": 1,
            "DefaultNetworkCardIndex": 0,
            "NetworkCards": [network_card],
            "Ipv4AddressesPerInterface": 15,
            "Ipv6AddressesPerInterface": 15,
            "Ipv6Supported": True,
            "EnaSupport": "required" if is_nitro else "supported",
            "EfaSupported": False,
        },
        "BurstablePerformanceSupported": family.startswith("t"),
        "DedicatedHostsSupported": not family.startswith("t"),
        "AutoRecoverySupported": True,
    }
    if not is_metal:
        info["Hypervisor"] = hypervisor
    return info


def check_types(names):
    unknown = [name for name in names if not exists(name)]
    if unknown:
        raise AwsError(
            "InvalidInstanceType",
            "The following supplied instance types do not exist: [%s]" % ", ".join(unknown),
        )


def describe_instance_types(call):
    names = call.get("InstanceTypes")
    check_types(names or [])
    if names and call.get("MaxResults"):
        raise AwsError(
            "InvalidParameterCombination",
            "The parameter MaxResults cannot be used together with instance types",
        )
    items = [type_info(name) for name in names or all_types()]
    return call.paged(
        "InstanceTypes", call.select("_type", None, TYPE_FILTERS, items), explicit=bool(names)
    )


def describe_instance_type_offerings(call):
    kind = call.get("LocationType") or "region"
    if kind == "availability-zone-id":
        raise AwsError("InvalidParameterValue", "The stand-in has no offerings by zone id")
    # as in life, the newest types are not in every zone
    places = [call.region.name] if kind == "region" else call.region.zones
    items = [
        {"InstanceType": name, "LocationType": kind, "Location": place}
        for name in all_types()
        for place in places
        if not (place == call.region.zones[2] and name.startswith(("m8", "c8")))
    ]
    return call.paged(
        "InstanceTypeOfferings", call.select("_offering", None, OFFERING_FILTERS, items)
    )
