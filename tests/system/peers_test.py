"""Real clients at a real server: ipptool's suite, lp, lpstat and cancel over ipp and ipps, curl and
openssl with and without a client certificate (B1)."""

import pathlib
import re

from harness import MUTUAL, ONE_SIDED, PLAINTEXT, SystemTest, main, run, wait_until
import wire

SUITES = pathlib.Path("/usr/share/cups/ipptool")
PDF = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"


class StockClients(SystemTest):
    def clients(self, root):
        """An environment in which CUPS's commands keep to themselves and trust the test's CA."""
        home = root.path / "home"
        home.mkdir()
        configuration = home / "cups"
        configuration.mkdir()
        (configuration / "client.conf").write_text("AllowAnyRoot Yes\nValidateCerts No\nTrustOnFirstUse Yes\n")
        return {"HOME": str(home), "CUPS_SERVERROOT": str(configuration), "TMPDIR": str(home)}

    def started(self, configuration):
        root = self.root()
        if configuration is not PLAINTEXT:
            self.authority().equip_server(root)
        server = self.server(root, configuration)
        wire.add_printer(root, "office", root.printed_uri)
        return root, server

    def suite(self, scheme, configuration):
        root, server = self.started(configuration)
        folder = root.path / "suite"
        folder.mkdir()
        for test in SUITES.glob("*.test"):
            (folder / test.name).symlink_to(test)
        # The suites print sample documents that Debian does not ship.
        for name in set(re.findall(r"FILE +([A-Za-z0-9.-]+)", (SUITES / "ipp-1.1.test").read_text())):
            (folder / name).write_bytes(PDF)
        (folder / "given.pdf").write_bytes(PDF)
        done = run(["ipptool", "-tI", "-f", "given.pdf", f"{scheme}://localhost:{server.port}/ipp/print/office",
                    "ipp-1.1.test"], env=self.clients(root), cwd=folder, timeout=200, check=None)
        summary = re.search(r"Summary: (\d+) tests, (\d+) passed, (\d+) failed", done.out)
        self.assertIsNotNone(summary, str(done))
        self.assertEqual(summary.group(3), "0", str(done))
        self.assertGreaterEqual(int(summary.group(2)), 40, str(done))  # Skipping is no passing.

    def test_B1_the_suite_of_ipp_1_1_over_ipp(self):
        self.suite("ipp", PLAINTEXT)

    def test_B1_the_suite_of_ipp_1_1_over_ipps(self):
        self.suite("ipps", ONE_SIDED)

    def commands(self, configuration):
        root, server = self.started(configuration)
        env = self.clients(root)
        host = ["-h", f"localhost:{server.port}"]
        if configuration is not PLAINTEXT:
            env["CUPS_ENCRYPTION"] = "Always"  # TLS from the first byte, as for ipps
        document = root.file("page.pdf", PDF)
        self.assertIn("office", run(["lpstat", *host, "-p", "-d"], env=env).out)
        self.assertIn("office-1", run(["lp", *host, "-d", "office", document], env=env).out)
        wait_until(root.documents, "the document arrives")
        self.assertEqual(root.documents(), [PDF])
        run(["lp", *host, "-d", "office", "-H", "hold", document], env=env)
        self.assertIn("office-2", run(["lpstat", *host, "-o"], env=env).out)
        run(["cancel", *host, "office-2"], env=env)
        self.assertNotIn("office-2", run(["lpstat", *host, "-o"], env=env).out)
        missing = run(["lp", *host, "-d", "nowhere", document], env=env, check=None)
        self.assertNotEqual(missing.code, 0)
        self.assertEqual(len(root.documents()), 1)

    def test_B1_lp_lpstat_and_cancel_over_ipp(self):
        self.commands(PLAINTEXT)

    def test_B1_lp_lpstat_and_cancel_over_ipps(self):
        self.commands(ONE_SIDED)


class Tools(SystemTest):
    def started(self):
        root = self.root()
        authority = self.authority()
        authority.equip_server(root)
        certificate, key = authority.equip_client(root)
        server = self.server(root, MUTUAL)
        wire.add_printer(root, "office", root.printed_uri)
        return root, server, authority, certificate, key

    def curl(self, root, server, *words, check=True):
        body = root.file("request", wire.request(wire.PRINT_JOB) + PDF)
        return run(["curl", "-sS", "--cacert", root.etc / "ca-cert.pem", "-H", "Content-Type: application/ipp",
                    "--data-binary", f"@{body}", *words, f"https://localhost:{server.port}/ipp/print"], check=check)

    def test_S2_curl_prints_with_a_client_certificate(self):
        root, server, _, certificate, key = self.started()
        for words in ([], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]):
            done = self.curl(root, server, "--cert", certificate, "--key", key, *words)
            self.assertEqual(wire.Reply(done.raw).status, 0)
        wait_until(lambda: len(root.documents()) == 3, "the documents arrive")
        self.assertEqual(root.documents(), [PDF] * 3)

    def test_B4_the_owner_is_the_certificates_name(self):
        root, server, _, certificate, key = self.started()
        context = wire.tls(root.etc / "ca-cert.pem", certificate, key)
        connection = wire.connect(server.port, context=context)
        self.addCleanup(connection.close)
        body = wire.request(wire.PRINT_JOB, user="somebody.else",
                            job=[(wire.KEYWORD, "job-hold-until", "indefinite")])
        job = wire.exchange(connection, body, PDF)[1].first("job-id")
        _, reply = wire.exchange(connection, wire.request(
            wire.GET_JOB_ATTRIBUTES, user="somebody.else", more=[(wire.INTEGER, "job-id", job)]))
        self.assertEqual(reply.first("job-originating-user-name"), "client.example.com")
        self.assertTrue(reply.first("imprimatur-tls-version").startswith("TLSv1."))

    def test_S2_curl_without_a_client_certificate_is_refused_and_logged(self):
        root, server, _, _, _ = self.started()
        done = self.curl(root, server, check=None)
        self.assertNotEqual(done.code, 0)
        wait_until(lambda: "IMP-3003" in root.log_text(), "the refusal is logged")
        self.assertEqual(root.documents(), [])

    def test_openssl_negotiates_tls_1_2_and_1_3_and_nothing_older(self):
        root, server, _, certificate, key = self.started()
        client = ["openssl", "s_client", "-connect", f"localhost:{server.port}", "-CAfile", root.etc / "ca-cert.pem",
                  "-cert", certificate, "-key", key, "-verify_return_error"]
        for version, protocol in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
            done = run([*client, version], input=b"GET / HTTP/1.0\r\n\r\n")
            self.assertIn(protocol, done.out)
            self.assertIn("Verify return code: 0", done.out)
        for version in ("-tls1", "-tls1_1"):
            self.assertNotEqual(run([*client, version], check=None).code, 0, version)

    def test_weak_suites_are_not_offered(self):
        root, server, _, certificate, key = self.started()
        for suite in ("AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256"):
            done = run(["openssl", "s_client", "-connect", f"localhost:{server.port}", "-tls1_2", "-cipher",
                        f"{suite}:@SECLEVEL=0", "-cert", certificate, "-key", key], check=None)
            self.assertNotEqual(done.code, 0, suite)


if __name__ == "__main__":
    main()
