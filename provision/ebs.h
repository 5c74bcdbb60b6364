#pragma once

// Amazon EBS direct: snapshots written block by block.

#include "client.h"
#include "tags.h"

#define EBS_BLOCK_SIZE 524288

struct ebs_new_snapshot {
	int64_t size_gib;
	const char *description;
	const char *client_token;
	int64_t timeout_min; // without a block for so long, AWS gives up: 10 to 4320
	struct aws_tags tags;
};

struct ebs_snapshot {
	const char *id;
	const char *status; // "pending", "completed", "error"
	int64_t block_size;
};

struct ebs_block {
	const char *snapshot_id;
	int64_t index;
	struct slice data; // EBS_BLOCK_SIZE bytes
	int64_t len;
	const char *checksum; // base64 of its SHA-256
};

struct ebs_completion {
	const char *snapshot_id;
	struct shape_number n_blocks;
	const char *checksum; // base64 of the SHA-256 of all blocks' digests in order; NULL: none
	const char *algorithm; // "SHA256" with a checksum, else NULL
	const char *aggregation; // "LINEAR" with a checksum, else NULL
};

CLIENT_CALL_DECLARE(ebs_start_snapshot, struct ebs_new_snapshot, struct ebs_snapshot);
CLIENT_CALL_DECLARE(ebs_put_block, struct ebs_block, struct client_nothing);

// Answers with the status alone.
CLIENT_CALL_DECLARE(ebs_complete_snapshot, struct ebs_completion, struct ebs_snapshot);
