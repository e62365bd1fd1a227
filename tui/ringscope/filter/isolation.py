# SPDX-License-Identifier: Apache-2.0
"""What the compiling child does to itself: an own network, limits, and an end when its parent ends.

Linux only, through ctypes and the standard library; called before the child takes its first expression.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1  # linux/sockios.h, linux/if.h
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h
_SO_ATTACH_FILTER = 26  # asm-generic/socket.h
_IFREQ = struct.Struct("16sh22x")

_ADDRESS_SPACE = 512 << 20  # bytes: far above any filter, far below what would hurt the capture beside it
_OPEN_FILES = 64


class _FilterProgram(ctypes.Structure):  # struct sock_fprog, linux/filter.h
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def own_signals() -> None:
    """Start from the default dispositions and an empty mask, which a parent may have changed; ignore the terminal's."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for number in (signal.SIGALRM, signal.SIGXCPU, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def end_with_parent() -> None:
    """Have this process end when its parent process is gone.

    PR_SET_PDEATHSIG fires when the *thread* that started this process ends (prctl(2)), which is no reason to go:
    so the signal only makes it look whether it has been given to another parent. The closed channel tells the same,
    unless some other process has inherited the parent's end of it.
    """
    parent = os.getppid()

    def look(_number: int, _frame: object) -> None:
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGUSR1, look)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGUSR1)


def limit() -> None:
    """Bound memory and descriptors, leave no core file, gain no privilege. CPU time is bounded per request."""
    for which, most in (
        (resource.RLIMIT_AS, _ADDRESS_SPACE),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(which)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def grant(seconds: float) -> None:
    """Allow that much more time, by the clock and on the CPU; when it is over, the kernel ends this process.

    A second more than the parent waits: the parent's verdict comes first, this is for the case that it is gone.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds + 1)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    most = int(usage.ru_utime + usage.ru_stime + seconds) + 2
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def revoke() -> None:
    """No request is being worked on: the clock stands still."""
    signal.setitimer(signal.ITIMER_REAL, 0)


def enter_own_network() -> bool:
    """Move into a network namespace of this process' own and bring its loopback up; False when that is forbidden.

    In a user namespace it needs no privilege; where user namespaces are forbidden a privileged process still may
    have the network namespace alone. The namespaces vanish with the process.
    """
    libc = _libc()
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) and libc.unshare(_CLONE_NEWNET):
        return False
    with contextlib.suppress(OSError):  # opening the live handle says so, in libpcap's words
        _bring_up("lo")
    return True


def make_tun() -> str:
    """Make a device of raw IP packets that nobody sends to, bring it up, and return its name; OSError when forbidden.

    It stays as long as this process. Only for a process in a network of its own.
    """
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    try:
        answer = fcntl.ioctl(device, _TUNSETIFF, _IFREQ.pack(b"", _IFF_TUN | _IFF_NO_PI))
        name = str(_IFREQ.unpack(answer)[0], "ascii").rstrip("\0")
        _bring_up(name)
    except BaseException:
        os.close(device)
        raise
    return name


def look_up_no_hosts() -> None:
    """Look names of ports, protocols, networks and stations up in the files of /etc alone, and those of hosts nowhere.

    So there is no waiting, and no answer that depends on the network; hosts are looked up by the application
    (``resolver``), by all the ways that this system is set up for. Sockets in the file system (nscd,
    systemd-resolved) reach out of a network namespace, so leaving the network is not enough. glibc only; other C
    libraries have nothing to configure, read /etc/hosts, and find no server in an empty network.
    """
    try:
        configure = _libc().__nss_configure_lookup
    except AttributeError:
        return
    for database in (b"networks", b"ethers", b"services", b"protocols"):
        configure(database, b"files")
    configure(b"hosts", b"none")  # a service that does not exist; an empty list would be a crash


def receive_nothing(descriptor: int) -> None:
    """Attach ``ret #0`` to a packet socket: the kernel drops all it would have received."""
    code = struct.pack("=HBBI", 0x06, 0, 0, 0)
    program = _FilterProgram(1, code)
    with socket.socket(fileno=os.dup(descriptor)) as packets:
        packets.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, bytes(program))


def _bring_up(interface: str) -> None:
    name = interface.encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        _, flags = _IFREQ.unpack(fcntl.ioctl(control, _SIOCGIFFLAGS, _IFREQ.pack(name, 0)))
        fcntl.ioctl(control, _SIOCSIFFLAGS, _IFREQ.pack(name, flags | _IFF_UP))


def _prctl(option: int, value: int) -> None:
    rest = (ctypes.c_ulong(0),) * 3
    _libc().prctl(ctypes.c_int(option), ctypes.c_ulong(value), *rest)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
