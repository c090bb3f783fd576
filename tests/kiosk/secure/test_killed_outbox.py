"""Kills and power cuts of the outbox, a fixed sample; `./run proofs outbox` has the full count. Needs F004-30, F002-01."""

import random
from pathlib import Path

import pytest

from kiosk.secure.outbox import Outbox
from tests.kiosk.secure import killed_outbox, power_loss
from tests.kiosk.secure.power_loss import Kept, Sync


def test_killed_at_any_moment_every_kept_envelope_is_delivered_once() -> None:
    figures = killed_outbox.kills(25, random.Random(1))
    assert figures["delivered"] >= figures["kept"] >= 3


def test_the_power_goes_at_any_write() -> None:
    assert power_loss.replay(random.Random(2), 12)["disks"] > 200


def test_the_simulation_finds_an_outbox_that_does_not_sync(tmp_path: Path) -> None:
    """The positive control: the same replay, with the syncs of the log taken for nothing, finds what would be lost."""
    steps = [step for step in power_loss.scenario(tmp_path, random.Random(2), 12) if not (isinstance(step, Sync) and step.file == "-wal")]
    moment = 1 + max(at for at, step in enumerate(steps) if isinstance(step, Kept))
    assert "lost" in power_loss.judge(tmp_path, steps, moment, power_loss.disk(steps, moment, lambda: False))


def test_a_put_that_has_returned_was_synced(tmp_path: Path) -> None:
    steps = power_loss.scenario(tmp_path, random.Random(3), 5)
    for at, step in enumerate(steps):
        if isinstance(step, Kept):
            assert isinstance(steps[at - 1], Sync)


@pytest.mark.parametrize("lies", [b"", b"not a database" * 100])
def test_a_file_that_is_no_outbox_is_said_and_not_overwritten(tmp_path: Path, lies: bytes) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(lies)
    if lies:
        with pytest.raises(Exception, match="not a database"):
            Outbox(path)
        assert path.read_bytes() == lies
    else:
        assert Outbox(path).waiting() == []
