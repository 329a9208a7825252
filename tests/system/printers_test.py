"""ipm printer: adding, changing and deleting destinations, and which one is the default."""

import json

import harness
from harness import PLAINTEXT, SystemTest, wait_until


class PrintersTest(SystemTest):
    def setUp(self):
        self.home = self.root()
        self.home.configure("[client]\nencryption = false\n", "ipm.toml")
        self.one = self.server(self.home, PLAINTEXT)
        self.add("office")

    def ipm(self, *words, **options):
        return self.home.ipm(*words, **options)

    def folder(self, name):
        path = self.home.path / "printed" / name
        path.mkdir(exist_ok=True)
        return path

    def add(self, name, *words):
        self.ipm("printer", "add", name, "--to", f"file://{self.folder(name)}/", *words)

    def hold(self, name):
        done = self.ipm("print", self.home.file("a.txt", b"held\n"), "-d", name, "--hold", "--json")
        return str(done.json()["job-id"])

    def listed(self, name):
        return next(each for each in self.ipm("printer", "list", "--json").json() if each["printer-name"] == name)

    def arrived(self, name):
        return [path.read_bytes() for path in self.folder(name).iterdir() if not path.name.startswith(".")]

    def restart(self):
        self.one.stop()
        self.one.start()

    # --- set ----------------------------------------------------------------------------------------

    def test_anything_changes_without_touching_the_queue(self):
        number = self.hold("office")
        self.ipm("printer", "set", "office", "--to", f"file://{self.folder('moved')}/", "--info", "The office")
        self.assertIn("its jobs stay queued", self.ipm("printer", "set", "office", "--location", "Hall 2").out)
        for _ in range(2):
            listed = self.listed("office")
            self.assertEqual((listed["printer-info"], listed["printer-location"]), ("The office", "Hall 2"))
            self.assertIn("moved", listed["device-uri"])
            self.assertEqual(self.ipm("jobs", "--json").json()[0]["job-id"], int(number))
            self.restart()
        self.ipm("job", "release", number)
        wait_until(lambda: self.arrived("moved"), "the job goes to the new device")
        self.assertEqual(self.arrived("office"), [])

    def test_a_device_is_asked_when_it_is_added_and_added_all_the_same(self):
        said = self.ipm("printer", "add", "dead", "--to", "ipp://127.0.0.1:1/ipp/print").out
        self.assertIn("Added the destination dead", said)
        self.assertIn("the device does not answer", said)
        self.assertEqual(self.listed("dead")["device-uri"], "ipp://127.0.0.1:1/ipp/print")

    def test_policies_and_declared_capabilities_are_kept(self):
        self.add("label")
        self.ipm("printer", "set", "label", "--wait-for-end", "yes", "--on-error", "stop-printer", "--when-in-doubt",
                 "again", "--attempts", "3", "--declare", "sides-supported=one-sided color-supported=false")
        for _ in range(2):
            shown = self.ipm("print", self.home.file("a.txt", "a"), "-d", "label", "--hold", "-o",
                             "sides=two-sided-long-edge")
            self.assertIn("left out: sides=two-sided-long-edge", shown.out, "the device is said not to have it")
            self.restart()

    def test_what_no_server_takes_is_refused_here(self):
        away = {"check": 2}
        for words in (("--on-error", "explode"), ("--when-in-doubt", "guess"), ("--wait-for-end", "maybe"),
                      ("--attempts", "0"), ("--attempts", "101"), ("--declare", "copies=3"), ("--info", "x" * 128), ()):
            refused = self.ipm("printer", "set", "office", *words, **away)
            self.assertTrue(refused.err.startswith("IMP-7001"), refused.err)
        for uri, number in (("lpd://printer/queue", "IMP-6002"), ("gopher://x/", "IMP-6002"), ("no uri", "IMP-7013")):
            self.assertIn(number, self.ipm("printer", "set", "office", "--to", uri, check=1).err)
        self.assertIn("IMP-4004", self.ipm("printer", "set", "nowhere", "--info", "x", check=3).err)

    def test_adding_does_not_change_what_is_there(self):
        self.assertIn("IMP-4011", self.ipm("printer", "add", "office", "--to", self.home.printed_uri, check=1).err)
        self.assertNotEqual(self.listed("office")["device-uri"], self.home.printed_uri)

    # --- default --------------------------------------------------------------------------------------

    def test_the_default_is_the_first_until_one_is_set(self):
        self.assertIn("office is the default", self.ipm("printer", "default").out)
        self.add("accounting")
        self.assertEqual(self.ipm("printer", "default", "--json").json(), {"default": "office"})
        self.ipm("printer", "default", "accounting")
        for _ in range(2):
            self.assertEqual(self.ipm("printer", "default", "--json").json(), {"default": "accounting"})
            self.assertIn("on accounting:", self.ipm("print", self.home.file("a.txt", "a"), "--hold").out)
            self.restart()
        self.assertIn("IMP-4004", self.ipm("printer", "default", "nowhere", check=3).err)

    def test_a_stranger_sets_nothing(self):
        there = ("--server", self.one.address)
        for words in (("default", "office"), ("set", "office", "--info", "x"), ("delete", "office")):
            self.assertIn("IMP-4006", self.ipm("printer", *words, *there, check=1).err)

    # --- delete ---------------------------------------------------------------------------------------

    def test_one_with_jobs_is_deleted_only_when_asked_about_them(self):
        number = self.hold("office")
        refused = self.ipm("printer", "delete", "office", check=1)
        self.assertRegex(refused.err, r"^IMP-4017 office has 1 job ")
        self.assertIn("ipm printer delete office --cancel-jobs", refused.err)
        self.assertIn("ipm printer delete office --move-to OTHER", refused.err)
        self.assertEqual(self.ipm("jobs", "--json").json()[0]["job-id"], int(number))
        told = json.loads(self.ipm("printer", "delete", "office", "--json", check=1).err)
        self.assertEqual(told["error"]["number"], "IMP-4017")
        self.ipm("printer", "delete", "office", "--cancel-jobs")
        self.assertEqual(self.ipm("job", "show", number, "--json").json()["job-state"], "canceled")
        self.assertIn("IMP-4004", self.ipm("printer", "delete", "office", check=3).err)

    def test_its_jobs_move_to_another(self):
        self.add("attic")
        number = self.hold("office")
        self.assertIn("wait at attic", self.ipm("printer", "delete", "office", "--move-to", "attic").out)
        self.assertEqual(self.ipm("jobs", "-d", "attic", "--json").json()[0]["job-id"], int(number))
        self.ipm("job", "release", number)
        wait_until(lambda: self.arrived("attic") == [b"held\n"], "it is printed there")

    def test_jobs_do_not_move_to_nowhere(self):
        self.hold("office")
        self.assertIn("IMP-4004", self.ipm("printer", "delete", "office", "--move-to", "nowhere", check=3).err)
        self.assertIn("IMP-4004", self.ipm("printer", "delete", "office", "--move-to", "office", check=3).err)
        self.assertIn("IMP-7001", self.ipm("printer", "delete", "office", "--move-to", "", check=2).err)
        self.ipm("printer", "delete", "office", "--move-to", "attic", "--cancel-jobs", check=2)
        self.assertEqual(len(self.ipm("jobs", "--json").json()), 1)

    def test_one_without_jobs_goes_at_once(self):
        self.ipm("printer", "delete", "office")
        self.assertEqual(self.ipm("printer", "list", "--json").json(), [])


if __name__ == "__main__":
    harness.main()
