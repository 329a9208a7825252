"""Strangers who stall, are slow, break off, or come back again and again: they delay nobody, print nothing,
and the server goes on."""

import contextlib
import random
import socket
import struct
import time

from harness import MUTUAL, PLAINTEXT, main, wait_until
from strangers import HANDSHAKE_SECONDS, HEAD_SECONDS, PDF, Hostile, client_hello, more_files, still_open, wait_for_ends
import wire


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
        answer = wait_until(refused, "the head that never ends is refused", HEAD_SECONDS + 20)
        self.assertTrue(answer.startswith(b"HTTP/1.1 408 "), answer)
        self.assertLess(time.monotonic() - began, HEAD_SECONDS + 15)
        for received in wait_for_ends(slow, HEAD_SECONDS + 30):
            self.assertTrue(received.startswith(b"HTTP/1.1 408 "), received)

    def test_who_closes_early_leaves_nothing(self):
        self.serving(PLAINTEXT)
        whole = wire.request(wire.PRINT_JOB) + PDF * 10_000
        head = (b"POST /ipp/print HTTP/1.1\r\nHost: a\r\nContent-Type: application/ipp\r\n"
                b"Content-Length: %d\r\n\r\n" % len(whole))
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


class TlsStrangers(Hostile):
    def setUp(self):
        self.serving(MUTUAL)

    def lines(self, number, address):
        return [line for line in self.at.log_text().splitlines() if f" {number} " in line and f" {address}:" in line]

    def refused(self, number, address):
        return wait_until(lambda: self.lines(number, address), f"{number} about {address}")[0]

    def test_damaged_hellos(self):
        chance = random.Random(3)
        hello = client_hello()
        streams = []
        for number in range(200):
            if number % 2:
                data = b"\x16" + chance.randbytes(chance.randrange(1, 2000))
            else:
                data = bytearray(hello)
                for _ in range(chance.randrange(1, 10)):
                    data[chance.randrange(1, len(data))] = chance.randrange(256)
                data = bytes(data)
            stream = self.connect(f"127.0.6.{number + 1}")
            with contextlib.suppress(ConnectionError):
                stream.sendall(data)
                stream.shutdown(socket.SHUT_WR)
            streams.append(stream)
        for received in wait_for_ends(streams, HANDSHAKE_SECONDS + 30):
            self.assertNotIn(b"HTTP", received)
        self.refused("IMP-3004", "127.0.6.2")

    def test_a_chain_beyond_its_limit(self):
        authority = self.authority("Other CA")
        certificate, key = authority.issue(self.at.path / "clients/long", "long.example.com", "clientAuth")
        with certificate.open("ab") as chain:
            chain.write(authority.certificate.read_bytes() * 250)
        context = wire.tls(None, certificate, key)
        with contextlib.suppress(OSError), context.wrap_socket(self.connect("127.0.7.1")) as stream:
            stream.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertEqual(stream.recv(1), b"")
        self.assertIn("beyond its limit", self.refused("IMP-3004", "127.0.7.1"))

    def test_who_is_refused_again_and_again_waits_alone(self):
        """An `ipptool` without a certificate comes back without end, dozens of times a second."""
        nobody = wire.tls()
        for _ in range(30):
            with self.connect("127.0.8.1") as raw, contextlib.suppress(OSError):
                with nobody.wrap_socket(raw) as stream:
                    stream.recv(1)
        began = time.monotonic()
        self.prints()
        took = time.monotonic() - began
        with self.context.wrap_socket(self.connect("127.0.8.1")) as stream:  # good, of the same address
            stream.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertTrue(stream.recv(100).startswith(b"HTTP/1.1 200"))
        self.assertLess(took, HANDSHAKE_SECONDS)
        self.assertEqual(len(self.lines("IMP-3003", "127.0.8.1")), 1, "one line for all of them")

    def test_no_more_connections_of_one_address_than_allowed(self):
        self.assertEqual(self.running.stop(), 0)
        self.at.configure(MUTUAL + "[limits]\nconnections_per_address = 5\n")
        self.running.start()
        several = [self.connect("127.0.9.1") for _ in range(5)]
        sixth = self.connect("127.0.9.1")
        self.assertEqual(wait_for_ends([sixth], 30), [b""])
        self.assertEqual(still_open(several), 5)
        wait_until(lambda: any("IMP-3009" in line and "127.0.9.1" in line for line in self.at.log_text().splitlines()),
                   "the limit is logged")
        several.pop().close()

        def served():
            with contextlib.suppress(OSError), self.context.wrap_socket(self.connect("127.0.9.1")) as stream:
                stream.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                return stream.recv(100).startswith(b"HTTP/1.1 200")
            return False
        wait_until(served, "a place that is free again is given")


if __name__ == "__main__":
    main()
