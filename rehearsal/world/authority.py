"""The rehearsal's certificate authority. Every machine's image trusts it, and nothing else does."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from rehearsal.world.cache import locked

_VALID = datetime.timedelta(days=3650)
_PEM = serialization.Encoding.PEM


class Authority:
    """Key and certificate lie in <cache>/authority, the key readable by root alone."""

    def __init__(self, cache: Path) -> None:
        folder = cache / "authority"
        with locked(cache, "authority"):
            if not (folder / "ca.crt").exists():
                _create(folder)
        self.certificate = (folder / "ca.crt").read_bytes()
        self._issuer = x509.load_pem_x509_certificate(self.certificate)
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    def issue(self, common_name: str, names: list[str]) -> tuple[bytes, bytes]:
        """(certificate followed by the CA's, private key), both PEM, for a TLS server with these DNS names."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in [common_name, *names]])
        certificate = (
            _builder(common_name, key.public_key(), self._issuer.subject)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(alternatives, critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(_PEM) + self.certificate, _pem(key)


def _create(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = "Cutover rehearsal CA"
    certificate = (
        _builder(name, key.public_key(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    handle = os.open(folder / "ca.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(_pem(key))
    (folder / "ca.crt").write_bytes(certificate.public_bytes(_PEM))


def _builder(name: str, key: ec.EllipticCurvePublicKey, issuer: x509.Name) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + _VALID)
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
