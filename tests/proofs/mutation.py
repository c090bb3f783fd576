"""A mutation pass over what must not be wrong: sealing, attribution, erasing, plausibility. At least nine faults in ten are noticed by a test."""

from __future__ import annotations

from functools import partial

from tests.proofs._mutants import mutants, unfaulted, unnoticed, warm
from tests.proofs._sliced import Figures, Sliced, counted

_CONSULTATION = "tests/kiosk/consultation/test_"
_SECURE = "tests/kiosk/secure/test_"
_LINE, _HANDSHAKE, _ENVELOPE = "tests/malicious_station/test_booth", f"{_SECURE}handshake_and_stream", f"{_SECURE}envelope_and_outbox"
_RESUMPTION, _ENDING = "tests/kiosk/test_resumption", "tests/kiosk/test_ending"
_CODES, _POST, _PADDING, _VECTORS = f"{_SECURE}codes", f"{_SECURE}post", f"{_SECURE}padding", f"{_SECURE}vectors"
#: area: its modules, each with the tests that are asked, the likeliest to notice first
AREAS: dict[str, dict[str, list[str]]] = {
    "attribution": {
        "kiosk.consultation.attribution": [
            f"{_CONSULTATION}attribution_limits",
            f"{_CONSULTATION}attribution",
            "tests/kiosk/test_record_marks",
            f"{_CONSULTATION}attribution_simulated",
        ],
    },
    "erase": {
        "kiosk.consultation.erase": [f"{_CONSULTATION}erase", f"{_CONSULTATION}record_and_erase"],
        "kiosk.booth.remains": [_ENDING],
        "kiosk.consultation.retention": [_ENDING],
        "kiosk.consultation.sealed_session": [f"{_CONSULTATION}sealed_session"],
    },
    "plausibility": {
        "kiosk.consultation.child_limits": [f"{_CONSULTATION}child_limits"],
        "kiosk.consultation.plausibility": [f"{_CONSULTATION}plausibility", f"{_CONSULTATION}child_limits"],
    },
    "sealing": {
        "kiosk.secure.keys": [_VECTORS, _ENVELOPE],
        "kiosk.secure.envelope": [_PADDING, _VECTORS, _POST, _ENVELOPE],
        "kiosk.secure.prekeys": [f"{_SECURE}prekeys"],
        "kiosk.secure.padding": [_PADDING],
        "kiosk.secure.transcript": [_VECTORS, _HANDSHAKE, _CODES],
        "kiosk.secure.handshake": [_HANDSHAKE, _CODES, _LINE],
        "kiosk.secure.stream": [_HANDSHAKE, _VECTORS, _LINE],
        "kiosk.secure.codes": [_CODES, _LINE],
        "kiosk.secure.cpace": [f"{_SECURE}cpace", _CODES],
        "kiosk.secure.ristretto": [f"{_SECURE}cpace"],
        "kiosk.secure.resumption": [_RESUMPTION],
        "kiosk.secure.outbox": [_POST, f"{_SECURE}outbox", _ENVELOPE],
        "kiosk.specialist_line": ["tests/kiosk/test_specialist_line", _RESUMPTION, _LINE],
        "kiosk.post": [_POST],
    },
}
#: the share of faults that must be noticed, and how many are tried in one slice
ENOUGH, EACH = 0.9, 60


def _step(module: str, tests: list[str], first: int, count: int) -> Figures:
    paths = [f"{test}.py" for test in tests]
    warm(paths)
    survivors = unnoticed(list(mutants(module))[first : first + count], paths, unfaulted(module, paths))
    return {"survivors": [f"{mutant.module}:{mutant.line}: {mutant.what}" for mutant in survivors]}


def _judge(area: str, figures: Figures) -> Figures:
    share = 1 - len(figures["survivors"]) / figures["cases"]
    if share < ENOUGH:
        raise AssertionError(f"{area}: only {share:.1%} of {figures['cases']} faults are noticed; survivors: {figures['survivors']}")
    return figures | {"noticed_share": round(share, 3)}


def _proof(area: str) -> Sliced:
    slices = {
        f"{module} {first}": work
        for module, tests in AREAS[area].items()
        for first, work in counted(partial(_step, module, tests), sum(1 for _ in mutants(module)), EACH).items()
    }
    return Sliced(slices, partial(_judge, area))


PROOFS = {area: _proof(area) for area in AREAS}
