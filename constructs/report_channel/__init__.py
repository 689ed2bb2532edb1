"""The channel on which a launched replica reports whether it passed."""

from report_channel.report_channel import ReportChannel

__all__ = ["ReportChannel"]
