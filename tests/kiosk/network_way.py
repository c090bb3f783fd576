"""In a network namespace of its own: the way to a peer is another one once its address is gone, and not before. See test_network_way.py."""

import asyncio
import socket
import subprocess

from kiosk.network_way import address_to, another

PEER = ("198.51.100.7", 9)


def ip(*command: str) -> None:
    subprocess.run(["ip", *command], check=True)


async def main() -> None:
    ip("link", "set", "lo", "up")
    ip("link", "add", "d0", "type", "veth", "peer", "name", "d1")
    ip("link", "set", "d1", "up")
    ip("addr", "add", "198.51.100.1/24", "dev", "d0")
    ip("link", "set", "d0", "up")
    assert address_to(("203.0.113.1", 9), socket.AF_INET) is None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(PEER)
        assert sock.getsockname()[0] == address_to(PEER, socket.AF_INET) == "198.51.100.1"
        gone = asyncio.create_task(another(sock))
        for command in (("addr", "add", "198.51.100.2/24", "dev", "d0"), ("link", "set", "d0", "down"), ("link", "set", "d0", "up")):
            ip(*command)  # a second address, a cable that is pulled and put back: the old way comes back
            done, _ = await asyncio.wait([gone], timeout=0.2)
            assert not done, command
        ip("addr", "flush", "dev", "d0")
        done, _ = await asyncio.wait([gone], timeout=0.2)
        assert not done, "no way at all is no other way"
        ip("addr", "add", "198.51.100.2/24", "dev", "d0")
        async with asyncio.timeout(5):
            await gone


if __name__ == "__main__":
    asyncio.run(main())
