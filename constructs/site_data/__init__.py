"""What holds the site's data: database, files, secrets, the record of who serves, and the facts that its servers read."""

from site_data.database import TargetDatabase
from site_data.files import SharedFiles
from site_data.run_record import RunRecord
from site_data.secret import SiteSecret
from site_data.site_facts import SiteFacts

__all__ = ["RunRecord", "SharedFiles", "SiteFacts", "SiteSecret", "TargetDatabase"]
