"""The managed database."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from compliance import acknowledge
from constructs import Construct
from destination import MYSQL
from machines import create_secret
from settings import Settings

from site_data.removal import choose_removal_policy


class TargetDatabase(Construct):
    """RDS MySQL, Multi-AZ, encrypted, reachable from the private network only.

    `cores`: of its server. `admin` has username, password, host and port. `application` is the user of the targets; it is created (for TLS only) with the schema.
    """

    PORT = MYSQL
    LARGEST_GIB = 65536
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html"""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        self.cores = settings.database.cores
        profile = settings.profile
        self.instance = self._create_instance(settings, vpc, security_group)
        admin = self.instance.secret
        assert admin is not None, "credentials were asked to be generated"
        self.admin: secretsmanager.ISecret = admin
        self.application = create_secret(
            self,
            "Application",
            description=f"Database user of {profile.title} at the target",
            fixed={"username": profile.database.user},
        )
        self._acknowledge_findings(profile.title)

    def _create_instance(
        self, settings: Settings, vpc: ec2.IVpc, security_group: ec2.ISecurityGroup
    ) -> rds.DatabaseInstance:
        """Create the server. Secrets Manager generates the credentials of its administrator."""
        version = settings.database.engine_version
        major = ".".join(version.split(".")[:2])
        engine = rds.DatabaseInstanceEngine.mysql(version=rds.MysqlEngineVersion.of(version, major))
        return rds.DatabaseInstance(
            self,
            "Instance",
            engine=engine,
            parameter_group=self._create_parameters(engine, settings.profile.title),
            instance_type=ec2.InstanceType(settings.database.instance_type),
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_groups=[security_group],
            credentials=rds.Credentials.from_generated_secret(
                "cutover_admin", exclude_characters=" %+~`#$&*()|[]{}:;<>?!'/@\"\\,=^-"
            ),
            port=self.PORT,
            multi_az=True,
            publicly_accessible=False,
            allocated_storage=settings.database.storage_gib,
            max_allocated_storage=min(settings.database.storage_gib * 5, self.LARGEST_GIB),
            storage_type=rds.StorageType.GP3,
            storage_encrypted=True,
            backup_retention=Duration.days(settings.database.backup_days),
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=True,
            cloudwatch_logs_exports=["error"],
            deletion_protection=False,
            removal_policy=choose_removal_policy(settings),
        )

    def _create_parameters(self, engine: rds.IInstanceEngine, application: str) -> rds.ParameterGroup:
        """Create the parameters of the server. `application`: title of the application."""
        return rds.ParameterGroup(
            self,
            "Parameters",
            engine=engine,
            description=f"Cutover: as {application} and replication need it",
            parameters={
                "character_set_server": "utf8mb4",
                "collation_server": "utf8mb4_unicode_ci",
                # DMS loads tables with LOAD DATA LOCAL, which MySQL 8 refuses by default.
                "local_infile": "1",
                "max_allowed_packet": str(64 * 1024 * 1024),
                "time_zone": "UTC",
            },
        )

    def _acknowledge_findings(self, application: str) -> None:
        acknowledge(
            self.instance,
            "AwsSolutions-RDS10",
            "The deletion policy keeps the instance; protection as well would make a failed first deploy unremovable.",
        )
        acknowledge(
            self.instance,
            "AwsSolutions-RDS11",
            f"The port that {application} has always used; security groups admit four known callers, a changed port hides nothing.",
        )
        acknowledge(
            self.instance,
            "AwsSolutions-SMG4",
            "Used by DMS for the days of a migration, whose endpoint would stop at a rotation; rotate after it.",
        )
