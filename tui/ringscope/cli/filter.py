# SPDX-License-Identifier: Apache-2.0
"""``ringscope filter``: is an expression right, what is its program, and how many packets of a file pass."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ringscope.cli.arguments import SNAPLEN_MAX
from ringscope.cli.errors import Failure, WrongUsage, say
from ringscope.cli.programs import PAUSE, STORE, Programs, compiled, is_read
from ringscope.filter import Compiler, FilterError, Program
from ringscope.filter.bytecode import INSTRUCTION
from ringscope.filter.disassembly import c_listing, decimal_listing, listing

if TYPE_CHECKING:
    from ringscope.capture.views import View, ViewState

_ETHERNET: Final = 1
_LISTINGS: Final = {1: listing, 2: c_listing, 3: decimal_listing}


def run(options: argparse.Namespace) -> int:
    """Looks at the expression of the options."""
    with Compiler() as compiler:
        try:
            return _in_file(options, compiler) if options.read is not None else _alone(options, compiler)
        except FilterError as error:
            raise Failure(f"the filter {options.filter!r} is not understood: {error}") from error


def _quads(program: Program) -> list[list[int]]:
    """Code, jt, jf and k of each instruction."""
    return [list(one) for one in INSTRUCTION.iter_unpack(program.code)]


def _print_program(program: Program, dump: int) -> None:
    print("\n".join(_LISTINGS[min(dump, 3)](program.code)))


# -- without a file -----------------------------------------------------------------------------------------------


def _alone(options: argparse.Namespace, compiler: Compiler) -> int:
    link_type = _named(compiler, options.link_type)
    program = compiled(compiler, options.filter, link_type, snaplen=SNAPLEN_MAX, live=options.live)
    if program.reason:
        say(f"this is the program for a file: {program.reason}")
    name = compiler.link_type_name(link_type)
    if options.json:
        print(
            json.dumps(
                {
                    "expression": options.filter,
                    "link_type": link_type,
                    "link_type_name": name,
                    "mode": program.mode,
                    "resolved": {host: list(addresses) for host, addresses in program.resolved},
                    "program": _quads(program),
                }
            )
        )
    elif options.dump:
        _print_program(program, options.dump)
    else:
        count = program.instructions
        where = "a capture" if program.mode == "live" else "a file"
        print(f"understood: {count} instruction{'s' * (count != 1)} for {name} packets of {where}")
    return 0


def _named(compiler: Compiler, name: str | None) -> int:
    """The LINKTYPE_ number of ``-y``: a name that libpcap knows, or the number itself."""
    if name is None:
        return _ETHERNET
    if name.isdecimal() and len(name) <= 5:
        return int(name)
    number = compiler.link_type(name)
    if number is None:
        raise WrongUsage(f"-y {name} is no link type that libpcap knows; as EN10MB, LINUX_SLL2, RAW, PPP or a number")
    return number


# -- with a file --------------------------------------------------------------------------------------------------


def _in_file(options: argparse.Namespace, compiler: Compiler) -> int:
    from ringscope.capture.files import FileSession
    from ringscope.capture.session import CaptureError
    from ringscope.capture.views import ViewError

    begun = time.monotonic()
    try:
        with FileSession.open(options.read, store_bytes=STORE) as session:
            programs = Programs(options.filter, session, compiler)
            if options.dump:
                return _dump(programs, options.dump)
            with session.view() as view:
                count = _count(programs, view)
            count.seconds = time.monotonic() - begun
            return _told(options, programs, count)
    except (CaptureError, ViewError) as error:
        raise Failure(str(error)) from error


def _dump(programs: Programs, dump: int) -> int:
    """The program for each link type of the file, as ``tcpdump -r FILE -d``, which knows one."""
    while not is_read(programs.session.loading()):
        time.sleep(PAUSE)
    programs.grow()
    programs.finish()
    for link_type, program in programs.made.items():
        if len(programs.made) > 1:
            print(f"# {programs.compiler.link_type_name(link_type)}")
        _print_program(program, dump)
    programs.say_faults()
    return 0


@dataclass
class _Count:
    total: int
    state: ViewState
    fault: str
    seconds: float = 0.0


def _count(programs: Programs, view: View) -> _Count:
    """Runs the programs while the file is read; a link type that is met late begins it anew, which costs little."""
    session = programs.session
    while True:
        loading = session.loading()
        complete = is_read(loading)  # before what is met: after it there is nothing more to come
        if programs.grow():
            view.start(programs.codes())
        head, state = session.snapshot().head, view.state()
        if complete and (state.examined >= head or state.fault):
            programs.finish()
            fault = state.fault or (loading.fault if loading else "") or _missed(head - state.judged)
            return _Count(head, state, fault)
        time.sleep(PAUSE)


def _missed(count: int) -> str:
    return f"{_grouped(count)} of the packets went by too fast to be looked at; put them into a file" if count else ""


def _told(options: argparse.Namespace, programs: Programs, count: _Count) -> int:
    if options.json:
        print(json.dumps(_record(programs, count, options.read)))
    else:
        print(_sentence(count.state.matched, count.total))
        if count.state.unknown:
            many = count.state.unknown != 1
            print(
                f"{_grouped(count.state.unknown)} packet{'s' * many} cannot be judged and"
                f" {'do' if many else 'does'} not count: too few of {'their' if many else 'its'} bytes were kept"
            )
        programs.say_faults()
    sys.stdout.flush()
    if count.fault:
        say(count.fault)
    return 1 if count.fault else 0


def _record(programs: Programs, count: _Count, path: str) -> dict[str, Any]:
    matched = count.state.matched
    kinds = [
        {
            "link_type": link_type,
            "link_type_name": programs.compiler.link_type_name(link_type),
            "program": _quads(program),
        }
        for link_type, program in programs.made.items()
    ]
    return {
        "expression": programs.expression,
        "file": path,
        "matched": matched,
        "total": count.total,
        "share": matched / count.total if count.total else 0.0,
        "unknown": count.state.unknown,
        "seconds": round(count.seconds, 6),
        "program": kinds[0]["program"],
        "link_types": kinds,
        "rejected": {str(link_type): str(error) for link_type, error in programs.faults.items()},
        "fault": count.fault,
    }


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _sentence(matched: int, total: int) -> str:
    """``12 345 of 100 000 packets, 12.3 %``; a share that is not none or all is never said to be."""
    words = f"{_grouped(matched)} of {_grouped(total)} packet{'s' * (total != 1)}"
    if not total:
        return words
    share = 100 * matched / total
    shown = f"{share:.1f}"
    if 0 < matched < total and shown in ("0.0", "100.0"):
        shown = "under 0.1" if share < 50 else "over 99.9"
    return f"{words}, {shown} %"
