"""AWS Application Migration Service (MGN), as its service model, its user guide and measured runs describe it."""

from common.clients.mgn.provider import Mgn
from common.clients.provider import Clients, Provider
from common.clock import Clock
from common.settings import ClientSettings

__all__ = ["Mgn", "create"]


def create(settings: ClientSettings, clock: Clock, clients: Clients) -> Provider:
    """Return the provider of `settings`. Its API is called with the rights of the function's role."""
    return Mgn(settings, clock, clients)
