"""A copy of a module, or of the page, in which a check is missing: the positive control of an attack."""

from __future__ import annotations

import asyncio
import shutil
import sys
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

PAGE = Path(__file__).parents[2] / "station/page"
ESBUILD = PAGE / "node_modules/.bin/esbuild"

_NUMBER = count()


def weakened(name: str, *changes: tuple[str, str], **replaced: Any) -> Any:
    """The module with each `(what stands there, what stands there instead)`, and with other objects under some of its names."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text()
    for old, new in changes:
        assert source.count(old) == 1, f"{name} has changed: {old!r} is there {source.count(old)} times"
        source = source.replace(old, new)
    module = ModuleType(f"weakened_{next(_NUMBER)}")
    sys.modules[module.__name__] = module
    exec(compile(source, f"weakened {name}", "exec"), vars(module))  # noqa: S102  # our own source, with one line of it changed
    vars(module).update(replaced)
    return module


async def page_without(folder: Path, *checks: tuple[str, str, str]) -> Path:
    """The specialist's page with each `(file, what stands there, what stands there instead)`, built into a folder of `folder`."""
    sources, page = folder / "source/src", folder / "page"
    shutil.copytree(PAGE / "src", sources)
    for file, old, new in checks:
        text = (sources / file).read_text()
        assert text.count(old) == 1, f"{file} has changed: {old!r}"
        (sources / file).write_text(text.replace(old, new))
    (folder / "source/node_modules").symlink_to(PAGE / "node_modules")
    shutil.copytree(PAGE / "public", page)
    bundling = await asyncio.create_subprocess_exec(
        str(ESBUILD), str(sources / "main.ts"), str(sources / "page.css"), "--bundle", "--format=esm", "--target=es2022", "--log-level=error", f"--outdir={page}",
    )  # fmt: skip
    assert await bundling.wait() == 0
    return page
