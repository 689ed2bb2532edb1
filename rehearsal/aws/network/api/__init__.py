"""Handle the actions of EC2 about addresses, NAT gateways and the rules of security groups."""
