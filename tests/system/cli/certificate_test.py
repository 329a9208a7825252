"""ipm cert …, tls setup, explain: issuing, checking, showing and exporting (S7-S14, S20)."""

import contextlib
import json
import os
import socket
import stat
import subprocess
import threading

from harness import SystemTest, main, run, wait_until


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def text_of(certificate, *words):
    # OpenSSL 3.5 ends with 1 where -checkhost finds another name, 3.0 with 0: the words are what counts.
    return run(["openssl", "x509", "-in", certificate, "-noout", *words], check=None).out


class WithAuthority(SystemTest):
    def setUp(self):
        self.place = self.root()
        self.place.ipm("ca", "create", "Example Print CA", "--key", "p256")

    def ipm(self, *words, **options):
        return self.place.ipm(*words, **options)

    def path(self, name):
        return self.place.path / name


class Issuing(WithAuthority):
    def test_S7_S11_server_by_the_letter(self):
        self.ipm("cert", "issue", "server", "ipmsrv.example.com", "--names",
                 "alt1.example.com, DNS:alt2.example.com 10.0.0.1 IP:fc00::1", "--out", self.path("s"))
        text = text_of(self.path("s-cert.pem"), "-text")
        self.assertIn("TLS Web Server Authentication\n", text)
        self.assertIn("Digital Signature, Key Encipherment\n", text)
        self.assertIn("Public-Key: (2048 bit)", text)
        self.assertIn("DNS:ipmsrv.example.com, DNS:alt1.example.com, DNS:alt2.example.com, "
                      "IP Address:10.0.0.1, IP Address:FC00:0:0:0:0:0:0:1", text)
        self.assertIn("CA:FALSE", text)
        self.assertEqual(mode(self.path("s-key.pem")), 0o600)
        self.assertEqual(mode(self.path("s-cert.pem")), 0o644)
        for host in ("ipmsrv.example.com", "alt2.example.com"):
            self.assertIn("does match", text_of(self.path("s-cert.pem"), "-checkhost", host))
        self.assertIn("does match", text_of(self.path("s-cert.pem"), "-checkip", "fc00::1"))
        self.assertIn("does NOT match", text_of(self.path("s-cert.pem"), "-checkhost", "x.example.com"))
        run(["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile",
             self.place.etc / "ca-cert.pem", self.path("s-cert.pem")])

    def test_S8_S9_roles(self):
        self.ipm("cert", "issue", "server", "m.example.com", "--mutual", "--key", "p256", "--out",
                 self.path("m"))
        self.assertIn("TLS Web Server Authentication, TLS Web Client Authentication",
                      text_of(self.path("m-cert.pem"), "-ext", "extendedKeyUsage"))
        self.ipm("cert", "issue", "client", "alice@example.com", "--out", self.path("a"))
        self.assertIn("email:alice@example.com", text_of(self.path("a-cert.pem"), "-ext", "subjectAltName"))
        self.assertIn("Digital Signature\n", text_of(self.path("a-cert.pem"), "-ext", "keyUsage"))

    def test_S10_refused_names(self):
        for name in ("ipm*.example.com", "*srv.example.com", "a.*.example.com", "*.com", "*", "ipmsrv",
                     "10.0.0.1", "Print Server", "a..b.example.com"):
            with self.subTest(name):
                refused = self.ipm("cert", "issue", "server", name, "--names", "b.example.com", "--out",
                                   self.path("s"), check=1)
                self.assertIn("IMP-1006", refused.err)
        for name in ("*srv.example.com", "DNS:a*.b.c", "IP:10.0.0", "IP:", "DNS:10.0.0.1", "a_b!"):
            with self.subTest(name):
                self.ipm("cert", "issue", "server", "a.example.com", "--names", name, "--out",
                         self.path("s"), check=1)
        self.assertFalse(self.path("s-cert.pem").exists())
        self.assertEqual(self.ipm("ca", "list", "--json").json(), [])
        self.ipm("cert", "issue", "server", "*.example.com", "--names", "example.com", "--key", "p256",
                 "--out", self.path("s"))

    def test_own_identity_goes_to_etc_and_is_not_overwritten(self):
        issue = ("cert", "issue", "server", "ipmsrv.example.com", "--key", "p256")
        first = self.ipm(*issue)
        self.assertIn("names and addresses, as found", first.out)
        self.assertIn("DNS:localhost", first.out)
        self.assertIn("127.0.0.1", text_of(self.place.etc / "server-cert.pem", "-ext", "subjectAltName"))
        before = (self.place.etc / "server-key.pem").read_bytes()
        refused = self.ipm(*issue, check=1)
        self.assertIn("IMP-7006", refused.err)
        self.assertIn("--force", refused.err)
        self.assertEqual((self.place.etc / "server-key.pem").read_bytes(), before)
        self.ipm(*issue, "--force")
        self.assertNotEqual((self.place.etc / "server-key.pem").read_bytes(), before)
        self.ipm("cert", "check", self.place.etc / "server-cert.pem", "--key",
                 self.place.etc / "server-key.pem")

    def test_days_stay_within_the_authority(self):
        done = self.ipm("cert", "issue", "client", "alice", "--days", "9000", "--out", self.path("a"))
        self.assertIn("The authority itself ends on", done.out)
        ends = {text_of(path, "-enddate") for path in (self.path("a-cert.pem"),
                                                       self.place.etc / "ca-cert.pem")}
        self.assertEqual(len(ends), 1)
        self.assertIn("--days", self.ipm("cert", "issue", "client", "a", "--days", "-3", "--out",
                                         self.path("b"), check=2).err)

    def test_what_cannot_be_written_changes_nothing(self):
        self.path("s-key.pem").mkdir()
        self.ipm("cert", "issue", "client", "alice", "--out", self.path("s"), "--force", check=1)
        self.assertFalse(self.path("s-cert.pem").exists())

    def test_json_says_it_all(self):
        made = self.ipm("cert", "issue", "client", "alice", "--out", self.path("a"), "--json").json()
        self.assertEqual(made["certificate_file"], str(self.path("a-cert.pem")))
        self.assertEqual(made["key_file"], str(self.path("a-key.pem")))
        self.assertEqual(made["role"], "client")
        self.assertRegex(made["fingerprint_sha256"], "^([0-9A-F]{2}:){31}[0-9A-F]{2}$")
        error = self.ipm("--json", "cert", "show", self.path("none"), check=3)
        self.assertEqual(json.loads(error.err)["error"]["exit"], 3)


class Renewing(WithAuthority):
    def test_what_is_due_is_issued_again_with_the_same_names_and_a_new_key(self):
        self.ipm("cert", "issue", "server", "m.example.com", "--names", "10.0.0.1", "--mutual", "--key",
                 "p256")
        files = [self.place.etc / "server-cert.pem", self.place.etc / "server-key.pem"]
        before = [file.read_bytes() for file in files]
        self.assertIn("nothing to do yet", self.ipm("cert", "renew").out)
        self.assertEqual([file.read_bytes() for file in files], before)
        old = text_of(files[0], "-subject", "-ext", "subjectAltName,extendedKeyUsage,keyUsage")
        self.assertIn("ipm ca revoke", self.ipm("cert", "renew", "server", "--force").out)
        self.assertEqual(text_of(files[0], "-subject", "-ext", "subjectAltName,extendedKeyUsage,keyUsage"),
                         old)
        self.assertNotEqual(files[1].read_bytes(), before[1])
        self.ipm("cert", "check", files[0], "--role", "mutual", "--key", files[1])
        self.assertEqual(len(self.ipm("ca", "list", "--json").json()), 2)

    def test_users_keep_their_names(self):
        for name in ("alice", "alice@example.com", "*.example.com"):
            stem = self.path("c")
            self.ipm("cert", "issue", "client", name, "--out", stem, "--force")
            old = text_of(f"{stem}-cert.pem", "-subject", "-ext", "subjectAltName")
            self.ipm("cert", "renew", stem, "--force")
            self.assertEqual(text_of(f"{stem}-cert.pem", "-subject", "-ext", "subjectAltName"), old)

    def test_strangers_and_revoked_ones_are_not_renewed(self):
        self.authority().issue(self.path("x"), "x.example.com", "serverAuth")
        self.assertIn("IMP-2010", self.ipm("cert", "renew", self.path("x"), "--force", check=3).err)
        self.ipm("cert", "issue", "client", "alice", "--out", self.path("a"))
        self.ipm("ca", "revoke", "alice")
        self.assertIn("IMP-2013", self.ipm("cert", "renew", self.path("a"), "--force", check=1).err)
        self.ipm("cert", "renew", "client", check=3)


    def test_S13_the_keys_owner_group_and_groups_right_to_read_stay(self):
        self.ipm("cert", "issue", "server", "m.example.com", "--key", "p256")
        key = self.place.etc / "server-key.pem"
        key.chmod(0o640)
        if os.geteuid() == 0:
            os.chown(key, 65534, 65534)
        before = key.stat()
        self.ipm("cert", "renew", "--force")
        after = key.stat()
        self.assertEqual((after.st_uid, after.st_gid, mode(key)), (before.st_uid, before.st_gid, 0o640))
        key.chmod(0o666)
        self.ipm("cert", "renew", "--force")
        self.assertEqual(mode(key), 0o640, "nobody else's right to read or write is handed on")

    def test_the_pair_of_the_configuration_is_renewed_and_links_stay_links(self):
        self.ipm("cert", "issue", "server", "m.example.com", "--out", self.path("live-1"), "--key", "p256")
        for part in ("cert", "key"):
            (self.path(f"tls-{part}.pem")).symlink_to(f"live-1-{part}.pem")
        self.place.configure(f'[encryption]\nenabled = true\ncertificate = "{self.path("tls-cert.pem")}"\n'
                             f'key = "{self.path("tls-key.pem")}"\nca = "{self.path("anchors.pem")}"\n')
        before = self.path("live-1-cert.pem").read_bytes()
        self.assertIn(str(self.path("live-1-cert.pem")), self.ipm("cert", "renew", "--force").out)
        self.assertTrue(self.path("tls-cert.pem").is_symlink())
        self.assertNotEqual(self.path("live-1-cert.pem").read_bytes(), before)
        self.assertFalse((self.place.etc / "server-cert.pem").exists())
        other = self.authority("Other CA")
        self.assertIn(str(self.path("anchors.pem")), self.ipm("trust", "install", other.certificate).out)
        self.assertEqual(self.path("anchors.pem").read_text().count("BEGIN CERTIFICATE"), 1)

    def test_where_the_authority_is_elsewhere_no_advice_makes_another(self):
        self.ipm("cert", "issue", "client", "desk7.example.com", "--out", self.path("d"))
        elsewhere = self.root()
        for name, source in (("client-cert.pem", "d-cert.pem"), ("client-key.pem", "d-key.pem")):
            (elsewhere.etc / name).write_bytes(self.path(source).read_bytes())
            (elsewhere.etc / name).chmod(0o600)
        for words in (("cert", "renew", "client", "--force"), ("cert", "issue", "client", "x", "--out", "x"),
                      ("ca", "revoke", "x"), ("ca", "crl")):
            told = elsewhere.ipm(*words, check=3).err
            self.assertIn("IMP-2001", told)
            self.assertIn("Example Print CA", told.split("to mend: ")[1])
            self.assertNotIn("ca create", told)


class Requests(WithAuthority):
    def request(self, subject, names):
        run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
             self.path("k.pem"), "-out", self.path("r.pem"), "-subj", subject, "-addext", f"subjectAltName={names}"])
        return self.path("r.pem")

    def test_what_is_not_taken_is_said_and_a_mailbox_is_a_client(self):
        mail = self.request("/", "email:alice@example.com")
        self.ipm("cert", "sign", mail, "--role", "client", "--out", self.path("a"))
        self.assertIn("CN = alice@example.com", text_of(self.path("a-cert.pem"), "-subject"))
        both = self.request("/CN=ipmsrv.example.com", "DNS:ipmsrv.example.com,URI:ipps://ipmsrv.example.com/")
        self.assertIn("Left out", self.ipm("cert", "sign", both, "--role", "server", "--out", self.path("b")).out)
        asked = self.ipm("cert", "sign", both, "--role", "server", "--out", self.path("c"), "--json").json()
        self.assertIn("URI:", asked["left_out"])

    def test_S10_an_address_alone_on_purpose_only(self):
        alone = self.request("/", "IP:10.0.0.1")
        refused = self.ipm("cert", "sign", alone, "--role", "server", "--out", self.path("x"), check=1).err
        self.assertIn("--address", refused.split("to mend: ")[1])
        self.ipm("cert", "sign", alone, "--role", "server", "--address", "--out", self.path("x"))
        self.ipm("cert", "issue", "server", "--address", "10.0.0.2", "--key", "p256", "--out", self.path("y"))
        for stem, address in (("x", "10.0.0.1"), ("y", "10.0.0.2")):
            self.assertIn("does match", text_of(self.path(f"{stem}-cert.pem"), "-checkip", address))
            self.assertIn("exception", self.ipm("cert", "check", self.path(f"{stem}-cert.pem")).out)
        self.ipm("cert", "renew", self.path("y"), "--force")
        self.assertIn("does match", text_of(self.path("y-cert.pem"), "-checkip", "10.0.0.2"))

    def test_a_request_that_certutil_labelled_is_signed(self):
        asked = self.request("/CN=desk7.example.com", "DNS:desk7.example.com")
        asked.write_text(asked.read_text().replace("CERTIFICATE REQUEST", "CERTIFICATE"))
        self.ipm("cert", "sign", asked, "--role", "client", "--out", self.path("w"))
        told = self.ipm("cert", "check", asked, check=1).err
        self.assertIn("certificate request", told)

    def test_the_key_stays_with_the_requester(self):
        self.ipm("cert", "request", "desk7.example.com", "--names", "10.0.0.7", "--out", self.path("d"))
        self.assertEqual(mode(self.path("d-key.pem")), 0o600)
        self.assertNotIn("PRIVATE", self.path("d-request.pem").read_text())
        run(["openssl", "req", "-in", self.path("d-request.pem"), "-noout", "-verify"])
        self.ipm("cert", "sign", self.path("d-request.pem"), "--role", "mutual")
        self.ipm("cert", "check", self.path("d-cert.pem"), "--role", "mutual", "--key",
                 self.path("d-key.pem"))
        self.assertIn("IMP-7006", self.ipm("cert", "sign", self.path("d-request.pem"), "--role", "client",
                                           check=1).err)

    def test_only_what_the_profile_allows_is_taken(self):
        run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", self.path("k.pem"), "-out", self.path("r.pem"), "-subj", "/CN=a.example.com",
             "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign"])
        self.ipm("cert", "sign", self.path("r.pem"), "--role", "server", "--out", self.path("r"))
        text = text_of(self.path("r-cert.pem"), "-text")
        self.assertIn("CA:FALSE", text)
        self.assertNotIn("Certificate Sign", text)

    def test_bad_requests_are_refused(self):
        run(["openssl", "req", "-new", "-newkey", "rsa:1024", "-nodes", "-keyout", self.path("k.pem"),
             "-out", self.path("weak.pem"), "-subj", "/CN=a.example.com"])
        self.ipm("cert", "sign", self.path("weak.pem"), "--role", "server", check=1)
        garbage = self.place.file("garbage.pem", "nothing")
        self.assertIn("IMP-1007", self.ipm("cert", "sign", garbage, "--role", "server", check=1).err)
        self.ipm("cert", "request", "desk7.example.com", "--out", self.path("d"))
        damaged = self.path("d-request.pem").read_text().splitlines()
        damaged[3] = damaged[3][::-1]
        self.place.file("damaged.pem", "\n".join(damaged))
        self.assertIn("IMP-1007", self.ipm("cert", "sign", self.path("damaged.pem"), "--role", "server",
                                           check=1).err)
        self.assertIn("role", self.ipm("cert", "sign", self.path("d-request.pem"), "--role", "king",
                                       check=2).err)
        self.ipm("cert", "sign", self.path("d-request.pem"), "--role", "authority", check=2)
        self.ipm("cert", "request", "bad name*", "--out", self.path("x"), check=1)
        self.assertEqual(self.ipm("ca", "list", "--json").json(), [])


class Checking(WithAuthority):
    def rules(self, *words, code):
        """The numbers of the broken rules."""
        document = self.ipm("cert", "check", *words, "--json", check=code).json()
        self.assertEqual(document["exit"], code)
        return [rule["rule"] for rule in document["rules"] if not rule["passed"]]

    def made(self, usage, *, name="ipmsrv.example.com", **options):
        return self.authority().issue(self.path("x"), name, usage, **options)

    def test_S20_one_line_a_rule_with_number_found_wanted_and_mend(self):
        certificate, _ = self.made("clientAuth")
        lines = self.ipm("cert", "check", certificate, "--role", "server", check=1).out.splitlines()
        broken = [line for line in lines if line.startswith("FAIL")]
        self.assertEqual(len(broken), 1)
        for text in ("S7", "found: ", "wanted: ", "to mend: "):
            self.assertIn(text, broken[0])
        self.assertTrue(all(line.startswith(("ok  ", "FAIL")) for line in lines[1:-1]), lines)
        self.assertFalse(any("\033" in line for line in lines))

    def test_roles_and_dates_have_their_exit_codes(self):
        certificate, key = self.made("serverAuth,clientAuth")
        self.assertEqual(self.rules(certificate, "--key", key, "--role", "mutual", code=0), [])
        certificate, _ = self.made("serverAuth")
        self.assertEqual(self.rules(certificate, "--role", "mutual", code=1), ["S9"])
        self.assertEqual(self.rules(certificate, "--role", "client", code=1), ["S8"])
        certificate, _ = self.made("")
        self.assertEqual(self.rules(certificate, code=1), ["S7"])
        certificate, _ = self.made("serverAuth", days=(-10, 20))
        self.assertEqual(self.rules(certificate, code=4), [])
        self.assertEqual(self.rules(certificate, "--warn-days", "7", code=0), [])
        certificate, _ = self.made("serverAuth", days=(-10, -1))
        self.assertEqual(self.rules(certificate, code=5), ["S14"])
        certificate, _ = self.made("serverAuth", days=(2, 9))
        self.assertEqual(self.rules(certificate, code=1), ["S14"])
        certificate, _ = self.made("serverAuth", name="ipm*.example.com", days=(-10, -1))
        self.assertEqual(set(self.rules(certificate, code=1)), {"S10", "S14"})

    def test_S12_a_ca_before_the_leaf_is_told_as_the_order(self):
        certificate, key = self.made("serverAuth,clientAuth")
        chain = self.place.file("chain.pem", self.authority().certificate.read_text() + certificate.read_text())
        document = self.ipm("cert", "check", chain, "--key", key, "--role", "mutual", "--json", check=1).json()
        broken = [rule for rule in document["rules"] if not rule["passed"]]
        self.assertEqual([rule["rule"] for rule in broken], ["S12"])
        self.assertIn("first in the file", broken[0]["mend"])

    def test_B6_a_list_is_believed_as_connections_believe_it(self):
        """Not one that another key of the same name signed, nor one that has ended."""
        ca = self.authority()
        certificate, _ = ca.issue(self.path("x"), "x.example.com", "clientAuth")
        self.ipm("trust", "install", ca.certificate)
        lists = self.path("lists.pem")
        ca.crl(lists)
        self.assertEqual(self.rules(certificate, "--crl", lists, code=0), [])
        impostor = self.authority("Test CA")
        impostor.issue(self.path("y"), "y.example.com", "clientAuth")
        impostor.crl(lists)
        self.assertEqual(self.rules(certificate, "--crl", lists, code=1), ["crl-missing"])
        ca.revoke(certificate)
        ca.crl(lists)
        self.assertEqual(self.rules(certificate, "--crl", lists, code=6), ["B6"])

    def test_S12_S13_keys(self):
        certificate, key = self.made("serverAuth")
        _, stranger = self.authority().issue(self.path("y"), "y.example.com", "serverAuth")
        self.assertEqual(self.rules(certificate, "--key", stranger, code=1), ["S12"])
        key.chmod(0o644)
        self.assertEqual(self.rules(certificate, "--key", key, code=1), ["S13"])
        key.chmod(0o600)
        sealed, der = self.path("sealed.pem"), self.path("key.der")
        run(["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", sealed])
        run(["openssl", "pkey", "-in", key, "-outform", "DER", "-out", der])
        p12 = self.path("key.p12")
        run(["openssl", "pkcs12", "-export", "-in", certificate, "-inkey", key, "-out", p12, "-passout",
             "pass:secret"])
        for unusable, mend in ((sealed, "openssl pkey"), (der, "openssl pkey"), (p12, "openssl pkcs12")):
            unusable.chmod(0o600)
            self.assertEqual(self.rules(certificate, "--key", unusable, code=1), ["S12"])
            self.assertIn(mend, self.ipm("cert", "check", certificate, "--key", unusable, check=1).out)
        self.assertIn("IMP-7003", self.ipm("cert", "check", certificate, "--key", self.path("none"),
                                           check=3).err)

    def test_files_that_are_no_certificate_are_told_apart(self):
        certificate, key = self.made("serverAuth")
        der = self.path("x.der")
        run(["openssl", "x509", "-in", certificate, "-outform", "DER", "-out", der])
        for file, text in ((der, "DER"), (key, "key"), (self.place.file("empty", ""), "empty"),
                           (self.place.file("certdata.txt", "BEGINDATA\nCKA_CLASS CK_OBJECT_CLASS x\n"),
                            "IMP-1004")):
            refused = self.ipm("cert", "check", file, check=1)
            self.assertIn("IMP-1004", refused.err)
            self.assertIn(text, refused.err)
        self.assertIn("IMP-7003", self.ipm("cert", "check", self.path("none.pem"), check=3).err)

    def test_check_and_show_of_a_server(self):
        authority = self.authority()
        certificate, key = authority.issue(self.path("tls"), "ipmsrv.example.com", "serverAuth",
                                           names=("127.0.0.1",))
        for extra, asks in (((), False), (("-Verify", "1"), True)):
            with self.tls_server(certificate, key, *extra) as port:
                shown = self.ipm("cert", "show", f"127.0.0.1:{port}", "--json").json()
                self.assertEqual(shown["certificates"][0]["name"], "ipmsrv.example.com")
                self.assertEqual(shown["asks_for_client_certificate"], asks)
                # The chain is judged as a connection of this machine would judge it.
                self.assertEqual(self.rules(f"127.0.0.1:{port}", code=1), ["S2"])
                before = (self.place.etc / "ca-cert.pem").read_bytes()
                self.ipm("trust", "install", authority.certificate)
                self.assertEqual(self.rules(f"127.0.0.1:{port}", code=0), [])
                self.assertEqual(self.rules(f"localhost:{port}", code=1), ["S11"])
                (self.place.etc / "ca-cert.pem").write_bytes(before)

    def test_a_server_of_tls_1_2_that_demands_a_certificate_is_still_shown(self):
        certificate, key = self.authority().issue(self.path("tls"), "a.example.com", "serverAuth")
        with self.tls_server(certificate, key, "-Verify", "1", "-tls1_2") as port:
            self.assertIn("TLSv1.2", self.ipm("cert", "show", f"127.0.0.1:{port}").out)

    def test_no_server_no_tls_and_silence(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.assertIn("IMP-3006", self.ipm("cert", "show", f"127.0.0.1:{port}", check=1).err)
        with socket.socket() as plain:
            plain.bind(("127.0.0.1", 0))
            plain.listen()

            def answer():
                connection, _ = plain.accept()
                with connection:
                    connection.sendall(b"220 not TLS at all\r\n" * 10)
                    connection.recv(4096)

            thread = threading.Thread(target=answer, daemon=True)
            thread.start()
            refused = self.ipm("cert", "show", f"127.0.0.1:{plain.getsockname()[1]}", check=1)
            thread.join()
            self.assertIn("IMP-3004", refused.err)
        for words in ("host:0", "host:99999", "host:", ":631", "[::1:631", "a b:631"):
            self.assertIn("IMP-7003", self.ipm("cert", "show", words, check=3).err)

    @contextlib.contextmanager
    def tls_server(self, certificate, key, *extra):
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            port = chosen.getsockname()[1]
        process = subprocess.Popen(
            ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", key,
             "-quiet", *extra], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

        def listens():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return True

        try:
            wait_until(listens, "openssl s_server listens")
            yield port
        finally:
            process.kill()
            process.wait()


class Exporting(WithAuthority):
    def test_p12_with_key_chain_and_authority(self):
        self.ipm("cert", "issue", "client", "alice", "--out", self.path("alice"))
        secret = self.place.file("secret", "correct horse\n")
        for legacy in ((), ("--legacy",)):
            out = self.path("alice.p12" + "".join(legacy))
            self.ipm("cert", "export", self.path("alice"), "--p12", out, "--passphrase-file", secret, *legacy)
            self.assertEqual(mode(out), 0o600)
            opened = run(["openssl", "pkcs12", "-in", out, "-passin", f"file:{secret}", "-nodes", *legacy])
            self.assertEqual(opened.out.count("BEGIN CERTIFICATE"), 2)
            self.assertEqual(opened.out.count("BEGIN PRIVATE KEY"), 1)
        self.assertIn("IMP-7006", self.ipm("cert", "export", self.path("alice"), "--p12",
                                           self.path("alice.p12"), "--passphrase-file", secret, check=1).err)
        self.ipm("cert", "export", "client", "--p12", self.path("none.p12"), "--passphrase-file", secret,
                 check=3)
        empty = self.place.file("empty", "\n")
        self.ipm("cert", "export", self.path("alice"), "--p12", self.path("b.p12"), "--passphrase-file",
                 empty, check=2)


class Importing(WithAuthority):
    def setUp(self):
        super().setUp()
        bought = self.authority("Bought CA")
        self.certificate, self.key = bought.issue(self.path("bought"), "ipmsrv.example.com", "serverAuth")
        self.ca = bought.certificate
        self.secret = self.place.file("secret", "correct horse\n")

    def openssl(self, *words):
        run(["openssl", *words])

    def installed(self):
        pair = self.place.etc / "server-cert.pem", self.place.etc / "server-key.pem"
        self.assertEqual(mode(pair[1]), 0o600)
        self.assertIn("PRIVATE KEY", pair[1].read_text())
        self.assertEqual(text_of(pair[0], "-serial"), text_of(self.certificate, "-serial"))
        for file in pair:
            file.unlink()

    def test_a_certificate_comes_in_every_form(self):
        p12, p7b, der, sealed = (self.path(name) for name in ("a.pfx", "a.p7b", "a.cer", "sealed.pem"))
        self.openssl("pkcs12", "-export", "-inkey", self.key, "-in", self.certificate, "-certfile", self.ca,
                     "-passout", f"file:{self.secret}", "-out", p12)
        self.openssl("crl2pkcs7", "-nocrl", "-certfile", self.ca, "-certfile", self.certificate, "-out", p7b)
        self.openssl("x509", "-in", self.certificate, "-outform", "DER", "-out", der)
        self.openssl("pkcs8", "-topk8", "-in", self.key, "-passout", f"file:{self.secret}", "-out", sealed)
        for files in ((p12,), (p7b, self.key), (der, sealed), (self.certificate, self.key), (self.key, self.ca, der)):
            with self.subTest(files):
                done = self.ipm("cert", "import", *files, "--passphrase-file", self.secret)
                self.assertIn("does not trust its CA yet", done.out)
                self.installed()
        self.ipm("trust", "install", self.ca)
        self.assertNotIn("yet", self.ipm("cert", "import", p12, "--passphrase-file", self.secret).out)

    def test_a_certificate_for_the_key_that_is_in_its_place(self):
        (self.place.etc / "server-key.pem").write_bytes(self.key.read_bytes())
        (self.place.etc / "server-key.pem").chmod(0o600)
        self.ipm("cert", "import", self.certificate)
        self.installed()

    def test_what_does_not_do_is_refused_and_nothing_is_written(self):
        other, stranger = self.authority().issue(self.path("other"), "other.example.com", "serverAuth")
        weak, weak_key = self.authority().issue(self.path("weak"), "ipm*.example.com", "serverAuth")
        old, old_key = self.authority().issue(self.path("old"), "old.example.com", "serverAuth", days=(-10, -1))
        wrong = self.place.file("wrong", "battery staple\n")
        p12 = self.path("a.pfx")
        self.openssl("pkcs12", "-export", "-inkey", self.key, "-in", self.certificate, "-passout",
                     f"file:{self.secret}", "-out", p12)
        for files, number, code in (((self.certificate, stranger), "IMP-1002", 1), ((self.certificate,), "IMP-7003", 3),
                                    ((self.key,), "IMP-1004", 1), ((weak, weak_key), "IMP-1005", 1),
                                    ((old, old_key), "IMP-1005", 1), ((self.key, stranger), "IMP-1001", 1),
                                    ((p12, "--passphrase-file", wrong), "IMP-2004", 1),
                                    ((self.place.file("page", "<html></html>"),), "IMP-1004", 1)):
            with self.subTest(files):
                self.assertIn(number, self.ipm("cert", "import", *files, check=code).err)
                self.assertFalse((self.place.etc / "server-cert.pem").exists())
        self.ipm("cert", "import", self.certificate, self.key)
        self.assertIn("IMP-7006", self.ipm("cert", "import", self.certificate, self.key, check=1).err)


class Setup(SystemTest):
    QUICK = ("--key", "p256", "--ca-key", "p256")

    def test_one_step_makes_everything_and_again_changes_nothing(self):
        root = self.root()
        plan = root.ipm("tls", "setup", "--mutual", "--dry-run", *self.QUICK)
        self.assertIn("This would:", plan.out)
        self.assertEqual(list(root.etc.iterdir()), [])
        done = root.ipm("tls", "setup", "ipmsrv.example.com", "--mutual", *self.QUICK)
        self.assertIn("Next: ipmd", done.out)
        self.assertEqual({path.name for path in root.etc.iterdir()},
                         {"ca-cert.pem", "server-cert.pem", "server-key.pem", "client-cert.pem",
                          "client-key.pem", "ipmd.toml"})
        for stem, role in (("server", "mutual"), ("client", "client")):
            root.ipm("cert", "check", root.etc / f"{stem}-cert.pem", "--role", role, "--key",
                     root.etc / f"{stem}-key.pem")
            run(["openssl", "verify", "-x509_strict", "-CAfile", root.etc / "ca-cert.pem",
                 root.etc / f"{stem}-cert.pem"])
        self.assertIn("mutual = true", (root.etc / "ipmd.toml").read_text())
        before = {path: path.read_bytes() for path in root.etc.iterdir()}
        self.assertIn("Everything is there already", root.ipm("tls", "setup", "--mutual").out)
        self.assertEqual({path: path.read_bytes() for path in root.etc.iterdir()}, before)

    def test_a_configuration_that_says_otherwise_is_refused_and_force_keeps_the_rest(self):
        root = self.root()
        text = '# ours\n[server]\nname = "a.example.com"\nlisten = ["[::]:6310"]  # odd\n\n' \
               '[limits]\nconnections = 77\n'
        root.configure(text)
        refused = root.ipm("tls", "setup", "--mutual", *self.QUICK, check=1)
        self.assertIn("encryption is off", refused.err)
        self.assertFalse((root.etc / "server-key.pem").exists())
        self.assertFalse((root.path / "var/lib/ipm/ca").exists())
        root.ipm("tls", "setup", "--mutual", "--force", *self.QUICK)
        changed = (root.etc / "ipmd.toml").read_text()
        for line in ("# ours", 'listen = ["[::]:6310"]  # odd', "connections = 77", "enabled = true",
                     "mutual = true", 'name = "a.example.com"'):
            self.assertIn(line, changed)
        self.assertEqual((root.etc / "ipmd.toml.before").read_text(), text)

    def test_an_identity_that_does_not_do_is_refused(self):
        root = self.root()
        root.ipm("tls", "setup", "a.example.com", *self.QUICK)
        self.assertIn("S9", root.ipm("tls", "setup", "--mutual", check=1).err)
        self.assertIn("not for b.example.com", root.ipm("tls", "setup", "b.example.com", check=1).err)
        (root.etc / "client-key.pem").unlink()
        self.assertIn("only one is there", root.ipm("tls", "setup", check=1).err)


class Explaining(SystemTest):
    def test_messages_requirements_and_rules(self):
        root = self.root()
        for number, text in (("5010-907", "warning period"), ("imp-1001", "S12"), ("S7", "serverAuth"),
                             ("s10", "wildcard"), ("key-strength", "RSA"), ("B6", "revoked")):
            self.assertIn(text, root.ipm("explain", number).out)
            root.ipm("explain", number, "--json").json()
        self.assertIn("S99", root.ipm("explain", "S99", check=2).err)

    def test_every_command_has_examples(self):
        root = self.root()
        for words in (("ca", "create"), ("ca", "show"), ("ca", "list"), ("ca", "revoke"), ("ca", "crl"),
                      ("cert", "issue", "server"), ("cert", "issue", "client"), ("cert", "request"),
                      ("cert", "sign"), ("cert", "check"), ("cert", "show"), ("cert", "export"),
                      ("cert", "renew"), ("tls", "setup"), ("explain",)):
            self.assertIn("Examples:\n  ipm " + " ".join(words), root.ipm(*words, "--help").out)

    def test_global_flags_are_accepted_anywhere(self):
        root = self.root()
        place = {"IPM_ROOT": ""}

        def run_here(*words):
            return root.ipm(*words, env=place)

        run_here("--root", root.path, "ca", "create", "A CA", "--key", "p256")
        for words in (("--json", "--root", root.path, "ca", "show"), ("ca", "--root", root.path, "show", "--json"),
                      ("ca", "show", "--json", "--root", root.path)):
            self.assertEqual(run_here(*words).json()["name"], "A CA")
        said = run_here("cert", "issue", "client", "alice", "--root", root.path).out
        self.assertIn(f"Next: ipm --root {root.path} cert check", said)
        self.assertRegex(run_here("ca", "show", "--version").out, r"^ipm \d+\.\d+\.\d+\n$")

    def test_usage_errors_are_three_lines_and_exit_2(self):
        root = self.root()
        for words in ((), ("bogus",), ("ca",), ("cert", "issue"), ("explain",), ("ca", "list", "extra"),
                      ("ca", "list", "--bogus"), ("--root",)):
            refused = root.ipm(*words, check=2)
            self.assertEqual(len(refused.err.strip().splitlines()), 3, refused.err)
            self.assertTrue(refused.err.startswith("IMP-7001 "), refused.err)
            self.assertEqual(refused.out, "")


if __name__ == "__main__":
    main()
