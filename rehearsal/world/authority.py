"""The rehearsal's certificate authority. Every machine's image trusts it, and nothing else does."""

from __future__ import annotations

import os
from pathlib import Path

import trustme

from rehearsal.world.cache import locked


class Authority:
    """Key and certificate lie in <cache>/authority, the key readable by root alone."""

    def __init__(self, cache: Path) -> None:
        folder = cache / "authority"
        with locked(cache, "authority"):
            if not (folder / "ca.crt").exists():
                _create(folder)
        self._authority = trustme.CA.from_pem((folder / "ca.crt").read_bytes(), (folder / "ca.key").read_bytes())

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate, PEM."""
        return self._authority.cert_pem.bytes()

    def issue_certificate(self, common_name: str, names: list[str]) -> tuple[bytes, bytes]:
        """Return (certificate followed by the CA's, private key), both PEM, for a TLS server with these DNS names."""
        # A common name holds 64 characters (RFC 5280, ub-common-name); what counts is the list of names.
        issued = self._authority.issue_cert(common_name, *names, common_name=common_name[:64])
        return issued.cert_chain_pems[0].bytes() + self.certificate, issued.private_key_pem.bytes()


def _create(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    made = trustme.CA(path_length=0, organization_name="Cutover", organization_unit_name="Cutover rehearsal CA")
    handle = os.open(folder / "ca.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(made.private_key_pem.bytes())
    (folder / "ca.crt").write_bytes(made.cert_pem.bytes())
