"""`./run bench [NAME] [OPTIONS]`: one bench, or the list of them."""

from __future__ import annotations

import pkgutil
import runpy
import sys

import bench


def main() -> int:
    """Run bench.NAME as a program with the options that follow."""
    names = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name != "__main__")
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        sys.stderr.write(f"usage: ./run bench NAME [OPTIONS]; NAME is one of: {', '.join(names)}\n")
        return 2
    del sys.argv[0]
    runpy.run_module(f"bench.{sys.argv[0]}", run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
