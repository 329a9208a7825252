"""Our server, with one paused destination: jobs are taken in and kept, and nothing is delivered."""

import http.client
import os
import re
import shutil
import socket
import struct

from .server import Server


class LocalConnection(http.client.HTTPConnection):
    """HTTP over the local socket, by which root administers."""

    def __init__(self, path):
        super().__init__("localhost")
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


def ipp_request(operation, attributes):
    """RFC 8010: `attributes` are (tag, name, text); a tag below 0x10 begins a group."""
    message = struct.pack(">BBHIB", 2, 0, operation, 1, 0x01)
    for tag, name, text in [(0x47, "attributes-charset", "utf-8"),
                            (0x48, "attributes-natural-language", "en"), *attributes]:
        message += struct.pack(">B", tag)
        if tag >= 0x10:
            for part in (name.encode(), text.encode()):
                message += struct.pack(">H", len(part)) + part
    return message + b"\x03"


class Ipmd(Server):
    name = "ipmd"
    path = "/printers/bench"
    program = None  # set by bench/run
    READY = re.compile(r"ipmd is ready on 127\.0\.0\.1:(\d+)")

    def environment(self):
        return {**os.environ, "IPM_ROOT": str(self.folder)}

    def prepare(self):
        etc = self.folder / "etc/ipm"
        etc.mkdir(parents=True)
        shutil.copy(self.certificates.authority, etc / "ca-cert.pem")
        for source, name in zip(self.certificates.server, ("server-cert.pem", "server-key.pem")):
            shutil.copy(source, etc / name)
        (etc / "ipmd.toml").write_text(
            '[server]\nname = "localhost"\nlisten = ["127.0.0.1:0"]\n'
            f"[encryption]\nenabled = true\nmutual = {'true' if self.mutual else 'false'}\n"
            "[limits]\nconnections = 15000\nconnections_per_address = 15000\n")
        return [self.program]

    def is_ready(self):
        found = self.READY.search(self.told())
        if found:
            self.port = int(found.group(1))
        return found is not None

    def after_start(self):
        (self.folder / "printed").mkdir()
        uri = (0x45, "printer-uri", "ipp://localhost/printers/bench")
        self._ask(0x4003, uri, (0x04, "", ""), (0x45, "device-uri", f"file://{self.folder}/printed/"))
        self._ask(0x0010, uri)  # Pause-Printer

    def _ask(self, operation, *attributes):
        connection = LocalConnection(self.folder / "run/ipm/ipmd.sock")
        connection.request("POST", "/", ipp_request(operation, attributes), {"Content-Type": "application/ipp"})
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        if reply.status != 200 or struct.unpack(">H", body[2:4])[0] >= 0x0100:
            raise RuntimeError(f"ipmd refused operation {operation:#x}: {reply.status} {body!r}")
