# SPDX-License-Identifier: Apache-2.0
"""Apache Kafka (kafka.apache.org, "Kafka protocol guide"): requests with their kind, version, number and client. A
response has no mark but the number of its request."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.dialogue import is_text
from ringscope.decode.draft import Draft
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

KAFKA = protocol("kafka", "Kafka", tcp=(9092,))

_HEADER = 14
_HIGHEST_VERSION = 20
_LONGEST_CLIENT = 255
_LONGEST = 100 << 20
_KINDS = {
    0: "Produce",
    1: "Fetch",
    2: "Offsets",
    3: "Metadata",
    4: "LeaderAndIsr",
    5: "StopReplica",
    6: "UpdateMetadata",
    7: "ControlledShutdown",
    8: "OffsetCommit",
    9: "OffsetFetch",
    10: "FindCoordinator",
    11: "JoinGroup",
    12: "Heartbeat",
    13: "LeaveGroup",
    14: "SyncGroup",
    15: "DescribeGroups",
    16: "ListGroups",
    17: "SaslHandshake",
    18: "ApiVersions",
    19: "CreateTopics",
    20: "DeleteTopics",
    21: "DeleteRecords",
    22: "InitProducerId",
    23: "OffsetForLeaderEpoch",
    24: "AddPartitionsToTxn",
    25: "AddOffsetsToTxn",
    26: "EndTxn",
    27: "WriteTxnMarkers",
    28: "TxnOffsetCommit",
    29: "DescribeAcls",
    30: "CreateAcls",
    31: "DeleteAcls",
    32: "DescribeConfigs",
    33: "AlterConfigs",
    34: "AlterReplicaLogDirs",
    35: "DescribeLogDirs",
    36: "SaslAuthenticate",
    37: "CreatePartitions",
    38: "CreateDelegationToken",
    39: "RenewDelegationToken",
    40: "ExpireDelegationToken",
    41: "DescribeDelegationToken",
    42: "DeleteGroups",
    43: "ElectLeaders",
    44: "IncrementalAlterConfigs",
    45: "AlterPartitionReassignments",
    46: "ListPartitionReassignments",
    47: "OffsetDelete",
    48: "DescribeClientQuotas",
    49: "AlterClientQuotas",
    50: "DescribeUserScramCredentials",
    51: "AlterUserScramCredentials",
    60: "DescribeCluster",
    61: "DescribeProducers",
    65: "DescribeTransactions",
    66: "ListTransactions",
}


@KAFKA.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """The header of a request: a known kind, a version that exists, and a client whose name is text."""
    if stop - at < _HEADER:
        return False
    size, kind, version, _, client = unpack_from(">IHHIh", data, at)
    if not _HEADER - 4 <= size <= _LONGEST or kind not in _KINDS or version > _HIGHEST_VERSION:
        return False
    if not -1 <= client <= min(_LONGEST_CLIENT, size):
        return False
    return client <= 0 or is_text(data, at + _HEADER, min(at + _HEADER + client, stop))


@KAFKA.row
def row(row: Row, at: int, end: int) -> None:
    """The request."""
    row.need(at, _HEADER, end, "Kafka request")
    size, kind, version = unpack_from(">IHH", row.data, at)
    row.info = f"Kafka {_KINDS.get(kind, kind)} v{version} Request{' [continues]' if at + 4 + size > end else ''}"


@KAFKA.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header of the request, and how much its body is."""
    draft = tree.open(KAFKA, at, end)
    draft.say()
    stop = min(end, tree.size)
    size = draft.uint("Length", 4)
    last = min(draft.at + size, stop)
    draft.uint("Kind", 2, _KINDS)
    draft.uint("Version", 2)
    draft.uint("Number", 4)
    client = draft.sint("Length of client", 2)
    if client > 0 and draft.at + client <= last:
        draft.text("Client", client)
    _rest(draft, "Body", last)
    _rest(draft, "Further requests", stop)


def _rest(draft: Draft, label: str, until: int) -> None:
    size = until - draft.at
    if size > 0:
        draft.raw(label, size, lambda _: f"{size} bytes")
