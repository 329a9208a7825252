"""What the tests of hostile and broken clients share: a server that must go on serving, raw connections
from addresses of their own, and how those end."""

import contextlib
import resource
import selectors
import socket
import ssl
import time

from harness import PLAINTEXT, SystemTest
import wire

HANDSHAKE_SECONDS = 10  # What a server grants: src/http/limits.h
HEAD_SECONDS = 10
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
        return wire.all_jobs(self.at)
