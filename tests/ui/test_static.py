"""What can be said of the screens without playing them: names for a screen reader, sizes for a finger, contrast, qmllint."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import PySide6
import pytest

UI = Path(__file__).parents[2] / "ui"
METATYPES = Path(PySide6.__file__).parent / "Qt" / "metatypes"
OFFSCREEN = {
    **os.environ,
    "QT_QPA_PLATFORM": "offscreen",
    "QT_QUICK_BACKEND": "software",
    "QT_QUICK_CONTROLS_STYLE": "Basic",
    "QT_SCALE_FACTOR": "1",
}

Found = dict[str, list[tuple[str, str, int]]]


@pytest.fixture(scope="module")
def found() -> Found:
    run = subprocess.run(
        [sys.executable, "-m", "tests.ui.accessible"], cwd=UI.parent, env=OFFSCREEN, capture_output=True, text=True, check=True
    )
    assert run.stderr == ""
    return json.loads(run.stdout)


def test_every_control_has_a_name_for_a_screen_reader(found: Found) -> None:
    """F004-11: buttons, switches and fields of every screen."""
    assert len(found) == 19
    for screen, items in found.items():
        controls = [item for item in items if item[0] in ("Button", "CheckBox", "RadioButton", "EditableText", "Graphic")]
        assert len(controls) >= 4, screen
        assert [item for item in controls if not item[1].strip()] == [], screen


def test_every_control_is_large_enough_for_a_finger(found: Found) -> None:
    """60 px and more on a kiosk; what moves the consultation on, 88."""
    main = {
        "Nouvelle consultation", "C’est bien moi", "Continuer", "J’ai lu et compris", "Valider mes choix", "Appeler le médecin", "Confirmer",
        "Refaire", "Identiques", "Différents", "Terminer", "Reprendre", "Patient suivant", "Caméra coupée", "Micro coupé",
    }  # fmt: skip
    seen = set()
    for screen, items in found.items():
        for role, name, height in items:
            if role in ("Button", "CheckBox", "EditableText"):
                assert height >= 60, (screen, name, height)
            if name in main and role in ("Button", "CheckBox"):
                assert height >= 88, (screen, name, height)
                seen.add(name)
    assert seen == main


def luminance(color: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_has_contrast_in_both_modes() -> None:
    """WCAG 2.2 AA, 1.4.3: 4.5:1 for every pair of ink and ground that the screens use (F004-11)."""
    theme = (UI / "qml" / "Theme.qml").read_text(encoding="utf-8")
    colors = {name: re.findall(r"#[0-9a-f]{6}", value) for name, value in re.findall(r"property color (\w+): (.*)", theme)}
    for mode in (0, -1):
        shade = {name: values[mode] for name, values in colors.items()}
        for ink in ("ink", "inkSoft", "inkFaint", "accent", "stop", "good"):
            for ground in ("surface", "ground", "accentSoft"):
                if (ink, ground) != ("inkFaint", "accentSoft"):
                    assert contrast(shade[ink], shade[ground]) >= 4.5, (ink, ground)
        assert contrast("#ffffff", shade["accent"]) >= 4.5
        assert contrast(shade["stop"], shade["stopSoft"]) >= 4.5


def test_qmllint_finds_nothing(tmp_path: Path) -> None:
    """With the Python types described to it. Off: what it cannot know of values that Python passes as list, dict or Item."""
    dumps = []
    for name in ("words", "models", "live", "video_item", "strip_item"):
        dumps.append(str(tmp_path / f"{name}.json"))
        subprocess.run(["pyside6-metaobjectdump", "--out-file", dumps[-1], str(UI / f"{name}.py")], check=True)
    module = tmp_path / "Telecabine"
    module.mkdir()
    foreign = ",".join(str(METATYPES / f"qt6{name}_metatypes.json") for name in ("core", "gui", "qml", "quick"))
    registrar = ["pyside6-qmltyperegistrar", "--generate-qmltypes", str(module / "t.qmltypes"), "-o", str(tmp_path / "unused.cpp")]
    registrar += ["--import-name", "Telecabine", "--major-version", "1", "--foreign-types", foreign, *dumps]
    subprocess.run(registrar, check=True)
    (module / "qmldir").write_text("module Telecabine\ntypeinfo t.qmltypes\nimport QtQuick\n", encoding="utf-8")
    off = ["unresolved-type", "stale-property-read", "missing-property", "Quick.layout-positioning"]
    options = [word for category in off for word in (f"--{category}", "disable")]
    files = sorted(str(path) for path in (UI / "qml").glob("*.qml"))
    assert shutil.which("pyside6-qmllint")
    run = subprocess.run(["pyside6-qmllint", "-I", str(tmp_path), *options, *files], capture_output=True, text=True, check=False)
    assert [line for line in (run.stdout + run.stderr).splitlines() if line.startswith(("Warning", "Error"))] == []
    assert run.returncode == 0
