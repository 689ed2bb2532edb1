"""The migration.toml that the owner of the site writes."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined

from rehearsal import providers
from rehearsal.application import NAME
from rehearsal.foreign_site import account, facts, shapes
from rehearsal.settings import REGION, Settings

TEMPLATE = """\
# Written by `make rehearse SOURCE=existing`.
cutover_id = "rehearsal"

[aws]
region = "{{ region }}"

[site]
name = "{{ site }}"
dns_name = "{{ facts.DNS }}"
ssh_dns_name = "{{ facts.SSH_DNS }}"
ssh_port = {{ shape.ssh_port }}
{% if shape.path -%}
path = "{{ shape.path }}"
{% endif -%}
certificate_arn = "{{ certificate_arn }}"

[site.hosted_zone]
name = "{{ facts.DNS.partition('.')[2] }}"
id = "{{ zone_id }}"

{{ provider }}
[source]
kind = "existing"

[source.application]
node_id = "{{ node_id }}"
role_name = "{{ role }}"
address = "{{ facts.SERVER_IP }}"

[source.database]
{% if shape.is_managed -%}
kind = "managed"
engine = "mysql"
host = "{{ facts.DATABASE_HOST }}"
port = {{ facts.DATABASE_PORT }}
administrator_secret = "{{ administrator_secret }}"
certificate_authority = '''
{{ authority }}'''
{% endif -%}
schema = "{{ shape.schema }}"

[source.network]
kind = "routed"
cidrs = ["{{ facts.NETWORK_CIDR }}"]
gateway_id = "{{ gateway_id }}"

[source.secrets]
{% for kind, name in secrets.items() -%}
{{ kind }} = "{{ name }}"
{% endfor %}
[database]
on_delete = "delete"
"""


def render_migration_toml(
    settings: Settings, *, node_id: str, gateway_id: str, zone_id: str, certificate_arn: str, authority: str = ""
) -> str:
    """Return the text of the file: one server that is no EC2 instance, in a routed network, with its database on it or at a managed service.

    `authority`: of the certificate of a managed database (PEM).
    """
    return (
        Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
        .from_string(TEMPLATE)
        .render(
            region=REGION,
            site=NAME,
            facts=facts,
            shape=shapes.load(settings),
            zone_id=zone_id,
            certificate_arn=certificate_arn,
            node_id=node_id,
            gateway_id=gateway_id,
            role=account.ROLE,
            secrets=account.SECRETS,
            administrator_secret=account.ADMINISTRATOR_SECRET,
            authority=authority,
            provider=providers.load(settings).format_table(settings, facts.SERVER),
        )
    )
