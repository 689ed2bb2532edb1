#!/usr/bin/env bash
# Guess: the logical id of a resource depends on its path below the stack alone, so a construct that moves to another stack keeps all its logical ids.
# Behaviour: the secret that an RDS instance of the CDK generates has the name of the stack in its logical id. All other resources keep theirs.
# Why it matters to us: the database moved from ReplicationStack to DataStack. A mapping for a stack refactoring must rename this one resource (docs/decisions/0063).
set -euo pipefail
command -v node >/dev/null || { echo "needs Node.js"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; python3 -m venv venv; venv/bin/pip install -q --disable-pip-version-check aws-cdk-lib==2.275.0 || exit 2
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1 JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=1 JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION=1
venv/bin/python - 2>/dev/null <<'PY' || { echo "the behaviour has changed"; exit 1; }
import sys
from importlib.metadata import version
from aws_cdk import App, Stack, aws_ec2 as ec2, aws_rds as rds
from aws_cdk.assertions import Template
def synthesize(name):
    stack = Stack(App(), name)
    rds.DatabaseInstance(
        stack, "Database", vpc=ec2.Vpc(stack, "Network"),
        engine=rds.DatabaseInstanceEngine.mysql(version=rds.MysqlEngineVersion.VER_8_0),
        credentials=rds.Credentials.from_generated_secret("admin"),
    )
    found = Template.from_stack(stack).to_json()["Resources"]
    return {key: one["Type"] for key, one in found.items()}
before, after = synthesize("OldStack"), synthesize("NewStack")
print("aws-cdk-lib", version("aws-cdk-lib"))
print(len(before.keys() & after.keys()), "logical ids are equal in both stacks")
for stack, mine, other in (("OldStack", before, after), ("NewStack", after, before)):
    print(f"only in {stack}:", {key: mine[key] for key in mine.keys() - other.keys()})
kinds = {before[key] for key in before.keys() - after.keys()}
sys.exit(kinds != {"AWS::SecretsManager::Secret"})
PY
