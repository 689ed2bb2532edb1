"""What an operator watches: a run, and the site. And the topic that sends people messages about a run."""

from watch.dashboard import RunDashboard
from watch.messages import MessageTopic
from watch.site_dashboard import SiteDashboard

__all__ = ["MessageTopic", "RunDashboard", "SiteDashboard"]
