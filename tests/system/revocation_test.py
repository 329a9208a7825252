"""Revocation that nothing undoes (B6): whatever becomes of a list or of the authority's folder, whoever was
revoked stays out, and the log or the command says what is wrong."""

import contextlib
import os
import shlex
import shutil
import ssl

from harness import BIN, MUTUAL, SystemTest, main, replace, run, wait_until
from mends import advice_in_log, advice_of, commands_in
import wire


VERSIONS = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2)


class Revocation(SystemTest):
    def setUp(self):
        self.at = self.root()
        self.at.ipm("ca", "create", "Print CA", "--key", "p256")
        self.at.ipm("cert", "issue", "server", "localhost", "--mutual", "--names", "IP:127.0.0.1", "--key", "p256")
        self.folder = self.at.path / "var/lib/ipm/ca"
        self.list = self.at.etc / "crl.pem"
        self.running = None
        self.sessions = {}  # of clients that were admitted before they were revoked

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

    def last_loaded(self):
        return [line for line in self.at.log_text().splitlines() if " IMP-3012 " in line][-1]

    def wait_for(self, text, count=1):
        wait_until(lambda: self.at.log_text().count(text) >= count, f"{text} is logged")

    def revoked(self, name="alice"):
        """A client that is revoked. Where the server runs already it was admitted before: its open connections end,
        and its sessions are not resumed from then on (see assert_out)."""
        pair = self.client(name)
        peers = [wire.Peer(self.running.port, pair, version) for version in VERSIONS if self.running]
        streams = [peer.connect() for peer in peers]
        for peer in peers:
            stream = peer.connect(resume=True)
            self.assertTrue(stream.session_reused)
            peer.close(stream)
        self.sessions[pair] = peers
        self.at.ipm("ca", "revoke", name, "--reason", "keyCompromise")
        for stream in streams:
            with stream, contextlib.suppress(ConnectionResetError, ssl.SSLError):
                self.assertEqual(stream.recv(1), b"")
        return pair

    def assert_out(self, pair):
        for version in VERSIONS:
            self.assertFalse(self.is_admitted(pair, version), version)
        for peer in self.sessions.get(pair, []):
            peer.port = self.running.port
            with self.assertRaises((ssl.SSLError, ConnectionResetError)):
                peer.connect(resume=True)

    def follow(self, root, command, **fill):
        """Runs a command of an advice as it is typed into a shell; what stands for its words in capitals."""
        for word, value in fill.items():
            command = command.replace(word, shlex.quote(str(value)))
        return run(["bash", "-c", command], env={**root.env, "PATH": f"{BIN}:{os.environ['PATH']}"})

    def restored(self, *, list_too=True):
        """The authority's folder, and what it installed, go back to a copy that does not know of alice's revocation."""
        copy, older = self.at.path / "copy", self.at.path / "older.pem"
        if not copy.exists():
            self.at.ipm("ca", "crl")
            shutil.copytree(self.folder, copy)
            shutil.copy(self.list, older)
            return
        shutil.rmtree(self.folder)
        shutil.copytree(copy, self.folder)
        if list_too:
            replace(self.list, older.read_bytes())

    def memory(self):
        return self.at.path / "var/lib/ipm/lists-in-force.pem"

    def wait_for_memory(self, text="BEGIN X509 CRL"):
        wait_until(lambda: self.memory().exists() and text in self.memory().read_text(), "the lists are remembered")

    def number(self):
        return run(["openssl", "crl", "-in", self.list, "-noout", "-crlnumber"]).out.strip().split("=")[1]

    def test_B6_a_list_that_goes_back_vanishes_or_breaks_keeps_the_last_one_also_after_a_restart(self):
        self.at.ipm("ca", "crl")
        older = self.list.read_bytes()
        bob = self.client("bob")
        self.start()
        alice = self.revoked()
        newest = self.list.read_bytes()
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
        before = self.at.log_text().count("IMP-3012")
        replace(self.list, newest)
        self.wait_for("IMP-3012", before + 1)
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

    def test_B6_an_older_copy_of_the_authority_and_of_its_list_readmit_nobody_when_the_advice_is_followed(self):
        self.restored()
        self.start()
        alice = self.revoked()
        self.wait_for_memory()
        self.restored()
        self.wait_for("IMP-2016")
        for command in (("ca", "crl"), ("ca", "crl", "--if-due"), ("ca", "crl")):
            refused = self.at.ipm(*command, check=1)
            self.assertTrue(refused.err.startswith("IMP-2018"), refused.err)
            self.assertIn(str(self.memory()), refused.err)
        self.assert_out(alice)
        before = self.at.log_text().count("IMP-3012")
        self.follow(self.at, commands_in(advice_of(refused.err))[0])
        self.at.ipm("ca", "crl")
        self.wait_for("IMP-3012", before + 1)
        self.assertIn("with 1 revocation list with 1 entry", self.last_loaded())
        self.assert_out(alice)

    def away(self):
        """The authority on a machine of its own; how its list is copied to the server."""
        other = self.root()
        shutil.copytree(self.folder, other.path / "var/lib/ipm/ca")
        shutil.rmtree(self.folder)
        self.folder = other.path / "var/lib/ipm/ca"

        def copy_list():
            before = self.at.log_text().count("IMP-3012")
            replace(self.list, (self.folder / "crl.pem").read_bytes())
            self.wait_for("IMP-3012", before + 1)

        return other, copy_list

    def test_B6_an_authority_elsewhere_that_went_back_learns_from_the_servers_memory(self):
        self.restored()
        alice = self.revoked()
        self.start()
        self.wait_for_memory()
        self.restored(list_too=False)
        other, copy_list = self.away()
        other.ipm("ca", "crl")
        copy_list()  # Number 2 again, without alice.
        self.assert_out(alice)
        advice = advice_in_log(self.at, "IMP-2016")
        self.assertIn(f"a copy of {self.memory()}:", advice)
        copied = other.file("from-the-server.pem", self.memory().read_bytes())
        for command in commands_in(advice)[:2]:
            self.follow(other, command, FILE=copied)
        copy_list()
        self.assertIn("with 1 revocation list with 1 entry", self.last_loaded())
        self.assert_out(alice)

    def test_B6_a_higher_number_that_forgets_is_an_error_and_is_mended_by_the_certificates_file(self):
        self.restored()
        alice = self.revoked()
        serial = run(["openssl", "x509", "-in", alice[0], "-noout", "-serial"]).out.strip().split("=")[1]
        self.start()
        self.restored(list_too=False)
        other, copy_list = self.away()
        other.ipm("ca", "crl")
        other.ipm("ca", "crl")
        copy_list()
        self.assertIn(serial, [line for line in self.at.log_text().splitlines() if " error IMP-2019 " in line][-1])
        self.follow(other, commands_in(advice_in_log(self.at, "IMP-2019"))[0], FILE=alice[0])
        copy_list()
        self.assert_out(alice)

    def test_B6_a_list_is_given_up_by_the_command_that_the_log_names(self):
        partner = self.authority("Partner CA")
        pete = partner.issue(self.at.path / "pete", "pete.example.com", "clientAuth")
        partner.revoke(pete[0])
        partner.crl(self.list)
        self.at.ipm("trust", "install", partner.certificate)
        alice = self.revoked()
        self.start()
        self.wait_for_memory()
        replace(self.list, (self.folder / "crl.pem").read_bytes())
        self.wait_for("IMP-2016")
        self.assert_out(pete)
        self.at.ipm("trust", "withdraw-list", "Nobody's CA", check=2)
        said = self.follow(self.at, commands_in(advice_in_log(self.at, "IMP-2016"))[2]).out
        self.assertIn("Partner CA", said)
        self.wait_for("IMP-2020")
        self.assertTrue(self.is_admitted(pete))
        self.assert_out(alice)
        wait_until(lambda: self.memory().read_text().count("BEGIN X509 CRL") == 1, "it is forgotten")
        self.running.stop()
        self.at.ipm("ca", "crl")
        known = len(self.at.log_text())
        self.start()
        self.assertTrue(self.is_admitted(pete))
        self.assert_out(alice)
        self.assertNotIn("IMP-2016", self.at.log_text()[known:])

    def test_B6_a_list_is_given_up_by_its_cas_name_before_the_server_starts(self):
        alice = self.revoked()
        self.start()
        self.wait_for_memory()
        self.running.stop()
        self.list.unlink()
        done = self.at.ipm("trust", "withdraw-list", "Print CA", "--json").json()
        self.assertEqual([one["entries"] for one in done["withdrawn"]], [1])
        self.start()
        self.assertTrue(self.is_admitted(alice))
        self.assertIn("IMP-2020", self.at.log_text())

    def test_B6_a_damaged_memory_without_a_list_is_refused_and_the_advice_is_followed(self):
        alice, bob = self.revoked(), self.client("bob")
        for pick, admitted in ((0, False), (1, True)):
            with self.subTest(pick=pick):
                self.start()
                self.wait_for_memory()
                self.running.stop()
                self.list.unlink()
                damaged = self.memory().read_bytes()[:-200]
                self.memory().write_bytes(damaged)
                for _ in range(2):
                    refused = run([BIN / "ipmd"], env=self.at.env, check=1)
                    self.assertIn("IMP-2021", refused.err)
                    self.assertEqual(self.memory().read_bytes(), damaged)
                self.follow(self.at, commands_in(advice_of(refused.err))[pick])
                self.start()
                self.assertEqual(self.is_admitted(alice), admitted)
                self.assertTrue(self.is_admitted(bob))
                wait_until(lambda: any(one.read_bytes() == damaged for one in
                                       self.memory().parent.glob("lists-in-force.pem.damaged*")), "it is kept aside")
                self.running.stop()
                self.at.ipm("ca", "crl")

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
