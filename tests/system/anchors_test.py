"""Who is trusted, for how long and with which exceptions, in the programs as they run: the store's age in the
server's status (S3 to S6), CAs of old devices with relaxed rules, and anchors that come and go while
connections are open (S6, B6)."""

import contextlib
import datetime
import hashlib
import http.server
import json
import pathlib
import re
import ssl
import struct
import subprocess
import threading

from harness import BIN, MUTUAL, ONE_SIDED, PLAINTEXT, SystemTest, main, replace, run, wait_until
import wire

DATA = pathlib.Path(__file__).parents[1] / "data/certdata"
PDF = b"%PDF-1.4\n%%EOF\n"
BOTH = "serverAuth,clientAuth"


def fingerprint(certificate):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pathlib.Path(certificate).read_text())).hexdigest()


def relaxing(certificate, *rules):
    return f"[[trust.relax]]\nsha256 = \"{fingerprint(certificate)}\"\nrules = {json.dumps(rules)}\n"


class StatusTest(SystemTest):
    def setUp(self):
        self.home = self.root()
        self.ca = self.authority("Our Print CA")
        self.ca.equip_server(self.home)
        self.ca.equip_client(self.home)

    def both(self, server):
        """The status through the local socket and over TLS."""
        return [self.home.ipm("server", "status", *more) for more in ([], ["--server", server.address])]

    def both_json(self, server):
        return [self.home.ipm("server", "status", "--json", *more).json()
                for more in ([], ["--server", server.address])]

    def test_S5_private_anchors_are_said_to_be_installed_by_hand(self):
        server = self.server(self.home, MUTUAL)
        digest = hashlib.sha256((self.home.etc / "ca-cert.pem").read_bytes()).hexdigest()
        for told in self.both(server):
            self.assertRegex(told.out, r"\n  trust store +installed by hand, 1 anchor\n")
            self.assertRegex(told.out, rf"\n  store digest +SHA-256 {digest}\n")
            self.assertNotIn("store age", told.out)
        for told in self.both_json(server):
            self.assertEqual((told["imprimatur-trust-public"], told["imprimatur-trust-private"]), (0, 1))
            self.assertNotIn("imprimatur-trust-source", told)

    def age(self, days):
        """Lets the store have been installed that many days ago."""
        record = self.home.path / "var/lib/ipm/trust.json"
        known = json.loads(record.read_text())
        known["installed"] = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days)
                              ).strftime("%Y-%m-%dT%H:%M:%SZ")
        replace(record, json.dumps(known).encode())

    def test_S6_B12_source_digest_and_age_of_mozillas_store_while_it_runs(self):
        server = self.server(self.home, MUTUAL)
        self.home.ipm("trust", "update", "--force", "--file", DATA / "nss.txt")
        wait_until(lambda: all(one.get("imprimatur-trust-source") == "nss.txt" for one in self.both_json(server)),
                   "the server tells of the new store")
        source = hashlib.sha256((DATA / "nss.txt").read_bytes()).hexdigest()
        for told in self.both_json(server):
            self.assertEqual(told["imprimatur-trust-source-sha256"], source)
            self.assertEqual(told["imprimatur-trust-sha256"],
                             hashlib.sha256((self.home.etc / "ca-cert.pem").read_bytes()).hexdigest())
            self.assertEqual((told["imprimatur-trust-age-days"], told["imprimatur-trust-old"]), (0, False))
            self.assertEqual((told["imprimatur-trust-public"], told["imprimatur-trust-private"]), (3, 1))
        for told in self.both(server):
            self.assertRegex(told.out, r"\n  trust store +3 publicly trusted CAs, 1 private\n")
            self.assertRegex(told.out, rf"\n  store source +nss.txt\n  source digest +SHA-256 {source}\n")
            self.assertRegex(told.out, r"\n  store age +0 days\n")
        # Nothing but the record changes: no new generation, and still it is told.
        self.age(91)
        wait_until(lambda: self.both_json(server)[1]["imprimatur-trust-old"], "the server sees that it is old")
        for told in self.both(server):
            self.assertRegex(told.out, r"\n  store age +91 days: it is old; on the server: ipm trust update\n")

    def test_S5_a_store_that_others_changed_has_no_age(self):
        self.home.ipm("trust", "update", "--force", "--file", DATA / "nss.txt")
        store = self.home.etc / "ca-cert.pem"
        store.write_text(store.read_text() + "# edited\n")
        server = self.server(self.home, MUTUAL)
        for told in self.both(server):
            self.assertIn("of unknown age; on the server: ipm trust update", told.out)
        (self.home.path / "var/lib/ipm/trust.json").write_text("{damaged")
        for told in self.both_json(server):
            self.assertNotIn("imprimatur-trust-age-days", told)

    def test_without_encryption_nobody_is_trusted(self):
        server = self.server(self.home, PLAINTEXT)
        local = self.home.ipm("server", "status", "--json").json()
        self.assertNotIn("imprimatur-trust-public", local)
        self.assertIsNotNone(server.port)


class Device(http.server.BaseHTTPRequestHandler):
    """A printer that takes every job and says that it is done."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation, number = struct.unpack(">xxHi", body[:8])
        self.server.operations.append(operation)
        if operation == wire.PRINT_JOB:
            self.server.documents.append(body[body.index(b"%PDF"):])
        state = self.server.state
        reply = struct.pack(">BBHiB", 2, 0, 0, number, wire.OPERATION)
        reply += wire.attribute(wire.CHARSET, "attributes-charset", "utf-8")
        reply += wire.attribute(wire.LANGUAGE, "attributes-natural-language", "en")
        reply += bytes([wire.JOB]) + wire.attribute(wire.INTEGER, "job-id", 7)
        reply += wire.attribute(wire.ENUM, "job-state", state) + bytes([wire.END])
        self.send_response(200)
        self.send_header("Content-Type", "application/ipp")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


class DeviceCase(SystemTest):
    def device(self, pair, state=9):
        """An ipps printer on localhost that shows this certificate; its job-state is 9, completed."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(*pair)
        server = Quiet(("127.0.0.1", 0), Device)
        server.documents, server.operations, server.state = [], [], state
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        server.uri = f"ipps://localhost:{server.server_address[1]}/ipp/print"
        server.address = f"localhost:{server.server_address[1]}"
        return server


class RelaxedTest(DeviceCase):
    """Certificates of old devices: accepted under the CA that is excepted by name, and under no other."""

    OLD = {"weak-key": {"key": "rsa1024", "key_usage": "digitalSignature,keyEncipherment"},
           "weak-digest": {"digest": "sha1"},
           "server-use": {"usage": ""}}

    def setUp(self):
        self.at = self.root()
        self.ca = self.authority("Our Print CA")
        self.devices = self.authority("Old Devices CA")
        self.others = self.authority("Other Devices CA")
        self.ca.equip_server(self.at)
        self.anchors = b"".join(one.certificate.read_bytes() for one in (self.ca, self.devices, self.others))
        replace(self.at.etc / "ca-cert.pem", self.anchors)

    def old(self, authority, rule, usage="serverAuth"):
        options = {"usage": usage, **self.OLD[rule]}
        return authority.issue(self.at.path / f"old/{rule}-{authority.folder.name}", "localhost",
                               options.pop("usage"), **options)

    def printers(self, rule):
        """One printer under each of the two CAs of devices."""
        pair = [self.device(self.old(authority, rule)) for authority in (self.devices, self.others)]
        for name, device in zip(("excepted", "other"), pair):
            wire.add_printer(self.at, name, device.uri)
        return pair

    def test_B12_a_server_prints_to_an_old_printer_under_the_excepted_authority_alone(self):
        document = self.at.file("page.pdf", PDF)
        for rule in self.OLD:
            with self.subTest(rule):
                server = self.server(self.at, MUTUAL + relaxing(self.devices.certificate, rule))
                excepted, other = self.printers(rule)
                self.at.ipm("print", document, "-d", "other")
                self.at.ipm("print", document, "-d", "excepted", "--wait")
                self.assertEqual(excepted.documents, [PDF])
                name = {"server-use": "S7"}.get(rule, rule)
                wait_until(lambda: f"{name}: found" in self.at.log_text(), "the other's refusal is logged")
                self.assertEqual(other.documents, [])
                for printer in ("excepted", "other"):
                    self.at.ipm("printer", "delete", printer, "--force", check=None)
                server.stop()
                self.at.log.unlink()

    def test_a_server_without_the_entry_prints_to_neither(self):
        self.server(self.at, MUTUAL + relaxing(self.devices.certificate, "weak-digest"))
        excepted, other = self.printers("weak-key")
        for name in ("excepted", "other"):
            self.at.ipm("print", self.at.file("page.pdf", PDF), "-d", name)
        wait_until(lambda: self.at.log_text().count("weak-key: found") >= 2, "both refusals are logged")
        self.assertEqual(excepted.documents + other.documents, [])

    def test_an_old_client_is_let_in_under_the_excepted_authority_alone(self):
        server = self.server(self.at, MUTUAL + relaxing(self.devices.certificate, "weak-key", "weak-digest"))
        for rule in ("weak-key", "weak-digest"):
            for authority, welcome in ((self.devices, True), (self.others, False)):
                with self.subTest(rule=rule, welcome=welcome):
                    certificate, key = self.old(authority, rule, "clientAuth")
                    context = wire.tls()
                    context.set_ciphers("DEFAULT:@SECLEVEL=0")
                    context.load_cert_chain(certificate, key)
                    connection = wire.connect(server.port, context=context)
                    self.addCleanup(connection.close)
                    if welcome:
                        self.assertEqual(wire.exchange(connection, wire.request(wire.GET_JOBS))[0], 200)
                    else:
                        with self.assertRaises(OSError):
                            wire.exchange(connection, wire.request(wire.GET_JOBS))

    def test_a_client_reaches_an_old_server_under_the_excepted_authority_alone(self):
        client = self.root()
        replace(client.etc / "ca-cert.pem", self.anchors)
        client.configure(relaxing(self.devices.certificate, "weak-key"), "ipm.toml")
        excepted, other = (self.device(self.old(one, "weak-key")) for one in (self.devices, self.others))
        refused = client.ipm("jobs", "--server", other.address, check=1)
        self.assertIn("IMP-3002", refused.err)
        self.assertIn("weak-key: found", refused.err)
        self.assertEqual(other.operations, [])
        client.ipm("jobs", "--server", excepted.address, check=None)
        self.assertEqual(excepted.operations, [wire.GET_JOBS])
        client.configure("", "ipm.toml")
        self.assertIn("IMP-3002", client.ipm("jobs", "--server", excepted.address, check=1).err)

    def test_S20_cert_check_of_a_server_says_what_a_connection_says(self):
        client = self.root()
        replace(client.etc / "ca-cert.pem", self.anchors)
        old = self.device(self.old(self.devices, "weak-key"))
        sound = self.device(self.devices.issue(client.path / "sound", "localhost", "serverAuth"))
        named = self.device(self.devices.issue(client.path / "named", "localhost", "serverAuth", san=""))
        served = client.path / "sound-cert.pem"
        for what, server, settings, admitted in (
                ("plain", sound, "", True),
                ("denied", sound, f'[trust]\ndeny = ["{fingerprint(served)}"]\n', False),
                ("a denied CA", sound, f'[trust]\ndeny = ["{fingerprint(self.devices.certificate)}"]\n', False),
                ("weak", old, "", False),
                ("weak, excepted", old, relaxing(self.devices.certificate, "weak-key"), True),
                ("the common name", named, "", True),
                ("the common name, strictly", named, "[client]\ncommon_name = false\n", False)):
            with self.subTest(what):
                client.configure(settings, "ipm.toml")
                connected = client.ipm("jobs", "--server", server.address, check=None)
                self.assertEqual("IMP-3002" not in connected.err, admitted, connected)
                checked = client.ipm("cert", "check", server.address, check=None)
                self.assertEqual(checked.code == 0, admitted, checked)

    def test_what_is_wrong_in_an_entry_is_told_with_its_line(self):
        ca = self.devices.certificate
        for text, words in (
                (relaxing(ca, "weak-keys"), ("line 7", "weak-keys", "weak-digest")),
                (relaxing(ca, "signature"), ("line 7", "no rule that can be relaxed")),
                (relaxing(ca), ("line 9", "empty list")),
                (relaxing(ca, "weak-key") + relaxing(ca, "weak-digest"), ("line 11", "entry above")),
                (relaxing(ca, "weak-key").replace(fingerprint(ca), "Old Devices CA"), ("line 8", "64 hexadecimal")),
                (relaxing(ca, "weak-key") + "anchor = 1\n", ("line 10", "nothing is called 'anchor'"))):
            with self.subTest(words=words):
                self.at.configure(MUTUAL + text)
                refused = run([BIN / "ipmd", "--check"], env=self.at.env, check=1)
                self.assertIn("IMP-7002", refused.err)
                for word in words:
                    self.assertIn(word, refused.err)

    def test_S18_a_publicly_trusted_authority_is_never_excepted(self):
        replace(self.at.etc / "ca-cert.pem", self.ca.certificate.read_bytes() +
                b"# ipm-trust: purposes=SERVER_AUTH; public\n" + self.devices.certificate.read_bytes())
        self.at.configure(MUTUAL + relaxing(self.devices.certificate, "weak-key"))
        refused = run([BIN / "ipmd", "--check"], env=self.at.env, check=1)
        self.assertIn("Old Devices CA is publicly trusted", refused.err)

    def test_trust_show_tells_what_is_relaxed_for_whom(self):
        self.at.configure(relaxing(self.devices.certificate, "weak-key", "weak-digest"))
        stranger = self.authority("Nobody's CA").certificate
        self.at.configure(relaxing(stranger, "server-use"), "ipm.toml")
        told = self.at.ipm("trust", "show").out
        self.assertRegex(told, r"\n\S+/ipmd\.toml, line 1: Old Devices CA: weak-key, weak-digest\n")
        self.assertRegex(told, rf"\n\S+/ipm\.toml, line 1: no CA here \({fingerprint(stranger)[:16]}\): server-use\n")
        listed = self.at.ipm("trust", "show", "--json").json()["relaxed"]
        self.assertEqual([(one["sha256"], one["installed"]) for one in listed],
                         [(fingerprint(self.devices.certificate), True), (fingerprint(stranger), False)])

    def test_S6_an_entry_waits_for_its_authority(self):
        replace(self.at.etc / "ca-cert.pem", self.ca.certificate.read_bytes())
        self.server(self.at, MUTUAL + relaxing(self.devices.certificate, "weak-key"))
        self.assertIn("so nothing is relaxed", self.at.log_text())
        excepted, _ = self.printers("weak-key")
        replace(self.at.etc / "ca-cert.pem", self.anchors)
        wait_until(lambda: " IMP-3012 " in self.at.log_text(), "the anchors are taken up")
        self.at.ipm("print", self.at.file("page.pdf", PDF), "-d", "excepted", "--wait")
        self.assertEqual(excepted.documents, [PDF])

    def test_a_chain_is_tried_with_relaxed_rules_before_they_are_configured(self):
        leaf, _ = self.old(self.devices, "weak-key")
        words = ["cert", "verify", "--trust", self.devices.certificate, leaf]
        self.assertIn("weak-key", self.at.ipm(*words, check=1).out)
        self.at.ipm(*words, "--relax", "weak-key")
        self.assertIn("IMP-7001", self.at.ipm(*words, "--relax", "not-after", check=2).err)


class LongRunningTest(DeviceCase):
    """Connections and commands that were there before the anchors changed."""

    def setUp(self):
        self.at = self.root()
        self.ca = self.authority("Our Print CA")
        self.other = self.authority("Other CA")
        self.ca.equip_server(self.at)
        self.pem = {name: one.certificate.read_bytes() for name, one in (("ours", self.ca), ("other", self.other))}

    def loaded(self, count):
        wait_until(lambda: self.at.log_text().count(" IMP-3012 ") >= count, f"change {count} is taken up")

    def test_B6_who_came_by_an_anchor_that_is_taken_away_goes_and_nobody_else(self):
        replace(self.at.etc / "ca-cert.pem", self.pem["ours"] + self.pem["other"])
        server = self.server(self.at, MUTUAL)
        streams = {}
        for name, authority in (("ours", self.ca), ("other", self.other)):
            pair = authority.issue(self.at.path / f"clients/{name}", f"{name}.example.com", "clientAuth")
            connection = wire.connect(server.port, context=wire.tls(None, *pair))
            self.addCleanup(connection.close)
            self.assertEqual(wire.exchange(connection, wire.request(wire.GET_JOBS))[0], 200)
            streams[name] = connection
        replace(self.at.etc / "ca-cert.pem", self.pem["ours"] + self.pem["other"] + b"# the same anchors\n")
        self.loaded(1)
        for connection in streams.values():
            self.assertEqual(wire.exchange(connection, wire.request(wire.GET_JOBS))[0], 200)
        replace(self.at.etc / "ca-cert.pem", self.pem["ours"])
        with contextlib.suppress(ConnectionResetError, ssl.SSLError):
            self.assertEqual(streams["other"].sock.recv(1), b"")
        self.assertEqual(wire.exchange(streams["ours"], wire.request(wire.GET_JOBS))[0], 200)
        self.assertRegex(self.at.log_text(), r"IMP-3002 The connection of other\.example\.com .*S2: found")

    def waiting(self, client, server):
        """An `ipm print --wait` whose job is held back."""
        wire.add_printer(self.at, "office", self.at.printed_uri)
        self.at.ipm("printer", "pause", "office")
        document = client.file("page.pdf", PDF)
        process = subprocess.Popen([BIN / "ipm", "print", document, "-d", "office", "--wait", "--server", server.address],
                                   env={**client.env, "PATH": "/usr/bin:/bin"}, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        wait_until(lambda: wire.all_jobs(self.at), "the job is there")
        return process

    def test_B6_a_command_that_waits_ends_when_its_server_is_trusted_no_more(self):
        server = self.server(self.at, MUTUAL)
        client = self.root()
        self.ca.equip_client(client)
        process = self.waiting(client, server)
        replace(client.etc / "ca-cert.pem", self.pem["other"])
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, out + err)
        self.assertIn("IMP-3002", err)
        self.assertIn("S2: found", err)

    def test_S6_a_command_that_waits_takes_up_new_anchors_and_ends_well(self):
        server = self.server(self.at, MUTUAL)
        client = self.root()
        self.ca.equip_client(client)
        process = self.waiting(client, server)
        # The server moves to another CA; its address stays.
        replace(client.etc / "ca-cert.pem", self.pem["ours"] + self.pem["other"])
        server.stop()
        self.other.issue(self.at.etc / "server", "localhost", BOTH, names=("127.0.0.1",))
        replace(self.at.etc / "ca-cert.pem", self.pem["ours"] + self.pem["other"])
        self.at.configure(MUTUAL.replace("127.0.0.1:0", f"127.0.0.1:{server.port}"))
        server.start()
        self.at.ipm("printer", "resume", "office")
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, out + err)
        self.assertEqual(self.at.documents(), [PDF])

    def test_S6_a_broken_store_is_told_to_who_waits_and_the_old_one_stays(self):
        server = self.server(self.at, MUTUAL)
        client = self.root()
        self.ca.equip_client(client)
        process = self.waiting(client, server)
        replace(client.etc / "ca-cert.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n")
        line = process.stderr.readline()
        self.assertIn("IMP-3011", line)
        self.at.ipm("printer", "resume", "office")
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, out + err)

    def test_B6_a_printer_that_is_trusted_no_more_is_asked_nothing_more(self):
        replace(self.at.etc / "ca-cert.pem", self.pem["ours"] + self.pem["other"])
        self.server(self.at, MUTUAL)
        pair = self.other.issue(self.at.path / "printer", "localhost", "serverAuth")
        device = self.device(pair, state=5)  # processing, for ever
        wire.add_printer(self.at, "office", device.uri)
        self.at.ipm("print", self.at.file("page.pdf", PDF), "-d", "office")
        wait_until(lambda: wire.GET_JOB_ATTRIBUTES in device.operations, "the printer is asked about the job")
        replace(self.at.etc / "ca-cert.pem", self.pem["ours"])
        self.loaded(1)

        def state():
            return self.at.ipm("job", "show", "1").out
        wait_until(lambda: "S2: found" in state(), "the job says that its printer is not asked, and why")
        asked = len(device.operations)
        replace(self.at.etc / "ca-cert.pem", self.pem["ours"] + self.pem["other"])
        device.state = 9
        wait_until(lambda: re.search(r"completed", state()), "the job ends when the printer is trusted again")
        self.assertGreater(len(device.operations), asked)


if __name__ == "__main__":
    main()
