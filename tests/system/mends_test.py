"""Each message that advises a command: a scenario that provokes it; the command is run as it was printed, and what was
refused is tried again. See mends.py."""

import harness
from harness import ONE_SIDED, PLAINTEXT
from mends import MendTest, Refused, advice_of, mend


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
