"""The way to the station becomes another one: a real kernel's word, in a network namespace of its own."""

import os
import subprocess
import sys


def test_the_way_is_another_one_when_the_address_is() -> None:
    """F002-12: a line that comes back with another address."""
    own = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    done = subprocess.run([*own, sys.executable, "-m", "tests.kiosk.network_way"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
