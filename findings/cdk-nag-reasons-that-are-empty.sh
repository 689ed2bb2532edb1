#!/usr/bin/env bash
# Guess: cdk-nag hides a finding only for a reason of some length. Version 2 refuses one of fewer than ten characters.
# Behaviour: in version 3 the reason is given to the CDK's own Validations.acknowledge(). An empty one hides the finding like a good one, without a warning.
# Why it matters to us: a reviewer judges the reasons. constructs/compliance/acknowledge.py refuses an acknowledgement whose reason has fewer than four words.
set -euo pipefail
command -v node >/dev/null || { echo "needs Node.js"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; python3 -m venv venv; pip=(venv/bin/pip install -q --disable-pip-version-check)
"${pip[@]}" aws-cdk-lib==2.275.0 || exit 2; for version in 2.38.2 3.0.2; do "${pip[@]}" --no-deps --target "nag-$version" "cdk-nag==$version" || exit 2; done
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1 JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=1 JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION=1
cat >look.py <<'PY'
from importlib.metadata import version
from aws_cdk import Acknowledgment, App, Aspects, Stack, Validations, aws_s3 as s3
from aws_cdk.assertions import Annotations, Match
import cdk_nag
is_new = version("cdk-nag").startswith("3.")
def has_finding(reason):
    app = App(); stack = Stack(app, "Stack"); bucket = s3.Bucket(stack, "Bucket", enforce_ssl=True)
    if is_new:
        if reason is not None:
            Validations.of(bucket).acknowledge(Acknowledgment(id="AwsSolutions-S1", reason=reason))
        return "AwsSolutions-S1" in [one.rule_name for one in cdk_nag.AwsSolutionsChecks(app).validate_scope(app).violations]
    Aspects.of(app).add(cdk_nag.AwsSolutionsChecks())
    if reason is not None:
        cdk_nag.NagSuppressions.add_resource_suppressions(bucket, [{"id": "AwsSolutions-S1", "reason": reason}])
    return bool(Annotations.from_stack(stack).find_error("*", Match.string_like_regexp("AwsSolutions-S1:")))
for reason in (None, "", "The bucket holds logs only."):
    try:
        result = "reported" if has_finding(reason) else "hidden"
    except Exception as error:
        result = "refused: " + next((line for line in str(error).splitlines() if "characters" in line), "?").strip()
    print(f"cdk-nag {version('cdk-nag')}, reason {reason!r}: {result}")
PY
for version in 2.38.2 3.0.2; do PYTHONPATH=nag-$version venv/bin/python look.py 2>errors || { cat errors; exit 2; }; done | tee seen
diff <(sed "s/.*: \(reported\|refused\|hidden\).*/\1/" seen | paste -sd,) - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
reported,refused,hidden,reported,hidden,hidden
SEEN
