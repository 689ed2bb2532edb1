"""Auto scaling groups: `model` what they are, `keeper` keeps their number, `api` and `resource` speak for them."""

from rehearsal.aws.scaling.api import AutoScaling
from rehearsal.aws.scaling.keeper import Keeper

__all__ = ["AutoScaling", "Keeper"]
