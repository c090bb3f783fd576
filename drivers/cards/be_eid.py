"""be-eid: the Belgian identity card, the one card here that an offline reader can check: the national register signs it.

Protocol: as the public "Belgian eID card content" and e-Contract/commons-eid describe it: 3F00/DF01/4031 identity, 4032 its signature, 4035
photo, 3F00/DF00/503C the register's certificate. Simple TLV: one octet of tag, then a length where each FF adds 255 and goes on. RSA cards
sign with SHA-1 or SHA-256, EC P-384 cards (v1.7) with SHA-384 and zero padding after the DER signature. Tag 11 is the hash of the photo.
The address is not read: the booth does not need it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import warnings
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from drivers.cards import apdu
from drivers.cards.card import CardDriver
from drivers.cards.traits import SSIN, identifier, judged, partial_date
from drivers.identity import CardError, CardProblem, IdentityCandidate, Trust

if TYPE_CHECKING:
    from drivers.cards.apdu import Exchange

_IDENTITY, _SIGNATURE, _PHOTO, _CERTIFICATE = "3F00DF014031", "3F00DF014032", "3F00DF014035", "3F00DF00503C"
_NATIONAL_NUMBER, _NAME, _GIVEN_NAMES, _BIRTH_PLACE, _BIRTH_DATE, _SEX, _PHOTO_HASH = 0x06, 0x07, 0x08, 0x0B, 0x0C, 0x0D, 0x11
_GENDERS = {"M": "male", "F": "female", "V": "female", "W": "female"}
_DATE = re.compile(r"(?:([0-9]{1,2})[ .]+)?(?:([A-ZÀ-Ý]+)[ .]+)?([0-9]{4})")
_MONTHS = {
    name: f"{number:02d}"
    for number, names in enumerate(
        (
            "JAN",
            "FEB FEV FÉV FEVR",
            "MAR MARS MAAR MÄR MRZ MAER",
            "APR AVR",
            "MAI MEI",
            "JUN JUIN JUNI",
            "JUL JUIL JULI",
            "AUG AOUT AOÛT",
            "SEP SEPT",
            "OCT OKT",
            "NOV",
            "DEC DÉC DEZ",
        ),
        start=1,
    )
    for name in names.split()
}
_PHOTO_HASHES = {20: "sha1", 32: "sha256", 48: "sha384"}


class BeEid(CardDriver):
    """Identity file, checked against the register's signature and the photo's hash."""

    name = "be-eid"
    country = "BE"

    def probe(self) -> Exchange[bool]:
        """The identity file is there."""
        return (yield from apdu.select(8, 0x0C, _IDENTITY))

    def read(self) -> Exchange[tuple[IdentityCandidate, ...]]:
        """Read identity, signature, certificate and photo; keep the identity alone."""
        identity = yield from _file(_IDENTITY)
        fields = simple_tlv(identity)
        signature = yield from _file(_SIGNATURE)
        certificate = _certificate((yield from _file(_CERTIFICATE)))
        if not _is_signed(identity, signature, certificate):
            raise CardError(CardProblem.SIGNATURE, "the identity file")
        _check_photo(fields.get(_PHOTO_HASH, b""), (yield from _file(_PHOTO)))
        pinned = any(_issued_by(certificate, anchor) for anchor in self.policy.anchors)
        return (judged(_candidate(fields, pinned=pinned)),)


def simple_tlv(data: bytes) -> dict[int, bytes]:
    """Tags and values of a Belgian file; zeros after the last are padding.

    Raises:
        CardError: a length runs past the end, or a tag comes twice.
    """
    found: dict[int, bytes] = {}
    at = 0
    while at + 1 < len(data) and not (data[at] == 0 and found and not any(data[at:])):
        tag, at = data[at], at + 1
        length = 0
        while at < len(data) and data[at] == 0xFF:
            length, at = length + 0xFF, at + 1
        if at >= len(data) or at + 1 + length + data[at] > len(data):
            raise CardError(CardProblem.DATA, "a length past the end")
        length, at = length + data[at], at + 1
        if tag in found:
            raise CardError(CardProblem.DATA, "a field twice")
        found[tag] = data[at : at + length]
        at += length
    return found


def birth_date(text: str) -> str | None:
    """The ISO date of "03 MEI 2001", "1 JAN 1971" or "1971"; None when it is none of these."""
    match = _DATE.fullmatch(" ".join(text.upper().split()))
    if not match or (match[2] and match[2] not in _MONTHS):
        return None
    return partial_date(match[3], _MONTHS.get(match[2], "00"), (match[1] or "00").zfill(2))


def _file(path: str) -> Exchange[bytes]:
    yield from apdu.need(8, 0x0C, path)
    return (yield from apdu.read_file(step=0xFF))


def _text(value: bytes) -> str:
    try:
        text = " ".join(value.decode("utf-8").split())
    except UnicodeDecodeError:
        raise CardError(CardProblem.DATA, "a text that is not UTF-8") from None
    if not text.isprintable():
        raise CardError(CardProblem.DATA, "a text with control characters")
    return text


def _candidate(fields: dict[int, bytes], *, pinned: bool) -> IdentityCandidate:
    family, number = (_text(fields.get(tag, b"")) for tag in (_NAME, _NATIONAL_NUMBER))
    if not family:
        raise CardError(CardProblem.DATA, "a holder without name")
    return IdentityCandidate(
        driver=BeEid.name,
        trust=Trust.SIGNED if pinned else Trust.READ,
        family_name=family,
        given_names=tuple(_text(fields.get(_GIVEN_NAMES, b"")).split()),
        birth_date=birth_date(_text(fields.get(_BIRTH_DATE, b""))),
        sex=_GENDERS.get(_text(fields.get(_SEX, b"")), "unknown"),
        birth_place=_text(fields.get(_BIRTH_PLACE, b"")) or None,
        identifiers=(identifier(SSIN, number),) if number else (),
        warnings=() if pinned else ("signer-not-pinned",),
    )


def _der(data: bytes) -> bytes:
    """A DER SEQUENCE without the padding after it; other bytes as they are."""
    if data[:1] != b"\x30" or len(data) < 2:
        return data
    if data[1] < 0x80:
        return data[: 2 + data[1]]
    count = data[1] & 0x7F
    return data[: 2 + count + int.from_bytes(data[2 : 2 + count], "big")]


def _certificate(data: bytes) -> x509.Certificate:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            certificate = x509.load_der_x509_certificate(_der(data))
            certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CardError(CardProblem.SIGNATURE, "the certificate on the card") from None
    return certificate


def _is_signed(data: bytes, signature: bytes, certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    tries: list[hashes.HashAlgorithm] = [hashes.SHA384(), hashes.SHA256(), hashes.SHA1()]  # noqa: S303 - older cards are signed so
    for algorithm in tries:
        try:
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, data, padding.PKCS1v15(), algorithm)
            elif isinstance(key, ec.EllipticCurvePublicKey) and not isinstance(algorithm, hashes.SHA1):
                key.verify(_der(signature), data, ec.ECDSA(algorithm))
            else:
                continue
        except (InvalidSignature, ValueError, UnsupportedAlgorithm):
            continue
        return True
    return False


def _issued_by(certificate: x509.Certificate, anchor: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            certificate.verify_directly_issued_by(x509.load_der_x509_certificate(anchor))
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _check_photo(known: bytes, photo: bytes) -> None:
    name = _PHOTO_HASHES.get(len(known))
    if name is None or not hmac.compare_digest(known, hashlib.new(name, photo).digest()):
        raise CardError(CardProblem.SIGNATURE, "the photo is not the one that was signed")
