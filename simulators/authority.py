"""An authority of the demonstration's own: its certificate, the station's, and a browser profile that trusts it. It lives in one folder."""

from __future__ import annotations

import ipaddress
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

HOST = "127.0.0.1"
_LASTS = timedelta(days=2)


@dataclass(frozen=True)
class Served:
    """The files of a certificate: chain and private key (PEM)."""

    certificate: Path
    key: Path


class Authority:
    """Made anew in `folder`; its private key stays in this process."""

    def __init__(self, folder: Path, name: str = "Telecabine demonstration") -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        public = self._key.public_key()
        self._certificate = (
            x509.CertificateBuilder(self._name, self._name, public, x509.random_serial_number(), now - _LASTS, now + _LASTS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def serve(self, name: str, *, host: str = HOST, begins: timedelta = -_LASTS, ends: timedelta = _LASTS) -> Served:
        """A certificate for `host` (an address or a name) that is valid between these times from now."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number(), now + begins, now + ends)
            .add_extension(x509.SubjectAlternativeName([_alternative(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        served = Served(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        served.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        served.key.touch(0o600)
        served.key.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        return served

    def trusted_by_browsers(self) -> Path:
        """A home directory in which Chromium believes this authority: its NSS database holds the certificate, nothing is ignored."""
        home = self._folder / "home"
        database = home / ".pki/nssdb"
        database.mkdir(mode=0o700, parents=True)
        where = ("certutil", "-d", f"sql:{database}")
        for command in (("-N", "--empty-password"), ("-A", "-t", "C,,", "-n", "demonstration", "-i", str(self.file))):
            subprocess.run([*where, *command], check=True, capture_output=True)
        return home


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
