"""What must hold at every moment of a migration, and where it may end."""

from __future__ import annotations

from common.clients.run_record import COMMIT

from tests.unit.procedure.world import World


class Safety:
    """To be called after every change of anything. Fails the test, whatever the procedure makes of the moment."""

    def __init__(self, world: World) -> None:
        self._world, self._committed = world, False

    def __call__(self, what: str) -> None:
        world = self._world
        item = world.dynamo.items.get("gogs", {})
        committed = item.get("decision") == {"S": COMMIT}
        assert not (world.source.accepts_writes and world.everyone_admitted), f"two sites accept writes after: {what}"
        if committed and not self._committed:
            self._committed = True
            self._at_the_commit(item["run_id"]["S"])
        if self._committed:
            assert committed, f"a commit was taken back: {what}"
            assert world.source.app.name != "open", f"the source opened after the commit: {what}"
            assert world.source.database.name != "open", f"the source's database opened after the commit: {what}"
        else:
            assert not world.everyone_admitted, f"everyone is admitted before the commit: {what}"
            assert world.source.app.name != "forward", f"the source forwards before the commit: {what}"
            assert not world.names, f"the public name moved before the commit: {what}"
            assert not world.finalized, f"the provider's replication ended before the commit: {what}"

    def _at_the_commit(self, run_id: str) -> None:
        """The target has what the source has, because nothing was written since the run froze it, and serves it."""
        world = self._world
        for name, machine in (("application", world.source.app), ("database", world.source.database)):
            assert (machine.name, machine.run) == ("frozen", run_id), f"commit while the source's {name} is {machine}"
        assert run_id not in world.source.thawed, "commit of a run whose freeze had ended"
        assert world.mode_value == "live", "commit while new instances start on the copy"
        assert {world.modes.get(one) for one in world.members_now} == {"live"}, f"commit while {world.modes}"


def left_undone(world: World) -> list[str]:
    """After a roll back: what is not as it was before the run."""
    return [
        what
        for what, wrong in (
            ("the target's mode is not scratch", world.mode_value != "scratch"),
            ("an instance serves the live data", "live" in world.modes.values()),
            ("somebody is admitted", bool(world.rules)),
            ("the replication task is stopped", world.task_status != "running"),
            ("a replica is left", bool(world.replica)),
            ("an image is left", bool(world.imaged)),
        )
        if wrong
    ]


def not_finished(world: World) -> list[str]:
    """After a commit: what is not as it shall be."""
    return [
        what
        for what, wrong in (
            ("not everyone is admitted", not world.everyone_admitted),
            ("the source does not forward", world.source.app.name != "forward"),
            ("the public name has not moved", "git.example.com" not in world.names),
            ("the source server is still replicated", not world.finalized),
            ("a replica is left", bool(world.replica)),
        )
        if wrong
    ]
