"""Describe a source's database that is a managed service, without a server that Systems Manager manages."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_secretsmanager as secretsmanager


@dataclass(frozen=True, kw_only=True)
class ManagedDatabase:
    """The address of the service, and how it is administered from the application server.

    `host`: DNS name or address. `administrator`: user name and password of its administrator. `certificate_authority`: certificates (PEM)
    by which AWS DMS checks the server.
    """

    host: str
    port: int
    administrator: secretsmanager.ISecret
    certificate_authority: str
