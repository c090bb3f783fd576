"""When this machine's way to a peer becomes another one: a cable that is pulled, a modem that dials in again, a new address of the provider's.

TCP does not notice: it goes on sending from the old address until it gives up. The kernel tells of each change of addresses and routes
(rtnetlink(7)), and which address it would send from now.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any, Final

#: linux/rtnetlink.h: RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE
_GROUPS: Final = 0x10 | 0x40 | 0x100 | 0x400
#: octets of notes that are read at once; what they say is not looked at
_NOTES: Final = 1 << 16


def address_to(peer: tuple[Any, ...], family: int) -> str | None:
    """The address that this machine would send from, None where there is no way. No packet leaves."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(peer)
        except OSError:
            return None
        return str(probe.getsockname()[0])


async def another(sock: Any) -> None:
    """Return once the kernel would send to the peer of this connected socket from another address than the socket's own.

    `sock` may be what asyncio gives out for one. While there is no way at all nothing is returned: the old one may come back. Where the kernel
    tells nothing (not Linux), never.
    """
    own, peer, family = sock.getsockname()[0], sock.getpeername(), sock.family
    try:
        notes = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
    except (AttributeError, OSError):
        await asyncio.Event().wait()
        return
    with notes:
        notes.bind((0, _GROUPS))
        loop, told = asyncio.get_running_loop(), asyncio.Event()

        def read() -> None:
            with contextlib.suppress(OSError):  # too many notes for the buffer (ENOBUFS): something has changed
                notes.recv(_NOTES)
            told.set()

        loop.add_reader(notes, read)
        try:
            while address_to(peer, family) in {own, None}:
                told.clear()
                await told.wait()
        finally:
            loop.remove_reader(notes)
