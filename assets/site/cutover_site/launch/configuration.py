"""What Gogs is configured with, from the site's parameters and secrets. Read each time; nothing is kept."""

from __future__ import annotations

from cutover_site.database.connections import source_application, target_application
from cutover_site.errors import NotConfigured
from cutover_site.files.efs import TargetMode
from cutover_site.gogs import home
from cutover_site.gogs.app_ini import Instance
from cutover_site.layout import SCHEMA, SCRATCH_SCHEMA
from cutover_site.machine import Machine

INHERITED = "app_ini"
"""key of the site's secret: what the source's app.ini holds besides our own settings. It may name passwords (mail, logins)"""
SCHEMAS: dict[TargetMode, str] = {"scratch": SCRATCH_SCHEMA, "live": SCHEMA}


def on_target(machine: Machine, mode: TargetMode, *, background: bool) -> Instance:
    """Gogs on the target's database, of which `mode` names the schema. Raises NotConfigured."""
    server = target_application(machine)
    secret = machine.site_secret()
    url = str(machine.target.get("site_url") or machine.config.site_url)
    return Instance(
        instance_id=machine.instance_id,
        site_url=_url(url),
        database_host=server.host,
        database_port=server.port,
        schema=SCHEMAS[mode],
        tls="true",
        user=server.user,
        password=server.password,
        secret_key=secret["SECRET_KEY"],
        background=background and mode == "live",
        mail=mode == "live",
        inherited=secret.get(INHERITED, ""),
        home=secret.get(home.SECRET, ""),
        ssh_domain=str(machine.target.get("ssh_dns_name") or machine.config.ssh_dns_name),
    )


def on_source(machine: Machine) -> Instance:
    """Gogs where it has always been."""
    server = source_application(machine)
    return Instance(
        instance_id="source",
        site_url=_url(machine.config.site_url),
        database_host=server.host,
        database_port=server.port,
        schema=SCHEMA,
        tls="preferred",
        user=server.user,
        password=server.password,
        secret_key=machine.site_secret(machine.config.site_secret)["SECRET_KEY"],
        background=True,
        mail=True,
        ssh_domain=machine.config.ssh_dns_name,
    )


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise NotConfigured(
            f"the site's URL is {text!r}", next_action="check site_url in the settings and deploy again"
        )
    return text.rstrip("/") + "/"
