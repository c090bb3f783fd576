"""Power loss, simulated: every write and sync of an outbox is recorded by an SQLite VFS, and the disk of every moment is made again.

At a moment, what was written to a file before its last sync is there. Of what came after it, a disk may have all, nothing, or any sectors.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import apsw
from typing_extensions import override

from kiosk.secure.outbox import Item, Outbox

if TYPE_CHECKING:
    import random
    import sqlite3

SECTOR = 512


@dataclass(frozen=True)
class Write:
    """Octets at an offset of a file."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True)
class Truncate:
    """A file has this size from now on."""

    file: str
    size: int


@dataclass(frozen=True)
class Delete:
    """A file is gone; SQLite asks for the folder to be synced with it."""

    file: str


@dataclass(frozen=True)
class Sync:
    """What was written to this file before is on the disk."""

    file: str


@dataclass(frozen=True)
class Kept:
    """The outbox has returned from keeping this envelope."""

    id: str


@dataclass(frozen=True)
class Forgotten:
    """The outbox has returned from forgetting this envelope."""

    id: str


Step = Write | Truncate | Delete | Sync | Kept | Forgotten


@dataclass
class Recorder:
    """What one outbox did, in order."""

    steps: list[Step] = field(default_factory=list)

    def connect(self, path: Path) -> sqlite3.Connection:
        """A database whose file operations are recorded (every statement a transaction, as the outbox asks for)."""
        recorder = self

        class File(apsw.VFSFile):
            def __init__(self, name: Any, flags: list[int]) -> None:
                given = name.filename() if isinstance(name, apsw.URIFilename) else name
                self.name = str(given).removeprefix(str(path))
                super().__init__("", name, flags)

            @override
            def xWrite(self, data: Any, offset: int) -> None:
                recorder.steps.append(Write(self.name, offset, bytes(data)))
                super().xWrite(data, offset)

            @override
            def xTruncate(self, size: int) -> None:
                recorder.steps.append(Truncate(self.name, size))
                super().xTruncate(size)

            @override
            def xSync(self, flags: int) -> bool | None:
                done = super().xSync(flags)
                recorder.steps.append(Sync(self.name))
                return done

        class Vfs(apsw.VFS):
            def __init__(self) -> None:
                self.vfs_name = f"recorder-{id(self)}"
                super().__init__(self.vfs_name, "")

            @override
            def xDelete(self, filename: str, syncdir: bool) -> None:
                super().xDelete(filename, syncdir)
                recorder.steps.append(Delete(filename.removeprefix(str(path))))

            @override
            def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
                return File(name, flags)

        self._vfs = Vfs()  # SQLite holds no reference of its own
        return apsw.Connection(str(path), vfs=self._vfs.vfs_name)  # type: ignore[return-value]  # execute() and close() are the same there


def scenario(directory: Path, seed: random.Random, count: int) -> list[Step]:
    """Keep, send and forget `count` envelopes at random; the steps down to the disk."""
    recorder = Recorder()
    outbox = Outbox(directory / "recorded.db", recorder.connect)
    here: list[str] = []
    for number in range(count):
        item = Item(f"e{number}", "c1", b"r" * 32, number, seed.randbytes(seed.randint(200, 5000)), None)
        outbox.put(item)
        recorder.steps.append(Kept(item.id))
        here.append(item.id)
        if seed.random() < 0.5:
            outbox.mark_sent(seed.choice(here), number)
        if seed.random() < 0.4:
            gone = here.pop(seed.randrange(len(here)))
            outbox.acknowledge(gone)
            recorder.steps.append(Forgotten(gone))
        if seed.random() < 0.1:
            outbox.compact()
    return recorder.steps


def disk(steps: list[Step], moment: int, keep: Any) -> dict[str, bytearray]:
    """The files after the power went at `moment`; `keep(sector)` says of each sector that was not synced whether it is there."""
    synced = {step.file: at for at, step in enumerate(steps[:moment]) if isinstance(step, Sync)}
    files: dict[str, bytearray] = {}
    for at, step in enumerate(steps[:moment]):
        if isinstance(step, Kept | Forgotten | Sync):
            continue
        if isinstance(step, Delete):
            files.pop(step.file, None)
            continue
        sure = at < synced.get(step.file, -1)
        file = files.setdefault(step.file, bytearray())
        if isinstance(step, Truncate):
            if sure or keep():
                del file[step.size :]
                file.extend(bytes(step.size - len(file)))
            continue
        for start in range(0, len(step.data), SECTOR):
            if sure or keep():
                part, place = step.data[start : start + SECTOR], step.offset + start
                file.extend(bytes(max(0, place + len(part) - len(file))))
                file[place : place + len(part)] = part
    return files


def judge(directory: Path, steps: list[Step], moment: int, files: dict[str, bytearray]) -> str:
    """What is wrong with the outbox that opens on these files; empty when nothing is."""
    path = directory / "after.db"
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    for suffix, octets in files.items():
        path.with_name(path.name + suffix).write_bytes(octets)
    kept = {step.id for step in steps[:moment] if isinstance(step, Kept)}
    forgotten = {step.id for step in steps[:moment] if isinstance(step, Forgotten)}
    begun_to_forget = next((step.id for step in steps[moment:] if isinstance(step, Kept | Forgotten)), "")
    with closing(Outbox(path)) as outbox:
        here = {item.id for item in outbox.waiting()}
    lost = kept - forgotten - here - {begun_to_forget}
    back = here & forgotten
    return f"lost {sorted(lost)}, back {sorted(back)} at {moment}" if lost or back else ""


def replay(seed: random.Random, count: int) -> dict[str, int]:
    """Every prefix of one scenario, with what was not synced there, not there, and in parts; raises when an envelope was lost.

    The disks are simulated, so their files are made in memory.
    """
    disks = 0
    with TemporaryDirectory(dir="/dev/shm") as memory:
        steps = scenario(Path(memory), seed, count)
        for moment in range(len(steps) + 1):
            for keep in (lambda: True, lambda: False, lambda: seed.random() < 0.5, lambda: seed.random() < 0.9):
                problem = judge(Path(memory), steps, moment, disk(steps, moment, keep))
                if problem:
                    raise AssertionError(problem)
                disks += 1
    return {"moments": len(steps) + 1, "disks": disks}
