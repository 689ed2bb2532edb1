"""CloudEndure Migration, as its published clients and models describe it (/api/latest, and the calls of 2017)."""

from common.clients.cloudendure.credentials import build_login_body
from common.clients.cloudendure.provider import CloudEndure
from common.clients.cloudendure.session import ConsoleSession
from common.clients.cloudendure.settings import ConsoleSettings
from common.clients.provider import Clients, Provider
from common.clock import Clock
from common.settings import ClientSettings

__all__ = ["CloudEndure", "ConsoleSession", "create"]


def create(settings: ClientSettings, clock: Clock, clients: Clients) -> Provider:
    """Create the client of CloudEndure. It reads its secret at each login."""
    own = ConsoleSettings.parse(settings.provider.own)
    secrets = clients("secretsmanager")
    session = ConsoleSession(own.console_url, lambda: build_login_body(secrets, own.credentials_secret), clock=clock)
    return CloudEndure(session, own.project, consistency_age=settings.limits.consistency_age, clock=clock)
