"""EC2: launch templates and their versions."""

import re

from ..core.errors import AwsError
from ..state import launch
from . import ec2_tags, ec2_types

NAME = re.compile(r"[a-zA-Z0-9().\-/_]{3,128}\Z")
TEMPLATE_FILTERS = {"launch-template-name": "LaunchTemplateName", "create-time": "CreateTime"}
VERSION_FILTERS = {
    "image-id": "LaunchTemplateData.ImageId",
    "instance-type": "LaunchTemplateData.InstanceType",
    "is-default-version": "DefaultVersion",
    "iam-instance-profile": "LaunchTemplateData.IamInstanceProfile.Arn",
}


def check_data(call, data):
    """What is checked when a template is made; whether its parts exist is seen at launch."""
    if not data:
        raise AwsError(
            "MissingParameter", "The request must contain the parameter LaunchTemplateData"
        )
    if data.get("InstanceType"):
        ec2_types.check_types([data["InstanceType"]])
    if data.get("SecurityGroupIds") and data.get("NetworkInterfaces"):
        raise AwsError(
            "InvalidParameterCombination",
            "Network interfaces and security groups may not be specified together",
        )
    user_data = data.get("UserData")
    if user_data is not None and not re.fullmatch(r"[A-Za-z0-9+/=\s]*", user_data):
        raise AwsError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
    for specification in data.get("TagSpecifications") or []:
        ec2_tags.check_tags(specification.get("Tags") or [])


def add_version(call, template, data, description):
    template["LatestVersionNumber"] = (
        max((v["VersionNumber"] for v in template["_versions"]), default=0) + 1
    )
    version = {
        "LaunchTemplateId": template["LaunchTemplateId"],
        "LaunchTemplateName": template["LaunchTemplateName"],
        "VersionNumber": template["LatestVersionNumber"],
        "CreateTime": call.world.now(),
        "CreatedBy": call.principal.arn,
        "LaunchTemplateData": data,
    }
    if description is not None:
        version["VersionDescription"] = description
    template["_versions"].append(version)
    return version


def version_view(template, version):
    return dict(
        version, DefaultVersion=version["VersionNumber"] == template["DefaultVersionNumber"]
    )


def create_launch_template(call):
    def make():
        name = call["LaunchTemplateName"]
        if not NAME.match(name):
            raise AwsError(
                "InvalidLaunchTemplateName.MalformedException",
                "'%s' is not a launch template name" % name,
            )
        check_data(call, call["LaunchTemplateData"])
        if any(
            t["LaunchTemplateName"] == name for t in call.region.store("launch-template").values()
        ):
            raise AwsError(
                "InvalidLaunchTemplateName.AlreadyExistsException",
                "Launch template name already in use.",
            )
        tags = ec2_tags.tag_list(ec2_tags.requested(call, ["launch-template"])["launch-template"])
        call.commit()
        template_id = call.new_id("launch-template")
        template = {
            "LaunchTemplateId": template_id,
            "LaunchTemplateName": name,
            "CreateTime": call.world.now(),
            "CreatedBy": call.principal.arn,
            "DefaultVersionNumber": 1,
            "Tags": tags,
            "_versions": [],
        }
        add_version(call, template, call["LaunchTemplateData"], call.get("VersionDescription"))
        return {"LaunchTemplate": call.create("launch-template", template_id, template)}

    return call.once(make)


def create_launch_template_version(call):
    def make():
        template = launch.find_template(call, call.parameters)
        data = dict(call["LaunchTemplateData"])
        if call.get("SourceVersion"):
            data = {
                **launch.find_version(template, call["SourceVersion"])["LaunchTemplateData"],
                **data,
            }
        check_data(call, data)
        call.commit()
        return {
            "LaunchTemplateVersion": version_view(
                template, add_version(call, template, data, call.get("VersionDescription"))
            )
        }

    return call.once(make)


def describe_launch_templates(call):
    ids, names = call.get("LaunchTemplateIds"), call.get("LaunchTemplateNames")
    maximum = call.get("MaxResults")
    if maximum is not None and not 1 <= maximum <= 200:
        raise AwsError(
            "InvalidParameterValue", "Expecting a value of MaxResults between 1 and 200."
        )
    items = None
    if names:
        items = [launch.find_template(call, {"LaunchTemplateName": name}) for name in names]
    return call.paged(
        "LaunchTemplates",
        call.select("launch-template", ids, TEMPLATE_FILTERS, items),
        explicit=bool(ids or names),
    )


def describe_launch_template_versions(call):
    wanted = call.get("Versions") or []
    if not call.get("LaunchTemplateId") and not call.get("LaunchTemplateName"):
        templates = [t for t in call.region.store("launch-template").values() if call.is_visible(t)]
        if not wanted:
            raise AwsError(
                "MissingParameter", "Either a launch template or versions must be specified"
            )
    else:
        templates = [launch.find_template(call, call.parameters)]
    rows = []
    for template in templates:
        versions = [launch.find_version(template, w) for w in wanted] or list(
            reversed(template["_versions"])
        )
        rows += [version_view(template, v) for v in versions]
    rows = [
        r
        for r in rows
        if (call.get("MinVersion") or "0") in ("$Latest", "$Default")
        or int(call.get("MinVersion") or 0)
        <= r["VersionNumber"]
        <= int(call.get("MaxVersion") or 10**6)
    ]
    return call.paged(
        "LaunchTemplateVersions", call.select("_version", None, VERSION_FILTERS, rows)
    )


def modify_launch_template(call):
    template = launch.find_template(call, call.parameters)
    version = launch.find_version(template, call.get("DefaultVersion"))
    call.commit()
    template["DefaultVersionNumber"] = version["VersionNumber"]
    return {"LaunchTemplate": template}


def delete_launch_template(call):
    template = launch.find_template(call, call.parameters)
    call.commit()
    return {
        "LaunchTemplate": call.region.store("launch-template").pop(template["LaunchTemplateId"])
    }


def delete_launch_template_versions(call):
    template = launch.find_template(call, call.parameters)
    done, failed = [], []
    for text in call["Versions"]:
        row = {
            "LaunchTemplateId": template["LaunchTemplateId"],
            "LaunchTemplateName": template["LaunchTemplateName"],
            "VersionNumber": int(text),
        }
        found = [v for v in template["_versions"] if str(v["VersionNumber"]) == text]
        if found and int(text) != template["DefaultVersionNumber"]:
            done.append(row)
        else:
            code = "launchTemplateVersionDoesNotExist" if not found else "unexpectedError"
            failed.append(
                dict(row, ResponseError={"Code": code, "Message": "The version cannot be deleted"})
            )
    call.commit()
    gone = [r["VersionNumber"] for r in done]
    template["_versions"] = [v for v in template["_versions"] if v["VersionNumber"] not in gone]
    template["LatestVersionNumber"] = max(v["VersionNumber"] for v in template["_versions"])
    return {
        "SuccessfullyDeletedLaunchTemplateVersions": done,
        "UnsuccessfullyDeletedLaunchTemplateVersions": failed,
    }
