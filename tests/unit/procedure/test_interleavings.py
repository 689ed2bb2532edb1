"""Commit and thaw, in every order in which they can come: never both, and nobody stays frozen for nothing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pytest
from boto3.dynamodb.conditions import Attr
from common.clients.run_record import COMMIT
from common.clients.runs import Runs
from cutover_site.aws.run_record import THAW, Decision, RunRecord
from cutover_site.freeze.dead_man import ChosenAction, choose_action
from cutover_site.freeze.state import FreezeState

from tests.unit.procedure.interleaving import Search
from tests.unit.procedure.interleaving_state import ENDED, OTHER, RUN, Code, State, Step, format_path


@cache
def explore(code: Code) -> tuple[Search, dict[State, Step | None]]:
    search = Search(code)
    return search, search.find_states()


def list_two_open_sites(states: Iterable[State]) -> list[State]:
    """Committed, and yet a part of the source open."""
    return [one for one in states if one.committed and "open" in (one.app.name, one.database.name)]


def list_closed_without_commit(search: Search, states: Iterable[State]) -> list[State]:
    """Nobody works on the run, it is not committed, time passes, the record is readable: and the source stays closed."""
    ended = {
        one._replace(at="over", last="", wire=frozenset()) for one in states if one.at in ENDED and not one.committed
    }
    return [one for one in ended if is_closed(search.find_final_state(one))]


def is_closed(state: State) -> bool:
    return (state.app.name, state.database.name) != ("open", "open")


def list_late_freezes(code: Code) -> list[Step]:
    """A command to close that arrives when its run is decided or replaced, and is carried out."""
    return [
        Step(name, before)
        for name, before, after in Search(code).iterate_moves()
        if "arrives" in name and is_over(before.item) and is_closed(after) and not is_closed(before)
    ]


def is_over(item: str) -> bool:
    return '"decision"' in item or f'"run_id": {{"S": "{RUN}"}}' not in item


def test_the_search_reaches_commit_and_thaw() -> None:
    """Commits, thaws by the switch, roll backs, another run's turn, a source that is closed at the end of each."""
    _, seen = explore(Code())

    for words in (f'"decision": {{"S": "{COMMIT}"}}', f'"decision": {{"S": "{THAW}"}}', '"rollback"', f'"{OTHER}"'):
        assert any(words in one.item for one in seen)
    for at in ENDED:
        assert any(one.at == at and one.app.name == "frozen" for one in seen), at


def test_a_committed_run_never_has_an_open_source() -> None:
    search, seen = explore(Code())

    wrong = [*list_two_open_sites(seen), *search.reverted]

    assert not wrong, format_path(seen, wrong[0])


def test_a_frozen_source_is_reopened_without_a_commit() -> None:
    search, seen = explore(Code())

    assert not [one for one in list_closed_without_commit(search, seen) if f'"run_id": {{"S": "{RUN}"}}' in one.item]


def test_a_frozen_source_is_reopened_when_another_run_holds_the_record() -> None:
    search, seen = explore(Code())

    assert not list_closed_without_commit(search, seen)


def test_a_late_freeze_command_is_refused() -> None:
    assert list_late_freezes(Code()) == []


def test_the_search_finds_a_late_freeze_command_that_is_accepted() -> None:
    assert list_late_freezes(Code(permit=lambda _run, _found: None))


def thaw_for_another_run(state: FreezeState, decision: Decision) -> ChosenAction:
    """A record that a run has committed is never another run's: so the run that froze this machine has not."""
    if state.name == "frozen" and decision.run_id not in ("", state.run):
        return ChosenAction("thaw", f"the record has passed to run {decision.run_id}")
    return choose_action(state, decision)


def remember_run(state: FreezeState, run: str) -> FreezeState:
    """Open, and never again to be frozen by this run."""
    return FreezeState("open", run) if state.name == "open" else FreezeState("open", state.thaw(run).run or run)


def freeze_once(state: FreezeState, run: str, lease_until: float) -> FreezeState:
    return state if (state.name, state.run) == ("open", run) else state.freeze(run, lease_until)


@pytest.mark.parametrize(
    "code",
    [
        Code(choose_action=thaw_for_another_run),
        Code(choose_action=thaw_for_another_run, freeze=freeze_once, thaw=remember_run),
    ],
)
def test_the_search_accepts_the_proposed_correction(code: Code) -> None:
    search, seen = explore(code)

    assert list_two_open_sites(seen) == []
    assert list_closed_without_commit(search, seen) == []


class ApplicationThawsAnyway(RunRecord):
    def decide_thaw(self, run_id: str) -> Decision:
        super().decide_thaw(run_id)
        return Decision(run_id, THAW)


class ThawsAnyway(ApplicationThawsAnyway):
    def read(self) -> Decision:
        return Decision(super().read().run_id, THAW)


class TakesSilenceForThaw(RunRecord):
    def read(self) -> Decision:
        found = super().read()
        return Decision(found.run_id, found.decision or THAW)


class CommitsAnyway(Runs):
    def commit(self, run_id: str, *, margin: float) -> float:
        self._write({"decision": COMMIT}, Attr("run_id").eq(run_id))
        return margin


class RollsBackAnyway(Runs):
    def roll_back(self, run_id: str):  # type: ignore[no-untyped-def]
        return self._write({"decision": "rollback"}, Attr("run_id").eq(run_id)) or self.read()


class NeverOpens(RunRecord):
    def read(self) -> Decision:
        return Decision("", "")


def test_a_check_by_the_database_is_sufficient() -> None:
    """The application server opens only before a database that is open: two errors are needed for two sites."""
    _, seen = explore(Code(record=ApplicationThawsAnyway))

    assert list_two_open_sites(seen) == []


@pytest.mark.parametrize(
    "code",
    [Code(record=ThawsAnyway), Code(record=TakesSilenceForThaw), Code(runs=CommitsAnyway), Code(runs=RollsBackAnyway)],
    ids=lambda code: f"{code.record.__name__} {code.runs.__name__}",
)
def test_the_search_finds_two_open_sites(code: Code) -> None:
    moves = Search(code).iterate_moves()

    assert any(list_two_open_sites([after]) or (before.committed and not after.committed) for _, before, after in moves)


def test_the_search_finds_a_source_that_stays_closed() -> None:
    search, seen = explore(Code(record=NeverOpens))

    assert list_closed_without_commit(search, seen)
