"""TLS to the station: 1.2 or 1.3, a known authority, the right host, a certificate in its time; anything else is refused, and why is said.

There is no setting that goes on all the same.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

from kiosk.secure.errors import TlsError

if TYPE_CHECKING:
    from pathlib import Path

#: X509_V_ERR_* of OpenSSL (x509_vfy.h) -> text key, and what a technician does
_CERTIFICATE: Final[dict[int, tuple[str, str]]] = {
    9: ("tls-not-yet-valid", "the station's certificate is not valid yet: check the booth's clock"),
    10: ("tls-expired", "the station's certificate has expired: check the booth's clock, then have the certificate renewed"),
    62: ("tls-wrong-host", "the certificate is another host's: check the station's address in the settings"),
    64: ("tls-wrong-host", "the certificate is another host's: check the station's address in the settings"),
}
_UNKNOWN: Final = (
    "tls-unknown-authority",
    "nobody known vouches for the station: a firewall may open the connection, or `authority` of the settings is missing",
)
_TOO_OLD: Final = ("tls-too-old", "the station offers no TLS 1.2 or 1.3: it must be updated")
_FAILED: Final = ("tls-failed", "what answers at the station's address does not speak TLS as it should: check address and port")


def context(authority: Path | None) -> ssl.SSLContext:
    """What the booth connects with. With `authority` (PEM) only that one is believed, without it those of the system.

    Raises:
        TlsError: "tls-authority": the file is missing or holds no certificate.
    """
    try:
        made = ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        raise TlsError("tls-authority", f"{authority} holds no certificate of an authority: {error}") from None
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def explained(error: BaseException) -> TlsError | None:
    """The TLS failure behind a failed connection as text key and sentence; None when it is none."""
    cause: ssl.SSLError | None = None
    link: BaseException | None = error
    while link is not None:  # the innermost: aiohttp's own errors inherit from ssl's and know no code
        cause = link if isinstance(link, ssl.SSLError) else cause
        link = link.__cause__
    if cause is None:
        return None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return TlsError(*_CERTIFICATE.get(cause.verify_code, _UNKNOWN))
    reason = cause.reason or ""
    return TlsError(*(_TOO_OLD if "PROTOCOL" in reason else _FAILED))
