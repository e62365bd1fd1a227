# SPDX-License-Identifier: Apache-2.0
"""One packet to its layers, for the packet under the cursor.

`dissect` runs the decoders of `ringscope.decode.tree`, and accounts for every captured byte: what no decoder claimed
becomes a data layer, what lies behind the packet becomes padding, what stopped a decoder becomes a layer that says why.
"""

from __future__ import annotations

from ringscope.decode.address import grouped
from ringscope.decode.errors import Malformed, Short
from ringscope.decode.model import Field, Layer
from ringscope.decode.tree import LINKS, Frame


def dissect(data: bytes, link_type: int, length: int) -> tuple[Layer, ...]:
    """Decode one packet; never raises.

    data: the captured bytes from the link header on (an outer VLAN tag included).
    link_type: LINKTYPE_* number as in capture files: 1 Ethernet; 12, 14, 101 raw IP; 113, 276 Linux cooked;
        228 IPv4; 229 IPv6.
    length: bytes of the packet on the wire; more than len(data) when the capture cut it.
    Returns the layers from the outermost in; byte ranges lie inside `data` and layers do not overlap.
    """
    frame = Frame(data if type(data) is bytes else bytes(data), length)
    stopped: Exception | None = None
    decoder = LINKS.get(link_type)
    if decoder is not None:
        try:
            decoder(frame, 0, frame.wire)
        except Exception as found:  # whatever a packet does to a decoder, the layers before it are shown
            stopped = found
    frame.close()
    _rest(frame, stopped)
    return tuple(frame.layers)


def _rest(frame: Frame, stopped: Exception | None) -> None:
    """The layers behind the last decoded one."""
    covered = max((layer.start + layer.length for layer in frame.layers), default=0)
    end = frame.wire if frame.end < 0 else max(frame.end, covered)
    here = min(end, frame.size)
    broken = _broken(frame, stopped)
    if broken is not None:
        frame.layers.append(Layer("malformed", f"Malformed  {broken}", covered, here - covered, ()))
    elif stopped is not None and not (isinstance(stopped, Short) and frame.piece):
        title = f"Cut  {grouped(frame.size)} of {grouped(frame.wire)} bytes were captured"
        frame.layers.append(Layer("cut", title, covered, here - covered, ()))
    elif covered < here:
        note = f"  (goes on in another {frame.piece})" if stopped is not None else ""
        captured = "" if here == end else f", {grouped(here - covered)} of them captured"
        size = f"{grouped(end - covered)} bytes"
        field = Field("Data", size, covered, here - covered)
        frame.layers.append(Layer("data", f"Data  {size}{captured}{note}", covered, here - covered, (field,)))
    if end < frame.size:
        size = f"{grouped(frame.size - end)} bytes"
        field = Field("Padding", size, end, frame.size - end)
        frame.layers.append(Layer("padding", f"Padding  {size}", end, frame.size - end, (field,)))


def _broken(frame: Frame, stopped: Exception | None) -> str | None:
    """Why the packet is malformed; None when it is not, or when only the capture ends too early."""
    if stopped is None or (isinstance(stopped, Short) and frame.piece):
        return None
    if isinstance(stopped, Malformed):
        return str(stopped)
    # Any other exception is a decoder running off the captured bytes, or, if all are here, off the packet.
    return None if frame.size < frame.wire else "bytes end before the header does"
