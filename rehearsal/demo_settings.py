"""The migration.toml of a rehearsal: the same file that a user writes, about the rehearsal's own site."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined

from rehearsal.settings import REGION, Settings

SITE = "gogs"
ZONE = "cutover.example"
DNS_NAME = f"git.{ZONE}"
SSH_DNS_NAME = f"ssh.{ZONE}"
CREDENTIALS_SECRET = "cutover/console"
TOKEN_SECRET = "cutover/agent-token"
GOGS_ARCHIVE = "gogs_0.14.3_linux_amd64.tar.gz"
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

[provider]
kind = "cloudendure"
console_url = "{{ console_url }}"
project = "{{ project }}"
source_server_name = "{{ site }}"
credentials_secret = "{{ credentials_secret }}"
installation_token_secret = "{{ token_secret }}"

[gogs]
version = "0.14.3"
archive_url = "{{ downloads }}/{{ gogs_archive }}"
archive_sha256 = "{{ gogs_sha256 }}"

[source]
app_volume_gib = 8
database_volume_gib = 8

[source.discovery_agent]
archive_url = "{{ downloads }}/{{ discovery_agent }}"

[database]
on_delete = "delete"
"""


def migration_toml(settings: Settings, *, project: str, gogs_sha256: str) -> str:
    """Return the text of the file. The archives that it names are served from <home>/downloads."""
    return (
        Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
        .from_string(TEMPLATE)
        .render(
            region=REGION,
            site=SITE,
            dns_name=DNS_NAME,
            ssh_dns_name=SSH_DNS_NAME,
            zone=ZONE,
            console_url=settings.console_url,
            project=project,
            credentials_secret=CREDENTIALS_SECRET,
            token_secret=TOKEN_SECRET,
            downloads=f"{settings.mirror_url}/downloads",
            gogs_archive=GOGS_ARCHIVE,
            gogs_sha256=gogs_sha256,
            discovery_agent=DISCOVERY_AGENT,
        )
    )
