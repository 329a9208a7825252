"""A changed ipmd.toml is taken up while the server runs (S6): rights and denials count at once, on open connections
too; encryption is turned on at once (S17) and off by a restart only; what does not load changes nothing."""

import contextlib
import signal
import ssl

from harness import MUTUAL, PLAINTEXT, SystemTest, main, replace, run, wait_until
import wire

SOON = 2.0    # S6
SLACK = 28.0  # for a busy machine
NOT_AUTHORIZED = 0x0403
NAME = "one.example.com"


class Configuration(SystemTest):
    def setUp(self):
        self.ca = self.authority()
        self.at = self.root()
        self.ca.equip_server(self.at)
        self.client = self.ca.issue(self.at.path / "clients/one", NAME, "clientAuth")

    def change(self, text):
        replace(self.at.etc / "ipmd.toml", text.encode())

    def count(self, number):
        return self.at.log_text().count(f" {number} ")

    def wait_for(self, number, count=1):
        wait_until(lambda: self.count(number) >= count, f"{number} is logged", SOON + SLACK)

    def dial(self, server, encrypted=True):
        context = wire.tls(self.ca.certificate, *self.client) if encrypted else None
        connection = wire.connect(server.port, context=context)
        self.addCleanup(connection.close)
        return connection

    @staticmethod
    def pause(connection):
        """The IPP status of what an operator may do; None where the connection has ended."""
        try:
            return wire.exchange(connection, wire.request(wire.PAUSE_PRINTER))[1].status
        except (OSError, wire.http.client.HTTPException):
            return None

    def plain_status(self, server):
        with contextlib.closing(wire.connect(server.port)) as connection:
            return wire.exchange(connection, wire.request(wire.GET_JOBS))[0]

    def test_S6_rights_that_are_given_and_taken_count_on_an_open_connection(self):
        server = self.server(self.at, MUTUAL)
        wire.add_printer(self.at, "office", self.at.printed_uri)
        connection = self.dial(server)
        self.assertEqual(self.pause(connection), NOT_AUTHORIZED)
        self.change(MUTUAL + f'[access]\noperators = ["{NAME}"]\n')
        wait_until(lambda: self.pause(connection) == 0, "the right counts", SOON + SLACK)
        self.change(MUTUAL)
        wait_until(lambda: self.pause(connection) == NOT_AUTHORIZED, "the right is gone", SOON + SLACK)
        self.wait_for("IMP-7020", 2)

    def test_B6_a_certificate_that_is_denied_is_out_at_once(self):
        server = self.server(self.at, MUTUAL)
        wire.add_printer(self.at, "office", self.at.printed_uri)
        connection = self.dial(server)
        self.assertEqual(self.pause(connection), NOT_AUTHORIZED)
        shown = run(["openssl", "x509", "-in", self.client[0], "-noout", "-fingerprint", "-sha256"]).out
        self.change(MUTUAL + f'[trust]\ndeny = ["{shown.strip().split("=")[1]}"]\n')
        wait_until(lambda: self.pause(connection) is None, "the open connection ends", SOON + SLACK)
        late = self.dial(server)
        with self.assertRaises((ssl.SSLError, OSError)):
            late.request("GET", "/")
            late.getresponse()

    def test_S17_encryption_is_turned_on_while_plaintext_connections_are_open(self):
        server = self.server(self.at, PLAINTEXT)
        wire.add_printer(self.at, "office", self.at.printed_uri)
        plain = self.dial(server, encrypted=False)
        self.assertEqual(self.pause(plain), NOT_AUTHORIZED)
        self.assertEqual(self.count("5010-908"), 0)
        self.change(MUTUAL)
        self.wait_for("5010-908")
        wait_until(lambda: self.ended(plain), "the open plaintext connection ends", SOON + SLACK)
        self.assertEqual(self.plain_status(server), 426)
        self.assertEqual(self.pause(self.dial(server)), NOT_AUTHORIZED)
        # root's own, by the socket of this machine, goes on.
        self.assertEqual(self.at.ipm("jobs").code, 0)
        self.assertRegex(self.at.ipm("server", "status").out, r"encryption +on, mutual")

    @staticmethod
    def ended(connection):
        """Without a request: the server closes it by itself."""
        connection.sock.settimeout(0.05)
        try:
            return connection.sock.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    def test_S17_encryption_is_turned_off_by_a_restart_only(self):
        server = self.server(self.at, MUTUAL)
        self.change(PLAINTEXT)
        self.wait_for("IMP-7022")
        self.assertIn("[encryption] enabled = false", self.at.log_text())
        self.assertEqual(self.plain_status(server), 426)
        self.assertIn("[encryption] enabled = false", self.at.ipm("server", "status").out)
        waiting = self.at.ipm("server", "status", "--json").json()["imprimatur-waits-for-restart"]
        self.assertEqual(waiting, ["[encryption] enabled = false", "[encryption] mutual = false"])
        # Taken back, nothing waits.
        self.change(MUTUAL)
        wait_until(lambda: "imprimatur-waits-for-restart" not in self.at.ipm("server", "status", "--json").json(),
                   "nothing waits", SOON + SLACK)
        self.change(PLAINTEXT)
        self.wait_for("IMP-7022", 2)
        self.assertEqual(server.stop(), 0)
        server.start()
        self.assertEqual(self.plain_status(server), 200)

    def test_S6_what_does_not_load_changes_nothing_and_is_told_once(self):
        server = self.server(self.at, MUTUAL + f'[access]\noperators = ["{NAME}"]\n')
        wire.add_printer(self.at, "office", self.at.printed_uri)
        connection = self.dial(server)
        refused = 0
        for wrong in ("[encryption\n", MUTUAL + "unknown = 1\n", MUTUAL + 'ca = "not-there.pem"\n',
                      MUTUAL + '[trust]\ndeny = ["12"]\n', PLAINTEXT + "[encryption]\nmutual = true\n"):
            with self.subTest(wrong):
                self.change(wrong)
                refused += 1
                self.wait_for("IMP-7021", refused)
                self.assertEqual(self.pause(connection), 0)
                self.assertEqual(self.pause(self.dial(server)), 0)
        (self.at.etc / "ipmd.toml").unlink()
        self.wait_for("IMP-7021", refused + 1)
        self.assertEqual(self.plain_status(server), 426)
        self.assertEqual(self.pause(connection), 0)
        self.assertEqual(self.count("IMP-7020"), 0)
        self.change(MUTUAL)
        wait_until(lambda: self.pause(connection) == NOT_AUTHORIZED, "the sound one is taken up", SOON + SLACK)

    def test_S6_a_file_that_was_named_too_early_is_taken_up_when_it_comes(self):
        server = self.server(self.at, PLAINTEXT)
        self.change(MUTUAL + 'ca = "later.pem"\n')
        self.wait_for("IMP-7021")
        self.assertEqual(self.plain_status(server), 200)
        replace(self.at.etc / "later.pem", self.ca.certificate.read_bytes())
        self.wait_for("5010-908")
        self.assertEqual(self.plain_status(server), 426)

    def test_a_hang_up_reads_it_at_once(self):
        server = self.server(self.at, MUTUAL)
        server.send_signal(signal.SIGHUP)
        self.wait_for("IMP-3012")
        self.assertEqual(self.count("IMP-7020"), 0)  # nothing of it has changed
        self.change(MUTUAL + "warn_days = 5\n")
        server.send_signal(signal.SIGHUP)
        self.wait_for("IMP-7020")


if __name__ == "__main__":
    main()
