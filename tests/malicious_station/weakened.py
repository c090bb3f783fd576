"""A copy of a module of the product in which one check is missing: the positive control of an attack."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

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


def in_page(source: Path, target: Path, file: str, old: str, new: str) -> None:
    """A copy of the page's sources with one check missing."""
    for path in source.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    path = target / file
    text = path.read_text()
    assert text.count(old) == 1, f"{file} has changed: {old!r}"
    path.write_text(text.replace(old, new))
