"""What an operator watches during a run."""

from watch.dashboard import RunDashboard

__all__ = ["RunDashboard"]
