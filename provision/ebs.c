#include "ebs.h"

static const struct service service_ebs = {
	.id = "ebs",
	.endpoint = "ebs",
	.signing_name = "ebs",
	.protocol = PROTOCOL_REST_JSON,
	.variable = "EBS",
};

#define NEW_SNAPSHOT struct ebs_new_snapshot
static const struct shape_field new_snapshot_fields[] = {
	SHAPE_INTEGER(NEW_SNAPSHOT, size_gib, "VolumeSize"),
	SHAPE_STRING(NEW_SNAPSHOT, description, "Description"),
	SHAPE_STRING(NEW_SNAPSHOT, client_token, "ClientToken"),
	SHAPE_INTEGER(NEW_SNAPSHOT, timeout_min, "Timeout"),
	SHAPE_LIST(NEW_SNAPSHOT, tags, "Tags", tags_shape),
};
static const struct shape new_snapshot_shape = SHAPE(NEW_SNAPSHOT, new_snapshot_fields);

static const struct shape_field snapshot_fields[] = {
	SHAPE_STRING(struct ebs_snapshot, id, "SnapshotId"),
	SHAPE_STRING(struct ebs_snapshot, status, "Status"),
	SHAPE_INTEGER(struct ebs_snapshot, block_size, "BlockSize"),
};
static const struct shape snapshot_shape = SHAPE(struct ebs_snapshot, snapshot_fields);

static const struct shape_field completed_fields[] = {
	SHAPE_STRING(struct ebs_snapshot, status, "Status"),
};
static const struct shape completed_shape = SHAPE(struct ebs_snapshot, completed_fields);

static const struct shape_field block_fields[] = {
	SHAPE_STRING(struct ebs_block, snapshot_id, "uri:snapshotId"),
	SHAPE_INTEGER(struct ebs_block, index, "uri:blockIndex"),
	SHAPE_BLOB(struct ebs_block, data, "body:BlockData"),
	SHAPE_INTEGER(struct ebs_block, len, "header:x-amz-Data-Length"),
	SHAPE_STRING(struct ebs_block, checksum, "header:x-amz-Checksum"),
	SHAPE_CONSTANT("header:x-amz-Checksum-Algorithm", "SHA256"),
};
static const struct shape block_shape = SHAPE(struct ebs_block, block_fields);

#define COMPLETION struct ebs_completion
static const struct shape_field completion_fields[] = {
	SHAPE_STRING(COMPLETION, snapshot_id, "uri:snapshotId"),
	SHAPE_NUMBER(COMPLETION, n_blocks, "header:x-amz-ChangedBlocksCount"),
	SHAPE_STRING(COMPLETION, checksum, "header:x-amz-Checksum"),
	SHAPE_STRING(COMPLETION, algorithm, "header:x-amz-Checksum-Algorithm"),
	SHAPE_STRING(COMPLETION, aggregation, "header:x-amz-Checksum-Aggregation-Method"),
};
static const struct shape completion_shape = SHAPE(COMPLETION, completion_fields);

CLIENT_CALL_DEFINE(
	ebs_start_snapshot,
	struct ebs_new_snapshot,
	struct ebs_snapshot,
	.service = &service_ebs,
	.name = "StartSnapshot",
	.input = &new_snapshot_shape,
	.output = &snapshot_shape,
	.method = "POST",
	.path = "/snapshots"
);

// Its checksum travels apart, so the body is not hashed a second time for the signature.
CLIENT_CALL_DEFINE(
	ebs_put_block,
	struct ebs_block,
	struct client_nothing,
	.service = &service_ebs,
	.name = "PutSnapshotBlock",
	.input = &block_shape,
	.signing = OPERATION_UNSIGNED_PAYLOAD,
	.method = "PUT",
	.path = "/snapshots/{snapshotId}/blocks/{blockIndex}"
);

CLIENT_CALL_DEFINE(
	ebs_complete_snapshot,
	struct ebs_completion,
	struct ebs_snapshot,
	.service = &service_ebs,
	.name = "CompleteSnapshot",
	.input = &completion_shape,
	.output = &completed_shape,
	.method = "POST",
	.path = "/snapshots/completion/{snapshotId}"
);
