"""What an operator watches: dashboards of a run and of the site, and the topic of the messages about a run."""

from watch.dashboard import RunDashboard
from watch.messages import MessageTopic
from watch.site_dashboard import SiteDashboard

__all__ = ["MessageTopic", "RunDashboard", "SiteDashboard"]
