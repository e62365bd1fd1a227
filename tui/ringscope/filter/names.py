# SPDX-License-Identifier: Apache-2.0
"""Expressions with host names: which word is one, and addresses put in its place.

libpcap reads the expression and says which host it does not know, one after another; only that word is then
replaced, by what libpcap itself would have made of it: all addresses of the host, joined by "or". So the language is
known in one place. Newer versions of libpcap leave out addresses that a qualifier (``ip``, ``ip6``, ``arp``) excludes,
and put IPv4 before IPv6; here it is the same with every version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ringscope.filter.program import FilterError

Answer = Mapping[str, object]
"""What the child answers: with a key "error", or with a program."""

EXAMPLES = ("192.0.2.1", "2001:db8::1")
"""Addresses of documentation (RFC 5737, RFC 3849), where any will do to see whether an expression is right."""

_UNKNOWN = re.compile(r"unknown host '([^']+)'")
# "'ip6' modifier applied to ip host" up to version 1.10, "'ip6' is not a valid qualifier for 'ip host'" after.
_WRONG_FAMILY = re.compile(r"'\w+' (?:modifier applied to|is not a valid qualifier for) '?ip(6?) host")
_MARK = "place.ringscope.invalid"  # RFC 6761: nobody's name


def compiled(
    expression: str, ask: Callable[[str], Answer], look_up: Callable[[str], Sequence[str]]
) -> tuple[Answer, tuple[tuple[str, tuple[str, ...]], ...]]:
    """The answer to the expression with its names resolved, and the addresses that were put in for each name.

    ``ask`` compiles an expression without host names, ``look_up`` gives the addresses of a name or raises FilterError.
    """
    used: dict[str, dict[str, None]] = {}
    text, answer = expression, ask(expression)
    while name := _unknown_host(answer):
        place = _place(text, name, ask)
        if place is None:  # the message was cut off, or is about something else
            break
        addresses = look_up(name)
        text, answer, addresses = _put_in(text, place, name, addresses, ask)
        used.setdefault(name, {}).update(dict.fromkeys(addresses))
    return answer, tuple((name, tuple(addresses)) for name, addresses in used.items())


def occurrences(expression: str, word: str) -> list[tuple[int, int]]:
    """Where the word stands in an expression as a word of its own, from and to; also with a backslash before it."""
    # The characters of a word are those of libpcap's scanner; a word with a backslash ends at blanks, "!" or brackets.
    exact = re.escape(word)
    pattern = rf"(?<![-_.A-Za-z0-9\\]){exact}(?![-_.A-Za-z0-9])|\\{exact}(?![^ !()\n\t])"
    return [match.span() for match in re.finditer(pattern, expression)]


def replaced(expression: str, place: tuple[int, int], addresses: Sequence[str]) -> str:
    """The expression with addresses in that place; a test for any of them, as "host (A or B)" is."""
    text = addresses[0] if len(addresses) == 1 else f"({' or '.join(addresses)})"
    return expression[: place[0]] + text + expression[place[1] :]


def _unknown_host(answer: Answer) -> str | None:
    match = _UNKNOWN.search(str(answer.get("error", "")))
    return match[1] if match else None


def _place(text: str, name: str, ask: Callable[[str], Answer]) -> tuple[int, int] | None:
    """The occurrence of the name that libpcap complains of: the same word may be the name of a port elsewhere."""
    places = occurrences(text, name)
    if len(places) < 2:
        return places[0] if places else None
    for place in places:
        if _unknown_host(ask(replaced(text, place, [_MARK]))) == _MARK:
            return place
    return None


def _put_in(
    text: str, place: tuple[int, int], name: str, addresses: Sequence[str], ask: Callable[[str], Answer]
) -> tuple[str, Answer, Sequence[str]]:
    """The expression with the addresses that its qualifiers allow, what it gives, and those addresses."""
    whole = replaced(text, place, addresses)
    answer = ask(whole)
    complaint = _WRONG_FAMILY.search(str(answer.get("error", "")))
    if not complaint:
        return whole, answer, addresses
    wanted = 4 if complaint[1] else 6
    allowed = [each for each in addresses if (":" in each) == (wanted == 6)]
    part = replaced(text, place, allowed or [EXAMPLES[wanted == 6]])
    again = ask(part)
    if again.get("error") == answer["error"]:  # it is about an address that was written out
        return whole, answer, addresses
    if not allowed:
        raise FilterError(f"the host '{name}' has no IPv{wanted} address, and only such an address can stand there")
    return part, again, allowed
