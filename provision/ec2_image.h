#pragma once

// Amazon EC2: machine images and the snapshots under them.

#include "ec2.h"

struct ec2_image {
	const char *id;
	const char *name;
	const char *state; // "pending", "available", "failed", ...
	const char *architecture; // "x86_64", "arm64"
	const char *owner_id;
	const char *creation_date;
	const char *root_device_name;
	struct aws_tags tags;
};

struct ec2_images {
	struct {
		struct ec2_image *items;
		size_t n;
	} images;
};

struct ec2_new_image {
	const char *name; // unique in the account and region: InvalidAMIName.Duplicate
	const char *description;
	const char *architecture; // always given: AWS's default is i386
	const char *snapshot_id;
	const char *boot_mode; // "uefi-preferred", ...
	struct aws_tags tags;
};

struct ec2_image_copy {
	const char *name;
	const char *description;
	const char *source_image_id;
	const char *source_region;
	const char *client_token;
	struct aws_tags tags;
};

struct ec2_account {
	const char *user_id;
	const char *group; // "all"
};

struct ec2_image_permission {
	const char *image_id;
	struct {
		struct ec2_account *items;
		size_t n;
	} add;
	struct {
		struct ec2_account *items;
		size_t n;
	} remove;
};

struct ec2_snapshot {
	const char *id;
	const char *status; // "pending", "completed", "error"
	const char *progress; // "73%"
	const char *status_message;
	int64_t size_gib;
	struct aws_tags tags;
};

struct ec2_snapshots {
	struct {
		struct ec2_snapshot *items;
		size_t n;
	} snapshots;
};

CLIENT_CALL_DECLARE(ec2_describe_images, struct ec2_query, struct ec2_images);
CLIENT_CALL_DECLARE(ec2_register_image, struct ec2_new_image, struct ec2_id);
CLIENT_CALL_DECLARE(ec2_copy_image, struct ec2_image_copy, struct ec2_id);
CLIENT_CALL_DECLARE(ec2_deregister_image, struct ec2_id, struct client_nothing);
CLIENT_CALL_DECLARE(
	ec2_modify_image_permission,
	struct ec2_image_permission,
	struct client_nothing
);
CLIENT_CALL_DECLARE(ec2_describe_snapshots, struct ec2_query, struct ec2_snapshots);
CLIENT_CALL_DECLARE(ec2_delete_snapshot, struct ec2_id, struct client_nothing);
