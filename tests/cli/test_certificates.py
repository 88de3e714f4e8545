"""The certificate made here: for every name, kept while it serves, private."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta

from cryptography import x509

from tracker.cli.certificates import RENEWED_BEFORE, VALID, certificate

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
NAMES = ["localhost", "127.0.0.1", "192.0.2.7", "poste-12"]


def test_it_names_every_host_and_address(tmp_path):
    certified, _key = certificate(tmp_path, NAMES, NOW)
    read = x509.load_pem_x509_certificate(certified.read_bytes())
    named = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert named.get_values_for_type(x509.DNSName) == ["localhost", "poste-12"]
    assert [str(each) for each in named.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "192.0.2.7"]


def test_only_its_owner_may_read_it(tmp_path):
    files = certificate(tmp_path / "tls", NAMES, NOW)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700


def made_at(folder, names, now) -> bytes:
    return certificate(folder, names, now)[0].read_bytes()


def test_it_is_kept_while_it_serves(tmp_path):
    first = made_at(tmp_path, NAMES, NOW)
    assert made_at(tmp_path, NAMES[:2], NOW + VALID - RENEWED_BEFORE - timedelta(seconds=1)) == first


def test_it_is_renewed_before_it_expires(tmp_path):
    first = made_at(tmp_path, NAMES, NOW)
    assert made_at(tmp_path, NAMES, NOW + VALID - RENEWED_BEFORE) != first


def test_it_is_renewed_when_the_machine_has_a_new_address(tmp_path):
    first = made_at(tmp_path, NAMES, NOW)
    assert made_at(tmp_path, [*NAMES, "192.0.2.99"], NOW) != first


def test_it_is_renewed_when_its_key_is_lost(tmp_path):
    first = made_at(tmp_path, NAMES, NOW)
    (tmp_path / "key.pem").unlink()
    assert made_at(tmp_path, NAMES, NOW) != first


def test_a_damaged_certificate_is_made_anew(tmp_path):
    (tmp_path / "key.pem").write_text("x")
    (tmp_path / "certificate.pem").write_text("not a certificate")
    assert made_at(tmp_path, NAMES, NOW).startswith(b"-----BEGIN CERTIFICATE")
