"""The booth's pairing agent: it says yes to one address, while a technician holds the window open, and no to everybody else."""

# dbus-fast reads the annotations at run time: no deferred evaluation here
import logging
from collections.abc import Awaitable, Callable

from dbus_fast.annotations import DBusObjectPath, DBusStr, DBusUInt16, DBusUInt32
from dbus_fast.errors import DBusError
from dbus_fast.service import ServiceInterface, dbus_method

_log = logging.getLogger(__name__)
AGENT_PATH = "/org/telecabine/agent"
#: asks somebody for the number of up to six digits that the device shows or has printed on it
Passkey = Callable[[], Awaitable[int]]


class Agent(ServiceInterface):
    """org.bluez.Agent1. Cuffs, scales and thermometers without a display pair without a number (Just Works); meters have one to type.

    `passkey` asks for it; without somebody to ask, a device that wants a number is refused.
    """

    def __init__(self, address: str, passkey: Passkey | None = None) -> None:
        super().__init__("org.bluez.Agent1")
        self._passkey = passkey
        self.capability = "NoInputNoOutput" if passkey is None else "KeyboardOnly"
        self._expected = f"/dev_{address.upper().replace(':', '_')}"

    def _check(self, device: str) -> None:
        if not device.endswith(self._expected):
            _log.warning("refuses to pair with %s: not the device of this pairing window", device.rpartition("/")[2])
            raise DBusError("org.bluez.Error.Rejected", "not the device of this pairing window")

    @dbus_method("Release")
    def release(self) -> None:
        """BlueZ lets the agent go."""

    @dbus_method("Cancel")
    def cancel(self) -> None:
        """BlueZ takes a request back."""

    @dbus_method("RequestConfirmation")
    def request_confirmation(self, device: DBusObjectPath, passkey: DBusUInt32) -> None:
        """Both sides chose a number: accepted for the expected device only."""
        self._check(device)

    @dbus_method("RequestAuthorization")
    def request_authorization(self, device: DBusObjectPath) -> None:
        """A pairing without any number."""
        self._check(device)

    @dbus_method("AuthorizeService")
    def authorize_service(self, device: DBusObjectPath, uuid: DBusStr) -> None:
        """A paired device wants to use a service."""
        self._check(device)

    @dbus_method("RequestPasskey")
    async def request_passkey(self, device: DBusObjectPath) -> DBusUInt32:
        """The device shows a number, or has it printed on its back, that somebody has to type."""
        self._check(device)
        if self._passkey is None:
            raise DBusError("org.bluez.Error.Rejected", f"{device.rpartition('/')[2]} asks for a number to be typed")
        return await self._passkey()

    @dbus_method("DisplayPasskey")
    def display_passkey(self, device: DBusObjectPath, passkey: DBusUInt32, entered: DBusUInt16) -> None:
        """The device wants a number to be shown, which is then typed on it: no instrument has the keys."""
        raise DBusError("org.bluez.Error.Rejected", f"{device.rpartition('/')[2]} asks for a number to be shown")
