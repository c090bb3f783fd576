"""The judges: three validators that others wrote. Each says its faults of a Bundle; none sees everything."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kiosk_fhir.check import check_bundle
from kiosk_fhir.errors import ShapeError
from tests.kiosk_fhir.judges.install import install

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrofile_validator import ValidationIssue

JUDGES = Path(__file__).parent / "judges"
#: neither FR Core nor the Personal Health Device guide is among the definitions that pyrofile ships: their extensions are unknown, not wrong
UNKNOWN = ("https://hl7.fr/ig/fhir/core/", "http://hl7.org/fhir/uv/phd/")
#: its list of Observation statuses ends where a short text of the specification says "amended +": four of the eight are missing
CUT = "Code 'entered-in-error' is not in required ValueSet _r4b_status"


class Judge(Protocol):
    """One validator."""

    name: str

    def faults(self, bundles: Sequence[dict[str, Any]]) -> list[list[str]]:
        """The faults of each Bundle, in order; none where it passes."""
        ...


class FhirResources:
    """`fhir.resources` R4B: the shape of resources."""

    name = "fhir.resources"

    def faults(self, bundles: Sequence[dict[str, Any]]) -> list[list[str]]:
        return [self._faults(bundle) for bundle in bundles]

    @staticmethod
    def _faults(bundle: dict[str, Any]) -> list[str]:
        try:
            check_bundle(bundle)
        except ShapeError as error:
            return [str(error)]
        return []


class Pyrofile:
    """`pyrofile-validator` in base mode: data types, invariants of the base resources, required bindings, references."""

    name = "pyrofile"

    def __init__(self) -> None:
        from pyrofile_validator import Validator

        self._validator = Validator()

    def faults(self, bundles: Sequence[dict[str, Any]]) -> list[list[str]]:
        return [self._faults(bundle) for bundle in bundles]

    def _faults(self, bundle: dict[str, Any]) -> list[str]:
        issues = self._validator.validate_resource(bundle).issues
        wrong = [issue for issue in issues if issue.severity.value in ("error", "fatal") and not self._unknown(issue)]
        return [f"{issue.path}: {issue.message}" for issue in wrong]

    @staticmethod
    def _unknown(issue: ValidationIssue) -> bool:
        if issue.code == "terminology.required" and CUT in issue.message:
            return True
        return issue.code == "extension.unknown" and any(guide in issue.message for guide in UNKNOWN)


class Medplum:
    """Medplum's validator with HL7's R4 definitions and LHNCBC's UCUM, in Node (judges/judge.mjs): vital-signs profiles and units."""

    name = "medplum"

    def __init__(self) -> None:
        environment = {**os.environ, "JUDGES_PACKAGES": str(install())}
        self._node = subprocess.Popen(
            ["node", JUDGES / "judge.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment
        )

    def faults(self, bundles: Sequence[dict[str, Any]]) -> list[list[str]]:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        found: list[list[str]] = []
        for bundle in bundles:
            self._node.stdin.write(json.dumps({"name": "", "bundle": bundle}) + "\n")
            self._node.stdin.flush()
            found.append(json.loads(self._node.stdout.readline())["faults"])
        return found

    def close(self) -> None:
        """End the process."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.close()
        self._node.wait(timeout=10)
        self._node.stdout.close()
