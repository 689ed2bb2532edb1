"""Everything that can happen between a freeze and its end, in every order: a small explicit-state search over the real code.

Who acts: the procedure (it may be stopped at any moment, then its last invocation may still do one thing, and a follow-up may take over), the
source's application server, its database server, Systems Manager (a command arrives at once, late, never, or twice), another run, and time, a
minute at a time. The response to any write may be lost: the writer sends it again. A record that cannot be reached is a move that is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from common.errors import StepFailed
from cutover_site.aws.run_record import Decision
from cutover_site.errors import Refused

from tests.unit.procedure.interleaving_state import (
    BACK,
    ENDED,
    FORWARD,
    LAST_MINUTE,
    LASTING,
    LEASE,
    LOCK_ENDS,
    MARGIN,
    MINUTE,
    OTHER,
    RUN,
    Code,
    State,
    Step,
    StoppedClock,
    create_dynamo,
    is_waiting,
    read_decision,
    serialize,
)


class Search:
    def __init__(self, code: Code) -> None:
        self._code = code
        self.reverted: list[State] = []
        """states before which there had been a commit"""
        self.write = cache(self._write)
        self.decide = cache(self._decide)
        self.report = cache(self._report)

    def find_states(self) -> dict[State, Step | None]:
        """All states, each with a step that led to it (the name, and the state before)."""
        seen: dict[State, Step | None] = {State(): None}
        for name, before, after in self.iterate_moves():
            seen.setdefault(after, Step(name, before))
            if before.committed and not after.committed:
                self.reverted.append(after)
        return seen

    def iterate_moves(self) -> Iterator[tuple[str, State, State]]:
        """Every move between two states that can be reached."""
        known, todo = {State()}, [State()]
        while todo:
            before = todo.pop()
            for name, after in self.iterate_steps(before):
                yield name, before, after
                if after not in known:
                    known.add(after)
                    todo.append(after)

    def iterate_steps(self, state: State) -> Iterator[Step]:
        if state.minute < LAST_MINUTE:
            yield Step("a minute passes", state._replace(minute=state.minute + 1))
        yield from self._advance_procedure(state)
        yield from self._deliver(state)
        yield from self._fire_timers(state)
        yield from self._advance_other_run(state)

    # -- the procedure ---------------------------------------------------------------------------------------------

    def _advance_procedure(self, state: State) -> Iterator[Step]:
        if state.at in ENDED:
            if state.at == "stopped" and state.last:
                for step in self._do(state, state.last):
                    yield step._replace(state=step.state._replace(at="stopped", last=""))
            if state.at == "stopped":
                yield Step("the follow-up starts", state._replace(at="decide"))
            return
        for step in self._do(state, state.at):
            yield step
            if step.state.item != state.item:  # the response is lost: the write is done, and is sent again
                yield Step(f"{step.name}, response lost", step.state._replace(at=state.at))
        if state.at in FORWARD[1:]:
            yield Step("the step fails", state._replace(at="decide"))
        if not state.last:
            yield Step(
                "the execution is stopped", state._replace(at="stopped", last=state.at if state.at in LASTING else "")
            )

    def _do(self, state: State, at: str) -> Iterator[Step]:
        order = FORWARD if at in FORWARD else BACK
        following = (*order, "migrated" if order is FORWARD else "over")[order.index(at) + 1]
        if at == "acquire":
            yield self._write_record(state, at, "acquire", following, refused="over")
            return
        touched, held = self.write(state.item, state.now, "touch", 0.0)
        if not held:  # the site is another run's
            yield Step(at, state._replace(at="decide" if order is FORWARD else "over"))
            return
        state = state._replace(item=touched)
        if at.startswith("send "):
            verb = at.removeprefix("send ")
            # The freeze of the database is sent with the freeze, and again after it if it did not reach its machine.
            sent = {verb, {"thaw": "thaw-database", "freeze": "freeze-database"}.get(verb, verb)}
            renewed = state.now if at == "send renew" else state.renewed
            yield Step(at, state._replace(at=following, wire=state.wire | sent, renewed=renewed))
            if at == "send renew":
                yield Step("no renewal", state._replace(at="commit"))
        elif at == "lease":
            yield self._write_record(state, at, "lease", following, refused="decide")
        elif at == "renewed?":
            if state.app.name == "frozen" and state.app.lease_until >= state.renewed + LEASE:
                until = state.renewed + LEASE - state.now
                step = self._write_record(state, at, "lease", following, refused="decide", number=until)
                yield step._replace(state=step.state._replace(renewed=0.0))
        elif at == "commit":
            yield self._write_record(state, at, "commit", following, refused="decide")
        elif at == "decide":
            step = self._write_record(state, at, "decide", following, refused="over")
            yield step._replace(state=step.state._replace(at="migrated")) if step.state.committed else step
        elif at == "thawed?":
            both = state.app.name == "open" and state.database.name == "open"
            yield Step(at, state._replace(at="open" if both else "release"))
        elif at in ("open", "release"):
            yield self._write_record(state, at, at, following, refused="over")
        elif (at, state.app.run) == ("frozen?", RUN):
            yield self._write_record(state, at, "held", following, refused="decide")
        elif (at, state.database.run) == ("closed?", RUN):
            yield Step(at, state._replace(at=following))

    def _write_record(
        self, state: State, name: str, what: str, following: str, *, refused: str, number: float = LEASE
    ) -> Step:
        item, held = self.write(state.item, state.now, what, number)
        return Step(name, state._replace(item=item, at=following if held else refused))

    def _write(self, item: str, now: float, what: str, number: float) -> tuple[str, bool]:
        """The record afterwards, and whether the writer may go on."""
        dynamo = create_dynamo(item)
        runs: Any = self._code.runs(dynamo, "runs", "gogs", clock=StoppedClock(now))  # type: ignore[arg-type]
        calls: dict[str, Callable[[], Any]] = {
            "acquire": lambda: runs.acquire(RUN, "cutover", seconds=LOCK_ENDS - now),
            "other": lambda: runs.acquire(OTHER, "cutover", seconds=MINUTE),
            "other leaves": lambda: (runs.roll_back(OTHER), runs.release(OTHER)),
            "touch": lambda: runs.renew_lock(RUN, "step", seconds=LOCK_ENDS - now, heed_abort=False),
            "lease": lambda: runs.write_freeze_lease(RUN, expires=now + number),
            "held": lambda: runs.update_facts(RUN, milestone="held"),
            "commit": lambda: runs.commit(RUN, margin=MARGIN),
            "decide": lambda: runs.roll_back(RUN),
            "open": lambda: runs.update_facts(RUN, lease_expires=0.0),
            "release": lambda: runs.release(RUN),
        }
        try:
            calls[what]()
        except StepFailed:
            return item, False
        return serialize(dynamo), True

    # -- machines and messages -------------------------------------------------------------------------------------

    def _deliver(self, state: State) -> Iterator[Step]:
        for verb in state.wire:
            if verb == "freeze-database" and is_waiting(state.item):
                continue  # it waits on its machine for the report of held writes
            arrived = self._arrive(state, verb)
            yield Step(f"{verb} arrives", arrived._replace(wire=state.wire - {verb}))
            if verb in ("freeze", "renew"):
                yield Step(f"{verb} arrives, and will again", arrived)
            if verb == "freeze":
                yield Step("freeze arrives, its report is lost", arrived._replace(item=state.item))

    def _arrive(self, state: State, verb: str) -> State:
        try:
            if verb in ("freeze", "freeze-database"):
                self._code.permit(RUN, read_decision(state.item))
            if verb == "freeze":
                app = self._code.freeze(state.app, RUN, state.now + LEASE)
                return state._replace(app=app, item=self.report(state.item))
            if verb == "renew":
                return state._replace(app=state.app.renew(RUN, state.now + LEASE))
            if verb == "thaw":
                return self._open_application(state, RUN)
            if verb == "thaw-database":
                return state._replace(database=self._code.thaw(state.database, RUN))
            assert verb == "freeze-database"
            if state.database.name == "open" and state.marker:
                return state
            return state._replace(database=self._code.freeze(state.database, RUN, 0.0), marker=True)
        except Refused:
            return state

    def _open_application(self, state: State, run: str) -> State:
        after = self._code.thaw(state.app, run)
        refused = state.app.name != "open" and state.database.name != "open"
        return state if refused else state._replace(app=after)

    def _fire_timers(self, state: State) -> Iterator[Step]:
        """What the lease's timer runs. The application server resolves, then opens; the database follows what cannot change any more."""
        if state.app_thaws:
            try:
                opened = self._open_application(state, state.app_thaws)
            except Refused:
                opened = state
            yield Step("the application server opens", opened._replace(app_thaws=""))
        elif state.app.is_expired(state.now):
            item, decision = self.decide(state.item, state.app.run)
            means = state.app.run if self._code.choose_action(state.app, decision).action == "thaw" else ""
            yield Step("the lease has ended", state._replace(item=item, app_thaws=means))
            yield Step("the lease has ended, response lost", state._replace(item=item))
        if state.database.name == "frozen":
            _, decision = self.decide(state.item, "")
            if self._code.choose_action(state.database, decision).action == "thaw":
                database = self._code.thaw(state.database, state.database.run)
                yield Step("the database follows", state._replace(database=database))

    def _decide(self, item: str, run: str) -> tuple[str, Decision]:
        """With a run: the switch's conditional write. Without: it only reads."""
        dynamo = create_dynamo(item)
        record = self._code.record(dynamo, "runs", "gogs")  # type: ignore[arg-type]
        decision = record.decide_thaw(run) if run else record.read()
        return serialize(dynamo), decision

    def _report(self, item: str) -> str:
        """The application server reports that it holds writes."""
        dynamo = create_dynamo(item)
        self._code.record(dynamo, "runs", "gogs").report_held(RUN)  # type: ignore[arg-type]
        return serialize(dynamo)

    # -- another run -----------------------------------------------------------------------------------------------

    def _advance_other_run(self, state: State) -> Iterator[Step]:
        """It takes a site that it may take, and gives it back: as long as this source is frozen it gets no further."""
        if state.at in ("over", "stopped"):
            item, held = self.write(state.item, state.now, "other", 0.0)
            if held:
                yield Step("another run takes the site", state._replace(item=item, at="other"))
        if state.at == "other":
            item, _ = self.write(state.item, state.now, "other leaves", 0.0)
            yield Step("the other run fails", state._replace(item=item, at="other left"))

    # -- what comes of it ------------------------------------------------------------------------------------------

    def find_final_state(self, state: State) -> State:
        """Nobody does anything any more but the source's own timers, and time."""
        state, met = state._replace(wire=frozenset(), minute=state.minute + 100), set[State]()
        while state not in met:
            met.add(state)
            new = [
                after for name, after in self._fire_timers(state) if after not in met and "response lost" not in name
            ]
            state = new[-1] if new else state
        return state
