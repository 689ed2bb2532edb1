"""What an operator looks at while a run goes on."""

from watch.dashboard import RunDashboard

__all__ = ["RunDashboard"]
