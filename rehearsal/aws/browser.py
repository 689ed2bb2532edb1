"""The site for a browser on the host: 127.0.0.1:B+3 leads to whatever the site's public name means for the world's client, at each connection.

Who signs in there is not remembered: the application's cookies are for the site's own name.
"""

from __future__ import annotations

from rehearsal.aws.cloud import Cloud
from rehearsal.settings import DNS_NAME
from rehearsal.world import CLIENT

HTTP = 80


def expose(cloud: Cloud) -> None:
    """Serve the site for a browser. Connections are refused while the name does not resolve. Raises RehearsalError when the port is in use."""

    def find_site() -> tuple[str, int] | None:
        answers = cloud.names.resolve(DNS_NAME, "A", CLIENT) or []
        addresses = [address for answer in answers if answer.kind == "A" for address in answer.values]
        return (addresses[0], HTTP) if addresses else None

    cloud.world.expose(cloud.settings.site_port, CLIENT, find_site)
