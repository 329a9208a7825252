"""What all servers have in common: a folder of their own, a port, one process that is ended by its id."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

READY_SECONDS = 60
QUIET_SECONDS = 0.5
STOP_SECONDS = 60
POLL_SECONDS = 0.01


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Made anew for each measurement, so that each begins with the same, empty server.

        with Ipmd(folder, certificates) as server:
            …server.port, server.pid…
    """

    name = ""
    path = "/"  # of its printer

    def __init__(self, folder, certificates, *, mutual=False):
        self.folder = pathlib.Path(folder)
        self.certificates = certificates
        self.mutual = mutual
        self.port = None
        self.process = None

    def prepare(self):
        """Writes the configuration; returns the command line."""
        raise NotImplementedError

    def is_ready(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def after_start(self):
        """What has to be set up while it runs."""

    @property
    def pid(self):
        return self.process.pid

    def __enter__(self):
        self.folder.mkdir(parents=True, mode=0o755)
        command = self.prepare()
        self.output = open(self.folder / "output", "wb")
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                        stdout=self.output, stderr=self.output, env=self.environment())
        try:
            deadline = time.monotonic() + READY_SECONDS
            while not self.is_ready():
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{self.name} did not start:\n{self.told()}")
                time.sleep(POLL_SECONDS)
            self.after_start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def environment(self):
        return dict(os.environ)

    def settle(self):
        """Waits until it has done what was left to do, and the disk too: no CPU time for half a second."""
        deadline = time.monotonic() + READY_SECONDS
        spent, since = -1, time.monotonic()
        while time.monotonic() - since < QUIET_SECONDS:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not come to rest")
            # utime and stime, in ticks (proc(5))
            fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            now = int(fields[11]) + int(fields[12])
            if now != spent:
                spent, since = now, time.monotonic()
            time.sleep(POLL_SECONDS)
        os.sync()

    def told(self):
        return (self.folder / "output").read_text("utf-8", "replace")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()

    def remove(self):
        """Not between measurements where there are many files: for minutes after they are deleted, ext4
        passes over their inodes one by one when it makes new ones, and cupsd makes one a job."""
        shutil.rmtree(self.folder, ignore_errors=True)
