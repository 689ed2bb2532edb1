"""What every machine of a migration needs, on either side: a role for the tool, secrets, and the permission to read them."""

from machines.role import allow_tool, grant_read_secrets, machine_role, runs_table_arn
from machines.secret import generated_secret, secret_resource

__all__ = ["allow_tool", "generated_secret", "grant_read_secrets", "machine_role", "runs_table_arn", "secret_resource"]
