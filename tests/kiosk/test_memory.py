"""No process that holds an identity or a key leaves a core dump. Needs F004-30."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.processes import House

WORDS = (
    "import sys; sys.path[:0] = {path!r}\n"
    "from protocol.memory import no_core_dumps\n"
    "{call}\n"
    "import resource, ctypes\n"
    "print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
)


@pytest.fixture
def dumps() -> Iterator[int]:
    """Core files are wanted by whoever starts the booth: the limit that a child inherits."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    assert before[1] != 0, "this machine forbids core files: nothing can be shown here"
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield before[1]
    resource.setrlimit(resource.RLIMIT_CORE, before)


def limit(pid: int) -> list[str]:
    """Soft and hard limit of the core file of a process (proc(5))."""
    (line,) = [line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if line.startswith("Max core file size")]
    return line.split()[4:6]


COMMAND = "from kiosk import cli; sys.argv[1:] = ['decode', '2A5F', '0062004800']; cli.program()"


@pytest.mark.parametrize(("call", "says"), [("no_core_dumps()", "0 0"), (COMMAND, "0 0"), ("", "1")])
def test_a_process_that_asks_for_it_cannot_be_dumped(dumps: int, call: str, says: str) -> None:
    """PR_GET_DUMPABLE is the kernel's own word; without the call it says the contrary."""
    code = WORDS.format(path=sys.path, call=call)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()[-2:]
    assert said == (says.split() if call else [str(dumps), "1"])


async def test_agent_call_and_screen_leave_none(tmp_path: Path, dumps: int) -> None:
    house = House(tmp_path)
    house.origin = "https://127.0.0.1:9"  # the discard port: nobody answers
    try:
        await house.start_agent(enrol=False)
        await house.start_screen(offscreen=True)
        status = await house.until(lambda status: status["call_pid"] is not None and status["screen_ms"] is not None)
        pids = {"agent": house.processes["agent"].pid, "screen": house.processes["ui"].pid, "call": int(status["call_pid"])}
        assert {name: limit(pid) for name, pid in pids.items()} == {name: ["0", "0"] for name in pids}
    finally:
        await house.stop()
