"""A mutation pass over what must not be wrong: sealing, attribution, erasing, plausibility. At least nine faults in ten are noticed by a test."""

from __future__ import annotations

from functools import partial

from tests.proofs._mutants import mutants, noticed, sound, warm
from tests.proofs._sliced import Figures, Sliced, counted

_SECURE = [
    f"tests/kiosk/secure/test_{name}.py"
    for name in ("handshake_and_stream", "vectors", "envelope_and_outbox", "codes", "cpace", "padding", "post")
]
_HOSTILE = ["tests/malicious_station/test_booth.py", "tests/kiosk/test_resumption.py"]
_CONSULTATION = "tests/kiosk/consultation/test_"
#: area: its modules, and the tests that are asked
AREAS: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "attribution": (("kiosk.consultation.attribution",), [f"{_CONSULTATION}attribution.py"]),
    "erase": (("kiosk.consultation.erase",), [f"{_CONSULTATION}erase.py", f"{_CONSULTATION}record_and_erase.py", "tests/kiosk/test_ending.py"]),
    "plausibility": (("kiosk.consultation.plausibility",), [f"{_CONSULTATION}plausibility.py"]),
    "sealing": (
        (
            "kiosk.secure.envelope", "kiosk.secure.handshake", "kiosk.secure.stream", "kiosk.secure.transcript", "kiosk.secure.outbox",
            "kiosk.secure.codes", "kiosk.secure.cpace", "kiosk.secure.padding", "kiosk.secure.resumption", "kiosk.specialist_line", "kiosk.post",
        ),
        [*_SECURE, *_HOSTILE],
    ),
}  # fmt: skip
#: the share of faults that must be noticed, and how many are tried in one slice
ENOUGH, EACH = 0.9, 60


def _step(area: str, first: int, count: int) -> Figures:
    modules, tests = AREAS[area]
    every = [mutant for module in modules for mutant in mutants(module)]
    warm(tests)
    unsound = [module for module in modules if not sound(module, tests)]
    if unsound:
        raise AssertionError(f"the tests fail without any fault in {unsound}")
    survivors = [mutant for mutant in every[first : first + count] if not noticed(mutant, tests)]
    return {"survivors": [f"{mutant.module}:{mutant.line}: {mutant.what}" for mutant in survivors]}


def _judge(area: str, figures: Figures) -> Figures:
    share = 1 - len(figures["survivors"]) / figures["cases"]
    if share < ENOUGH:
        raise AssertionError(f"{area}: only {share:.1%} of {figures['cases']} faults are noticed; survivors: {figures['survivors']}")
    return figures | {"noticed_share": round(share, 3)}


def _proof(area: str) -> Sliced:
    total = sum(1 for module in AREAS[area][0] for _ in mutants(module))
    return Sliced(counted(partial(_step, area), total, EACH), partial(_judge, area))


PROOFS = {area: _proof(area) for area in AREAS}
