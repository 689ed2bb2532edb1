"""A managed database service with the MySQL of the shape `managed`: its customer has an administrator's account, and no machine.

The account has the privileges that RDS documents for its master account; what needs more is done by procedures of the service, as on RDS.
The certificate is of an authority of its own, which no image trusts.
"""

from __future__ import annotations

from rehearsal.aws.rds import appliance
from rehearsal.errors import RehearsalError
from rehearsal.foreign_site import facts
from rehearsal.foreign_site.installation import Passwords, write_private
from rehearsal.job.survey import DATABASE
from rehearsal.on_premises.client import send_command
from rehearsal.settings import Settings
from rehearsal.world import database_image, enter
from rehearsal.world.authority import Authority

AUTHORITY_FILE = "/root/database-authority.crt"
CLIENT_FILE = "/run/database.cnf"
"""in memory: the owner keeps the administrator's password on no disk"""
_PRODUCT: database_image.Product = "mysql"
_SECONDS = 120.0
PROCEDURES = (
    "CREATE TABLE IF NOT EXISTS mysql.rds_configuration"
    " (name VARCHAR(100) PRIMARY KEY, value VARCHAR(100), description VARCHAR(300))",
    "REPLACE INTO mysql.rds_configuration VALUES ('binlog retention hours', NULL, 'kept for this many hours')",
    "DROP PROCEDURE IF EXISTS mysql.rds_show_configuration",
    "CREATE PROCEDURE mysql.rds_show_configuration() SELECT name, value, description FROM mysql.rds_configuration",
    "DROP PROCEDURE IF EXISTS mysql.rds_set_configuration",
    "CREATE PROCEDURE mysql.rds_set_configuration(IN wanted_name VARCHAR(100), IN wanted_value INT)"
    " UPDATE mysql.rds_configuration SET value = wanted_value WHERE name = wanted_name",
    "DROP PROCEDURE IF EXISTS mysql.rds_kill",
    "CREATE PROCEDURE mysql.rds_kill(IN thread BIGINT) KILL thread",
    "CREATE TABLE IF NOT EXISTS mysql.rds_heartbeat2 (id INT PRIMARY KEY, value BIGINT)",
)
"""those of Amazon RDS that a migration needs ("Using RDS for MySQL"). A new instance has no value for the retention"""


def launch(settings: Settings) -> None:
    """Boot the machine of the service. Raises RehearsalError, also in a world without MySQL."""
    found = database_image.read_choice(settings)
    if found is None or found.product != _PRODUCT:
        why = f": {found.why}" if found and found.why else ""
        raise RehearsalError(
            f"The shape managed needs MySQL, because the product refuses MariaDB as a managed service. This world has none{why}."
        )
    send_command(
        settings,
        "launch",
        network=facts.NETWORK,
        machine=facts.DATABASE_SERVER,
        ip=facts.DATABASE_IP,
        host_name=facts.DATABASE_SERVER,
        role=DATABASE,
        image="rds",
    )


def start(settings: Settings, passwords: Passwords) -> None:
    """Start the server with TLS and the customer's account. Raises RehearsalError."""
    appliance.install(
        settings.mounts / facts.DATABASE_SERVER,
        _PRODUCT,
        options=appliance.render_configuration(_PRODUCT, facts.DATABASE_PORT, {}),
        certificate=open_authority(settings).issue_certificate(facts.DATABASE_HOST, []),
    )
    # The unit of the image has failed by now, because there was no option file.
    unit = appliance.APPLIANCES[_PRODUCT].unit
    _run(settings, "sh", "-c", f"systemctl reset-failed {unit}; systemctl restart {unit}")
    account = appliance.render_statements(
        _PRODUCT, facts.DATABASE_ADMINISTRATOR, passwords.database_administrator, None
    )
    _run(settings, "mysql", text=account + "".join(f"{one};\n" for one in PROCEDURES))


def open_authority(settings: Settings) -> Authority:
    """Return the certificate authority of the service."""
    return Authority(settings.state / "database-service")


def read_authority(settings: Settings) -> str:
    """Return the certificate of that authority (PEM)."""
    return open_authority(settings).certificate.decode()


def give_access(settings: Settings, passwords: Passwords) -> None:
    """Put on the site's server what its owner got from the service: the authority, and a client's file for the administrator. Raises RehearsalError."""
    write_private(settings, AUTHORITY_FILE, read_authority(settings))
    options = {
        "host": facts.DATABASE_HOST,
        "port": str(facts.DATABASE_PORT),
        "user": facts.DATABASE_ADMINISTRATOR,
        "password": passwords.database_administrator,
        "ssl-ca": "/etc/ssl/certs/ca-certificates.crt",
        "ssl-verify-server-cert": "on",
    }
    lines = "".join(f"{name} = {value}\n" for name, value in options.items())
    write_private(settings, CLIENT_FILE, f"[client]\n{lines}")


def remove_access(settings: Settings) -> None:
    """Remove the client's file from the site's server, as docs/your-own-site.md asks. Raises RehearsalError."""
    done = enter.run(settings, facts.SERVER, ["rm", CLIENT_FILE], timeout=_SECONDS)
    if done.exit_code:
        raise RehearsalError(f"{CLIENT_FILE} could not be removed on {facts.SERVER}: {done.stderr.strip()}")


def make_closed_query(schema: str) -> str:
    """Return a statement whose result is 1 as long as the schema is read-only."""
    return (
        "SELECT COUNT(*) FROM information_schema.schemata_extensions"
        f" WHERE schema_name = '{schema}' AND options LIKE '%READ ONLY=1%'"
    )


def _run(settings: Settings, *words: str, text: str = "") -> None:
    done = enter.run(settings, facts.DATABASE_SERVER, words, input=text, timeout=_SECONDS)
    if done.exit_code:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise RehearsalError(f"the managed database on {facts.DATABASE_SERVER} is not ready: {last}")
