"""The site as it will run: balancers in front, servers over two zones."""

from target_site.balancers import Balancers
from target_site.image import ServersImage
from target_site.servers import Servers
from target_site.target_facts import TargetFacts

__all__ = ["Balancers", "Servers", "ServersImage", "TargetFacts"]
