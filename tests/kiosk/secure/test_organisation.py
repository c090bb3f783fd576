"""`telecabine org` and the organisation's keys: made, used, lost, stolen, rotated."""

import argparse
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk.commands import org
from kiosk.commands.org import Desk
from kiosk.secure import organisation
from kiosk.secure.directory import Trust
from kiosk.secure.errors import KeyFileError, TrustError
from kiosk.secure.keys import BoothKeys
from kiosk.secure.organisation import Cost, Organisation
from protocol import directory as wire
from protocol import enrolment
from protocol.enrolment import Request

CHEAP = Cost(1, 8192)
ROOT, RECOVERY = "cheval agrafe pile", "canif poutre sirop"
NOW = 1_790_000_000_000


@dataclass
class Technician:
    """Types what the test says; keeps what the command says."""

    secrets: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    now: int = NOW

    def types(self, folder: Path, *words: str, secrets: tuple[str, ...] = (ROOT,), answers: tuple[str, ...] = ()) -> int:
        self.secrets, self.answers = list(secrets), list(answers)
        parser = argparse.ArgumentParser()
        org.register(parser.add_subparsers())
        desk = Desk(lambda _: self.secrets.pop(0), lambda _: self.answers.pop(0), self.said.append, lambda: self.now, CHEAP)
        return org.run(parser.parse_args(["org", words[0], str(folder), *words[1:]]), desk)

    def pin(self, folder: Path) -> wire.Pin:
        self.said.clear()
        assert self.types(folder, "show") == 0
        return wire.pin(self.said[0].split()[1])


@pytest.fixture
def technician() -> Technician:
    return Technician()


@pytest.fixture
def folder(tmp_path: Path, technician: Technician) -> Path:
    assert technician.types(tmp_path / "org", "init", secrets=(ROOT, ROOT, RECOVERY, RECOVERY)) == 0
    return tmp_path / "org"


def request(seed: bytes = b"k", name: str = "Dr Zoë Févre") -> tuple[bytes, str]:
    key = SigningKey(seed * 32)
    asked = Request("specialist", name, bytes(key.verify_key), seed * 32)
    return asked.identity, enrolment.encode(asked, lambda statement: bytes(key.sign(statement).signature))


def listed(folder: Path) -> list[str]:
    return [entry.name for entry in wire.decode((folder / "directory").read_bytes())[0].entries]


def test_the_keys_are_sealed_and_nobody_else_may_read_them(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    for name in ("root.key", "recovery.key"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
        assert (folder / name).read_bytes()[:4] == b"TCK1"
    public = wire.decode((folder / "directory").read_bytes())[0].root
    assert bytes(organisation.open_key(folder / "root.key", ROOT).verify_key) == public


@pytest.mark.parametrize(("fault", "reason"), [("mode", "key-readable-by-others"), ("cut", "key-damaged"), ("bit", "key-passphrase"), ("gone", "key-missing"), ("cost", "key-damaged")])  # fmt: skip
def test_a_key_file_that_cannot_be_used_says_why(folder: Path, fault: str, reason: str) -> None:
    path = folder / "root.key"
    octets = bytearray(path.read_bytes())
    match fault:
        case "mode":
            path.chmod(0o640)
        case "cut":
            path.write_bytes(octets[:-1])
        case "bit":
            octets[-1] ^= 1
            path.write_bytes(octets)
        case "gone":
            path.unlink()
        case "cost":
            octets[8:16] = b"\xff" * 8
            path.write_bytes(octets)
    with pytest.raises(KeyFileError) as refused:
        organisation.open_key(path, ROOT)
    assert refused.value.reason == reason


def test_a_specialist_is_listed_after_the_fingerprints_were_compared(folder: Path, technician: Technician) -> None:
    identity, text = request()
    assert technician.types(folder, "enrol", text, "--role", "cardiologie", answers=("non",)) == 1
    assert listed(folder) == []
    assert technician.types(folder, "enrol", text, "--role", "cardiologie", answers=("yes",)) == 0
    directory = wire.decode((folder / "directory").read_bytes())[0]
    entry = directory.entry(identity, "specialist", NOW)
    assert (entry.name, entry.role, directory.number) == ("Dr Zoë Févre", "cardiologie", 2)
    assert any(wire.fingerprint(entry) in line for line in technician.said)


def test_the_same_name_or_key_is_not_listed_twice_and_a_wrong_passphrase_changes_nothing(folder: Path, technician: Technician) -> None:
    assert technician.types(folder, "enrol", request()[1], secrets=("wrong passphrase",), answers=("yes",)) == 1
    assert technician.types(folder, "enrol", request()[1], answers=("yes",)) == 0
    assert technician.types(folder, "enrol", request(b"j")[1], answers=("yes",)) == 1
    assert technician.types(folder, "enrol", request(name="Dr Autre")[1], answers=("yes",)) == 1
    assert technician.types(folder, "enrol", "not-a-request", answers=("yes",)) == 1
    assert listed(folder) == ["Dr Zoë Févre"]


def test_a_revoked_key_never_comes_back_and_every_end_learns_why(folder: Path, technician: Technician, tmp_path: Path) -> None:
    identity, text = request()
    technician.types(folder, "enrol", text, answers=("yes",))
    assert technician.types(folder, "revoke", "Dr Zoë Févre", "--reason", "stolen") == 0
    assert technician.types(folder, "enrol", text, answers=("yes",)) == 1
    directory = wire.decode((folder / "directory").read_bytes())[0]
    with pytest.raises(wire.DirectoryError, match="stolen") as refused:
        directory.entry(identity, "specialist", NOW)
    assert refused.value.reason == "key-revoked"
    assert technician.types(folder, "enrol", request(b"j")[1], answers=("yes",)) == 0


def trust(folder: Path, technician: Technician, tmp_path: Path) -> Trust:
    made = Trust(tmp_path / "pinned", technician.pin(folder))
    made.take((folder / "directory").read_bytes())
    return made


def test_a_planned_rotation_is_followed_by_who_has_pinned_the_old_root(folder: Path, technician: Technician, tmp_path: Path) -> None:
    booth = trust(folder, technician, tmp_path)
    new = "trois mots nouveaux"
    assert technician.types(folder, "rotate", secrets=(ROOT, new, new)) == 0
    assert booth.take((folder / "directory").read_bytes())
    assert technician.types(folder, "enrol", request()[1], answers=("yes",)) == 1  # the old passphrase opens nothing any more
    assert technician.types(folder, "enrol", request()[1], secrets=(new,), answers=("yes",)) == 0
    assert booth.take((folder / "directory").read_bytes())


def test_a_stolen_root_is_worth_nothing_once_the_recovery_key_has_spoken(folder: Path, technician: Technician, tmp_path: Path) -> None:
    booth = trust(folder, technician, tmp_path)
    thief = tmp_path / "thief"
    thief.mkdir()
    for name in ("root.key", "directory"):
        (thief / name).write_bytes((folder / name).read_bytes())
        (thief / name).chmod(0o600)
    stolen = Organisation(thief, organisation.open_key(thief / "root.key", ROOT))
    for _ in range(5):
        stolen.refresh(NOW)
    assert booth.take(stolen.octets)  # until the theft is noticed it counts
    new, newer = "trois mots nouveaux", "encore trois mots"
    assert technician.types(folder, "rotate", "--stolen", secrets=(RECOVERY, new, new, newer, newer)) == 0
    assert booth.take((folder / "directory").read_bytes())
    stolen.refresh(NOW)
    with pytest.raises(TrustError) as refused:
        booth.take(stolen.octets)
    assert refused.value.reason == "directory-old"
    late = Trust(tmp_path / "late", technician.pin(folder))  # a new booth with the new code
    with pytest.raises(TrustError) as refused:
        late.take(stolen.octets)
    assert refused.value.reason == "directory-old"
    assert late.take((folder / "directory").read_bytes())


def test_a_key_that_is_not_the_organisation_s_signs_nothing(folder: Path, technician: Technician) -> None:
    before = (folder / "directory").read_bytes()
    other = Organisation(folder, SigningKey(b"x" * 32))
    with pytest.raises(organisation.OrganisationError, match="cannot sign"):
        other.refresh(NOW)
    with pytest.raises(organisation.OrganisationError, match="cannot sign"):
        other.rotate(SigningKey(b"y" * 32), NOW)
    assert (folder / "directory").read_bytes() == before


def test_a_directory_is_renewed_before_it_expires(folder: Path, technician: Technician) -> None:
    identity, text = request()
    technician.types(folder, "enrol", text, "--days", "10", answers=("yes",))
    technician.now += 91 * organisation.DAY
    assert technician.types(folder, "renew") == 0
    assert technician.types(folder, "renew", "Dr Zoë Févre") == 0
    directory = wire.decode((folder / "directory").read_bytes())[0]
    assert directory.entry(identity, "specialist", technician.now + 91 * organisation.DAY).name == "Dr Zoë Févre"


def test_passphrases_that_differ_or_are_short_make_no_organisation(tmp_path: Path, technician: Technician) -> None:
    assert technician.types(tmp_path / "a", "init", secrets=(ROOT, ROOT + "x")) == 1
    assert technician.types(tmp_path / "b", "init", secrets=("short", "short", RECOVERY, RECOVERY)) == 1
    assert not (tmp_path / "b/directory").exists()


def test_the_seal_of_a_booth_is_one_of_its_own_keys() -> None:
    keys = BoothKeys(b"b" * 32)
    assert len({keys.public, keys.sealing, keys.secret(b"telecabine-sealing-v1")}) == 3
    assert keys.sealing == BoothKeys(b"b" * 32).sealing
