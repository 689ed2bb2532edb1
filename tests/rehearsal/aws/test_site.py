"""A site deployed by the real CDK CLI works and fails as on AWS."""

from __future__ import annotations

import json

import pytest

from rehearsal.settings import Settings
from tests.rehearsal.aws.conftest import run_cdk
from tests.rehearsal.aws.site.deployed import Site, wait_for

pytestmark = pytest.mark.rehearsal


def test_a_machine_is_reachable_by_its_elastic_ip_at_its_open_port_only(site: Site) -> None:
    address = site.outputs["PublicAddress"]
    assert site.browse(f"http://{address}/") == (200, "ip-10-10-0-20")
    assert site.browse(f"http://{address}:22/")[0] == 0


def test_a_peering_connection_connects_both_networks(site: Site) -> None:
    assert site.read_output(site.outputs["ClientId"], "curl -sm 5 http://10.10.0.20/") == "ip-10-10-0-20"


def test_instance_metadata_has_the_id_the_tags_and_the_credentials_of_a_machine(site: Site) -> None:
    get = 'curl -s -H "X-aws-ec2-metadata-token: $T" http://169.254.169.254/latest/'
    token = "T=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)"
    output = site.read_output(
        site.outputs["MachineId"],
        f"{token}; {get}meta-data/instance-id; echo; {get}meta-data/tags/instance/cutover:role; echo; "
        f"{get}meta-data/iam/security-credentials/$({get}meta-data/iam/security-credentials/) | grep -c"
        " SecretAccessKey",
    )
    assert output.split() == [site.outputs["MachineId"], "machine", "1"]


def test_the_load_balancer_distributes_requests_over_all_servers(site: Site) -> None:
    wait_for(site.is_healthy)
    names = {site.browse("http://www.site.example/") for _ in range(8)}
    members = {member["InstanceId"] for member in site.group()["Instances"]}
    found = site.api("ec2").describe_instances(InstanceIds=list(members))["Reservations"]
    addresses = {i["PrivateIpAddress"] for r in found for i in r["Instances"]}
    assert names == {(200, f"ip-{ip.replace('.', '-')}") for ip in addresses}
    assert len({member["AvailabilityZone"] for member in site.group()["Instances"]}) == 2


def test_a_listener_rule_returns_a_fixed_response(site: Site) -> None:
    assert site.browse("http://www.site.example/fixed") == (418, "a teapot")


def test_the_function_of_a_custom_resource_sets_its_attributes(site: Site) -> None:
    assert site.outputs["CustomAnswer"] == "a teapot!"


def test_the_database_accepts_tls_and_refuses_what_rds_refuses(site: Site) -> None:
    client = site.outputs["ClientId"]
    site.read_output(client, "apt-get -q update && apt-get -qy install --no-install-recommends mariadb-client")
    text = site.api("secretsmanager").get_secret_value(SecretId=site.outputs["DatabaseSecret"])["SecretString"]
    secret = json.loads(text)
    assert (secret["host"], secret["port"]) == (site.outputs["DatabaseName"], 3306)
    connect = (
        f"export MYSQL_PWD={secret['password']!r}; mariadb -h {secret['host']} -u {secret['username']} -N"
        " --ssl-ca=/etc/ssl/certs/ca-certificates.crt --ssl-verify-server-cert -e"
    )
    assert site.read_output(client, f"{connect} 'select @@max_connections'") == "77"
    assert "denied" in site.run(client, f"{connect} 'set global read_only = 1'")["StandardErrorContent"]


def test_a_file_system_can_be_mounted_only_where_a_rule_allows_it(site: Site) -> None:
    name = f"{site.outputs['FilesId']}.efs.us-east-1.amazonaws.com"
    client, stranger = site.outputs["ClientId"], site.group()["Instances"][0]["InstanceId"]
    for machine in (client, stranger):
        site.read_output(machine, "apt-get -q update && apt-get -qy install --no-install-recommends nfs-common")
    mount = f"mkdir -p /mnt/files && timeout 15 mount -t nfs4 {name}:/ /mnt/files"
    site.read_output(client, f"{mount} && echo here >/mnt/files/note")
    refused = site.run(stranger, mount)
    assert refused["Status"] == "Failed"
    assert "2049" in refused["StandardErrorContent"]


def test_a_security_group_rule_has_immediate_effect_until_its_removal(site: Site) -> None:
    ec2, machine = site.api("ec2"), site.outputs["MachineId"]
    found = ec2.describe_instances(InstanceIds=[machine])["Reservations"][0]["Instances"][0]
    group = found["SecurityGroups"][0]["GroupId"]
    rule = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}]
    read_banner = "timeout 1 bash -c 'exec 3<>/dev/tcp/10.10.0.20/22; head -c 3 <&3'; true"
    assert site.read_output(site.outputs["ClientId"], read_banner) == ""
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rule)
    assert site.read_output(site.outputs["ClientId"], read_banner) == "SSH"
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rule)
    assert site.read_output(site.outputs["ClientId"], read_banner) == ""


def test_a_server_that_fails_its_health_check_is_replaced(site: Site) -> None:
    wait_for(site.is_healthy)
    # Given a machine whose web server has stopped
    victim = site.group()["Instances"][0]["InstanceId"]
    site.read_output(victim, "systemctl stop web")
    # When its health check has failed and the grace period is over
    wait_for(lambda: victim not in {member["InstanceId"] for member in site.group()["Instances"]}, 90)
    # Then another machine replaces it
    wait_for(site.is_healthy)


def test_a_stopped_server_is_replaced(site: Site) -> None:
    wait_for(site.is_healthy)
    victim = site.group()["Instances"][0]["InstanceId"]
    site.run(victim, "systemd-run --on-active=1 --timer-property=AccuracySec=100ms systemctl poweroff")
    wait_for(lambda: victim not in {member["InstanceId"] for member in site.group()["Instances"]})
    wait_for(site.is_healthy)


def test_a_changed_template_updates_in_place(site: Site, settings: Settings) -> None:
    before = site.group()["Instances"]
    run_cdk(settings, "deploy", "New", "--require-approval", "never", "-c", "answer=another pot")
    assert site.browse("http://www.site.example/fixed") == (418, "another pot")
    assert site.group()["Instances"] == before


def test_an_impossible_change_fails_with_its_reason_and_is_rolled_back(site: Site, settings: Settings) -> None:
    output = run_cdk(settings, "deploy", "New", "--require-approval", "never", "-c", "nonsense=1", check=False)
    assert "extraneous key [Nonsense] is not permitted" in output
    assert (
        site.api("cloudformation")
        .describe_stacks(StackName="New")["Stacks"][0]["StackStatus"]
        .endswith("ROLLBACK_COMPLETE")
    )
    assert site.browse("http://www.site.example/")[0] == 200


def test_deleting_the_stacks_orphans_no_resource(site: Site, settings: Settings) -> None:
    run_cdk(settings, "destroy", "--all", "--force")
    reservations = site.api("ec2").describe_instances()["Reservations"]
    assert {i["State"]["Name"] for r in reservations for i in r["Instances"]} == {"terminated"}
    assert list((settings.pool / "volumes").iterdir()) == []
    assert list((settings.pool / "efs").iterdir()) == []
