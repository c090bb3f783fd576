"""What a setting calls a sound card: one form for loudspeaker, microphone and stethoscope."""

from __future__ import annotations


def sound_card(setting: str) -> str | None:
    """ALSA's name of the sound card of a setting, "alsa:NAME" ("alsa:default", "alsa:pipewire:NODE=telecabine.speaker"); None for "none".

    Raises:
        ValueError: neither; what is wanted is in it.
    """
    if setting == "none":
        return None
    library, _, name = setting.partition(":")
    if library != "alsa" or not name:
        raise ValueError(
            f"{setting!r} is no sound card: 'none', or 'alsa:' and a name that `aplay -L` or `arecord -L` lists, as 'alsa:default'"
        )
    return name
