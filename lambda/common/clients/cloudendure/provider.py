"""The client of a CloudEndure console, behind the provider interface."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from common.clients.cloudendure.readiness import evaluate
from common.clients.cloudendure.session import Conflict, ConsoleSession, NotFound
from common.clients.provider import Job, JobStatus, Readiness, ReplicationSettings, SourceServer
from common.clock import Clock, SystemClock
from common.errors import RetryableProviderError, StepFailed
from common.run import Launch
from common.settings import LaunchSettings

JOB_STATUS = {
    "PENDING": JobStatus.RUNNING,
    "STARTED": JobStatus.RUNNING,
    "COMPLETED": JobStatus.COMPLETED,
    "FAILED": JobStatus.FAILED,
}
JOB_TYPE: Mapping[Launch, str] = {"TEST": "TEST_LAUNCH", "CUTOVER": "CUTOVER_LAUNCH"}
OLD_LAUNCH: Mapping[Launch, str] = {"TEST": "performTest", "CUTOVER": "performCutover"}


class CloudEndure:
    """Implements common.clients.provider.Provider. A source server is a machine of the project, its launch settings are its blueprint."""

    operator_tool = "the CloudEndure console"

    def __init__(
        self, session: ConsoleSession, project: str, *, consistency_age: int = 1800, clock: Clock | None = None
    ) -> None:
        self._session = session
        self._project_name = project
        self._project_id = ""
        self._consistency_age = consistency_age
        self._clock = clock or SystemClock()

    def initialize(self, defaults: ReplicationSettings) -> Mapping[str, Any]:  # noqa: ARG002 (the interface's)
        """Return nothing: a project of the console needs no preparation."""
        return {}

    def find_source_server(self, name: str) -> SourceServer:
        machines = self._session.list_items(self._build_path("/machines"), params={"all": "true"})
        found = [m for m in machines if (m.get("sourceProperties") or {}).get("name") == name]
        if len(found) == 1:
            return SourceServer(source_server_id=found[0]["id"], name=name)
        names = sorted(str((m.get("sourceProperties") or {}).get("name")) for m in machines)
        if not found:
            raise StepFailed(
                f"project {self._project_name} has no machine of this name; it has: {', '.join(names) or 'none'}",
                machine=name,
                next_action="correct source_server_name in migration.toml, or install the agent on the machine",
            )
        raise StepFailed(
            f"project {self._project_name} has {len(found)} machines of this name",
            machine=name,
            next_action="remove the stale ones in the console",
        )

    def check_readiness(self, source_server_id: str, *, tested: bool) -> Readiness:
        return evaluate(
            self._read_machine(source_server_id),
            now=self._clock.now(),
            consistency_age=self._consistency_age,
            tested=tested,
        )

    def prepare_launch(
        self, source_server_id: str, *, launch_settings: LaunchSettings, tags: Mapping[str, str]
    ) -> Mapping[str, Any]:
        blueprints = [
            b
            for b in self._session.list_items(self._build_path("/blueprints"))
            if b.get("machineId") == source_server_id
        ]
        if len(blueprints) != 1:
            raise StepFailed(
                f"the console has {len(blueprints)} blueprints for machine {source_server_id}, one is needed",
                next_action="open the machine's blueprint in the console and save it",
            )
        wanted = self._build_blueprint(blueprints[0], launch_settings, tags)
        # A PATCH without the whole list of disks drops disks: what was read goes back whole.
        self._session.request("PATCH", self._build_path(f"/blueprints/{wanted['id']}"), json=wanted)
        return {
            key: wanted.get(key) for key in ("id", "instanceType", "subnetIDs", "securityGroupIDs", "iamRole", "tags")
        }

    @staticmethod
    def _build_blueprint(
        current: Mapping[str, Any], settings: LaunchSettings, tags: Mapping[str, str]
    ) -> dict[str, Any]:
        kept = [tag for tag in current.get("tags") or [] if tag.get("key") not in tags]
        wanted = {
            **current,
            "runAfterLaunch": True,
            "tags": [*kept, *({"key": k, "value": v} for k, v in tags.items())],
        }
        if settings.subnet_id:
            wanted["subnetIDs"] = [settings.subnet_id]
        if settings.security_group_ids:
            wanted["securityGroupIDs"] = list(settings.security_group_ids)
        if settings.instance_profile:
            wanted["iamRole"] = settings.instance_profile
        if settings.instance_type:
            wanted["instanceType"] = settings.instance_type
        return wanted

    def mark_ready_for_cutover(self, source_server_id: str) -> Mapping[str, Any]:  # noqa: ARG002 (the interface's)
        """Return nothing: the console permits a cutover launch in every state."""
        return {}

    def launch(self, source_server_id: str, kind: Launch, *, since: float) -> str:
        if adopted := self._launch_since(source_server_id, kind, since):
            return adopted
        try:
            job = self._post_launch(source_server_id, kind)
        except Conflict as conflict:
            # Either our own request whose response was lost, or another job (a clean-up) that will end.
            if adopted := self._launch_since(source_server_id, kind, since):
                return adopted
            raise RetryableProviderError(conflict.reason, next_action=conflict.next_action) from conflict
        return str(job["id"])

    def _post_launch(self, source_server_id: str, kind: Launch) -> Any:
        items = [{"machineId": source_server_id}]
        if self._session.supports_launch_machines:
            return self._session.request(
                "POST", self._build_path("/launchMachines"), json={"items": items, "launchType": kind}, repeatable=False
            )
        return self._session.request(
            "POST", self._build_path(f"/{OLD_LAUNCH[kind]}"), json={"items": items}, repeatable=False
        )

    def _launch_since(self, source_server_id: str, kind: Launch, since: float) -> str:
        for job in self._session.list_items(self._build_path("/jobs")):
            ours = (
                source_server_id in _list_machine_ids(job)
                and job.get("type") == JOB_TYPE[kind]
                and job.get("status") != "FAILED"
            )
            if ours and datetime.fromisoformat(job["creationDateTime"]).timestamp() >= since:
                return str(job["id"])
        return ""

    def read_job(self, job_id: str) -> Job:
        raw = self._session.request("GET", self._build_path(f"/jobs/{job_id}"))
        status = JOB_STATUS.get(raw.get("status"))
        if status is None:
            raise StepFailed(f"the console reports job {job_id} as {raw.get('status')!r}, which it should not know")
        return Job(job_id=job_id, status=status, log=tuple(str(line.get("message")) for line in raw.get("log") or []))

    def find_launched_instance(self, source_server_id: str) -> str:
        replica = self._read_machine(source_server_id).get("replica")
        if not replica:
            return ""
        try:
            response = self._session.request("GET", self._build_path(f"/replicas/{replica}"))
        except NotFound:
            return ""
        return str(response.get("machineCloudId") or "")

    def refresh(self) -> None:
        """Do nothing: no result is kept."""

    def find_launch_job(self, source_server_id: str) -> str:
        for job in self._session.list_items(self._build_path("/jobs")):
            launches = source_server_id in _list_machine_ids(job) and job.get("type") in JOB_TYPE.values()
            if launches and JOB_STATUS.get(str(job.get("status"))) is JobStatus.RUNNING:
                return str(job["id"])
        return ""

    def find_last_launch(self, source_server_id: str) -> str:
        launches = [
            job
            for job in self._session.list_items(self._build_path("/jobs"))
            if source_server_id in _list_machine_ids(job) and job.get("type") in JOB_TYPE.values()
        ]
        latest = max(launches, key=lambda job: datetime.fromisoformat(job["creationDateTime"]), default=None)
        return str(latest["id"]) if latest else ""

    def remove_replica(self, source_server_id: str) -> str:
        replica = self._read_machine(source_server_id).get("replica")
        if not replica:
            return ""
        try:
            job = self._session.request("DELETE", self._build_path("/replicas"), json={"replicaIDs": [replica]})
        except NotFound:
            return ""
        except Conflict as conflict:
            raise RetryableProviderError(conflict.reason, next_action=conflict.next_action) from conflict
        return str(job["id"])

    def finalize(self, source_server_id: str) -> Mapping[str, Any]:  # noqa: ARG002 (the interface's)
        """Return nothing: an operator removes the machine in the console when its replication is no longer needed."""
        return {}

    def configure_replication(self, settings: ReplicationSettings) -> Mapping[str, Any]:
        configuration = {
            "subnetId": settings.subnet_id,
            "replicatorSecurityGroupIDs": list(settings.security_group_ids),
            "usePrivateIp": settings.use_private_ip,
        }
        existing = self._session.list_items(self._build_path("/replicationConfigurations"))
        if not existing:
            created = self._session.request(
                "POST", self._build_path("/replicationConfigurations"), json=configuration, repeatable=False
            )
            return dict(created)
        wanted = {**existing[0], **configuration}
        updated = self._session.request(
            "PATCH", self._build_path(f"/replicationConfigurations/{wanted['id']}"), json=wanted
        )
        return dict(updated or wanted)

    def _read_machine(self, source_server_id: str) -> dict[str, Any]:
        return dict(self._session.request("GET", self._build_path(f"/machines/{source_server_id}")))

    def _build_path(self, below: str) -> str:
        return f"/projects/{self._find_project()}{below}"

    def _find_project(self) -> str:
        if not self._project_id:
            projects = self._session.list_items("/projects")
            wanted = self._project_name
            matches = [p["id"] for p in projects if p.get("id") == wanted] or [
                p["id"] for p in projects if p.get("name") == wanted
            ]
            if len(matches) != 1:
                names = ", ".join(sorted(str(p.get("name")) for p in projects)) or "none"
                raise StepFailed(
                    f"the console user sees {len(matches)} projects called {wanted}; it sees: {names}",
                    next_action="correct the project's name",
                )
            self._project_id = str(matches[0])
        return self._project_id


def _list_machine_ids(job: Mapping[str, Any]) -> list[str]:
    """Return the ids of the machines of a job. Some versions of the API list ids, others objects."""
    return [
        str(m.get("machineId") or m.get("id")) if isinstance(m, Mapping) else str(m)
        for m in job.get("participatingMachines") or []
    ]
