"""Revocation that nothing undoes (B6): whatever becomes of a list or of the authority's folder, whoever was
revoked stays out, and the log or the command says what is wrong."""

import shutil
import ssl

from harness import BIN, MUTUAL, SystemTest, main, replace, run, wait_until
import wire


class Revocation(SystemTest):
    def setUp(self):
        self.at = self.root()
        self.at.ipm("ca", "create", "Print CA", "--key", "p256")
        self.at.ipm("cert", "issue", "server", "localhost", "--mutual", "--names", "IP:127.0.0.1", "--key", "p256")
        self.folder = self.at.path / "var/lib/ipm/ca"
        self.list = self.at.etc / "crl.pem"

    def client(self, name):
        self.at.ipm("cert", "issue", "client", name, "--out", self.at.path / name)
        return self.at.path / f"{name}-cert.pem", self.at.path / f"{name}-key.pem"

    def is_admitted(self, pair, version=ssl.TLSVersion.TLSv1_3):
        context = wire.tls(None, *pair)
        context.minimum_version = context.maximum_version = version
        connection = wire.connect(self.running.port, context=context)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
            return True
        except (ssl.SSLError, ConnectionResetError):
            return False
        finally:
            connection.close()

    def start(self, more=""):
        self.running = self.server(self.at, MUTUAL + more)

    def wait_for(self, text, count=1):
        wait_until(lambda: self.at.log_text().count(text) >= count, f"{text} is logged")

    def revoked(self, name="alice"):
        pair = self.client(name)
        self.at.ipm("ca", "revoke", name, "--reason", "keyCompromise")
        return pair

    def assert_out(self, pair):
        for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
            self.assertFalse(self.is_admitted(pair, version), version)

    def number(self):
        return run(["openssl", "crl", "-in", self.list, "-noout", "-crlnumber"]).out.strip().split("=")[1]

    def test_B6_a_list_that_goes_back_vanishes_or_breaks_keeps_the_last_one_also_after_a_restart(self):
        self.at.ipm("ca", "crl")
        older = self.list.read_bytes()
        bob = self.client("bob")
        alice = self.revoked()
        newest = self.list.read_bytes()
        self.start()
        self.assert_out(alice)
        self.assertTrue(self.is_admitted(bob))
        stranger = self.authority("Print CA")
        stranger.issue(self.at.path / "other", "other.example.com", "clientAuth")
        stranger.crl(self.at.path / "stranger.pem")
        steps = (("an older one", lambda: replace(self.list, older), "an older one, of number"),
                 ("none", self.list.unlink, "is not there"),
                 ("rubbish", lambda: self.list.write_text("rubbish"), "cannot be used"),
                 ("DER", lambda: run(["openssl", "crl", "-in", self.folder / "crl.pem", "-outform", "DER",
                                      "-out", self.list]), "cannot be used"),
                 ("a namesake's", lambda: replace(self.list, (self.at.path / "stranger.pem").read_bytes()),
                  "has none of this CA's key any more"))
        for what, step, told in steps:
            with self.subTest(what):
                before = self.at.log_text().count("IMP-3012")
                step()
                self.wait_for("IMP-3012", before + 1)
                last = [line for line in self.at.log_text().splitlines() if " IMP-2016 " in line][-1]
                self.assertIn(told, last)
                self.assert_out(alice)
                self.assertTrue(self.is_admitted(bob))
        self.list.unlink()
        self.running.stop()
        self.start()
        self.assert_out(alice)
        self.assertTrue(self.is_admitted(bob))
        replace(self.list, newest)
        self.wait_for("IMP-3012", 2)
        self.assertIn("with 1 revocation list with 1 entry", self.at.log_text())

    def test_B6_the_list_goes_where_the_configuration_has_it(self):
        alice = self.client("alice")
        elsewhere = self.at.path / "tls/crl.pem"
        elsewhere.parent.mkdir()
        self.start(f'crl = "{elsewhere}"\n')
        self.assertTrue(self.is_admitted(alice))
        before = self.at.log_text().count("IMP-3012")
        self.assertIn(str(elsewhere), self.at.ipm("ca", "revoke", "alice").out)
        self.wait_for("IMP-3012", before + 1)
        self.assert_out(alice)

    def test_B6_an_older_copy_of_the_authority_signs_no_list_that_forgets(self):
        self.at.ipm("ca", "crl")
        copy = self.at.path / "copy"
        shutil.copytree(self.folder, copy)
        alice = self.revoked()
        number = self.number()
        shutil.rmtree(self.folder)
        shutil.copytree(copy, self.folder)
        bob = self.client("bob")
        for command in (("ca", "crl"), ("ca", "revoke", "bob")):
            refused = self.at.ipm(*command, check=None)
            self.assertNotEqual(refused.code, 0)
            self.assertIn("IMP-2018", refused.err)
            self.assertEqual(self.number(), number)
        self.assertNotIn("revoked", {row["state"] for row in self.at.ipm("ca", "list", "--json").json()})
        mend = refused.err.split("to mend: ")[1].strip()
        self.assertTrue(mend.startswith("ipm ca import "), mend)
        self.at.ipm(*mend.split()[1:])
        self.at.ipm("ca", "revoke", "bob")
        self.assertGreater(int(self.number(), 16), int(number, 16))
        self.start()
        self.assert_out(alice)
        self.assert_out(bob)

    def test_B6_a_lost_inventory_is_rebuilt_from_list_and_certificates(self):
        alice, bob = self.revoked(), self.client("bob")
        (self.folder / "inventory.db").unlink()
        for left in self.folder.glob("inventory.db-*"):
            left.unlink()
        self.assertIn("IMP-2018", self.at.ipm("ca", "crl", check=1).err)
        done = self.at.ipm("ca", "import", self.list, alice[0], bob[0])
        self.assertIn("2 certificates and 1 list", done.out)
        self.at.ipm("ca", "crl")
        states = {row["name"]: row["state"] for row in self.at.ipm("ca", "list", "--json").json()}
        self.assertEqual(states["bob"], "valid")
        self.start()
        self.assert_out(alice)
        self.assertTrue(self.is_admitted(bob))

    def test_B6_what_the_inventory_lacks_is_revoked_by_its_file(self):
        copy = self.at.path / "copy"
        shutil.copytree(self.folder, copy)
        alice = self.client("alice")
        shutil.rmtree(self.folder)
        shutil.copytree(copy, self.folder)
        self.assertIn("Revoked", self.at.ipm("ca", "revoke", alice[0]).out)
        self.start()
        self.assert_out(alice)

    def test_B6_the_list_of_another_ca_of_the_same_name_stays(self):
        partner = self.authority("Print CA")
        pete = partner.issue(self.at.path / "pete", "pete.example.com", "clientAuth")
        partner.revoke(pete[0])
        partner.crl(self.list)
        self.at.ipm("trust", "install", partner.certificate)
        self.start()
        self.assert_out(pete)
        alice = self.revoked()
        self.assertEqual(self.list.read_text().count("BEGIN X509 CRL"), 2)
        self.wait_for("IMP-3012")
        self.assert_out(pete)
        self.assert_out(alice)

    def test_B6_a_client_of_the_old_key_is_refused_by_the_list_of_the_new_one(self):
        """The CA was made anew under its name; both are trusted, and only the new one signs lists."""
        alice = self.client("alice")
        old = self.at.file("old.pem", (self.folder / "ca-cert.pem").read_text())
        serial = run(["openssl", "x509", "-in", alice[0], "-noout", "-serial"]).out.strip().split("=")[1]
        self.at.ipm("--force", "ca", "create", "Print CA", "--key", "p256")
        self.at.ipm("trust", "install", old)
        self.at.ipm("--force", "cert", "issue", "server", "localhost", "--mutual", "--names", "IP:127.0.0.1", "--key",
                    "p256")
        database = self.at.file("index.txt", f"R\t401231235959Z\t260101000000Z\t{serial}\tunknown\t/CN=alice\n")
        self.at.file("n", "10\n")
        configuration = self.at.file("c.cnf", f"[ca]\ndefault_ca=x\n[x]\ndatabase={database}\ndefault_md=sha256\n"
                                     f"default_crl_days=7\ncrlnumber={self.at.path}/n\ncrl_extensions=e\n"
                                     "[e]\nauthorityKeyIdentifier=keyid\n")
        run(["openssl", "ca", "-gencrl", "-config", configuration, "-cert", self.folder / "ca-cert.pem", "-keyfile",
             self.folder / "ca-key.pem", "-out", self.list])
        self.start()
        self.assert_out(alice)
        self.assertTrue(self.is_admitted(self.client("carol")))

    def test_B6_required_and_stale(self):
        alice, bob = self.client("alice"), self.client("bob")
        self.start("[revocation]\nrequired = true\n")
        self.assert_out(alice)
        self.assertIn("IMP-2017", self.at.log_text())
        self.at.ipm("ca", "revoke", "bob")
        self.wait_for("IMP-3012")
        self.assertTrue(self.is_admitted(alice))
        self.assert_out(bob)
        self.running.stop()
        self.at.configure(MUTUAL + '[revocation]\nstale = "maybe"\n')
        refused = run([BIN / "ipmd", "--check"], env=self.at.env, check=None)
        self.assertIn("IMP-7002", refused.err + refused.out)


if __name__ == "__main__":
    main()
