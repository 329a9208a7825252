"""Requests that are malformed, oversized, truncated or contradictory, in HTTP and in IPP: each gets the right
status and one clear text, prints nothing, and the server goes on."""

import contextlib
import gzip
import random
import socket
import struct

from harness import PLAINTEXT, main
from strangers import PDF, Hostile, wait_for_ends
import wire

BAD_REQUEST, NOT_FOUND, TOO_LARGE, TOO_LONG = 0x0400, 0x0406, 0x0408, 0x0409
NO_CHARSET, NO_COMPRESSION, COMPRESSION = 0x040D, 0x040F, 0x0410
NO_OPERATION, NO_VERSION = 0x0501, 0x0503
REFUSED = {BAD_REQUEST}
UNKNOWN = {BAD_REQUEST, NOT_FOUND}


class Http(Hostile):
    POST = b"POST /ipp/print HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n"
    BODY = wire.request(wire.PRINT_JOB) + PDF

    def case_chunks(self, chunks):
        return self.POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks

    def cases(self):
        chunk = b"%x\r\n%b\r\n" % (len(self.BODY), self.BODY)
        chunks = chunk + b"0\r\n\r\n"
        body = self.BODY
        sized = b"Content-Length: %d\r\n" % len(body)
        coded = self.POST + b"Transfer-Encoding: "
        untyped = self.POST.replace(b"Content-Type: application/ipp\r\n", b"")
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
            ("length and chunks", coded + b"chunked\r\n" + sized + b"\r\n" + chunks, {400}),
            ("chunks twice", coded + b"chunked, chunked\r\n\r\n" + chunks, {400, 501}),
            ("an unknown coding", coded + b"xchunked\r\n\r\n" + chunks, {400, 501}),
            ("chunks that are not last", coded + b"chunked, gzip\r\n\r\n" + chunks, {400, 501}),
            ("chunks in HTTP/1.0", coded.replace(b"1.1", b"1.0") + b"chunked\r\n\r\n" + chunks, {400}),
            ("a chunk size that is none", self.case_chunks(b"zz\r\n"), {400}),
            ("a chunk size beyond 64 bits", self.case_chunks(b"fffffffffffffffff\r\n"), {400, 413}),
            ("a negative chunk size", self.case_chunks(b"-1\r\n"), {400}),
            ("a chunk without its end", self.case_chunks(chunk[:-2] + b"xx0\r\n\r\n"), {400}),
            ("a chunk extension of 20 kB", self.case_chunks(b"5;" + b"a" * 20_000 + b"\r\nhello\r\n"), {400, 431}),
            ("trailers of 20 kB", self.case_chunks(chunk + b"0\r\nX: " + b"a" * 20_000 + b"\r\n\r\n"), {400, 431}),
            ("a trailer with a NUL", self.case_chunks(chunk + b"0\r\nX: \0\r\n\r\n"), {400}),
            ("another expectation", self.POST + sized + b"Expect: 200-maybe\r\n\r\n" + body, {417}),
            ("another type", self.POST.replace(b"application/ipp", b"text/html") + sized + b"\r\n" + body, {415}),
            ("no type", untyped + sized + b"\r\n" + body, {400, 415}),
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
        whole = wire.request(wire.CREATE_JOB, more=[(wire.NAME, "job-name", "a name"),
                                                    (wire.BOOLEAN, "ipp-attribute-fidelity", True)],
                             job=[(wire.INTEGER, "copies", 2), (wire.KEYWORD, "media", "iso_a4_210x297mm")])
        for size in range(len(whole)):
            status, reply = self.ask(whole[:size])
            self.assertTrue(status == 400 or status == 200 and reply.status == BAD_REQUEST,
                            f"{size} of {len(whole)} bytes: {status} {reply if status != 200 else hex(reply.status)}")
        self.assertEqual(self.jobs(), [])

    def test_random_changes_of_a_request(self):
        chance = random.Random(7)
        whole = wire.request(wire.GET_PRINTER_ATTRIBUTES,
                             more=[(wire.KEYWORD, "requested-attributes", "printer-description")])
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
        target = good + printer

        def many(count, tag, value):
            return b"".join(wire.attribute(tag, f"x{number}", value) for number in range(count))
        table = (
            ("no groups", b"\3", REFUSED),
            ("no end", target, REFUSED),
            ("no charset", b"\1" + language + printer + b"\3", REFUSED),
            ("charset and language exchanged", b"\1" + language + charset + printer + b"\3", REFUSED),
            ("another charset", target.replace(b"utf-8", b"koi-8") + b"\3", {BAD_REQUEST, NO_CHARSET}),
            ("no printer-uri", good + b"\3", REFUSED),
            ("printer-uri twice", target + printer + b"\3", REFUSED),
            ("printer-uri of two values", target + b"\x45\0\0\0\5ipp:x\3", REFUSED),
            ("printer-uri as a number", good + b"\x21\0\x0bprinter-uri\0\4\0\0\0\1\3", REFUSED),
            ("a length beyond the end", good + b"\x45\0\x0bprinter-uri\x7f\xffipp\3", REFUSED),
            ("a negative length", good + b"\x45\0\x0bprinter-uri\xff\xffipp\3", REFUSED),
            ("a name beyond its limit", target + b"\x44\1\x2c" + b"n" * 300 + b"\0\1x\3", REFUSED),
            ("a value without a name", b"\1\x47\0\0\0\5utf-8" + language + b"\3", REFUSED),
            ("an attribute without a group", charset + language + b"\3", REFUSED),
            ("an unknown group", target + b"\x0f" + many(1, wire.INTEGER, 1) + b"\3", {0, BAD_REQUEST}),
            ("an integer of three bytes", target + b"\2\x21\0\6copies\0\3\0\0\1\3", REFUSED),
            ("a boolean of two bytes", target + b"\x22\0\x16ipp-attribute-fidelity\0\2\0\1\3", REFUSED),
            ("text that is no UTF-8", target + b"\x42\0\x08job-name\0\2\xff\xfe\3", REFUSED),
            ("a collection without end", target + b"\2\x34\0\x09media-col\0\0\3", REFUSED),
            ("an end without a collection", target + b"\2\x37\0\0\0\0\3", REFUSED),
            ("2000 collections in each other", target + b"\2" + nested + b"\3", {BAD_REQUEST, TOO_LARGE}),
            ("9000 attributes", target + many(9000, wire.INTEGER, 1) + b"\3", {TOO_LARGE}),
            ("70,000 values",
             target + many(1, wire.INTEGER, 0) + b"\x21\0\0\0\4\0\0\0\0" * 70_000 + b"\3", {TOO_LARGE}),
            ("2 MiB of attributes", target + many(2100, wire.TEXT, "t" * 1000) + b"\3", {TOO_LARGE}),
            ("a value that is cut off", target + b"\x30\0\1x\x7f\xff" + b"o" * 100, REFUSED),
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
                ("version 0.0", (0, 0), wire.PRINT_JOB, 1, NO_VERSION),
                ("version 9.0", (9, 0), wire.PRINT_JOB, 1, NO_VERSION),
                ("an unknown operation", (2, 0), 0x3FFF, 1, NO_OPERATION),
                ("operation 0", (2, 0), 0, 1, NO_OPERATION),
                ("request-id 0", (2, 0), wire.PRINT_JOB, 0, BAD_REQUEST),
                ("request-id -1", (2, 0), wire.PRINT_JOB, -1, BAD_REQUEST)):
            with self.subTest(what):
                status, reply = self.ask(self.raw(target + b"\3", version, operation, number), PDF)
                self.assertEqual((status, reply.status), (200, wanted))
        self.assertLessEqual(len(self.jobs()), 1)  # an unknown group may be ignored (RFC 8010, 3.5.1)

    def test_addresses_that_name_no_printer(self):
        place = "ipp://localhost/ipp/print/"
        for uri, wanted in {
                place + "nowhere": {NOT_FOUND}, "ipp://localhost/printers/nowhere": {NOT_FOUND},
                "": UNKNOWN, "office": UNKNOWN, "/ipp/print/office": UNKNOWN, "ipp://[::1/ipp/print/office": UNKNOWN,
                "ipp://localhost:99999/ipp/print/office": UNKNOWN, place + "of%66ice%": UNKNOWN,
                place + "of%00fice": UNKNOWN, place + "../print/office": UNKNOWN, place + "a b": UNKNOWN,
                place + "a\r\nb": UNKNOWN, "ipp://localhost/jobs/1": UNKNOWN, "file:///etc/passwd": UNKNOWN,
                "javascript:alert(1)": UNKNOWN, "ipp://user:secret@localhost/ipp/print/nowhere": UNKNOWN,
                place + "x" * 900: UNKNOWN, place + "x" * 1100: {BAD_REQUEST, TOO_LONG}}.items():
            with self.subTest(uri):
                target = (wire.attribute(wire.CHARSET, "attributes-charset", "utf-8") +
                          wire.attribute(wire.LANGUAGE, "attributes-natural-language", "en") +
                          wire.attribute(wire.URI, "printer-uri", uri))
                status, reply = self.ask(self.raw(b"\1" + target + b"\3"), PDF)
                self.assertEqual(status, 200, reply)
                self.assertIn(reply.status, wanted, hex(reply.status))
        for device in ("ipp://", "ftp://a/", "socket://", "file://relative", "file:///a/../b/", "ipps://[::1",
                       "nothing", "x" * 2000, "cmd:rm -rf /"):
            with self.subTest(device=device), contextlib.closing(wire.connect(path=self.at.socket)) as local:
                _, reply = wire.exchange(local, wire.request(wire.ADD_PRINTER, "new",
                                                             printer_group=[(wire.URI, "device-uri", device)]))
                self.assertGreaterEqual(reply.status, BAD_REQUEST)
                self.assertTrue(reply.first("status-message"))
        self.assertEqual(self.jobs(), [])

    @staticmethod
    def packed(how):
        return wire.request(wire.PRINT_JOB, more=[(wire.KEYWORD, "compression", how)])

    def test_broken_compression_prints_nothing(self):
        packed = gzip.compress(random.Random(1).randbytes(200_000))
        damaged = bytearray(packed)
        damaged[len(damaged) // 2] ^= 0xFF
        for what, document in (("no gzip", b"plainly text" * 100), ("cut off", packed[:-10]), ("half", packed[:1000]),
                               ("damaged", bytes(damaged)), ("its end again", packed + b"trailing")):
            with self.subTest(what):
                status, reply = self.ask(self.packed("gzip"), document)
                self.assertEqual((status, reply.status), (200, COMPRESSION))
        status, reply = self.ask(self.packed("rar"), packed)
        self.assertEqual((status, reply.status), (200, NO_COMPRESSION))
        self.assertEqual(self.jobs(), [])
        self.assertFalse(any((self.at.path / "var/lib/ipm/documents").iterdir()))


if __name__ == "__main__":
    main()
