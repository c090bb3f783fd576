"""The station, the agent (with its call process) and the screen of one simulated booth, as child processes in a folder of their own."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import shutil
import socket
import sqlite3
import sys
import time
from typing import TYPE_CHECKING, Any

import aiohttp

from kiosk.commands import page as page_command
from kiosk.secure import organisation
from kiosk.secure.keys import load_or_create, verify
from kiosk.secure.tls import context
from protocol import enrolment
from protocol.enrolment import Request
from simulators.authority import HOST, Authority
from simulators.control import Control
from station.app import PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

STOP_S = 5.0
#: the demonstration's organisation lasts as long as its folder: its passphrases protect nothing
PASSPHRASE, CHEAP = "only a demonstration", organisation.Cost(1, 8192)


class StartError(RuntimeError):
    """A process did not come up; the message says which and shows the end of its log."""


class House:
    """One folder with everything: `start_*` in any order that makes sense, `stop` ends what was started.

    `host` is the address of station and page; `inside` gives what stands before the command of a process, to run it in a network of its own.
    """

    def __init__(self, folder: Path, *, make: bool = True, host: str = HOST, inside: Callable[[str], Sequence[str]] = lambda _: ()) -> None:
        self.folder, self._host, self._inside = folder, host, inside
        self.run, self.state, self.logs = folder / "run", folder / "state", folder / "logs"
        for directory in (self.run, self.state, self.logs) if make else ():
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.database, self.tap, self.frames, self.stamps = (
            folder / "station.sqlite",
            folder / "station-tap.bin",
            folder / "frames.hex",
            folder / "stamps.jsonl",
        )
        self.origin = self.page_origin = self.publisher = ""
        self.organisation: organisation.Organisation | None = None
        self.authority: Authority | None = None
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self.control = Control(self.run / "control.sock")
        #: what is held before the camera that reads codes
        self.paper = self.run / "paper"

    async def _start(self, name: str, command: Sequence[str], **environment: str) -> asyncio.subprocess.Process:
        with (self.logs / f"{name}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *self._inside(name), sys.executable, "-m", *command,
                stdout=asyncio.subprocess.PIPE, stderr=log, env={**os.environ, **environment},
            )  # fmt: skip
        self.processes[name] = process
        return process

    def _failed(self, name: str) -> StartError:
        tail = (self.logs / f"{name}.log").read_text(errors="replace").strip().splitlines()[-5:]
        return StartError(f"the {name} did not start: {' | '.join(tail) or 'it said nothing'}")

    async def start_station(self, port: int = 0) -> str:
        """The station, and the page from an origin of its own, on the next port where one is given; the station's origin."""
        self.authority = self.authority or Authority(self.folder / "authority")
        page_port = port + 1 if port else _free_port()
        self.page_origin = self.page_origin or f"https://{self._host}:{page_port}"
        command = ["simulators.station", "--database", str(self.database), "--tap", str(self.tap), "--port", str(port)]
        self.origin = await self._serve("station", [*command, "--page-origin", self.page_origin])
        if "page" not in self.processes:
            folder, publisher = self.folder / "page", load_or_create(self.folder / "publisher.key")
            shutil.copytree(PAGE, folder)
            page_command.sign(folder, publisher, self.origin)
            self.publisher = base64.b64encode(publisher.public).decode()
            await self._serve("page", ["station.page_host", str(folder), "--key", self.publisher, "--port", str(page_port)])
        if self.organisation is None:
            self.organisation = organisation.create(self.folder / "organisation", PASSPHRASE, PASSPHRASE, _now(), CHEAP)
        return self.origin

    async def _serve(self, name: str, command: Sequence[str]) -> str:
        """A server with a certificate of the demonstration; the origin that it prints at the end of its first line."""
        if self.authority is None:
            raise StartError("there is no authority")
        served = self.authority.serve(name, host=self._host)
        command = [*command, "--host", self._host]
        process = await self._start(name, [*command, "--certificate", str(served.certificate), "--certificate-key", str(served.key)])
        line = await process.stdout.readline() if process.stdout is not None else b""
        if not line:
            raise self._failed(name)
        return line.decode().split()[-1]

    async def admin(self, *arguments: str) -> str:
        """One administrative command of the station; what it prints."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "station.app", "--database", str(self.database), "--origin", self.origin),
            *("--page-origin", self.page_origin, *arguments),
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        if process.returncode:
            raise StartError(f"telecabine-station {arguments[0]} failed")
        return output.decode().strip()

    async def enrol(self, pharmacy: str) -> None:
        """Let this booth sign in; its key is born now if need be."""
        keys = load_or_create(self.state / "booth.key")
        await self.enlist(Request("booth", pharmacy, keys.public, keys.sealing))

    async def enlist(self, request: Request) -> None:
        """Have the organisation sign that these keys are this booth's or specialist's, and the station serve it."""
        if self.organisation is None:
            raise StartError("the station comes first")
        now = _now()
        self.organisation.enrol(request.entry("", now - organisation.DAY, now + organisation.ENTRY_LASTS), now)
        await self.admin("publish", str(self.folder / "organisation" / organisation.DIRECTORY))

    async def admit(self) -> int:
        """Play the administrator: approve and list everybody who asks; how many."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            codes = [code for (code,) in database.execute("select code from enrolments where state = 'pending'")]
        for code in codes:
            await self.enlist(enrolment.decode(await self.admin("approve", code), verify))
        return len(codes)

    async def start_agent(
        self,
        *,
        pharmacy: str = "Pharmacie du Pont",
        helper: str = "Claire Durand",
        training: bool = False,
        enrol: bool = True,
        identification: str = "cards = false",
        more: str = "",
    ) -> None:
        """The agent with simulated instruments, enrolled at the station; returns once its control socket answers.

        `identification` is the TOML of that table, `more` of other settings.
        """
        self.authority = self.authority or Authority(self.folder / "authority")
        text = (
            f'pharmacy = "{pharmacy}"\nhelper = "{helper}"\nstation = "{self.origin.replace("http", "ws", 1)}/booth"\n'
            f'state_directory = "{self.state}"\nrun_directory = "{self.run}"\nbluetooth = ""\ntraining = {str(training).lower()}\n'
            f'organisation = "{self.pin}"\nauthority = "{self.folder / "authority/authority.pem"}"\n'
            f'stethoscope = "alsa:plughw:CARD=Simulated"\n{more}\n[identification]\n{identification}\n'
            '[exam_cameras]\notoscope = "drawn:otoscope"\ndermatoscope = "drawn:dermatoscope"\n'
        )
        settings = self.folder / "booth.toml"
        settings.write_text(text, encoding="utf-8")
        if enrol:
            await self.enrol(pharmacy)
        command = ["simulators.agent", "--settings", str(settings), "--control", str(self.run / "control.sock")]
        process = await self._start("agent", [*command, "--frames", str(self.frames), "--stamps", str(self.stamps)])
        while process.returncode is None:
            with contextlib.suppress(OSError, ValueError):
                await self.control.ask(status=True)
                return
            await asyncio.sleep(0.02)
        raise self._failed("agent")

    def browser_home(self) -> Path:
        """A home directory for a browser that believes the demonstration's authority.

        Raises:
            StartError: the station has not been started.
        """
        if self.authority is None:
            raise StartError("the station comes first")
        return self.authority.trusted_by_browsers()

    def session(self) -> aiohttp.ClientSession:
        """HTTP and WebSocket to the station, with the demonstration's authority and no other."""
        tls = context(self.authority.file if self.authority is not None else None)
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls))

    @property
    def pin(self) -> str:
        """The organisation as a technician types it."""
        return str(self.organisation.pin) if self.organisation is not None else ""

    async def until(self, holds: Callable[[dict[str, Any]], bool], patience: float = 20.0) -> dict[str, Any]:
        """Ask the booth how it is until it is as wanted.

        Raises:
            TimeoutError: it did not come to be so in time.
        """
        async with asyncio.timeout(patience):
            while True:
                status = await self.control.ask(status=True)
                if holds(status):
                    return status
                await asyncio.sleep(0.05)

    async def start_screen(self, *, offscreen: bool) -> None:
        """The booth's screen, with its remote control."""
        command = ["ui.app", "--agent", str(self.run / "agent.sock"), "--video", str(self.run / "video.sock")]
        command += ["--code-video", str(self.run / "code.sock"), "--own", str(self.run / "own.sock")]
        shown = {"QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"} if offscreen else {}
        await self._start("ui", [*command, "--remote", str(self.run / "remote.sock")], QT_QUICK_CONTROLS_STYLE="Basic", **shown)

    async def stop(self) -> None:
        """End what was started, the last first."""
        self.control.close()
        for process in reversed(self.processes.values()):
            if process.returncode is None:
                process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await process.communicate()
            except TimeoutError:
                process.kill()
                await process.communicate()
        self.processes.clear()


def _free_port() -> int:
    """Known before the server starts: the station must know the page's address, and the page the station's."""
    with socket.create_server((HOST, 0)) as found:
        return int(found.getsockname()[1])


def _now() -> int:
    return time.time_ns() // 1_000_000
