#!/usr/bin/env bash
# Guess: a client that knows one key of an SSH server accepts the server while it has that key, also when it has got a key of another type as well, as OpenSSH's client does.
# Behaviour: golang.org/x/crypto/ssh with its package knownhosts fails with "key mismatch", the error of another machine: the client proposes all types in an order of
# its own, the server shows the new key, and the check compares only what it was shown. With HostKeyAlgorithms set to the type of the known key it connects.
# Why it matters to us: a new machine often has more types of host keys than the old one (cloud-init makes all of them), and clients in Go (CI, deploy tools) then refuse to push
# although the old key was copied. The SSH server of Gogs has the keys of the source on each target (gogs/settings_file.py). Needs Go.
set -euo pipefail
command -v go >/dev/null || { echo "needs Go"; exit 2; }
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"; export GOFLAGS=-modcacherw; go mod init look 2>/dev/null
go get golang.org/x/crypto@v0.59.0 2>get || { cat get; echo "the module could not be installed"; exit 2; }
cat >main.go <<'GO'
package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net"
	"os"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func serve(keys ...ssh.Signer) string {
	config := &ssh.ServerConfig{NoClientAuth: true}
	for _, key := range keys {
		config.AddHostKey(key)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _, _, _, _ = ssh.NewServerConn(connection, config) }()
		}
	}()
	return listener.Addr().String()
}

func connect(title, address string, known ssh.Signer, algorithms ...string) {
	line := knownhosts.Line([]string{knownhosts.Normalize(address)}, known.PublicKey())
	check(os.WriteFile("known_hosts", []byte(line+"\n"), 0o600))
	callback, err := knownhosts.New("known_hosts")
	check(err)
	client, err := ssh.Dial("tcp", address, &ssh.ClientConfig{User: "git", HostKeyCallback: callback, HostKeyAlgorithms: algorithms})
	if err == nil {
		client.Close()
	}
	fmt.Printf("%s: error %v\n", title, err)
}

func main() {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	check(err)
	known, err := ssh.NewSignerFromKey(private)
	check(err)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	added, err := ssh.NewSignerFromKey(curve)
	check(err)
	connect("the known key alone", serve(known), known)
	both := serve(known, added)
	connect("the known key and one more", both, known)
	connect("the same, with the type of the known key", both, known, ssh.KeyAlgoED25519)
}
GO
GOFLAGS="$GOFLAGS -mod=mod" go build -o look . 2>build || { cat build; echo "the module could not be built"; exit 2; }
grep -h 'golang.org/x/crypto ' go.mod; ./look | tee seen
diff - seen <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
the known key alone: error <nil>
the known key and one more: error ssh: handshake failed: knownhosts: key mismatch
the same, with the type of the known key: error <nil>
SEEN
