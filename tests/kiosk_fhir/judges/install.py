"""Puts the judges' Node packages where tests find them: a folder of the user's cache, named by the lock's hash, filled once by npm.

`./run test` calls it; so does a test that finds the folder missing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", ".npmrc")


def folder() -> Path:
    """Where the packages of this lock are, or will be."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:16]
    return cache / "telecabine" / f"fhir-judges-{digest}"


def install() -> Path:
    """Fill the folder unless it is there; whole or not at all, so that a cut leaves nothing half done."""
    target = folder()
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        made = Path(name) / "packages"
        made.mkdir()
        for file in FILES:
            shutil.copy(HERE / file, made / file)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=made, check=True, stdout=sys.stderr)
        try:
            made.rename(target)
        except OSError:
            if not target.is_dir():
                raise
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{install()}\n")
