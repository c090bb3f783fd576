"""Fictional patient cards of each kind that the booth reads, for demo, training and tests. Layouts: see the driver of each card."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from simulators.card import CPS_ATR, VirtualCard

if TYPE_CHECKING:
    from collections.abc import Sequence

_VITALE = bytes.fromhex("D250000002564954414C45")
_HCA = bytes.fromhex("D27600000102")
_ECARD = bytes.fromhex("D040000017010101")


@dataclass(frozen=True, slots=True)
class Person:
    """Who a simulated card belongs to. `birth_date` has eight digits, YYYYMMDD."""

    family_name: str
    given_name: str
    birth_date: str
    number: str


def tlv(tag: int, value: bytes) -> bytes:
    """One BER-TLV with a tag of one or two octets."""
    head = tag.to_bytes(2 if tag > 0xFF else 1, "big")
    if len(value) < 0x80:
        return head + bytes((len(value),)) + value
    return head + b"\x82" + len(value).to_bytes(2, "big") + value


def vitale(people: Sequence[Person], *, t0: bool = True) -> VirtualCard:
    """A Vitale 2 card of these holders."""
    names = b"".join(
        tlv(
            0x65,
            tlv(0x80, one.family_name.encode("latin-1")) + tlv(0x81, one.given_name.encode("latin-1")) + tlv(0x82, one.birth_date.encode()),
        )
        for one in people
    )
    numbers = b"".join(tlv(0x65, tlv(0x90, b"FRA") + tlv(0x93, one.number.encode())) for one in people)
    return VirtualCard(
        files={"3F00/0002": names + bytes(40), "3F00/V1/0002": numbers + bytes(40)},
        applications={_VITALE: "3F00/V1"},
        short={("3F00", 2): "3F00/0002", ("3F00/V1", 2): "3F00/V1/0002"},
        t0=t0,
    )


def egk(xml: bytes) -> VirtualCard:
    """A German eGK with these personal data, ISO-8859-15."""
    packed = gzip.compress(xml, mtime=0)
    return egk_raw(len(packed).to_bytes(2, "big") + packed)


def egk_raw(personal_data: bytes) -> VirtualCard:
    """A German eGK whose EF.PD holds these octets, well-formed or not, and padding."""
    return VirtualCard(
        files={"3F00/HCA/D001": personal_data + bytes(100), "3F00/HCA/D002": 0x6982},
        applications={_HCA: "3F00/HCA"},
        short={("3F00/HCA", 1): "3F00/HCA/D001", ("3F00/HCA", 2): "3F00/HCA/D002"},
    )


def veka(person: Person, sex: str = "2") -> VirtualCard:
    """A Swiss insurance card."""
    content = tlv(0x80, f"{person.family_name},{person.given_name}".encode()) + tlv(0x82, person.birth_date.encode())
    content += tlv(0x83, person.number.encode()) + tlv(0x84, sex.encode())
    return VirtualCard(files={"3F00/2F06": tlv(0x65, content).ljust(84, b"\0"), "3F00/2F07": bytes(95), "3F00/DF01/4101": b"never read"})


def cns(person: Person, sex: str = "F", *, height: bool = True) -> VirtualCard:
    """An Italian TS-CNS."""
    born = person.birth_date[6:] + person.birth_date[4:6] + person.birth_date[:4]
    fields = ["6030", "01012020", "01012026", person.family_name, person.given_name, born, sex]
    fields += ["170"] if height else []
    fields += [person.number, "ITA", "H501"]
    body = "".join(f"{len(value):02X}{value}" for value in fields)
    return VirtualCard(files={"3F00/1100/1102": f"{len(body) + 6:06X}{body}".encode() + bytes(64)})


def ecard(person: Person) -> VirtualCard:
    """An Austrian e-card."""
    values = (
        ("550404", 0x0C, person.family_name),
        ("55042A", 0x0C, person.given_name),
        ("2B06010505070901", 0x18, f"{person.birth_date}000000Z"),
        ("2A28000A01040101", 0x12, person.number),
    )
    body = b"".join(tlv(0x30, tlv(0x06, bytes.fromhex(oid)) + tlv(0x31, tlv(tag, value.encode()))) for oid, tag, value in values)
    return VirtualCard(files={"3F00/E1/EF01": tlv(0x30, body)}, applications={_ECARD: "3F00/E1"})


def professional() -> VirtualCard:
    """A French CPS3, known by its ATR alone."""
    return VirtualCard(files={}, atr=CPS_ATR)


@cache
def _register(kind: str) -> tuple[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, bytes, bytes]:
    """A made-up national register: its signing key, its certificate and that of the root above it, both DER."""
    root_key = ec.generate_private_key(ec.SECP384R1())
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP384R1())
    root_name, name = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("Simulated Root", "Simulated Register"))
    start = datetime(2020, 1, 1, tzinfo=UTC)

    def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bytes:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(root_name).public_key(public).serial_number(1)
        signed = builder.not_valid_before(start).not_valid_after(start + timedelta(days=7300)).sign(root_key, hashes.SHA384())
        return signed.public_bytes(Encoding.DER)

    return key, certificate(name, key.public_key()), certificate(root_name, root_key.public_key())


def belgian_root(kind: str = "ec") -> bytes:
    """The DER certificate that an operator would pin to trust `be_eid` cards of this kind ("ec" or "rsa")."""
    return _register(kind)[2]


def be_eid(person: Person, birth_date: str, sex: str = "V", *, kind: str = "ec", photo: bytes = b"\xff\xd8 simulated photo") -> VirtualCard:
    """A Belgian eID signed by the made-up register. `birth_date` is text as on the card ("03 MEI 2001")."""
    values = {
        0x01: "000000000000",
        0x06: person.number,
        0x07: person.family_name,
        0x08: person.given_name,
        0x0B: "Leuven",
        0x0C: birth_date,
        0x0D: sex,
    }
    identity = b"".join(_belgian(tag, value.encode()) for tag, value in values.items())
    identity += _belgian(0x11, (hashlib.sha256 if kind == "ec" else hashlib.sha1)(photo).digest())
    key, certificate, _ = _register(kind)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        signature = key.sign(identity, ec.ECDSA(hashes.SHA384())).ljust(256, b"\0")
    else:
        signature = key.sign(identity, padding.PKCS1v15(), hashes.SHA256())
    directory = "3F00/DF01"
    return VirtualCard(
        files={
            f"{directory}/4031": identity,
            f"{directory}/4032": signature,
            f"{directory}/4033": b"an address that is never read",
            f"{directory}/4035": photo,
            "3F00/DF00/503C": certificate + bytes(16),
        }
    )


def _belgian(tag: int, value: bytes) -> bytes:
    """Simple TLV: each FF adds 255 and the length goes on."""
    whole, rest = divmod(len(value), 255)
    return bytes((tag,)) + b"\xff" * whole + bytes((rest,)) + value
