"""The demo source: network, database server, application server and public names. It is one way to make a SourceSite."""

from demo_source.application_server import ApplicationServer
from demo_source.database_server import DatabaseServer
from demo_source.description import describe_source
from demo_source.network import DemoNetwork
from demo_source.secrets import DemoSecrets
from demo_source.site_name import SiteName

__all__ = [
    "ApplicationServer",
    "DatabaseServer",
    "DemoNetwork",
    "DemoSecrets",
    "SiteName",
    "describe_source",
]
