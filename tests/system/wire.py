"""IPP over HTTP over a plain or TLS socket, in as few lines as tests need: an independent peer."""

import contextlib
import http.client
import re
import socket
import ssl
import struct

OPERATION, JOB, END, PRINTER = 1, 2, 3, 4
INTEGER, BOOLEAN, ENUM, TEXT, NAME, KEYWORD, URI, CHARSET, LANGUAGE, MIME = (
    0x21, 0x22, 0x23, 0x41, 0x42, 0x44, 0x45, 0x47, 0x48, 0x49)
PRINT_JOB, CREATE_JOB, SEND_DOCUMENT, CANCEL_JOB = 0x02, 0x05, 0x06, 0x08
GET_JOB_ATTRIBUTES, GET_JOBS, GET_PRINTER_ATTRIBUTES = 0x09, 0x0A, 0x0B
ADD_PRINTER, PAUSE_PRINTER, RESUME_PRINTER = 0x4003, 0x10, 0x11


def attribute(tag, name, value):
    if isinstance(value, bool):
        data = struct.pack(">b", value)
    elif isinstance(value, int):
        data = struct.pack(">i", value)
    else:
        data = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(data)) + data


def request(operation, printer="office", *, user="tester", more=(), job=(), printer_group=(), number=1):
    """A request's bytes. `more`, `job` and `printer_group` are (tag, name, value) of those groups."""
    out = struct.pack(">BBHiB", 2, 0, operation, number, OPERATION)
    out += attribute(CHARSET, "attributes-charset", "utf-8")
    out += attribute(LANGUAGE, "attributes-natural-language", "en")
    out += attribute(URI, "printer-uri", f"ipp://localhost/ipp/print/{printer}")
    out += attribute(NAME, "requesting-user-name", user)
    out += b"".join(attribute(*one) for one in more)
    for tag, group in ((JOB, job), (PRINTER, printer_group)):
        if group:
            out += bytes([tag]) + b"".join(attribute(*one) for one in group)
    return out + bytes([END])


class Reply:
    """status, and the attributes of each group as a list of (tag, {name: [values]})."""

    def __init__(self, data):
        _, _, self.status, self.number = struct.unpack(">BBHi", data[:8])
        self.groups = []
        at, values = 8, None
        while data[at] != END:
            tag = data[at]
            at += 1
            if tag < 0x10:
                self.groups.append((tag, {}))
                continue
            name_size = struct.unpack_from(">H", data, at)[0]
            name = data[at + 2:at + 2 + name_size].decode()
            at += 2 + name_size
            size = struct.unpack_from(">H", data, at)[0]
            raw = data[at + 2:at + 2 + size]
            at += 2 + size
            if name:
                values = self.groups[-1][1].setdefault(name, [])
            if tag in (INTEGER, ENUM):
                values.append(struct.unpack(">i", raw)[0])
            elif tag == BOOLEAN:
                values.append(raw != b"\0")
            else:
                values.append(raw.decode("utf-8", "replace"))

    def first(self, name, group=None):
        for tag, attributes in self.groups:
            if name in attributes and group in (None, tag):
                return attributes[name][0]
        return None

    def all_groups(self, tag):
        return [attributes for group, attributes in self.groups if group == tag]


def tls(anchor=None, certificate=None, key=None):
    """A TLS client that judges nothing but what it is given: the server is the one under test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED if anchor else ssl.CERT_NONE
    if anchor:
        context.load_verify_locations(anchor)
    if certificate:
        context.load_cert_chain(certificate, key)
    return context


class Peer:
    """One TLS connection, or several that share sessions."""

    def __init__(self, port, pair, version=None, source="127.0.0.1"):
        self.source = source
        self.context = tls(None, *pair)
        if version:
            self.context.minimum_version = self.context.maximum_version = version
        self.port = port
        self.session = None

    def connect(self, resume=False):
        """A stream over which a request has been answered; ssl.SSLError where it is refused."""
        raw = socket.create_connection(("127.0.0.1", self.port), 30, (self.source, 0))
        try:
            stream = self.context.wrap_socket(raw, session=self.session if resume else None)
        except BaseException:
            raw.close()
            raise
        try:
            self.ask(stream)
        except BaseException:
            stream.close()
            raise
        self.session = stream.session
        return stream

    @staticmethod
    def close(stream):
        """With a goodbye: OpenSSL does not resume a session whose connection broke."""
        with contextlib.suppress(OSError):
            stream.unwrap()
        stream.close()

    @staticmethod
    def ask(stream):
        """The status line to a request; b"" when the connection has ended."""
        stream.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        reply = b""
        while b"\r\n\r\n" not in reply:
            piece = stream.recv(65536)
            if not piece:
                return b""
            reply += piece
        head, _, body = reply.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)\ncontent-length: (\d+)", head).group(1))
        while len(body) < length:
            body += stream.recv(65536)
        return head.split(b"\r\n")[0]


class _LocalConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def connect(port=None, *, context=None, path=None, timeout=30):
    """A keep-alive connection to 127.0.0.1:PORT, or to a local socket."""
    if path:
        return _LocalConnection(path, timeout)
    if context:
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout, context=context)
    return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)


def exchange(connection, body, document=b""):
    """The HTTP status and the IPP reply (or the text) to one request."""
    connection.request("POST", "/ipp/print", body + document, {"Content-Type": "application/ipp"})
    answer = connection.getresponse()
    data = answer.read()
    return answer.status, Reply(data) if answer.status == 200 else data.decode("utf-8", "replace")


def all_jobs(root):
    """The attributes of every job, finished or not."""
    with contextlib.closing(connect(path=root.socket)) as connection:
        _, reply = exchange(connection, request(GET_JOBS, more=[(KEYWORD, "which-jobs", "all")]))
    return reply.all_groups(JOB)


def add_printer(root, name, device):
    """Adds a destination over the root's local socket."""
    with contextlib.closing(connect(path=root.socket)) as connection:
        status, reply = exchange(connection,
                                 request(ADD_PRINTER, name, printer_group=[(URI, "device-uri", device)]))
    assert status == 200 and reply.status == 0, reply
