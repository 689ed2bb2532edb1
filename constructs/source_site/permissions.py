"""How a source server gets its permissions."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_iam as iam


@dataclass(frozen=True, kw_only=True)
class OwnedRole:
    """A role that the source's own stack makes. It may already read what it needs of the source.

    The later stacks add only the right to read the secrets that they make.
    """

    role: iam.IRole


@dataclass(frozen=True, kw_only=True)
class NamedRole:
    """A role that exists, by its name: the service role of a hybrid activation, or the role of an instance's profile.

    It makes the server a managed node and may do nothing else yet. ReplicationStack grants what the tool needs.
    """

    role_name: str


Permissions = OwnedRole | NamedRole
