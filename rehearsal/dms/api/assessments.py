"""Run premigration assessments: real checks of the source and the target, from the replication instance."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.dms.api.listing import Filters, list_page
from rehearsal.dms.credentials import NoCredentials
from rehearsal.dms.engine.assess import CHECKS
from rehearsal.dms.engines import Engines
from rehearsal.dms.exceptions import already_exists, invalid_parameter, not_found, wrong_state
from rehearsal.dms.models import AssessmentRun, State, format_arn, make_resource_id
from rehearsal.dms.ports import Account, Actions, Denied, Network
from rehearsal.dms.responses import format_assessment_run
from rehearsal.dms.states import allow
from rehearsal.dms.tools import ASSESS_SECONDS, ToolFailed, ask

_log = logging.getLogger(__name__)


class Assessments:
    """The assessment runs, and the actions on them."""

    def __init__(self, state: State, network: Network, account: Account, engines: Engines) -> None:
        self._state, self._network, self._account, self._engines = state, network, account, engines
        self._runs: dict[str, AssessmentRun] = {}
        self.actions: Actions = {
            "StartReplicationTaskAssessmentRun": self.start,
            "DescribeReplicationTaskAssessmentRuns": self.describe,
            "DescribeReplicationTaskIndividualAssessments": self.describe_individual,
            "DescribeApplicableIndividualAssessments": self.describe_applicable,
            "DeleteReplicationTaskAssessmentRun": self.delete,
        }

    def start(
        self,
        replication_task_arn: str,
        service_access_role_arn: str,
        result_location_bucket: str,
        assessment_run_name: str,
        result_location_folder: str | None = None,
        include_only: Sequence[str] = (),
        exclude: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Start a run of the chosen checks; return at once."""
        with self._state.lock:
            task = self._state.get_task(replication_task_arn)
            allow("assessed", task.status)
            if unknown := sorted({*include_only, *exclude} - CHECKS.keys()):
                raise invalid_parameter(f"Unknown individual assessment: {unknown[0]}")
            if any(run.name == assessment_run_name for run in self._runs.values()):
                raise already_exists("Replication task assessment run", assessment_run_name)
            chosen = tuple(name for name in (include_only or CHECKS) if name not in exclude)
            key = format_arn("assessment-run", make_resource_id())
            run = AssessmentRun(
                key,
                assessment_run_name,
                task,
                chosen,
                service_access_role_arn,
                result_location_bucket,
                result_location_folder,
            )
            self._runs[key] = run
            threading.Thread(target=self._do, args=(run,), name="dms-assess", daemon=True).start()
            return {"ReplicationTaskAssessmentRun": self._format(run)}

    def describe(
        self, filters: Filters = None, max_records: int | None = None, marker: str | None = None
    ) -> dict[str, Any]:
        """Return the runs that match."""
        with self._state.lock:
            return list_page(
                self._runs.values(),
                filters,
                {
                    "replication-task-assessment-run-arn": lambda one: one.arn,
                    "replication-task-arn": lambda one: one.task.arn,
                    "replication-instance-arn": lambda one: one.task.instance.arn,
                    "status": lambda one: one.status,
                },
                self._format,
                key="ReplicationTaskAssessmentRuns",
                what="replication task assessment runs",
                marker=marker,
                size=max_records,
            )

    def describe_individual(
        self, filters: Filters = None, max_records: int | None = None, marker: str | None = None
    ) -> dict[str, Any]:
        """Return the result of each check of the runs that match."""
        with self._state.lock:
            found = [(run, name) for run in self._runs.values() for name in run.chosen]
            return list_page(
                found,
                filters,
                {
                    "replication-task-assessment-run-arn": lambda one: one[0].arn,
                    "replication-task-arn": lambda one: one[0].task.arn,
                    "status": lambda one: _format_status(*one),
                },
                lambda one: {
                    "ReplicationTaskIndividualAssessmentArn": f"{one[0].arn}/{one[1]}",
                    "ReplicationTaskAssessmentRunArn": one[0].arn,
                    "IndividualAssessmentName": one[1],
                    "Status": _format_status(*one),
                    "ReplicationTaskIndividualAssessmentStartDate": one[0].created,
                },
                key="ReplicationTaskIndividualAssessments",
                what="individual assessments",
                marker=marker,
                size=max_records,
            )

    def describe_applicable(self, replication_task_arn: str) -> dict[str, Any]:
        """Return the checks that a task can have."""
        with self._state.lock:
            self._state.get_task(replication_task_arn)
            return {"IndividualAssessmentNames": sorted(CHECKS)}

    def delete(self, replication_task_assessment_run_arn: str) -> dict[str, Any]:
        """Delete a run that has ended."""
        with self._state.lock:
            run = self._runs.get(replication_task_assessment_run_arn)
            if run is None:
                raise not_found("Replication task assessment run not found.")
            if run.status == "running":
                raise wrong_state("The assessment run is under way")
            del self._runs[run.arn]
            return {"ReplicationTaskAssessmentRun": self._format(run)}

    def _do(self, run: AssessmentRun) -> None:
        try:
            work = self._engines.build_job(run.task, "start-replication")
            found: list[dict[str, str]] = ask(self._network, run.task.instance.name, "assess", work, ASSESS_SECONDS)[
                "results"
            ]
            results = {one["name"]: one for one in found if one["name"] in run.chosen}
            body = json.dumps({"task": run.task.arn, "results": list(results.values())}, indent=1)
            folder = f"{run.folder.strip('/')}/" if run.folder else ""
            self._account.write_report(run.bucket, f"{folder}{run.name}/{run.task.resource}.json", body)
            failure = None
        except (NoCredentials, ToolFailed, Denied) as error:
            results, failure = {}, str(error)
        except Exception as error:  # noqa: BLE001  the run has failed, whatever it was; nobody else would notice
            _log.exception("assessment run %s", run.name)
            results, failure = {}, f"{type(error).__name__}: {error}"
        with self._state.lock:
            run.results, run.failure = results, failure
            states = {one["status"] for one in results.values()}
            worst = next((state for state in ("error", "failed", "warning") if state in states), "passed")
            run.status = "error-executing" if failure else {"error": "failed"}.get(worst, worst)

    def _format(self, run: AssessmentRun) -> dict[str, Any]:
        latest = max((r.created for r in self._runs.values() if r.task is run.task), default=run.created)
        return format_assessment_run(run, is_latest=run.created == latest)


def _format_status(run: AssessmentRun, name: str) -> str:
    found: Mapping[str, str] | None = run.results.get(name)
    return found["status"] if found else ("error" if run.failure else "running")
