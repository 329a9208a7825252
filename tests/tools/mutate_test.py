"""tools/mutate: what it plants, that it is planted one at a time, and what it says of tests that see nothing."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools" / "mutation"))
import scan  # noqa: E402


def found(text):
    return [(m.line, m.kind) for m in scan.scan("a.cpp", text)]


PROGRAM = """\
#include <cstdio>
#include <stdexcept>
#include <optional>

// if (x < 1) return; is a comment, and "if (y < 2)" below a literal.
static std::optional<int> half(int value) {
  if (value % 2 == 0) return value / 2;
  return std::nullopt;
}

static bool between(int low, int value, int high) {
  return low <= value && value < high;
}

int main() {
  int sum = 0;
  sum += 5;
  if (const auto part = half(10)) sum += *part;
  if (!between(0, 3, 3)) sum += 100;
  bool caught = false;
  try {
    if (sum > 3) throw std::runtime_error("if (y < 2)");
  } catch (const std::exception&) {
    caught = true;
  }
  for (int i = 0; i < 3; ++i)
    if (i != 1) sum += 1000;
    else sum += 10000;
  std::printf("%d %d", sum, static_cast<int>(caught));
}
"""


class Scanned(unittest.TestCase):
    def test_neither_comments_nor_literals_nor_directives(self):
        self.assertEqual(found('// if (a < b) return true;\nconst char* s = "if (a < b)";\n#if 1 < 2\n'
                               'const char* r = R"(x == 1)";\n/* return false;\n */\n'), [])

    def test_kinds(self):
        self.assertEqual(found("  if (a) f();\n"), [(1, "condition"), (1, "statement")])
        self.assertEqual(found("  while (a) f();\n"), [(1, "condition"), (1, "statement")])
        self.assertEqual(found("{\n  a();\n  throw X(b);\n"), [(2, "statement"), (3, "throw")])
        self.assertEqual(found("  return a && b;\n"), [(1, "operand"), (1, "result"), (1, "operand")])
        self.assertEqual(found("{\n  const bool x = a && b;\n"),
                         [(2, "operand"), (2, "result"), (2, "operand")])
        self.assertEqual(found("{\n    case A::B:\n      return c.may_d();\n"), [(3, "result")])
        self.assertEqual(found("{\n  return a(b, c) ? d : e;\n"), [(2, "condition")])
        self.assertEqual(found("{\n  const int x = f(a && b ? c : d, e);\n"),
                         [(2, "operand"), (2, "condition"), (2, "operand")])
        self.assertEqual(found("{\n  x = true;\n"), [(2, "statement"), (2, "boolean")])
        self.assertEqual(found("{\n  f(a <= 7);\n"), [(2, "statement"), (2, "boundary"), (2, "constant")])

    def test_what_is_fixed_when_compiled_stays(self):
        for line in ("constexpr int a = 1;", "static_assert(a == 1);", "std::array<int, 4> a;", "using A = B<true>;",
                     "int a[3];", "case 3:", "std::vector<A> b(c);", "bool operator==(const A&) = default;"):
            with self.subTest(line):
                self.assertEqual(found(line + "\n"), [])

    def test_equal_lines_have_keys_of_their_own(self):
        keys = [m.key() for m in scan.scan("a.cpp", "  f(a == b, c == d);\n")]
        self.assertEqual(len(set(keys)), len(keys))


class Planted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="ipm-mutate-test-")
        source = pathlib.Path(cls.folder.name) / "program.cpp"
        cls.mutants = list(enumerate(scan.scan("program.cpp", PROGRAM), start=1))
        planted = scan.plant(PROGRAM, cls.mutants)
        cls.same_lines = planted.count("\n") == PROGRAM.count("\n")
        source.write_text(f'#include "{ROOT}/tools/mutation/mutant.h"\n'
                          'namespace ipm_mutation { void reached(int) {} }\n' + planted)
        cls.program = source.with_suffix("")
        subprocess.run(["clang++-19", "-std=c++20", "-w", source, "-o", cls.program], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def said(self, number):
        environment = dict(os.environ, IPM_MUTANT=str(number))
        return subprocess.run([self.program], env=environment, capture_output=True, timeout=60).stdout

    def number_of(self, line, kind):
        return next(n for n, m in self.mutants if m.kind == kind and PROGRAM.split("\n")[m.line - 1].strip() == line)

    def test_asleep_nothing_is_changed(self):
        plain = self.program.with_name("plain")
        subprocess.run(["clang++-19", "-std=c++20", "-w", "-x", "c++", "-", "-o", plain], check=True,
                       input=PROGRAM.encode())
        expected = subprocess.run([plain], capture_output=True).stdout
        for number in (0, -1, 9999):
            self.assertEqual(self.said(number), expected)
        self.assertTrue(self.same_lines)

    def test_each_changes_what_it_says(self):
        plain = self.said(0)
        for line, kind, expected in (
                ("sum += 5;", "statement", b"12105 1"),
                ("sum += 5;", "constant", b"12109 1"),
                ("if (const auto part = half(10)) sum += *part;", "condition", b"12105 1"),
                ("if (!between(0, 3, 3)) sum += 100;", "condition", b"12010 1"),
                ("return low <= value && value < high;", "boundary", plain),
                ('if (sum > 3) throw std::runtime_error("if (y < 2)");', "throw", b"12110 0"),
                ("caught = true;", "boolean", b"12110 0"),
                ("else sum += 10000;", "statement", b"2110 1"),
                ("if (i != 1) sum += 1000;", "equality", b"21110 1")):
            with self.subTest(line=line, kind=kind):
                self.assertEqual(self.said(self.number_of(line, kind)), expected)
        second = [n for n, m in self.mutants if m.kind == "boundary" and m.line == 12][1]
        self.assertEqual(self.said(second), b"12010 1")

    def test_most_are_seen_in_what_the_program_says(self):
        plain = self.said(0)
        seen = sum(self.said(n) != plain for n, _ in self.mutants)
        self.assertGreater(seen, len(self.mutants) * 0.6)


if __name__ == "__main__":
    unittest.main()
