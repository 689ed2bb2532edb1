"""Grant the tool's permissions on source servers whose role another stack or a person created."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct
from machines import build_runs_table_arn, build_secret_arn, build_tool_statements, grant_read_secrets
from source_site import NamedRole, OwnedRole, Permissions, SourceSite


class SourceRights(Construct):
    """The permissions of the source's servers. `application_role`: the role of its application server.

    The stack that creates an OwnedRole has granted what the server needs of the source. A NamedRole gets it here: parameters,
    run record, the source's secrets, the administrator's of a managed database. The application server may also write the site's secret and end a freeze in the run record.
    """

    def __init__(self, scope: Construct, construct_id: str, *, site: str, source: SourceSite) -> None:
        super().__init__(scope, construct_id)
        secrets = source.secrets
        self.application_role = self._import_role("Application", source.application.permissions)
        database_role = self._import_role("Database", source.database.permissions)
        if isinstance(source.application.permissions, NamedRole):
            managed = source.managed_database
            reads = [*secrets.all, *([managed.administrator] if managed else [])]
            self._grant("Application", site, self.application_role, reads, writes=secrets.site)
        # On one server, or with one role for both, the application server's permissions include the database server's.
        if (
            isinstance(source.database.permissions, NamedRole)
            and source.database.permissions != source.application.permissions
        ):
            self._grant("Database", site, database_role, [secrets.application, secrets.replication])

    def _import_role(self, server: str, permissions: Permissions) -> iam.IRole:
        match permissions:
            case OwnedRole(role=role):
                return role
            case NamedRole(role_name=name):
                return iam.Role.from_role_name(self, f"{server}Role", name)
            case _:
                assert_never(permissions)

    def _grant(
        self,
        server: str,
        site: str,
        role: iam.IRole,
        secrets: Sequence[secretsmanager.ISecret],
        *,
        writes: secretsmanager.ISecret | None = None,
    ) -> None:
        grant_read_secrets(self, f"{server}Reads", role, secrets)
        policy = iam.Policy(self, f"{server}Tool", roles=[role])
        policy.add_statements(*build_tool_statements(policy, site))
        if writes is not None:
            policy.add_statements(
                iam.PolicyStatement(
                    actions=["dynamodb:UpdateItem"], resources=[build_runs_table_arn(Stack.of(self), site)]
                ),
                iam.PolicyStatement(actions=["secretsmanager:PutSecretValue"], resources=[build_secret_arn(writes)]),
            )
