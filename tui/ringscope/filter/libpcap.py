# SPDX-License-Identifier: Apache-2.0
"""libpcap's shared library: where it is, and the dozen functions that compile a filter, typed.

The system's library is preferred; where there is none, the file inside the PyPI package ``libpcap`` is loaded (that
package itself is never imported). Loaded in the compiling child only; the application just names the candidates.
"""

from __future__ import annotations

import ctypes
import os
import struct
from ctypes import POINTER, byref, c_char, c_char_p, c_int, c_ubyte, c_uint, c_ushort, c_void_p

SYSTEM_NAMES = ("libpcap.so.1", "libpcap.so.0.8")  # upstream's and Debian's name of the same interface
NOT_FOUND = "libpcap's shared library was not found: install it (apt install libpcap0.8, or pip install libpcap)"
ETHERNET, RAW_IP, COOKED = 1, 12, 276  # DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL2
LONGEST_SNAPLEN = 262144  # MAXIMUM_SNAPLEN of libpcap and tcpdump

# Used by ``ip broadcast`` alone. tcpdump gives none, neither live nor for files, and the same words shall select the
# same packets.
_NETMASK = 0
_ERROR_SIZE = 256  # PCAP_ERRBUF_SIZE
# An experimental ethertype nobody sends on loopback (IEEE 802 local experimental 2): a live handle bound to it exists
# for its code generation alone and is never handed a packet.
_SILENT_PROTOCOL = 0x88B6
# LINKTYPE_ numbers that are not the DLT_ number on Linux (libpcap, pcap-common.c).
_DLT_OF_LINK_TYPE = {100: 11, 101: 12, 102: 15, 103: 16, 106: 19}
_LINK_TYPE_OF_DLT = {dlt: link_type for link_type, dlt in _DLT_OF_LINK_TYPE.items()}
_PACKAGE_FOLDERS = {"x86_64": "x86_64", "aarch64": "aarch64", "ppc64le": "ppc64le", "i386": "x86", "i686": "x86"}


class LibpcapError(Exception):
    """What libpcap said."""


class _Instruction(ctypes.Structure):
    _fields_ = (("code", c_ushort), ("jt", c_ubyte), ("jf", c_ubyte), ("k", c_uint))


class _Program(ctypes.Structure):
    _fields_ = (("length", c_uint), ("instructions", POINTER(_Instruction)))


_SIGNATURES: dict[str, tuple[object, ...]] = {  # result, then arguments
    "pcap_activate": (c_int, c_void_p),
    "pcap_close": (None, c_void_p),
    "pcap_compile": (c_int, c_void_p, POINTER(_Program), c_char_p, c_int, c_uint),
    "pcap_create": (c_void_p, c_char_p, POINTER(c_char)),
    "pcap_datalink": (c_int, c_void_p),
    "pcap_datalink_name_to_val": (c_int, c_char_p),
    "pcap_datalink_val_to_name": (c_char_p, c_int),
    "pcap_fileno": (c_int, c_void_p),
    "pcap_freecode": (None, POINTER(_Program)),
    "pcap_geterr": (c_char_p, c_void_p),
    "pcap_fopen_offline": (c_void_p, c_void_p, POINTER(c_char)),
    "pcap_lib_version": (c_char_p,),
    "pcap_open_dead": (c_void_p, c_int, c_int),
    "pcap_set_buffer_size": (c_int, c_void_p, c_int),
    "pcap_set_datalink": (c_int, c_void_p, c_int),
    "pcap_set_immediate_mode": (c_int, c_void_p, c_int),
    "pcap_set_promisc": (c_int, c_void_p, c_int),
    "pcap_set_protocol_linux": (c_int, c_void_p, c_int),
    "pcap_set_snaplen": (c_int, c_void_p, c_int),
    "pcap_set_timeout": (c_int, c_void_p, c_int),
}


def packaged_library() -> str | None:
    """Path of the library inside the PyPI package ``libpcap`` for this machine, or None."""
    import importlib.util  # here, because only the application looks for it

    folder = _PACKAGE_FOLDERS.get(os.uname().machine)
    # A 32-bit interpreter on a 64-bit kernel needs the 32-bit file.
    if folder == "x86_64" and ctypes.sizeof(c_void_p) == 4:
        folder = "x86"
    spec = importlib.util.find_spec("libpcap")
    for root in (spec.submodule_search_locations or ()) if spec and folder else ():
        path = os.path.join(root, "_platform", "linux", str(folder), "tcpdump", "libpcap.so")
        if os.path.isfile(path):
            return path
    return None


def candidates() -> tuple[str, ...]:
    """Names and paths to try, best first: the system's library, then the packaged one."""
    packaged = packaged_library()
    return (*SYSTEM_NAMES, packaged) if packaged else SYSTEM_NAMES


def data_link_of(link_type: int) -> int:
    """The DLT_ number libpcap wants on Linux for a LINKTYPE_ number."""
    return _DLT_OF_LINK_TYPE.get(link_type, link_type)


def link_type_of(data_link: int) -> int:
    """The LINKTYPE_ number for a DLT_ number of libpcap's on Linux."""
    return _LINK_TYPE_OF_DLT.get(data_link, data_link)


class Library:
    """A loaded libpcap."""

    def __init__(self, name: str) -> None:
        """Load the library of that file name or path; OSError or AttributeError when it is not (a usable) one."""
        self.name = name
        self.functions = ctypes.CDLL(name, use_errno=True)
        for function, (result, *arguments) in _SIGNATURES.items():
            entry = getattr(self.functions, function)
            entry.restype, entry.argtypes = result, arguments

    @classmethod
    def first_of(cls, names: tuple[str, ...]) -> Library:
        """The first that loads; LibpcapError with the cure when none does."""
        for name in names:
            try:
                return cls(name)
            except (OSError, AttributeError):  # absent, of another machine, or too old to have every function
                continue
        raise LibpcapError(NOT_FOUND)

    @property
    def version(self) -> str:
        """For example "libpcap version 1.10.3 (with TPACKET_V3)"."""
        return _text(self.functions.pcap_lib_version())

    def open_dead(self, data_link: int) -> Handle:
        """A handle without a capture: code for the bytes of a packet alone."""
        return Handle(self, self.functions.pcap_open_dead(data_link, LONGEST_SNAPLEN))

    def open_file(self, link_type: int, *, swapped: bool) -> Handle:
        """A handle on a file without packets, as tcpdump has it that reads one: for LINKTYPE_ numbers, not DLT_.

        Its code is not always that of a dead handle: there are no directions and interfaces in most files, and what
        IPv6 is called in the header of a BSD loopback depends on the system, which need not be this one, and on the
        byte order of the machine that captured: ``swapped`` says that it is not this one's. LibpcapError.
        """
        order = "<>"[swapped != (struct.pack("=H", 1) != struct.pack("<H", 1))]
        # draft-ietf-opsawg-pcap, section 4: magic number, version, two that are reserved, snaplen, link type.
        header = struct.pack(f"{order}IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, LONGEST_SNAPLEN, link_type)
        content = ctypes.create_string_buffer(header, len(header))
        libc = ctypes.CDLL(None, use_errno=True)
        libc.fmemopen.restype, libc.fmemopen.argtypes = c_void_p, [c_void_p, ctypes.c_size_t, c_char_p]
        file = libc.fmemopen(content, len(header), b"rb")
        if not file:
            raise LibpcapError("libpcap ran out of memory")
        error = ctypes.create_string_buffer(_ERROR_SIZE)
        pointer = self.functions.pcap_fopen_offline(file, error)
        if not pointer:
            libc.fclose.argtypes = [c_void_p]
            libc.fclose(file)
            raise LibpcapError(_text(error.value))
        return Handle(self, pointer, content)

    def data_link_named(self, name: str) -> int:
        """The DLT_ number of a name like EN10MB, without regard to case; -1 for one that libpcap does not know."""
        return int(self.functions.pcap_datalink_name_to_val(name.encode("utf-8", "surrogateescape")))

    def data_link_name(self, data_link: int) -> str:
        """The name of a DLT_ number, empty for one that libpcap does not know."""
        return _text(self.functions.pcap_datalink_val_to_name(data_link))

    def open_silent(self, interface: bytes, data_link: int) -> Handle:
        """A live handle that receives nothing: code for packets as the kernel shows them to a packet socket.

        Needs CAP_NET_RAW in this network namespace, and the interface up and with packets of that type; LibpcapError
        tells what is missing.
        libpcap has no other way to ask for such code (libpcap issue 1050). Whoever opens it should attach ``ret #0``.
        """
        error = ctypes.create_string_buffer(_ERROR_SIZE)
        lib = self.functions
        pointer = lib.pcap_create(interface, error)
        if not pointer:
            raise LibpcapError(_text(error.value))
        handle = Handle(self, pointer)
        lib.pcap_set_snaplen(pointer, 256)
        lib.pcap_set_promisc(pointer, 0)
        lib.pcap_set_immediate_mode(pointer, 1)
        lib.pcap_set_buffer_size(pointer, 65536)  # small, but of one block at least: an empty ring cannot be mapped
        lib.pcap_set_timeout(pointer, 1000)
        lib.pcap_set_protocol_linux(pointer, _SILENT_PROTOCOL)
        if lib.pcap_activate(pointer) < 0 or (
            lib.pcap_datalink(pointer) != data_link and lib.pcap_set_datalink(pointer, data_link) < 0
        ):
            message = handle.error() or "the handle could not be activated"
            handle.close()
            raise LibpcapError(message)
        return handle


class Handle:
    """One ``pcap_t``, used for compiling only."""

    def __init__(self, library: Library, pointer: int | None, content: object = None) -> None:
        """``content`` is what has to stay in memory as long as the handle."""
        if not pointer:
            raise LibpcapError("libpcap ran out of memory")
        self._content = content
        self._functions = library.functions
        self._pointer = pointer

    def error(self) -> str:
        """libpcap's last message on this handle."""
        return _text(self._functions.pcap_geterr(self._pointer))

    def descriptor(self) -> int:
        """The packet socket of a live handle; it stays libpcap's own."""
        return int(self._functions.pcap_fileno(self._pointer))

    def compile(self, expression: bytes, *, optimize: bool) -> bytes:
        """Packed ``struct bpf_insn`` records; LibpcapError carries libpcap's message."""
        program = _Program()
        if self._functions.pcap_compile(self._pointer, byref(program), expression, int(optimize), _NETMASK) < 0:
            raise LibpcapError(self.error())
        try:
            return ctypes.string_at(program.instructions, program.length * ctypes.sizeof(_Instruction))
        finally:
            self._functions.pcap_freecode(byref(program))

    def close(self) -> None:
        """Close the handle, which must not be used any more."""
        self._functions.pcap_close(self._pointer)


def _text(message: bytes | None) -> str:
    return (message or b"").decode("utf-8", "replace")
