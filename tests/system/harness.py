"""What the system tests share: roots of their own, servers in them, commands, certificates.

    class PrintTest(SystemTest):
        def test_it_prints(self):
            root = self.root()
            server = self.server(root)                       # plaintext; ready when it returns
            root.ipm("printer", "add", "office", "--to", root.printed_uri)
            done = root.ipm("print", "-", "-d", "office", "--server", server.address, input=b"text")
            self.assertIn("job 1 on office", done.out)

Nothing sleeps for a fixed time: what takes its time is waited for, with a deadline. Everything lives
in temporary folders and on ports that the kernel chooses, so tests run beside each other. IPM_BIN is
the folder with `ipm` and `ipmd`. What a failing test's servers logged is printed with the failure.
"""

import contextlib
import ipaddress
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

BIN = pathlib.Path(os.environ.get("IPM_BIN", pathlib.Path(__file__).parents[2] / "build/dev/bin"))

# For whole commands and for a server's start: generous, because sanitizers and busy machines are slow.
COMMAND_SECONDS = 60
READY_SECONDS = 60
POLL_SECONDS = 0.02

PLAINTEXT = """\
[server]
name = "localhost"
listen = ["127.0.0.1:0"]
"""

MUTUAL = PLAINTEXT + """\
[encryption]
enabled = true
mutual = true
"""

ONE_SIDED = PLAINTEXT + """\
[encryption]
enabled = true
"""


class Result:
    """How a command ended: `code`, and what it wrote as text (`out`, `err`) and bytes (`raw`)."""

    def __init__(self, argv, code, out, err):
        self.argv = [str(word) for word in argv]
        self.code = code
        self.raw = out
        self.out = out.decode("utf-8", "replace")
        self.err = err.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"$ {' '.join(self.argv)}\nexit {self.code}\n{self.out}{self.err}"


def run(argv, *, env=None, input=b"", timeout=COMMAND_SECONDS, check=True, cwd=None):
    """Runs a command to its end. `check`: True demands exit 0, a number that exit code, None takes any."""
    environment = {**os.environ, "NO_COLOR": "1", **(env or {})}
    words = [word if isinstance(word, bytes) else str(word) for word in argv]
    done = subprocess.run(words, env=environment, input=input, cwd=cwd,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
    result = Result(words, done.returncode, done.stdout, done.stderr)
    wanted = 0 if check is True else check
    if wanted is not None and result.code != wanted:
        raise AssertionError(f"expected exit {wanted}:\n{result}")
    return result


def wait_until(condition, what, seconds=30.0):
    """The first true value of condition(), or a failure that says what did not come."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} seconds")
        time.sleep(POLL_SECONDS)


class Root:
    """A temporary root with the folders of an installation; short, as local sockets' names must be."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="ipm-"))
        self.etc = self.path / "etc/ipm"
        self.log = self.path / "var/log/ipm/error.log"
        self.socket = self.path / "run/ipm/ipmd.sock"
        self.printed = self.path / "printed"
        self.printed_uri = f"file://{self.printed}/"
        # No settings of whoever runs the tests.
        self.env = {"IPM_ROOT": str(self.path), "XDG_CONFIG_HOME": str(self.path / "user")}
        self.etc.mkdir(parents=True)
        self.printed.mkdir()

    def configure(self, text, name="ipmd.toml"):
        """Writes etc/ipm/NAME."""
        (self.etc / name).write_text(text)

    def listen_on_loopback(self):
        """Lets the ipmd.toml that is there, of `ipm tls setup`, listen where a test may."""
        file = self.etc / "ipmd.toml"
        text, count = re.subn(r"(?m)^listen *=.*$", 'listen = ["127.0.0.1:0"]', file.read_text())
        assert count == 1, text
        file.write_text(text)

    def ipm(self, *words, **options):
        """Runs `ipm WORDS…` in this root; options as for run()."""
        return run([BIN / "ipm", *words], env={**self.env, **options.pop("env", {})}, **options)

    def log_text(self):
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def documents(self):
        """The bytes of what arrived in `printed`, in the order of the names."""
        return [path.read_bytes() for path in sorted(self.printed.iterdir())
                if not path.name.startswith(".")]

    def file(self, name, content):
        """A file of the test's own in this root."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Server:
    """An ipmd in a root. It is ready when start() returns, and has ended when stop() does."""

    READY = re.compile(r"ipmd is ready on 127\.0\.0\.1:(\d+)")
    SANITIZER = re.compile(r"^.*(Sanitizer: |runtime error: ).*$", re.M)

    def __init__(self, root, configuration=PLAINTEXT, wrapper=()):
        self.root = root
        self.wrapper = wrapper  # a program that runs ipmd, and its arguments
        self.port = None
        self.process = None
        self.console = root.path / "console"  # what all its runs wrote to the terminal
        if configuration is not None:
            root.configure(configuration)

    @property
    def address(self):
        return f"localhost:{self.port}"

    def start(self, seconds=READY_SECONDS):
        known = len(self.root.log_text())
        with self.console.open("ab") as console:
            self.process = subprocess.Popen([*self.wrapper, str(BIN / "ipmd")], env={**os.environ, **self.root.env},
                                            stdin=subprocess.DEVNULL, stdout=console, stderr=console)

        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"ipmd ended with {self.process.returncode}:\n{self.root.log_text()}")
            return self.READY.search(self.root.log_text(), known)

        self.port = int(wait_until(ready, "ipmd is ready", seconds).group(1))
        return self

    def send_signal(self, number):
        self.process.send_signal(number)

    def console_text(self):
        return self.console.read_text("utf-8", "replace") if self.console.exists() else ""

    def stop(self, number=signal.SIGTERM, seconds=READY_SECONDS):
        """Ends it in order (SIGTERM) or at once (SIGKILL); its exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"ipmd did not end within {seconds} seconds") from None
        report = self.SANITIZER.search(self.console_text())
        if report:
            raise AssertionError(f"a sanitizer's report:\n{self.console_text()[report.start():][:8000]}")
        return code


class Authority:
    """A CA that openssl runs: certificates made by another implementation than the one under test."""

    _CONFIGURATION = ("[ca]\ndefault_ca=default\n[default]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\n"
                      "default_md=sha256\npolicy=any\nunique_subject=no\nemail_in_dn=no\ncrlnumber=crlnumber\n"
                      "[any]\ncommonName=optional\norganizationName=optional\n"
                      "[list]\nauthorityKeyIdentifier=keyid\n")

    def __init__(self, folder, name="Test CA"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate = self.folder / "ca-cert.pem"
        self.key = self.folder / "ca-key.pem"
        new_key(self.key)
        self._openssl("req", "-x509", "-new", "-key", self.key, "-out", self.certificate, "-days", "3650",
                      "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        (self.folder / "index.txt").touch()
        (self.folder / "crlnumber").write_text("1000\n")

    def _openssl(self, *words):
        run(["openssl", *words], cwd=self.folder)

    def issue(self, stem, name, usage, *, names=(), days=(-1, 397), key_usage="digitalSignature",
              san=None, subject=None, key="p256", digest="sha256", lines=()):
        """STEM-cert.pem and STEM-key.pem. `usage`: "serverAuth", "clientAuth", "serverAuth,clientAuth"
        or "" for no extended key usage. `days`: the validity, from and to, counted from now. `san`
        is the whole extension in place of `name` and `names` ("": none), `subject` the whole subject
        in place of `name`; `key` a kind (see new_key) or the file of a key; `lines` more extensions."""
        stem = pathlib.Path(stem)
        stem.parent.mkdir(parents=True, exist_ok=True)
        certificate, key_file = stem.with_name(stem.name + "-cert.pem"), stem.with_name(stem.name + "-key.pem")
        if isinstance(key, pathlib.Path):
            shutil.copy(key, key_file)
        else:
            new_key(key_file, key)
        key_file.chmod(0o600)
        extensions = ["basicConstraints=critical,CA:FALSE"] if not any("basicC" in one for one in lines) else []
        extensions += ["authorityKeyIdentifier=keyid", "subjectKeyIdentifier=hash", *lines]
        if key_usage:
            extensions.append(f"keyUsage=critical,{key_usage}")
        if usage:
            extensions.append(f"extendedKeyUsage={usage}")
        if san is None:
            san = ",".join(_typed(one) for one in [name, *names])
        if san:
            extensions.append(f"subjectAltName={san}")
        self.certify(certificate, key_file, subject or f"/CN={name}", extensions, days, digest)
        return certificate, key_file

    def certify(self, certificate, key, subject, extensions, days, digest="sha256"):
        """Signs exactly this."""
        request = self.folder / "request.pem"
        self._openssl("req", "-new", "-key", key, "-out", request, "-subj", subject)
        # `openssl ca` alone takes both ends of the validity.
        configuration = self.folder / "ca.cnf"
        configuration.write_text(self._CONFIGURATION + "[extensions]\n" + "\n".join(extensions) + "\n")
        start, end = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 86400 * day))
                      for day in days)
        self._openssl("ca", "-batch", "-config", configuration, "-extensions", "extensions", "-notext",
                      "-in", request, "-out", certificate, "-cert", self.certificate, "-keyfile", self.key,
                      "-md", digest, "-startdate", start, "-enddate", end)

    def revoke(self, *certificates):
        """Takes them back; the CRL says so from the next crl() on."""
        for certificate in certificates:
            self._openssl("ca", "-batch", "-config", self.folder / "ca.cnf", "-cert", self.certificate,
                          "-keyfile", self.key, "-revoke", certificate)

    def crl(self, path, days=30):
        """A CRL of all that was revoked, put in place at once."""
        self._openssl("ca", "-config", self.folder / "ca.cnf", "-gencrl", "-crlexts", "list", "-cert", self.certificate,
                      "-keyfile", self.key, "-crldays", str(days), "-out", self.folder / "crl.pem")
        replace(path, (self.folder / "crl.pem").read_bytes())

    def trust_in(self, root):
        """Makes this CA the anchor of a root."""
        shutil.copy(self.certificate, root.etc / "ca-cert.pem")

    def equip_server(self, root, name="localhost", **options):
        """The anchor and the server's identity for mutual authentication in a root."""
        self.trust_in(root)
        options.setdefault("names", ("127.0.0.1",))
        return self.issue(root.etc / "server", name, "serverAuth,clientAuth", **options)

    def equip_client(self, root, name="client.example.com", **options):
        """The anchor and a client's identity in a root."""
        self.trust_in(root)
        return self.issue(root.etc / "client", name, "clientAuth", **options)


KEYS = {"p256": ("EC", "ec_paramgen_curve:P-256"), "rsa2048": ("RSA", "rsa_keygen_bits:2048"),
        "rsa1024": ("RSA", "rsa_keygen_bits:1024")}


def new_key(path, kind="p256"):
    """An unencrypted PEM key that openssl makes."""
    algorithm, option = KEYS[kind]
    run(["openssl", "genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", path])
    os.chmod(path, 0o600)
    return pathlib.Path(path)


def replace(path, content):
    """Puts a file in place at once, as an administrator's tools should."""
    path = pathlib.Path(path)
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    os.rename(new, path)


def _typed(name):
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"


class SystemTest(unittest.TestCase):
    """Roots and servers that go with the test, whatever happens; their logs are shown where it fails."""

    maxDiff = None

    def root(self):
        root = Root()
        self.addCleanup(root.remove)
        return root

    def server(self, root, configuration=PLAINTEXT, wrapper=()):
        server = Server(root, configuration, wrapper)
        self.addCleanup(self._end, server)
        return server.start()

    def authority(self, name="Test CA"):
        folder = tempfile.mkdtemp(prefix="ipm-ca-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        return Authority(folder, name)

    def _end(self, server):
        with contextlib.suppress(ProcessLookupError):
            server.stop()
        if self._failed():
            print(f"\n--- the log of {server.root.path} ({self.id()})\n{server.root.log_text()}", flush=True)

    def _failed(self):
        return not getattr(getattr(self, "_outcome", None), "success", True)


def main():
    unittest.main(verbosity=1)
