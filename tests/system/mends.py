"""Following an error's advice to the letter: the command is taken from the text that was printed, run, and what was
refused is tried again.

A row of a table is a function that provokes one refusal and says what the advice leaves open:

    @mend("IMP-4004")
    def a_destination_that_is_not_there(self):
        root, server = self.plain_server()
        yield Refused(root, "print", root.file("a.txt", "a"), "-d", "nowhere")
        # From here on the advice has been followed.
        ...

A Refused says which command is refused and, with `fill`, what stands for the words in capitals of the advice
(NAME, FILE, ID). `mends=False` where the advice shows what there is instead of ending the refusal. What the
function asserts after its yield is looked at when the advice has been followed.
"""

import dataclasses
import os
import re
import shlex

import harness

# A command in a line of advice ends where the sentence does.
COMMAND = re.compile(r"(?:^|(?<=[\s:(\"]))((?:ipm|ipmd|chmod|openssl|mkdir|rm|mv) [^;,\n]*?)(?=[;,)]|\s\(|: |\.?$| or (?=[a-z])| and (?=[a-z])|"
                     r" (?:shows|tells|names|says|makes|does)\b)", re.M)


@dataclasses.dataclass
class Refused:
    root: object
    words: tuple
    fill: dict
    mends: bool
    options: dict
    pick: int
    ended: int

    def __init__(self, root, *words, fill=None, mends=True, pick=0, ended=0, **options):
        """`pick`: which of several commands in the advice; `ended`: how what was refused ends afterwards (what the
        advice did itself is not there any more: 3). Further options as for harness.run()."""
        self.root, self.words, self.fill, self.mends, self.pick = root, words, fill or {}, mends, pick
        self.ended, self.options = ended, options


def mend(number):
    """Marks a row: the message that it provokes."""

    def mark(function):
        function.message = number
        return function

    return mark


def advice_of(error):
    """The text behind "to mend:" of an error on a terminal."""
    found = re.search(r"^  to mend:  (.*)$", error, re.M)
    assert found, f"no advice in:\n{error}"
    return found.group(1)


def advice_in_log(root, number):
    """The text behind "mend:" of the newest line of the log with that number."""
    lines = [line for line in root.log_text().splitlines() if f" {number} " in line]
    assert lines, f"no {number} in:\n{root.log_text()}"
    text, found, advice = lines[-1].partition("; mend: ")
    assert found, f"no advice in:\n{text}"
    return advice


def commands_in(advice):
    return [one.strip() for one in COMMAND.findall(advice)]


class MendTest(harness.SystemTest):
    """Turns the rows of a class into tests."""

    def __init_subclass__(cls):
        super().__init_subclass__()
        for name, row in list(vars(cls).items()):
            if hasattr(row, "message"):
                setattr(cls, f"test_{name}", cls._test_of(row))

    @staticmethod
    def _test_of(row):
        def test(self):
            scenario = row(self)
            refused = next(scenario)
            first = self.provoke(refused, row.message)
            command = self.command_of(first, refused)
            # As it is typed into a shell, with the programs under test first in its path.
            path = f"{harness.BIN}:{os.environ['PATH']}"
            followed = harness.run(["bash", "-c", command], env={**refused.root.env, "PATH": path}, check=None)
            self.assertEqual(followed.code, 0, f"{first}\nfollowed:\n{followed}")
            again = refused.root.ipm(*refused.words, check=None, **refused.options)
            if refused.mends:
                self.assertEqual(again.code, refused.ended, f"{first}\nfollowed:\n{followed}\nand again:\n{again}")
            self.assertEqual(list(scenario), [], "a row yields once")

        return test

    def provoke(self, refused, number):
        done = refused.root.ipm(*refused.words, check=None, **refused.options)
        self.assertNotEqual(done.code, 0, done)
        self.assertTrue(done.err.startswith(number + " "), f"expected {number}:\n{done}")
        return done

    def command_of(self, done, refused):
        commands = commands_in(advice_of(done.err))
        self.assertGreater(len(commands), refused.pick, f"no command to run in:\n{done.err}")
        command = commands[refused.pick]
        rest = command
        for word in refused.fill:
            rest = re.sub(rf"\b{re.escape(word)}\b", "", rest)
        still_open = re.findall(r"(?<![\w/.-])[A-Z][A-Z-]+(?![\w/.])", rest)
        for word, value in refused.fill.items():
            command = re.sub(rf"\b{re.escape(word)}\b", shlex.quote(str(value)), command)
        self.assertEqual(still_open, [], f"nothing says what stands for them in:\n{done.err}")
        return command
