"""Two network namespaces, booth and specialist, and the forwarder as the only way between them. Needs root."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

BOOTH, SPECIALIST = "10.77.0.1", "10.77.0.2"
STATION_PORT = 8443
#: s between two looks at the priorities
LEVEL = 1.0


def shell(script: str) -> None:
    """Run shell lines; a failure raises with what was said."""
    done = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the namespaces cannot be made: {done.stderr.strip()}")


def entering(namespace: str) -> str:
    """What stands before a command that is to run in a network namespace. "ip netns exec" wants / to be a mount of its own; in a chroot it is none."""
    return f"nsenter --net=/run/netns/{namespace}"


async def stop(process: asyncio.subprocess.Process) -> None:
    """End a process of ours."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.communicate(), 5)
        except TimeoutError:
            process.kill()
            await process.communicate()


class Wire:
    """An asynchronous context: namespaces up, forwarder running; all gone at the end."""

    def __init__(self, folder: Path) -> None:
        mark = f"{os.getpid() % 10000}"
        self.booth, self.specialist = f"tcb{mark}", f"tcs{mark}"
        self._devices = (f"tcb{mark}o", f"tcs{mark}o")
        self._log = folder / "link.jsonl"

    async def __aenter__(self) -> Self:
        python = sys.executable
        for name, device, address, other in (
            (self.booth, self._devices[0], BOOTH, SPECIALIST),
            (self.specialist, self._devices[1], SPECIALIST, BOOTH),
        ):
            shell(f"""
                ip netns add {name}
                ip link add {device} type veth peer name e0 netns {name}
                {entering(name)} ip addr add {address}/24 dev e0
                {entering(name)} ip link set lo up; {entering(name)} ip link set e0 up; ip link set {device} up
                {entering(name)} ip route add default via {other}
                echo 1 > /proc/sys/net/ipv6/conf/{device}/disable_ipv6
                {entering(name)} sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'
                {entering(name)} {python} -m bench.rural.link --no-offload e0
                {python} -m bench.rural.link --no-offload {device}
            """)
        self._out = self._log.open("w")
        self._forwarder = await asyncio.create_subprocess_exec(
            python, "-m", "bench.rural.link", *self._devices, stdin=subprocess.PIPE, stdout=self._out
        )
        return self

    def set(self, profile: dict[str, object]) -> None:
        """A new profile from now on."""
        assert self._forwarder.stdin
        self._forwarder.stdin.write(json.dumps(profile).encode() + b"\n")

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._forwarder.stdin
        self._forwarder.stdin.close()
        await self._forwarder.wait()
        self._out.close()
        shell(f"ip netns del {self.booth} || true; ip netns del {self.specialist} || true")

    async def keep_level(self) -> None:
        """Give every thread in the namespaces the bench's own priority, until cancelled: browsers give theirs lower ones, and other engines do not."""
        mine = os.getpriority(os.PRIO_PROCESS, 0)
        while True:
            for name in (self.booth, self.specialist):
                listed = await asyncio.create_subprocess_exec("ip", "netns", "pids", name, stdout=subprocess.PIPE)
                for pid in (await listed.communicate())[0].split():
                    with contextlib.suppress(OSError):
                        for thread in (Path("/proc") / pid.decode() / "task").iterdir():
                            os.setpriority(os.PRIO_PROCESS, int(thread.name), mine)
            await asyncio.sleep(LEVEL)

    def inside(self, name: str) -> tuple[str, ...]:
        """The prefix of a command that runs in a namespace."""
        return tuple(entering(name).split())
