"""Ordinary users print (B16): with an identity of their own, with the machine's where they may read it, and told where to
install one where they have none."""

import os
import shutil
import socket
import threading
import unittest

import harness
from harness import BIN, MUTUAL, ONE_SIDED, PLAINTEXT, SystemTest, run

NOBODY = 65534


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv"), "needs to become another user")
class UserTest(SystemTest):
    def setUp(self):
        self.home = self.root()
        self.ca = self.authority()
        self.ca.equip_server(self.home)
        # The machine's identity, as an administrator installs it: root's alone.
        self.machine = self.root()
        self.ca.equip_client(self.machine, "machine.example.com")
        self.user = self.machine.path / "home/anna/.config"
        self.user.mkdir(parents=True)
        self.machine.path.chmod(0o755)
        os.chown(self.user, NOBODY, NOBODY)
        self.file = self.machine.file("a.txt", b"from anna\n")

    def serve(self, configuration=MUTUAL):
        self.one = self.server(self.home, configuration)
        self.home.ipm("printer", "add", "office", "--to", self.home.printed_uri)

    def own_identity(self, name="anna.example.com", **options):
        self.ca.issue(self.user / "ipm/client", name, "clientAuth", **options)
        for path in (self.user / "ipm", *(self.user / "ipm").iterdir()):
            os.chown(path, NOBODY, NOBODY)

    def as_user(self, *words, check=True, **environment):
        env = {**self.machine.env, "HOME": str(self.user.parent), "XDG_CONFIG_HOME": "", **environment}
        return run(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", BIN / "ipm", *words],
                   env=env, check=check)

    def print(self, **options):
        return self.as_user("print", self.file, "-d", "office", "--server", self.one.address, "--wait", "--json", **options)

    def owner(self, done):
        return self.home.ipm("job", "show", str(done.json()["job-id"]), "--json").json()["job-originating-user-name"]

    def test_a_users_own_identity_is_used(self):
        self.serve()
        self.own_identity()
        self.assertEqual(self.owner(self.print()), "anna.example.com")
        self.assertEqual(self.home.documents(), [b"from anna\n"])

    def test_it_comes_before_the_machines_for_root_too(self):
        self.serve()
        self.own_identity()
        done = self.machine.ipm("print", self.file, "-d", "office", "--server", self.one.address, "--json",
                                env={"XDG_CONFIG_HOME": str(self.user)})
        self.assertEqual(self.owner(done), "anna.example.com")
        done = self.machine.ipm("print", self.file, "-d", "office", "--server", self.one.address, "--json",
                                env={"XDG_CONFIG_HOME": "/nonexistent"})
        self.assertEqual(self.owner(done), "machine.example.com")

    def test_the_place_is_xdgs(self):
        self.serve()
        self.own_identity()
        moved = self.machine.path / "home/anna/elsewhere"
        (self.user / "ipm").rename(self.user / "was")
        moved.mkdir()
        (self.user / "was").rename(moved / "ipm")
        self.assertIn("IMP-3003", self.print(check=1).err)
        self.assertEqual(self.owner(self.print(XDG_CONFIG_HOME=str(moved))), "anna.example.com")

    def test_a_users_settings_win_over_the_machines(self):
        self.serve()
        self.own_identity()
        self.machine.configure('[client]\nserver = "nowhere.invalid"\ndestination = "nothing"\n', "ipm.toml")
        (self.user / "ipm/ipm.toml").write_text(f'[client]\nserver = "{self.one.address}"\n')
        done = self.as_user("print", self.file, "-d", "office", "--json")
        self.assertEqual(self.owner(done), "anna.example.com")
        (self.user / "ipm/ipm.toml").write_text("[client]\nsrever = 1\n")
        refused = self.as_user("jobs", check=1)
        self.assertIn(f"{self.user}/ipm/ipm.toml, line 2", refused.err)

    def test_a_warning_that_cannot_look_into_the_authoritys_folder_fails_nothing(self):
        self.serve()
        self.machine.ipm("ca", "create", "This machine's CA", "--key", "p256")
        self.assertEqual((self.machine.path / "var/lib/ipm/ca").stat().st_mode & 0o777, 0o700)
        self.own_identity(days=(-300, 10))
        done = self.as_user("print", self.file, "-d", "office", "--server", self.one.address, check=0)
        self.assertIn("IMP-3014", done.err)
        self.assertIn("on the machine with the CA: ipm cert renew STEM --force", done.err)
        self.assertIn(f"{self.user}/ipm/client-cert.pem", done.err)
        self.assertIn("IMP-3014", self.as_user("server", "status", "--server", self.one.address, check=0).err)
        self.assertEqual(self.home.documents(), [b"from anna\n"])

    def test_none_of_their_own_and_the_machines_is_kept_from_them(self):
        self.serve()
        refused = self.print(check=1)
        self.assertIn("IMP-3003", refused.err)
        self.assertIn("that this user may read", refused.err)
        self.assertIn(f"ipm cert issue client NAME; then install both files in {self.user}/ipm", refused.err.replace("\\", ""))
        self.own_identity()
        self.assertEqual(self.owner(self.print()), "anna.example.com")

    def test_a_key_that_is_kept_from_them_does_not_matter_where_none_is_asked_for(self):
        self.serve(ONE_SIDED)
        self.assertEqual(self.print().json()["job-state"], "completed")

    def test_the_machines_identity_serves_whom_it_is_readable_for(self):
        self.serve()
        for path in (self.machine.etc / "client-key.pem", self.machine.etc / "client-cert.pem"):
            os.chown(path, NOBODY, NOBODY)
        self.assertEqual(self.owner(self.print()), "machine.example.com")

    def test_an_identity_that_does_not_fit_is_told_by_its_file(self):
        self.serve()
        self.own_identity(days=(-20, -10))
        self.assertIn(f"{self.user}/ipm/client-cert.pem", self.print(check=1).err)
        (self.user / "ipm/client-key.pem").unlink()
        self.assertIn(f"{self.user}/ipm/client-key.pem", self.print(check=None).err)


class PlaintextMismatchTest(SystemTest):
    """TLS spoken to a server without, and the reverse: both named, with the mend."""

    def test_tls_at_a_server_whose_encryption_is_off(self):
        plain, client, ca = self.root(), self.root(), self.authority()
        server = self.server(plain, PLAINTEXT)
        ca.equip_client(client)
        nowhere = {"XDG_CONFIG_HOME": str(client.path / "none")}
        refused = client.ipm("jobs", "--server", server.address, check=1, env=nowhere)
        self.assertRegex(refused.err, r"^IMP-3004 localhost:\d+ speaks plaintext: its encryption is off\n")
        self.assertIn("ipm tls on", refused.err)
        self.assertIn(f"encryption = false under [client] in {client.etc}/ipm.toml", refused.err)
        client.configure("[client]\nencryption = false\n", "ipm.toml")
        client.ipm("jobs", "--server", server.address, env=nowhere)

    def test_a_server_that_hangs_up_is_not_taken_for_one(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def hang_up():
            while True:
                try:
                    listener.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        client, ca = self.root(), self.authority()
        ca.equip_client(client)
        refused = client.ipm("jobs", "--server", f"127.0.0.1:{listener.getsockname()[1]}", check=1)
        self.assertIn("IMP-3004", refused.err)
        self.assertNotIn("speaks plaintext", refused.err)

    def test_plaintext_at_a_server_whose_encryption_is_on(self):
        home, client, ca = self.root(), self.root(), self.authority()
        ca.equip_server(home)
        server = self.server(home, ONE_SIDED)
        ca.trust_in(client)
        client.configure("[client]\nencryption = false\n", "ipm.toml")
        refused = client.ipm("jobs", "--server", server.address, check=1, env={"XDG_CONFIG_HOME": "/nonexistent"})
        self.assertIn(f"leave out encryption = false under [client] in {client.etc}/ipm.toml", refused.err)
        client.configure("", "ipm.toml")
        client.ipm("jobs", "--server", server.address)


if __name__ == "__main__":
    harness.main()
