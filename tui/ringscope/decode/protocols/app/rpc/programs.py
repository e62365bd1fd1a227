# SPDX-License-Identifier: Apache-2.0
"""Programs of ONC RPC and their procedures: port mapper (RFC 1833), NFS 2 and 3 (RFC 1094, RFC 1813), 4 (RFC 7530),
mounting and locking (RFC 1813 appendices, "Protocols for Interworking: XNFS")."""

from __future__ import annotations

from ringscope.decode.registry import Protocol, protocol

PORTMAP = 100000
NFS = 100003
MOUNT = 100005

PROGRAMS: dict[int, Protocol] = {
    PORTMAP: protocol("portmap", "Portmap"),
    100001: protocol("rstat", "RSTAT"),
    100002: protocol("rusers", "RUSERS"),
    NFS: protocol("nfs", "NFS"),
    100004: protocol("ypserv", "YPSERV"),
    MOUNT: protocol("mount", "MOUNT"),
    100007: protocol("ypbind", "YPBIND"),
    100008: protocol("rwall", "RWALL"),
    100009: protocol("yppasswd", "YPPASSWD"),
    100011: protocol("rquota", "RQUOTA"),
    100012: protocol("spray", "SPRAY"),
    100020: protocol("klm", "KLM"),
    100021: protocol("nlm", "NLM"),
    100024: protocol("stat", "STAT"),
    100026: protocol("bootparams", "BOOTPARAMS"),
    100227: protocol("nfsacl", "NFSACL"),
    100232: protocol("sadmind", "SADMIND"),
}
"""What tshark calls each, by its number (IANA registry "Remote Procedure Call Program Numbers")."""

NAMES = {
    PORTMAP: "Portmap",
    **{number: found.title for number, found in PROGRAMS.items() if number != PORTMAP},
}

_NULL = ("NULL",)
_MAPPER = (*_NULL, "SET", "UNSET", "GETPORT", "DUMP", "CALLIT")
_BINDER = (
    *(*_NULL, "SET", "UNSET", "GETADDR", "DUMP", "CALLIT", "GETTIME", "UADDR2TADDR", "TADDR2UADDR"),
    *("GETVERSADDR", "INDIRECT", "GETADDRLIST", "GETSTAT"),
)
PROCEDURES: dict[tuple[int, int], tuple[str, ...]] = {
    (PORTMAP, 2): _MAPPER,
    (PORTMAP, 3): _BINDER[:9],
    (PORTMAP, 4): _BINDER,
    (NFS, 2): (
        *(*_NULL, "GETATTR", "SETATTR", "ROOT", "LOOKUP", "READLINK", "READ", "WRITECACHE", "WRITE", "CREATE"),
        *("REMOVE", "RENAME", "LINK", "SYMLINK", "MKDIR", "RMDIR", "READDIR", "STATFS"),
    ),
    (NFS, 3): (
        *(*_NULL, "GETATTR", "SETATTR", "LOOKUP", "ACCESS", "READLINK", "READ", "WRITE", "CREATE", "MKDIR", "SYMLINK"),
        *("MKNOD", "REMOVE", "RMDIR", "RENAME", "LINK", "READDIR", "READDIRPLUS", "FSSTAT", "FSINFO", "PATHCONF"),
        "COMMIT",
    ),
    (NFS, 4): (*_NULL, "COMPOUND"),
    (MOUNT, 1): (*_NULL, "MNT", "DUMP", "UMNT", "UMNTALL", "EXPORT", "EXPORTALL"),
    (MOUNT, 2): (*_NULL, "MNT", "DUMP", "UMNT", "UMNTALL", "EXPORT", "EXPORTALL", "PATHCONF"),
    (MOUNT, 3): (*_NULL, "MNT", "DUMP", "UMNT", "UMNTALL", "EXPORT"),
    (100021, 4): (
        *(*_NULL, "TEST", "LOCK", "CANCEL", "UNLOCK", "GRANTED", "TEST_MSG", "LOCK_MSG", "CANCEL_MSG", "UNLOCK_MSG"),
        *("GRANTED_MSG", "TEST_RES", "LOCK_RES", "CANCEL_RES", "UNLOCK_RES", "GRANTED_RES"),
    ),
    (100024, 1): (*_NULL, "STAT", "MON", "UNMON", "UNMON_ALL", "SIMU_CRASH", "NOTIFY"),
    (100227, 2): (*_NULL, "GETACL", "SETACL", "GETATTR", "ACCESS", "GETXATTRDIR"),
    (100227, 3): (*_NULL, "GETACL", "SETACL", "GETXATTRDIR"),
}
"""By program and version, in the order of their numbers."""


def procedure_name(program: int, version: int, number: int) -> str:
    """The name of a procedure, "proc-7" where it has none here."""
    names = PROCEDURES.get((program, version), _NULL)
    return names[number] if number < len(names) else f"proc-{number}"


def program_name(number: int) -> str:
    """The name of a program, or its number."""
    return NAMES.get(number, f"program {number}")
