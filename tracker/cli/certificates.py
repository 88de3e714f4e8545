"""The certificate that this machine makes for itself, so that phones give their camera to the page."""

from __future__ import annotations

import ipaddress
import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = timedelta(days=397)
"""The longest that browsers accept."""
RENEWED_BEFORE = timedelta(days=30)


def certificate(folder: Path, names: list[str], now: datetime) -> tuple[Path, Path]:
    """The certificate and key files (mode 600) for these host names and addresses, made anew when need be.

    They are made anew when there is none, when fewer than 30 days are left or when a name is missing.
    """
    certified, key = folder / "certificate.pem", folder / "key.pem"
    if not (key.exists() and _serves(certified, names, now)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(certified, key, names, now)
    return certified, key


def _serves(path: Path, names: list[str], now: datetime) -> bool:
    try:
        known = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    named = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(_alternatives(names)) <= set(named) and now < known.not_valid_after_utc - RENEWED_BEFORE


def _alternatives(names: list[str]) -> list[x509.GeneralName]:
    return [_alternative(name) for name in names]


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _make(certified: Path, key_file: Path, names: list[str], now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(key_file, pem)
    _write(certified, _signed(key, names, now).public_bytes(serialization.Encoding.PEM))


def _signed(key: ec.EllipticCurvePrivateKey, names: list[str], now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Tracker {names[0]}"[:64])])
    public = key.public_key()
    builder = (
        x509.CertificateBuilder(name, name, public, x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # the phone's clock may be late
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    )
    return builder.sign(key, hashes.SHA256())


def _write(path: Path, content: bytes) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    new.replace(path)
