"""Elastic Load Balancing v2: ministack's records made true by HAProxies, one in each subnet of a balancer."""
