"""The Price List API, with a small price list of the rehearsal's own: what the demo site uses in its one region."""

from rehearsal.aws.cloud import Cloud
from rehearsal.aws.pricing.api import PricingApi

__all__ = ["install"]


def install(cloud: Cloud) -> None:
    """Register the Price List API."""
    PricingApi(cloud.registry)
