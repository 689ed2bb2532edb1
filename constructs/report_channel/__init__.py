"""How a launched replica says whether it passed."""

from report_channel.report_channel import ReportChannel

__all__ = ["ReportChannel"]
