#!/usr/bin/env bash
# Guess: a dictionary that a CDK app in Python gives to CfnResource or to a Pass state arrives in the template as json.dumps would write it, or raises an error.
# Behaviour: None is taken out, also of a list, which gets shorter, so that later members move up. A whole number above 2**53 is rounded: 9007199254740993 becomes
# ...992. Nothing is reported.
# Why it matters to us: what a state machine starts with, and a size in bytes, may differ from what the Python code says. The state of our procedure is made in its
# functions, not in the template.
set -euo pipefail
command -v node >/dev/null || { echo "needs Node.js"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; python3 -m venv venv; venv/bin/pip install -q --disable-pip-version-check aws-cdk-lib==2.275.0 || exit 2
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1 JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=1 JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION=1
venv/bin/python - 2>errors <<'PY' || { cat errors; echo "the behaviour has changed"; exit 1; }
import json, sys
from importlib.metadata import version
from aws_cdk import App, CfnResource, Stack, aws_stepfunctions as sfn
from aws_cdk.assertions import Template
value = {"nothing": None, "list": ["first", None, "third"], "size": 2**53 + 1, "fraction": 1.5}
stack = Stack(App(), "Stack")
CfnResource(stack, "Resource", type="Example::Any::Resource", properties=value)
first = sfn.Pass(stack, "Pass", result=sfn.Result.from_object(value))
sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(first))
resources = {one["Type"]: one["Properties"] for one in Template.from_stack(stack).to_json()["Resources"].values()}
resource = resources["Example::Any::Resource"]
result = json.loads(resources["AWS::StepFunctions::StateMachine"]["DefinitionString"])["States"]["Pass"]["Result"]
print("aws-cdk-lib", version("aws-cdk-lib"), "jsii", version("jsii"))
expected = {"list": ["first", "third"], "size": 2**53, "fraction": 1.5}
for place, found in (("given", value), ("in CloudFormation", resource), ("in Step Functions", result)):
    print(f"{place}: {json.dumps(found)}")
sys.exit(not resource == result == expected)
PY
