"""The table [source] with kind = "existing": each error is one line with its place, and says what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from settings.sources import ExistingSource
from settings.sources.databases import ExistingDatabaseServer
from settings.sources.networks import PeeredVpcSettings, RoutedNetworkSettings

from tests.unit.settings.loading import change, load, number_of, refusal
from tests.unit.sources.tables import CONFIGURATION, ONE_SERVER, PEERED, ROUTED, format_configuration

DEMO = CONFIGURATION.read_text(encoding="utf-8")
APPLICATION, DATABASE = "mi-0a1b2c3d4e5f60718", "mi-0f1e2d3c4b5a69788"


def load_existing(tmp_path: Path, tables: str) -> ExistingSource:
    source = load(tmp_path, format_configuration(tables)).source
    assert isinstance(source, ExistingSource)
    return source


def test_two_hybrid_nodes_in_a_routed_network_are_read(tmp_path: Path) -> None:
    source = load_existing(tmp_path, ROUTED)
    assert (source.application.node_id, source.application.ssh_port) == (APPLICATION, 2022)
    assert isinstance(source.database, ExistingDatabaseServer)
    assert (source.database.node_id, source.database.address) == (DATABASE, "172.20.0.30")
    assert isinstance(source.network, RoutedNetworkSettings)
    assert source.network.cidrs == ("192.168.7.0/24", "172.20.0.0/16")


def test_two_instances_in_a_peered_vpc_are_read(tmp_path: Path) -> None:
    source = load_existing(tmp_path, PEERED)
    assert (source.application.ssh_port, source.database_port) == (22, 3307)
    assert isinstance(source.network, PeeredVpcSettings)
    assert source.network.route_table_ids == ("rtb-0123456789abcdef0", "rtb-0fedcba9876543210")


def test_a_database_on_the_application_server_has_no_node(tmp_path: Path) -> None:
    source = load_existing(tmp_path, ONE_SERVER)
    assert source.database == ExistingDatabaseServer()
    assert not source.has_database_server


def test_a_schema_of_the_owner_replaces_that_of_the_profile(tmp_path: Path) -> None:
    tables = ROUTED.replace('address = "172.20.0.30"', 'address = "172.20.0.30"\nschema = "forge"')
    settings = load(tmp_path, format_configuration(tables))
    assert settings.profile.database.schemas == ("forge",)
    assert all("{gogs}" not in text for text in settings.profile.database.silence)
    assert load(tmp_path, format_configuration(ROUTED)).existing_schema == "gogs"
    assert load(tmp_path, DEMO).existing_schema == ""


def test_a_database_on_the_application_server_may_have_another_schema(tmp_path: Path) -> None:
    tables = ONE_SERVER.replace("\n[source.network]", '\n[source.database]\nschema = "forge"\n\n[source.network]')
    source = load_existing(tmp_path, tables)
    assert (source.database.schema_name, source.has_database_server) == ("forge", False)


def test_the_replica_of_a_server_outside_of_ec2_has_the_type_of_the_targets(tmp_path: Path) -> None:
    def read_type(text: str) -> str:
        return load(tmp_path, text).replica_instance_type

    assert read_type(format_configuration(ROUTED)) == "t3.medium"
    assert read_type(format_configuration(PEERED)) == read_type(DEMO) == ""


def test_the_port_of_git_over_ssh_is_that_of_an_existing_source(tmp_path: Path) -> None:
    line = "[site]\nssh_port = 22"
    site = load(tmp_path, format_configuration(ROUTED).replace("[site]", line, 1)).site
    (port,) = load(tmp_path, DEMO).profile.tcp
    assert site.get_port_number(port) == 22
    assert "SourceStack installs the demo" in refusal(tmp_path, DEMO.replace("[site]", line, 1))


def test_the_url_of_an_existing_source_may_have_a_path(tmp_path: Path) -> None:
    def read_url(line: str) -> str:
        return load(tmp_path, format_configuration(ROUTED).replace("[site]", f"[site]\n{line}", 1)).site.url

    whole = read_url("")
    assert read_url('path = "/"') == whole
    assert read_url('path = "/git/"') == f"{whole}git/"
    assert read_url('path = "/apps/git-1.0"') == f"{whole}apps/git-1.0/"
    for wrong in ("git", "/a b", "/a%20b", "//git", "/../git", "/git?x", "/(git)"):
        text = format_configuration(ROUTED).replace("[site]", f'[site]\npath = "{wrong}"', 1)
        assert "a path such as /git" in refusal(tmp_path, text)
    assert "SourceStack installs the demo" in refusal(tmp_path, DEMO.replace("[site]", '[site]\npath = "/git"', 1))


def test_the_sample_file_shows_every_key(tmp_path: Path) -> None:
    """The sample has the tables in comments, with both kinds of network, as an operator uncomments them."""
    sample = DEMO.partition("# An existing source has these tables")[2].partition("\n\n")[0]
    lines = [line.removeprefix("# ") for line in sample.splitlines()]
    tables = "\n".join(line for line in lines if re.match(r"\[|\w+ = ", line))
    before, peered, routed_and_secrets = tables.split("[source.network]\n")
    routed, _, secrets = routed_and_secrets.partition("[source.secrets]")
    common = re.sub(r"address = .*\n", "", before)

    by_peering = load_existing(tmp_path, f"\n{common}[source.network]\n{peered}[source.secrets]{secrets}\n")
    by_route = load_existing(
        tmp_path,
        "\n" + before.replace("port = 3306\n", "") + f"[source.network]\n{routed}[source.secrets]{secrets}\n",
    )

    assert by_peering.network.model_fields_set == set(PeeredVpcSettings.model_fields)
    assert by_route.network.model_fields_set == set(RoutedNetworkSettings.model_fields)
    for table in ("application", "database", "secrets"):
        shown = getattr(by_peering, table).model_fields_set | getattr(by_route, table).model_fields_set
        assert shown == set(type(getattr(by_route, table)).model_fields), table
    assert by_peering.application.ssh_port == 22
    assert by_peering.database_port == 3306


NODE = (
    "the id of a managed node of Systems Manager: an EC2 instance (i-…) or a hybrid node (mi-…), "
    "as `aws ssm describe-instance-information` lists them"
)
ROLE = "the name of the server's role, such as HybridNodes: not its ARN, not its path, and not the name of an instance profile"
OUTSIDE = "a network outside of 10.0.0.0/16, which is the destination's own: traffic to it never leaves the destination"


@pytest.mark.parametrize(
    ("tables", "old", "new", "key", "expected"),
    [
        (ROUTED, APPLICATION, "gogs.example.com", "application.node_id", f"{NODE}, not 'gogs.example.com'"),
        (ROUTED, APPLICATION, "mi-0a1b2c3d", "application.node_id", f"{NODE}, not 'mi-0a1b2c3d'"),
        (ROUTED, DATABASE, "i-123", "database.node_id", f"{NODE}, not 'i-123'"),
        (ROUTED, '"HybridNodes"', '"arn:aws:iam::111122223333:role/HybridNodes"', "application.role_name",
         f"{ROLE}, not 'arn:aws:iam::111122223333:role/HybridNodes'"),
        (ROUTED, '"HybridNodes"', '"service-role/HybridNodes"', "application.role_name", f"{ROLE}, not 'service-role/HybridNodes'"),
        (ROUTED, '"192.168.7.20"', '"gogs.internal"', "application.address", "a private IPv4 address such as 192.168.7.20, not a name, not 'gogs.internal'"),
        (ROUTED, '"192.168.7.20"', '"10.1.1.1"', "application.address",
         "an address in 192.168.7.0/24 or 172.20.0.0/16, the networks of source.network, not 10.1.1.1"),
        (ROUTED, '"172.20.0.30"', '"172.21.0.30"', "database.address",
         "an address in 192.168.7.0/24 or 172.20.0.0/16, the networks of source.network, not 172.21.0.30"),
        (ROUTED, '"192.168.7.20"', '"192.168.7.0"', "application.address",
         "the address of a server: no server has 192.168.7.0, the first or the last address of 192.168.7.0/24"),
        (ROUTED, '"172.20.0.30"', '"172.20.255.255"', "database.address",
         "the address of a server: no server has 172.20.255.255, the first or the last address of 172.20.0.0/16"),
        (ROUTED, '"192.168.7.20"', '"255.255.255.255"', "application.address",
         "a private IPv4 address such as 192.168.7.20, which other machines reach, not '255.255.255.255'"),
        (ROUTED, '"172.20.0.30"', '"192.168.7.20"', "database.address", "another address than that of source.application, which is 192.168.7.20 too"),
        (ROUTED, DATABASE, APPLICATION, "database.node_id",
         f"another node than that of source.application; if the database is on {APPLICATION} too, leave node_id, role_name and address of "
         "source.database out"),
        (ROUTED, 'address = "172.20.0.30"', 'address = "172.20.0.30"\nschema = "a.b"', "database.schema",
         "the name of a schema: letters, digits, _, $ and -, 64 at most, not 'a.b'"),
        (ROUTED, "ssh_port = 2022", "ssh_port = 0", "application.ssh_port", "greater than or equal to 1, not 0"),
        (ROUTED, '"tgw-0123456789abcdef0"', '"igw-0123456789abcdef0"', "network.gateway_id",
         "the id of a transit gateway (tgw-…) or of a virtual private gateway (vgw-…) of the same region, not 'igw-0123456789abcdef0'"),
        (ROUTED, '"192.168.7.0/24",', '"192.168.7.0/24", "192.168.7.0/24",', "network.cidrs", "each of them once; 192.168.7.0/24 is in the list again"),
        (PEERED, '"vpc-0123456789abcdef0"', '"default"', "network.vpc_id", "the id of a VPC (vpc-…) of the same region, not 'default'"),
        (PEERED, '"172.31.0.0/16"', '"10.0.0.0/8"', "network.cidr",
         "a VPC outside of 10.0.0.0/16, which is the destination's own: AWS does not peer networks that overlap, not '10.0.0.0/8'"),
        (PEERED, '"172.31.0.0/16"', '"10.0.0.0/16"', "network.cidr", f"{OUTSIDE}, not '10.0.0.0/16'"),
        (PEERED, '"sg-0123456789abcdef0"', '"default"', "network.application_group_id", "the id of a security group (sg-…), not 'default'"),
        (PEERED, '"forge/application"', '"arn:aws:secretsmanager:us-east-1:111122223333:secret:forge"', "secrets.application",
         "the name of a secret of Secrets Manager in the same account and region, not its ARN and not the secret itself, "
         "not 'arn:aws:secretsmanager:us-east-1:111122223333:secret:forge'"),
        (PEERED, '"forge/application"', '"forge-secret"', "secrets.application",
         "the name of a secret that does not end with a hyphen and six characters: Secrets Manager could take them for the end of an ARN and "
         "find no secret. Create the secret with another name"),
        (PEERED, '"forge/replication"', '"forge/site"', "secrets.replication", "three secrets; forge/site is also that of site"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_rejected_at_its_line(
    tmp_path: Path, tables: str, old: str, new: str, key: str, expected: str
) -> None:
    text = change(tables, old, new)
    table, _, name = key.partition(".")
    before, _, after = text.partition(f"\n[source.{table}]\n")
    line = (before + "\n\n").count("\n") + number_of(after.partition("\n\n")[0], f"{name} =")
    assert refusal(tmp_path, text) == f"site.toml:{line}: source.{key}: expected {expected}"


@pytest.mark.parametrize(
    ("old", "new", "item", "reason"),
    [
        ('"172.20.0.0/16"', '"192.168.7.20/24"', 1, "an IPv4 network such as 192.168.7.0/24 (192.168.7.20/24 has host bits set), not '192.168.7.20/24'"),
        ('"172.20.0.0/16"', '"somewhere"', 1, "an IPv4 network such as 192.168.7.0/24 (Expected 4 octets in 'somewhere'), not 'somewhere'"),
        ('"192.168.7.0/24"', '"10.0.2.0/24"', 0, f"{OUTSIDE}, not '10.0.2.0/24'"),
        ('"192.168.7.0/24"', '"10.0.0.0/16"', 0, f"{OUTSIDE}, not '10.0.0.0/16'"),
        ('"192.168.7.0/24"', '"0.0.0.0/0"', 0,
         "the networks of the source's servers, /8 or smaller: a route to 0.0.0.0/0 would replace the way to AWS, not '0.0.0.0/0'"),
        ('"192.168.7.0/24"', '"128.0.0.0/1"', 0,
         "the networks of the source's servers, /8 or smaller: a route to 128.0.0.0/1 would replace the way to AWS, not '128.0.0.0/1'"),
        ('"192.168.7.0/24"', '"240.0.0.0/8"', 0, "an IPv4 network such as 192.168.7.0/24, which other machines reach, not '240.0.0.0/8'"),
        ('"192.168.7.0/24"', '"0.0.0.0/8"', 0, "an IPv4 network such as 192.168.7.0/24, which other machines reach, not '0.0.0.0/8'"),
    ],
)  # fmt: skip
def test_a_wrong_network_is_rejected_by_its_place_in_the_list(
    tmp_path: Path, old: str, new: str, item: int, reason: str
) -> None:
    text = change(ROUTED, old, new)
    assert refusal(tmp_path, text) == (
        f"site.toml:{number_of(text, 'cidrs =')}: source.network.cidrs.{item}: expected {reason}"
    )


@pytest.mark.parametrize("larger", ["10.0.0.0/8", "192.168.0.0/16", "10.0.0.0/15"])
def test_networks_that_contain_each_other_or_the_destination_are_accepted_because_aws_takes_the_longest_prefix(
    larger: str, tmp_path: Path
) -> None:
    text = change(ROUTED, '"172.20.0.0/16"', f'"172.20.0.0/16", "{larger}"')
    source = load(tmp_path, text).source
    assert isinstance(source, ExistingSource)
    assert source.network.cidrs[-1] == larger


def test_a_network_without_addresses_is_rejected(tmp_path: Path) -> None:
    text = change(ROUTED, '["192.168.7.0/24", "172.20.0.0/16"]', "[]")
    assert ": source.network.cidrs: expected" in refusal(tmp_path, text)


def test_an_address_of_the_destination_is_rejected_although_the_network_is_wider(tmp_path: Path) -> None:
    text = change(ROUTED.replace('"192.168.7.0/24"', '"10.0.0.0/8"'), '"192.168.7.20"', '"10.0.1.20"')
    assert refusal(tmp_path, text).endswith(
        "source.application.address: expected an address outside of 10.0.0.0/16, which is the destination's own, not 10.0.1.20"
    )


@pytest.mark.parametrize(
    ("tables", "old", "new", "table", "expected"),
    [
        (ROUTED, 'address = "192.168.7.20"\n', "", "application", f"address, the private IPv4 address of {APPLICATION}: its network is routed"),
        (ROUTED, 'address = "172.20.0.30"\n', "", "database", f"address, the private IPv4 address of {DATABASE}: its network is routed"),
        (PEERED, "i-0a1b2c3d4e5f60718", APPLICATION, "application",
         f"address, the private IPv4 address of {APPLICATION}: EC2 does not know that of a hybrid node"),
        (PEERED, 'role_name = "DatabaseServer"\n', "", "database", "role_name, the role of the database server"),
    ],
)  # fmt: skip
def test_a_missing_value_is_located_at_its_table(
    tmp_path: Path, tables: str, old: str, new: str, table: str, expected: str
) -> None:
    text = change(tables, old, new)
    assert refusal(tmp_path, text) == (
        f"site.toml:{number_of(text, f'[source.{table}]')}: source.{table}: expected {expected}"
    )


@pytest.mark.parametrize(
    ("tables", "line", "table", "expected"),
    [
        (PEERED, 'address = "172.31.0.7"', "application", "expected no address: EC2 knows that of i-0a1b2c3d4e5f60718, remove this line"),
        (ONE_SERVER + '\n[source.database]\n', 'role_name = "DatabaseServer"', "database",
         "expected node_id beside it, the database server's; leave role_name out if the database is on the application server"),
        (ONE_SERVER + '\n[source.database]\n', 'address = "192.168.7.20"', "database",
         "expected node_id beside it, the database server's; leave address out if the database is on the application server"),
        (ROUTED, "port = 3306", "database",
         "expected no port: no security group of a routed network can be opened, and the secret of source.secrets.replication has the port; "
         "remove this line"),
        (ROUTED, "volume_gib = 20", "application", "unknown key; expected one that migration.toml explains"),
    ],
)  # fmt: skip
def test_a_value_without_effect_is_rejected(tmp_path: Path, tables: str, line: str, table: str, expected: str) -> None:
    text = change(tables, f"[source.{table}]\n", f"[source.{table}]\n{line}\n")
    key = line.partition(" ")[0]
    number = number_of(text, f"[source.{table}]") + 1
    assert refusal(tmp_path, text) == f"site.toml:{number}: source.{table}.{key}: {expected}"
