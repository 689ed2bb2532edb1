"""What the site's servers need to know: SSM parameters `/cutover/<site>/site`, `/cutover/<site>/mode` and `/cutover/<site>/image`."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from common.site_parameters import (
    NO_IMAGE,
    ROOT_DEVICE,
    SCRATCH,
    Parameter,
    SiteParameter,
    TcpPort,
    build_parameter_path,
)
from constructs import Construct
from settings.site import Site

from site_data.database import TargetDatabase
from site_data.files import SharedFiles


class SiteFacts(Construct):
    """The parameters `site`, `mode` and `image`. They name nothing of the source and nothing of the migration.

    The procedure changes `mode`, the test launch changes `image`; CloudFormation writes their first values.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: Site,
        tcp: tuple[TcpPort, ...],
        database: TargetDatabase,
        files: SharedFiles,
        secret: secretsmanager.ISecret,
        runs_table: dynamodb.ITable,
        group_name: str,
    ) -> None:
        super().__init__(scope, construct_id)
        ssm.StringParameter(
            self,
            "Site",
            parameter_name=build_parameter_path(site.name, Parameter.SITE),
            description="Cutover: what the site's servers need to know",
            string_value=Stack.of(self).to_json_string(
                SiteParameter(
                    database_endpoint=database.instance.db_instance_endpoint_address,
                    database_port=database.PORT,
                    database_app_secret=database.application.secret_arn,
                    site_secret=secret.secret_arn,
                    file_system_id=files.file_system.file_system_id,
                    runs_table=runs_table.table_name,
                    auto_scaling_group=group_name,
                    site_url=site.url,
                    tcp=tcp,
                ).to_json()
            ),
        )
        for role, parameter, description, value in (
            ("Mode", Parameter.MODE, "what a starting server serves, scratch or live; written by the procedure", SCRATCH),
            ("Image", Parameter.IMAGE, "the image of the site's servers; written by the test launch", NO_IMAGE),
            ("ImageRootDevice", Parameter.IMAGE_ROOT_DEVICE, "the root device of that image; written by the test launch", ROOT_DEVICE),
        ):  # fmt: skip
            ssm.StringParameter(
                self,
                role,
                parameter_name=build_parameter_path(site.name, parameter),
                description=f"Cutover: {description}",
                string_value=value,
            )
