"""Real FHIR servers on loopback, each in its own process: sekmet-fhir and Medplum's router."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.kiosk_fhir.judges.install import install
from tests.kiosk_fhir.judging import JUDGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 120.0
CLIENT, SECRET = "cabine-1", "a-secret-of-the-test"


def call(url: str, body: bytes | None = None, token: str = "", kind: str = "application/fhir+json") -> tuple[int, dict[str, Any]]:
    """One request (POST where there is a body); the status and the JSON of the answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
    headers = {"Content-Type": kind, **({"Authorization": token} if token else {})}
    try:
        connection.request("GET" if body is None else "POST", parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")
    finally:
        connection.close()


def count(base: str, kind: str) -> int:
    """How many resources of a kind the server has."""
    status, found = call(f"{base}/{kind}?_count=1000")
    assert status == 200
    return len(found.get("entry", ()))


@contextmanager
def sekmet(folder: Path, *, guarded: bool = False) -> Iterator[str]:
    """sekmet-fhir with an empty database; `guarded`: it wants a token of OAuth2 client credentials."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}/fhir"
    settings: dict[str, Any] = {"base_url": base, "db_path": str(folder / "sekmet.sqlite"), "simulator": {"enabled": False}}
    if guarded:
        settings["server_auth"] = {"types": ["smart"], "smart_clients": [{"client_id": CLIENT, "client_secret": SECRET}]}
    (folder / "settings.yaml").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "sekmet.cli", "serve", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "SEKMET_CONFIG": str(folder / "settings.yaml"), "HOME": str(folder)}
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as server:
        try:
            _await(base + "/metadata", server, folder / "log")
            yield base
        finally:
            server.terminate()


def _await(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < end:
        try:
            call(url)
        except OSError:
            time.sleep(0.1)  # a server that starts says so nowhere else
        else:
            return
    raise AssertionError(f"the server did not come up: {log.read_text()[-2000:]}")


@contextmanager
def medplum() -> Iterator[str]:
    """Medplum's router over memory; it says its address when it listens, and ends with its standard input."""
    environment = {**os.environ, "JUDGES_PACKAGES": str(install())}
    with subprocess.Popen(
        ["node", JUDGES / "server.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()
