"""ipm trust …: Mozilla's store converted, fetched, installed and compared (S3 to S5, S18, B12)."""

import concurrent.futures
import contextlib
import fcntl
import hashlib
import http.server
import pathlib
import re
import ssl
import threading

from harness import SystemTest, main, run

DATA = pathlib.Path(__file__).parents[2] / "data/certdata"
SHARED = pathlib.Path(__file__).parents[4] / "shared/certdata"
DAY = "2026-11-21T12:00:00Z"
SEED = "SERVER_AUTH,CLIENT_AUTH,CRL_SIGN:TRUSTED_DELEGATOR"


def digests(pem):
    """SHA-256 of each certificate of a PEM text, by another implementation."""
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", pem, re.S)
    return [hashlib.sha256(ssl.PEM_cert_to_DER_cert(block)).hexdigest() for block in blocks]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.paths.append(self.path)
        status, headers, body = self.server.replies.get(self.path, (404, {}, b"not here"))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # Clients that refuse our certificate, or break off, are what is tested.


class TrustCommands(SystemTest):
    def web(self, root, replies):
        """An HTTPS server on localhost whose CA is web-ca/ca-cert.pem of the root."""
        ca = self.authority("Web CA")
        certificate, key = ca.issue(root.path / "web", "localhost", "serverAuth")
        server = Quiet(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.replies = replies
        server.paths = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"https://localhost:{server.server_address[1]}", ca.certificate, server

    def test_S4_the_seeds_own_options_give_the_expected_roots(self):
        root = self.root()
        out = root.path / "ca-cert.pem"
        done = root.ipm("trust", "build", "-s", "SHA256", "-t", "-p", SEED, "--at", DAY, "-o", out,
                        DATA / "nss.txt")
        self.assertIn("4 roots", done.out)
        self.assertIn("expired", done.err)
        pem = out.read_text()
        self.assertEqual(len(digests(pem)), 4)
        self.assertIn("SHA256 Fingerprint=", pem)
        self.assertIn("TRUSTED_DELEGATOR: SERVER_AUTH, EMAIL_PROTECTION", pem)
        run(["openssl", "verify", "-CAfile", out, out])

    def test_S4_the_newest_file_gives_the_lists_that_came_with_it(self):
        if not SHARED.exists():
            return  # The project stands alone: the small files say the same.
        root = self.root()
        for options, expected in ((("-p", SEED), "expected-seed.sha256"),
                                  (("-p", SEED, "-t"), "expected-seed.sha256"),
                                  (("--purposes", "SERVER_AUTH", "--levels", "TRUSTED_DELEGATOR"),
                                   "expected-default.sha256")):
            done = root.ipm("trust", "build", "--at", DAY, *options, SHARED / "certdata.txt")
            self.assertEqual(sorted(digests(done.out)), (SHARED / expected).read_text().split())

    def test_S4_all_dialects_and_both_inputs_agree(self):
        root = self.root()
        outputs = [digests(root.ipm("trust", "build", "--at", DAY, DATA / name).out)
                   for name in ("nss.txt", "netscape.txt", "sparse.txt")]
        piped = root.ipm("trust", "build", "--at", DAY, "-", input=(DATA / "nss.txt").read_bytes())
        self.assertEqual(outputs[0], outputs[1])
        self.assertEqual(outputs[0], outputs[2])
        self.assertEqual(outputs[0], digests(piped.out))

    def test_wrong_words_are_usage_errors_and_write_nothing(self):
        root = self.root()
        out = root.path / "out.pem"
        for options in (("-p", "SERVER_AUTH"), ("-p", "A:TRUSTED"), ("-p", ":"), ("-p", "ALL:MAYBE"),
                        ("--purposes", "SERVER_AUTH,,CRL_SIGN"), ("--levels", "x"),
                        ("-p", SEED, "--levels", "ALL"), ("--digest", "md5"), ("-w", "0"),
                        ("-w", "-1"), ("-w", "wide"), ("--at", "tomorrow"), ("--no-such-option",)):
            refused = root.ipm("trust", "build", *options, "-o", out, DATA / "nss.txt", check=2)
            self.assertIn("IMP-7001", refused.err)
        root.ipm("trust", "build", "-o", out, check=2)
        self.assertFalse(out.exists())

    def test_damage_names_its_line_and_leaves_the_old_bundle(self):
        root = self.root()
        out = root.file("out.pem", "as it was")
        text = (DATA / "nss.txt").read_text()
        cut = root.file("cut.txt", text[:20000])
        web_page = root.file("page.txt", "<!DOCTYPE html>\n<title>404</title>")
        empty = root.file("empty.txt", "")
        huge = root.path / "huge.txt"
        with huge.open("wb") as file:
            file.truncate(100 << 20)
        for path in (cut, web_page, empty, huge):
            refused = root.ipm("trust", "build", "--force", "-o", out, path, check=1)
            self.assertRegex(refused.err, r"IMP-2007 .*, line \d+: ")
        missing = root.ipm("trust", "build", "-o", out, root.path / "none.txt", check=3)
        self.assertIn("IMP-7003", missing.err)
        self.assertEqual(out.read_text(), "as it was")

    def test_nothing_is_overwritten_without_force(self):
        root = self.root()
        out = root.file("out.pem", "as it was")
        refused = root.ipm("trust", "build", "-o", out, DATA / "nss.txt", check=1)
        self.assertIn("--force", refused.err)
        self.assertEqual(out.read_text(), "as it was")
        root.ipm("trust", "build", "--force", "-o", out, DATA / "nss.txt")
        root.ipm("trust", "build", "-o", out, DATA / "nss.txt")  # The same again is no overwriting.

    def test_denied_roots_are_left_out_by_option_and_by_configuration(self):
        root = self.root()
        everything = root.ipm("trust", "build", "--at", DAY, "--json", DATA / "nss.txt").json()
        first, second = (entry["sha256"] for entry in everything["roots"][:2])
        listed = root.file("denied.txt", f"# the site's own list\n{first}  # Alpha\n")
        root.configure(f"[trust]\ndeny = ['{second}']\n", "ipm.toml")
        built = root.ipm("trust", "build", "--at", DAY, "--deny", listed, "--json", DATA / "nss.txt").json()
        self.assertEqual({entry["sha256"] for entry in built["denied"]}, {first, second})
        self.assertEqual(len(built["roots"]), len(everything["roots"]) - 2)
        broken = root.file("broken.txt", "\nnot a fingerprint\n")
        refused = root.ipm("trust", "build", "--deny", broken, DATA / "nss.txt", check=1)
        self.assertIn("line 2", refused.err)

    def test_json_says_what_the_bundle_holds(self):
        root = self.root()
        built = root.ipm("trust", "build", "--at", DAY, "--json", DATA / "nss.txt").json()
        self.assertEqual(digests(built["pem"]), [entry["sha256"] for entry in built["roots"]])
        self.assertEqual(built["source_sha256"], hashlib.sha256((DATA / "nss.txt").read_bytes()).hexdigest())
        delta = next(entry for entry in built["roots"] if entry["label"].startswith("Delta"))
        self.assertEqual(delta["server_distrust_after"], "2024-11-30T23:59:59Z")
        self.assertEqual(delta["trust"]["SERVER_AUTH"], "TRUSTED_DELEGATOR")

    def test_S3_an_update_refuses_what_is_implausible(self):
        root = self.root()
        refused = root.ipm("trust", "update", "--file", DATA / "nss.txt", check=1)
        self.assertIn("IMP-2008", refused.err)
        self.assertIn("fewer than 50", refused.err)
        self.assertFalse((root.etc / "ca-cert.pem").exists())

    def installed(self, root):
        root.ipm("trust", "update", "--force", "--file", DATA / "nss.txt")
        return (root.etc / "ca-cert.pem").read_text()

    def test_S5_an_update_installs_records_and_keeps_private_authorities(self):
        root = self.root()
        own = self.authority("Our Print CA")
        root.ipm("trust", "install", own.certificate)
        pem = self.installed(root)
        self.assertIn(digests(own.certificate.read_text())[0], digests(pem))
        shown = root.ipm("trust", "show", "--json").json()
        kinds = {entry["name"]: (entry["public"], entry["servers"], entry["clients"])
                 for entry in shown["anchors"]}
        self.assertEqual(kinds["Our Print CA"], (False, True, True))
        self.assertEqual(kinds["Alpha Root"], (True, True, False))  # S18
        self.assertEqual(shown["age_days"], 0)
        self.assertEqual(shown["source"], "nss.txt")
        self.assertEqual(len(shown["distrusted"]), 2)
        again = root.ipm("trust", "update", "--force", "--file", DATA / "sparse.txt", "--json").json()
        self.assertEqual((again["came"], again["gone"], again["private"]), ([], [], 1))

    def test_S5_the_record_outlives_our_own_installations_and_no_other_change(self):
        root = self.root()
        pem = self.installed(root)
        root.ipm("trust", "install", self.authority("Our Print CA").certificate)
        shown = root.ipm("trust", "show", "--json").json()
        self.assertEqual((shown["source"], shown["age_days"], shown["old"]), ("nss.txt", 0, False))
        (root.etc / "ca-cert.pem").write_text(pem + "\n")
        self.assertNotIn("source", root.ipm("trust", "show", "--json").json())

    def test_S5_a_store_of_private_authorities_is_said_to_be_made_by_hand(self):
        root = self.root()
        root.ipm("trust", "install", self.authority("Our Print CA").certificate)
        self.assertIn("installed by hand, 1 anchor\n", root.ipm("trust", "show").out)

    def test_S13_what_is_secret_in_an_address_is_not_recorded(self):
        root = self.root()
        address, ca, _ = self.web(root, {"/certdata.txt?token=hush": (200, {}, (DATA / "nss.txt").read_bytes())})
        url = address.replace("://", "://user:hush@") + "/certdata.txt?token=hush"
        done = root.ipm("trust", "update", "--force", "--url", url, "--ca", ca)
        self.assertNotIn("hush", done.out + done.err + (root.path / "var/lib/ipm/trust.json").read_text())
        self.assertEqual(root.ipm("trust", "show", "--json").json()["source"], address + "/certdata.txt")

    def test_a_damaged_store_is_not_replaced_silently(self):
        root = self.root()
        damaged = self.installed(root)[:-200]
        (root.etc / "ca-cert.pem").write_text(damaged)
        refused = root.ipm("trust", "update", "--file", DATA / "nss.txt", check=1)
        self.assertIn("IMP-2005", refused.err)
        self.assertEqual((root.etc / "ca-cert.pem").read_text(), damaged)
        self.installed(root)

    def test_S4_the_seeds_raw_certdata_in_place_of_pem_is_told_and_replaced(self):
        root = self.root()
        (root.etc / "ca-cert.pem").write_bytes((DATA / "nss.txt").read_bytes())
        own = self.authority("Our Print CA")
        root.ipm("trust", "install", own.certificate)
        self.assertEqual(len(digests((root.etc / "ca-cert.pem").read_text())), 1)

    def test_B12_S18_roots_are_recognised_without_our_lines(self):
        root = self.root()
        pem = self.installed(root)
        bare = root.file("bare.pem", "".join(line + "\n" for line in pem.splitlines()
                                             if not line.startswith("#")))
        shown = root.ipm("trust", "show", bare, "--json").json()
        self.assertTrue(all(entry["public"] for entry in shown["anchors"]))
        elsewhere = self.root()  # A machine that never saw Mozilla's file knows these test roots not.
        shown = elsewhere.ipm("trust", "show", bare, "--json").json()
        self.assertFalse(any(entry["public"] for entry in shown["anchors"]))

    def test_diff_says_what_came_went_and_changed(self):
        root = self.root()
        before = root.path / "before.pem"
        root.ipm("trust", "build", "-p", "SERVER_AUTH:TRUSTED_DELEGATOR", "--at", DAY, "-o", before,
                 DATA / "nss.txt")
        after = root.path / "after.pem"
        root.ipm("trust", "build", "-p", "EMAIL_PROTECTION:TRUSTED_DELEGATOR", "--at", DAY, "-o",
                 after, DATA / "nss.txt")
        changed = root.ipm("trust", "diff", before, after, "--json").json()
        self.assertEqual([entry["name"] for entry in changed["came"]], ["Beta Mail Root"])
        self.assertEqual(len(changed["gone"]), 2)
        self.assertEqual(changed["kept"], 1)
        told = root.ipm("trust", "diff", before, after).out
        self.assertRegex(told, r"(?m)^\+ .*Beta Mail Root")
        self.assertRegex(told, r"(?m)^- .*Epsilon Root.*not those issued after 2026-04-15")

    def test_S2_install_prints_the_fingerprint_and_adds_once(self):
        root = self.root()
        own = self.authority("Our Print CA")
        other = self.authority("Partner CA")
        done = root.ipm("trust", "install", own.certificate)
        digest = digests(own.certificate.read_text())[0].upper()
        self.assertIn(":".join(digest[i:i + 2] for i in range(0, 64, 2)), done.out)
        self.assertIn("Next: ipm trust show", done.out)
        root.ipm("trust", "install", "--for", "servers", other.certificate)
        pem = (root.etc / "ca-cert.pem").read_text()
        self.assertEqual(len(digests(pem)), 2)
        self.assertIn("stands there already", root.ipm("trust", "install", own.certificate).out)
        self.assertEqual((root.etc / "ca-cert.pem").read_text(), pem)
        anchors = root.ipm("trust", "show", "--json").json()["anchors"]
        self.assertEqual([entry["clients"] for entry in anchors], [True, False])
        run(["openssl", "verify", "-CAfile", root.etc / "ca-cert.pem", own.certificate, other.certificate])

    def test_S5_installations_at_once_are_all_there(self):
        root = self.root()
        authorities = [self.authority(f"CA {number}") for number in range(8)]
        with concurrent.futures.ThreadPoolExecutor(len(authorities) + 1) as at_once:
            update = at_once.submit(self.installed, root)
            installs = [at_once.submit(root.ipm, "trust", "install", one.certificate) for one in authorities]
            for done in (update, *installs):
                done.result()
        pem = (root.etc / "ca-cert.pem").read_text()
        own = [digests(one.certificate.read_text())[0] for one in authorities]
        self.assertEqual(sorted(set(digests(pem)) & set(own)), sorted(own))
        self.assertEqual(len(digests(pem)), len(own) + 3)  # and all of the update's
        run(["openssl", "verify", "-CAfile", root.etc / "ca-cert.pem", *(one.certificate for one in authorities)])

    def test_S4_a_raw_store_is_none_to_which_an_authority_is_added(self):
        root = self.root()
        root.file("etc/ipm/ca-cert.pem", (DATA / "nss.txt").read_text())
        done = root.ipm("ca", "create", "Example Print CA", "--key", "p256")
        self.assertNotIn("the anchors there stay", done.out)
        self.assertEqual((root.etc / "ca-cert.pem").read_bytes(),
                         (root.path / "var/lib/ipm/ca/ca-cert.pem").read_bytes())

    def test_S18_a_machine_is_set_up_beside_the_public_store(self):
        root = self.root()
        store = self.installed(root)
        public = digests(store)
        plan = root.ipm("tls", "setup", "--mutual", "--dry-run", "--key", "p256", "--ca-key", "p256")
        self.assertIn("its certificate the anchor in", plan.out)
        root.ipm("tls", "setup", "localhost", "--mutual", "--key", "p256", "--ca-key", "p256")
        text = (root.etc / "ca-cert.pem").read_text()
        self.assertEqual(digests(text)[:-1], public)
        self.assertEqual(root.ipm("trust", "show", "--json").json()["age_days"], 0)
        # The private CA alone vouches for clients: the server starts, and lets its own in.
        configuration = (root.etc / "ipmd.toml").read_text()
        server = self.server(root, re.sub("listen = .*", 'listen = ["127.0.0.1:0"]', configuration))
        root.ipm("server", "status", "--server", server.address)
        # An authority that is no anchor (any more) becomes one.
        (root.etc / "ca-cert.pem").write_text(store)
        self.assertIn("add its certificate to the anchors",
                      root.ipm("tls", "setup", "--mutual", "--dry-run").out)
        self.assertIn("Added its certificate", root.ipm("tls", "setup", "--mutual").out)
        self.assertEqual(len(digests((root.etc / "ca-cert.pem").read_text())), len(public) + 1)
        self.assertIn("Everything is there already", root.ipm("tls", "setup", "--mutual").out)

    def test_S5_an_installation_waits_its_turn_and_not_for_ever(self):
        root = self.root()
        own = self.authority("Our Print CA")
        holder = open(root.file("var/lib/ipm/.trust.json.lock", ""), "w", encoding="ascii")
        with holder, concurrent.futures.ThreadPoolExecutor(1) as beside:
            fcntl.flock(holder, fcntl.LOCK_EX)
            waiting = beside.submit(root.ipm, "trust", "install", own.certificate)
            with self.assertRaises(concurrent.futures.TimeoutError):
                waiting.result(0.3)
            self.assertFalse((root.etc / "ca-cert.pem").exists())
            fcntl.flock(holder, fcntl.LOCK_UN)
            waiting.result()
        self.assertEqual(len(digests((root.etc / "ca-cert.pem").read_text())), 1)

    def test_install_refuses_what_is_no_authority(self):
        root = self.root()
        own = self.authority("Our Print CA")
        certificate, key = own.issue(root.path / "web", "localhost", "serverAuth")
        self.assertIn("not a CA", root.ipm("trust", "install", certificate, check=1).err)
        self.assertIn("IMP-2005", root.ipm("trust", "install", key, check=1).err)
        raw = root.ipm("trust", "install", root.file("x.pem", "hello"), check=1)
        self.assertIn("IMP-2005", raw.err)
        self.assertEqual(root.ipm("trust", "install", root.path / "none.pem", check=3).code, 3)
        self.assertFalse((root.etc / "ca-cert.pem").exists())

    def test_S4_an_update_is_fetched_over_https(self):
        root = self.root()
        body = (DATA / "nss.txt").read_bytes()
        address, ca, server = self.web(root, {"/certdata.txt": (200, {}, body),
                                              "/moved": (302, {"Location": "/certdata.txt"}, b"")})
        for path in ("/certdata.txt", "/moved"):
            done = root.ipm("trust", "update", "--force", "--url", address + path, "--ca", ca, "--json").json()
            self.assertEqual(done["source"], address + path)
            self.assertEqual(done["source_sha256"], hashlib.sha256(body).hexdigest())
        self.assertEqual(len(digests((root.etc / "ca-cert.pem").read_text())), 3)
        self.assertEqual(server.paths, ["/certdata.txt", "/moved", "/certdata.txt"])

    def test_a_failed_fetch_says_why_and_changes_nothing(self):
        root = self.root()
        before = self.installed(root)
        plain = Quiet(("127.0.0.1", 0), Handler)
        plain.replies, plain.paths = {"/certdata.txt": (200, {}, (DATA / "nss.txt").read_bytes())}, []
        threading.Thread(target=plain.serve_forever, daemon=True).start()
        self.addCleanup(plain.server_close)
        self.addCleanup(plain.shutdown)
        plain_address = f"http://127.0.0.1:{plain.server_address[1]}/certdata.txt"
        address, ca, _ = self.web(root, {
            "/page": (200, {}, b"<html>proxy login</html>"),
            "/down": (302, {"Location": plain_address}, b""),
            "/loop": (302, {"Location": "/loop"}, b""),
            "/huge": (200, {}, b"#\n" * (9 << 20)),
            "/bomb": (200, {"Content-Encoding": "gzip"}, self.bomb())})

        def fetch(path, code, *options):
            return root.ipm("trust", "update", "--force", "--url", address + path, *options, check=code).err

        self.assertIn("404", fetch("/none", 1, "--ca", ca))
        self.assertIn("web page", fetch("/page", 1, "--ca", ca))
        self.assertIn("IMP-2009", fetch("/down", 1, "--ca", ca))
        self.assertIn("IMP-2009", fetch("/loop", 1, "--ca", ca))
        self.assertIn("larger than", fetch("/huge", 1, "--ca", ca))
        self.assertIn("larger than", fetch("/bomb", 1, "--ca", ca))
        self.assertIn("certificate", fetch("/page", 1))  # The system's store does not know this CA.
        refused = root.ipm("trust", "update", "--url", plain_address, check=2).err
        self.assertIn("no HTTPS address", refused)
        self.assertEqual(plain.paths, [])
        self.assertEqual((root.etc / "ca-cert.pem").read_text(), before)

    @staticmethod
    def bomb():
        import gzip
        return gzip.compress(b"#\n" * (20 << 20))

    def test_proxies_are_taken_from_the_environment(self):
        root = self.root()
        refused = root.ipm("trust", "update", "--url", "https://certdata.invalid/x", check=1,
                           env={"https_proxy": "http://127.0.0.1:1"})
        self.assertRegex(refused.err, r"(?i)port 1\b|proxy")


if __name__ == "__main__":
    main()
