"""Certificates that openssl made, to the seeds' letter and beside it, in both directions: each is accepted
or refused as S7 to S13 and B6 say, and both sides name the rule by its number."""

import dataclasses
import os
import re
import shutil
import socket
import ssl
import subprocess

from harness import (BIN, MUTUAL, ONE_SIDED, Authority, SystemTest, main, new_key, replace, run, wait_until)
import wire

NAME = "client.example.com"
CLIENT = "clientAuth"
SERVER = "serverAuth"


@dataclasses.dataclass
class Case:
    """A certificate, the rules that it breaks (none: it is accepted) and how it is issued."""
    what: str
    rules: tuple = ()
    alert: str = ""  # what the other side's TLS library reads
    options: dict = dataclasses.field(default_factory=dict)
    at_home: tuple = ()  # what its owner's own program says of it, where that is not the rule's number


def case(what, *rules, alert="", at_home=None, **options):
    return Case(what, rules, alert, options, at_home or rules)


BAD = "bad certificate"
USE = "unsupported certificate"

CLIENTS = [
    case("good, EC"),
    case("good, RSA", key="rsa2048", key_usage="digitalSignature,keyEncipherment"),
    case("both usages, as a server that dials has", usage="serverAuth,clientAuth"),
    case("the name in the subject, the SAN only the others",
         san="DNS:alt1.example.com,DNS:alt2.example.com,IP:10.0.0.1,IP:fc00::1"),
    case("the name in the subject alone", san=""),
    case("the name in the SAN alone", subject="/O=Example", san=f"DNS:{NAME}"),
    case("a wildcard for the whole domain", subject="/CN=*.example.com", san="DNS:*.example.com"),
    case("a user's name", subject="/CN=Maria Muster", san=""),
    case("no extended key usage", "S8", alert=USE, usage=""),
    case("a server's certificate", "S8", alert=USE, usage=SERVER),
    case("any extended key usage", "S8", "any-usage", alert=USE, usage="anyExtendedKeyUsage"),
    case("clientAuth and any", "S8", "any-usage", alert=USE, at_home=("any-usage",),
         usage="clientAuth,anyExtendedKeyUsage"),
    case("key usage without digitalSignature", "S8", alert=USE, key_usage="keyAgreement"),
    case("no key usage", "S8", alert=USE, key_usage=""),
    case("partial wildcard at the end", "S10", alert=BAD, subject="/CN=ipm*.example.com", san="DNS:alt1.example.com"),
    case("partial wildcard at the beginning", "S10", alert=BAD, subject="/CN=*srv.example.com",
         san="DNS:alt1.example.com"),
    case("partial wildcard in the SAN", "S10", alert=BAD, san=f"DNS:{NAME},DNS:ipm*.example.com"),
    case("wildcard further right", "S10", alert=BAD, subject="/CN=srv.*.example.com", san="DNS:alt1.example.com"),
    case("two names in the subject", "S10", alert=BAD, subject=f"/CN={NAME}/CN=other.example.com"),
    case("an address written as a DNS name", "S11", alert=BAD, san=f"DNS:{NAME},DNS:10.0.0.1"),
    case("expired", "S14", alert="certificate expired", days=(-10, -1)),
    case("not yet valid", "S14", alert=BAD, days=(1, 10)),
    case("a CA's certificate", "basic-constraints", alert=BAD, lines=("basicConstraints=critical,CA:TRUE",),
         key_usage="digitalSignature,keyCertSign"),
    case("signed with SHA-1", "signature-digest", alert=BAD, digest="sha1"),
    case("RSA of 1024 bits", "key-strength", alert=BAD, at_home=("IMP-1001", "RSA with 1024 bits is too short"),
         key="rsa1024", key_usage="digitalSignature"),
]


def serial(certificate):
    return run(["openssl", "x509", "-in", certificate, "-noout", "-serial"]).out.strip().split("=")[1]


def client_context(certificate=None, key=None, version=None):
    """A client that judges nothing and sends whatever it is told to."""
    context = wire.tls()
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if certificate:
        context.load_cert_chain(certificate, key)
    if version:
        context.minimum_version = context.maximum_version = version
    return context


def knock(port, source, context):
    """"accepted" once the server has answered a request, else the reason that its alert gives."""
    try:
        with socket.create_connection(("127.0.0.1", port), 30, (source, 0)) as raw:
            with context.wrap_socket(raw) as stream:
                stream.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = stream.recv(100)  # In TLS 1.3 a client learns only here that it was refused.
                return "accepted" if answer.startswith(b"HTTP/1.1 ") else f"answered {answer!r}"
    except ssl.SSLError as refusal:
        return (refusal.reason or str(refusal)).replace("_", " ").lower()


class Addresses:
    """A source address for each attempt: the log tells about each address once in ten seconds, and
    whoever is refused often must wait."""

    def __init__(self):
        self._count = 1

    def next(self):
        self._count += 1
        return f"127.0.{self._count // 250 + 1}.{self._count % 250 + 1}"


class ClientsAtTheServer(SystemTest):
    """What openssl's own client would send, and what the server says of it."""

    def setUp(self):
        self.ca = self.authority()
        self.at = self.root()
        self.ca.equip_server(self.at)
        self.running = self.server(self.at, MUTUAL)
        self.addresses = Addresses()

    def refused(self, source, *parts, message="IMP-3002"):
        """The one line about that address."""
        line = wait_until(lambda: re.search(rf"^.* {message} {re.escape(source)}:\d+.*$", self.at.log_text(), re.M),
                          f"{message} about {source}").group()
        for part in parts:
            self.assertIn(part, line)

    def test_S7_to_S11_each_certificate_by_its_rule(self):
        folder = self.at.path / "clients"
        versions = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2)
        for number, one in enumerate(CLIENTS):
            options = {"usage": CLIENT, **one.options}
            certificate, key = self.ca.issue(folder / str(number), NAME, options.pop("usage"), **options)
            for version in versions:
                with self.subTest(one.what, version=version.name):
                    source = self.addresses.next()
                    answer = knock(self.running.port, source, client_context(certificate, key, version))
                    if not one.rules:
                        self.assertEqual(answer, "accepted")
                        continue
                    self.assertIn(one.alert, answer)
                    self.refused(source, serial(certificate), "issued by CN = Test CA",
                                 *(f"{rule}: found" for rule in one.rules))
                    subject = one.options.get("subject", f"/CN={NAME}").split("=")[-1]
                    self.refused(source, subject)

    def test_S2_another_ca_is_refused(self):
        folder = self.at.path / "clients"
        other, same_name = self.authority("Other CA"), self.authority("Test CA")
        with self.subTest("another CA"):
            certificate, key = other.issue(folder / "other", NAME, CLIENT)
            source = self.addresses.next()
            self.assertIn("unknown ca", knock(self.running.port, source, client_context(certificate, key)))
            self.refused(source, serial(certificate), NAME, "S2: found", "Other CA")
        with self.subTest("another CA of the same name"):
            certificate, key = same_name.issue(folder / "same", NAME, CLIENT)
            source = self.addresses.next()
            self.assertNotEqual(knock(self.running.port, source, client_context(certificate, key)), "accepted")
            self.refused(source, serial(certificate), NAME)
        with self.subTest("signed by itself"):
            key = new_key(folder / "self-key.pem")
            certificate = folder / "self-cert.pem"
            run(["openssl", "req", "-x509", "-new", "-key", key, "-out", certificate, "-subj", f"/CN={NAME}",
                 "-days", "30", "-addext", "extendedKeyUsage=clientAuth", "-addext", "keyUsage=digitalSignature",
                 "-addext", "basicConstraints=critical,CA:FALSE"])
            source = self.addresses.next()
            self.assertIn("unknown ca", knock(self.running.port, source, client_context(certificate, key)))
            self.refused(source, serial(certificate), NAME, "S2: found")
        with self.subTest("the anchor itself, with its key"):
            source = self.addresses.next()
            context = client_context(self.ca.certificate, self.ca.key)
            self.assertNotEqual(knock(self.running.port, source, context), "accepted")
            self.refused(source, serial(self.ca.certificate), "S8: found", "basic-constraints: found")
        with self.subTest("a client's certificate under a client's certificate"):
            certificate, key = self.ca.issue(folder / "issuer", NAME, CLIENT)
            below = Authority(folder / "below")
            shutil.copy(certificate, below.certificate)
            shutil.copy(key, below.key)
            child, child_key = below.issue(folder / "child", NAME, CLIENT)
            child.write_bytes(child.read_bytes() + certificate.read_bytes())
            source = self.addresses.next()
            self.assertNotEqual(knock(self.running.port, source, client_context(child, child_key)), "accepted")
            self.refused(source, serial(child))

    def test_no_certificate_is_refused(self):
        for version, alert in ((ssl.TLSVersion.TLSv1_3, "certificate required"),
                               (ssl.TLSVersion.TLSv1_2, "handshake failure")):
            with self.subTest(version=version.name):
                source = self.addresses.next()
                self.assertIn(alert, knock(self.running.port, source, client_context(version=version)))
                self.refused(source, "presented no certificate", message="IMP-3003")

    def test_B6_a_revoked_certificate_is_refused(self):
        certificate, key = self.ca.issue(self.at.path / "clients/gone", NAME, CLIENT)
        other, other_key = self.ca.issue(self.at.path / "clients/stays", NAME, CLIENT)
        self.assertEqual(knock(self.running.port, self.addresses.next(), client_context(certificate, key)), "accepted")
        self.ca.revoke(certificate)
        self.ca.crl(self.at.etc / "crl.pem")
        wait_until(lambda: "IMP-3012" in self.at.log_text(), "the list is taken up")
        source = self.addresses.next()
        self.assertIn("certificate revoked", knock(self.running.port, source, client_context(certificate, key)))
        self.refused(source, serial(certificate), NAME, "B6: found")
        self.assertEqual(knock(self.running.port, self.addresses.next(), client_context(other, other_key)), "accepted")


class IpmAsTheClient(SystemTest):
    """The same certificates in the hands of `ipm`: it tells the same rule in words."""

    def setUp(self):
        self.ca = self.authority()
        self.at = self.root()
        self.ca.equip_server(self.at)
        self.running = self.server(self.at, MUTUAL)

    def status(self, root, code):
        return root.ipm("server", "status", "--server", self.running.address, check=code)

    def test_S7_to_S11_each_certificate_by_its_rule(self):
        root = self.root()
        for one in CLIENTS:
            options = {"usage": CLIENT, **one.options}
            with self.subTest(one.what):
                self.ca.trust_in(root)
                self.ca.issue(root.etc / "client", NAME, options.pop("usage"), **options)
                if not one.rules:
                    self.assertIn("proven", self.status(root, 0).out)
                    continue
                told = self.status(root, 1).err
                for words in one.at_home:
                    self.assertRegex(told, rf"\b{words}\b")
                self.assertRegex(told, r"(?s)^IMP-\d+ .*\n  expected: .+\n  to mend:  .+")

    def test_what_the_server_alone_can_tell(self):
        root = self.root()
        certificate, _ = self.ca.equip_client(root)
        self.ca.revoke(certificate)
        self.ca.crl(self.at.etc / "crl.pem")
        wait_until(lambda: "IMP-3012" in self.at.log_text(), "the list is taken up")
        told = self.status(root, 1).err
        self.assertIn("IMP-3002", told)
        self.assertIn("revoked it (B6)", told)
        self.assertIn(serial(certificate), told)

        certificate, _ = self.authority("Other CA").issue(root.etc / "client", NAME, CLIENT)
        told = self.status(root, 1).err
        self.assertIn("IMP-3002", told)
        self.assertIn("no CA that it trusts has signed it (S2)", told)
        self.assertIn(serial(certificate), told)

        for stem in ("client-cert.pem", "client-key.pem"):
            (root.etc / stem).unlink()
        told = self.status(root, 1).err
        self.assertIn("IMP-3003", told)
        self.assertIn("ipm cert issue client", told)


class StockServer:
    """`openssl s_server` with a certificate, on a port that the kernel chooses."""

    def __init__(self, test, certificate, key, *words):
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www",
             "-cipher", "DEFAULT:@SECLEVEL=0", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        test.addCleanup(self.end)
        for line in self.process.stdout:
            accepted = re.match(rb"ACCEPT .*:(\d+)", line)
            if accepted:
                self.port = int(accepted.group(1))
                return
        raise AssertionError("openssl s_server did not start")

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


SERVERS = [
    case("without extended key usage", "S7", usage=""),
    case("a client's certificate", "S7", usage=CLIENT),
    case("any extended key usage", "S7", "any-usage", usage="anyExtendedKeyUsage"),
    case("RSA without keyEncipherment", "S7", key="rsa2048"),
    case("key usage without digitalSignature", "S7", key_usage="keyAgreement"),
    case("expired", "S14", days=(-10, -1)),
    case("not yet valid", "S14", days=(1, 10)),
    case("of another host", "S11", subject="/CN=other.example.com", san="DNS:other.example.com,DNS:alt1.example.com"),
    case("a label less", "S11", subject="/CN=localhost.example.com", san="DNS:example.com"),
    case("partial wildcard at the end", "S10", subject="/CN=local*", san="DNS:alt1.example.com"),
    case("partial wildcard at the beginning", "S10", subject="/CN=*host", san="DNS:alt1.example.com"),
    case("partial wildcard in the SAN", "S10", subject="/CN=ipmsrv.example.com", san="DNS:l*t"),
    case("a wildcard for everything", "S10", subject="/CN=*", san="DNS:alt1.example.com"),
    case("signed with SHA-1", "signature-digest", digest="sha1"),
    case("RSA of 1024 bits", "key-strength", key="rsa1024", key_usage="digitalSignature,keyEncipherment"),
    case("a CA's certificate", "basic-constraints", lines=("basicConstraints=critical,CA:TRUE",),
         key_usage="digitalSignature,keyCertSign"),
]


class ServersAtIpm(SystemTest):
    def setUp(self):
        self.ca = self.authority()
        self.at = self.root()
        self.ca.trust_in(self.at)

    def refused(self, certificate, key, *parts, host="localhost"):
        server = StockServer(self, certificate, key)
        told = self.at.ipm("server", "status", "--server", f"{host}:{server.port}", check=1).err
        for part in ("IMP-3002", serial(certificate), *parts):
            self.assertIn(part, told)
        self.assertRegex(told, r"\n  expected: .+\n  to mend:  .+")

    def test_S7_to_S11_each_certificate_by_its_rule(self):
        for number, one in enumerate(SERVERS):
            with self.subTest(one.what):
                options = {"usage": SERVER, **one.options}
                pair = self.ca.issue(self.at.path / f"servers/{number}", "localhost", options.pop("usage"), **options)
                self.refused(*pair, *(f"{rule}: found" for rule in one.rules))

    def test_S2_another_ca_is_refused(self):
        self.refused(*self.authority("Other CA").issue(self.at.path / "servers/other", "localhost", SERVER),
                     "S2: found", "Other CA")

    def test_B6_a_revoked_server_is_refused(self):
        pair = self.ca.issue(self.at.path / "servers/gone", "localhost", SERVER)
        self.ca.revoke(pair[0])
        self.ca.crl(self.at.etc / "crl.pem")
        self.refused(*pair, "B6: found")

    def test_S11_an_address_counts_by_its_bytes_alone(self):
        for what, options in {
                "another address": {"names": ("127.0.0.2",)},
                "in a dNSName": {"san": "DNS:localhost,DNS:127.0.0.1"},
                "in the subject": {"subject": "/CN=127.0.0.1", "san": "DNS:localhost"},
                "nowhere": {}}.items():
            with self.subTest(what):
                pair = self.ca.issue(self.at.path / "servers/address", "localhost", SERVER, **options)
                self.refused(*pair, "S11: found", host="127.0.0.1")

    def test_S11_the_name_in_the_subject_is_enough_under_a_private_ca(self):
        for what, options, hosts in (
                ("as the seeds have it", {"san": "DNS:alt1.example.com,DNS:alt2.example.com,IP:10.0.0.1,IP:fc00::1"},
                 ("localhost",)),
                ("no SAN", {"san": ""}, ("localhost",)),
                ("an address in the SAN", {"names": ("127.0.0.1",)}, ("localhost", "127.0.0.1")),
                ("RSA", {"key": "rsa2048", "key_usage": "digitalSignature,keyEncipherment"}, ("localhost",))):
            with self.subTest(what):
                root = self.root()
                options.setdefault("names", ())
                self.ca.equip_server(root, **options)
                server = self.server(root, ONE_SIDED)
                for host in hosts:
                    done = self.at.ipm("server", "status", "--server", f"{host}:{server.port}")
                    self.assertIn(f"{host}:{server.port}, TLSv1.3", done.out)

    def test_S11_the_name_in_the_subject_is_not_enough_under_a_public_ca(self):
        digest = run(["openssl", "x509", "-in", self.ca.certificate, "-noout", "-fingerprint", "-sha256"]).out
        self.at.file("var/lib/ipm/public-roots.sha256", digest.strip().split("=")[1].replace(":", "").lower() + "\n")
        for what, san, code in (("nowhere else", "DNS:alt1.example.com", 1), ("in the SAN, too", "DNS:localhost", 0)):
            with self.subTest(what):
                root = self.root()
                self.ca.equip_server(root, san=san)
                server = self.server(root, ONE_SIDED)
                told = self.at.ipm("server", "status", "--server", server.address, check=code).err
                self.assertEqual("S11: found" in told, code == 1, told)

    def test_S11_the_name_in_the_subject_can_be_switched_off(self):
        root = self.root()
        self.ca.equip_server(root, names=(), san="DNS:alt1.example.com")
        server = self.server(root, ONE_SIDED)
        self.at.configure("[client]\ncommon_name = false\n", "ipm.toml")
        told = self.at.ipm("server", "status", "--server", server.address, check=1).err
        self.assertIn("S11: found", told)


class IdentitiesAtTheStart(SystemTest):
    """A server that has no sound identity says why and how to mend it, and nothing of it starts."""

    def setUp(self):
        self.ca = self.authority()

    def start(self, prepare):
        """How ipmd ends in a root whose certificate and key `prepare` has spoilt."""
        root = self.root()
        certificate, key = self.ca.equip_server(root)
        prepare(certificate, key)
        root.configure(MUTUAL)
        ended = run([BIN / "ipmd"], env=root.env, check=1)
        self.assertEqual(ended.out, "")
        self.assertRegex(ended.err, r"^IMP-\d{4} .+\n  expected: .+\n  to mend:  .+\n\n?$")
        self.assertEqual(len(root.log_text().splitlines()), 1, root.log_text())
        self.assertIn(ended.err.split("\n")[0].split(" ", 1)[1], root.log_text())
        for left in (root.socket, root.path / "var/lib/ipm"):
            self.assertFalse(left.exists(), f"{left} was made by a server that did not start")
        return ended.err

    def convert(self, file, *words, into=None):
        """What an openssl command makes of a file takes its place, or that of another."""
        run(["openssl", *words, "-in", file, "-out", file.with_name("converted")])
        replace(into or file, file.with_name("converted").read_bytes())

    def exchange(self, one, other):
        first = one.read_bytes()
        replace(one, other.read_bytes())
        replace(other, first)

    def test_S12_keys_and_certificates_that_are_no_plain_pem(self):
        secret = ("-passout", "pass:secret")
        other = self.ca.issue(self.ca.folder / "other", "localhost", SERVER)
        p12 = ("pkcs12", "-export", *secret, "-inkey")
        table = {
            "an encrypted key, PKCS#8": (lambda _, key: self.convert(key, "pkcs8", "-topk8", *secret),
                                         "IMP-1001", "an encrypted private key", "(S12)", "openssl pkey"),
            "an encrypted key, traditional": (lambda _, key: self.convert(key, "ec", "-aes128", *secret),
                                              "IMP-1001", "an encrypted private key", "(S12)", "openssl pkey"),
            "a DER key": (lambda _, key: self.convert(key, "pkey", "-outform", "DER"),
                          "IMP-1001", "a DER private key", "(S12)", "openssl pkey -inform DER"),
            "a DER certificate": (lambda cert, _: self.convert(cert, "x509", "-outform", "DER"),
                                  "IMP-1004", "a DER certificate", "(S12)", "openssl x509 -inform DER"),
            "PKCS#12 for the certificate": (lambda cert, key: self.convert(cert, *p12, key),
                                            "IMP-1004", "a PKCS#12 file", "(S12)", "openssl pkcs12 -nokeys"),
            "PKCS#12 for the key": (lambda cert, key: self.convert(cert, *p12, key, into=key),
                                    "IMP-1001", "a PKCS#12 file", "(S12)", "openssl pkcs12 -nodes -nocerts"),
            "the key of another certificate": (lambda _, key: shutil.copy(other[1], key),
                                               "IMP-1002", "does not belong", "(S12)", "made together"),
            "each in the other's place": (self.exchange, "IMP-1001", "is a certificate", "(S12)", "exchange them"),
            "an empty key": (lambda _, key: key.write_bytes(b""), "IMP-1001", "an empty file", "(S12)"),
            "an empty certificate": (lambda cert, _: cert.write_bytes(b""), "IMP-1004", "an empty file", "(S12)"),
            "a key of random bytes": (lambda _, key: key.write_bytes(os.urandom(500)), "IMP-1001", "(S12)"),
            "a certificate of random bytes": (lambda cert, _: cert.write_bytes(os.urandom(500)), "IMP-1004", "(S12)"),
            "half a key": (lambda _, key: key.write_bytes(key.read_bytes()[:120]), "IMP-1001", "(S12)"),
            "half a certificate": (lambda cert, _: cert.write_bytes(cert.read_bytes()[:300]), "IMP-1004", "(S12)"),
            "no key": (lambda _, key: key.unlink(), "IMP-7003", "server-key.pem", "ipm tls setup"),
            "no certificate": (lambda cert, _: cert.unlink(), "IMP-7003", "server-cert.pem", "ipm tls setup"),
            "a folder for the key": (lambda _, key: (key.unlink(), key.mkdir()), "IMP-7004", "server-key.pem"),
            "a folder for the certificate": (lambda cert, _: (cert.unlink(), cert.mkdir()),
                                             "IMP-7004", "server-cert.pem"),
            "no anchors": (lambda cert, _: cert.with_name("ca-cert.pem").unlink(),
                           "IMP-7003", "ca-cert.pem", "ipm trust install", "ipm trust update"),
            "empty anchors": (lambda cert, _: cert.with_name("ca-cert.pem").write_bytes(b""),
                              "IMP-2005", "ca-cert.pem"),
        }
        for what, (prepare, *parts) in table.items():
            with self.subTest(what):
                told = self.start(prepare)
                for part in parts:
                    self.assertIn(part, told)
                self.assertNotIn("-----BEGIN", told)

    def test_S7_S9_S14_certificates_that_break_a_rule(self):
        def issue(usage, **options):
            return lambda cert, _: self.ca.issue(cert.with_name("server"), "localhost", usage, **options)
        both = "serverAuth,clientAuth"
        other = self.authority("Other CA")
        table = {
            "no extended key usage": (issue(""), "IMP-1005", "S7: found", "S9: found", "ipm cert issue server"),
            "mutual without clientAuth": (issue(SERVER), "IMP-1005", "S9: found", "--mutual"),
            "mutual without serverAuth": (issue(CLIENT), "IMP-1005", "S7: found"),
            "RSA without keyEncipherment": (issue(both, key="rsa2048"), "IMP-1005", "S7: found"),
            "partial wildcard": (issue(both, subject="/CN=ipm*.example.com"), "IMP-1005", "S10: found"),
            "expired": (issue(both, days=(-10, -1)), "IMP-1010", "(S14)", "ipm cert renew server"),
            "not yet valid": (issue(both, days=(1, 10)), "IMP-1005", "S14: found", "clock"),
            "of another CA": (lambda cert, _: other.issue(cert.with_name("server"), "localhost", both),
                              "IMP-2006", "S2: found", "ipm trust install"),
        }
        for what, (prepare, *parts) in table.items():
            with self.subTest(what):
                told = self.start(prepare)
                for part in parts:
                    self.assertIn(part, told)

    def test_S13_a_key_that_others_can_read_is_reported_and_used(self):
        for mode, exposed in ((0o644, True), (0o604, True), (0o600, False)):
            with self.subTest(mode=oct(mode)):
                root = self.root()
                _, key = self.ca.equip_server(root)
                key.chmod(mode)
                self.server(root, MUTUAL)
                self.assertEqual("IMP-1003" in root.log_text(), exposed)
                if exposed:
                    self.assertIn("chmod 600 it", root.log_text())


if __name__ == "__main__":
    main()
