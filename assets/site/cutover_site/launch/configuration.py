"""Read what the application is configured with from the site's parameters and secrets. Every call reads them again."""

from __future__ import annotations

from cutover_site.database.site_logins import read_source_application_login, read_target_application_login
from cutover_site.errors import NotConfigured
from cutover_site.files.efs import TargetMode
from cutover_site.instance import SOURCE_ID, InstanceSettings
from cutover_site.machine import Machine


def describe_target(machine: Machine, mode: TargetMode, *, background: bool) -> InstanceSettings:
    """Return the settings of this target, for the target's database and the schemas of `mode`. Raises NotConfigured."""
    application = machine.layout.application
    database = application.database
    return InstanceSettings(
        instance_id=machine.instance_id,
        mode=mode,
        site_url=_normalize_url(str(machine.target.get("site_url") or machine.config.site_url)),
        database=read_target_application_login(machine),
        schemas={
            schema: database.get_scratch_schema(schema) if mode == "scratch" else schema for schema in database.schemas
        },
        secret=machine.read_site_secret(),
        dns_names={
            port.name: str(machine.target.get(f"{port.name}_dns_name") or machine.config.dns_names.get(port.name, ""))
            for port in application.tcp
        },
        is_background_allowed=background and mode == "live",
    )


def describe_source(machine: Machine) -> InstanceSettings:
    """Return the settings of the application on the source, with the source's database. Raises NotConfigured."""
    return InstanceSettings(
        instance_id=SOURCE_ID,
        mode="source",
        site_url=_normalize_url(machine.config.site_url),
        database=read_source_application_login(machine),
        schemas={schema: schema for schema in machine.layout.application.database.schemas},
        secret=machine.read_site_secret(machine.config.site_secret),
        dns_names=machine.config.dns_names,
        is_background_allowed=True,
    )


def _normalize_url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise NotConfigured(
            f"the site's URL is {text!r}", next_action="check site_url in the settings and deploy again"
        )
    return text.rstrip("/") + "/"
