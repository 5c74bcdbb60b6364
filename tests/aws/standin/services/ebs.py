"""EBS direct: snapshots written block by block."""

import base64
import datetime
import hashlib

from ..core.errors import AwsError

BLOCK_BYTES = 524288


def find(call, is_written=False):
    snapshot = call.region.store("snapshot").get(call["SnapshotId"])
    if snapshot is None or "_blocks" not in snapshot:
        raise AwsError(
            "ResourceNotFoundException", "The snapshot '%s' was not found" % call["SnapshotId"]
        )
    if is_written and snapshot["State"] != "pending":
        raise AwsError(
            "ValidationException", "The snapshot '%s' is not pending" % call["SnapshotId"]
        )
    return snapshot


def block_token(index):
    return base64.b64encode(b"block %d" % index).decode()


def start_snapshot(call):
    def make():
        snapshot_id, now = call.new_id("snapshot"), call.world.now()
        snapshot = {
            "SnapshotId": snapshot_id,
            "State": "pending",
            "Progress": "0%",
            "VolumeSize": call["VolumeSize"],
            "OwnerId": call.account.id,
            "StartTime": now,
            "Encrypted": bool(call.get("Encrypted")),
            "Description": call.get("Description", ""),
            "VolumeId": "vol-ffffffff",
            "Tags": call.get("Tags") or [],
            "_blocks": {},
            "_hidden": 0,
        }
        call.region.store("snapshot")[snapshot_id] = snapshot
        answer = {
            "SnapshotId": snapshot_id,
            "OwnerId": call.account.id,
            "Status": "pending",
            "StartTime": now,
            "VolumeSize": call["VolumeSize"],
            "BlockSize": BLOCK_BYTES,
        }
        return {**answer, **{k: call[k] for k in ("Description", "Tags") if call.get(k)}}

    return call.once(make)


def put_snapshot_block(call):
    snapshot, data = find(call, True), call["BlockData"]
    if len(data) != BLOCK_BYTES or call["DataLength"] != BLOCK_BYTES:
        raise AwsError("ValidationException", "The block must have %d bytes" % BLOCK_BYTES)
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    if call["Checksum"] != digest:
        raise AwsError("ValidationException", "The checksum does not match the block")
    if not 0 <= call["BlockIndex"] < snapshot["VolumeSize"] * 2048:
        raise AwsError("ValidationException", "The block index is outside the volume")
    snapshot["_blocks"][call["BlockIndex"]] = data
    return {"Checksum": digest, "ChecksumAlgorithm": "SHA256"}


def complete_snapshot(call):
    snapshot = find(call, True)
    blocks = snapshot["_blocks"]
    if call["ChangedBlocksCount"] != len(blocks):
        raise AwsError(
            "ValidationException",
            "%d blocks were written, not %d" % (len(blocks), call["ChangedBlocksCount"]),
        )
    if call.get("Checksum"):
        whole = hashlib.sha256(
            b"".join(hashlib.sha256(blocks[i]).digest() for i in sorted(blocks))
        ).digest()
        if call["Checksum"] != base64.b64encode(whole).decode():
            raise AwsError("ValidationException", "The aggregated checksum does not match")
    snapshot["Progress"] = "100%"
    snapshot["_settle"] = {"reads": call.world.options.settle_reads, "state": "completed"}
    return {"Status": "completed" if not call.world.options.settle_reads else "pending"}


def list_snapshot_blocks(call):
    snapshot = find(call)
    rows = [
        {"BlockIndex": i, "BlockToken": block_token(i)}
        for i in sorted(snapshot["_blocks"])
        if i >= (call.get("StartingBlockIndex") or 0)
    ]
    return call.paged(
        "Blocks",
        rows,
        extra={
            "VolumeSize": snapshot["VolumeSize"],
            "BlockSize": BLOCK_BYTES,
            "ExpiryTime": call.world.now() + datetime.timedelta(days=7),
        },
    )


def get_snapshot_block(call):
    data = find(call)["_blocks"].get(call["BlockIndex"])
    if data is None or call["BlockToken"] != block_token(call["BlockIndex"]):
        raise AwsError("ResourceNotFoundException", "The block was not found")
    return {
        "DataLength": len(data),
        "BlockData": data,
        "ChecksumAlgorithm": "SHA256",
        "Checksum": base64.b64encode(hashlib.sha256(data).digest()).decode(),
    }
