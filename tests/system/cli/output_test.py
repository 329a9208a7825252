"""What every command has in common: standard output is checked to its last byte, help ends with the exit codes, a
mistyped word names the nearest, and several errors are one document of JSON."""

import json
import os
import re
import subprocess

import harness
from harness import BIN, PLAINTEXT, Root, Server, SystemTest, run


def commands():
    """Every command of the program: lists of words, nouns too."""
    found = []

    def walk(words):
        shown = run([BIN / "ipm", *words, "--help"]).out
        section = re.search(r"^Subcommands:\n((?:  .*\n)+)", shown, re.M)
        found.append(words)
        for line in section.group(1).splitlines() if section else []:
            if re.match(r"  \S", line):
                walk([*words, line.split()[0]])

    walk([])
    return found


class OutputTest(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.home = Root()
        cls.addClassCleanup(cls.home.remove)
        cls.home.configure("[client]\nencryption = false\n", "ipm.toml")
        cls.one = Server(cls.home, PLAINTEXT)
        cls.addClassCleanup(cls.one.stop)
        cls.one.start()
        cls.home.ipm("printer", "add", "office", "--to", cls.home.printed_uri)
        cls.home.ipm("ca", "create", "Print CA", "--key", "p256")
        cls.home.ipm("cert", "issue", "server", "localhost", "--key", "p256")
        cls.commands = commands()

    def refused(self, words, redirection):
        """The command with its standard output led elsewhere: how it ended."""
        done = subprocess.run(["bash", "-c", f'exec "$@" {redirection}', "-", BIN / "ipm", *map(str, words)],
                              env={**os.environ, **self.home.env}, stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=harness.COMMAND_SECONDS)
        return done.returncode, done.stderr.decode()

    def assert_told(self, words, redirection):
        code, error = self.refused(words, redirection)
        self.assertEqual(code, 1, (words, redirection, error))
        self.assertIn("IMP-7005", error, (words, redirection))
        self.assertNotIn("IMP-9001", error, (words, redirection))

    def test_help_of_every_command_is_checked(self):
        self.assertGreater(len(self.commands), 40, self.commands)
        for words in self.commands:
            self.assert_told([*words, "--help"], ">/dev/full")
        self.assert_told(["--version"], ">&-")
        self.assert_told(["--help"], ">&-")

    def test_results_of_any_length_are_checked(self):
        for _ in range(60):
            self.home.ipm("print", "-", "-d", "office", "--hold", "--name", "n" * 200, input=b"x")
        certificate = self.home.etc / "server-cert.pem"
        for words in (["jobs"], ["jobs", "--json"], ["jobs", "--limit", "1"], ["job", "show", "1"],
                      ["job", "show", "1", "--json"], ["printer", "list"], ["printer", "list", "--json"],
                      ["server", "status"], ["server", "status", "--json"], ["explain", "S7"],
                      ["explain", "IMP-1001", "--json"], ["ca", "show"], ["ca", "list"], ["ca", "list", "--json"],
                      ["cert", "show", certificate], ["cert", "check", certificate, "--json"],
                      ["trust", "show"], ["tls", "setup", "--dry-run", "localhost", "--force"],
                      ["printer", "pause", "office"], ["printer", "resume", "office", "--json"],
                      ["print", self.home.file("a.txt", "a"), "-d", "office", "--hold"]):
            for redirection in (">/dev/full", ">&-"):
                self.assert_told(words, redirection)

    def test_work_goes_on_though_it_cannot_be_told(self):
        before = len(self.home.ipm("jobs", "--json").json())
        self.assert_told(["print", self.home.file("a.txt", "a"), "-d", "office", "--hold"], ">/dev/full")
        self.assertEqual(len(self.home.ipm("jobs", "--json").json()), before + 1)

    def test_a_closed_descriptor_is_not_taken_for_another(self):
        """With 1 closed the next file opened would become standard output, and the result land in it."""
        file = self.home.file("kept.txt", "as it was\n")
        self.assert_told(["print", file, "-d", "office", "--hold"], ">&-")
        self.assertEqual(file.read_bytes(), b"as it was\n")
        code, error = self.refused(["print", "-", "-d", "office"], "<&- >/dev/null")
        self.assertEqual(code, 3, error)
        self.assertIn("IMP-7004 standard input", error)

    def test_help_ends_with_the_exit_codes(self):
        for words in self.commands:
            shown = run([BIN / "ipm", *words, "--help"]).out
            self.assertRegex(shown, r"\nExit: 0 .*\n$", words)

    def test_what_was_perhaps_meant(self):
        for words, meant in ((["prnt"], "did you mean ipm print?"), (["printer", "lst"], "did you mean ipm printer list?"),
                             (["jobs", "--destinatoin", "x"], "did you mean --destination?"),
                             (["print", "x", "--copeis=2"], "did you mean --copies?"),
                             (["jobs", "--jsno"], "did you mean --json?"),
                             (["prnt", "--help"], "did you mean ipm print?")):
            refused = run([BIN / "ipm", *words], check=2)
            self.assertIn(meant, refused.err)
            self.assertTrue(refused.err.startswith("IMP-7001"), refused.err)
            self.assertEqual(refused.out, "")
        self.assertNotIn("did you mean", run([BIN / "ipm", "zzzzzz"], check=2).err)
        self.assertIn("not a command of ipm ca", run([BIN / "ipm", "ca", "init", "--help"], check=2).err)

    def test_several_errors_are_one_document(self):
        done = self.home.ipm("job", "show", "99998", "99999", "--json", check=3)
        told = json.loads(done.err)
        self.assertEqual([one["number"] for one in told["errors"]], ["IMP-4005", "IMP-4005"])
        self.assertEqual(json.loads(self.home.ipm("job", "show", "99998", "--json", check=3).err)["error"]["exit"], 3)

    def test_what_may_not_be_looked_at_has_a_number(self):
        if os.geteuid() != 0:
            self.skipTest("needs to be another user")
        root = self.root()
        root.ipm("ca", "create", "Print CA", "--key", "p256")
        root.path.chmod(0o755)
        for folder in (root.path / "var/lib", root.path / "var/lib/ipm", root.etc):
            folder.chmod(0o700)
        done = run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", BIN / "ipm", "tls", "setup",
                    "--mutual", "localhost"], env=root.env, check=None)
        self.assertNotEqual(done.code, 0)
        self.assertRegex(done.err, r"^IMP-700[45] ", "a numbered message, not a defect to report")
        self.assertNotIn("Report it", done.err)


if __name__ == "__main__":
    harness.main()
