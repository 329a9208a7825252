"""What the commands for certificates and the authority say to mend, taken from what they printed, run, and looked at
again: each refusal's advice ends that refusal."""

import re
import shutil

from harness import SystemTest, main, run


class Mends(SystemTest):
    def setUp(self):
        self.at = self.root()
        self.at.ipm("ca", "create", "Print CA", "--key", "p256")
        self.folder = self.at.path / "var/lib/ipm/ca"

    def path(self, name):
        return self.at.path / name

    def mend(self, *words, number):
        """The command in the last line of the refusal."""
        refused = self.at.ipm(*words, check=None)
        self.assertNotEqual(refused.code, 0, f"{words} was not refused")
        self.assertIn(number, refused.err)
        told = refused.err.split("to mend: ")[1]
        return re.search(r"\b(ipm|mv|chmod) [^;()|]*", told).group().split()

    def run_mend(self, command):
        run([*command] if command[0] != "ipm" else [self.program(), *command[1:]], env=self.at.env)

    @staticmethod
    def program():
        from harness import BIN
        return BIN / "ipm"

    def test_an_inventory_that_is_behind_its_list(self):
        copy = self.path("copy")
        shutil.copytree(self.folder, copy)
        self.at.ipm("cert", "issue", "client", "alice", "--out", self.path("alice"))
        self.at.ipm("ca", "revoke", "alice")
        shutil.rmtree(self.folder)
        shutil.copytree(copy, self.folder)
        self.run_mend(self.mend("ca", "crl", number="IMP-2018"))
        self.assertEqual(self.at.ipm("ca", "crl", "--json").json()["entries"], 1)

    def test_a_file_of_lists_that_holds_none(self):
        self.at.file("etc/ipm/crl.pem", "rubbish")
        self.run_mend(self.mend("ca", "crl", number="IMP-1009"))
        self.at.ipm("ca", "crl")

    def test_an_address_where_a_name_is_wanted(self):
        command = self.mend("cert", "issue", "server", "10.0.0.1", "--key", "p256", number="IMP-1006")
        self.run_mend(command)
        self.assertIn("exception", self.at.ipm("cert", "check", self.at.etc / "server-cert.pem").out)

    def test_a_key_that_others_can_read(self):
        self.at.ipm("cert", "issue", "client", "alice", "--out", self.path("alice"))
        key = self.path("alice-key.pem")
        key.chmod(0o644)
        check = ("cert", "check", self.path("alice-cert.pem"), "--key", key)
        told = self.at.ipm(*check, check=1).out
        run(re.search(r"to mend: (chmod [^;]*)", told).group(1).split())
        self.at.ipm(*check)

    def test_a_ca_that_breaks_a_rule_is_excepted_by_the_lines_that_the_refusal_prints(self):
        key = self.path("root-key.pem")
        run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key])
        run(["openssl", "req", "-x509", "-key", key, "-out", self.path("root.pem"), "-days", "3650", "-subj",
             "/CN=Office CA", "-addext", "basicConstraints=CA:TRUE", "-addext", "keyUsage=keyCertSign,cRLSign"])
        told = self.at.ipm("trust", "install", self.path("root.pem")).out
        lines = re.search(r"\[\[trust\.relax\]\] \| .*", told).group().split(" | ")
        self.at.configure("\n".join(lines) + "\n")
        self.at.file("r.cnf", "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                     "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost\nsubjectKeyIdentifier=hash\n"
                     "authorityKeyIdentifier=keyid\n")
        server = self.at.etc / "server-key.pem"
        run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", server])
        server.chmod(0o600)
        run(["openssl", "req", "-new", "-key", server, "-subj", "/CN=localhost", "-out", self.path("r.pem")])
        run(["openssl", "x509", "-req", "-in", self.path("r.pem"), "-CA", self.path("root.pem"), "-CAkey", key,
             "-set_serial", "4711", "-days", "300", "-extfile", self.path("r.cnf"), "-out",
             self.at.etc / "server-cert.pem"])
        shutil.copy(self.path("root.pem"), self.at.etc / "ca-cert.pem")
        encrypted = "[encryption]\nenabled = true\n"
        daemon = self.program().with_name("ipmd")
        self.at.configure(encrypted)
        refused = run([daemon, "--check"], env=self.at.env, check=None)
        self.assertNotEqual(refused.code, 0)
        printed = re.search(r"\[\[trust\.relax\]\] \| .*", refused.err + refused.out).group().split(" | ")
        self.assertEqual(printed, lines)
        self.at.configure(encrypted + "\n".join(printed) + "\n")
        run([daemon, "--check"], env=self.at.env)


if __name__ == "__main__":
    main()
