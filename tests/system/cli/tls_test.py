"""ipm tls on, off and setup: the switch, certificates that were brought along, and the server's last word."""


import harness
from harness import BIN, SystemTest, run


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
