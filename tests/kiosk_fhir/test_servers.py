"""Real servers take what leaves the booth, and taking it twice changes nothing. Need F004-21."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kiosk_fhir import bundle, consultation
from tests.kiosk_fhir.servers import call, count, medplum, sekmet
from tests.kiosk_fhir.sessions import CONTEXT, DEVICE_TIME, EFFECTIVE, WITH_CLOCK, pressure, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", params=["sekmet", "medplum"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sekmet(tmp_path_factory.mktemp("sekmet")) if request.param == "sekmet" else medplum() as base:
        yield base


def test_a_bundle_sent_twice_counts_once(server: str) -> None:
    made = bundle.settled(pressure(device_time=DEVICE_TIME, flags=("irregular-pulse",)), WITH_CLOCK, effective=EFFECTIVE, corrected=True)
    sent = Counter(entry["resource"]["resourceType"] for entry in json.loads(made)["entry"])
    answers = [call(server, made) for _ in range(3)]
    for status, answer in answers:
        assert status == 200
        assert all(entry["response"]["status"].startswith("2") for entry in answer["entry"])
    assert {kind: count(server, kind) for kind in sent} == sent


def test_the_variant_for_servers_that_make_ids_counts_once_as_well(server: str) -> None:
    elsewhere = replace(WITH_CLOCK, booth=replace(WITH_CLOCK.booth, id="cabine-2", system_id=""), consultation="3a77")
    taken = reading(("glucose", "99", "mg/dL"), device_time=DEVICE_TIME)
    report = consultation.report(elsewhere, title="Rendu & suite, 100 %", issued=EFFECTIVE)
    made = bundle.transaction([*bundle.resources(taken, elsewhere, effective=EFFECTIVE), report], create=True)
    sent = Counter(entry["resource"]["resourceType"] for entry in json.loads(made)["entry"])
    assert "Provenance" not in sent
    before = {kind: count(server, kind) for kind in sent}
    counted = []
    for _ in range(3):
        status, answer = call(server, made)
        assert status == 200
        assert all(entry["response"]["status"].startswith("2") for entry in answer["entry"])
        counted.append({kind: count(server, kind) for kind in sent})
    assert counted[0] == counted[1] == counted[2]
    assert counted[0]["Observation"] == before["Observation"] + 2


def test_references_lead_to_what_was_sent(server: str) -> None:
    made = bundle.settled(reading(("weight", "71.40", "kg")), CONTEXT, effective=EFFECTIVE)
    assert call(server, made)[0] == 200
    observation = json.loads(made)["entry"][-2]["resource"]["id"]
    status, stored = call(f"{server}/Observation/{observation}")
    assert status == 200
    for target in (stored["subject"], stored["device"], stored["encounter"]):
        status, found = call(f"{server}/{target['reference']}")
        assert status == 200
        assert found["id"] == target["reference"].rpartition("/")[2]


def test_a_rejection_replaces_what_was_sent(server: str) -> None:
    taken = reading(("temperature", "36.60", "Cel"))
    for rejected in (False, True):
        made = bundle.settled(taken, CONTEXT, effective=EFFECTIVE, rejected=rejected)
        assert call(server, made)[0] == 200
    observation = json.loads(made)["entry"][-2]["resource"]["id"]
    assert call(f"{server}/Observation/{observation}")[1]["status"] == "entered-in-error"


def test_a_bad_entry_leaves_nothing_behind(tmp_path_factory: pytest.TempPathFactory) -> None:
    """sekmet rolls the whole transaction back; Medplum's router over memory does not, so it is not asked."""
    made = json.loads(bundle.settled(reading(("height", "171", "cm")), CONTEXT, effective=EFFECTIVE))
    made["entry"][-1]["resource"]["recorded"] = "yesterday"
    with sekmet(tmp_path_factory.mktemp("rollback")) as base:
        assert call(base, json.dumps(made).encode())[0] == 400
        assert {kind: count(base, kind) for kind in ("Patient", "Device", "Observation", "Provenance")} == dict.fromkeys(
            ("Patient", "Device", "Observation", "Provenance"), 0
        )
