"""Networks and machines outside of AWS: what an owner has in a data centre of his own.

No VPC knows such a network. A VPN connection joins it with a gateway of the local AWS. Its machines are no EC2 instances: they
have no metadata service, and their names, addresses and disks are the owner's.
"""
