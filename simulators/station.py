"""The real station with a tap: every message that enters or leaves it, unmasked and inflated, appended to a file. For searches, never in production."""

from __future__ import annotations

import argparse
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from station.app import Settings, application
from station.serving import Where, serve, tls_context

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve and print the origin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--tap", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--page-origin", required=True)
    parser.add_argument("--certificate", type=Path, required=True)
    parser.add_argument("--certificate-key", type=Path, required=True)
    options = parser.parse_args(arguments)
    listener = socket.create_server((options.host, options.port), backlog=128)
    origin = f"https://{options.host}:{listener.getsockname()[1]}"
    with options.tap.open("ab", buffering=0) as file:

        def tap(direction: str, data: bytes) -> None:
            file.write(f"\n--- {direction} {len(data)}\n".encode() + data)

        def ready() -> None:
            sys.stdout.write(f"{origin}\n")
            sys.stdout.flush()

        where = Where(listener, origin, tls_context(options.certificate, options.certificate_key))
        settings = Settings(options.database, origin, page_origin=options.page_origin)
        uvloop.run(serve(application(settings, tap=tap), where, ready))
    return 0


if __name__ == "__main__":
    sys.exit(main())
