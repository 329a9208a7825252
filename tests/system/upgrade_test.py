"""RFC 2817 and the stock clients: on an encrypted port a request for TLS in plaintext is answered by TLS, anything
else by 426 and the end (S17); lp prints without a wait, with CUPS_ENCRYPTION=Required, and reads our refusals."""

import contextlib
import socket
import time

from harness import MUTUAL, ONE_SIDED, SystemTest, main, wait_until, run
import wire

OPTIONS = (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\n"
           b"Upgrade: TLS/1.2,TLS/1.1,TLS/1.0\r\n%s\r\n")


def read_head(stream):
    head = b""
    while b"\r\n\r\n" not in head:
        piece = stream.recv(1)  # not a byte of what follows
        if not piece:
            break
        head += piece
    return head.decode()


def read_all(stream):
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := stream.recv(65536):
            data += piece
    return data.decode("utf-8", "replace")


class Upgrade(SystemTest):
    def site(self, configuration):
        root = self.root()
        ca = self.authority()
        ca.equip_server(root)
        client = ca.equip_client(root)
        server = self.server(root, configuration)
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        return root, server, client

    def connect(self, server):
        stream = socket.create_connection(("127.0.0.1", server.port), 30)
        self.addCleanup(stream.close)
        return stream

    def test_a_request_for_tls_is_answered_inside_tls(self):
        for configuration in (ONE_SIDED, MUTUAL):
            with self.subTest(configuration=configuration):
                _, server, client = self.site(configuration)
                raw = self.connect(server)
                raw.sendall(OPTIONS % b"")
                head = read_head(raw)
                self.assertRegex(head, r"^HTTP/1\.1 101 ")
                self.assertRegex(head, r"(?im)^upgrade: TLS/1\.2, HTTP/1\.1\r$")
                self.assertRegex(head, r"(?im)^connection: upgrade\r$")
                stream = wire.tls(None, *client).wrap_socket(raw)
                self.assertRegex(read_head(stream), r"^HTTP/1\.1 200 ")
                stream.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                self.assertIn("Imprimatur", read_all(stream))

    def test_s3_the_upgrade_asks_for_a_certificate_as_any_connection_does(self):
        root, server, _ = self.site(MUTUAL)
        raw = self.connect(server)
        raw.sendall(OPTIONS % b"")
        self.assertIn("101", read_head(raw))
        with contextlib.suppress(OSError):
            stream = wire.tls(None).wrap_socket(raw)
            self.assertEqual(read_all(stream), "")
        wait_until(lambda: "IMP-3003" in root.log_text(), "the log says that a certificate was missing")

    def test_s17_nothing_else_is_upgraded(self):
        _, server, _ = self.site(ONE_SIDED)
        host = b"Host: localhost\r\n"
        asks = b"Connection: upgrade\r\nUpgrade: TLS/1.2\r\n"
        refused = {
            "POST": b"POST / HTTP/1.1\r\n" + host + asks + b"Content-Length: 0\r\n\r\n",
            "GET": b"GET / HTTP/1.1\r\n" + host + asks + b"\r\n",
            "no Upgrade": b"OPTIONS * HTTP/1.1\r\n" + host + b"\r\n",
            "no Connection": b"OPTIONS * HTTP/1.1\r\n" + host + b"Upgrade: TLS/1.2\r\n\r\n",
            "another protocol": b"OPTIONS * HTTP/1.1\r\n" + host + b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n",
            "a body": OPTIONS % b"Content-Length: 5\r\n" + b"hello",
            "chunks": OPTIONS % b"Transfer-Encoding: chunked\r\n",
            "HTTP/1.0": b"OPTIONS * HTTP/1.0\r\n" + host + asks + b"\r\n",
            "more behind it": OPTIONS % b"" + b"GET / HTTP/1.1\r\n" + host + b"\r\n",
        }
        for name, request in refused.items():
            with self.subTest(name):
                raw = self.connect(server)
                raw.sendall(request)
                answer = read_all(raw)
                self.assertRegex(answer, r"^HTTP/1\.1 426 ")
                self.assertRegex(answer, r"(?im)^connection: close\r$")
                self.assertNotIn(" 101 ", answer)

    def test_s17_plaintext_after_101_is_not_served(self):
        _, server, _ = self.site(ONE_SIDED)
        raw = self.connect(server)
        raw.sendall(OPTIONS % b"")
        self.assertIn("101", read_head(raw))
        raw.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertNotIn("200", read_all(raw))

    # --- lp ---

    def lp(self, root, server, *words, first=(), encryption="IfRequested", document="some text\n", check=True):
        """How lp ended, and how long it took; `first`: what counts only before -h."""
        home = root.path / "home"
        (home / ".cups").mkdir(parents=True, exist_ok=True)
        (home / ".cups/client.conf").write_text("AllowAnyRoot Yes\nValidateCerts No\n")
        file = root.file("document.txt", document)
        begun = time.monotonic()
        done = run(["lp", *first, "-h", f"localhost:{server.port}", "-d", "office", *words, file],
                   env={"HOME": str(home), "CUPS_ENCRYPTION": encryption, "CUPS_USER": "tester"}, check=check)
        return done, time.monotonic() - begun

    def test_lp_does_not_wait_for_the_word_to_go_on(self):
        root = self.root()
        server = self.server(root)
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        # libcups waits for a whole second where the word does not come; the fastest of a few tells.
        self.assertLess(min(self.lp(root, server)[1] for _ in range(8)), 0.3)
        slow = [took for took in (self.lp(root, server)[1] for _ in range(8)) if took > 0.95]
        self.assertLess(len(slow), 4)

    def test_lp_prints_where_encryption_is_required(self):
        root, server, _ = self.site(ONE_SIDED)
        for words, encryption in ((("-E",), "IfRequested"), ((), "Required"), ((), "Always")):
            with self.subTest(words=words, encryption=encryption):
                done, _ = self.lp(root, server, first=words, encryption=encryption)
                self.assertIn("request id is", done.out)

    def test_lp_reads_a_refusal_whatever_the_documents_size(self):
        root = self.root()
        server = self.server(root)
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        for size in (3_000, 300_000, 900_000, 12_000_000):
            for _ in range(3):
                with self.subTest(size=size):
                    done, _ = self.lp(root, server, "-o", "document-format=image/foo", document="x" * size, check=1)
                    self.assertNotIn("successful-ok", done.err)
                    self.assertIn("image/foo", done.err)


if __name__ == "__main__":
    main()
