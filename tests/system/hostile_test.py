"""What strangers send, by mistake or not: stalled and slow ones delay nobody, and whatever is malformed,
oversized, truncated or contradictory gets the right status, prints nothing, and the server goes on."""

import contextlib
import gzip
import random
import resource
import selectors
import socket
import ssl
import struct
import time

from harness import MUTUAL, PLAINTEXT, SystemTest, main, wait_until
import wire

HANDSHAKE_SECONDS = 10  # What a server grants: src/http/limits.h
HEAD_SECONDS = 10
BAD_REQUEST, NOT_FOUND, TOO_LARGE, COMPRESSION = 0x0400, 0x0406, 0x0408, 0x0410
NO_OPERATION, NO_VERSION = 0x0501, 0x0503
PDF = b"%PDF-1.4 a page"


def more_files(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, count), hard), hard))


def client_hello():
    """The first flight of a real client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    stream = wire.tls().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        stream.do_handshake()
    return outgoing.read()


def wait_for_ends(streams, seconds):
    """What each had received when the other side closed it."""
    received = {stream: b"" for stream in streams}
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            stream.setblocking(False)
            selector.register(stream, selectors.EVENT_READ)
        deadline = time.monotonic() + seconds
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"{len(selector.get_map())} of {len(streams)} connections are still open")
            for key, _ in ready:
                data = b""
                with contextlib.suppress(ConnectionResetError):
                    data = key.fileobj.recv(65536)
                received[key.fileobj] += data
                if not data:
                    selector.unregister(key.fileobj)
    return list(received.values())


def still_open(streams):
    """How many have neither ended nor sent anything."""
    count = 0
    for stream in streams:
        stream.setblocking(False)
        try:
            stream.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            count += 1
        except ConnectionResetError:
            pass
    return count


class Hostile(SystemTest):
    def serving(self, configuration=PLAINTEXT):
        self.at = self.root()
        self.context = None
        if configuration is not PLAINTEXT:
            authority = self.authority()
            authority.equip_server(self.at)
            pair = authority.issue(self.at.path / "clients/one", "one.example.com", "clientAuth")
            self.context = wire.tls(authority.certificate, *pair)
        self.running = self.server(self.at, configuration)
        wire.add_printer(self.at, "office", self.at.printed_uri)

    def tearDown(self):
        """After all that, it still serves, and ends in order."""
        self.prints()
        self.assertEqual(self.running.stop(), 0)

    def prints(self):
        with contextlib.closing(wire.connect(self.running.port, context=self.context)) as connection:
            status, reply = wire.exchange(connection, wire.request(wire.PRINT_JOB), PDF)
        self.assertEqual((status, reply.status), (200, 0))

    def connect(self, source="127.0.0.1"):
        stream = socket.create_connection(("127.0.0.1", self.running.port), 60, (source, 0))
        self.addCleanup(stream.close)
        return stream

    def jobs(self):
        with contextlib.closing(wire.connect(path=self.at.socket)) as connection:
            _, reply = wire.exchange(connection, wire.request(wire.GET_JOBS, more=[(wire.KEYWORD, "which-jobs", "all")]))
        return reply.all_groups(wire.JOB)


class SlowStrangers(Hostile):
    def test_500_stalled_client_hellos_delay_nobody(self):
        more_files(2048)
        self.serving(MUTUAL)
        hello = client_hello()
        self.prints()  # what a client's way takes when nobody is in it
        began = time.monotonic()
        stalled = []
        for number in range(500):
            stream = self.connect("127.0.5.1")
            stream.sendall(hello[:(1, 4, 5, 60, len(hello) - 1)[number % 5]])
            stalled.append(stream)
        self.assertLess(time.monotonic() - began, HANDSHAKE_SECONDS, "too slow a machine for this test")
        before = time.monotonic()
        for _ in range(3):
            self.prints()
        took = time.monotonic() - before
        self.assertEqual(still_open(stalled), 500, "they hang all the while")
        # None of them waited for a stalled one: those would have held it up until their deadline.
        self.assertLess(took, HANDSHAKE_SECONDS / 2)
        for received in wait_for_ends(stalled, HANDSHAKE_SECONDS + 30):
            self.assertNotIn(b"HTTP", received)

    def test_slow_heads_end_and_delay_nobody(self):
        self.serving(PLAINTEXT)
        head = b"POST /ipp/print HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
        slow = [self.connect("127.0.5.2") for _ in range(100)]
        for number, stream in enumerate(slow):
            stream.sendall(head[:1 + number % len(head)])
        trickling = self.connect("127.0.5.3")
        trickling.sendall(head)
        self.prints()
        self.assertEqual(still_open(slow), len(slow))
        began = time.monotonic()

        def refused():
            with contextlib.suppress(BlockingIOError):
                return trickling.recv(100)
            with contextlib.suppress(ConnectionError):
                trickling.sendall(b"x")  # A byte now and then wins no time.
            return b""
        trickling.setblocking(False)
        self.assertTrue(wait_until(refused, "the head that never ends is refused", HEAD_SECONDS + 20).startswith(b"HTTP/1.1 408 "))
        self.assertLess(time.monotonic() - began, HEAD_SECONDS + 15)
        for received in wait_for_ends(slow, HEAD_SECONDS + 30):
            self.assertTrue(received.startswith(b"HTTP/1.1 408 "), received)

    def test_who_closes_early_leaves_nothing(self):
        self.serving(PLAINTEXT)
        whole = wire.request(wire.PRINT_JOB) + PDF * 10_000
        head = b"POST /ipp/print HTTP/1.1\r\nHost: a\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n" % len(whole)
        for size in (1, 20, len(head), len(head) + 5, len(head) + 300, len(head) + len(whole) - 1):
            for reset in (False, True):
                stream = self.connect()
                if reset:
                    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                stream.sendall((head + whole)[:size])
                stream.close()
        self.prints()
        self.assertEqual(len(self.jobs()), 1, "half a document made a job")
        wait_until(lambda: not any((self.at.path / "var/lib/ipm/documents").iterdir()), "no half document is left")


class Http(Hostile):
    POST = b"POST /ipp/print HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n"
    BODY = wire.request(wire.PRINT_JOB) + PDF

    def case_chunks(self, chunks):
        return self.POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks

    def cases(self):
        chunk = b"%x\r\n%b\r\n" % (len(self.BODY), self.BODY)
        body = self.BODY
        sized = b"Content-Length: %d\r\n" % len(body)
        return (
            ("no request line", b"\0\1\2\3\r\n\r\n", {400}),
            ("words", b"hello there\r\n\r\n", {400}),
            ("no Host", b"GET / HTTP/1.1\r\n\r\n", {400}),
            ("two Hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", {400}),
            ("HTTP of the future", b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", {400, 505}),
            ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
            ("an unknown method", b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", {405, 501}),
            ("a method of 20 kB", b"A" * 20_000 + b" / HTTP/1.1\r\n\r\n", {400, 414, 431}),
            ("a target of 20 kB", b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", {414, 431}),
            ("a field of 20 kB", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", {431}),
            ("200 fields", b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 200 + b"\r\n", {431}),
            ("a field without end", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 100_000, {431}),
            ("a NUL in a field", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", {400}),
            ("a bare CR", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n", {400}),
            ("a folded line", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", {400}),
            ("a blank before the colon", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc", {400}),
            ("no colon", b"GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", {400}),
            ("a target with a NUL", b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
            ("a target with a blank", b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
            ("two lengths", self.POST + sized + b"Content-Length: 3\r\n\r\n" + body, {400}),
            ("a list of lengths", self.POST + b"Content-Length: 3, 4\r\n\r\n" + body, {400}),
            ("a negative length", self.POST + b"Content-Length: -1\r\n\r\n" + body, {400}),
            ("a signed length", self.POST + b"Content-Length: +3\r\n\r\n" + body, {400}),
            ("a length in hexadecimal", self.POST + b"Content-Length: 0x10\r\n\r\n" + body, {400}),
            ("a length beyond 64 bits", self.POST + b"Content-Length: 99999999999999999999\r\n\r\n" + body, {400, 413}),
            ("length and chunks", self.POST + sized + b"Transfer-Encoding: chunked\r\n\r\n" + chunk + b"0\r\n\r\n", {400}),
            ("chunks twice", self.POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + chunk + b"0\r\n\r\n", {400, 501}),
            ("an unknown coding", self.POST + b"Transfer-Encoding: xchunked\r\n\r\n" + chunk + b"0\r\n\r\n", {400, 501}),
            ("chunks that are not last", self.POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n" + chunk, {400, 501}),
            ("chunks in HTTP/1.0", self.POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n" + chunk + b"0\r\n\r\n", {400}),
            ("a chunk size that is none", self.case_chunks(b"zz\r\n"), {400}),
            ("a chunk size beyond 64 bits", self.case_chunks(b"fffffffffffffffff\r\n"), {400, 413}),
            ("a negative chunk size", self.case_chunks(b"-1\r\n"), {400}),
            ("a chunk without its end", self.case_chunks(chunk[:-2] + b"xx0\r\n\r\n"), {400}),
            ("a chunk extension of 20 kB", self.case_chunks(b"5;" + b"a" * 20_000 + b"\r\nhello\r\n0\r\n\r\n"), {400, 431}),
            ("trailers of 20 kB", self.case_chunks(chunk + b"0\r\nX: " + b"a" * 20_000 + b"\r\n\r\n"), {400, 431}),
            ("a trailer with a NUL", self.case_chunks(chunk + b"0\r\nX: \0\r\n\r\n"), {400}),
            ("another expectation", self.POST + sized + b"Expect: 200-maybe\r\n\r\n" + body, {417}),
            ("another type", self.POST.replace(b"application/ipp", b"text/html") + sized + b"\r\n" + body, {415}),
            ("no type", self.POST.replace(b"Content-Type: application/ipp\r\n", b"") + sized + b"\r\n" + body, {400, 415}),
            ("no body", self.POST + b"Content-Length: 0\r\n\r\n", {200, 400, 411}),
            ("no length", self.POST + b"\r\n", {200, 400, 411}),
            ("another path", b"GET /etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", {404}),
            ("a path upwards", b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", {400, 404}),
            ("a path upwards, encoded", b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", {400, 404}),
            ("a proxy's request", b"CONNECT example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n", {400, 405, 501}),
        )

    def answer(self, data):
        """The first answer's status, fields and body (or what there is of it)."""
        stream = self.connect()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stream.sendall(data)
            stream.shutdown(socket.SHUT_WR)
        received = wait_for_ends([stream], 30)[0]
        head, _, body = received.partition(b"\r\n\r\n")
        return (int(head.split(b" ")[1]) if head.startswith(b"HTTP/1.1 ") else None), head, body

    def test_malformed_oversized_and_contradictory_requests(self):
        self.serving(PLAINTEXT)
        for what, data, wanted in self.cases():
            with self.subTest(what):
                status, head, body = self.answer(data)
                self.assertIn(status, wanted, (head, body))
                if status >= 400:
                    self.assertEqual(head.count(b"HTTP/1.1"), 1)
                    self.assertRegex(body, rb"IMP-\d{4} .+\n  expected: .+")
                else:
                    self.assertGreaterEqual(wire.Reply(body).status, BAD_REQUEST)
        self.assertEqual(self.jobs(), [])
        self.assertEqual(self.at.documents(), [])

    def test_a_request_hidden_behind_another_is_not_served(self):
        """As behind a proxy that reads a contradictory head the other way."""
        self.serving(PLAINTEXT)
        hidden = self.POST + b"Content-Length: %d\r\n\r\n" % len(self.BODY) + self.BODY
        for first in (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 0\r\n\r\n",
                      b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
                      b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
                      b"GET / HTTP/1.1\r\nHost: a\r\n Content-Length: 5\r\n\r\n"):
            with self.subTest(first):
                status, head, body = self.answer(first + hidden)
                self.assertIn(status, (400, 415))
                self.assertNotIn(b"HTTP/1.1 2", body, "a second answer")
        self.assertEqual(self.jobs(), [])

    def test_random_bytes(self):
        self.serving(PLAINTEXT)
        chance = random.Random(2)
        whole = self.POST + b"Content-Length: %d\r\n\r\n" % len(self.BODY) + self.BODY
        end = len(whole) - len(PDF)
        streams = []
        for number in range(300):
            if number % 3 == 0:
                data = chance.randbytes(chance.randrange(1, 400))
            else:
                data = bytearray(whole)
                for _ in range(chance.randrange(1, 4)):
                    data[chance.randrange(len(self.POST))] = chance.randrange(256)
                data = bytes(data[:end]) if number % 3 == 1 else bytes(data)
            stream = self.connect()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                stream.sendall(data)
                stream.shutdown(socket.SHUT_WR)
            streams.append(stream)
        for received in wait_for_ends(streams, 60):
            self.assertTrue(not received or received.startswith(b"HTTP/1.1 "), received)


class Ipp(Hostile):
    def ask(self, body, document=b""):
        if self.connection is None:
            self.connection = wire.connect(self.running.port)
            self.addCleanup(self.connection.close)
        status, reply = wire.exchange(self.connection, body, document)
        return status, reply

    def setUp(self):
        self.connection = None
        self.serving(PLAINTEXT)

    def test_every_truncation_of_a_request(self):
        whole = wire.request(wire.CREATE_JOB, more=[(wire.NAME, "job-name", "a name"), (wire.BOOLEAN, "ipp-attribute-fidelity", True)],
                             job=[(wire.INTEGER, "copies", 2), (wire.KEYWORD, "media", "iso_a4_210x297mm")])
        for size in range(len(whole)):
            status, reply = self.ask(whole[:size])
            self.assertTrue(status == 400 or status == 200 and reply.status == BAD_REQUEST,
                            f"{size} of {len(whole)} bytes: {status} {reply if status != 200 else hex(reply.status)}")
        self.assertEqual(self.jobs(), [])

    def test_random_changes_of_a_request(self):
        chance = random.Random(7)
        whole = wire.request(wire.GET_PRINTER_ATTRIBUTES, more=[(wire.KEYWORD, "requested-attributes", "printer-description")])
        for _ in range(500):
            data = bytearray(whole)
            for _ in range(chance.randrange(1, 6)):
                data[chance.randrange(8, len(data))] = chance.randrange(256)
            status, reply = self.ask(bytes(data))
            self.assertIn(status, (200, 400, 413), reply)
        self.assertEqual(self.jobs(), [])

    @staticmethod
    def raw(attributes, version=(2, 0), operation=wire.PRINT_JOB, number=1):
        return struct.pack(">BBHi", *version, operation, number) + attributes

    def test_malformed_oversized_and_contradictory_messages(self):
        charset = b"\x47\0\x12attributes-charset\0\5utf-8"
        language = b"\x48\0\x1battributes-natural-language\0\2en"
        good = b"\1" + charset + language
        printer = wire.attribute(wire.URI, "printer-uri", "ipp://localhost/ipp/print/office")
        nested = b"".join(b"\x34\0\4coll\0\0" if depth == 0 else b"\x4a\0\0\0\1a\x34\0\0\0\0" for depth in range(2000))
        table = (
            ("no groups", b"\3", {BAD_REQUEST}),
            ("no end", good + printer, {BAD_REQUEST}),
            ("no charset", b"\1" + language + printer + b"\3", {BAD_REQUEST}),
            ("charset and language exchanged", b"\1" + language + charset + printer + b"\3", {BAD_REQUEST}),
            ("another charset", b"\1" + charset.replace(b"utf-8", b"koi-8") + language + printer + b"\3", {BAD_REQUEST, 0x040D}),
            ("no printer-uri", good + b"\3", {BAD_REQUEST}),
            ("printer-uri twice", good + printer + printer + b"\3", {BAD_REQUEST}),
            ("printer-uri of two values", good + printer + b"\x45\0\0\0\5ipp:x\3", {BAD_REQUEST, NOT_FOUND}),
            ("printer-uri as a number", good + b"\x21\0\x0bprinter-uri\0\4\0\0\0\1\3", {BAD_REQUEST}),
            ("a length beyond the end", good + b"\x45\0\x0bprinter-uri\x7f\xffipp\3", {BAD_REQUEST}),
            ("a negative length", good + b"\x45\0\x0bprinter-uri\xff\xffipp\3", {BAD_REQUEST}),
            ("a name beyond its limit", good + printer + b"\x44" + struct.pack(">H", 300) + b"n" * 300 + b"\0\1x\3", {BAD_REQUEST}),
            ("a value without a name", b"\1\x47\0\0\0\5utf-8" + language + b"\3", {BAD_REQUEST}),
            ("an attribute without a group", charset + language + b"\3", {BAD_REQUEST}),
            ("an unknown group", good + printer + b"\x0f" + wire.attribute(wire.INTEGER, "x", 1) + b"\3", {0, BAD_REQUEST}),
            ("an integer of three bytes", good + printer + b"\2\x21\0\6copies\0\3\0\0\1\3", {BAD_REQUEST}),
            ("a boolean of two bytes", good + printer + b"\x22\0\x16ipp-attribute-fidelity\0\2\0\1\3", {BAD_REQUEST}),
            ("text that is no UTF-8", good + printer + b"\x42\0\x08job-name\0\2\xff\xfe\3", {BAD_REQUEST}),
            ("a collection without end", good + printer + b"\2\x34\0\x09media-col\0\0\3", {BAD_REQUEST}),
            ("an end without a collection", good + printer + b"\2\x37\0\0\0\0\3", {BAD_REQUEST}),
            ("2000 collections in each other", good + printer + b"\2" + nested + b"\3", {BAD_REQUEST, TOO_LARGE}),
            ("9000 attributes", good + printer + b"".join(wire.attribute(wire.INTEGER, f"x{i}", i) for i in range(9000)) + b"\3", {TOO_LARGE}),
            ("70,000 values", good + printer + b"\x21\0\1x\0\4\0\0\0\0" + b"\x21\0\0\0\4\0\0\0\0" * 70_000 + b"\3", {TOO_LARGE}),
            ("2 MiB of attributes", good + printer + b"".join(wire.attribute(wire.TEXT, f"x{i}", "t" * 1000) for i in range(2100)) + b"\3", {TOO_LARGE}),
            ("values of 32 kB without end", (good + printer + b"\x30\0\1x\x7f\xff" + b"o" * 32767) + b"\x30\0\0\x7f\xff" + b"o" * 100, {BAD_REQUEST}),
        )
        for what, attributes, wanted in table:
            with self.subTest(what):
                status, reply = self.ask(self.raw(attributes), PDF)
                if status == 200:
                    self.assertIn(reply.status, wanted, hex(reply.status))
                    self.assertTrue(reply.first("status-message") or reply.status == 0)
                else:
                    self.assertIn({400: BAD_REQUEST, 413: TOO_LARGE}.get(status), wanted, (status, reply))
                    self.connection.close()
                    self.connection = None
        for what, version, operation, number, wanted in (
                ("version 0.0", (0, 0), wire.PRINT_JOB, 1, NO_VERSION), ("version 9.0", (9, 0), wire.PRINT_JOB, 1, NO_VERSION),
                ("an unknown operation", (2, 0), 0x3FFF, 1, NO_OPERATION), ("operation 0", (2, 0), 0, 1, NO_OPERATION),
                ("request-id 0", (2, 0), wire.PRINT_JOB, 0, BAD_REQUEST), ("request-id -1", (2, 0), wire.PRINT_JOB, -1, BAD_REQUEST)):
            with self.subTest(what):
                status, reply = self.ask(self.raw(good + printer + b"\3", version, operation, number), PDF)
                self.assertEqual((status, reply.status), (200, wanted))
        self.assertLessEqual(len(self.jobs()), 1)  # an unknown group may be ignored (RFC 8010, 3.5.1)

    def test_addresses_that_name_no_printer(self):
        for uri, wanted in (("ipp://localhost/ipp/print/nowhere", {NOT_FOUND}), ("ipp://localhost/printers/nowhere", {NOT_FOUND}),
                            ("", {BAD_REQUEST, NOT_FOUND}), ("office", {BAD_REQUEST, NOT_FOUND}), ("/ipp/print/office", {BAD_REQUEST, NOT_FOUND}),
                            ("ipp://[::1/ipp/print/office", {BAD_REQUEST, NOT_FOUND}), ("ipp://localhost:99999/ipp/print/office", {BAD_REQUEST, NOT_FOUND}),
                            ("ipp://localhost/ipp/print/of%66ice%", {BAD_REQUEST, NOT_FOUND}), ("ipp://localhost/ipp/print/of%00fice", {BAD_REQUEST, NOT_FOUND}),
                            ("ipp://localhost/ipp/print/../print/office", {BAD_REQUEST, NOT_FOUND}), ("file:///etc/passwd", {BAD_REQUEST, NOT_FOUND}),
                            ("javascript:alert(1)", {BAD_REQUEST, NOT_FOUND}), ("ipp://localhost/ipp/print/" + "x" * 900, {BAD_REQUEST, NOT_FOUND}),
                            ("ipp://localhost/" + "x" * 1100, {BAD_REQUEST, 0x0409}), ("ipp://localhost/ipp/print/a b", {BAD_REQUEST, NOT_FOUND}),
                            ("ipp://localhost/ipp/print/a\r\nb", {BAD_REQUEST, NOT_FOUND}), ("ipp://localhost/jobs/1", {BAD_REQUEST, NOT_FOUND}),
                            ("ipp://user:secret@localhost/ipp/print/nowhere", {BAD_REQUEST, NOT_FOUND})):
            with self.subTest(uri):
                body = struct.pack(">BBHiB", 2, 0, wire.PRINT_JOB, 1, 1) + wire.attribute(wire.CHARSET, "attributes-charset", "utf-8") \
                    + wire.attribute(wire.LANGUAGE, "attributes-natural-language", "en") + wire.attribute(wire.URI, "printer-uri", uri) + b"\3"
                status, reply = self.ask(body, PDF)
                self.assertEqual(status, 200, reply)
                self.assertIn(reply.status, wanted, hex(reply.status))
        for target in ("ipp://", "ftp://a/", "socket://", "file://relative", "file:///a/../b/", "ipps://[::1", "nothing", "x" * 2000, "cmd:rm -rf /"):
            with self.subTest(device=target), contextlib.closing(wire.connect(path=self.at.socket)) as local:
                _, reply = wire.exchange(local, wire.request(wire.ADD_PRINTER, "new", printer_group=[(wire.URI, "device-uri", target)]))
                self.assertGreaterEqual(reply.status, BAD_REQUEST)
                self.assertTrue(reply.first("status-message"))
        self.assertEqual(self.jobs(), [])

    def test_broken_compression_prints_nothing(self):
        packed = gzip.compress(random.Random(1).randbytes(200_000))
        damaged = bytearray(packed)
        damaged[len(damaged) // 2] ^= 0xFF
        for what, document in (("no gzip", b"plainly text" * 100), ("cut off", packed[:-10]), ("half", packed[:1000]),
                               ("damaged", bytes(damaged)), ("its end again", packed + b"trailing")):
            with self.subTest(what):
                status, reply = self.ask(wire.request(wire.PRINT_JOB, more=[(wire.KEYWORD, "compression", "gzip")]), document)
                self.assertEqual((status, reply.status), (200, COMPRESSION))
        status, reply = self.ask(wire.request(wire.PRINT_JOB, more=[(wire.KEYWORD, "compression", "rar")]), packed)
        self.assertEqual((status, reply.status), (200, 0x040F))
        self.assertEqual(self.jobs(), [])
        self.assertFalse(any((self.at.path / "var/lib/ipm/documents").iterdir()))


if __name__ == "__main__":
    main()
