"""The server ends in time, whoever hangs: a device that never comes back, a client in the middle of its document,
a reload. A second signal ends it at once. Security never queues behind disks: certificates are taken up and others
print while devices hang."""

import contextlib
import os
import select
import signal
import socket
import time

from harness import BIN, MUTUAL, SystemTest, main, wait_until
import wire

GRACE = 10.0  # kStopGrace
SLACK = 5.0   # for a busy machine
AT_ONCE = 5.0
# What looks at a file with this in its path, or opens it, does not come back while the root has the file "away".
HANGS = "hang-here"


def hanging(root):
    return ("env", f"LD_PRELOAD={BIN / 'ipm_hanging_open.so'}", f"IPM_HANGS_WHILE={root.path / 'away'}")


class Stop(SystemTest):
    def hung_site(self, count, configuration=None):
        """A server, `count` destinations with a job that hangs, and one that is well."""
        root = self.root()
        server = self.server(root, wrapper=hanging(root), **({"configuration": configuration} if configuration else {}))
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        self.hang(root, count)
        return root, server

    def add_away(self, root, count):
        for i in range(count):
            folder = root.path / f"away{i}-{HANGS}"
            folder.mkdir()
            root.ipm("printer", "add", f"away{i}", "--to", f"file://{folder}/")

    def hang(self, root, count):
        """Destinations whose file system goes away, with a job each."""
        self.add_away(root, count)
        root.file("away", b"")
        for i in range(count):
            root.ipm("print", "-", "-d", f"away{i}", input=b"text")
        for i in range(count):
            wait_until(lambda name=f"away{i}": self.job_is_processing(root, name), f"away{i} hangs")

    @staticmethod
    def job_is_processing(root, printer):
        return any(job["job-state"] == "processing" for job in root.ipm("jobs", "-d", printer, "--json").json())

    def end(self, server, seconds):
        begun = time.monotonic()
        code = server.stop(signal.SIGTERM, seconds)
        return code, time.monotonic() - begun

    def test_a_device_that_hangs_does_not_keep_the_server(self):
        root, server = self.hung_site(1)
        code, took = self.end(server, GRACE + SLACK)
        self.assertEqual(code, 0)
        self.assertLess(took, GRACE + SLACK)
        self.assertIn("ipmd ended at once: the delivery to away0, ", root.log_text())
        self.assertRegex(root.log_text(), rf"away0-{HANGS}/? \(for \d+ s\) did not end")
        # Nothing that was acknowledged is lost: the job is there at the next start.
        (root.path / "away").unlink()
        server.start()
        wait_until(lambda: any((root.path / f"away0-{HANGS}").glob("job-*")), "the job is printed after all")

    def test_a_device_that_hangs_is_named_in_the_log(self):
        root, server = self.hung_site(1)
        wait_until(lambda: "has not come back from a call" in root.log_text(), "the log names it", 120)
        self.assertRegex(root.log_text(), rf"away0-{HANGS}/? has not come back from a call for \d+ s")

    def test_devices_that_hang_hurt_nobody_else(self):
        root, server = self.hung_site(8)
        root.ipm("print", "-", "-d", "office", input=b"a small one")
        root.ipm("print", "-", "-d", "office", input=b"x" * 1_000_000)
        wait_until(lambda: len(root.documents()) == 2, "the sound printer prints")
        code, took = self.end(server, GRACE + SLACK)
        self.assertEqual(code, 0)
        self.assertLess(took, GRACE + SLACK)

    def test_folders_that_are_away_when_the_server_starts_hurt_nobody_else(self):
        root = self.root()
        server = self.server(root, wrapper=hanging(root))
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        self.add_away(root, 8)
        self.assertEqual(server.stop(signal.SIGTERM, GRACE + SLACK), 0)
        root.file("away", b"")
        server.start()
        root.ipm("print", "-", "-d", "away7", input=b"kept for later")
        # Small ones, and one that goes to the spool piece by piece.
        for size in (10, 10, 10, 1_000_000):
            root.ipm("print", "-", "-d", "office", input=b"x" * size)
        wait_until(lambda: len(root.documents()) == 4, "the sound printer prints")
        root.ipm("printer", "set", "office", "--to", root.printed_uri, "--location", "here")
        (root.path / "away").unlink()
        wait_until(lambda: any((root.path / f"away7-{HANGS}").glob("job-*")), "what came back prints")

    def test_s6_certificates_are_taken_up_while_devices_hang(self):
        ca = self.authority()
        root = self.root()
        ca.equip_server(root)
        ca.equip_client(root)
        server = self.server(root, MUTUAL, wrapper=hanging(root))
        self.hang(root, 8)
        known = root.log_text().count("IMP-3012")
        ca.equip_server(root)
        wait_until(lambda: root.log_text().count("IMP-3012") > known, "the new certificate is in force", 2.0 + SLACK)
        code, took = self.end(server, GRACE + SLACK)
        self.assertEqual(code, 0)
        self.assertLess(took, GRACE + SLACK)

    def upload_under_way(self, server):
        """A connection that has announced 9 MB and sent some of them."""
        stream = socket.create_connection(("127.0.0.1", server.port), 30)
        self.addCleanup(stream.close)
        head = wire.request(wire.PRINT_JOB)
        stream.sendall(b"POST /ipp/print/office HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n"
                       b"Content-Length: %d\r\n\r\n" % (len(head) + 9_000_000) + head + b"x" * 1_500_000)
        return stream

    def second_signal_ends_it(self, root, server):
        server.send_signal(signal.SIGTERM)
        # The first one is being worked at: nobody is let in any more.
        wait_until(lambda: not self.connects(server), "the server stops")
        code, took = self.end(server, AT_ONCE + SLACK)
        self.assertEqual(code, 0)
        self.assertLess(took, AT_ONCE)
        self.assertIn("ipmd ended at once: a second signal", root.log_text())

    @staticmethod
    def connects(server):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 5):
            return True
        return False

    def test_a_second_signal_during_an_upload(self):
        root = self.root()
        server = self.server(root)
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        self.upload_under_way(server)
        self.second_signal_ends_it(root, server)

    def test_a_second_signal_during_a_delivery(self):
        root, server = self.hung_site(2)
        self.second_signal_ends_it(root, server)

    def test_a_second_signal_during_reloads(self):
        ca = self.authority()
        root = self.root()
        ca.equip_server(root)
        server = self.server(root, MUTUAL)
        for _ in range(50):
            server.send_signal(signal.SIGHUP)
        server.send_signal(signal.SIGTERM)
        server.send_signal(signal.SIGTERM)
        code, took = self.end(server, AT_ONCE + SLACK)
        self.assertEqual(code, 0)
        self.assertLess(took, AT_ONCE + SLACK)

    @contextlib.contextmanager
    def hung_log(self, root, server):
        """A log that takes no byte more, as on a disk that is away."""
        root.log.rename(root.path / "log-until-now")
        os.mkfifo(root.log)
        pipe = os.open(root.log, os.O_RDWR | os.O_NONBLOCK)
        try:
            server.send_signal(signal.SIGHUP)  # It opens its log anew.

            def is_written_to():
                root.ipm("printer", "set", "office", "--location", "here")
                return select.select([pipe], [], [], 0)[0]

            wait_until(is_written_to, "the log is the pipe")
            for size in (4096, 1):
                with contextlib.suppress(BlockingIOError):
                    while True:
                        os.write(pipe, b"x" * size)
            yield
        finally:
            os.close(pipe)
            root.log.unlink()  # Whoever reads the log afterwards finds none.

    def test_a_log_that_hangs_does_not_keep_the_server(self):
        root = self.root()
        server = self.server(root)
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        with self.hung_log(root, server):
            code, took = self.end(server, GRACE + SLACK)
        self.assertEqual(code, 0)
        self.assertLess(took, GRACE + SLACK)

    def test_a_second_signal_while_the_log_hangs(self):
        root = self.root()
        server = self.server(root)
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        with self.hung_log(root, server):
            server.send_signal(signal.SIGTERM)
            wait_until(lambda: not self.connects(server), "the server stops")
            code, took = self.end(server, AT_ONCE + SLACK)
        self.assertEqual(code, 0)
        self.assertLess(took, AT_ONCE)

    def test_an_upload_that_hangs_is_broken_off_within_the_grace(self):
        root = self.root()
        server = self.server(root)
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        self.upload_under_way(server)
        code, took = self.end(server, GRACE + SLACK)
        self.assertEqual(code, 0)
        self.assertLess(took, GRACE + SLACK)
        self.assertIn("IMP-7009", root.log_text())  # in order: nobody hung, only a client was slow


if __name__ == "__main__":
    main()
