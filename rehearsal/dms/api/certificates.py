"""Keep certificates of authorities, by which endpoints with the SSL modes verify-ca and verify-full check their servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.dms.api.listing import Filters, list_page
from rehearsal.dms.api.tags import put
from rehearsal.dms.exceptions import already_exists, invalid_certificate, wrong_state
from rehearsal.dms.models import Certificate, State, format_arn, make_resource_id, normalize_identifier
from rehearsal.dms.ports import Actions
from rehearsal.dms.responses import format_certificate

_SIZED_KEYS = (rsa.RSAPublicKey, dsa.DSAPublicKey, ec.EllipticCurvePublicKey)


class Certificates:
    """The certificates, and the actions on them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.actions: Actions = {
            "ImportCertificate": self.create,
            "DeleteCertificate": self.delete,
            "DescribeCertificates": self.describe,
        }

    def create(
        self,
        certificate_identifier: str,
        certificate_pem: str | None = None,
        certificate_wallet: bytes | None = None,
        tags: Sequence[Mapping[str, str]] = (),
    ) -> dict[str, Any]:
        """Import certificates in PEM: one, or a bundle."""
        if certificate_wallet is not None:
            raise NotEmulated("a wallet of Oracle")
        name = normalize_identifier(certificate_identifier, "CertificateIdentifier")
        values = _read_first(certificate_pem or "")
        with self._state.lock:
            if any(one.id == name for one in self._state.certificates.values()):
                raise already_exists("Certificate", name)
            made = Certificate(format_arn("cert", make_resource_id()), name, certificate_pem or "", values)
            self._state.certificates[made.arn] = made
            put(self._state, made.arn, tags)
            return {"Certificate": format_certificate(made)}

    def delete(self, certificate_arn: str) -> dict[str, Any]:
        """Delete a certificate that no endpoint uses."""
        with self._state.lock:
            found = self._state.get_certificate(certificate_arn)
            if any(found is endpoint.certificate for endpoint in self._state.endpoints.values()):
                raise wrong_state(f"Certificate {found.arn} is in use by one or more endpoints.")
            del self._state.certificates[found.arn]
            self._state.tags.pop(found.arn, None)
            return {"Certificate": format_certificate(found)}

    def describe(
        self, filters: Filters = None, max_records: int | None = None, marker: str | None = None
    ) -> dict[str, Any]:
        """Return the certificates that match."""
        with self._state.lock:
            return list_page(
                self._state.certificates.values(),
                filters,
                {"certificate-arn": lambda one: one.arn, "certificate-id": lambda one: one.id},
                format_certificate,
                key="Certificates",
                what="Certificates",
                marker=marker,
                size=max_records,
            )


def _read_first(pem: str) -> dict[str, Any]:
    """Return what DMS shows of the first certificate. Raises InvalidCertificateFault unless every one can be read."""
    try:
        first = x509.load_pem_x509_certificates(pem.encode())[0]
    except ValueError:
        raise invalid_certificate() from None
    key = first.public_key()
    algorithm = first.signature_hash_algorithm
    return {
        "ValidFromDate": first.not_valid_before_utc,
        "ValidToDate": first.not_valid_after_utc,
        "SigningAlgorithm": algorithm.name.upper() if algorithm else "",
        "KeyLength": key.key_size if isinstance(key, _SIZED_KEYS) else 0,
    }
