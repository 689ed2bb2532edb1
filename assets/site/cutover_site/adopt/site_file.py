"""The content of site.json: what the operator states about the machine, and what was found on it."""

from __future__ import annotations

from dataclasses import dataclass

from applications.profile import Profile

from cutover_site.adopt.proposal import Proposal
from cutover_site.config import Administrator


@dataclass(frozen=True)
class Identity:
    """What the operator states about this machine. `site_secret`, `application_secret`: names of secrets, empty when not known yet.

    `hardware`: what distinguishes a machine without EC2's metadata from a copy of its disk; empty for an EC2 instance.
    """

    site: str
    region: str
    node_id: str
    roles: tuple[str, ...]
    site_secret: str = ""
    application_secret: str = ""
    hardware: str = ""
    administrator: Administrator | None = None
    """of a managed database, which this machine administers; None: a server has the database"""


def describe_site(profile: Profile, identity: Identity, proposal: Proposal | None) -> dict[str, object]:
    """Return the content of site.json."""
    facts: dict[str, object] = {
        "site": identity.site,
        "application": profile.name,
        "region": identity.region,
        "node_id": identity.node_id,
        "roles": list(identity.roles),
        "role": identity.roles[0],
    }
    if proposal is None:
        return facts
    database = proposal.database
    names = {f"{name}_dns_name": text for name, text in proposal.dns_names.items()}
    return {
        **facts,
        "site_url": proposal.site_url,
        **names,
        "site_secret": identity.site_secret,
        "source_database": {
            "host": database.host or "localhost",
            "port": database.port or 3306,
            "secret": identity.application_secret,
            **_describe_administrator(identity),
        },
        "installation": proposal.installation.to_facts(),
    }


def _describe_administrator(identity: Identity) -> dict[str, object]:
    found = identity.administrator
    return {"administrator": {"secret": found.secret, "tls": found.tls}} if found else {}
