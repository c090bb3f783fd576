"""The instrument (PhdDevice), the booth as its gateway (PhgDevice), and the Observation that ties their clocks together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.driver import Driver
from kiosk_fhir import codes
from kiosk_fhir.errors import MappingError
from kiosk_fhir.observation import ABSENT
from kiosk_fhir.wire import Json, Resource, coding, concept, moment, resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drivers.device import Device
    from kiosk_fhir.context import Context

IDENTIFIERS: Final = "http://terminology.hl7.org/CodeSystem/ContinuaDeviceIdentifiers"
EUI64: Final = "urn:oid:1.2.840.10004.1.1.1.0.0.1.0.0.1.2680"
BLUETOOTH: Final = "http://hl7.org/fhir/sid/eui-48/bluetooth"
_ASN1: Final = "http://terminology.hl7.org/CodeSystem/ASN1ToHL7"

#: the first vital that an instrument measures names its specialisation
SPECIALISATIONS: Final = {
    "systolic": ("528391", "MDC_DEV_SPEC_PROFILE_BP", "Tensiomètre"),
    "spo2": ("528388", "MDC_DEV_SPEC_PROFILE_PULS_OXIM", "Oxymètre de pouls"),
    "temperature": ("528392", "MDC_DEV_SPEC_PROFILE_TEMP", "Thermomètre"),
    "glucose": ("528401", "MDC_DEV_SPEC_PROFILE_GLUCOSE", "Lecteur de glycémie"),
    "body-fat": ("528404", "MDC_DEV_SPEC_PROFILE_BCA", "Impédancemètre"),
    "weight": ("528399", "MDC_DEV_SPEC_PROFILE_SCALE", "Balance"),
    "ecg": ("528390", "MDC_DEV_SPEC_PROFILE_MIN_ECG", "Électrocardiographe"),
}
_GENERIC: Final = ("528457", "MDC_DEV_SPEC_PROFILE_GENERIC", "Appareil de mesure")
_TIME_SYNC_NONE: Final = ("532224", "MDC_TIME_SYNC_NONE")
_TIME_SYNC_NTP: Final = ("532226", "MDC_TIME_SYNC_NTPV4")


def _mdc(code: str, name: str) -> Json:
    return coding(codes.MDC, code, name)


def _eui(value: str) -> str:
    return "-".join(value[at : at + 2] for at in range(0, len(value), 2))


def _versions(**texts: str) -> list[Json]:
    names = {"hardware": ("531974", "MDC_ID_PROD_SPEC_HW"), "software": ("531975", "MDC_ID_PROD_SPEC_SW")}
    names["firmware"] = ("531976", "MDC_ID_PROD_SPEC_FW")
    return [{"type": concept(_mdc(*names[kind])), "value": text} for kind, text in texts.items() if text]


def _identifiers(context: Context, system_id: str, address: str, local: str) -> list[Json]:
    found: list[Json] = []
    if system_id:
        kind = concept(coding(IDENTIFIERS, "SYSID", "IEEE 11073 System Identifier"))
        found.append({"type": kind, "system": EUI64, "value": _eui(system_id)})
    if address:
        kind = concept(coding(IDENTIFIERS, "BTMAC", "Bluetooth MAC address"))
        found.append({"type": kind, "system": BLUETOOTH, "value": address.replace(":", "-")})
    return found or [{"system": context.local_system, "value": local}]


def _time_sync(method: tuple[str, str]) -> Json:
    return {
        "type": concept(_mdc("68220", "MDC_TIME_SYNC_PROTOCOL")),
        "valueCode": [concept(_mdc(*method))],
    }


def specialisation(device: Device, vitals: Iterable[str]) -> tuple[str, str, str]:
    """MDC code, name and French text: from what the device's driver measures, else from `vitals`."""
    driver = Driver.registry.get(device.driver)
    measured = set(vitals) if driver is None else set(driver.measures)
    return next((found for vital, found in SPECIALISATIONS.items() if vital in measured), _GENERIC)


def instrument(context: Context, vitals: Iterable[str] = ()) -> Resource:
    """The Device resource of `context.device`. It claims the PhdDevice profile only where all that the profile wants is known.

    Raises:
        MappingError: the context has no device.
    """
    device = context.device
    if device is None:
        raise MappingError("device", "no device is given")
    content: Json = {"resourceType": "Device", "id": context.device_id}
    versions = _versions(firmware=device.firmware, software=device.software, hardware=device.hardware)
    if device.manufacturer and device.model and versions:
        content["meta"] = {"profile": [codes.PHD_PROFILE + "PhdDevice"]}
    content["identifier"] = _identifiers(context, device.system_id, device.address, device.key)
    if device.udi:
        content["udiCarrier"] = [{"carrierHRF": device.udi, "entryType": "electronic-transmission"}]
    for name, text in (("manufacturer", device.manufacturer), ("serialNumber", device.serial), ("modelNumber", device.model)):
        if text:
            content[name] = text
    if device.name:
        content["deviceName"] = [{"name": device.name, "type": "user-friendly-name"}]
    code, name, french = specialisation(device, vitals)
    content["type"] = concept(_mdc("65573", "MDC_MOC_VMS_MDS_SIMP"), text=french)
    content["specialization"] = [{"systemType": concept(_mdc(code, name)), "version": "1"}]
    if versions:
        content["version"] = versions
    if context.clock is not None and context.clock.device_time is not None:
        clock = {"type": concept(coding(_ASN1, "68219.0", "mds-time-capab-real-time-clock"))}
        yes = concept(coding("http://terminology.hl7.org/CodeSystem/v2-0136", "Y"))
        content["property"] = [_time_sync(_TIME_SYNC_NONE), {**clock, "valueCode": [yes]}]
    return resource(content)


def photographer(context: Context, name: str) -> Resource:
    """The Device resource of an exam camera, `name` saying which.

    Raises:
        MappingError: the context has no device.
    """
    device = context.device
    if device is None:
        raise MappingError("device", "no device is given")
    return resource(
        {
            "resourceType": "Device",
            "id": context.device_id,
            "identifier": [{"system": context.local_system, "value": device.key}],
            "deviceName": [{"name": device.name or name, "type": "user-friendly-name"}],
            "type": concept(text=name),
        }
    )


def gateway(context: Context) -> Resource:
    """The Device resource of the booth."""
    booth = context.booth
    content: Json = {"resourceType": "Device", "id": context.booth_id}
    if booth.system_id:
        content["meta"] = {"profile": [codes.PHD_PROFILE + "PhgDevice"]}
    content["identifier"] = _identifiers(context, booth.system_id, "", booth.id)
    content["manufacturer"] = "telecabine"
    if booth.name:
        content["deviceName"] = [{"name": booth.name, "type": "user-friendly-name"}]
    content["type"] = concept(_mdc("531981", "MDC_MOC_VMS_MDS_AHD"), text="Cabine de téléconsultation assistée")
    content["specialization"] = [{"systemType": concept(_mdc(*_GENERIC[:2])), "version": "2"}]
    if booth.software:
        content["version"] = _versions(software=booth.software)
    content["property"] = [_time_sync(_TIME_SYNC_NTP if booth.synchronised else _TIME_SYNC_NONE)]
    return resource(content)


def coincident(context: Context) -> Resource:
    """What the device's clock said at a moment of the booth's clock: lets anyone recover the stamps that the device reported.

    The device's clock has no zone; the booth's is written. A clock that cannot be used is a time fault (`unknown`).

    Raises:
        MappingError: the context has no device or no clock reading.
    """
    clock = context.clock
    if clock is None:
        raise MappingError("clock", "no reading of the device's clock is given")
    received = clock.received.wall
    content: Json = {
        "resourceType": "Observation",
        "id": context.coincident_id,
        "meta": {"profile": [codes.PHD_PROFILE + "PhdCoincidentTimeStampObservation"]},
        "identifier": [{"system": context.local_system, "value": context.coincident_id}],
        "status": "final",
        "code": concept(_mdc("67975", "MDC_ATTR_TIME_ABS"), text="Horloge de l'appareil"),
        "subject": {"reference": f"urn:uuid:{context.device_id}"},
        "effectiveDateTime": moment(received, "clock.received"),
        "device": {"reference": f"urn:uuid:{context.booth_id}"},
    }
    if clock.device_time is None:
        content["dataAbsentReason"] = concept(coding(ABSENT, "unknown"))
    else:
        content["valueDateTime"] = moment(clock.device_time.replace(tzinfo=received.tzinfo), "clock.device_time")
    return resource(content)
