"""The names and addresses that every existing site of the rehearsal has. `shapes.py` has what differs."""

from __future__ import annotations

from rehearsal.settings import DNS_NAME

NETWORK, NETWORK_CIDR, ROUTER_IP = "data-centre", "192.168.7.0/24", "192.0.2.1"
SERVER, SERVER_IP, SERVER_PUBLIC_IP = "forge", "192.168.7.20", "192.0.2.20"
HOST_NAME = "forge.corp.example"
DATABASE_SERVER, DATABASE_IP, DATABASE_PORT = "forge-database", "192.168.7.30", 3306
"""where the database is a managed service. No Systems Manager knows this machine"""
DESTINATION_CIDR = "10.0.0.0/16"
DNS = DNS_NAME
ZONE = DNS.partition(".")[2]
SSH_DNS = f"ssh.{ZONE}"
DATABASE_HOST = f"forge-database.{ZONE}"
"""a public name of a private address, as RDS has for an instance"""
HTTP_PORT, HTTPS_PORT = 80, 443
ADMINISTRATOR = "owner"
DATABASE_ADMINISTRATOR = "dbadmin"
