#include "ec2_image.h"

#define IMAGE struct ec2_image
static const struct shape_field image_fields[] = {
	SHAPE_STRING(IMAGE, id, "imageId"),
	SHAPE_STRING(IMAGE, name, "name"),
	SHAPE_STRING(IMAGE, state, "imageState"),
	SHAPE_STRING(IMAGE, architecture, "architecture"),
	SHAPE_STRING(IMAGE, owner_id, "imageOwnerId"),
	SHAPE_STRING(IMAGE, creation_date, "creationDate"),
	SHAPE_STRING(IMAGE, root_device_name, "rootDeviceName"),
	SHAPE_LIST(IMAGE, tags, "tagSet", tags_lower_shape),
};
static const struct shape image_shape = SHAPE(IMAGE, image_fields);
static const struct shape_field images_fields[] = {
	SHAPE_LIST(struct ec2_images, images, "imagesSet", image_shape),
};
static const struct shape images_shape = SHAPE(struct ec2_images, images_fields);

// What is not asked for here would be i386 and paravirtual.
#define NEW_IMAGE struct ec2_new_image
static const struct shape_field new_image_fields[] = {
	SHAPE_STRING(NEW_IMAGE, name, "Name"),
	SHAPE_STRING(NEW_IMAGE, description, "Description"),
	SHAPE_STRING(NEW_IMAGE, architecture, "Architecture"),
	SHAPE_CONSTANT("VirtualizationType", "hvm"),
	SHAPE_CONSTANT("RootDeviceName", "/dev/xvda"),
	SHAPE_CONSTANT("BlockDeviceMapping/1/DeviceName", "/dev/xvda"),
	SHAPE_STRING(NEW_IMAGE, snapshot_id, "BlockDeviceMapping/1/Ebs/SnapshotId"),
	SHAPE_CONSTANT("BlockDeviceMapping/1/Ebs/VolumeType", "gp3"),
	SHAPE_CONSTANT("BlockDeviceMapping/1/Ebs/DeleteOnTermination", "true"),
	SHAPE_CONSTANT("EnaSupport", "true"),
	SHAPE_STRING(NEW_IMAGE, boot_mode, "BootMode"),
	SHAPE_CONSTANT("ImdsSupport", "v2.0"),
	EC2_TAGS(NEW_IMAGE, tags, "1", "image"),
};
static const struct shape new_image_shape = SHAPE(NEW_IMAGE, new_image_fields);

#define COPY struct ec2_image_copy
static const struct shape_field copy_fields[] = {
	SHAPE_STRING(COPY, name, "Name"),
	SHAPE_STRING(COPY, description, "Description"),
	SHAPE_STRING(COPY, source_image_id, "SourceImageId"),
	SHAPE_STRING(COPY, source_region, "SourceRegion"),
	SHAPE_STRING(COPY, client_token, "ClientToken"),
	EC2_TAGS(COPY, tags, "1", "image"),
};
static const struct shape copy_shape = SHAPE(COPY, copy_fields);

static const struct shape_field account_fields[] = {
	SHAPE_STRING(struct ec2_account, user_id, "UserId"),
	SHAPE_STRING(struct ec2_account, group, "Group"),
};
static const struct shape account_shape = SHAPE(struct ec2_account, account_fields);
#define PERMISSION struct ec2_image_permission
static const struct shape_field permission_fields[] = {
	SHAPE_STRING(PERMISSION, image_id, "ImageId"),
	SHAPE_LIST(PERMISSION, add, "LaunchPermission/Add", account_shape),
	SHAPE_LIST(PERMISSION, remove, "LaunchPermission/Remove", account_shape),
};
static const struct shape permission_shape = SHAPE(PERMISSION, permission_fields);

#define SNAPSHOT struct ec2_snapshot
static const struct shape_field snapshot_fields[] = {
	SHAPE_STRING(SNAPSHOT, id, "snapshotId"),
	SHAPE_STRING(SNAPSHOT, status, "status"),
	SHAPE_STRING(SNAPSHOT, progress, "progress"),
	SHAPE_STRING(SNAPSHOT, status_message, "statusMessage"),
	SHAPE_INTEGER(SNAPSHOT, size_gib, "volumeSize"),
	SHAPE_LIST(SNAPSHOT, tags, "tagSet", tags_lower_shape),
};
static const struct shape snapshot_shape = SHAPE(SNAPSHOT, snapshot_fields);
static const struct shape_field snapshots_fields[] = {
	SHAPE_LIST(struct ec2_snapshots, snapshots, "snapshotSet", snapshot_shape),
};
static const struct shape snapshots_shape = SHAPE(struct ec2_snapshots, snapshots_fields);

EC2_QUERY_SHAPE(image_query, "ImageId");
EC2_QUERY_SHAPE(snapshot_query, "SnapshotId");
EC2_ID_SHAPE(image_id, "ImageId");
EC2_ID_SHAPE(snapshot_id, "SnapshotId");
EC2_ID_SHAPE(made_image, "imageId");

CLIENT_CALL_DEFINE(
	ec2_describe_images,
	struct ec2_query,
	struct ec2_images,
	.service = &ec2_service,
	.name = "DescribeImages",
	.input = &image_query_shape,
	.output = &images_shape,
	EC2_PAGING(1000)
);

// Done twice it is refused, by its name.
CLIENT_CALL_DEFINE(
	ec2_register_image,
	struct ec2_new_image,
	struct ec2_id,
	.service = &ec2_service,
	.name = "RegisterImage",
	.input = &new_image_shape,
	.output = &made_image_shape
);

CLIENT_CALL_DEFINE(
	ec2_copy_image,
	struct ec2_image_copy,
	struct ec2_id,
	.service = &ec2_service,
	.name = "CopyImage",
	.input = &copy_shape,
	.output = &made_image_shape
);

CLIENT_CALL_DEFINE(
	ec2_deregister_image,
	struct ec2_id,
	struct client_nothing,
	.service = &ec2_service,
	.name = "DeregisterImage",
	.input = &image_id_shape
);

CLIENT_CALL_DEFINE(
	ec2_modify_image_permission,
	struct ec2_image_permission,
	struct client_nothing,
	.service = &ec2_service,
	.name = "ModifyImageAttribute",
	.input = &permission_shape
);

CLIENT_CALL_DEFINE(
	ec2_describe_snapshots,
	struct ec2_query,
	struct ec2_snapshots,
	.service = &ec2_service,
	.name = "DescribeSnapshots",
	.input = &snapshot_query_shape,
	.output = &snapshots_shape,
	EC2_PAGING(1000)
);

CLIENT_CALL_DEFINE(
	ec2_delete_snapshot,
	struct ec2_id,
	struct client_nothing,
	.service = &ec2_service,
	.name = "DeleteSnapshot",
	.input = &snapshot_id_shape
);
