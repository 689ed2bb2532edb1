"""Load balancers: one HAProxy each, in a namespace of its own. `Balancer` runs what `model` describes.

Knows nothing of the ELBv2 API: whoever answers that API computes the model and calls `Balancer.apply`.
"""

from rehearsal.aws.balancer.model import (
    FixedResponse,
    Forward,
    HealthCheck,
    Listener,
    Redirect,
    Rule,
    Target,
    TargetGroup,
)
from rehearsal.aws.balancer.process import Balancer, Health

__all__ = [
    "Balancer",
    "FixedResponse",
    "Forward",
    "Health",
    "HealthCheck",
    "Listener",
    "Redirect",
    "Rule",
    "Target",
    "TargetGroup",
]
