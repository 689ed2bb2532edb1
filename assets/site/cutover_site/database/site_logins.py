"""Read the logins of a site's databases from Secrets Manager."""

from __future__ import annotations

from cutover_site.database.login import DatabaseLogin
from cutover_site.errors import NotConfigured
from cutover_site.machine import Machine


def read_source_reader_login(machine: Machine) -> DatabaseLogin:
    """Read the login of the replication user (SELECT only) on the source from its secret. Raises NotConfigured."""
    secret = machine.aws.read_secret(str(machine.get_fact("source_database_secret")))
    try:
        return DatabaseLogin(
            host=secret["host"],
            port=int(secret["port"]),
            user=secret["username"],
            password=secret["password"],
            verify=False,
        )
    except KeyError as error:
        raise NotConfigured(f"the secret of the source's database has no {error}") from error


def read_source_application_login(machine: Machine) -> DatabaseLogin:
    """Read the login of the application's user on the source from its secret. Raises NotConfigured."""
    database = machine.config.source_database
    if database is None:
        raise NotConfigured(
            f"{machine.layout.site_file} has no source_database", next_action="run the Ansible playbook"
        )
    secret = machine.aws.read_secret(database.secret)
    return DatabaseLogin(
        host=database.host, port=database.port, user=secret["username"], password=secret["password"], verify=False
    )


def read_target_application_login(machine: Machine) -> DatabaseLogin:
    """Read the login of the application's user on the target from its secret. Raises NotConfigured."""
    return _read_target_login(machine, "database_app_secret")


def read_target_admin_login(machine: Machine) -> DatabaseLogin:
    """Read the login of the administrator on the target from its secret. Raises NotConfigured."""
    return _read_target_login(machine, "database_admin_secret")


def _read_target_login(machine: Machine, secret_key: str) -> DatabaseLogin:
    secret = machine.aws.read_secret(str(machine.get_fact(secret_key)))
    return DatabaseLogin(
        host=str(machine.get_fact("database_endpoint")),
        port=int(machine.get_fact("database_port")),
        user=secret["username"],
        password=secret["password"],
        verify=True,
    )
