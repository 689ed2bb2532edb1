"""Allow and revoke target traffic: ingress rules of the load balancers' security group, each with a description that names its run.

The stack gives the group no ingress. Until the commit only the acceptance client is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import RetryableServiceError, StepFailed

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import IpPermissionTypeDef

EVERYONE = ("0.0.0.0/0", "::/0")
NOBODY = "192.0.2.1/32"
"""TEST-NET-1 (RFC 5737): no packet comes from there, so a rule for it tests the permission and allows nobody"""


class TargetIngress:
    """The ingress rules of one security group."""

    def __init__(self, ec2: EC2Client, security_group_id: str) -> None:
        self._ec2, self._group = ec2, security_group_id

    def allow(self, cidrs: Iterable[str], ports: Iterable[int], *, note: str) -> None:
        """Allow traffic from these addresses to these ports. Harmless to repeat."""
        for port in ports:
            for cidr in cidrs:
                self._change_rule(
                    "InvalidPermission.Duplicate",
                    "ec2:AuthorizeSecurityGroupIngress",
                    _build_permission(cidr, port, note),
                    grant=True,
                )

    def revoke(self, cidrs: Iterable[str], ports: Iterable[int]) -> None:
        """Revoke these rules. Harmless when they do not exist."""
        for port in ports:
            for cidr in cidrs:
                self._change_rule(
                    "InvalidPermission.NotFound",
                    "ec2:RevokeSecurityGroupIngress",
                    _build_permission(cidr, port, ""),
                    grant=False,
                )

    def revoke_all(self) -> int:
        """Revoke every rule of the group. Return how many there were.

        EC2 refuses the whole request if one rule of it does not exist (any more), and a description may be older than the last change. The rules
        are then revoked one by one, in the order of the description. RetryableServiceError: EC2 still shows rules after that.
        """
        permissions = self._list_permissions()
        if not permissions or self._revoke(permissions):
            return len(permissions)
        for permission in permissions:
            for single in _split(permission):
                self._revoke([single])
        if self._list_permissions():
            raise RetryableServiceError(f"security group {self._group} still has ingress rules after their removal")
        return len(permissions)

    def _list_permissions(self) -> list[IpPermissionTypeDef]:
        with translate_aws_errors("ec2:DescribeSecurityGroups"):
            groups = self._ec2.describe_security_groups(GroupIds=[self._group])["SecurityGroups"]
        permissions: Any = groups[0].get("IpPermissions", []) if groups else []  # the same members as in a request
        return list(permissions)

    def _revoke(self, permissions: list[IpPermissionTypeDef]) -> bool:
        """Revoke these rules in one request. Return False when EC2 has refused it because one of them does not exist."""
        try:
            with translate_aws_errors("ec2:RevokeSecurityGroupIngress"):
                self._ec2.revoke_security_group_ingress(GroupId=self._group, IpPermissions=permissions)
        except StepFailed as failed:
            cause = failed.__cause__
            if isinstance(cause, ClientError) and get_error_code(cause) == "InvalidPermission.NotFound":
                return False
            raise
        return True

    def probe(self, port: int) -> None:
        """Check that rules can be added and removed, with a rule that allows nobody."""
        self.allow([NOBODY], [port], note="permission check")
        self.revoke([NOBODY], [port])

    def _change_rule(self, harmless: str, action: str, permission: IpPermissionTypeDef, *, grant: bool) -> None:
        """Add or revoke a rule. `harmless`: the code of the error that shows that this was done before."""
        call = self._ec2.authorize_security_group_ingress if grant else self._ec2.revoke_security_group_ingress
        try:
            with translate_aws_errors(action):
                call(GroupId=self._group, IpPermissions=[permission])
        except StepFailed as failed:
            if not (isinstance(failed.__cause__, ClientError) and get_error_code(failed.__cause__) == harmless):
                raise


SOURCES = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
"""members of a permission, each a list: EC2 describes all sources of one port together"""


def _split(permission: IpPermissionTypeDef) -> Iterator[IpPermissionTypeDef]:
    """Yield one permission for each source."""
    common = {key: value for key, value in permission.items() if key not in SOURCES}
    for member in SOURCES:
        sources: Any = permission.get(member, [])
        for source in sources:
            single: Any = {**common, member: [source]}
            yield single


def _build_permission(cidr: str, port: int, note: str) -> IpPermissionTypeDef:
    permission: IpPermissionTypeDef = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    if ":" in cidr:
        permission["Ipv6Ranges"] = [{"CidrIpv6": cidr, **({"Description": note} if note else {})}]
    else:
        permission["IpRanges"] = [{"CidrIp": cidr, **({"Description": note} if note else {})}]
    return permission
