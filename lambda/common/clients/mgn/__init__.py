"""AWS Application Migration Service (MGN), as its service model, its user guide and measured runs describe it."""

from common.clients.mgn.provider import Mgn
from common.clients.mgn.servers import Servers
from common.clients.mgn.service import Service
from common.clients.mgn.staging import Staging
from common.clients.provider import Clients, Provider
from common.clients.resources import Finding, Resources
from common.clock import Clock
from common.settings import ClientSettings

__all__ = ["Mgn", "create", "list_source_servers", "list_staging"]


def create(settings: ClientSettings, clock: Clock, clients: Clients) -> Provider:
    """Return the provider of `settings`. Its API is called with the rights of the function's role."""
    return Mgn(settings, clock, clients)


def list_source_servers(clients: Clients, clock: Clock) -> list[str]:
    """Return the plainest name of each replicated source server, sorted."""
    return Servers(Service(clients("mgn"), clock)).list_replicated_names()


def list_staging(clients: Clients, clock: Clock, source_server_name: str) -> list[Finding]:
    """Return what MGN keeps in EC2 for the source servers of this name."""
    servers, resources = Servers(Service(clients("mgn"), clock)), Resources(clients("ec2"))
    return Staging(servers, resources, clock, source_server_name=source_server_name).list_findings()
