"""A machine in trouble: configurations that are wrong, places that are taken or cannot be written, a full disk.
Each ends in one clear message or the right status; nothing is half done, and nothing acknowledged is lost."""

import contextlib
import ctypes
import os
import resource
import socket

from harness import BIN, MUTUAL, PLAINTEXT, SystemTest, main, run, wait_until
import wire


class ConfigurationsAtTheStart(SystemTest):
    """One message that names the file and the line, what is wanted and what to do; nothing is started."""

    LISTEN = '[server]\nlisten = ["127.0.0.1:0"]\n'  # two lines

    TABLE = {
        "no TOML": (b"[server\nname = 1\n", 1),
        "no value": (b"[server]\nname =\n", 2),
        "no quotes": (b"[server]\nname = ipmsrv.example.com\n", 2),
        "an open text": (b"[server]\nname = \"ipmsrv\n", 2),
        "a key twice": (b"[server]\nname = \"a\"\nname = \"b\"\n", 3),
        "a section twice": (b"[server]\nname = \"a\"\n[server]\n", 3),
        "an unknown key": (b"[server]\nnmae = \"a\"\n", 2, "server.name"),
        "an unknown section": (b"[server]\nname = \"a\"\n\n[encyption]\nenabled = true\n", 4, "encryption"),
        "a key without its section": (b"enabled = true\n", 1),
        "a section as a text": (b"server = \"a\"\n", 1),
        "a number for a text": (b"[server]\nname = 7\n", 2, "text"),
        "a text for a list": (b"[server]\nlisten = \"[::]:631\"\n", 2, "list"),
        "a number in a list": (b"[server]\nlisten = [631]\n", 2),
        "an empty list": (b"[server]\nlisten = []\n", 2),
        "a text for a switch": (b"[encryption]\nenabled = \"yes\"\n", 2, "true or false"),
        "a number for a switch": (b"[encryption]\nenabled = 1\n", 2, "true or false"),
        "mutual alone": (b"[encryption]\nmutual = true\n", 2, "enabled = true"),
        "mutual against it": (b"[encryption]\nenabled = false\nmutual = true\n", 3, "enabled = true"),
        "a certificate alone": (b"[encryption]\nenabled = true\ncertificate = \"a.pem\"\n", 3, "together"),
        "a dial key alone": (b"[encryption]\nenabled = true\ndial_key = \"a.pem\"\n", 3, "together"),
        "an empty path": (b"[encryption]\nenabled = true\nca = \"\"\n", 3, "path"),
        "warn_days of none": (b"[encryption]\nwarn_days = 0\n", 2, "from 1 to 3650"),
        "warn_days below": (b"[encryption]\nwarn_days = -31\n", 2, "from 1 to 3650"),
        "warn_days beyond": (b"[encryption]\nwarn_days = 99999999999\n", 2, "from 1 to 3650"),
        "warn_days in parts": (b"[encryption]\nwarn_days = 31.5\n", 2, "whole number"),
        "a number beyond 64 bits": (b"[encryption]\nwarn_days = 99999999999999999999\n", 2),
        "an answer that is none": (b"[encryption]\npublic_ca_clients = \"maybe\"\n", 2, '"allow" or "refuse"'),
        "a negative limit": (b"[limits]\nconnections = -1\n", 2),
        "no UTF-8": (b"[server]\nname = \"\xff\xfe\"\n", 2),
        "a NUL": (b"[server]\nname = \"a\0b\"\n", 2),
        "binary": (bytes(range(256)), 1),
    }

    def refused(self, root, *words):
        ended = run([BIN / "ipmd", *words], env=root.env, check=1)
        self.assertEqual(ended.out, "")
        self.assertRegex(ended.err, r"^IMP-\d{4} [^\n]+\n  expected: [^\n]+\n  to mend:  [^\n]+\n\n?$")
        for left in (root.socket, root.path / "var/lib/ipm/spool.db"):
            self.assertFalse(left.exists(), f"{left} is left of a server that did not start")
        return ended.err

    def test_each_mistake_by_its_line(self):
        root = self.root()
        for what, (text, line, *words) in self.TABLE.items():
            with self.subTest(what):
                (root.etc / "ipmd.toml").write_bytes(text)
                told = self.refused(root)
                self.assertTrue(told.startswith("IMP-7002 "), told)
                for part in (f"{root.etc}/ipmd.toml, line {line}:", *words):
                    self.assertIn(part, told)
                self.assertEqual(self.refused(root, "--check"), told)

    def test_values_that_only_their_use_shows_to_be_wrong(self):
        root = self.root()
        self.authority().equip_server(root)
        for what, text, number, words in (
                ("an address", '[server]\nlisten = ["printing"]\n', "IMP-3010", "ADDRESS:PORT"),
                ("a port", '[server]\nlisten = ["127.0.0.1:65536"]\n', "IMP-3010", "ADDRESS:PORT"),
                ("IPv6 without brackets", '[server]\nlisten = ["::1:631"]\n', "IMP-3010", "brackets"),
                ("another machine's address", '[server]\nlisten = ["192.0.2.1:0"]\n', "IMP-3010", "192.0.2.1"),
                ("the second of two", '[server]\nlisten = ["127.0.0.1:0", "nonsense"]\n', "IMP-3010", "nonsense"),
                ("a rule", MUTUAL + 'relaxed = ["no-such-rule"]\n', "IMP-7002", "no-such-rule"),
                ("a fingerprint", MUTUAL + '[trust]\ndeny = ["abc"]\n', "IMP-7002", "abc")):
            with self.subTest(what):
                root.configure(text)
                ended = run([BIN / "ipmd"], env=root.env, check=1)
                self.assertEqual(ended.err.count("IMP-"), 1, ended.err)
                self.assertIn(number, ended.err)
                self.assertIn(words, ended.err)
                self.assertFalse(root.socket.exists())

    def test_a_configuration_that_is_no_file(self):
        root = self.root()
        (root.etc / "ipmd.toml").mkdir()
        self.assertIn("ipmd.toml", self.refused(root))
        (root.etc / "ipmd.toml").rmdir()
        with (root.etc / "ipmd.toml").open("wb") as file:
            file.truncate(1 << 30)
        self.assertIn("IMP-7007", self.refused(root))

    def test_wrong_words_on_the_command_line(self):
        for words in (["--chekc"], ["start"], ["--root"]):
            with self.subTest(words):
                done = run([BIN / "ipmd", *words], env=self.root().env, check=2)
                self.assertIn("IMP-7001", done.err)


class PlacesAtTheStart(SystemTest):
    def refused(self, root, number, *words):
        ended = run([BIN / "ipmd"], env=root.env, check=1)
        self.assertRegex(ended.err, rf"^{number} [^\n]+\n  expected: [^\n]+\n  to mend:  [^\n]+\n\n?$")
        for part in words:
            self.assertIn(part, ended.err)

    def test_a_port_that_is_taken(self):
        root = self.root()
        with socket.create_server(("127.0.0.1", 0)) as other:
            address = "127.0.0.1:%d" % other.getsockname()[1]
            root.configure(f'[server]\nlisten = ["{address}"]\n')
            self.refused(root, "IMP-3010", f"cannot listen on {address}", "in use", "ss -ltnp")
        self.assertFalse(root.socket.exists())
        self.assertIn("IMP-3010", root.log_text())
        self.server(root, PLAINTEXT)  # Nothing stands in the way afterwards.

    def test_a_second_ipmd_leaves_the_first_alone(self):
        root = self.root()
        first = self.server(root, PLAINTEXT)
        self.refused(root, "IMP-7011", "fuser")
        wire.add_printer(root, "office", root.printed_uri)  # over the local socket
        with contextlib.closing(wire.connect(first.port)) as connection:
            status, reply = wire.exchange(connection, wire.request(wire.PRINT_JOB), b"text")
        self.assertEqual((status, reply.status), (200, 0))
        self.assertEqual(first.stop(), 0)

    def test_what_an_earlier_server_left_behind(self):
        root = self.root()
        server = self.server(root, PLAINTEXT)
        server.stop(9)
        self.assertTrue(root.socket.exists())
        server.start()
        wire.add_printer(root, "office", root.printed_uri)
        self.assertEqual(server.stop(), 0)
        self.assertFalse(root.socket.exists())

    def test_folders_that_are_none(self):
        for place, number in (("var/lib", "IMP-5001"), ("var/lib/ipm", "IMP-5001"),
                              ("var/lib/ipm/documents", "IMP-5001"), ("var/log/ipm", "IMP-7005"),
                              ("run/ipm", "IMP-7005"), ("run/ipm/ipmd.sock", "IMP-3010")):
            with self.subTest(place):
                root = self.root()
                root.configure(PLAINTEXT)
                root.file(place, b"in the way")
                self.refused(root, number, place)
                self.assertEqual((root.path / place).read_bytes(), b"in the way")

    def test_folders_that_may_not_be_written(self):
        """As another user than root, whom no mode stops."""
        for place, number in (("var/lib/ipm", "IMP-5001"), ("var/log/ipm", "IMP-7005")):
            with self.subTest(place):
                root = self.root()
                root.configure(PLAINTEXT)
                (root.path / place).mkdir(parents=True)
                (root.path / "run/ipm").mkdir(parents=True)
                (root.path / "var/log/ipm").mkdir(parents=True, exist_ok=True)
                os.chmod(root.path, 0o755)
                if os.geteuid() == 0:
                    for folder, _, files in os.walk(root.path):
                        for name in (folder, *(os.path.join(folder, file) for file in files)):
                            os.chown(name, 65534, 65534)
                os.chmod(root.path / place, 0o555)
                wrapper = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
                done = run([*wrapper, BIN / "ipmd"], env=root.env, check=1)
                self.assertIn(number, done.err)
                self.assertIn(place, done.err)
                self.assertIn("Permission denied", done.err)
                os.chmod(root.path / place, 0o755)

    def test_a_spool_that_is_none(self):
        root = self.root()
        root.configure(PLAINTEXT)
        spool = root.file("var/lib/ipm/spool.db", os.urandom(100_000))
        before = spool.read_bytes()
        self.refused(root, "IMP-500[13]", "spool.db")
        self.assertEqual(spool.read_bytes(), before)


class FullDisk(SystemTest):
    """Two ways of having no space: files that may not grow (anybody can do that), and a small file
    system where the test may mount one."""

    LARGE = 3_000_000

    def prints(self, server, document):
        """The job's number, or None where the server would not take it (and said so in IPP)."""
        with contextlib.closing(wire.connect(server.port)) as connection:
            status, reply = wire.exchange(connection, wire.request(wire.PRINT_JOB), document)
        self.assertEqual(status, 200, reply)
        if reply.status == 0:
            return reply.first("job-id")
        self.assertEqual(reply.status, 0x0502, reply.first("status-message"))  # service unavailable: try again
        self.assertRegex(reply.first("status-message"), "IMP-500[27]")
        return None

    def story(self, root, server, give_space):
        wire.add_printer(root, "office", root.printed_uri)
        taken = {self.prints(server, b"before"): b"before"}
        self.assertIsNone(self.prints(server, b"x" * self.LARGE), "there is no space for it")
        self.assertIn("IMP-5002", root.log_text())
        self.assertFalse(any((root.path / "var/lib/ipm/documents").iterdir()), "half a document is left")
        number = 0
        while True:  # until the database itself is full
            number += 1
            document = b"%d " % number + b"y" * 2_000
            job = self.prints(server, document)
            if job is None:
                break
            taken[job] = document
            self.assertLess(number, 5_000, "the disk does not fill")
        with contextlib.closing(wire.connect(server.port)) as connection:
            self.assertEqual(wire.exchange(connection, wire.request(wire.GET_JOBS))[1].status, 0, "it still answers")
        give_space()
        last = wait_until(lambda: self.prints(server, b"after"), "it takes jobs again")
        taken[last] = b"after"
        large = self.prints(server, b"x" * self.LARGE)
        taken[large] = b"x" * self.LARGE

        def arrived():
            return {int(path.name.split("-")[1]): path.read_bytes() for path in root.printed.iterdir()
                    if not path.name.startswith(".")}
        wait_until(lambda: taken.keys() <= arrived().keys(), "all that was acknowledged arrives", 60)
        self.assertEqual({job: data for job, data in arrived().items()}, taken, "and nothing else")
        self.assertEqual(server.stop(), 0)
        server.start()
        self.assertEqual(server.stop(), 0)

    def test_files_that_may_not_grow(self):
        root = self.root()
        server = self.server(root, PLAINTEXT, ["prlimit", "--fsize=2000000:unlimited"])
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        self.story(root, server, lambda: resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited))

    def small_file_system(self, root, size):
        """Under the server's state; None where only root may do so."""
        state = root.path / "var/lib/ipm"
        state.mkdir(parents=True)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mount(b"tmpfs", bytes(state), b"tmpfs", 0, b"size=" + size) != 0:
            return None
        self.addCleanup(libc.umount2, bytes(state), 2)  # MNT_DETACH
        return state

    def test_on_a_disk_that_is_full_to_the_last_byte_jobs_still_end(self):
        root = self.root()
        state = self.small_file_system(root, b"16m")
        if state is None:
            return  # The spool's own tests tell nearly the same.
        ballast = state / "ballast"
        ballast.write_bytes(b"b" * 3_000_000)
        server = self.server(root, PLAINTEXT)
        wire.add_printer(root, "office", root.printed_uri)
        root.ipm("printer", "pause", "office")
        taken = []
        while True:
            job = self.prints(server, b"%d " % len(taken) + b"y" * 50_000)
            if job is None:
                break
            taken.append(job)
        filler = state / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"f" * 4_096)
        for job in taken[:20]:
            root.ipm("job", "cancel", str(job))
        root.ipm("printer", "resume", "office")
        wait_until(lambda: len(list(root.printed.iterdir())) == len(taken) - 20, "all the others are printed", 60)
        self.assertEqual(root.ipm("jobs", "--json").json(), [], "and recorded as done")
        self.assertIn("IMP-5007", root.log_text())
        self.assertIsNone(self.prints(server, b"x" * 3_000_000), "the room is for those that are there")
        server.stop()
        server.start()
        self.assertEqual(len(list(root.printed.iterdir())), len(taken) - 20, "nothing is printed again")
        filler.unlink()
        ballast.unlink()
        wait_until(lambda: self.prints(server, b"after"), "it takes jobs again")
        wait_until(lambda: (state / "spool.db.reserve").exists(), "room is kept again")
        self.assertEqual(server.stop(), 0)

    def test_a_small_file_system(self):
        root = self.root()
        state = self.small_file_system(root, b"8m")
        if state is None:
            return  # The test above tells nearly the same.
        filler = state / "filler"
        filler.write_bytes(b"f" * 5_500_000)
        server = self.server(root, PLAINTEXT)
        self.story(root, server, filler.unlink)


if __name__ == "__main__":
    main()
