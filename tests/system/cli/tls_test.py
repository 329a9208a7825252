"""ipm tls on, off and setup: the switch, certificates that were brought along, and the server's last word."""


import harness
from harness import BIN, PLAINTEXT, SystemTest, run
from mends import advice_of, commands_in


class SwitchTest(SystemTest):
    QUICK = ("--key", "p256", "--ca-key", "p256")

    def brought(self, usage="serverAuth,clientAuth"):
        """A root with the pair and the anchor of another machine's authority."""
        root = self.root()
        ca = self.authority()
        ca.trust_in(root)
        ca.issue(root.etc / "server", "ipmsrv.example.com", usage, names=("localhost",))
        return root, ca

    def ipmd_check(self, root, code=0):
        return run([BIN / "ipmd", "--check"], env=root.env, check=code)

    def test_on_and_off_write_only_the_switch(self):
        root, _ = self.brought()
        root.configure('# ours\n[server]\nname = "localhost"  # known\nlisten = ["127.0.0.1:0"]\n'
                       '[limits]\nconnections = 77\n')
        self.assertIn("encryption on)", root.ipm("tls", "on").out)
        text = (root.etc / "ipmd.toml").read_text()
        self.assertIn("# ours", text)
        self.assertIn("connections = 77", text)
        self.assertRegex(text, r"enabled = true\nmutual = false|mutual = false\nenabled = true")
        self.assertIn("on already", root.ipm("tls", "on").out)
        self.assertIn("on, mutual", root.ipm("tls", "on", "--mutual").out)
        self.ipmd_check(root)
        self.assertIn("on, mutual already", root.ipm("tls", "on").out, "mutual stays as it is")
        self.assertEqual(root.ipm("tls", "off", "--mutual", "--json").json(),
                         {"encryption": True, "mutual": False, "changed": True})
        self.assertEqual(root.ipm("tls", "off", "--json").json(),
                         {"encryption": False, "mutual": False, "changed": True})
        self.assertIn("off", root.ipm("tls", "off").out)

    def test_on_makes_the_file_where_there_is_none(self):
        root, _ = self.brought()
        root.ipm("tls", "on", "--mutual")
        self.ipmd_check(root)
        root.listen_on_loopback()
        self.server(root, None)

    def test_on_is_refused_where_the_server_would_refuse(self):
        root, _ = self.brought("serverAuth")
        refused = root.ipm("tls", "on", "--mutual", check=1)
        self.assertIn("S9", refused.err)
        self.assertFalse((root.etc / "ipmd.toml").exists(), "nothing is written")
        empty = self.root()
        self.assertIn("ca-cert.pem is not there", empty.ipm("tls", "on", check=3).err)
        self.assertFalse((empty.etc / "ipmd.toml").exists())
        self.authority("Stranger").trust_in(root)
        self.assertIn("IMP-2006", root.ipm("tls", "on", check=1).err)

    def test_setup_with_what_was_brought_along_makes_no_authority(self):
        root, ca = self.brought()
        planned = root.ipm("tls", "setup", "--mutual", "--dry-run")
        self.assertIn("make no authority", planned.out)
        self.assertNotIn("client certificate", planned.out)
        anchors = (root.etc / "ca-cert.pem").read_bytes()
        done = root.ipm("tls", "setup", "--mutual")
        self.assertIn("on the machine with the CA: ipm cert issue client NAME", done.out)
        self.assertFalse((root.path / "var/lib/ipm/ca").exists())
        self.assertFalse((root.etc / "client-key.pem").exists())
        self.assertEqual((root.etc / "ca-cert.pem").read_bytes(), anchors)
        self.ipmd_check(root)
        ca.equip_client(root)
        self.assertIn("Everything is there already", root.ipm("tls", "setup", "--mutual").out)

    def test_setup_refuses_what_was_brought_along_and_does_not_fit(self):
        root, _ = self.brought()
        self.authority("Stranger").trust_in(root)
        refused = root.ipm("tls", "setup", "--mutual", check=1)
        self.assertIn("IMP-2006", refused.err)
        self.assertFalse((root.etc / "ipmd.toml").exists())
        self.assertFalse((root.path / "var/lib/ipm/ca").exists())

    def everything(self, root):
        return {path: path.read_bytes() for folder in (root.etc, root.path / "srv") if folder.exists()
                for path in folder.iterdir() if path.suffix == ".pem"}

    def test_the_advice_for_what_was_brought_along_replaces_nothing_and_makes_no_authority(self):
        named, nameless = PLAINTEXT, PLAINTEXT.replace('name = "localhost"\n', "")
        for text in (named, nameless):
            for flags in ((), ("--mutual",)):
                with self.subTest(text=text, flags=flags):
                    root, _ = self.brought()
                    root.configure(text)
                    before = self.everything(root)
                    refused = root.ipm("tls", "setup", *flags, check=1)
                    self.assertTrue(refused.err.startswith("IMP-7006"), refused.err)
                    advice = " ".join(("ipm", "tls", "on", *flags))
                    self.assertEqual(commands_in(advice_of(refused.err)), [advice])
                    root.ipm(*advice.split()[1:])
                    self.ipmd_check(root)
                    self.assertIn("Everything is there already", root.ipm("tls", "setup", *flags).out)
                    self.assertEqual(self.everything(root), before)
                    self.assertFalse((root.path / "var/lib/ipm/ca").exists())

    def test_force_replaces_nothing_that_was_brought_along(self):
        root, ca = self.brought("serverAuth")
        before = self.everything(root)
        for words in (("--mutual",), ("--mutual", "--force")):
            refused = root.ipm("tls", "setup", *words, check=1)
            self.assertTrue(refused.err.startswith("IMP-7006"), refused.err)
            self.assertIn("S9", refused.err)
            self.assertNotIn("--force to issue", refused.err)
            self.assertEqual(self.everything(root), before)
            self.assertFalse((root.path / "var/lib/ipm/ca").exists())
        better = ca.issue(root.path / "better", "ipmsrv.example.com", "serverAuth,clientAuth", names=("localhost",))
        command = commands_in(advice_of(refused.err))[0]
        self.assertEqual(command, "ipm cert import CERTIFICATE KEY --force")
        root.ipm(*command.replace("CERTIFICATE", str(better[0])).replace("KEY", str(better[1])).split()[1:])
        root.ipm("tls", "setup", "--mutual")
        self.ipmd_check(root)
        (root.etc / "server-key.pem").unlink()
        self.assertIn("only one is there", root.ipm("tls", "setup", "--mutual", "--force", check=1).err)
        self.assertFalse((root.path / "var/lib/ipm/ca").exists())

    def test_anchors_that_the_configuration_has_elsewhere_were_brought_along_too(self):
        root, _ = self.brought()
        corporate = root.path / "srv/corp.pem"
        corporate.parent.mkdir()
        (root.etc / "ca-cert.pem").rename(corporate)
        root.configure(PLAINTEXT + f'[encryption]\nca = "{corporate}"\n')
        before = self.everything(root)
        root.ipm("tls", "on", "--mutual")
        planned = root.ipm("tls", "setup", "--mutual", "--dry-run").out
        self.assertIn("make no authority", planned)
        self.assertIn(str(corporate), planned)
        root.configure((root.etc / "ipmd.toml").read_text())
        self.assertEqual(self.everything(root), before)
        root.ipm("tls", "setup", "--mutual")
        self.assertEqual(self.everything(root), before)
        self.assertFalse((root.path / "var/lib/ipm/ca").exists())

    def test_a_pair_that_no_authority_here_issued_is_not_replaced_by_the_advice(self):
        root = self.root()
        root.ipm("ca", "create", "Print CA", "--key", "p256")
        self.authority("Bought CA").issue(root.etc / "server", "localhost", "serverAuth,clientAuth", names=("127.0.0.1",))
        before = (root.etc / "server-key.pem").read_bytes()
        refused = root.ipm("tls", "setup", "--mutual", "localhost", check=1)
        self.assertIn("IMP-2006", refused.err)
        self.assertNotIn("--force", refused.err)
        self.assertIn("ipm trust install FILE", refused.err)
        self.assertEqual((root.etc / "server-key.pem").read_bytes(), before)

    def test_a_link_stays_one_and_what_was_private_stays_private(self):
        for mode in (0o600, 0o640, 0o644):
            with self.subTest(oct(mode)):
                root, _ = self.brought()
                target = root.file("srv/ipmd.toml", PLAINTEXT)
                target.chmod(mode)
                (root.etc / "ipmd.toml").symlink_to(target)
                root.ipm("tls", "on")
                self.assertTrue((root.etc / "ipmd.toml").is_symlink())
                self.assertIn("enabled = true", target.read_text())
                self.assertEqual(target.stat().st_mode & 0o777, mode)
                kept = target.with_name("ipmd.toml.before")
                self.assertEqual(kept.read_text(), PLAINTEXT)
                self.assertEqual(kept.stat().st_mode & 0o777, 0o644 if mode == 0o644 else 0o600)

    def test_everything_is_there_only_when_the_server_agrees(self):
        root = self.root()
        root.ipm("tls", "setup", "--mutual", "h.example.com", *self.QUICK)
        root.ipm("ca", "create", "Second", "--key", "p256", "--force")
        refused = root.ipm("tls", "setup", "--mutual", check=1)
        self.assertIn("IMP-2006", refused.err)
        self.assertNotIn("Everything is there", refused.out)
        self.ipmd_check(root, 1)
        self.assertIn("to mend:  issue new pairs by the authority that is here: ipm tls setup h.example.com --mutual "
                      "--force", refused.err)
        root.ipm("tls", "setup", "h.example.com", "--mutual", "--force")
        self.ipmd_check(root)


if __name__ == "__main__":
    harness.main()
