# SPDX-License-Identifier: Apache-2.0
"""What organizations add to LLDP: IEEE 802.1 (IEEE 802.1Q annex D), IEEE 802.3 (clause 79), and LLDP-MED for endpoints
(ANSI/TIA-1057)."""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, hex8, is_set, mac, octets, plain

_8021, _8023, _MED = 0x0080C2, 0x00120F, 0x0012BB
ORGANIZATIONS = {
    _8021: "IEEE 802.1",
    _8023: "IEEE 802.3",
    _MED: "LLDP-MED",
    0x000ECF: "PROFIBUS",
    0x000142: "Cisco",
    0x001B21: "Intel",
    0x0080AF: "Extreme",
}
_NAMES_8021 = {
    1: "Port VLAN ID",
    2: "Port and protocol VLAN ID",
    3: "VLAN name",
    4: "Protocol identity",
    5: "VID usage digest",
    6: "Management VID",
    7: "Link aggregation",
    8: "Congestion notification",
    9: "ETS configuration",
    10: "ETS recommendation",
    11: "Priority flow control configuration",
    12: "Application priority",
    13: "Edge virtual bridging",
    14: "CDCP",
}
_NAMES_8023 = {
    1: "MAC/PHY configuration and status",
    2: "Power via MDI",
    3: "Link aggregation",
    4: "Maximum frame size",
    5: "Energy-efficient Ethernet",
    7: "Additional Ethernet capabilities",
}
_NAMES_MED = {
    1: "Capabilities",
    2: "Network policy",
    3: "Location",
    4: "Extended power via MDI",
    5: "Hardware revision",
    6: "Firmware revision",
    7: "Software revision",
    8: "Serial number",
    9: "Manufacturer",
    10: "Model",
    11: "Asset ID",
}
_NAMES = {_8021: _NAMES_8021, _8023: _NAMES_8023, _MED: _NAMES_MED}
_APPLICATIONS = {
    1: "Voice",
    2: "Voice signaling",
    3: "Guest voice",
    4: "Guest voice signaling",
    5: "Softphone voice",
    6: "Video conferencing",
    7: "Streaming video",
    8: "Video signaling",
}
_CLASSES = {1: "class I", 2: "class II", 3: "class III", 4: "network connectivity"}
_POWER_TYPES = {0: "type 2 PSE", 1: "type 2 PD", 2: "type 1 PSE", 3: "type 1 PD"}
_PRIORITIES = {1: "critical", 2: "high", 3: "low"}
_SELECTORS = {1: "Ethertype", 2: "TCP or SCTP port", 3: "UDP or DCCP port", 4: "port", 5: "DSCP"}


def specific(draft: Draft) -> str:
    """The organization, its subtype, and the value; returns the value in words."""
    organization = int.from_bytes(draft.raw("Organization", 3, _organization), "big")
    names = _NAMES.get(organization, {})
    kind = draft.uint("Subtype", 1, names)
    decoder = _DECODERS.get((organization, kind))
    words = decoder(draft) if decoder is not None and draft.left else ""
    if draft.left:
        value = draft.rest("Value")
        words = words or octets(value)
    owner = ORGANIZATIONS.get(organization, mac(organization.to_bytes(3, "big")))
    return f"{owner} {names.get(kind, f'subtype {kind}')}{': ' if words else ''}{words}"


def _organization(value: bytes) -> str:
    name = ORGANIZATIONS.get(int.from_bytes(value, "big"))
    return f"{mac(value)} ({name})" if name else mac(value)


def _vlan(draft: Draft) -> str:
    return str(draft.uint("VLAN", 2))


def _port_protocol(draft: Draft) -> str:
    draft.bits(1, ("Reserved", 5, plain), ("Enabled", 1, is_set), ("Supported", 1, is_set), ("Reserved", 1, plain))
    return str(draft.uint("VLAN", 2))


def _vlan_name(draft: Draft) -> str:
    vlan = draft.uint("VLAN", 2)
    return f"{vlan} {draft.text('Name', draft.uint('Name length', 1))}"


def _identity(draft: Draft) -> str:
    return octets(draft.raw("Protocol", draft.uint("Length", 1)))


def _aggregation(draft: Draft) -> str:
    enabled, capable = draft.bits(1, ("Reserved", 6, plain), ("Enabled", 1, is_set), ("Capable", 1, is_set))[1:]
    port = draft.uint("Aggregated port", 4)
    return f"enabled, port {port}" if enabled else "capable, not enabled" if capable else "not capable"


def _ets(draft: Draft) -> str:
    draft.bits(
        1, ("Willing", 1, is_set), ("Credit-based shaper", 1, is_set), ("Reserved", 3, plain), ("Classes", 3, plain)
    )
    draft.bits(4, *((f"Class of priority {number}", 4, plain) for number in range(8)))
    for number in range(8):
        draft.uint(f"Bandwidth of class {number}", 1, lambda value: f"{value} %")
    for number in range(8):
        draft.uint(f"Selection of class {number}", 1, {0: "strict", 1: "credit-based", 2: "ETS", 255: "vendor"})
    return ""


def _flow_control(draft: Draft) -> str:
    draft.bits(1, ("Willing", 1, is_set), ("Not bypassed", 1, is_set), ("Reserved", 2, plain), ("Classes", 4, plain))
    enabled = draft.bits(1, *((f"Priority {number}", 1, is_set) for number in range(7, -1, -1)))
    numbers = [str(7 - place) for place, value in enumerate(enabled) if value]
    return f"priorities {', '.join(sorted(numbers))}" if numbers else "no priority"


def _applications(draft: Draft) -> str:
    draft.uint("Reserved", 1)
    while draft.left >= 3:
        draft.bits(1, ("Priority", 3, plain), ("Reserved", 2, plain), ("Selector", 3, _SELECTORS))
        draft.uint("Application", 2, hex4)
    return ""


def _mac_phy(draft: Draft) -> str:
    enabled, supported = draft.bits(1, ("Reserved", 6, plain), ("Enabled", 1, is_set), ("Supported", 1, is_set))[1:]
    draft.uint("Advertised capabilities", 2, hex4)
    mau = draft.uint("Operational MAU type", 2)
    state = "on" if enabled else "off" if supported else "not supported"
    return f"auto-negotiation {state}, MAU type {mau}"


def _power(draft: Draft) -> str:
    enabled = draft.bits(
        1,
        ("Reserved", 4, plain),
        ("Pair control", 1, is_set),
        ("Enabled", 1, is_set),
        ("Supported", 1, is_set),
        ("Port class", 1, {0: "PD", 1: "PSE"}),
    )[2]
    draft.uint("Power pair", 1, {1: "signal", 2: "spare"})
    draft.uint("Power class", 1, lambda value: f"class {value - 1}" if value else "unknown")
    words = "enabled" if enabled else "not enabled"
    if draft.left >= 5:
        draft.bits(
            1, ("Type", 2, _POWER_TYPES), ("Source", 2, plain), ("Reserved", 2, plain), ("Priority", 2, _PRIORITIES)
        )
        draft.uint("Requested", 2, _tenths)
        words += f", {_tenths(draft.uint('Allocated', 2, _tenths))}"
    return words


def _tenths(value: int) -> str:
    return f"{value / 10:g} W"


def _frame_size(draft: Draft) -> str:
    return f"{draft.uint('Maximum frame size', 2)} bytes"


def _energy(draft: Draft) -> str:
    for label in ("Transmit wake", "Receive wake", "Fallback receive wake", "Echo transmit wake", "Echo receive wake"):
        draft.uint(label, 2, lambda value: f"{value} µs")
    return ""


def _med_capabilities(draft: Draft) -> str:
    labels = ("Inventory", "Extended power PD", "Extended power PSE", "Location", "Network policy", "Capabilities")
    draft.flags("Capabilities", 2, hex4, ("Reserved", 10, plain), *((label, 1, is_set) for label in labels))
    kind = draft.uint("Device", 1, _CLASSES)
    return _CLASSES.get(kind, f"class {kind}")


def _policy(draft: Draft) -> str:
    kind = draft.uint("Application", 1, _APPLICATIONS)
    unknown, _, _, vlan, priority, dscp = draft.bits(
        3,
        ("Unknown", 1, is_set),
        ("Tagged", 1, is_set),
        ("Reserved", 1, plain),
        ("VLAN", 12, plain),
        ("Priority", 3, plain),
        ("DSCP", 6, plain),
    )
    words = "policy unknown" if unknown else f"VLAN {vlan}, priority {priority}, DSCP {dscp}"
    return f"{_APPLICATIONS.get(kind, f'application {kind}')}, {words}"


def _location(draft: Draft) -> str:
    kind = draft.uint("Format", 1, {1: "coordinates", 2: "civic address", 3: "emergency call number"})
    return draft.text("Number", draft.left) if kind == 3 else ""


def _med_power(draft: Draft) -> str:
    draft.bits(1, ("Type", 2, {0: "PSE", 1: "PD"}), ("Source", 2, plain), ("Priority", 4, _PRIORITIES))
    return _tenths(draft.uint("Power", 2, _tenths))


def _inventory(draft: Draft) -> str:
    return draft.text("Text", draft.left)


def _word(label: str, size: int, form: Callable[[int], str]) -> Callable[[Draft], str]:
    return lambda draft: form(draft.uint(label, size, form))


_DECODERS: dict[tuple[int, int], Callable[[Draft], str]] = {
    (_8021, 1): _vlan,
    (_8021, 2): _port_protocol,
    (_8021, 3): _vlan_name,
    (_8021, 4): _identity,
    (_8021, 5): _word("Digest", 4, hex8),
    (_8021, 6): _vlan,
    (_8021, 7): _aggregation,
    (_8021, 8): _word("Priorities", 1, hex2),
    (_8021, 9): _ets,
    (_8021, 10): _ets,
    (_8021, 11): _flow_control,
    (_8021, 12): _applications,
    (_8023, 1): _mac_phy,
    (_8023, 2): _power,
    (_8023, 3): _aggregation,
    (_8023, 4): _frame_size,
    (_8023, 5): _energy,
    (_MED, 1): _med_capabilities,
    (_MED, 2): _policy,
    (_MED, 3): _location,
    (_MED, 4): _med_power,
    **{(_MED, kind): _inventory for kind in range(5, 12)},
}
