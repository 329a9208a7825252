"""ipm print: pipes, files that cannot be printed, names, interruptions, and a client's certificate that ends."""

import os
import signal
import socket
import subprocess
import threading

import harness
from harness import BIN, MUTUAL, PLAINTEXT, Root, Server, SystemTest, run, wait_until


class PrintClientTest(SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.home = Root()
        cls.addClassCleanup(cls.home.remove)
        cls.home.configure("[client]\nencryption = false\n", "ipm.toml")
        cls.one = Server(cls.home, PLAINTEXT)
        cls.addClassCleanup(cls.one.stop)
        cls.one.start()

    def setUp(self):
        self.name = self._testMethodName.replace("test_", "").lower()[:40]
        self.folder = self.home.path / "printed" / self.name
        self.folder.mkdir()
        self.ipm("printer", "add", self.name, "--to", f"file://{self.folder}/")

    def ipm(self, *words, **options):
        return self.home.ipm(*words, **options)

    def shell(self, script, check=0):
        """`ipm` is the program, and $D this test's destination."""
        return run(["bash", "-c", script], check=check,
                   env={**self.home.env, "D": self.name, "PATH": f"{BIN}:{os.environ['PATH']}"})

    def arrived(self):
        return sorted((path.read_bytes() for path in self.folder.iterdir() if not path.name.startswith(".")), key=len)

    def jobs(self):
        return self.ipm("jobs", "-d", self.name, "--all", "--json").json()

    # --- Pipes ------------------------------------------------------------------------------------

    def test_every_byte_of_every_pipe_is_printed(self):
        big = self.home.file("big.bin", os.urandom(700_001))
        small = self.home.file("small.txt", b"small\n")
        other = os.urandom(300_000)
        self.home.file("other.bin", other)
        scripts = {"substitution": f"ipm print <(cat {big}) {small} -d $D --wait",
                   "standard input": f"cat {big} | ipm print - {small} -d $D --wait",
                   "/dev/stdin": f"cat {big} | ipm print /dev/stdin {small} -d $D --wait",
                   "/dev/fd": f"ipm print {small} /dev/fd/5 -d $D --wait 5< <(cat {big})",
                   "/dev/stdin alone": f"cat {small} {big} | ipm print /dev/stdin -d $D --wait",
                   "redirected": f"ipm print /dev/stdin {small} -d $D --wait < {big}"}
        for kind, script in scripts.items():
            self.shell(script)
            printed = self.arrived()
            wanted = [b"small\n" + big.read_bytes()] if kind == "/dev/stdin alone" else [b"small\n", big.read_bytes()]
            self.assertEqual(printed, wanted, kind)
            for path in self.folder.iterdir():
                path.unlink()
        self.shell(f"ipm print <(cat {big}) <(cat {self.home.path}/other.bin) {small} <(echo a) -d $D --wait")
        self.assertEqual(self.arrived(), [b"a\n", b"small\n", other, big.read_bytes()])

    def test_fifos_are_read_one_after_the_other(self):
        """A writer that fills one after the other: none is opened before its turn."""
        contents = [os.urandom(200_000), os.urandom(250_000)]
        fifos = [self.home.path / "fifo-1", self.home.path / "fifo-2"]
        for fifo in fifos:
            os.mkfifo(fifo)

        def fill():
            for fifo, content in zip(fifos, contents):
                fifo.write_bytes(content)

        writer = threading.Thread(target=fill)
        writer.start()
        self.ipm("print", *fifos, "-d", self.name, "--wait")
        writer.join()
        self.assertEqual(self.arrived(), contents)

    def test_a_slow_pipe_is_waited_for(self):
        self.shell("(printf a; sleep 0.3; printf b; sleep 0.3; printf c) | ipm print - -d $D --wait")
        self.assertEqual(self.arrived(), [b"abc"])

    def test_one_pipe_is_not_given_twice(self):
        for script in ("ipm print - - -d $D", "echo a | ipm print - /dev/stdin -d $D",
                       "echo a | ipm print /dev/stdin /dev/fd/0 -d $D"):
            refused = self.shell(script, check=2)
            self.assertIn("is given twice", refused.err)
        self.assertEqual(self.jobs(), [])

    # --- What cannot be printed -------------------------------------------------------------------

    def test_each_reason_has_its_own_mend(self):
        loop = self.home.path / "loop"
        loop.symlink_to(loop)
        for path, code, words, mend in (
                (self.home.file("empty.pdf", b""), 3, "it is empty", "no byte to print"),
                (self.folder, 3, "it is a folder", f"ipm print {self.folder}/*"),
                (loop, 3, "symbolic link", f"ls -l {loop}"),
                (self.home.path / "missing.pdf", 3, "No such file", "check the path")):
            for more in ((), (self.home.file("there.txt", "there"),)):
                refused = self.ipm("print", *more, path, "-d", self.name, check=code)
                self.assertIn(str(path), refused.err)
                self.assertRegex(refused.err.lower(), words.lower())
                self.assertIn(mend, refused.err)
                self.assertNotIn("Check its permissions", refused.err)
        self.assertIn("COMMAND | ipm print -", self.ipm("print", "-", "-d", self.name, check=3).err)
        self.assertEqual(self.jobs(), [])

    def test_an_empty_name_is_a_mistake_and_no_default(self):
        file = self.home.file("a.txt", "a")
        for words in (("print", file, "-d", ""), ("jobs", "-d", ""), ("printer", "delete", ""),
                      ("printer", "pause", ""), ("printer", "default", "")):
            refused = self.ipm(*words, check=2)
            self.assertIn("IMP-7001", refused.err)
            self.assertIn("variable is not set", refused.err)
        self.assertIn(self.name, self.ipm("printer", "list").out)
        self.assertEqual(self.jobs(), [])

    def test_names_of_jobs_are_checked_here(self):
        file = self.home.file("a.txt", "a")
        for title, words in (("n" * 256, "256 bytes"), (b"caf\xe9", "no UTF-8"), ("a\nb", "control characters"), ("", "empty")):
            refused = self.ipm("print", file, "-d", self.name, "--name", title, check=2)
            self.assertIn(words, refused.err)
            self.assertIn("1 to 255 bytes", refused.err)
        self.ipm("print", file, "-d", self.name, "--wait", "--name", "\u00e4" * 127)
        long = self.home.file("\u20ac" * 84 + ".a", "long")
        done = self.ipm("print", long, "-d", self.name, "--wait", "--json").json()
        shown = self.ipm("job", "show", str(done["job-id"]), "--json").json()
        self.assertTrue(shown["job-name"].startswith("\u20ac" * 80), "cut between two letters")

    def test_what_the_server_leaves_out_is_named(self):
        file = self.home.file("a.txt", "a")
        done = self.ipm("print", file, "-d", self.name, "--hold", "-o", "sides=three-sided")
        self.assertIn("left out: sides=three-sided\n", done.out)

    def test_reordering_letters_do_not_reorder_the_list(self):
        title = "invoice\u202efdp.exe\u2066\u2028"
        done = self.ipm("print", self.home.file("a.txt", "a"), "-d", self.name, "--hold", "--name", title, "--json").json()
        for shown in (self.ipm("jobs", "-d", self.name).out, self.ipm("job", "show", str(done["job-id"])).out):
            self.assertIn("invoice fdp.exe", shown)
            for letter in "\u202e\u2066\u2028":
                self.assertNotIn(letter, shown)
        self.assertEqual(self.jobs()[0]["job-name"].strip(), "invoice fdp.exe", "the server keeps blanks in their place")
        self.assertNotIn("\u202e", self.home.log_text())

    # --- Interruptions ----------------------------------------------------------------------------

    def start(self, *words):
        process = subprocess.Popen([str(BIN / "ipm"), "print", *map(str, words), "-d", self.name],
                                   env={**os.environ, **self.home.env}, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, restore_signals=True,
                                   preexec_fn=lambda: [signal.signal(one, signal.SIG_DFL) for one in
                                                       (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)])
        for stream in (process.stdin, process.stdout, process.stderr):
            self.addCleanup(stream.close)
        self.addCleanup(process.kill)
        return process

    def incoming(self):
        return [job for job in self.jobs() if job["number-of-documents"] >= 1]

    def test_what_was_not_sent_whole_is_canceled(self):
        first = self.home.file("first.txt", "first\n")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for sent in (b"", b"%PDF-1.4\n" + b"x" * 60_000):
                process = self.start(first, "-")
                process.stdin.write(sent)
                process.stdin.flush()
                known = {job["job-id"] for job in self.jobs() if job["job-state"] == "canceled"}
                wait_until(lambda: [job for job in self.incoming() if job["job-id"] not in known], "the first file is there")
                process.send_signal(number)
                self.assertEqual(process.wait(harness.COMMAND_SECONDS), -number)
                self.assertRegex(process.stderr.read().decode(), rf"{number.name}: job \d+ was not sent whole and is canceled")
        states = {job["job-state"] for job in self.jobs()}
        self.assertEqual(states, {"canceled"})
        self.assertEqual(self.arrived(), [])

    def test_a_file_that_turns_out_unreadable_cancels_the_job(self):
        first, second = self.home.file("first.txt", "first\n"), self.home.file("second.txt", "second\n")
        process = self.start(first, "-", second)
        wait_until(self.incoming, "the first file is there")
        second.unlink()
        process.stdin.write(b"from the pipe")
        process.stdin.close()
        self.assertEqual(process.wait(harness.COMMAND_SECONDS), 3)
        self.assertEqual([job["job-state"] for job in self.jobs()], ["canceled"])
        self.assertEqual(self.arrived(), [])

    def test_a_farewell_that_nobody_answers_is_bounded(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        relay = Relay(self.one.port)
        self.addCleanup(relay.close)
        process = self.start(self.home.file("first.txt", "first\n"), "-", "--server", f"localhost:{relay.port}")
        wait_until(self.incoming, "the first file is there")
        relay.hold()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), -signal.SIGINT)
        self.assertRegex(process.stderr.read().decode(), r"could not be canceled: ipm job cancel \d+")

    def test_whoever_stops_waiting_is_told_where_the_job_is(self):
        self.ipm("printer", "pause", self.name)
        process = self.start(self.home.file("a.txt", "a"), "--wait")
        line = process.stdout.readline().decode()
        self.assertRegex(line, r"^job \d+ on ", "through a pipe it is told at once")
        wait_until(self.jobs, "the job is there")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(harness.COMMAND_SECONDS), -signal.SIGINT)
        self.assertRegex(process.stderr.read().decode(), r"job \d+ goes on .* ipm job cancel \d+")
        self.assertEqual([job["job-state"] for job in self.jobs()], ["pending"])


class Relay:
    """Between a client and the server until it holds: then connections are taken and nothing passes."""

    def __init__(self, port):
        self.server_port = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.held = False
        self.sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self):
        self.held = True

    def close(self):
        self.listener.close()
        for one in self.sockets:
            one.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.sockets.append(client)
            if self.held:
                continue
            server = socket.create_connection(("127.0.0.1", self.server_port))
            self.sockets.append(server)
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source, sink):
        try:
            while not self.held and (piece := source.recv(65536)):
                sink.sendall(piece)
        except OSError:
            pass


class ExpiryTest(SystemTest):
    """B16: nobody's certificate ends unannounced."""

    def test_a_client_whose_certificate_ends_soon_is_told(self):
        home, ca = self.root(), self.authority()
        ca.equip_server(home)
        server = self.server(home, MUTUAL)
        home.ipm("printer", "add", "office", "--to", home.printed_uri)
        client = self.root()
        for days, told in ((20, True), (60, False)):
            ca.equip_client(client, days=(-1, days))
            file = client.file("a.txt", "a")
            for words in (("print", file, "-d", "office"), ("server", "status")):
                done = client.ipm(*words, "--server", server.address)
                self.assertEqual("IMP-3014" in done.err, told, done)
                if told:
                    self.assertIn("client.example.com, expires on", done.err)
                    self.assertIn("on the machine with the CA: ipm cert renew STEM --force, by the STEM of its files", done.err)
                    self.assertIn(f"in the place of {client.etc}/client-cert.pem and {client.etc}/client-key.pem", done.err)
                known = client.ipm(*words, "--server", server.address, "--json")
                self.assertEqual(known.json()["client-certificate"]["expires-soon"], told)
                self.assertEqual(known.err, "")
        client.configure("[client]\nwarn_days = 90\n", "ipm.toml")
        self.assertIn("IMP-3014", client.ipm("server", "status", "--server", server.address).err)

    def test_where_the_ca_is_on_this_machine_the_advice_is_one_command(self):
        root = self.root()
        root.ipm("tls", "setup", "--mutual", "localhost", "--key", "p256", "--ca-key", "p256")
        root.ipm("cert", "renew", "client", "--days", "10", "--force")
        root.listen_on_loopback()
        server = self.server(root, None)
        status = ("server", "status", "--server", server.address)
        told = root.ipm(*status).err
        self.assertIn("renew it: ipm cert renew client --force\n", told)
        root.ipm(*told.split("renew it: ")[1].split()[1:])
        self.assertNotIn("IMP-3014", root.ipm(*status).err)


if __name__ == "__main__":
    harness.main()
