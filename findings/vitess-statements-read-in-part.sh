#!/usr/bin/env bash
# Guess: Parse() of Vitess' sqlparser returns an error for a statement that it cannot read.
# Behaviour: true of a SELECT. A CREATE TABLE that it can read only in part comes without an error, as the statement "create table t" without a column or an index; the
# error goes to the log of the process. DOUBLE PRECISION, which MySQL takes, is such a case, also for a column among others. ParseStrictDDL() does return the error.
# Why it matters to us: a tool that compares or copies tables with this parser sees a table without columns, and two such tables are equal. We compare
# information_schema of both servers. Needs Go.
set -euo pipefail
command -v go >/dev/null || { echo "needs Go"; exit 2; }
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"; export GOFLAGS=-modcacherw
go mod init look 2>/dev/null
go get vitess.io/vitess/go/vt/sqlparser@v0.24.4 2>get || { cat get; echo "the module could not be installed"; exit 2; }
cat >main.go <<'GO'
package main

import (
	"fmt"

	"vitess.io/vitess/go/vt/sqlparser"
)

func main() {
	parser := sqlparser.NewTestParser()
	for _, statement := range []string{
		"create table t (id int primary key, v double)",
		"create table t (id int primary key, v double precision)",
		"create table t (id int primary key, v double precision, w varchar(9), key k (w))",
		"select cast(1 as double precision)",
	} {
		tree, err := parser.Parse(statement)
		columns := "none"
		if table, ok := tree.(*sqlparser.CreateTable); ok && table.TableSpec != nil {
			columns = fmt.Sprint(len(table.TableSpec.Columns))
		}
		_, strict := parser.ParseStrictDDL(statement)
		fmt.Printf("%s: error %v, columns %s, strict error %v\n", statement, err != nil, columns, strict != nil)
	}
}
GO
GOFLAGS="$GOFLAGS -mod=mod" go build -o look . 2>build || { cat build; echo "the module could not be built"; exit 2; }
grep -h 'vitess.io/vitess' go.mod; ./look 2>log | tee seen; echo "lines of the log: $(wc -l <log)"
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
create table t (id int primary key, v double): error false, columns 2, strict error false
create table t (id int primary key, v double precision): error false, columns none, strict error true
create table t (id int primary key, v double precision, w varchar(9), key k (w)): error false, columns none, strict error true
select cast(1 as double precision): error true, columns none, strict error true
SEEN
