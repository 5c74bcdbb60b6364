"""The partitions and regions that are served."""

PARTITIONS = {
    "aws": {
        "suffix": "amazonaws.com",
        "iam_region": "us-east-1",
        "regions": ["us-east-1", "us-west-2", "eu-central-1", "ap-south-1", "ap-east-1"],
        "opt_in": ["ap-east-1"],
        "pricing": ["us-east-1", "eu-central-1", "ap-south-1"],
    },
    "aws-cn": {
        "suffix": "amazonaws.com.cn",
        "iam_region": "cn-north-1",
        "regions": ["cn-north-1", "cn-northwest-1"],
        "opt_in": [],
        "pricing": ["cn-northwest-1"],
    },
    "aws-us-gov": {
        "suffix": "amazonaws.com",
        "iam_region": "us-gov-west-1",
        "regions": ["us-gov-west-1", "us-gov-east-1"],
        "opt_in": [],
        "pricing": [],
    },
}


def partition_of(region):
    """The partition that has `region`, or None."""
    return next(
        (name for name, partition in PARTITIONS.items() if region in partition["regions"]), None
    )
