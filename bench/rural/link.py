"""A rural link in user space: rate, queue, delay, jitter and loss per direction. `python -m bench.rural.link BOOTH_DEVICE SPECIALIST_DEVICE`.

The kernel's own netem is often not built. This forwarder was not compared with netem: it is for comparing calls with each other.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass

SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
IPV4 = b"\x08\x00"
BATCH = 64
#: s between two lines of counts: packets, octets, lost and dropped so far, and the queue in ms
REPORT = 0.1


@dataclass(frozen=True)
class Profile:
    """Bit/s (0 = no limit) on whole Ethernet frames; queue, delay and jitter in ms (jitter uniform, after the queue); loss 0 to 1 before it.

    `burst`: how many packets are lost in a row in the mean; 1: each for itself, more: by the two states of Gilbert. A loss of 1 is an outage.
    """

    rate: float = 0
    queue: float = 300
    delay: float = 0
    jitter: float = 0
    loss: float = 0
    burst: float = 1


class Direction:
    """One direction, sans-IO: `take` packets as they come, `due` gives those that leave. Times in seconds of one clock."""

    def __init__(self, profile: Profile, chance: random.Random) -> None:
        self.profile = profile
        self._chance = chance
        self._free = 0.0
        self._waiting: list[tuple[float, int, bytes]] = []
        self._order = 0
        self._losing = False
        self.packets = self.octets = self.lost = self.dropped = 0

    def take(self, packet: bytes, now: float) -> None:
        """A packet enters. ARP and IPv6 are carried without loss."""
        profile = self.profile
        can_go_missing = packet[12:14] == IPV4
        if can_go_missing and self._goes_missing():
            self.lost += 1
            return
        start = max(now, self._free)
        if profile.rate:
            if can_go_missing and start - now > profile.queue / 1000:
                self.dropped += 1
                return
            self._free = start + len(packet) * 8 / profile.rate
            start = self._free
        leaves = start + (profile.delay + self._chance.random() * profile.jitter) / 1000
        self._order += 1
        heapq.heappush(self._waiting, (leaves, self._order, packet))

    def _goes_missing(self) -> bool:
        loss, burst = self.profile.loss, self.profile.burst
        if burst > 1 and loss < 1:
            began = loss / (1 - loss) / burst
            self._losing = self._chance.random() < (1 - 1 / burst if self._losing else began)
            return self._losing
        return self._chance.random() < loss

    def queue(self, now: float) -> float:
        """How long a packet that enters now waits, s."""
        return max(0.0, self._free - now)

    def next(self) -> float | None:
        """When the next packet leaves."""
        return self._waiting[0][0] if self._waiting else None

    def due(self, now: float) -> list[bytes]:
        """The packets that leave by now."""
        out = []
        while self._waiting and self._waiting[0][0] <= now:
            packet = heapq.heappop(self._waiting)[2]
            self.packets += 1
            self.octets += len(packet)
            out.append(packet)
        return out


def opened(device: str) -> socket.socket:
    """A raw socket on a device that sees only what the other end sent."""
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    made.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    made.bind((device, 0))
    made.setblocking(False)
    return made


def no_offload(device: str) -> None:
    """Switch off checksum and segmentation offloads, else one "packet" is many and its checksum is unfinished (linux/ethtool.h)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in (0x17, 0x19, 0x1F, 0x24, 0x2C):  # STXCSUM SSG STSO SGSO SGRO
            value = (ctypes.c_uint32 * 2)(command, 0)
            fcntl.ioctl(control, 0x8946, struct.pack("16sP8x", device.encode(), ctypes.addressof(value)))  # SIOCETHTOOL


def forward(booth: str, specialist: str, seed: int = 1) -> None:
    """Forward for ever. Each line on stdin is a new profile, {"up": {…}, "down": {…}} or {"both": {…}}; ten times a second a line of counts goes out."""
    with contextlib.suppress(PermissionError):
        os.nice(-10)  # a late forwarder would be a second queue
    devices = {opened(booth): "up", opened(specialist): "down"}
    ways = {name: Direction(Profile(), random.Random(f"{seed}{name}")) for name in ("up", "down")}
    exits = dict(zip(("up", "down"), reversed(devices), strict=True))
    report = time.monotonic() + REPORT
    while True:
        now = time.monotonic()
        times = [at for way in ways.values() if (at := way.next()) is not None]
        wait = max(0.0, min([now + 0.2, report, *times]) - now)
        ready, _, _ = select.select([*devices, sys.stdin], [], [], wait)
        if sys.stdin in ready and not _change(ways):
            return
        for device, name in devices.items():
            if device in ready:
                _drain(device, ways[name])
        for name, way in ways.items():
            _send(way, exits[name], time.monotonic())
        if now >= report:
            report += REPORT
            counts = {name: [way.packets, way.octets, way.lost, way.dropped, round(1000 * way.queue(now))] for name, way in ways.items()}
            sys.stdout.write(json.dumps({"at": time.time(), **counts}) + "\n")
            sys.stdout.flush()


def _change(ways: dict[str, Direction]) -> bool:
    line = sys.stdin.readline()
    if line:
        given = json.loads(line)
        for name, way in ways.items():
            way.profile = Profile(**given.get(name, given.get("both", {})))
    return bool(line)


def _send(way: Direction, device: socket.socket, now: float) -> None:
    for packet in way.due(now):
        try:
            device.send(packet)
        except OSError:
            way.dropped += 1


def _drain(device: socket.socket, way: Direction) -> None:
    for _ in range(BATCH):
        try:
            way.take(device.recv(65536), time.monotonic())
        except OSError:
            return


if __name__ == "__main__":
    if sys.argv[1] == "--no-offload":
        no_offload(sys.argv[2])
    else:
        forward(sys.argv[1], sys.argv[2])
