"""A wrong setting is said before anything starts, and a changed limit holds."""

from datetime import UTC, datetime

import pytest

from drivers.device import Device
from drivers.measurement import Frame, Instant
from kiosk.consultation.measuring import Measuring, Settled
from kiosk.links.link import LinkState
from kiosk.settings import SettingsError, load

GOOD = 'pharmacy = "p"\nstation = "wss://station"\nstate_directory = "/s"\nrun_directory = "/r"\n'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('timezone = "Europe/Nowhere"', "'Europe/Nowhere' is no time zone"),
        ('timezone = "../etc/passwd"', "is no time zone"),
        ('[plausibility.spo2."%"]\nlow = "ninety"\nhigh = "100"', "plausibility of spo2 in %: a limit is not a number"),
        ('[plausibility_under.six.weight.kg]\nlow = "2"\nhigh = "90"', "an age is a whole number of years"),
        ('speaker = "wav:/tmp/voice.wav"', "speaker: 'wav:/tmp/voice.wav' is no sound card: 'none', or 'alsa:'"),
        ('microphone = "default"', "microphone: 'default' is no sound card"),
        ('stethoscope = ""', "stethoscope: '' is no sound card"),
        ('[identification]\ncamera = "video0"', "neither none nor a camera"),
        ('[plausibility.happiness."%"]\nlow = "0"\nhigh = "100"', "there is no such vital"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_words(tmp_path, line, said):
    path = tmp_path / "booth.toml"
    path.write_text(GOOD + line)
    with pytest.raises(SettingsError, match=said):
        load(path)


def test_a_limit_of_the_settings_flags_what_the_default_lets_pass(tmp_path):
    path = tmp_path / "booth.toml"
    path.write_text(GOOD + '[plausibility.temperature."Cel"]\nlow = "25"\nhigh = "45"\nusual_high = "36"\n')
    now, device = Instant(0.0, datetime(2026, 1, 12, 10, tzinfo=UTC)), Device("device", "thermometer")
    said = []
    for limits in ({}, {"limits": load(path).limits}):
        measuring = Measuring(**limits)
        measuring.open(now)
        measuring.take(LinkState(device, True, "connected", now))
        (outcome,) = measuring.take(Frame("2A1C", bytes.fromhex("006c0100ff"), now, "device"))
        assert isinstance(outcome, Settled)
        said.append(outcome.remarks)
    assert said == [(), ("unusual-high",)]
