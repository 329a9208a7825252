"""Each message that advises a command: a scenario that provokes it; the command is run as it was printed, and what was
refused is tried again. See mends.py."""

import shutil

import harness
from harness import ONE_SIDED, PLAINTEXT
from mends import MendTest, Refused, advice_of, commands_in, mend


class PrintingMends(MendTest):
    def plain(self):
        """A root with a server in plaintext and a destination."""
        root = self.root()
        root.configure("[client]\nencryption = false\n", "ipm.toml")
        server = self.server(root, PLAINTEXT)
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        return root, server

    @mend("IMP-4004")
    def a_destination_that_is_not_there(self):
        root, server = self.plain()
        yield Refused(root, "print", root.file("a.txt", "a"), "-d", "nowhere", "--server", server.address, mends=False)

    @mend("IMP-4005")
    def a_job_that_is_not_there(self):
        root, server = self.plain()
        yield Refused(root, "job", "show", "99", "--server", server.address, mends=False)

    @mend("IMP-4007")
    def a_job_that_is_over(self):
        root, _ = self.plain()
        root.ipm("print", root.file("a.txt", "a"), "-d", "office", "--wait")
        yield Refused(root, "job", "release", "1", mends=False)

    @mend("IMP-4011")
    def a_name_that_is_taken(self):
        root, _ = self.plain()
        yield Refused(root, "printer", "add", "office", "--to", root.printed_uri)

    @mend("IMP-4010")
    def a_destination_that_takes_no_jobs(self):
        root, _ = self.plain()
        root.ipm("printer", "reject", "office")
        yield Refused(root, "print", root.file("a.txt", "a"), "-d", "office", mends=False)

    @mend("IMP-4017")
    def a_destination_with_jobs_that_are_canceled(self):
        root, _ = self.plain()
        root.ipm("print", root.file("a.txt", "a"), "-d", "office", "--hold")
        yield Refused(root, "printer", "delete", "office", ended=3)
        self.assertEqual(root.ipm("jobs", "--all", "--json").json()[0]["job-state"], "canceled")

    @mend("IMP-4017")
    def a_destination_with_jobs_that_are_moved(self):
        root, _ = self.plain()
        root.ipm("printer", "add", "attic", "--to", root.printed_uri)
        root.ipm("print", root.file("a.txt", "a"), "-d", "office", "--hold")
        yield Refused(root, "printer", "delete", "office", pick=1, fill={"OTHER": "attic"}, ended=3)
        self.assertEqual(len(root.ipm("jobs", "-d", "attic", "--json").json()), 1)

    @mend("IMP-7001")
    def a_word_that_is_no_command(self):
        yield Refused(self.root(), "prnt", mends=False)

    @mend("IMP-7001")
    def a_change_of_nothing(self):
        yield Refused(self.root(), "printer", "set", "office", mends=False)

    @mend("IMP-7004")
    def a_folder_instead_of_its_files(self):
        root, _ = self.plain()
        for name in ("one.txt", "two words.txt"):
            root.file(f"my papers/{name}", name)
        yield Refused(root, "print", root.path / "my papers", mends=False)
        self.assertEqual(root.ipm("jobs", "--all", "--json").json()[0]["number-of-documents"], 2)

    def test_a_name_that_breaks_the_rule_is_told_one_that_keeps_it(self):
        root, _ = self.plain()
        for name, offered in (("my printer", "my_printer"), ("B\u00fcro", "B_ro"), ("a/b", "a_b"), ("..", None),
                              ("", None), ("-x", "x"), ("q" * 128, "q" * 127)):
            refused = root.ipm("printer", "add", "--to", root.printed_uri, "--", name, check=1)
            self.assertTrue(refused.err.startswith("IMP-1006"), refused.err)
            self.assertIn("1 to 127 ASCII letters, digits and . _ -", refused.err)
            if offered:
                self.assertIn(f"call it {offered};", advice_of(refused.err))
                root.ipm("printer", "add", "--to", root.printed_uri, "--", offered)


class EncryptionMends(MendTest):
    QUICK = ("--key", "p256", "--ca-key", "p256")

    @mend("IMP-7003")
    def a_client_without_anchors(self):
        home, client, ca = self.root(), self.root(), self.authority()
        ca.equip_server(home)
        server = self.server(home, ONE_SIDED)
        yield Refused(client, "jobs", "--server", server.address, fill={"CA-CERT.pem": ca.certificate})

    @mend("IMP-2006")
    def a_pair_of_an_authority_that_was_replaced(self):
        root = self.root()
        root.ipm("tls", "setup", "--mutual", "localhost", *self.QUICK)
        root.ipm("ca", "create", "Second", "--key", "p256", "--force")
        yield Refused(root, "tls", "setup", "--mutual")
        harness.run([harness.BIN / "ipmd", "--check"], env=root.env)


    def brought(self, usage="serverAuth,clientAuth"):
        """A root with the pair and the anchor of another machine's authority."""
        root, ca = self.root(), self.authority()
        ca.trust_in(root)
        ca.issue(root.etc / "server", "localhost", usage, names=("127.0.0.1",))
        return root, ca

    @mend("IMP-7006")
    def a_pair_that_was_brought_along_and_encryption_off(self):
        root, _ = self.brought()
        root.configure(PLAINTEXT)
        pair = [(root.etc / f"server-{part}.pem").read_bytes() for part in ("cert", "key")]
        yield Refused(root, "tls", "setup", "--mutual")
        self.assertEqual([(root.etc / f"server-{part}.pem").read_bytes() for part in ("cert", "key")], pair)
        self.assertFalse((root.path / "var/lib/ipm/ca").exists())
        harness.run([harness.BIN / "ipmd", "--check"], env=root.env)

    @mend("IMP-7006")
    def a_pair_that_was_brought_along_and_does_not_do(self):
        root, ca = self.brought("serverAuth")
        better = ca.issue(root.path / "better", "localhost", "serverAuth,clientAuth", names=("127.0.0.1",))
        yield Refused(root, "tls", "setup", "--mutual", fill={"CERTIFICATE": better[0], "KEY": better[1]})
        self.assertFalse((root.path / "var/lib/ipm/ca").exists())

    @mend("IMP-7006")
    def a_mutual_server_that_is_asked_for_without(self):
        root, _ = self.brought()
        root.configure(ONE_SIDED + "mutual = true\n")
        yield Refused(root, "tls", "setup", pick=1)

    @mend("IMP-2001")
    def a_machine_that_trusts_a_ca_elsewhere(self):
        root, distant = self.root(), self.root()
        distant.ipm("ca", "create", "Print CA", "--key", "p256")
        root.ipm("trust", "install", distant.etc / "ca-cert.pem")
        refused = root.ipm("tls", "setup", "--mutual", "localhost", check=3)
        issue = commands_in(advice_of(refused.err))[0]
        distant.ipm(*issue.replace("STEM", str(root.path / "issued")).split()[1:])
        yield Refused(root, "tls", "setup", "--mutual", "localhost", pick=1,
                      fill={"CERTIFICATE": root.path / "issued-cert.pem", "KEY": root.path / "issued-key.pem"})
        self.assertFalse((root.path / "var/lib/ipm/ca").exists())
        harness.run([harness.BIN / "ipmd", "--check"], env=root.env)

    @mend("IMP-2001")
    def a_site_without_an_authority(self):
        yield Refused(self.root(), "ca", "crl", pick=0, fill={"NAME": "Print CA"})

    @mend("IMP-2010")
    def a_certificate_that_is_of_no_authority_here(self):
        root = self.root()
        root.ipm("ca", "create", "Print CA", "--key", "p256")
        yield Refused(root, "ca", "revoke", "nobody", mends=False)


class RevocationMends(MendTest):
    """B6: no advice that is followed lets in again whoever was revoked."""

    def with_alice(self):
        """An authority, a copy of its folder from before alice was revoked, and a server's memory of her."""
        root = self.root()
        root.ipm("ca", "create", "Print CA", "--key", "p256")
        folder = root.path / "var/lib/ipm/ca"
        shutil.copytree(folder, root.path / "copy")
        root.ipm("cert", "issue", "client", "alice", "--out", root.path / "alice")
        root.ipm("ca", "revoke", "alice")
        shutil.rmtree(folder)
        shutil.copytree(root.path / "copy", folder)
        return root, folder

    def serials(self, root):
        return harness.run(["openssl", "crl", "-in", root.etc / "crl.pem", "-noout", "-text"]).out.count("Serial Number:")

    @mend("IMP-2018")
    def a_list_that_is_installed(self):
        root, _ = self.with_alice()
        yield Refused(root, "ca", "crl")
        self.assertEqual(self.serials(root), 1)

    @mend("IMP-2018")
    def a_list_that_only_the_servers_memory_has(self):
        root, folder = self.with_alice()
        (root.etc / "crl.pem").rename(folder.parent / "lists-in-force.pem")
        yield Refused(root, "ca", "crl", "--if-due")
        root.ipm("ca", "crl")
        self.assertEqual(self.serials(root), 1)

    @mend("IMP-2018")
    def a_memory_with_the_lists_of_other_cas(self):
        root, folder = self.with_alice()
        partner = self.authority("Print CA")
        partner.issue(root.path / "pete", "pete.example.com", "clientAuth")
        partner.crl(root.path / "partner.pem")
        memory = (root.path / "partner.pem").read_text() + (root.etc / "crl.pem").read_text()
        (root.etc / "crl.pem").unlink()
        (folder.parent / "lists-in-force.pem").write_text(memory)
        yield Refused(root, "ca", "crl")
        self.assertEqual(self.serials(root), 1)


class AdviceTest(harness.SystemTest):
    def test_the_flags_that_were_given_are_repeated(self):
        root = self.root()
        root.configure("[client]\nencryption = false\n", "ipm.toml")
        server = self.server(root, PLAINTEXT)
        refused = root.ipm("--root", root.path, "job", "show", "99", "--server", server.address, check=3)
        self.assertIn(f"ipm --root {root.path} jobs --server {server.address}", refused.err)
        told = root.ipm("job", "show", "99", "--server", server.address, "--json", check=3)
        self.assertIn(f"ipm jobs --server {server.address}", told.err)
        self.assertNotIn("--server", root.ipm("job", "show", "99", check=3).err)


if __name__ == "__main__":
    harness.main()
