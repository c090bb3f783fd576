"""What the booth takes for a prekey, and that a result is sealed to it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from nacl.public import PrivateKey

from kiosk.secure import prekeys
from kiosk.secure.envelope import unseal
from kiosk.secure.errors import EnvelopeError, TrustError
from kiosk.secure.prekeys import DAY, LASTS
from protocol import handshake, screen
from simulators.specialist import SpecialistKeys
from tests.kiosk.booth_rig import KEYS as BOOTH
from tests.kiosk.test_trust import NOW, Town

OWN = SpecialistKeys(lambda size: b"s" * size)
AT = datetime.fromtimestamp(NOW / 1000, UTC)
GOOD = OWN.prekey(NOW)


def test_a_signed_prekey_of_this_week_is_taken() -> None:
    assert prekeys.checked(OWN.identity, GOOD, AT) == GOOD.key
    assert prekeys.checked(OWN.identity, GOOD, AT + timedelta(days=7)) == GOOD.key


@pytest.mark.parametrize(
    "wrong",
    [
        replace(GOOD, key=bytes(PrivateKey.generate().public_key)),
        replace(GOOD, key=b"short"),
        replace(GOOD, signature=bytes(64)),
        replace(GOOD, signature=b""),
        replace(GOOD, until=GOOD.until - 1),
        OWN.prekey(NOW - LASTS - 2 * DAY),
        OWN.prekey(NOW + 2 * DAY),
        OWN.prekey(NOW, lasts=LASTS + 1),
        OWN.prekey(NOW, lasts=0),
        replace(GOOD, since=-1),
        replace(GOOD, until=1 << 53),
        SpecialistKeys().prekey(NOW),
    ],
)
def test_any_other_prekey_is_refused(wrong: handshake.Prekey) -> None:
    with pytest.raises(TrustError) as refused:
        prekeys.checked(OWN.identity, wrong, AT)
    assert refused.value.reason == "prekey-refused"


def test_a_prekey_of_seven_days_is_taken_from_a_day_before_to_a_day_after() -> None:
    day = 24 * 3600 * 1000
    week = OWN.prekey(NOW, lasts=7 * day)

    def taken(at: int) -> bool:
        try:
            return prekeys.checked(OWN.identity, week, datetime.fromtimestamp(at / 1000, UTC)) == week.key
        except TrustError:
            return False

    assert [taken(at) for at in (NOW - day - 1, NOW - day, NOW + 8 * day - 1, NOW + 8 * day)] == [False, True, True, False]
    with pytest.raises(TrustError):
        prekeys.checked(OWN.identity, OWN.prekey(NOW, lasts=7 * day + 1), AT)


def test_a_result_is_sealed_to_the_prekey_and_to_no_other_key(tmp_path: Path) -> None:
    """Who has the specialist's long-term sealing key, but not the prekey, opens nothing."""
    town = Town(tmp_path)
    town.enlist()
    town.wait()
    town.publish()
    keys = SpecialistKeys(lambda size: b"s" * size)
    town.join(keys, prekey=keys.prekey(NOW))
    town.desk.tap(screen.Confirm(town.desk.measure(), accepted=True))
    [item] = town.desk.storage.outbox.waiting()
    assert keys.open(BOOTH.public, item.envelope)[0].kind == "observation"
    with pytest.raises(EnvelopeError):
        unseal(keys.sealing, BOOTH.public, keys.identity, item.envelope)


def test_a_forged_prekey_ends_the_handshake_and_both_ends_say_so(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.enlist()
    town.wait()
    town.publish()
    _, answer = town.join(prekey=replace(GOOD, key=bytes(PrivateKey.generate().public_key)))
    assert answer == handshake.Declined("prekey-refused")
    assert town.incidents() == ["prekey-refused"]
