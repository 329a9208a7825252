"""New certificates, keys, anchors and revocation lists are taken up while the server runs (S6) and nothing is
lost; what does not load is refused once and changes nothing; who is revoked is out at once (B6)."""

import contextlib
import hashlib
import os
import random
import re
import shutil
import signal
import ssl
import time

from harness import MUTUAL, SystemTest, main, replace, run, wait_until
import wire

SOON = 2.0  # S6
BOTH = "serverAuth,clientAuth"
VERSIONS = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2)


def serial(certificate):
    return run(["openssl", "x509", "-in", certificate, "-noout", "-serial"]).out.strip().split("=")[1]


class Reload(SystemTest):
    def setUp(self):
        self.ca = self.authority()
        self.at = self.root()
        self.ca.equip_server(self.at)
        self.client = self.ca.issue(self.at.path / "clients/one", "one.example.com", "clientAuth")
        self.running = self.server(self.at, MUTUAL)

    def tearDown(self):
        self.assertEqual(self.running.stop(), 0)

    def issue(self, *arguments, **options):
        """A new pair for the server, beside the one in force."""
        return self.ca.issue(self.at.path / "new/server", "localhost", BOTH, *arguments, **options)

    def install(self, pair):
        """Key first: the certificate alone would not fit the key in force, nor this key that certificate."""
        for new, name in zip(reversed(pair), ("server-key.pem", "server-cert.pem")):
            replace(self.at.etc / name, new.read_bytes())

    def presented(self):
        """The serial that the server shows to a new connection."""
        shown = ssl.get_server_certificate(("127.0.0.1", self.running.port))
        return serial(self.at.file("shown.pem", shown))

    def count(self, number):
        return self.at.log_text().count(f" {number} ")

    def wait_for_refusals(self, count):
        wait_until(lambda: self.count("IMP-3011") >= count, f"refusal {count} is logged")

    def test_S6_a_new_certificate_within_two_seconds_and_nothing_lost(self):
        wire.add_printer(self.at, "office", self.at.printed_uri)
        peer = wire.Peer(self.running.port, self.client)
        idle = peer.connect()
        self.addCleanup(idle.close)
        document = random.Random(6).randbytes(8_000_000)
        upload = wire.connect(self.running.port, context=wire.tls(None, *self.client))
        self.addCleanup(upload.close)
        upload.putrequest("POST", "/ipp/print")
        upload.putheader("Content-Type", "application/ipp")
        upload.putheader("Transfer-Encoding", "chunked")
        upload.endheaders()

        def send(data):
            upload.send(b"%x\r\n%b\r\n" % (len(data), data))
        send(wire.request(wire.PRINT_JOB))
        pieces = [document[at:at + 100_000] for at in range(0, len(document), 100_000)]

        took = []
        for kind in ("p256", "rsa2048", "p256"):
            usage = "digitalSignature,keyEncipherment" if kind == "rsa2048" else "digitalSignature"
            pair = self.issue(key=kind, key_usage=usage)
            new = serial(pair[0])
            for _ in range(20):
                send(pieces.pop(0))
            began = time.monotonic()
            self.install(pair)
            wait_until(lambda: self.presented() == new, "the new certificate is shown")
            took.append(time.monotonic() - began)
            self.assertTrue(peer.ask(idle).startswith(b"HTTP/1.1 "), "an open connection was lost")
        # On a machine that is busy otherwise one of them may take longer.
        self.assertLess(min(took), SOON)
        for piece in pieces:
            send(piece)
        upload.send(b"0\r\n\r\n")
        answer = upload.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertEqual(wire.Reply(answer.read()).status, 0)
        wait_until(self.at.documents, "the document arrives")
        self.assertEqual(hashlib.sha256(self.at.documents()[0]).digest(), hashlib.sha256(document).digest())
        self.assertEqual(self.count("IMP-3012"), 3)
        self.assertEqual(self.count("IMP-3011"), 0)

    def test_S6_what_does_not_load_is_refused_once_and_the_old_set_stays(self):
        good = {name: (self.at.etc / name).read_bytes()
                for name in ("server-cert.pem", "server-key.pem", "ca-cert.pem")}
        old = self.presented()
        certificate, key = self.issue()
        expired = self.ca.issue(self.at.path / "new/expired", "localhost", BOTH, days=(-10, -1))
        one_sided = self.ca.issue(self.at.path / "new/one-sided", "localhost", "serverAuth")
        other = self.authority("Other CA")
        steps = (
            ("a half-written certificate", {"server-cert.pem": certificate.read_bytes()[:400]}, "IMP-1004"),
            ("a half-written key", {"server-key.pem": key.read_bytes()[:100]}, "IMP-1001"),
            ("an empty certificate", {"server-cert.pem": b""}, "IMP-1004"),
            ("the key of another pair", {"server-key.pem": key.read_bytes()}, "IMP-1002"),
            ("the certificate of another pair", {"server-cert.pem": certificate.read_bytes()}, "IMP-1002"),
            ("an expired pair", {"server-cert.pem": expired[0].read_bytes(),
                                 "server-key.pem": expired[1].read_bytes()}, "IMP-1010"),
            ("a pair without clientAuth", {"server-cert.pem": one_sided[0].read_bytes(),
                                           "server-key.pem": one_sided[1].read_bytes()}, "S9: found"),
            ("another CA's anchor alone", {"ca-cert.pem": other.certificate.read_bytes()}, "S2: found"),
            ("anchors of random bytes", {"ca-cert.pem": os.urandom(1000)}, "IMP-2005"),
            ("a revocation list of random bytes", {"crl.pem": os.urandom(1000)}, "IMP-1009"),
            ("a missing key", {"server-key.pem": None}, "IMP-7003"),
        )
        refused = 0
        for what, files, reason in steps:
            with self.subTest(what):
                for name, content in files.items():
                    if content is None:
                        (self.at.etc / name).unlink()
                    else:
                        replace(self.at.etc / name, content)
                refused += 1
                self.wait_for_refusals(refused)
                line = [one for one in self.at.log_text().splitlines() if " IMP-3011 " in one][-1]
                self.assertIn("the old set stays in force", line)
                self.assertIn(reason, line)
                self.assertEqual(self.presented(), old)
                wire.Peer(self.running.port, self.client).connect().close()
                loaded = self.count("IMP-3012")
                (self.at.etc / "crl.pem").unlink(missing_ok=True)
                for name, content in good.items():
                    replace(self.at.etc / name, content)
                wait_until(lambda: self.count("IMP-3012") > loaded, "the mended set is taken up by itself")
        # Each stood for several looks.
        self.assertEqual(self.count("IMP-3011"), len(steps))

    def test_S6_files_behind_links_that_are_switched(self):
        """As tools that renew certificates install them."""
        live = self.at.path / "live"
        (self.at.path / "first").mkdir()
        for name in ("server-cert.pem", "server-key.pem"):
            shutil.move(self.at.etc / name, self.at.path / "first" / name)
            (self.at.etc / name).symlink_to(live / name)
        live.symlink_to(self.at.path / "first")
        wait_until(lambda: self.count("IMP-3012") == 1, "the links are taken up")
        pair = self.ca.issue(self.at.path / "second/server", "localhost", BOTH)
        (self.at.path / "live.new").symlink_to(self.at.path / "second")
        os.rename(self.at.path / "live.new", live)
        wait_until(lambda: self.presented() == serial(pair[0]), "the new pair is shown")

    def test_S6_new_anchors(self):
        other = self.authority("Other CA")
        pair = other.issue(self.at.path / "clients/other", "other.example.com", "clientAuth")
        stranger = wire.Peer(self.running.port, pair)
        with self.assertRaises(ssl.SSLError):
            stranger.connect()
        ours = self.ca.certificate.read_bytes()
        replace(self.at.etc / "ca-cert.pem", ours + other.certificate.read_bytes())
        wait_until(lambda: self.count("IMP-3012") == 1, "the anchors are taken up")
        stranger.close(stranger.connect())
        stream = stranger.connect(resume=True)
        self.assertTrue(stream.session_reused)
        stranger.close(stream)
        replace(self.at.etc / "ca-cert.pem", ours)
        wait_until(lambda: self.count("IMP-3012") == 2, "the anchors are taken up")
        with self.assertRaises(ssl.SSLError):
            stranger.connect(resume=True)
        wire.Peer(self.running.port, self.client).connect().close()

    def test_B6_who_is_revoked_is_out_at_once(self):
        for number, version in enumerate(VERSIONS):
            with self.subTest(version=version.name):
                source = f"127.0.4.{number + 1}"  # The log tells about each address once in ten seconds.
                pair = self.ca.issue(self.at.path / "clients/gone", "gone.example.com", "clientAuth")
                gone = wire.Peer(self.running.port, pair, version, source)
                stays = wire.Peer(self.running.port, self.client, version)
                with gone.connect() as idle, stays.connect() as other:
                    stream = gone.connect(resume=True)
                    self.assertTrue(stream.session_reused, "sessions are resumed before")
                    gone.close(stream)
                    self.ca.revoke(pair[0])
                    began = time.monotonic()
                    self.ca.crl(self.at.etc / "crl.pem")
                    with contextlib.suppress(ConnectionResetError, ssl.SSLError):
                        self.assertEqual(idle.recv(1), b"")
                    took = time.monotonic() - began
                    self.assertTrue(stays.ask(other).startswith(b"HTTP/1.1 "), "another client's connection was lost")
                self.assertLess(took, 2 * SOON)
                with self.assertRaises(ssl.SSLError) as resumed:
                    gone.connect(resume=True)
                self.assertIn("REVOKED", resumed.exception.reason)
                with stays.connect(resume=True):
                    pass
                wanted = re.compile(rf"^.* IMP-3002 The connection of .*{serial(pair[0])}.*$", re.M)
                line = wait_until(lambda: wanted.search(self.at.log_text()), "it is logged").group()
                self.assertIn("B6: found", line)

    def test_B6_a_revoked_clients_upload_ends_unprinted(self):
        wire.add_printer(self.at, "office", self.at.printed_uri)
        upload = wire.connect(self.running.port, context=wire.tls(None, *self.client))
        self.addCleanup(upload.close)
        upload.putrequest("POST", "/ipp/print")
        upload.putheader("Content-Type", "application/ipp")
        upload.putheader("Content-Length", "10000000")
        upload.endheaders(wire.request(wire.PRINT_JOB) + b"x" * 100_000)
        self.ca.revoke(self.client[0])
        self.ca.crl(self.at.etc / "crl.pem")
        with contextlib.suppress(ConnectionResetError, ssl.SSLError):
            self.assertEqual(upload.sock.recv(1), b"")
        self.assertEqual(wire.all_jobs(self.at), [])
        self.assertEqual(self.at.documents(), [])

    def test_S14_a_connection_does_not_outlive_its_certificate(self):
        pair = self.ca.issue(self.at.path / "clients/brief", "brief.example.com", "clientAuth", days=(-1, 4 / 86400))
        end = time.time() + 4
        peer = wire.Peer(self.running.port, pair)
        with peer.connect() as stream:
            def refused():
                with contextlib.suppress(OSError):
                    return not peer.ask(stream)
                return True
            wait_until(refused, "the connection ends with its certificate")
        self.assertGreater(time.time(), end - 1)
        with self.assertRaises(ssl.SSLError):
            peer.connect(resume=True)
        self.assertIn("S14: found expired on", self.at.log_text())

    def test_SIGHUP_opens_the_log_anew_and_loads_again(self):
        peer = wire.Peer(self.running.port, self.client)
        with peer.connect() as stream:
            moved = self.at.log.with_name("error.log.1")
            os.rename(self.at.log, moved)
            self.running.send_signal(signal.SIGHUP)
            wait_until(lambda: self.count("IMP-3012") == 1, "a new log says that the set was loaded")
            self.assertNotIn("IMP-3012", moved.read_text())
            self.assertTrue(peer.ask(stream).startswith(b"HTTP/1.1 "))

    def test_SIGHUP_with_a_broken_set_is_refused_once(self):
        replace(self.at.etc / "server-key.pem", b"no key")
        self.running.send_signal(signal.SIGHUP)
        self.wait_for_refusals(1)
        loaded = self.at.etc / "server-key.pem"
        certificate, key = self.issue()
        replace(loaded, key.read_bytes())
        replace(self.at.etc / "server-cert.pem", certificate.read_bytes())
        wait_until(lambda: self.count("IMP-3012") == 1, "the mended set is taken up")
        self.assertEqual(self.count("IMP-3011"), 1)


if __name__ == "__main__":
    main()
