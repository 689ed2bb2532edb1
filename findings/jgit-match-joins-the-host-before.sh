#!/usr/bin/env bash
# Guess: JGit and JSch, which do not support Match of OpenSSH's configuration, skip a block that begins with it, up to the next Host; or they refuse the file.
# Behaviour: they skip the line alone. The settings of the block count as those of the Host before it: a Match for a bastion gives its address and port to another host. With a
# Match at the start of the file the settings count for every host. Nothing is written.
# Why it matters to us: whoever sends some users to the new server by a Match before the name moves sends the Java programs (Jenkins, Gerrit, Eclipse) elsewhere: a job pushes to a server
# that no rule names for it. Git over SSH gets a name of its own on our target (docs/runbook.md, names). Needs Java, Maven and OpenSSH's client.
set -euo pipefail
command -v javac >/dev/null && command -v mvn >/dev/null && command -v ssh >/dev/null || { echo "needs Java, Maven and OpenSSH's client"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.eclipse.jgit</groupId><artifactId>org.eclipse.jgit.ssh.apache</artifactId><version>7.8.1.202611041320-r</version></dependency>
    <dependency><groupId>com.github.mwiede</groupId><artifactId>jsch</artifactId><version>2.28.8</version></dependency>
  </dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib >mvn.log 2>&1 || { cat mvn.log; echo "the libraries could not be installed"; exit 2; }
basename -a lib/jsch-*.jar lib/org.eclipse.jgit.ssh.apache-*.jar; ssh -V
cat >Look.java <<'JAVA'
import com.jcraft.jsch.ConfigRepository;
import com.jcraft.jsch.OpenSSHConfig;
import java.io.File;
import org.eclipse.jgit.transport.SshConfigStore;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;

public class Look {
    static class Factory extends SshdSessionFactory {
        SshConfigStore read(File file) { return createSshConfigStore(new File("."), file, "local"); }
    }

    public static void main(String[] names) throws Exception {
        for (String host : new String[] {"git.example.com", "bastion.example.com", "other.example.com"}) {
            var jgit = new Factory().read(new File(names[0]).getAbsoluteFile()).lookup(host, -1, "");
            ConfigRepository.Config jsch = OpenSSHConfig.parseFile(names[0]).getConfig(host);
            System.out.println("JGit " + host + ": " + jgit.getValue("HostName") + " " + jgit.getValue("Port"));
            System.out.println("JSch " + host + ": " + (jsch.getHostname() == null ? host : jsch.getHostname()) + " " + (jsch.getPort() < 0 ? null : jsch.getPort()));
        }
    }
}
JAVA
javac -cp 'lib/*' Look.java || { echo "the program could not be built"; exit 2; }
printf '%s\n' 'Host git.example.com' '  User git' 'Match host bastion.example.com' '  HostName new.example.com' '  Port 2200' 'Host *' '  User all' >after-host
printf '%s\n' 'Match host bastion.example.com' '  HostName new.example.com' '  Port 2200' 'Host *' '  User all' >at-start
for name in after-host at-start; do
  echo "$name"; java -cp 'lib/*:.' Look $name 2>warnings | sort
  for host in git bastion other; do ssh -T -F $name -G $host.example.com | awk -v host=$host.example.com '{ value[$1] = $2 } END { print "OpenSSH " host ": " value["hostname"] " " (value["port"] == 22 ? "null" : value["port"]) }'; done
done | tee seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
after-host
JGit bastion.example.com: bastion.example.com null
JGit git.example.com: new.example.com 2200
JGit other.example.com: other.example.com null
JSch bastion.example.com: bastion.example.com null
JSch git.example.com: new.example.com 2200
JSch other.example.com: other.example.com null
OpenSSH git.example.com: git.example.com null
OpenSSH bastion.example.com: new.example.com 2200
OpenSSH other.example.com: other.example.com null
at-start
JGit bastion.example.com: new.example.com 2200
JGit git.example.com: new.example.com 2200
JGit other.example.com: new.example.com 2200
JSch bastion.example.com: new.example.com 2200
JSch git.example.com: new.example.com 2200
JSch other.example.com: new.example.com 2200
OpenSSH git.example.com: git.example.com null
OpenSSH bastion.example.com: new.example.com 2200
OpenSSH other.example.com: other.example.com null
SEEN
