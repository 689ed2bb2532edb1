"""What an operator watches: a run, and the site."""

from watch.dashboard import RunDashboard
from watch.site_dashboard import SiteDashboard

__all__ = ["RunDashboard", "SiteDashboard"]
