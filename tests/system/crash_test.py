"""ipmd is killed without warning, again and again, while clients print (B3): whatever was acknowledged
is there afterwards, whole, and is delivered; nothing else stays behind."""

import contextlib
import hashlib
import random
import signal
import threading

from harness import PLAINTEXT, SystemTest, main, wait_until
import wire

ROUNDS = 20
CLIENTS = 4
SIZES = (10, 3_000, 60_000, 200_000, 1_000_000)  # within rows and in files of their own


class Load:
    """Clients that print until the server goes, and remember what was acknowledged."""

    def __init__(self, port, seed):
        self.acknowledged = {}  # job-id: digest
        self._port = port
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._print, args=(self._random.random(),))
                         for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def count(self):
        with self._lock:
            return len(self.acknowledged)

    def join(self):
        for thread in self._threads:
            thread.join()

    def _print(self, seed):
        chance = random.Random(seed)
        with contextlib.suppress(OSError, wire.http.client.HTTPException):
            with contextlib.closing(wire.connect(self._port)) as connection:
                while True:
                    document = b"%PDF-1.4\n" + chance.randbytes(chance.choice(SIZES))
                    if chance.random() < 0.3:
                        status, reply = self._in_steps(connection, document)
                    else:
                        status, reply = wire.exchange(connection, wire.request(wire.PRINT_JOB), document)
                    if status != 200 or reply.status != 0:
                        raise AssertionError(f"refused: {status} {reply.status:#x}")
                    with self._lock:
                        self.acknowledged[reply.first("job-id")] = hashlib.sha256(document).hexdigest()

    @staticmethod
    def _in_steps(connection, document):
        _, created = wire.exchange(connection, wire.request(wire.CREATE_JOB))
        return wire.exchange(connection, wire.request(wire.SEND_DOCUMENT, more=[
            (wire.INTEGER, "job-id", created.first("job-id")), (wire.BOOLEAN, "last-document", True)]), document)


class Crash(SystemTest):
    def arrived(self, root):
        """Digests of whole documents by job-id."""
        found = {}
        for path in root.printed.iterdir():
            if not path.name.startswith("."):
                found[int(path.name.split("-")[1])] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def test_B3_nothing_acknowledged_is_lost_whenever_the_server_dies(self):
        root = self.root()
        server = self.server(root, PLAINTEXT)
        wire.add_printer(root, "office", root.printed_uri)
        acknowledged = {}
        for number in range(ROUNDS):
            load = Load(server.port, number)
            enough = random.Random(number).randrange(1, 25)
            wait_until(lambda: load.count() >= enough, "jobs are acknowledged", 120)
            server.stop(signal.SIGKILL)
            load.join()
            self.assertFalse(acknowledged.keys() & load.acknowledged.keys(), "a job-id was given twice")
            acknowledged.update(load.acknowledged)
            server.start()
            with contextlib.closing(wire.connect(server.port)) as connection:
                for job in load.acknowledged:
                    _, reply = wire.exchange(connection, wire.request(
                        wire.GET_JOB_ATTRIBUTES, more=[(wire.INTEGER, "job-id", job)]))
                    self.assertEqual(reply.status, 0, f"round {number}: job {job} is missing")
        wait_until(lambda: acknowledged.keys() <= self.arrived(root).keys(), "every job is delivered", 120)
        arrived = self.arrived(root)
        wrong = [job for job, digest in acknowledged.items() if arrived[job] != digest]
        self.assertEqual(wrong, [], "truncated or mixed up")
        self.assertEqual(server.stop(), 0)
        # A job that was not acknowledged may be there too; what is delivered leaves nothing in the spool.
        server.start()
        with contextlib.closing(wire.connect(server.port)) as connection:
            def left():
                _, reply = wire.exchange(connection, wire.request(wire.GET_JOBS))
                return [job for job in reply.all_groups(wire.JOB)]
            for job in left():  # made, but never filled or closed: their clients are gone
                wire.exchange(connection, wire.request(wire.CANCEL_JOB, more=[(wire.INTEGER, "job-id", job["job-id"][0])]))
            wait_until(lambda: not left(), "the queue is empty")
        wait_until(lambda: not any((root.path / "var/lib/ipm/documents").iterdir()), "no orphan file is left")
        self.assertEqual([path.name for path in root.printed.iterdir() if path.name.startswith(".")], [])


if __name__ == "__main__":
    main()
