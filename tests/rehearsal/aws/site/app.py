"""A small site as a CDK app, for the tests of the local AWS. It uses only plain CDK, as a user's app does."""

from __future__ import annotations

from aws_cdk import App, CfnOutput, CfnResource, CustomResource, Duration, RemovalPolicy, Stack, Tags, custom_resources
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_rds as rds
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as route53_targets
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from constructs import Construct

UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
WEB = """#!/bin/sh
mkdir -p /srv/web && cd /srv/web
hostname >index.html
systemd-run --unit=web --working-directory=/srv/web python3 -m http.server 80
"""


class Old(Stack):
    """The source network: one machine with an Elastic IP."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr("10.10.0.0/16"),
            max_azs=1,
            nat_gateways=0,
            subnet_configuration=[ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC)],
            restrict_default_security_group=False,
        )
        self.group = ec2.SecurityGroup(self, "Group", vpc=self.vpc)
        self.group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(80))
        self.machine = create_machine(self, "Machine", self.vpc, self.group, ec2.SubnetType.PUBLIC, WEB, "10.10.0.20")
        address = ec2.CfnEIP(self, "Address", domain="vpc", instance_id=self.machine.instance_id)
        CfnOutput(self, "MachineId", value=self.machine.instance_id)
        CfnOutput(self, "PublicAddress", value=address.attr_public_ip)


class New(Stack):
    """The peered network: a machine behind NAT, an auto scaling group behind a load balancer, and a public name."""

    def __init__(self, scope: Construct, construct_id: str, *, old: Old, answer: str) -> None:
        super().__init__(scope, construct_id)
        vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr("10.0.0.0/16"),
            max_azs=2,
            nat_gateways=1,
            restrict_default_security_group=False,
        )
        peering = ec2.CfnVPCPeeringConnection(self, "Peering", vpc_id=vpc.vpc_id, peer_vpc_id=old.vpc.vpc_id)
        ways = [
            *((s, old.vpc.vpc_cidr_block) for s in vpc.private_subnets),
            *((s, vpc.vpc_cidr_block) for s in old.vpc.public_subnets),
        ]
        for number, (subnet, cidr) in enumerate(ways):
            ec2.CfnRoute(
                self,
                f"Way{number}",
                route_table_id=subnet.route_table.route_table_id,
                destination_cidr_block=cidr,
                vpc_peering_connection_id=peering.ref,
            )
        inside = ec2.SecurityGroup(self, "Inside", vpc=vpc)
        client = create_machine(self, "Client", vpc, inside, ec2.SubnetType.PRIVATE_WITH_EGRESS)
        name = self._create_site(vpc, answer)
        self._create_data(vpc, inside)
        attribute = create_custom_resource(self, answer)
        secret = secretsmanager.Secret(
            self,
            "Secret",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template='{"username": "somebody"}',
                generate_string_key="password",
                exclude_punctuation=True,
                password_length=20,
            ),
            removal_policy=RemovalPolicy.DESTROY,
        )
        ssm.StringParameter(self, "Parameter", parameter_name="/site/name", string_value=name)
        secret.grant_read(client.role)
        CfnOutput(self, "CustomAnswer", value=attribute)
        CfnOutput(self, "ClientId", value=client.instance_id)
        CfnOutput(self, "SecretArn", value=secret.secret_arn)

    def _create_data(self, vpc: ec2.Vpc, clients: ec2.SecurityGroup) -> None:
        """Create a database and a file system that only the client's security group can reach."""
        guarded = ec2.SecurityGroup(self, "Guarded", vpc=vpc, allow_all_outbound=False)
        for port in (3306, 2049):
            guarded.add_ingress_rule(clients, ec2.Port.tcp(port))
        engine = rds.DatabaseInstanceEngine.mysql(version=rds.MysqlEngineVersion.VER_8_0)
        database = rds.DatabaseInstance(
            self,
            "Database",
            engine=engine,
            vpc=vpc,
            multi_az=True,
            security_groups=[guarded],
            credentials=rds.Credentials.from_generated_secret("admin_user", exclude_characters="'\"\\\\@/$` "),
            parameter_group=rds.ParameterGroup(self, "Parameters", engine=engine, parameters={"max_connections": "77"}),
            removal_policy=RemovalPolicy.DESTROY,
        )
        files = efs.FileSystem(self, "Files", vpc=vpc, security_group=guarded, removal_policy=RemovalPolicy.DESTROY)
        assert database.secret is not None
        CfnOutput(self, "DatabaseSecret", value=database.secret.secret_arn)
        CfnOutput(self, "DatabaseName", value=database.db_instance_endpoint_address)
        CfnOutput(self, "FilesId", value=files.file_system_id)

    def _create_site(self, vpc: ec2.Vpc, answer: str) -> str:
        balancer = elb.ApplicationLoadBalancer(self, "Balancer", vpc=vpc, internet_facing=True)
        servers = ec2.SecurityGroup(self, "Servers", vpc=vpc)
        template = ec2.LaunchTemplate(
            self,
            "Template",
            instance_type=ec2.InstanceType("t3.small"),
            machine_image=ec2.MachineImage.from_ssm_parameter(UBUNTU),
            security_group=servers,
            user_data=ec2.UserData.custom(WEB),
            role=create_role(self, "ServerRole"),
            require_imdsv2=True,
        )
        group = autoscaling.AutoScalingGroup(
            self,
            "Group",
            vpc=vpc,
            min_capacity=2,
            max_capacity=4,
            launch_template=template,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            health_checks=autoscaling.HealthChecks.with_additional_checks(
                additional_types=[autoscaling.AdditionalHealthCheckType.ELB], grace_period=Duration.seconds(10)
            ),
        )
        listener = balancer.add_listener("Http", port=80)
        listener.add_targets(
            "Web",
            port=80,
            targets=[group],
            health_check=elb.HealthCheck(
                interval=Duration.seconds(5), timeout=Duration.seconds(2), healthy_threshold_count=2
            ),
        )
        listener.add_action(
            "Fixed",
            priority=10,
            conditions=[elb.ListenerCondition.path_patterns(["/fixed"])],
            action=elb.ListenerAction.fixed_response(418, content_type="text/plain", message_body=answer),
        )
        if self.node.try_get_context("nonsense"):
            resource = listener.node.default_child
            assert isinstance(resource, CfnResource)
            resource.add_property_override("Nonsense", 1)
        zone = route53.PublicHostedZone(self, "Zone", zone_name="site.example")
        target = route53.RecordTarget.from_alias(route53_targets.LoadBalancerTarget(balancer))
        route53.ARecord(self, "Name", zone=zone, record_name="www", target=target)
        CfnOutput(self, "BalancerName", value=balancer.load_balancer_dns_name)
        CfnOutput(self, "GroupName", value=group.auto_scaling_group_name)
        return "www.site.example"


def create_custom_resource(scope: Construct, answer: str) -> str:
    """Create a custom resource of a Python function, with the CDK's Provider framework, whose functions use Node.js."""
    code = (
        "def answer(event, _): return {'PhysicalResourceId': 'asked', 'Data': {'Answer':"
        " event['ResourceProperties']['Say'] + '!'}}"
    )
    function = lambda_.Function(
        scope,
        "Answer",
        runtime=lambda_.Runtime.PYTHON_3_12,
        handler="index.answer",
        code=lambda_.Code.from_inline(code),
    )
    provider = custom_resources.Provider(scope, "Provider", on_event_handler=function)
    asked = CustomResource(scope, "Asked", service_token=provider.service_token, properties={"Say": answer})
    return asked.get_att_string("Answer")


def create_role(scope: Construct, construct_id: str) -> iam.Role:
    managed = iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")
    return iam.Role(
        scope, construct_id, assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"), managed_policies=[managed]
    )


def create_machine(
    scope: Construct,
    name: str,
    vpc: ec2.IVpc,
    group: ec2.ISecurityGroup,
    subnets: ec2.SubnetType,
    script: str = "#!/bin/sh\n",
    address: str | None = None,
) -> ec2.Instance:
    instance = ec2.Instance(
        scope,
        name,
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=subnets),
        security_group=group,
        private_ip_address=address,
        instance_type=ec2.InstanceType("t3.small"),
        machine_image=ec2.MachineImage.resolve_ssm_parameter_at_launch(UBUNTU, os=ec2.OperatingSystemType.LINUX),
        role=create_role(scope, f"{name}Role"),
        user_data=ec2.UserData.custom(script),
        http_tokens=ec2.HttpTokens.REQUIRED,
        instance_metadata_tags=True,
    )
    found_at_launch = instance.instance.image_id
    image = ec2.CfnLaunchTemplate(
        scope,
        f"{name}Image",
        launch_template_data=ec2.CfnLaunchTemplate.LaunchTemplateDataProperty(image_id=found_at_launch),
    )
    instance.instance.image_id = None
    instance.instance.launch_template = ec2.CfnInstance.LaunchTemplateSpecificationProperty(
        launch_template_id=image.ref, version="1"
    )
    Tags.of(instance).add("cutover:role", name.lower())
    return instance


app = App()
old = Old(app, "Old")
New(app, "New", old=old, answer=app.node.try_get_context("answer") or "a teapot")
app.synth()
