#!/usr/bin/env bash
# Guess: JSch (the maintained fork) reads OpenSSH's configuration with the first value of each setting, also where a host has two blocks, and `Port = 2222` like `Port 2222`.
# Behaviour: of two blocks with the same line Host it knows the last one alone: the address is that of the later block, and what only the earlier block has (user, port) is gone. If the lines
# differ in one more name, the first value counts. With spaces around "=" the value of each setting begins with "= ", and a port is missing. Quotes stay in a path. Nothing is written.
# Why it matters to us: whoever puts a block with the new address before the old block sends ssh and git to the new server and the Java programs (Ant, Camel, older Maven and Eclipse) to the
# old one, where their writes would be lost. Our source only forwards HTTP and SSH after the commit. Needs Java, Maven and OpenSSH's client.
set -euo pipefail
command -v javac >/dev/null && command -v mvn >/dev/null && command -v ssh >/dev/null || { echo "needs Java, Maven and OpenSSH's client"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies><dependency><groupId>com.github.mwiede</groupId><artifactId>jsch</artifactId><version>2.28.8</version></dependency></dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib >mvn.log 2>&1 || { cat mvn.log; echo "the library could not be installed"; exit 2; }
basename -a lib/jsch-*.jar; ssh -V
cat >Look.java <<'JAVA'
import com.jcraft.jsch.ConfigRepository;
import com.jcraft.jsch.OpenSSHConfig;

public class Look {
    public static void main(String[] names) throws Exception {
        for (String host : new String[] {"git.example.com", "two.example.com", "equals", "quoted"}) {
            ConfigRepository.Config jsch = OpenSSHConfig.parseFile(names[0]).getConfig(host);
            System.out.println("JSch " + host + ": address " + (jsch.getHostname() == null ? host : jsch.getHostname()) + ", user " + jsch.getUser()
                + ", port " + (jsch.getPort() < 0 ? 22 : jsch.getPort()) + ", key " + jsch.getValue("IdentityFile"));
        }
    }
}
JAVA
javac -cp 'lib/*' Look.java || { echo "the program could not be built"; exit 2; }
cat >config <<'CONFIG'
Host git.example.com
  HostName new.example.com
  User git
  Port 2222
Host git.example.com
  HostName old.example.com
Host two.example.com two
  HostName new.example.com
  User git
Host two.example.com
  HostName old.example.com
Host equals
  User = git
  Port = 2222
Host quoted
  IdentityFile "/srv/key"
Host *
  User other
  IdentityFile none
CONFIG
{
  java -cp 'lib/*:.' Look config
  for host in git.example.com two.example.com equals quoted; do
    ssh -T -F config -G $host | awk -v host=$host '!($1 in value) { value[$1] = $2 } END { print "OpenSSH " host ": address " value["hostname"] ", user " value["user"] ", port " value["port"] ", key " value["identityfile"] }'
  done
} | tee seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
JSch git.example.com: address old.example.com, user other, port 22, key none
JSch two.example.com: address new.example.com, user git, port 22, key none
JSch equals: address equals, user = git, port 22, key none
JSch quoted: address quoted, user other, port 22, key "/srv/key"
OpenSSH git.example.com: address new.example.com, user git, port 2222, key none
OpenSSH two.example.com: address new.example.com, user git, port 22, key none
OpenSSH equals: address equals, user git, port 2222, key none
OpenSSH quoted: address quoted, user other, port 22, key /srv/key
SEEN
