"""Graphs of the dashboards."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

MINUTE = Duration.minutes(1)


def create_graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    """Return a graph of a third of the page's width."""
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8, height=6)


def create_legend(text: str) -> cloudwatch.TextWidget:
    """Return a line of Markdown over the whole width."""
    return cloudwatch.TextWidget(markdown=text, width=24, height=2)
