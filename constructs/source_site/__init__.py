"""The mock source: a network of its own, a database server, an application server, the site's public name."""

from source_site.application_server import ApplicationServer
from source_site.database_server import DatabaseServer
from source_site.machine_role import machine_role, may_read
from source_site.network import SourceNetwork
from source_site.secrets import SourceSecrets
from source_site.site_name import SiteName
from source_site.source_site import SourceSite

__all__ = [
    "ApplicationServer",
    "DatabaseServer",
    "SiteName",
    "SourceNetwork",
    "SourceSecrets",
    "SourceSite",
    "machine_role",
    "may_read",
]
