"""`cutover plan`: every step has its words, times are those of the last runs, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
from common.clients.run_record import Record
from common.errors import StepFailed
from common.settings import Limits
from common.site_parameters import Replication
from procedure import plan
from settings import Settings

from operate.app import App
from operate.billed import list_billed
from operate.commands.plan import _describe_gate, _print_plan
from operate.planning import LIMIT, RunPlan, build_plan
from operate.status import Plan
from operate.step_texts import NOTHING, TEXTS
from tests.unit.operate.consoles import create_terminal, read_screen
from tests.unit.operate.sites import FakeSite
from tests.unit.procedure.gated import MANUAL, execute_gated, give_go_when_awaited
from tests.unit.procedure.machines import APP, DATABASE
from tests.unit.procedure.world import World
from tests.unit.sources.tables import CONFIGURATION

SETTINGS = Settings.load(CONFIGURATION)
RUN = "m0-c-0000000000"


class PlanSite(FakeSite):
    """A site over a world, with the parameter of ReplicationStack."""

    @property
    def replication(self) -> Replication:
        return self.world.read_replication()


def build(site: PlanSite, kind: Any = "cutover", *, has_gate: bool = False) -> RunPlan:
    return build_plan(
        site,
        Plan(limits=Limits(), has_gate=has_gate),
        kind,
        billed=list_billed(SETTINGS),
        gate=_describe_gate(SETTINGS.cutover),
    )


def move(site: PlanSite, **options: Any) -> None:
    execute_gated(site.world, MANUAL, look=give_go_when_awaited, run_id=RUN, **options)


def test_every_step_of_a_run_has_its_words_and_no_other() -> None:
    assert set(TEXTS) == {step.name for step in (*plan.TEST_LAUNCH, *plan.CUTOVER, plan.AWAIT_GO, plan.AWAIT_NAMES)}


def test_the_plan_names_the_machine_that_a_step_changes() -> None:
    """Each step with an undo before the commit leaves something that must be undone: its words say what."""
    silent = [name for name, text in TEXTS.items() if plan.ALL[name].undone_by and text.changes == NOTHING]
    assert silent == []


def test_without_any_run_each_step_shows_its_limit() -> None:
    found = build(PlanSite())

    assert [step.step for step in found.steps] == [step.name for step in plan.CUTOVER]
    assert {step.source for step in found.steps} == {LIMIT}
    assert found.steps[1].seconds == Limits().replication_wait
    assert found.window_seconds is None
    assert found.unmeasured == len(found.steps)


def test_times_are_those_of_the_last_run_and_the_window_is_their_sum() -> None:
    site = PlanSite()
    move(site)

    found = build(site, has_gate=True)

    assert {step.source for step in found.steps} == {RUN}
    assert found.window_seconds is not None
    assert 0 < found.window_seconds < 30
    assert found.notes == [
        f"the site was moved by run {RUN} at {found.notes[0].rsplit(' at ')[1]}" for _ in found.notes
    ]


def test_a_run_that_failed_gives_the_times_of_the_steps_that_it_did() -> None:
    def fail(step: str) -> None:
        if step == "verify-files":
            raise StepFailed("it broke here")

    site = PlanSite()
    move(site, before=fail)
    sources = {step.step: step.source for step in build(site).steps}

    assert sources["await-bulk"] == RUN
    assert sources["freeze"] == LIMIT
    assert build(site).window_seconds is None


def test_a_test_launch_gives_the_times_of_the_steps_that_both_kinds_have() -> None:
    site = PlanSite()
    move(site)
    site.world.files = {
        name.replace("m0-c-", "m0-t-"): text for name, text in site.world.files.items() if name.split("/")[-1] < "03"
    }
    site.s3.files = site.world.files

    sources = {step.step: step.source for step in build(site).steps}
    assert sources["preflight"] == "m0-t-0000000000"
    assert sources["verify"] == LIMIT


def test_machines_that_exist_before_the_run_are_named() -> None:
    machines = {step.step: step.machine for step in build(PlanSite()).steps}

    assert machines["freeze"] == APP
    assert machines["freeze-database"] == DATABASE
    assert machines["preflight"] == f"{APP}, {DATABASE}"


def test_a_plan_without_a_deploy_lists_what_is_not_known() -> None:
    class Empty(PlanSite):
        def read_record(self) -> Record:
            raise StepFailed("there is no run record of a site gogs")

        @property
        def replication(self) -> Replication:
            raise StepFailed("parameter /cutover/gogs/replication does not exist")

    found = build(Empty())

    assert len(found.steps) == len(plan.CUTOVER)
    assert found.notes == [
        "the run record is not known: there is no run record of a site gogs",
        "no times of earlier runs: parameter /cutover/gogs/replication does not exist",
    ]


def test_a_plan_writes_nothing() -> None:
    site = PlanSite()
    move(site)
    files, items, log = dict(site.world.files), dict(site.world.dynamo.items), list(site.world.action_log)

    build(site)

    assert (site.world.files, site.world.dynamo.items, site.world.action_log) == (files, items, log)


def test_without_a_price_list_no_price_is_made_up() -> None:
    assert {one["price"] for one in build(PlanSite()).to_json()["billed"]} == {"not known"}


@pytest.mark.parametrize("width", [60, 120])
def test_the_plan_fits_its_terminal(width: int) -> None:
    output = create_terminal(width)
    _print_plan(App(config=CONFIGURATION, output=output), build(PlanSite(World())))

    lines = [line.rstrip() for line in read_screen(output)]
    assert max(len(line) for line in lines) <= width
    text = " ".join(" ".join(lines).split())
    assert "POINT OF NO RETURN" in text
    assert "predicted window (freeze to commit): not known before a run has measured it" in text
    assert "list prices without taxes" in text
