"""The migration.toml of a rehearsal: the same file that a user writes, about the rehearsal's own site."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined

from rehearsal import providers
from rehearsal.application import NAME
from rehearsal.settings import DNS_NAME, REGION, Settings

SITE = NAME
ZONE = DNS_NAME.partition(".")[2]
SSH_DNS_NAME = f"ssh.{ZONE}"
DISCOVERY_AGENT = "aws-discovery-agent.tar.gz"

TEMPLATE = """\
# Written by `python -m rehearsal up`; every world has its own.
cutover_id = "rehearsal"

[aws]
region = "{{ region }}"

[site]
name = "{{ site }}"
dns_name = "{{ dns_name }}"
ssh_dns_name = "{{ ssh_dns_name }}"

[site.hosted_zone]
name = "{{ zone }}"

{{ provider }}
{{ release }}
[source]
app_volume_gib = 8
database_volume_gib = 8

[source.discovery_agent]
archive_url = "{{ downloads }}/{{ discovery_agent }}"

[database]
on_delete = "delete"
"""


def render_migration_toml(settings: Settings, *, release: str) -> str:
    """Return the text of the file. `release`: the table of the application's release. The archives that it names are served from <home>/downloads."""
    return (
        Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
        .from_string(TEMPLATE)
        .render(
            region=REGION,
            site=SITE,
            dns_name=DNS_NAME,
            ssh_dns_name=SSH_DNS_NAME,
            zone=ZONE,
            provider=providers.load(settings).format_table(settings, SITE),
            downloads=f"{settings.mirror_url}/downloads",
            release=release,
            discovery_agent=DISCOVERY_AGENT,
        )
    )
