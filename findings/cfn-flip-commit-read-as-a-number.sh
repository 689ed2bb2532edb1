#!/usr/bin/env bash
# Guess: a template that cfn-flip rewrites from JSON to YAML has the same values for each reader of the field; it quotes an account id that begins with 0.
# Behaviour: it writes the text "1234e56" (seven digits of a commit id, as in a tag) without quotes. Its own YAML reader takes that for a text, and flips it back as it was.
# CfnInclude of the CDK, js-yaml and ruamel.yaml read a number: the synthesized template has the text "1.234e+59", without an error or a warning. From the JSON file it has the
# commit id.
# Why it matters to us: a template that was made readable before it is included in an app of the CDK names a version that does not exist. Our stacks include no template.
# Needs Node.js and npm.
set -euo pipefail
command -v npm >/dev/null || { echo "needs Node.js and npm"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check cfn-flip==1.3.0 PyYAML==6.0.4 ruamel.yaml==0.19.1 || exit 2
npm init -y >/dev/null
npm install --silent --no-fund --no-audit js-yaml@5.5.0 aws-cdk-lib@2.275.0 constructs@10.8.1 || exit 2
echo "cfn-flip 1.3.0, js-yaml 5.5.0, ruamel.yaml 0.19.1, aws-cdk-lib 2.275.0"
echo '{"Resources": {"Version": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "1234e56"}}}}' >t.json
venv/bin/cfn-flip -y t.json t.yaml
cat >look.js <<'JS'
const { App, Stack } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const { readFileSync } = require("fs");
const value = (template) => JSON.stringify(template.Resources.Version.Properties.Value);
for (const templateFile of ["t.json", "t.yaml"]) {
  const app = new App();
  const stack = new Stack(app, "S");
  new CfnInclude(stack, "I", { templateFile });
  console.log(`CfnInclude ${templateFile}: ${value(app.synth().getStackByName("S").template)}`);
}
console.log(`js-yaml: ${value(require("js-yaml").load(readFileSync("t.yaml", "utf8")))}`);
JS
{
  grep Value t.yaml
  node look.js
  venv/bin/python -c 'import ruamel.yaml as r; print("ruamel.yaml:", r.YAML(typ="safe").load(open("t.yaml"))["Resources"]["Version"]["Properties"]["Value"])'
  venv/bin/cfn-flip -j t.yaml | grep Value
} | sed 's/^ *//' | tee seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
Value: 1234e56
CfnInclude t.json: "1234e56"
CfnInclude t.yaml: "1.234e+59"
js-yaml: 1.234e+59
ruamel.yaml: 1.234e+59
"Value": "1234e56"
SEEN
