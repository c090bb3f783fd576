"""Where ALSA is on this machine.

PyAV's wheel brings a libasound of its own, which looks for configuration and plugins where the wheel was built: below /tmp/vendor, where there is
nothing, and where anybody could put something.
"""

from __future__ import annotations

import os
import sysconfig
from typing import Final

#: Debian's: alsa.conf is of libasound2-data, the plugin of PipeWire of pipewire-alsa
PLACES: Final = {"ALSA_CONFIG_DIR": "/usr/share/alsa", "ALSA_PLUGIN_DIR": f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}/alsa-lib"}


def use_the_machines() -> None:
    """Have libasound read the machine's own configuration; what the environment says already counts. Before a device is opened."""
    for name, place in PLACES.items():
        os.environ.setdefault(name, place)
