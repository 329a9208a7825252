"""ipm ca …: the authority on disk, its inventory, revocation and lists (S2, S13, B6)."""

import concurrent.futures
import fcntl
import json
import os
import pty
import shutil
import stat

from harness import BIN, SystemTest, main, run, wait_until


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def at_terminal(root, argv, answers, wanted):
    """What a person sees who types `answers` when asked; `wanted` is the exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(argv[0], [str(word) for word in argv], {**os.environ, **root.env})
    seen = b""
    answers = list(answers)
    while True:
        try:
            got = os.read(terminal, 4096)
        except OSError:  # How Linux tells that the other side is gone.
            break
        if not got:
            break
        seen += got
        if answers and seen.rstrip(b" ").endswith(b":"):
            os.write(terminal, answers.pop(0) + b"\n")
    os.close(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code != wanted:
        raise AssertionError(f"expected exit {wanted}, not {code}:\n{seen.decode(errors='replace')}")
    return seen


class AuthorityCommands(SystemTest):
    def made(self, *words):
        root = self.root()
        root.ipm("ca", "create", "Example Print CA", "--key", "p256", *words)
        root.ca = root.path / "var/lib/ipm/ca"
        return root

    def client(self, root, name):
        return root.ipm("cert", "issue", "client", name, "--out", root.path / name, "--json").json()

    def test_S2_create_says_what_was_written_and_what_comes_next(self):
        root = self.root()
        done = root.ipm("ca", "create", "Example Print CA", "--key", "p256")
        for text in ("ca-cert.pem", "ca-key.pem", "SHA-256 ", "expires", "Next: ipm cert issue server"):
            self.assertIn(text, done.out)
        self.assertEqual(mode(root.path / "var/lib/ipm/ca/ca-key.pem"), 0o600)
        self.assertEqual((root.etc / "ca-cert.pem").read_bytes(),
                         (root.path / "var/lib/ipm/ca/ca-cert.pem").read_bytes())
        self.assertNotIn("PRIVATE KEY", done.out + done.err)

    def test_create_never_overwrites_and_force_moves_aside(self):
        root = self.made()
        before = (root.ca / "ca-key.pem").read_bytes()
        refused = root.ipm("ca", "create", "Another", "--key", "p256", check=1)
        self.assertIn("IMP-2002", refused.err)
        self.assertEqual((root.ca / "ca-key.pem").read_bytes(), before)
        forced = root.ipm("ca", "create", "Another", "--key", "p256", "--force")
        self.assertIn("Moved the earlier authority to", forced.out)
        moved = [path for path in root.ca.parent.iterdir() if path.name.startswith("ca-replaced-")]
        self.assertEqual(len(moved), 1)
        self.assertEqual((moved[0] / "ca-key.pem").read_bytes(), before)
        # The anchor that was the old authority's alone is the new one's now.
        self.assertEqual((root.etc / "ca-cert.pem").read_bytes(), (root.ca / "ca-cert.pem").read_bytes())

    def test_S5_anchors_that_are_there_stay_and_the_new_one_is_added(self):
        root = self.root()
        other = self.authority("Other CA")
        other.trust_in(root)
        before = (root.etc / "ca-cert.pem").read_text()
        done = root.ipm("ca", "create", "Example Print CA", "--key", "p256")
        self.assertIn("the anchors there stay", done.out)
        after = (root.etc / "ca-cert.pem").read_text()
        self.assertTrue(after.startswith(before))
        run(["openssl", "verify", "-CAfile", root.etc / "ca-cert.pem", root.path / "var/lib/ipm/ca/ca-cert.pem", other.certificate])
        # Force replaces an authority; what else is trusted is not its business.
        root.ipm("ca", "create", "Another", "--key", "p256", "--force")
        self.assertTrue((root.etc / "ca-cert.pem").read_text().startswith(after))

    def test_anchors_that_cannot_be_read_are_not_added_to(self):
        root = self.root()
        damaged = "-----BEGIN CERTIFICATE-----\nno base64\n-----END CERTIFICATE-----\n"
        root.file("etc/ipm/ca-cert.pem", damaged)
        self.assertIn("IMP-2005", root.ipm("ca", "create", "Example Print CA", "--key", "p256", check=1).err)
        self.assertEqual((root.etc / "ca-cert.pem").read_text(), damaged)
        self.assertFalse((root.path / "var/lib/ipm/ca").exists())

    def test_every_kind_of_key(self):
        for kind in ("rsa3072", "p384", "ed25519"):
            with self.subTest(kind):
                root = self.root()
                shown = root.ipm("ca", "create", "A CA", "--key", kind, "--days", "30", "--json").json()
                self.assertIn(shown["days_left"], (29, 30))
                root.ipm("cert", "issue", "client", "alice", "--out", root.path / "alice")
                run(["openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile",
                     root.etc / "ca-cert.pem", root.path / "alice-cert.pem"])

    def test_wrong_orders_are_refused_and_leave_nothing(self):
        root = self.root()
        for words, code, text in (
                (("ca", "create"), 2, "NAME"),
                (("ca", "create", ""), 1, "IMP-1006"),
                (("ca", "create", "x" * 65), 1, "IMP-1006"),
                (("ca", "create", "A\nB"), 1, "IMP-1006"),
                (("ca", "create", "A", "--key", "rsa1024"), 2, "rsa3072"),
                (("ca", "create", "A", "--days", "0"), 2, "days"),
                (("ca", "create", "A", "--days", "many"), 2, "days"),
                (("ca", "create", "A", "--only", "*.example.com"), 1, "example.com"),
                (("ca", "create", "A", "--only", "10.0.0.1/8"), 1, "10.0.0.0/8"),
                (("ca", "create", "A", "--passphrase-file", root.path / "none"), 3, "IMP-7003"),
                (("ca", "list"), 3, "IMP-2001"),
                (("ca", "show"), 3, "ipm ca create"),
                (("ca", "revoke", "alice"), 3, "IMP-2001"),
                (("ca", "crl"), 3, "IMP-2001"),
                (("cert", "issue", "server", "a.example.com"), 3, "IMP-2001")):
            with self.subTest(words):
                refused = root.ipm(*words, check=code)
                self.assertIn(text, refused.err)
                self.assertIn("to mend:", refused.err)
                self.assertEqual(len(refused.err.strip().splitlines()), 3)
                self.assertFalse((root.path / "var/lib/ipm/ca/ca-cert.pem").exists())

    def test_encrypted_key_takes_its_passphrase_from_a_file(self):
        root = self.root()
        secret = root.file("secret", "correct horse\n")
        wrong = root.file("wrong", "battery staple\n")
        root.ipm("ca", "create", "Sealed CA", "--key", "p256", "--passphrase-file", secret)
        self.assertIn(b"BEGIN ENCRYPTED PRIVATE KEY",
                      (root.path / "var/lib/ipm/ca/ca-key.pem").read_bytes())
        client = ("cert", "issue", "client", "alice", "--out", root.path / "alice")
        self.assertIn("IMP-2004", root.ipm(*client, "--passphrase-file", wrong, check=1).err)
        self.assertFalse((root.path / "alice-key.pem").exists())
        self.assertEqual(root.ipm("ca", "list", "--json").json(), [])
        root.ipm(*client, "--passphrase-file", secret)
        self.assertTrue(root.ipm("ca", "show", "--json").json()["key_encrypted"])
        root.ipm("ca", "revoke", "alice", "--passphrase-file", secret)

    def test_encrypt_asks_twice_at_the_terminal_without_echo(self):
        root = self.root()
        create = [BIN / "ipm", "ca", "create", "Sealed CA", "--key", "p256", "--encrypt"]
        self.assertIn(b"the two passphrases differ", at_terminal(root, create, [b"one two", b"three"], 2))
        shown = at_terminal(root, create, [b"correct horse", b"correct horse"], 0)
        self.assertNotIn(b"horse", shown)
        issue = [BIN / "ipm", "cert", "issue", "client", "alice", "--out", root.path / "alice"]
        self.assertIn(b"IMP-2004", at_terminal(root, issue, [b"wrong one"], 1))
        self.assertNotIn(b"horse", at_terminal(root, issue, [b"correct horse"], 0))
        self.assertIn("IMP-7001", run(["setsid", "-w", *issue, "--force"], env=root.env, check=2).err)

    def test_a_passphrase_is_never_taken_from_the_command_line(self):
        for words in (("ca", "create"), ("cert", "issue", "server"), ("cert", "export")):
            text = self.root().ipm(*words, "--help").out
            self.assertIn("--passphrase-file", text)
            self.assertNotIn("--passphrase ", text)

    def test_list_shows_serial_name_role_dates_and_state(self):
        root = self.made()
        alice = self.client(root, "alice")
        root.ipm("cert", "issue", "server", "ipmsrv.example.com", "--mutual", "--key", "p256")
        self.client(root, "bob")
        root.ipm("ca", "revoke", "bob", "--reason", "superseded")
        rows = root.ipm("ca", "list", "--json").json()
        self.assertEqual([(row["name"], row["role"], row["state"]) for row in rows],
                         [("alice", "client", "valid"),
                          ("ipmsrv.example.com", "mutual server", "valid"),
                          ("bob", "client", "revoked")])
        self.assertEqual(rows[0]["serial"], alice["serial"])
        self.assertEqual(rows[0]["fingerprint_sha256"], alice["fingerprint_sha256"])
        table = root.ipm("ca", "list").out
        for text in (alice["serial"], "ipmsrv.example.com", "revoked (superseded)"):
            self.assertIn(text, table)
        shown = root.ipm("ca", "show", "--json").json()
        self.assertEqual((shown["issued"], shown["valid"], shown["revoked"]), (3, 2, 1))

    def test_B6_revoke_by_serial_name_and_file(self):
        root = self.made()
        serial = self.client(root, "alice")["serial"]
        self.client(root, "bob")
        self.client(root, "carol")
        root.ipm("ca", "revoke", serial.lower())
        root.ipm("ca", "revoke", "bob", "--reason", "keyCompromise")
        root.ipm("ca", "revoke", root.path / "carol-cert.pem")
        self.assertEqual({row["state"] for row in root.ipm("ca", "list", "--json").json()}, {"revoked"})
        text = run(["openssl", "crl", "-in", root.etc / "crl.pem", "-noout", "-text"]).out
        self.assertIn("Key Compromise", text)
        self.assertEqual(text.count("Serial Number:"), 3)
        self.assertIn("is revoked", root.ipm("cert", "check", root.path / "bob-cert.pem", check=6).out)
        refused = run(["openssl", "verify", "-crl_check", "-CAfile", root.etc / "ca-cert.pem", "-CRLfile",
                       root.etc / "crl.pem", root.path / "bob-cert.pem"], check=None)
        self.assertIn("certificate revoked", refused.err)

    def test_B6_a_file_that_happens_to_have_the_name_is_not_in_the_way(self):
        root = self.made()
        self.client(root, "alice")
        root.file("alice", "notes about alice")
        root.ipm("ca", "revoke", "alice", cwd=root.path)
        self.assertEqual([row["state"] for row in root.ipm("ca", "list", "--json").json()], ["revoked"])
        root.file("bob", "notes about bob")
        self.assertIn("IMP-1004", root.ipm("ca", "revoke", "bob", cwd=root.path, check=1).err)

    def test_revoking_what_is_unknown_or_ambiguous_changes_nothing(self):
        root = self.made()
        self.client(root, "alice")
        root.ipm("cert", "issue", "client", "alice", "--out", root.path / "second")
        self.assertIn("--all", root.ipm("ca", "revoke", "alice", check=2).err)
        self.assertIn("IMP-2010", root.ipm("ca", "revoke", "nobody", check=3).err)
        self.assertIn("keyCompromise",
                      root.ipm("ca", "revoke", "alice", "--all", "--reason", "boredom", check=2).err)
        stranger, _ = self.authority().issue(root.path / "stranger", "alice", "clientAuth")
        self.assertIn("IMP-2010", root.ipm("ca", "revoke", stranger, check=3).err)
        self.assertEqual({row["state"] for row in root.ipm("ca", "list", "--json").json()}, {"valid"})
        root.ipm("ca", "revoke", "alice", "--all")
        self.assertEqual({row["state"] for row in root.ipm("ca", "list", "--json").json()}, {"revoked"})

    def test_lists_of_other_issuers_stay(self):
        root = self.made()
        other = self.root()
        other.ipm("ca", "create", "Other CA", "--key", "p256")
        other.ipm("ca", "crl")
        shutil.copy(other.etc / "crl.pem", root.etc / "crl.pem")
        root.ipm("ca", "crl")
        root.ipm("ca", "crl")
        self.assertEqual((root.etc / "crl.pem").read_text().count("BEGIN X509 CRL"), 2)
        root.file("etc/ipm/crl.pem", "rubbish")
        self.assertIn("--force", root.ipm("ca", "crl", check=1).err)
        root.ipm("ca", "crl", "--force")

    def test_crl_numbers_grow_and_if_due_waits_for_half_time(self):
        root = self.made()
        first = root.ipm("ca", "crl", "--if-due", "--json").json()
        self.assertEqual((first["number"], first["signed"]), ("1", True))
        self.assertFalse(root.ipm("ca", "crl", "--if-due", "--json").json()["signed"])
        self.assertEqual(root.ipm("ca", "crl", "--days", "30", "--json").json()["number"], "2")
        self.assertIn("days", root.ipm("ca", "crl", "--days", "0", check=2).err)

    def test_S13_an_exposed_key_is_reported(self):
        root = self.made()
        (root.ca / "ca-key.pem").chmod(0o644)
        done = root.ipm("cert", "issue", "client", "alice", "--out", root.path / "alice")
        self.assertIn("S13", done.err)
        self.assertIn("chmod 600", done.err)

    def test_only_limits_what_is_certified(self):
        root = self.root()
        root.ipm("ca", "create", "Bound CA", "--key", "p256", "--only", "example.com,10.0.0.0/8")
        issue = ("cert", "issue", "server", "--key", "p256", "--out", root.path / "s")
        self.assertIn("other.org", root.ipm(*issue, "other.org", check=1).err)
        self.assertIn("11.0.0.1", root.ipm(*issue, "a.example.com", "--names", "11.0.0.1", check=1).err)
        self.assertEqual(root.ipm("ca", "list", "--json").json(), [])
        root.ipm(*issue, "a.example.com", "--names", "10.1.2.3 *.print.example.com")
        run(["openssl", "verify", "-x509_strict", "-CAfile", root.etc / "ca-cert.pem",
             root.path / "s-cert.pem"])
        # What was only found, not given, is left out and said.
        found = root.ipm("cert", "issue", "server", "b.example.com", "--key", "p256")
        self.assertIn("Left out", found.out)
        self.assertIn("localhost", found.out)

    def test_B4_only_limits_mailboxes_too(self):
        root = self.root()
        root.ipm("ca", "create", "Bound CA", "--key", "p256", "--only", "example.com")
        issue = ("cert", "issue", "client", "--out", root.path / "c")
        self.assertIn("alice@example.org", root.ipm(*issue, "alice@example.org", check=1).err)
        root.ipm(*issue, "alice@example.com")
        text = run(["openssl", "x509", "-in", root.etc / "ca-cert.pem", "-noout", "-ext", "nameConstraints"]).out
        self.assertIn("email:example.com", text)
        run(["openssl", "verify", "-x509_strict", "-CAfile", root.etc / "ca-cert.pem", root.path / "c-cert.pem"])

    def test_what_is_due_is_listed_until_it_has_a_successor(self):
        root = self.made()
        root.ipm("cert", "issue", "client", "alice", "--days", "20", "--out", root.path / "alice")
        self.client(root, "bob")
        self.assertEqual([row["name"] for row in root.ipm("ca", "list", "--due", "31", "--json", check=4).json()],
                         ["alice"])
        self.assertIn("Nothing expires", root.ipm("ca", "list", "--due", "10").out)
        root.ipm("cert", "renew", root.path / "alice", "--force")
        self.assertEqual(root.ipm("ca", "list", "--due", "31", "--json").json(), [])

    def test_a_locked_inventory_is_called_in_use(self):
        root = self.made()
        import sqlite3
        holder = sqlite3.connect(root.ca / "inventory.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        try:
            refused = root.ipm("cert", "issue", "client", "bob", "--out", root.path / "bob", check=None)
        finally:
            holder.close()
        self.assertIn("IMP-7014", refused.err)
        self.assertNotIn("df -h", refused.err)

    def test_many_at_once_lose_nothing(self):
        root = self.made()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: self.client(root, f"client{n}"), range(8)))
        rows = json.loads(root.ipm("ca", "list", "--json").out)
        self.assertEqual(len({row["serial"] for row in rows}), 8)

    def test_B6_revocations_at_once_all_reach_the_installed_list(self):
        root = self.made()
        count = 4
        for number in range(count):
            self.client(root, f"client{number}")

        def revoked(file):
            return run(["openssl", "crl", "-in", file, "-noout", "-text"]).out.count("Serial Number:")
        holder = open(root.path / "var/lib/ipm/.trust.json.lock", "w", encoding="ascii")
        with holder, concurrent.futures.ThreadPoolExecutor(count) as pool:
            fcntl.flock(holder, fcntl.LOCK_EX)
            commands = []
            for number in range(count):  # each signs its list, and waits with installing it
                commands.append(pool.submit(root.ipm, "ca", "revoke", f"client{number}"))
                wait_until(lambda: (root.ca / "crl.pem").exists() and revoked(root.ca / "crl.pem") > number,
                           "the list is signed")
            self.assertFalse((root.etc / "crl.pem").exists())
            fcntl.flock(holder, fcntl.LOCK_UN)
            for command in commands:
                command.result()
        # Whoever came last, with whatever list of its own.
        self.assertEqual(revoked(root.etc / "crl.pem"), count)


if __name__ == "__main__":
    main()
