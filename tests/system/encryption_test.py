"""Encryption on and off (S14 to S18): the two lines that log monitors look for, to the letter; what plaintext
meets when encryption is on and TLS when it is off; and who may vouch for clients."""

import contextlib
import fcntl
import re
import socket
import ssl
import struct

from harness import BIN, MUTUAL, ONE_SIDED, PLAINTEXT, SystemTest, main, run, wait_until
import wire

SIOCOUTQ = 0x5411
STARTED = "info 5010-908 InfoPrint Manager started with SSL/TLS enabled."


def lines(text, number):
    """What stands after the time on each line with that number."""
    return [line.split(" ", 1)[1] for line in text.splitlines() if f" {number} " in line]


def send_slowly(stream, data):
    """Byte by byte: each has arrived before the next one goes."""
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in data:
        stream.sendall(bytes([byte]))
        wait_until(lambda: struct.unpack("i", fcntl.ioctl(stream, SIOCOUTQ, b"\0" * 4))[0] == 0, "a byte is taken")


def read_to_end(stream):
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := stream.recv(65536):
            data += piece
    return data


class TheTwoLines(SystemTest):
    def expiry_line(self, root):
        end = run(["openssl", "x509", "-in", root.etc / "server-cert.pem", "-noout", "-enddate"]).out
        return ("warning 5010-907 The SSL/TLS certificate for InfoPrint Manager expires on " +
                end.strip().removeprefix("notAfter="))

    def test_S15_a_server_that_starts_encrypted_says_so(self):
        for configuration in (MUTUAL, ONE_SIDED):
            with self.subTest(configuration):
                root = self.root()
                self.authority().equip_server(root)
                server = self.server(root, configuration)
                for text in (root.log_text(), server.console_text()):
                    self.assertEqual(lines(text, "5010-908"), [STARTED])
                    self.assertRegex(text, r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ info 5010-908 ")
                    self.assertNotIn("IMP-7010", text)
                self.assertEqual(server.stop(), 0)

    def test_S15_a_server_that_starts_in_plaintext_does_not(self):
        server = self.server(self.root(), PLAINTEXT)
        self.assertEqual(lines(server.root.log_text(), "5010-908"), [])
        self.assertEqual(len(lines(server.root.log_text(), "IMP-7010")), 1)

    def test_S14_the_warning_to_the_letter(self):
        authority = self.authority()
        for left, settings, warned in ((30, "", True), (30.99, "", True), (31.01, "", False), (32, "", False),
                                       (10, "warn_days = 5", False), (4.9, "warn_days = 5", True),
                                       (50, "warn_days = 60", True), (0.01, "warn_days = 1", True)):
            with self.subTest(left=left, settings=settings):
                root = self.root()
                authority.equip_server(root, days=(-1, left))
                server = self.server(root, MUTUAL + settings + "\n")
                expected = [self.expiry_line(root)] if warned else []
                self.assertEqual(lines(root.log_text(), "5010-907"), expected)
                self.assertEqual(lines(server.console_text(), "5010-907"), expected)
                server.stop()

    def test_S14_the_warning_at_a_reload(self):
        authority = self.authority()
        root = self.root()
        authority.equip_server(root)
        server = self.server(root, MUTUAL)
        authority.issue(root.etc / "server", "localhost", "serverAuth,clientAuth", days=(-1, 9))
        wait_until(lambda: lines(root.log_text(), "5010-907"), "the warning")
        self.assertEqual(lines(root.log_text(), "5010-907"), [self.expiry_line(root)])
        self.assertEqual(lines(server.console_text(), "5010-907"), [self.expiry_line(root)])


class EncryptionOff(SystemTest):
    def test_S16_plain_ipp_is_served_and_tls_is_refused(self):
        root = self.root()
        server = self.server(root, PLAINTEXT)
        wire.add_printer(root, "office", root.printed_uri)
        with contextlib.closing(wire.connect(server.port)) as connection:
            status, reply = wire.exchange(connection, wire.request(wire.PRINT_JOB), b"text of a page")
        self.assertEqual((status, reply.status), (200, 0))
        wait_until(root.documents, "it arrives")
        with socket.create_connection(("127.0.0.1", server.port), 30) as raw:
            address = f"127.0.0.1:{raw.getsockname()[1]}"
            with self.assertRaises((ssl.SSLError, OSError)):
                wire.tls().wrap_socket(raw)
        line = wait_until(lambda: lines(root.log_text(), "IMP-3004"), "the refusal is logged")
        self.assertEqual(len(line), 1)
        self.assertIn(f"{address} begins a TLS handshake, and encryption is off here", line[0])
        self.assertIn("S16", line[0])
        with contextlib.closing(wire.connect(server.port)) as connection:
            self.assertEqual(wire.exchange(connection, wire.request(wire.GET_JOBS))[0], 200)

    def test_S16_ipm_is_told(self):
        root = self.root()
        server = self.server(self.root(), PLAINTEXT)
        self.authority().trust_in(root)
        told = root.ipm("server", "status", "--server", server.address, check=None)
        self.assertNotEqual(told.code, 0)
        self.assertRegex(told.err, r"^IMP-3\d{3} .+\n  expected: .+\n  to mend:  .+")
        root.configure("[client]\nencryption = false\n", "ipm.toml")
        self.assertIn("off", root.ipm("server", "status", "--server", server.address).out)


class EncryptionOn(SystemTest):
    HTTP = b"POST /ipp/print HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n"
    OTHERS = {
        "LPD, print any waiting jobs": b"\x01lp\n",
        "LPD, receive a printer job": b"\x02lp\n\x02124 cfA123host\n",
        "LPD, short queue state": b"\x03lp\n",
        "SSL 2.0": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10",
        "zeros": b"\0" * 5000,
        "PostScript": b"%!PS\nshowpage\n",
        "PJL": b"\x1b%-12345X@PJL\r\n",
        "lower case": b"get / http/1.1\r\n\r\n",
        "an empty line": b"\r\n\r\n",
        "SSH": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "capitals without a blank": b"QUIT\r\n\r\n",
    }

    def setUp(self):
        self.at = self.root()
        self.authority().equip_server(self.at)
        self.running = self.server(self.at, MUTUAL)
        wire.add_printer(self.at, "office", self.at.printed_uri)
        self._sources = iter(f"127.0.3.{number}" for number in range(1, 255))

    def connect(self):
        """A connection from an address of its own: the log tells about each once in ten seconds."""
        return socket.create_connection(("127.0.0.1", self.running.port), 30, (next(self._sources), 0))

    def check_line(self, address, *parts):
        """One numbered line about that address, no more."""
        wait_until(lambda: f"{address} was refused" in self.at.log_text(), f"a line about {address}")
        about = [line for line in self.at.log_text().splitlines() if address in line]
        self.assertEqual(len(about), 1, about)
        self.assertIn(" warning IMP-3001 ", about[0])
        for part in parts:
            self.assertIn(part, about[0])

    def check_426(self, reply):
        head, _, text = reply.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 426 "), reply)
        fields = {}
        for line in head.lower().split(b"\r\n")[1:]:
            name, value = line.split(b": ", 1)
            fields[name] = fields[name] + b", " + value if name in fields else value
        self.assertEqual(fields[b"upgrade"], b"tls/1.2, http/1.1")
        self.assertEqual(set(fields[b"connection"].split(b", ")), {b"upgrade", b"close"})
        self.assertTrue(fields[b"content-type"].startswith(b"text/plain"))
        self.assertEqual(int(fields[b"content-length"]), len(text))
        for words in (b"IMP-3001", b"encrypted", b"ipps://"):
            self.assertIn(words, text)

    def tearDown(self):
        self.assertEqual(wire.all_jobs(self.at), [], "plaintext made a job")
        self.assertEqual(self.at.documents(), [])
        self.assertEqual(self.running.stop(), 0)

    def test_S17_http_is_told_in_its_own_protocol(self):
        body = wire.request(wire.PRINT_JOB) + b"%PDF-1.4 never to be printed"
        for what, data in {"a print job": self.HTTP % len(body) + body,
                           "a large one": self.HTTP % 3_000_000 + body + b"x" * (3_000_000 - len(body)),
                           "the head alone": self.HTTP % len(body),
                           "with an upgrade": b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\n"
                                             b"Connection: Upgrade\r\n\r\n",
                           "HTTP/1.0": b"GET / HTTP/1.0\r\n\r\n",
                           "a malformed head": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n b: c\r\n\r\n",
                           "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}.items():
            with self.subTest(what), self.connect() as stream:
                address = "%s:%d" % stream.getsockname()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    stream.sendall(data)
                self.check_426(read_to_end(stream))
                self.check_line(address, "ipps://")

    def test_S17_however_slowly_it_comes(self):
        with self.connect() as stream:
            address = "%s:%d" % stream.getsockname()
            send_slowly(stream, self.HTTP % 10)
            self.check_426(read_to_end(stream))
            self.check_line(address)

    def test_S17_what_is_not_http_is_closed(self):
        for what, data in self.OTHERS.items():
            with self.subTest(what), self.connect() as stream:
                address = "%s:%d" % stream.getsockname()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    stream.sendall(data)
                self.assertEqual(read_to_end(stream), b"")
                self.check_line(address)

    def test_S17_slow_bytes_that_are_not_http(self):
        with self.connect() as stream:
            address = "%s:%d" % stream.getsockname()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                send_slowly(stream, b"\x02lp\n")
            self.assertEqual(read_to_end(stream), b"")
            self.check_line(address, "it did not speak HTTP")

    def test_S17_stock_clients_are_told(self):
        url = f"http://localhost:{self.running.port}/ipp/print"
        body = self.at.file("request", wire.request(wire.PRINT_JOB) + b"page")
        done = run(["curl", "-sS", "-w", "%{http_code}", "--data-binary", f"@{body}", url])
        self.assertIn("ipps://", done.out)
        self.assertTrue(done.out.endswith("426"), done.out)
        self.check_line_of_localhost()

    def check_line_of_localhost(self):
        wait_until(lambda: re.search(r"IMP-3001 A plaintext connection from 127\.0\.0\.1:\d+ was refused",
                                     self.at.log_text()), "the refusal is logged")

    def test_S17_ipm_with_encryption_off_is_told(self):
        root = self.root()
        root.configure("[client]\nencryption = false\n", "ipm.toml")
        told = root.ipm("server", "status", "--server", self.running.address, check=None)
        self.assertNotEqual(told.code, 0)
        self.assertIn("426", told.err)
        self.check_line_of_localhost()


class WhoVouchesForClients(SystemTest):
    """S18. What tells a public root here is the record that `ipm trust build` keeps on each machine."""

    ALLOW = MUTUAL + 'public_ca_clients = "allow"\n'

    def record(self, root, *authorities):
        prints = [run(["openssl", "x509", "-in", one.certificate, "-noout", "-fingerprint", "-sha256"]).out
                  for one in authorities]
        root.file("var/lib/ipm/public-roots.sha256",
                  "".join(one.strip().split("=")[1].replace(":", "").lower() + "\n" for one in prints))

    def public(self):
        authority, root = self.authority("Public Root"), self.root()
        authority.equip_server(root)
        self.record(root, authority)
        return authority, root

    def test_S18_a_public_ca_for_clients_is_refused(self):
        _, root = self.public()
        root.configure(MUTUAL)
        told = run([BIN / "ipmd"], env=root.env, check=1).err
        for words in ("IMP-2012", "S18", "Public Root", 'public_ca_clients = "allow"', "ipm ca create"):
            self.assertIn(words, told)
        self.assertFalse(root.socket.exists())
        self.assertIn("IMP-2012", root.log_text())

    def test_S18_refused_also_beside_a_private_one(self):
        public, root = self.public()
        private = self.authority("Private CA")
        private.equip_server(root)
        (root.etc / "ca-cert.pem").write_bytes(private.certificate.read_bytes() + public.certificate.read_bytes())
        root.configure(MUTUAL)
        self.assertIn("IMP-2012", run([BIN / "ipmd"], env=root.env, check=1).err)
        self.assertIn("IMP-2012", run([BIN / "ipmd", "--check"], env=root.env, check=1).err)

    def test_S18_allowed_by_name_it_is_warned_of_at_each_start(self):
        authority, root = self.public()
        certificate, key = authority.issue(root.path / "clients/one", "anybody.example.net", "clientAuth")
        server = self.server(root, self.ALLOW)
        self.assertEqual(len(lines(root.log_text(), "IMP-2011")), 1)
        self.assertIn("S18", lines(root.log_text(), "IMP-2011")[0])
        context = wire.tls(authority.certificate, certificate, key)
        with contextlib.closing(wire.connect(server.port, context=context)) as connection:
            self.assertEqual(wire.exchange(connection, wire.request(wire.GET_JOBS))[0], 200)
        self.assertEqual(server.stop(), 0)
        server.start()
        self.assertEqual(len(lines(root.log_text(), "IMP-2011")), 2)

    def test_S18_clients_under_a_ca_of_their_own(self):
        public, root = self.public()
        private = self.authority("Private CA")
        root.file("etc/ipm/clients-ca.pem", private.certificate.read_bytes())
        server = self.server(root, MUTUAL + 'client_ca = "clients-ca.pem"\n')
        self.assertEqual(lines(root.log_text(), "IMP-2011"), [])
        for authority, admitted in ((private, True), (public, False)):
            pair = authority.issue(root.path / "clients/one", "one.example.com", "clientAuth")
            connection = wire.connect(server.port, context=wire.tls(public.certificate, *pair))
            with self.subTest(authority.certificate), contextlib.closing(connection):
                if admitted:
                    self.assertEqual(wire.exchange(connection, wire.request(wire.GET_JOBS))[0], 200)
                else:
                    with self.assertRaises(ssl.SSLError):
                        wire.exchange(connection, wire.request(wire.GET_JOBS))

    def test_S18_one_sided_encryption_needs_no_such_word(self):
        _, root = self.public()
        self.server(root, ONE_SIDED)
        self.assertNotIn("IMP-2011", root.log_text())


if __name__ == "__main__":
    main()
