"""EC2: images and snapshots."""

from ..core.errors import AwsError
from ..state import compute
from . import ec2_tags
from .ec2_network import describe

IMAGE_FILTERS = {
    "architecture": "Architecture",
    "boot-mode": "BootMode",
    "creation-date": "CreationDate",
    "description": "Description",
    "ena-support": "EnaSupport",
    "image-id": "ImageId",
    "image-type": "ImageType",
    "is-public": "Public",
    "name": "Name",
    "owner-id": "OwnerId",
    "owner-alias": "ImageOwnerAlias",
    "root-device-name": "RootDeviceName",
    "state": "State",
    "virtualization-type": "VirtualizationType",
    "block-device-mapping.snapshot-id": "BlockDeviceMappings.Ebs.SnapshotId",
}
SNAPSHOT_FILTERS = {
    "description": "Description",
    "owner-id": "OwnerId",
    "progress": "Progress",
    "snapshot-id": "SnapshotId",
    "start-time": "StartTime",
    "status": "State",
    "volume-size": "VolumeSize",
    "encrypted": "Encrypted",
}


def make_image(region, name, architecture="x86_64", **more):
    image_id = region.account.world.ids.make("ami")
    image = {
        "ImageId": image_id,
        "Name": name,
        "Architecture": architecture,
        "State": "available",
        "Public": False,
        "OwnerId": region.account.id,
        "ImageType": "machine",
        "RootDeviceName": "/dev/xvda",
        "RootDeviceType": "ebs",
        "VirtualizationType": "hvm",
        "Hypervisor": "xen",
        "EnaSupport": True,
        "BlockDeviceMappings": [],
        "ImageLocation": "%s/%s" % (region.account.id, name),
        "PlatformDetails": "Linux/UNIX",
        "CreationDate": region.account.world.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "Tags": [],
        "_permissions": [],
    }
    image.update({key: value for key, value in more.items() if value is not None})
    region.store("image")[image_id] = image
    return image


def describe_images(call):
    ids = call.get("ImageIds")
    for image in call.region.store("image").values():
        compute.seen(image)
    images = call.select("image", ids, IMAGE_FILTERS)
    owners = {"self": call.account.id}
    wanted = [owners.get(o, o) for o in call.get("Owners") or []]
    if wanted:
        images = [i for i in images if i["OwnerId"] in wanted or i.get("ImageOwnerAlias") in wanted]
    return {"Images": images}


def register_image(call):
    name = call["Name"]
    if any(
        i["Name"] == name and i["OwnerId"] == call.account.id
        for i in call.region.store("image").values()
    ):
        raise AwsError("InvalidAMIName.Duplicate", "AMI name %s is already in use" % name)
    root = call.get("RootDeviceName")
    mappings = call.get("BlockDeviceMappings") or []
    if not root or root not in [m.get("DeviceName") for m in mappings]:
        raise AwsError(
            "InvalidBlockDeviceMapping", "The root device name must be in the block device mapping"
        )
    for mapping in mappings:
        snapshot_id = (mapping.get("Ebs") or {}).get("SnapshotId")
        if snapshot_id and call.find("snapshot", snapshot_id)["State"] != "completed":
            raise AwsError("InvalidParameterValue", "Snapshot '%s' is not completed" % snapshot_id)
    tags = []
    if "TagSpecifications" in call.operation.input.members:
        tags = ec2_tags.tag_list(ec2_tags.requested(call, ["image", "snapshot"])["image"])
    call.commit()
    # AWS's own defaults, which no one wants today
    image = make_image(
        call.region,
        name,
        call.get("Architecture") or "i386",
        VirtualizationType=call.get("VirtualizationType") or "paravirtual",
        EnaSupport=bool(call.get("EnaSupport")),
        RootDeviceName=root,
        BootMode=call.get("BootMode"),
        ImdsSupport=call.get("ImdsSupport"),
        Description=call.get("Description"),
        BlockDeviceMappings=mappings,
        Tags=tags,
    )
    image["_hidden"] = call.world.options.hidden_reads
    return {"ImageId": image["ImageId"]}


def deregister_image(call):
    call.find("image", call["ImageId"])
    call.commit()
    del call.region.store("image")[call["ImageId"]]


def copy_image(call):
    def make():
        source = call.account.region(call["SourceRegion"]).store("image").get(call["SourceImageId"])
        if source is None:
            raise AwsError(
                "InvalidAMIID.NotFound",
                "The image id '[%s]' does not exist" % call["SourceImageId"],
            )
        call.commit()
        more = {
            k: source[k]
            for k in (
                "VirtualizationType",
                "EnaSupport",
                "RootDeviceName",
                "BootMode",
                "ImdsSupport",
                "BlockDeviceMappings",
            )
            if k in source
        }
        image = make_image(
            call.region,
            call["Name"],
            source["Architecture"],
            Description=call.get("Description"),
            **more
        )
        compute.settle(image, "pending", "available", call.world.options.settle_reads)
        return {"ImageId": image["ImageId"]}

    return call.once(make)


def modify_image_attribute(call):
    image = call.find("image", call["ImageId"])
    changes = call.get("LaunchPermission") or {}
    call.commit()
    gone = changes.get("Remove") or []
    image["_permissions"] = [p for p in image["_permissions"] if p not in gone] + [
        p for p in changes.get("Add") or [] if p not in image["_permissions"]
    ]
    image["Public"] = {"Group": "all"} in image["_permissions"]
    if call.get("Description"):
        image["Description"] = call["Description"].get("Value", "")


def describe_image_attribute(call):
    image = call.find("image", call["ImageId"])
    if call["Attribute"] != "launchPermission":
        raise AwsError("InvalidParameterValue", "The stand-in shows only launchPermission")
    return {"ImageId": call["ImageId"], "LaunchPermissions": image["_permissions"]}


def enable_image_deprecation(call):
    image = call.find("image", call["ImageId"])
    call.commit()
    image["DeprecationTime"] = call["DeprecateAt"].strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"Return": True}


def describe_snapshots(call):
    for snapshot in call.region.store("snapshot").values():
        if "_settle" in snapshot:
            compute.seen(snapshot)
    return describe(call, "snapshot", "SnapshotIds", SNAPSHOT_FILTERS, "Snapshots")


def modify_snapshot_attribute(call):
    snapshot = call.find("snapshot", call["SnapshotId"])
    call.commit()
    snapshot.setdefault("_permissions", []).extend(
        (call.get("CreateVolumePermission") or {}).get("Add") or []
    )


def delete_snapshot(call):
    call.find("snapshot", call["SnapshotId"])
    users = [
        i["ImageId"]
        for i in call.region.store("image").values()
        if any(
            (m.get("Ebs") or {}).get("SnapshotId") == call["SnapshotId"]
            for m in i["BlockDeviceMappings"]
        )
    ]
    if users:
        raise AwsError(
            "InvalidSnapshot.InUse",
            "The snapshot %s is currently in use by %s" % (call["SnapshotId"], users[0]),
        )
    call.commit()
    del call.region.store("snapshot")[call["SnapshotId"]]
