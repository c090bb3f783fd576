"""What a link leaves of a call's picture and sound, from all of it down to none."""

from __future__ import annotations

from typing import Literal, TypeAlias

#: pictures that move, single ones seconds apart, none
PictureLeft: TypeAlias = Literal["moving", "stills", "none"]
#: the whole voice, a narrower one in longer packets, none
SoundLeft: TypeAlias = Literal["full", "thin", "none"]
