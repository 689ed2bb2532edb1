"""Elastic Load Balancing v2: ministack's API made true by `rehearsal.aws.balancer`."""

from rehearsal.aws.elb.load_balancers import LoadBalancers

__all__ = ["LoadBalancers"]
