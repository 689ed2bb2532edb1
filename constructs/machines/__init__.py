"""What every machine of a migration needs, on either side: a role for the tool, secrets, and the permission to read them."""

from machines.role import build_runs_table_arn, build_tool_statements, create_machine_role, grant_read_secrets
from machines.secret import build_secret_arn, create_secret

__all__ = [
    "build_runs_table_arn",
    "build_secret_arn",
    "build_tool_statements",
    "create_machine_role",
    "create_secret",
    "grant_read_secrets",
]
