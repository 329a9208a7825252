"""The printing side of `ipm`, driven as a person drives it: each command, and each way that it fails."""

import hashlib
import json
import os
import pty
import select
import socket
import signal
import subprocess
import threading

import harness
from harness import BIN, MUTUAL, ONE_SIDED, PLAINTEXT, Root, Server, SystemTest, run, wait_until

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 40 + b"\n%%EOF\n"


def file_digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


class PlaintextTest(SystemTest):
    """Against one server with encryption off; each test makes destinations of its own."""

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

    def ipm(self, *words, **options):
        return self.home.ipm(*words, **options)

    def add(self, *words):
        self.ipm("printer", "add", self.name, "--to", f"file://{self.folder}/", *words)
        return self.name

    def arrived_paths(self):
        return [path for path in sorted(self.folder.iterdir()) if not path.name.startswith(".")]

    def arrived(self):
        return [path.read_bytes() for path in self.arrived_paths()]

    def print_held(self):
        """A job that stays: its number."""
        done = self.ipm("print", self.home.file("held.pdf", PDF), "-d", self.name, "--hold", "--json")
        return str(done.json()["job-id"])

    def test_a_file_arrives_as_it_was(self):
        self.add("--info", "Office", "--location", "Hall 2")
        file = self.home.file("report.pdf", PDF)
        done = self.ipm("print", file, "-d", self.name, "--server", self.one.address, "--wait")
        self.assertRegex(done.out, rf"^job \d+ on {self.name}: ")
        self.assertRegex(done.out, r"\njob \d+: completed")
        self.assertRegex(done.out, rf"Next: ipm job show \d+ --server {self.one.address}\n$")
        self.assertEqual(done.err, "", "no bar where standard error is no terminal")
        self.assertEqual(self.arrived(), [PDF])

    def test_standard_input_is_printed(self):
        self.add()
        done = self.ipm("print", "-", "-d", self.name, "--wait", "--name", "Notes of today", "--json",
                        input=b"some text\n")
        self.assertEqual(done.json()["job-state"], "completed")
        self.assertEqual(self.arrived(), [b"some text\n"])
        shown = self.ipm("job", "show", str(done.json()["job-id"]), "--json").json()
        self.assertEqual(shown["job-name"], "Notes of today")
        self.assertEqual(shown["document-format-supplied"], "application/octet-stream")

    def test_several_files_are_one_job(self):
        self.add()
        files = [self.home.file(f"part{n}.txt", f"part {n}\n") for n in (1, 2, 3)]
        done = self.ipm("print", *files, "-d", self.name, "--wait", "--json").json()
        self.assertEqual(done["job-state"], "completed")
        self.assertEqual(sorted(self.arrived()), [b"part 1\n", b"part 2\n", b"part 3\n"])
        shown = self.ipm("job", "show", str(done["job-id"]), "--json").json()
        self.assertEqual(shown["number-of-documents"], 3)
        self.assertEqual(shown["job-name"], "part1.txt and 2 more")

    def test_several_files_of_which_one_is_missing_make_no_job(self):
        self.add()
        there = self.home.file("there.txt", "there\n")
        refused = self.ipm("print", there, self.home.path / "missing.txt", "-d", self.name, check=3)
        self.assertIn("missing.txt", refused.err)
        self.assertEqual(self.ipm("jobs", "-d", self.name, "--all", "--json").json(), [])

    def test_options_reach_the_job(self):
        self.add()
        file = self.home.file("report.pdf", PDF)
        done = self.ipm("print", file, "-d", self.name, "--copies", "2", "--priority", "70", "--hold",
                        "-o", "sides=two-sided-long-edge", "-o", "print-quality=high media=iso_a4_210x297mm",
                        "--json").json()
        self.assertEqual(done["job-state"], "pending-held")
        self.assertEqual(done["ignored"], {})
        shown = self.ipm("job", "show", str(done["job-id"]), "--json").json()
        self.assertEqual(shown["copies"], 2)
        self.assertEqual(shown["job-priority"], 70)
        self.assertEqual(shown["sides"], "two-sided-long-edge")
        self.assertEqual(shown["print-quality"], "high")
        self.assertEqual(shown["media"], "iso_a4_210x297mm")
        self.assertEqual(shown["document-format-supplied"], "application/pdf")
        text = self.ipm("job", "show", str(done["job-id"])).out
        self.assertIn("sides=two-sided-long-edge", text)

    def test_unsupported_options_are_told(self):
        self.add()
        file = self.home.file("report.pdf", PDF)
        done = self.ipm("print", file, "-d", self.name, "--hold", "-o", "sides=three-sided")
        self.assertIn("left out: sides=three-sided", done.out)
        refused = self.ipm("print", file, "-d", self.name, "-o", "sides=three-sided",
                           "-o", "ipp-attribute-fidelity=true", check=1)
        self.assertIn("IMP-4012", refused.err)
        self.assertIn("sides=three-sided", refused.err)

    def test_packed_documents_arrive_unpacked(self):
        self.add()
        text = b"the same line again and again\n" * 20000
        for kind in ("gzip", "deflate"):
            self.ipm("print", self.home.file("long.txt", text), "-d", self.name, "--compress", kind, "--wait")
        self.assertEqual(self.arrived(), [text, text])

    def test_jobs_are_listed(self):
        self.add()
        number = self.print_held()
        listed = self.ipm("jobs", "-d", self.name)
        self.assertRegex(listed.out.splitlines()[0], r"^ *JOB +DESTINATION +OWNER +STATE +SIZE +CREATED +NAME$")
        self.assertRegex(listed.out, rf"\n *{number} +{self.name} +\S+ +pending-held +11\.0 KiB")
        self.assertIn("held.pdf", listed.out)
        self.assertEqual([job["job-id"] for job in self.ipm("jobs", "-d", self.name, "--mine", "--json").json()],
                         [int(number)])
        self.assertEqual(self.ipm("jobs", "-d", self.name, "--completed", "--json").json(), [])
        self.ipm("job", "release", number)
        wait_until(lambda: self.ipm("jobs", "-d", self.name, "--completed", "--json").json(), "the job is done")
        self.assertIn("Nothing is queued.", self.ipm("jobs", "-d", self.name).out)
        self.assertIn("completed", self.ipm("jobs", "-d", self.name, "--all").out)

    def test_a_job_is_held_released_and_canceled(self):
        self.add()
        first, second = self.print_held(), self.print_held()
        self.assertIn(f"job {first} is released", self.ipm("job", "release", first).out)
        wait_until(self.arrived, "the released job is printed")
        done = self.ipm("job", "cancel", second)
        self.assertIn(f"job {second} is canceled", done.out)
        self.assertIn("Next: ipm job show", done.out)
        shown = self.ipm("job", "show", second).out
        self.assertRegex(shown, r"state +canceled \(canceled by ")
        self.assertEqual(len(self.arrived()), 1)
        late = self.ipm("job", "cancel", second, check=1)
        self.assertIn("IMP-4007", late.err)

    def test_one_refused_job_does_not_keep_the_others(self):
        self.add()
        number = self.print_held()
        done = self.ipm("job", "cancel", "999999", number, check=3)
        self.assertIn("IMP-4005", done.err)
        self.assertIn(f"job {number} is canceled", done.out)

    def test_a_waiting_client_sees_its_job_canceled(self):
        self.add()
        self.ipm("printer", "pause", self.name)
        process = subprocess.Popen([str(BIN / "ipm"), "print", "-", "-d", self.name, "--wait"],
                                   env={**os.environ, **self.home.env}, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        process.stdin.write(b"never printed\n")
        process.stdin.close()
        jobs = wait_until(lambda: self.ipm("jobs", "-d", self.name, "--json").json(), "the job is there")
        self.ipm("job", "cancel", str(jobs[0]["job-id"]))
        out, err = process.stdout.read(), process.stderr.read()
        self.assertEqual(process.wait(harness.COMMAND_SECONDS), 1, (out, err))
        self.assertIn(b"canceled", out)
        process.stdout.close()
        process.stderr.close()

    def test_job_show_tells_all(self):
        self.add()
        file = self.home.file("report.pdf", PDF)
        self.ipm("print", file, "-d", self.name, "--wait", "--server", self.one.address)
        number = str(self.ipm("jobs", "-d", self.name, "--all", "--json").json()[0]["job-id"])
        text = self.ipm("job", "show", number).out
        self.assertTrue(text.startswith(f"job {number} on {self.name}\n"), text)
        for label, value in (("name", "report.pdf"), ("owner", r"\S+"), ("state", "completed"),
                             ("delivered to", self.name), ("documents", r"1 \(application/pdf\), "),
                             ("created", r"\d{4}-"), ("started", r"\d{4}-"), ("finished", r"\d{4}-")):
            self.assertRegex(text, rf"\n  {label} +{value}")
        self.assertNotIn("certificate", text, "nothing was proven by certificate")
        self.assertEqual(len(self.ipm("job", "show", number, number, "--json").json()), 2)

    def test_a_destination_is_paused_and_resumed(self):
        self.add()
        done = self.ipm("printer", "pause", self.name)
        self.assertIn(f"Next: ipm printer resume {self.name}", done.out)
        self.ipm("print", self.home.file("report.pdf", PDF), "-d", self.name)
        self.assertRegex(self.ipm("printer", "list").out, rf"\n{self.name} +stopped +1 +file://")
        self.assertEqual(self.arrived(), [])
        self.ipm("printer", "resume", self.name)
        wait_until(self.arrived, "the job that waited is printed")

    def test_a_destination_rejects_and_accepts(self):
        self.add()
        file = self.home.file("report.pdf", PDF)
        self.ipm("printer", "reject", self.name)
        refused = self.ipm("print", file, "-d", self.name, check=1)
        self.assertIn("IMP-4010", refused.err)
        self.assertIn("not accepting jobs", self.ipm("printer", "list").out)
        self.ipm("printer", "accept", self.name)
        self.ipm("print", file, "-d", self.name, "--wait")
        self.assertEqual(self.arrived(), [PDF])

    def test_a_destination_is_listed_and_deleted(self):
        self.add("--info", "The office", "--location", "Hall 2")
        listed = {each["printer-name"]: each for each in self.ipm("printer", "list", "--json").json()}
        self.assertEqual(listed[self.name]["printer-location"], "Hall 2")
        self.assertEqual(listed[self.name]["printer-info"], "The office")
        self.assertIn("application/pdf", listed[self.name]["document-format-supported"])
        self.assertIn("Hall 2", self.ipm("printer", "list").out)
        self.ipm("printer", "delete", self.name)
        names = [each["printer-name"] for each in self.ipm("printer", "list", "--json").json()]
        self.assertNotIn(self.name, names)
        self.assertIn("IMP-4004", self.ipm("printer", "delete", self.name, check=3).err)

    def test_a_name_that_is_taken_is_refused(self):
        self.add()
        refused = self.ipm("printer", "add", self.name, "--to", f"file://{self.folder}/", check=1)
        self.assertIn("IMP-4011", refused.err)

    def test_a_device_that_no_driver_knows_is_refused(self):
        for device in ("gopher://printer/", "not a device", "file:///nonexistent/folder/",
                       "ipp://user:secret@printer/ipp/print"):
            refused = self.ipm("printer", "add", self.name, "--to", device, check=1)
            self.assertRegex(refused.err, r"^IMP-\d{4} ", device)
            self.assertIn("to mend:", refused.err)

    def test_unknown_destinations_and_jobs(self):
        file = self.home.file("report.pdf", PDF)
        refused = self.ipm("print", file, "-d", "nowhere", check=3)
        self.assertIn("IMP-4004", refused.err)
        self.assertIn("nowhere", refused.err)
        self.assertIn("ipm printer list", refused.err)
        self.assertIn("IMP-4005", self.ipm("job", "show", "999999", check=3).err)
        self.assertIn("IMP-4004", self.ipm("jobs", "-d", "nowhere", check=3).err)
        told = json.loads(self.ipm("job", "show", "999999", "--json", check=3).err)
        self.assertEqual(told["error"]["number"], "IMP-4005")
        self.assertEqual(told["error"]["exit"], 3)

    def test_files_that_cannot_be_printed(self):
        self.add()
        for path, code, words in ((self.home.path / "missing.pdf", 3, "No such file"),
                                  (self.home.path, 3, "folder"),
                                  (self.home.file("empty.pdf", b""), 3, "empty")):
            refused = self.ipm("print", path, "-d", self.name, check=code)
            self.assertIn(words, refused.err)
            self.assertIn(str(path), refused.err)
        self.assertIn("empty", self.ipm("print", "-", "-d", self.name, check=3).err)
        self.assertIn("twice", self.ipm("print", "-", "-", "-d", self.name, check=2).err)
        self.assertEqual(self.ipm("jobs", "-d", self.name, "--all", "--json").json(), [])

    def test_what_has_no_size_is_printed_to_its_end(self):
        self.add()
        fifo = self.home.path / "fifo"
        os.mkfifo(fifo)
        content = os.urandom(3 << 20)
        writer = threading.Thread(target=fifo.write_bytes, args=(content,))
        writer.start()
        self.ipm("print", fifo, "-d", self.name, "--wait")
        writer.join()
        self.ipm("print", "/proc/sys/kernel/ostype", "-d", self.name, "--wait")
        self.assertEqual(sorted(self.arrived(), key=len), [b"Linux\n", content])

    def test_a_name_that_is_no_text_is_printed_all_the_same(self):
        self.add()
        path = os.fsencode(self.home.path) + b"/caf\xe9 \n.pdf"
        with open(path, "wb") as file:
            file.write(PDF)
        done = self.ipm("print", path, "-d", self.name, "--wait")
        self.assertIn("completed", done.out)
        self.assertEqual(self.arrived(), [PDF])

    def test_wrong_usage(self):
        for words in (["print"], ["print", "x", "--copies", "0"], ["print", "x", "--priority", "101"],
                      ["print", "x", "--compress", "zip"], ["print", "x", "-o", "copies=many"],
                      ["print", "x", "-o", "printer-uri=ipp://elsewhere/"],
                      ["print", "x", "-o", "compression=gzip"], ["job", "show"], ["job", "show", "0"],
                      ["job", "show", "twelve"], ["job"], ["printer", "add", "x"], ["printer", "pause"],
                      ["jobs", "--all", "--completed"], ["jobs", "--limit", "0"], ["server"],
                      ["jobs", "--server", "ipp://host/"], ["jobs", "--server", "host:0"],
                      ["jobs", "--server", "host:99999"], ["jobs", "--server", "fc00::1"],
                      ["jobs", "--server", "user@host"], ["jobs", "--server", "host/path"],
                      ["jobs", "--server", ""]):
            refused = self.ipm(*words, check=2)
            self.assertIn("IMP-7001", refused.err, words)
            self.assertEqual(refused.out, "", words)

    def test_help_asks_nobody(self):
        elsewhere = {"IPM_ROOT": "/nonexistent"}
        for words in (["print"], ["jobs"], ["job", "show"], ["job", "cancel"], ["printer", "add"],
                      ["printer", "list"], ["printer", "accept"], ["server", "status"]):
            shown = run([BIN / "ipm", *words, "--help", "--server", "nowhere.invalid"], env=elsewhere)
            self.assertIn("Examples:", shown.out, words)

    def test_server_status_without_encryption(self):
        self.add()
        local = self.ipm("server", "status")
        self.assertIn("server localhost\n", local.out)
        self.assertRegex(local.out, r"\n  encryption +off")
        self.assertRegex(local.out, r"\n  I am +\S+, proven \(administrator\)")
        remote = self.ipm("server", "status", "--server", self.one.address, "--json").json()
        self.assertEqual(remote["requesting-user-name-proven"], "")
        self.assertFalse(remote["imprimatur-encryption"])
        self.assertFalse(remote["connection"]["encrypted"])

    def test_a_stranger_may_not_administer(self):
        self.add()
        refused = self.ipm("printer", "delete", self.name, "--server", self.one.address, check=1)
        self.assertIn("IMP-4006", refused.err)
        self.assertIn("not proven", refused.err)

    def peak_memory(self, path):
        """Prints a file; the most memory that `ipm` held, in KiB."""
        process = subprocess.Popen([str(BIN / "ipm"), "print", str(path), "-d", self.name, "--server",
                                    self.one.address], stdout=subprocess.DEVNULL,
                                   env={**os.environ, **self.home.env,
                                        "ASAN_OPTIONS": "quarantine_size_mb=1"})
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return used.ru_maxrss

    def test_a_large_file_needs_no_more_memory_than_a_small_one(self):
        self.add()
        path = self.home.path / "large.bin"
        piece = os.urandom(1 << 20)
        with open(path, "wb") as file:
            for _ in range(100):
                file.write(piece)
        self.addCleanup(path.unlink)
        small = self.peak_memory(self.home.file("small.bin", b"small"))
        large = self.peak_memory(path)
        self.assertLess(large - small, 16 << 10, "KiB more for 100 MiB")
        wait_until(lambda: len(self.arrived_paths()) == 2, "both documents arrive", 120)
        self.assertIn(file_digest(path), map(file_digest, self.arrived_paths()))

    def test_a_large_file_on_a_terminal_has_a_bar(self):
        self.add()
        path = self.home.file("bar.bin", b"x" * (6 << 20))
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        process = subprocess.Popen([str(BIN / "ipm"), "print", str(path), "-d", self.name],
                                   env={**os.environ, **self.home.env}, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        shown = b""
        while select.select([master], [], [], harness.COMMAND_SECONDS)[0]:
            try:
                piece = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
        self.assertEqual(process.wait(harness.COMMAND_SECONDS), 0, shown)
        self.assertIn(b"bar.bin  [", shown)
        self.assertIn(b"100 %  6.0 MiB of 6.0 MiB", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-40:])


class WhereToTest(SystemTest):
    """Which server a command talks to, and what it says when there is none."""

    def test_no_server_at_all(self):
        root = self.root()
        refused = root.ipm("jobs", check=1)
        self.assertIn("no server is named", refused.err)
        self.assertIn("--server", refused.err)

    def test_a_server_that_does_not_run(self):
        root = self.root()
        root.configure("[client]\nencryption = false\n", "ipm.toml")
        with socket.socket() as reserved:  # bound and not listening: refused for sure
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
            refused = root.ipm("jobs", "--server", f"127.0.0.1:{port}", check=1)
        self.assertIn("IMP-3006", refused.err)
        self.assertIn(f"127.0.0.1:{port}", refused.err)
        self.assertIn("to mend:", refused.err)

    def test_a_socket_that_nobody_answers_on(self):
        root = self.root()
        server = self.server(root)
        server.stop(signal.SIGKILL)
        self.assertTrue(root.socket.exists())
        refused = root.ipm("printer", "list", check=1)
        self.assertIn("IMP-3006", refused.err)

    def test_a_name_that_does_not_resolve(self):
        root = self.root()
        root.configure("[client]\nencryption = false\n", "ipm.toml")
        refused = root.ipm("jobs", "--server", "nowhere.invalid", check=1)
        self.assertIn("nowhere.invalid", refused.err)

    def test_what_answers_is_no_print_server(self):
        root = self.root()
        root.configure("[client]\nencryption = false\n", "ipm.toml")
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def babble():
            client, _ = listener.accept()
            with client:
                client.recv(65536)
                client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")

        thread = threading.Thread(target=babble)
        thread.start()
        refused = root.ipm("jobs", "--server", f"127.0.0.1:{listener.getsockname()[1]}", check=1)
        thread.join()
        self.assertIn("IMP-3007", refused.err)

    def test_the_configured_server_and_destination_are_used(self):
        server_root = self.root()
        server = self.server(server_root)
        server_root.ipm("printer", "add", "first", "--to", server_root.printed_uri)
        server_root.ipm("printer", "add", "second", "--to", server_root.printed_uri)
        root = self.root()
        root.configure(f'[client]\nserver = "{server.address}"\nencryption = false\ndestination = "second"\n',
                       "ipm.toml")
        done = root.ipm("print", root.file("report.pdf", PDF), "--wait")
        self.assertIn("on second:", done.out)
        self.assertIn("Next: ipm job show 1\n", done.out)
        self.assertEqual(server_root.documents(), [PDF])
        without = self.root()
        without.configure(f'[client]\nserver = "{server.address}"\nencryption = false\n', "ipm.toml")
        done = without.ipm("print", without.file("report.pdf", PDF), "--wait")
        self.assertIn("on first:", done.out, "the server's default destination")

    def test_a_wrong_configuration_is_told(self):
        root = self.root()
        for text in ('[client]\nserver = "a b"\n', "[client]\nserver = 5\n", "[client]\nsrever = \"x\"\n",
                     "[client\n"):
            root.configure(text, "ipm.toml")
            refused = root.ipm("jobs", check=1)
            self.assertIn("IMP-7002", refused.err, text)
            self.assertIn("ipm.toml", refused.err, text)

    def test_a_server_that_restarts_is_waited_for(self):
        root = self.root()
        server = self.server(root)
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        root.ipm("printer", "pause", "office")
        process = subprocess.Popen([str(BIN / "ipm"), "print", str(root.file("report.pdf", PDF)), "--wait"],
                                   env={**os.environ, **root.env}, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        wait_until(lambda: root.ipm("jobs", "--json").json(), "the job is there")
        server.stop()
        server.start()
        root.ipm("printer", "resume", "office")
        self.assertEqual(process.wait(harness.COMMAND_SECONDS), 0, process.stdout.read())
        self.assertEqual(root.documents(), [PDF])


class MutualTest(SystemTest):
    """Under mutual TLS, with certificates that openssl made."""

    @classmethod
    def setUpClass(cls):
        cls.home = Root()
        cls.addClassCleanup(cls.home.remove)
        cls.ca = harness.Authority(cls.home.path / "ca")
        cls.ca.equip_server(cls.home)
        cls.one = Server(cls.home, MUTUAL + '[access]\nadministrators = ["admin.example.com"]\n')
        cls.addClassCleanup(cls.one.stop)
        cls.one.start()
        cls.home.ipm("printer", "add", "office", "--to", cls.home.printed_uri)

    def client(self, name="client.example.com", **options):
        root = self.root()
        self.ca.equip_client(root, name, **options)
        return root

    def jobs(self, root, *words, check=True):
        return root.ipm("jobs", "--server", self.one.address, *words, check=check)

    def refused(self, root, *parts):
        """Every command is refused, in words."""
        done = self.jobs(root, check=1)
        for part in parts:
            self.assertIn(part, done.err)
        self.assertIn("to mend:", done.err)
        return done.err

    def test_a_print_and_who_printed(self):
        root = self.client()
        done = root.ipm("print", root.file("report.pdf", PDF), "-d", "office", "--server", self.one.address,
                        "--wait", "--json").json()
        self.assertEqual(done["job-state"], "completed")
        shown = root.ipm("job", "show", str(done["job-id"]), "--server", self.one.address, "--json").json()
        fingerprint = run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in",
                           root.etc / "client-cert.pem"]).out.strip().split("=")[1]
        self.assertEqual(shown["job-originating-user-name"], "client.example.com")
        self.assertEqual(shown["imprimatur-owner-certificate"].replace(":", "").upper(),
                         fingerprint.replace(":", ""))
        self.assertEqual(shown["imprimatur-tls-version"], "TLSv1.3")
        text = root.ipm("job", "show", str(done["job-id"]), "--server", self.one.address).out
        self.assertRegex(text, r"\n  certificate +SHA-256 \S+\n")
        self.assertRegex(text, r"\n  sent over +TLSv1\.3\n")
        self.assertIn(PDF, self.home.documents())

    def test_server_status(self):
        root = self.client()
        text = root.ipm("server", "status", "--server", self.one.address).out
        for label, value in (("version", r"\d"), ("encryption", "on, mutual"), ("certificate", "localhost"),
                             ("fingerprint", "SHA-256 "), ("expires", r".* GMT \(in 39\d days\)"),
                             ("reached at", rf"{self.one.address}, TLSv1\.3 \("),
                             ("I am", r"client\.example\.com, proven \(user\)"), ("destinations", "1")):
            self.assertRegex(text, rf"\n  {label} +{value}")
        status = root.ipm("server", "status", "--server", self.one.address, "--json").json()
        self.assertEqual(status["connection"]["protocol"], "TLSv1.3")
        self.assertTrue(390 <= status["imprimatur-certificate-days-left"] <= 397)

    def test_another_owners_job_is_left_alone(self):
        owner, other = self.client(), self.client("other.example.com")
        admin = self.client("admin.example.com")
        held = owner.ipm("print", owner.file("secret.pdf", PDF), "-d", "office", "--hold", "--json",
                         "--server", self.one.address).json()
        number = str(held["job-id"])
        for verb in ("cancel", "hold", "release"):
            refused = other.ipm("job", verb, number, "--server", self.one.address, check=1)
            self.assertIn("IMP-4006", refused.err)
        shown = other.ipm("job", "show", number, "--server", self.one.address).out
        self.assertNotIn("secret.pdf", shown)
        self.assertNotIn("certificate", shown)
        self.assertIn("secret.pdf", admin.ipm("job", "show", number, "--server", self.one.address).out)
        self.assertIn("is canceled", admin.ipm("job", "cancel", number, "--server", self.one.address).out)

    def test_an_administrators_certificate_administers(self):
        admin, user = self.client("admin.example.com"), self.client()
        words = ("printer", "add", "attic", "--to", self.home.printed_uri, "--server", self.one.address)
        self.assertIn("IMP-4006", user.ipm(*words, check=1).err)
        self.assertIn(f"--server {self.one.address}", admin.ipm(*words).out)
        admin.ipm("printer", "delete", "attic", "--server", self.one.address)

    def test_no_client_certificate(self):
        root = self.root()
        self.ca.trust_in(root)
        self.refused(root, "IMP-3003", "client certificate", "ipm cert issue client")

    def test_no_client_certificate_with_a_document(self):
        root = self.root()
        self.ca.trust_in(root)
        done = root.ipm("print", root.file("large.bin", b"x" * (20 << 20)), "-d", "office", "--server",
                        self.one.address, check=1)
        self.assertIn("IMP-3003", done.err)

    def test_a_client_certificate_of_another_ca(self):
        stranger = self.authority("Stranger CA")
        root = self.root()
        stranger.equip_client(root)
        self.ca.trust_in(root)
        words = self.refused(root, "IMP-3002", "client.example.com")
        self.assertRegex(words, r"no CA that it trusts has signed it \(S2\)")

    def test_a_server_of_another_ca(self):
        stranger = self.authority("Stranger CA")
        root = self.root()
        self.ca.equip_client(root)
        stranger.trust_in(root)
        self.refused(root, "IMP-3002", "localhost")

    def test_an_expired_client_certificate(self):
        words = self.refused(self.client(days=(-20, -10)), "expired on", "client-cert.pem")
        self.assertRegex(words, r"IMP-10(05|10)")

    def test_a_client_certificate_that_is_not_valid_yet(self):
        self.refused(self.client(days=(5, 50)), "client-cert.pem")

    def test_a_servers_certificate_at_a_client(self):
        root = self.root()
        self.ca.trust_in(root)
        self.ca.issue(root.etc / "client", "client.example.com", "serverAuth")
        self.refused(root, "S8")

    def test_a_key_of_another_certificate(self):
        root = self.client()
        self.ca.issue(root.path / "other", "client.example.com", "clientAuth")
        (root.path / "other-key.pem").replace(root.etc / "client-key.pem")
        self.refused(root, "IMP-1002", "S12")

    def test_a_wrong_host_name(self):
        root = self.client()
        wrong = self.root()
        self.ca.equip_server(wrong, "other.example.com", names=())
        server = self.server(wrong, MUTUAL.replace('"localhost"', '"other.example.com"'))
        done = root.ipm("jobs", "--server", server.address, check=1)
        self.assertIn("IMP-3002", done.err)
        self.assertIn("other.example.com", done.err)
        self.assertIn("localhost", done.err)

    def test_an_address_is_a_name_too(self):
        root = self.client()
        root.ipm("jobs", "--server", f"127.0.0.1:{self.one.port}")

    def test_no_anchors(self):
        root = self.root()
        refused = root.ipm("jobs", "--server", self.one.address, check=3)
        self.assertIn("ca-cert.pem", refused.err)
        self.assertIn("ipm trust install", refused.err)

    def test_plaintext_is_refused_with_the_reason(self):
        root = self.root()
        root.configure("[client]\nencryption = false\n", "ipm.toml")
        refused = root.ipm("jobs", "--server", self.one.address, check=1)
        self.assertRegex(refused.err, r"^IMP-3001 the server answered 426: .*not encrypted \(S17\)\n")
        self.assertRegex(refused.err, r"\n  to mend:  leave out encryption = false .*ipm\.toml")
        wait_until(lambda: "IMP-3001" in self.home.log_text(), "the log names the plaintext client (S17)")

    def test_tls_at_a_server_without(self):
        plain = self.root()
        server = self.server(plain)
        refused = self.client().ipm("jobs", "--server", server.address, check=1)
        self.assertIn("IMP-3004", refused.err)
        self.assertIn("to mend:", refused.err)


class SetupTest(SystemTest):
    """From nothing to a document printed under mutual TLS, with the commands that a user types."""

    def test_setup_serve_print(self):
        root = self.root()
        root.ipm("tls", "setup", "--mutual", "localhost")
        root.listen_on_loopback()
        server = self.server(root, None)
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        done = root.ipm("print", root.file("sample.pdf", PDF), "-d", "office", "--server", server.address,
                        "--wait")
        self.assertIn("job 1: completed", done.out)
        self.assertEqual(root.documents(), [PDF])
        shown = root.ipm("job", "show", "1").out
        fingerprint = run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in",
                           root.etc / "client-cert.pem"]).out.strip().split("=")[1]
        self.assertIn(fingerprint, shown)
        self.assertIn("TLSv1.3", shown)


class OneSidedTest(SystemTest):
    """Encryption on, mutual authentication off: a client needs the anchor alone."""

    def test_a_client_without_certificate_prints(self):
        root = self.root()
        ca = self.authority()
        ca.equip_server(root)
        server = self.server(root, ONE_SIDED)
        root.ipm("printer", "add", "office", "--to", root.printed_uri)
        client = self.root()
        ca.trust_in(client)
        client.ipm("print", client.file("report.pdf", PDF), "--server", server.address, "--wait")
        self.assertEqual(root.documents(), [PDF])
        status = client.ipm("server", "status", "--server", server.address, "--json").json()
        self.assertTrue(status["imprimatur-encryption"])
        self.assertEqual(status["requesting-user-name-proven"], "")


if __name__ == "__main__":
    harness.main()
