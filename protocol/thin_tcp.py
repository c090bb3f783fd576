"""TCP for a few small messages that must not be late, on a link that loses packets and has outages. Both ends of the booth's line use it.

TCP doubles its waiting time with each retransmission that is lost: after two seconds of a full queue it is silent for three more. Here it
goes on asking about once a second, and tells whether messages wait in it already, so that newer ones need not stand behind them.

Which packets were lost, and which retransmissions too, TCP learns from those that come after them (RACK, RFC 8985). Cubic lets two packets or one be
under way after a few losses, so nothing comes after them and only a timer helps; BBR goes by what arrives and keeps four.
"""

from __future__ import annotations

import socket
import struct
from typing import Any, Final

#: options of linux/tcp.h that Python has no name for. The second is there since Linux 6.15; on an older one the first alone has to do
TCP_THIN_LINEAR_TIMEOUTS, TCP_RTO_MAX_MS = 16, 44
#: ms between two retransmissions at most: the least that Linux takes
LONGEST_WAIT: Final = 1000
#: ms without an acknowledgement after which the connection is given up, for a new one
GIVEN_UP: Final = 12_000
#: packets under way from which the link is taken for full; Linux takes a stream for thin below it. What came out of order does not count:
#: what is sent after a loss is what tells TCP of the loss
MANY: Final = 3
#: of struct tcp_info: tcpi_ca_state, tcpi_unacked and tcpi_sacked (packets), tcpi_notsent_bytes
_INFO = struct.Struct("=xB22xII112xI")
#: TCP_CA_Loss: a retransmission timer ran out
_LOSS: Final = 4


def prepare(sock: Any) -> None:
    """Set the options on a connected socket (or what asyncio gives out for one); what the kernel does not have stays as it is.

    Linux takes no stream of BBR for thin, so where its timer cannot be bounded otherwise the stream has cubic and linear timeouts.
    """
    _set(sock, socket.TCP_USER_TIMEOUT, GIVEN_UP)
    _set(sock, TCP_THIN_LINEAR_TIMEOUTS, 1)
    if not (_set(sock, TCP_RTO_MAX_MS, LONGEST_WAIT) and _set(sock, socket.TCP_CONGESTION, b"bbr")):
        _set(sock, socket.TCP_CONGESTION, b"cubic")


def _set(sock: Any, option: int, value: int | bytes) -> bool:
    try:
        sock.setsockopt(socket.IPPROTO_TCP, option, value)
    except (OSError, AttributeError):
        return False
    return True


def full(sock: Any) -> bool:
    """Whether what is sent now would wait: for a timer, or behind `MANY` packets that have not come yet."""
    try:
        state, unacknowledged, selectively, unsent = _INFO.unpack(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size))
    except OSError:  # it is being closed
        return True
    return bool(state == _LOSS or unacknowledged - selectively >= MANY or unsent)
