"""The certificates of a measurement, made by openssl: a CA, a server, a client; P-256 or RSA-2048."""

import subprocess


class Certificates:
    """Files in a folder: ca-cert.pem, server-cert.pem, server-key.pem, client-cert.pem, client-key.pem."""

    def __init__(self, folder, rsa=False):
        self.folder = folder
        self.kind = ("rsa:2048",) if rsa else ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
        # keyEncipherment belongs to RSA keys, and to no others (RFC 8813).
        self.usage = "digitalSignature,keyEncipherment" if rsa else "digitalSignature"
        folder.mkdir(parents=True, exist_ok=True)
        self.authority = folder / "ca-cert.pem"
        self._openssl("req", "-x509", "-new", *self._key("ca"), "-out", self.authority, "-days", "3650",
                      "-subj", "/CN=Bench CA", "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.server = self._issue("server", "localhost", "serverAuth,clientAuth", "DNS:localhost,IP:127.0.0.1")
        self.client = self._issue("client", "client.example.com", "clientAuth", "DNS:client.example.com")

    def _key(self, stem):
        return ("-newkey", *self.kind, "-nodes", "-keyout", self.folder / f"{stem}-key.pem")

    def _issue(self, stem, name, usage, names):
        certificate, key = self.folder / f"{stem}-cert.pem", self.folder / f"{stem}-key.pem"
        request = self.folder / "request.pem"
        extensions = self.folder / "extensions.cnf"
        extensions.write_text(f"basicConstraints=critical,CA:FALSE\nkeyUsage=critical,{self.usage}\n"
                              f"extendedKeyUsage={usage}\nsubjectAltName={names}\n"
                              "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n")
        self._openssl("req", "-new", *self._key(stem), "-out", request, "-subj", f"/CN={name}")
        self._openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey",
                      self.folder / "ca-key.pem", "-days", "397", "-extfile", extensions, "-out", certificate)
        key.chmod(0o600)
        return certificate, key

    def _openssl(self, *words):
        subprocess.run(["openssl", *map(str, words)], check=True, cwd=self.folder, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
