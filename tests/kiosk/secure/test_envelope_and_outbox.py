"""Store-and-forward: signed inside, sealed outside, on disk before "kept". Needs F000-08, F004-25, F002-01, F004-30."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.secure.envelope import Header, Recipient, seal
from kiosk.secure.errors import EnvelopeError, KeyFileError
from kiosk.secure.keys import BoothKeys, load_or_create
from kiosk.secure.outbox import Item, Outbox
from simulators.specialist import SpecialistKeys

BOOTH = BoothKeys(b"b" * 32)
PAYLOAD = b'{"resourceType":"Bundle"}'


def sealed(specialist: SpecialistKeys, recipient: Recipient | None = None) -> bytes:
    to = recipient or Recipient(specialist.identity, bytes(specialist.sealing.public_key))
    return seal(BOOTH, to, Header("e1", "observation", "c1", 1, to.text, "2026-01-12T10:00:00+01:00"), PAYLOAD)


def test_only_the_recipient_opens_it_and_knows_who_sent_it() -> None:
    specialist, other = SpecialistKeys(), SpecialistKeys()
    envelope = sealed(specialist)
    header, payload = specialist.open(BOOTH.public, envelope)
    assert (header.id, payload) == ("e1", PAYLOAD)
    assert PAYLOAD not in envelope
    with pytest.raises(EnvelopeError, match="does not open"):
        other.open(BOOTH.public, envelope)
    with pytest.raises(EnvelopeError, match="not signed by this booth"):
        specialist.open(other.identity, envelope)


def test_an_envelope_addressed_to_somebody_else_is_refused() -> None:
    specialist = SpecialistKeys()
    wrong = Recipient(SpecialistKeys().identity, bytes(specialist.sealing.public_key))
    with pytest.raises(EnvelopeError, match="somebody else"):
        specialist.open(BOOTH.public, sealed(specialist, wrong))


def test_every_changed_octet_is_refused() -> None:
    specialist = SpecialistKeys()
    envelope = sealed(specialist)
    for at in range(len(envelope)):
        with pytest.raises(EnvelopeError):
            specialist.open(BOOTH.public, envelope[:at] + bytes((envelope[at] ^ 1,)) + envelope[at + 1 :])
    with pytest.raises(EnvelopeError):
        specialist.open(BOOTH.public, b"")


def item(number: int) -> Item:
    return Item(f"e{number}", "c1", b"r" * 32, number, b"sealed", None)


def test_the_outbox_keeps_order_and_knows_an_envelope_once(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    for number in (1, 2, 1):
        outbox.put(item(number))
    outbox.mark_sent("e1", 5)
    assert [(waiting.id, waiting.sent) for waiting in outbox.waiting()] == [("e1", 5), ("e2", None)]
    outbox.acknowledge("e1")
    assert [waiting.id for waiting in outbox.waiting()] == ["e2"]
    outbox.close()
    assert [waiting.id for waiting in Outbox(tmp_path / "outbox.db").waiting()] == ["e2"]


WRITER = """
import sys
from pathlib import Path
from kiosk.secure.outbox import Item, Outbox
outbox = Outbox(Path(sys.argv[1]))
number = 0
while True:
    outbox.put(Item(f"e{number}", "c1", b"r" * 32, number, b"sealed", None))
    print(number, flush=True)
    number += 1
"""


def test_what_was_said_to_be_kept_survives_kill_minus_nine(tmp_path: Path) -> None:
    for attempt in range(5):
        path = tmp_path / f"outbox{attempt}.db"
        writer = subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(3 + attempt * 7)]
        os.kill(writer.pid, signal.SIGKILL)
        said += [int(line) for line in writer.stdout.read().splitlines()]
        writer.wait()
        writer.stdout.close()
        kept = [waiting.created for waiting in Outbox(path).waiting()]
        assert kept[: len(said)] == said


def test_the_booth_s_key_is_born_once_and_kept_strictly(tmp_path: Path) -> None:
    path = tmp_path / "booth.key"
    first = load_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_create(path).public == first.public
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match="0640"):
        load_or_create(path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(KeyFileError, match="5 octets"):
        load_or_create(path)
    assert first.public.hex() not in repr(first)


def test_a_key_in_a_directory_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o750)
    with pytest.raises(KeyFileError, match="0700"):
        load_or_create(folder / "booth.key")
    assert list(folder.iterdir()) == []
    folder.chmod(0o700)
    load_or_create(folder / "booth.key")


def test_systemd_s_credential_comes_before_the_file(tmp_path: Path) -> None:
    """systemd opens what `systemd-creds` has sealed to the TPM or the host's key, and mounts it for this service alone."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    filed = load_or_create(tmp_path / "booth.key", credentials)
    (credentials / "booth.key").write_bytes(b"c" * 32)
    assert load_or_create(tmp_path / "booth.key", credentials).public == BoothKeys(b"c" * 32).public != filed.public
    (credentials / "booth.key").write_bytes(b"c" * 31)
    with pytest.raises(KeyFileError, match="31 octets"):
        load_or_create(tmp_path / "booth.key", credentials)
