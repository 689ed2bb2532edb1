"""Define the security groups of the site that stays. None of them is open to the internet."""

from __future__ import annotations

from applications.profile import Profile
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

MYSQL = 3306
NFS = 2049


class SiteAccess(Construct):
    """Security groups of the site's servers, balancers, database and files, and the rules between them.

    `admission` has no ingress: the procedure allows the acceptance client, and everyone after the commit.
    """

    def __init__(self, scope: Construct, construct_id: str, *, profile: Profile, vpc: ec2.IVpc) -> None:
        super().__init__(scope, construct_id)
        self._vpc = vpc
        self.targets = self._create_group("Targets", "Servers of the site, from their balancers")
        self.admission = self._create_group(
            "Admission", "Balancers of the site; the procedure adds and removes its rules", outbound=False
        )
        for port in profile.public_ports:
            self.admission.add_egress_rule(self.targets, ec2.Port.tcp(port.number), port.description)
            self.targets.add_ingress_rule(self.admission, ec2.Port.tcp(port.number), port.description)
        self.database = self._create_group("Database", "RDS MySQL", outbound=False)
        self.files = self._create_group("Files", "EFS", outbound=False)
        self.database.add_ingress_rule(self.targets, ec2.Port.tcp(MYSQL), "The site")
        self.files.add_ingress_rule(self.targets, ec2.Port.tcp(NFS), "The site")

    def _create_group(self, construct_id: str, description: str, *, outbound: bool = True) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self, construct_id, vpc=self._vpc, description=description, allow_all_outbound=outbound
        )
