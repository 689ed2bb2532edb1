"""Describe how a source server gets its permissions."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_iam as iam


@dataclass(frozen=True, kw_only=True)
class OwnedRole:
    """A role that the source's own stack creates. It may already read what it needs of the source.

    The later stacks grant it only read access to the secrets that they create.
    """

    role: iam.IRole


@dataclass(frozen=True, kw_only=True)
class NamedRole:
    """A role that exists already, by its name: of a hybrid activation, or of an instance profile.

    It makes the server a managed node and grants nothing else yet. ReplicationStack grants what the tool needs.
    """

    role_name: str


Permissions = OwnedRole | NamedRole
