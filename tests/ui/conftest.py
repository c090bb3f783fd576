from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.booth import Booth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Booth]:
    """Sockets and doubles; the test starts the screen. At the end the screen must have written nothing: no QML warning, no traceback."""
    one = Booth(tmp_path)
    yield one
    assert one.stop() == one.expected_log


@pytest.fixture
def booth(stopped: Booth) -> Booth:
    """The same with the screen at its welcome."""
    stopped.start()
    stopped.hand.until_screen("welcome")
    return stopped
