"""ipm cert verify: exit codes, reasons, and what the command line takes (design: the command line)."""

from harness import SystemTest, main, run

SERVER = "keyUsage=digitalSignature\nextendedKeyUsage=serverAuth\n"


class Verify(SystemTest):
    def setUp(self):
        self.place = self.root()
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Site CA", "-days", "3650")
        self.issue("leaf", "ca", "/CN=ipmsrv.example.com",
                   SERVER + "subjectAltName=DNS:alt1.example.com,IP:10.0.0.1\n")

    def openssl(self, *words):
        run(["openssl", *words], cwd=self.place.path)

    def issue(self, name, issuer, subject, extensions):
        self.place.file("extensions", extensions)
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey",
                     f"{issuer}.key", "-CAcreateserial", "-days", "30", "-extfile", "extensions",
                     "-out", f"{name}.pem")

    def intermediate(self):
        self.issue("sub", "ca", "/CN=Sub CA",
                   "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
        self.issue("deep", "sub", "/CN=deep.example.com",
                   SERVER + "subjectAltName=DNS:deep.example.com\n")

    def verify(self, *words, check=True):
        return self.place.ipm("cert", "verify", *words, check=check, cwd=self.place.path)

    def test_valid_is_0_and_shows_the_chain(self):
        done = self.verify("--trust", "ca.pem", "--host", "ipmsrv.example.com", "leaf.pem")
        self.assertIn("valid", done.out)
        self.assertIn("CN = Site CA", done.out)
        self.verify("--trust", "ca.pem", "--ip", "10.0.0.1", "leaf.pem")
        self.verify("--trust", "ca.pem", "--host", "10.0.0.1", "leaf.pem")
        self.verify("--trust", "ca.pem", "leaf.pem")

    def test_invalid_is_1_and_says_why(self):
        done = self.verify("--trust", "ca.pem", "--host", "other.example.com", "leaf.pem", check=1)
        for text in ("invalid", "S11", "found:", "wanted:", "mend:", "other.example.com"):
            self.assertIn(text, done.out)
        self.verify("--trust", "ca.pem", "--purpose", "client", "leaf.pem", check=1)
        self.verify("--trust", "leaf.pem", "ca.pem", check=1)

    def test_strict_takes_no_common_name(self):
        self.verify("--trust", "ca.pem", "--strict", "--host", "ipmsrv.example.com", "leaf.pem", check=1)
        self.verify("--trust", "ca.pem", "--strict", "--ip", "10.0.0.2", "leaf.pem", check=1)

    def test_at_chooses_the_moment(self):
        self.verify("--trust", "ca.pem", "--at", "2001-01-01T00:00:00Z", "leaf.pem", check=1)
        done = self.verify("--trust", "ca.pem", "--at", "2199-01-01T00:00:00.5+01:00", "leaf.pem", check=1)
        self.assertIn("not-after", done.out)

    def test_untrusted_and_depth(self):
        self.intermediate()
        words = ("--trust", "ca.pem", "--host", "deep.example.com")
        done = self.verify(*words, "deep.pem", check=1)
        self.assertIn("S2", done.out)
        self.verify(*words, "--untrusted", "sub.pem", "deep.pem")
        self.verify(*words, "--untrusted", "sub.pem", "--max-depth", "1", "deep.pem")
        done = self.verify(*words, "--untrusted", "sub.pem", "--max-depth", "0", "deep.pem", check=1)
        self.assertIn("depth", done.out)
        both = (self.place.path / "deep.pem").read_text() + (self.place.path / "sub.pem").read_text()
        self.place.file("chain.pem", both)
        self.verify(*words, "chain.pem")
        self.place.file("empty.pem", "")
        self.verify(*words, "--untrusted", "empty.pem", "chain.pem")

    def test_lists(self):
        self.place.file("ca.cnf", "[ca]\ndefault_ca=d\n[d]\ndatabase=index\ncrlnumber=number\n"
                                  "default_md=sha256\ndefault_crl_days=30\ncrl_extensions=e\n"
                                  "[e]\nauthorityKeyIdentifier=keyid\n")
        self.place.file("index", "")
        self.place.file("number", "01\n")
        words = ("ca", "-config", "ca.cnf", "-keyfile", "ca.key", "-cert", "ca.pem")
        self.openssl(*words, "-gencrl", "-out", "crl.pem")
        self.verify("--trust", "ca.pem", "--crl", "crl.pem", "leaf.pem")
        self.openssl(*words, "-revoke", "leaf.pem")
        self.openssl(*words, "-gencrl", "-out", "crl.pem")
        done = self.verify("--trust", "ca.pem", "--crl", "crl.pem", "--json", "leaf.pem", check=1)
        self.assertTrue(done.json()["revoked"])
        self.place.file("empty.pem", "")
        done = self.verify("--trust", "ca.pem", "--crl", "empty.pem", "leaf.pem", check=1)
        self.assertIn("crl-missing", done.out)

    def test_json(self):
        valid = self.verify("--trust", "ca.pem", "--json", "leaf.pem").json()
        self.assertTrue(valid["valid"])
        self.assertEqual(len(valid["chain"]), 2)
        self.assertEqual(valid["findings"], [])
        invalid = self.verify("--trust", "ca.pem", "--json", "--host", "x.example.com", "leaf.pem",
                              check=1).json()
        self.assertFalse(invalid["valid"])
        self.assertEqual(set(invalid["findings"][0]),
                         {"rule", "certificate", "found", "wanted", "mend", "reference"})

    def test_usage_is_2(self):
        self.verify("leaf.pem", check=2)
        self.verify("--trust", "ca.pem", check=2)
        self.verify("--trust", "ca.pem", "--at", "yesterday", "leaf.pem", check=2)
        self.verify("--trust", "ca.pem", "--purpose", "mail", "leaf.pem", check=2)
        self.verify("--trust", "ca.pem", "--max-depth", "-1", "leaf.pem", check=2)
        self.verify("--trust", "ca.pem", "--host", "a.example.com", "--ip", "10.0.0.1", "leaf.pem", check=2)

    def test_what_does_not_parse_is_invalid(self):
        self.place.file("garbage.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        self.place.file("list.pem", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
        self.verify("--trust", "ca.pem", "garbage.pem", check=1)
        self.verify("--trust", "garbage.pem", "leaf.pem", check=1)
        self.verify("--trust", "ca.pem", "--untrusted", "garbage.pem", "leaf.pem", check=1)
        self.verify("--trust", "ca.pem", "--crl", "list.pem", "leaf.pem", check=1)
        self.verify("--trust", "ca.pem", "missing.pem", check=3)


if __name__ == "__main__":
    main()
