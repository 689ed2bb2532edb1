#!/usr/bin/env bash
# Guess: mysql-binlog-connector-java, which readers of the binary log in Java are built on, gives the values that a SELECT returns, at least with its option for microseconds.
# Behaviour: a negative TIME is a positive one of another size (-01:02:03.5 is read as 15:02:02, and as 42 days with DATE_AND_TIME_AS_LONG_MICRO). By default a DATETIME(6) has
# milliseconds only. BINARY(4) is a text without its last zero bytes, YEAR 0 is 1900, and an unsigned BIGINT above the signed range is negative. Nothing is raised or logged.
# Debezium puts its own decoders of times in their place; whoever uses the library as it is does not.
# Why it matters to us: a replication that is built on it writes other rows, and only a comparison of the values shows it. The full comparison reads both servers.
# Needs root (Debian roots), Java and Maven.
set -euo pipefail
command -v javac >/dev/null && command -v mvn >/dev/null || { echo "needs Java and Maven"; exit 2; }
. "$(dirname "$0")/lib/server.sh"
install_mysql; start_server mysql
mkdir "$work/java"; cat >"$work/java/pom.xml" <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies><dependency><groupId>com.zendesk</groupId><artifactId>mysql-binlog-connector-java</artifactId><version>0.30.1</version></dependency></dependencies>
</project>
XML
(cd "$work/java" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib) >"$work/mvn" 2>&1 || { cat "$work/mvn"; echo "the library could not be installed"; exit 2; }
basename "$work"/java/lib/mysql-binlog*.jar
ask mysql "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, past TIME(1), time TIME(1), moment DATETIME(6), packed BINARY(4), year YEAR, number BIGINT UNSIGNED)"
ask mysql "INSERT INTO d.t VALUES (1, '-01:02:03.5', '01:02:03.5', '2026-01-02 03:04:05.123456', X'61000000', 0, 18446744073709551615)"
ask mysql "FLUSH BINARY LOGS"
cat >"$work/java/Look.java" <<'JAVA'
import com.github.shyiko.mysql.binlog.BinaryLogFileReader;
import com.github.shyiko.mysql.binlog.event.*;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import java.io.*;
import java.util.*;

public class Look {
    static String show(Object value) {
        if (value instanceof java.sql.Time time) return "time of " + time;
        if (value instanceof Date date) return "date of " + date.getTime() + " ms";
        return value.getClass().getSimpleName() + " " + value;
    }
    public static void main(String[] arguments) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        for (boolean micro : new boolean[] {false, true}) {
            EventDeserializer deserializer = new EventDeserializer();
            if (micro) deserializer.setCompatibilityMode(EventDeserializer.CompatibilityMode.DATE_AND_TIME_AS_LONG_MICRO);
            try (BinaryLogFileReader reader = new BinaryLogFileReader(new File(arguments[0]), deserializer)) {
                for (Event event; (event = reader.readEvent()) != null; )
                    if (event.getData() instanceof WriteRowsEventData data)
                        for (Serializable[] row : data.getRows()) {
                            List<String> texts = new ArrayList<>();
                            for (Serializable value : Arrays.copyOfRange(row, 1, row.length)) texts.add(show(value));
                            System.out.println((micro ? "as microseconds: " : "by default: ") + String.join(", ", texts));
                        }
            }
        }
    }
}
JAVA
(cd "$work/java" && javac -cp 'lib/*' Look.java) || { echo "the program could not be built"; exit 2; }
echo "SELECT: $(ask mysql "SELECT past, time, moment, HEX(packed), year, number FROM d.t" | tr '\t' ' ')"
java -cp "$work/java/lib/*:$work/java" Look "$work/mysql/srv/data/log.000001" | tee "$work/seen"
diff "$work/seen" - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
by default: time of 15:02:02, time of 01:02:03, date of 1767323045123 ms, String a, Integer 1900, Long -1
as microseconds: Long 3682922060000, Long 3723500000, Long 1767323045123456, String a, Integer 1900, Long -1
SEEN
