"""What the migration created, which of it is billed, and what to remove when. Prices are list prices, if the price list was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from operate.report.formatting import NOT_KNOWN
from operate.report.runs import Run, Step
from operate.report.sections.verdict import State
from operate.report.source import StackResource

BILLED: Mapping[str, str] = {
    "AWS::RDS::DBInstance": "hours of the database, and its storage and backups",
    "AWS::DMS::ReplicationInstance": "hours of the replication instance, and its storage",
    "AWS::EC2::Instance": "hours of the server, and its disks",
    "AWS::AutoScaling::AutoScalingGroup": "hours of its servers, and their disks",
    "AWS::EC2::NatGateway": "hours, and traffic",
    "AWS::EC2::EIP": "hours of the public address",
    "AWS::EFS::FileSystem": "the files, and their backups",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "hours, traffic and public addresses",
    "AWS::EC2::TransitGatewayAttachment": "hours, and traffic",
    "AWS::EC2::VPNConnection": "hours, and traffic",
    "AWS::EC2::VPCEndpoint": "hours, and traffic",
    "AWS::SecretsManager::Secret": "each secret, per month",
    "AWS::KMS::Key": "each key, per month",
    "AWS::Route53::HostedZone": "each zone, per month",
    "AWS::S3::Bucket": "what is stored",
    "AWS::CloudWatch::Alarm": "each alarm, per month",
    "AWS::CloudWatch::Dashboard": "each dashboard, per month",
    "AWS::Logs::LogGroup": "what is stored",
}
"""type in CloudFormation: what of it is billed. Other types of the stacks cost nothing by themselves"""
DEMO = "SourceStack"
STAYING = frozenset({"DataStack", "ServersStack"})


@dataclass(frozen=True)
class Billed:
    """Billed resources of one type in one stack."""

    stack: str
    what: str
    ids: Sequence[str]
    billed: str
    stays: bool
    price: str
    """the list price of each; empty when it is not known"""


@dataclass(frozen=True)
class Removal:
    """What to remove, when, and by which command."""

    when: str
    what: str
    command: str


@dataclass(frozen=True)
class Resources:
    """`billed` is None when the stacks are not known. `free`: the number of the other resources by stack. `made`: images and replicas of the run."""

    billed: Sequence[Billed] | None
    free: Mapping[str, int]
    made: Sequence[tuple[str, str]]
    removals: Sequence[Removal]

    @property
    def has_prices(self) -> bool:
        """Return whether the list price of any resource is known."""
        return any(one.price for one in self.billed or [])


def build_resources(run: Run, test_launch: Run | None, resources: Sequence[StackResource] | None, state: State, prices: Mapping[str, str]) -> Resources:  # fmt: skip
    """Return the section."""
    return Resources(
        billed=None if resources is None else list(_group(resources, prices)),
        free=dict(Counter(one.stack for one in resources or [] if one.type not in BILLED)),
        made=[fact for one in (test_launch, run) if one for fact in _list_made(one)],
        removals=list(_list_removals(state, run.kind, has_demo=_has_demo(resources))),
    )


def _group(resources: Sequence[StackResource], prices: Mapping[str, str]) -> Iterator[Billed]:
    groups: dict[tuple[str, str], list[str]] = {}
    for one in resources:
        if one.type in BILLED:
            groups.setdefault((one.stack, one.type), []).append(one.id)
    for (stack, kind), ids in sorted(groups.items(), key=lambda item: (item[0][0] not in STAYING, item[0])):
        yield Billed(
            stack,
            kind.removeprefix("AWS::").replace("::", " "),
            ids,
            BILLED[kind],
            stack in STAYING,
            "; ".join(sorted({prices[one] for one in ids if one in prices})),
        )


def _list_made(run: Run) -> Iterator[tuple[str, str]]:
    if image := run.find_done("await-image"):
        deleted = run.find_done("rollback-image")
        snapshots = image.facts.get("snapshots") or []
        names = f" with {', '.join(map(str, snapshots))}" if isinstance(snapshots, list) and snapshots else ""
        yield (
            f"image {image.facts.get('image_id') or NOT_KNOWN}{names}",
            "removed" if deleted else "stays: new servers start from it",
        )
    kept = run.find_done("rollback-replica")
    if job := run.find_done("await-job"):
        done = any(run.find_done(name) for name in ("clean-up", "clean-up-test", "rollback-replica"))
        failed = any((step := run.find_done(name)) and step.facts.get("failed") for name in ("clean-up", "clean-up-test", "rollback-replica"))  # fmt: skip
        fate = "removed" if done and not failed else "no record of its removal: `cutover clean-up` lists it"
        if kept and kept.facts.get("kept"):
            fate = _describe_kept(kept)
        yield f"replica {job.facts.get('instance_id') or NOT_KNOWN}{_describe_origin(run)}", fate
    elif kept and kept.facts.get("kept"):  # the launch goes on at the provider
        yield f"{kept.facts['kept']}{_describe_origin(run)}", _describe_kept(kept)


def _describe_kept(rollback: Step) -> str:
    return (
        f"kept until {rollback.facts.get('until')} for `cutover resume`: `cutover clean-up` shows whether it still is"
    )


def _describe_origin(run: Run) -> str:
    """Return from which run the launch was taken over, empty when this run has launched."""
    launch = run.find_done("launch")
    earlier = launch.facts.get("taken_over_from") if launch else ""
    return f", taken over from run {earlier}" if earlier else ""


def _has_demo(resources: Sequence[StackResource] | None) -> bool:
    """Return whether the source is the demo's, which a stack removes. Without knowledge of the stacks it may be."""
    return resources is None or any(one.stack == DEMO for one in resources)


def _list_removals(state: State, kind: str, *, has_demo: bool) -> Iterator[Removal]:
    look = Removal("now, and again after 90 minutes", "what the provider and the runs left", "cutover clean-up")
    if state in (State.MIGRATED, State.FINDINGS):
        yield look
        yield Removal(
            "when you have checked the site",
            "the machinery of the migration. The evidence bucket stays",
            "npx cdk destroy MigrationStack TestLaunchStack ReplicationStack",
        )
        source = ("the source", f"npx cdk destroy {DEMO}") if has_demo else ("your own servers: switch them off", "")
        yield Removal("when nobody needs the old servers to forward", *source)
        yield Removal("never, except for a demonstration", "the site itself", "npx cdk destroy DataStack")
    elif state in (State.RUNNING, State.NOT_ENDED, State.ROLLING_BACK):
        yield Removal("not now", "nothing: the run may go on", "cutover status")
    elif kind == "test-launch":
        what = "the image waits for the cutover" if state is State.TEST_PASSED else "replica and image were removed"
        yield Removal("now", f"nothing: {what}", "npx cdk deploy MigrationStack")
        yield look
    else:
        yield Removal("now", "nothing: servers and image wait for the next try and are billed meanwhile", "npx cdk deploy MigrationStack")  # fmt: skip
        yield Removal("if there will be no next try soon", "servers, load balancers and image", "npx cdk destroy ServersStack")  # fmt: skip
        yield look
