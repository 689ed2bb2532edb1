"""AWS Lambda entry point of the procedure: parse the event, perform the step, log and count the outcome."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from common.clock import SystemClock
from common.run import Run
from common.settings import Settings

from procedure.dry_run import DryTools
from procedure.plan import WARNINGS_METRIC
from procedure.registry import Registry
from procedure.step import Step
from procedure.toolbox import Services

logger = Logger(service="procedure")
COUNTED = {
    "done": "StepsDone",
    "pending": "StepsWaiting",
    "retry": "StepRetries",
    "failed": "StepFailures",
    "evidence-lost": "EvidenceLost",
}
LEVELS = {
    "failed": logger.error,
    "retry": logger.warning,
    "evidence-lost": logger.warning,
    "warned": logger.warning,
}
metrics = Metrics(namespace="Cutover", service="procedure")


@cache
def _create_services(settings: Settings) -> Services:
    return Services(settings, SystemClock())


def observe(step: Step, outcome: str, facts: Mapping[str, Any]) -> None:
    """Log and count one invocation, and the duration of a finished step."""
    level = LEVELS.get(outcome, logger.info)
    level(f"{step.phase}: {outcome}", extra={"step": step.name, "outcome": outcome, "facts": dict(facts)})
    if outcome == "warned":
        # A metric of its own: an alarm counts one set of dimensions, and a warning may come from any step.
        with single_metric(
            name=WARNINGS_METRIC, unit=MetricUnit.Count, value=len(facts["warnings"]), namespace="Cutover"
        ) as warned:
            warned.add_dimension(name="service", value="procedure")
        return
    metrics.add_dimension(name="step", value=step.name)
    metrics.add_metric(name=COUNTED[outcome], unit=MetricUnit.Count, value=1)
    if outcome == "done":
        metrics.add_metric(name="StepSeconds", unit=MetricUnit.Seconds, value=float(facts["seconds"]))


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Perform one step. Return the new state of the execution."""
    settings = Settings.from_environment(os.environ)
    run = Run.parse(event["run"])
    logger.append_keys(run_id=run.run_id, site=settings.site, step=event["step"])
    services = _create_services(settings)
    services.begin(run.run_id)
    tools = DryTools(services, run, lambda what: logger.info("would " + what)) if run.dry_run else services
    by = f"{context.invoked_function_arn} request {context.aws_request_id}"
    return Registry(settings, tools, SystemClock(), observe, by=by).invoke(event)
