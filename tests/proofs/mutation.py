"""A mutation pass over what must not be wrong: sealing, attribution, erasing, plausibility. At least nine faults in ten are noticed by a test."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from tests.proofs._mutants import ROOT, mutants, noticed, sound, warm
from tests.proofs._slices import CACHE, Sliced

if TYPE_CHECKING:
    from collections.abc import Callable

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
ENOUGH = 0.9


def _step(area: str, first: int, count: int) -> dict[str, int]:
    modules, tests = AREAS[area]
    every = [mutant for module in modules for mutant in mutants(module)]
    warm(tests)
    unsound = [module for module in modules if not sound(module, tests)]
    if unsound:
        raise AssertionError(f"the tests fail without any fault in {unsound}")
    survivors = [mutant for mutant in every[first : first + count] if not noticed(mutant, tests)]
    path = CACHE / f"mutation-{area}-survivors.json"
    kept = json.loads(path.read_text()) if path.exists() and first else []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([*kept, *(f"{mutant.module}:{mutant.line}: {mutant.what}" for mutant in survivors)], indent=1))
    return {"survived": len(survivors)}


def _proof(area: str) -> Callable[[], dict[str, object]]:
    modules, tests = AREAS[area]
    sources = tuple(f"{module.replace('.', '/')}.py" for module in modules) + tuple(test for test in tests if (ROOT / test).exists())

    def run() -> dict[str, object]:
        total = sum(1 for module in modules for _ in mutants(module))
        figures: dict[str, object] = dict(
            Sliced(f"mutation-{area}", total, 60, partial(_step, area), (*sources, "tests/proofs/_mutants.py"))()
        )
        survived = int(str(figures["survived"]))
        share = 1 - survived / total
        figures |= {"noticed_share": round(share, 3), "survivors": json.loads((CACHE / f"mutation-{area}-survivors.json").read_text())}
        if share < ENOUGH:
            raise AssertionError(f"{area}: only {share:.1%} of {total} faults are noticed; survivors: {figures['survivors']}")
        return figures

    return run


PROOFS = {area: _proof(area) for area in AREAS}
