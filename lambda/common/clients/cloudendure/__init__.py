"""CloudEndure Migration, as its published clients and models describe it (/api/latest, and the calls of 2017)."""

from common.clients.cloudendure.provider import CloudEndure
from common.clients.cloudendure.session import ConsoleSession

__all__ = ["CloudEndure", "ConsoleSession"]
