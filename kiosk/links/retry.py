"""What a Bluetooth error means and when to try again, by its text: BlueZ and bleak tell most of it in words only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell about an error, and how many seconds the first wait lasts (doubled with each failure in a row, up to `most_s`)."""

    reason: str
    first_s: float = 0.25
    most_s: float = 4.0

    def wait(self, failures: int) -> float:
        """Seconds to wait after `failures` failures in a row."""
        return min(self.most_s, self.first_s * 2.0 ** min(max(failures - 1, 0), 30))


#: (what the text holds, in lower case; what to do). The first row that fits decides.
TABLE: tuple[tuple[str, Advice], ...] = (
    ("authentication", Advice("the device refused the pairing; pair it again", first_s=5.0, most_s=60.0)),
    ("insufficient_encryption", Advice("the device wants to be paired", first_s=5.0, most_s=60.0)),
    ("not paired", Advice("the device wants to be paired", first_s=5.0, most_s=60.0)),
    ("le-connection-abort-by-local", Advice("the radio gave up the connection", first_s=0.1)),
    ("software caused connection abort", Advice("the radio gave up the connection", first_s=0.1)),
    ("br-connection-canceled", Advice("the radio gave up the connection", first_s=0.1)),
    ("inprogress", Advice("the radio is busy with another connection", first_s=0.5)),
    ("in progress", Advice("the radio is busy with another connection", first_s=0.5)),
    ("alreadyconnected", Advice("the radio is busy with another connection", first_s=0.5)),
    ("connection limit", Advice("the adapter has no free connection", first_s=4.0, most_s=30.0)),
    ("out of connection slots", Advice("the adapter has no free connection", first_s=4.0, most_s=30.0)),
    ("notready", Advice("the Bluetooth adapter is not ready", first_s=1.0, most_s=10.0)),
    ("not ready", Advice("the Bluetooth adapter is not ready", first_s=1.0, most_s=10.0)),
    ("not powered", Advice("Bluetooth is switched off", first_s=1.0, most_s=10.0)),
    ("powered off", Advice("Bluetooth is switched off", first_s=1.0, most_s=10.0)),
    ("no bluetooth", Advice("there is no Bluetooth adapter", first_s=1.0, most_s=10.0)),
    ("filenotfound", Advice("the system bus does not run", first_s=0.5, most_s=5.0)),
    ("connectionrefused", Advice("the system bus does not run", first_s=0.5, most_s=5.0)),
    ("serviceunknown", Advice("the Bluetooth service does not run", first_s=0.5, most_s=2.0)),
    ("noreply", Advice("the Bluetooth service does not answer", first_s=0.5, most_s=2.0)),
    ("not found", Advice("the device went out of reach", first_s=0.1)),
    ("was removed", Advice("the device went out of reach", first_s=0.1)),
    ("disconnected", Advice("the device ended the connection", first_s=0.1)),
)
_TIMEOUT = Advice("the device did not answer in time", first_s=0.25)
_OTHER = Advice("the connection failed", first_s=0.5)


def advice(error: BaseException) -> Advice:
    """What to do about `error`, raised by bleak, dbus-fast or a time-out."""
    text = f"{type(error).__name__} {error}".lower()
    for holds, what in TABLE:
        if holds in text:
            return what
    return _TIMEOUT if isinstance(error, TimeoutError) else _OTHER
