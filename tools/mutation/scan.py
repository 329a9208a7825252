"""Finds the places in a C++ source where a mistake can be planted, and plants all of them at once.

Works on text laid out by the project's .clang-format: comparisons have blanks around them, templates'
brackets have none. What does not compile in the end is left out by the caller, who asks the compiler.
Nothing ever moves a line: line numbers of the instrumented source are those of the original.
"""

import collections
import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Mutant:
    path: str     # below the project's root
    line: int     # 1 is the first
    column: int
    kind: str
    ordinal: int  # among those of its kind in its line: 1 is the first
    source: str   # the line, without blanks at its ends
    start: int    # of what is changed, in bytes of the text
    end: int
    before: str   # goes in at `start`; {n} is the mutant's number
    after: str    # goes in at `end`
    replaces: bool = False  # what is between start and end goes

    def key(self):
        return f"{self.path} | {self.kind} {self.ordinal} | {self.source}"


def blank(text):
    """The text with comments, literals and directives blanked, of the same length."""
    out = list(text)

    def clear(start, end):
        for i in range(start, end):
            if out[i] != "\n":
                out[i] = " "

    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\''
                       r'|^[ \t]*#(?:\\\n|[^\n])*', re.S | re.M)
    for found in token.finditer(text):
        word = found.group()
        if word.startswith(("//", "/*")) or word.lstrip().startswith("#"):
            clear(found.start(), found.end())
        else:  # a literal stays a literal: one that no pattern looks into
            clear(found.start(), found.end())
            out[found.start()] = '"'
            out[found.end() - 1] = '"'
    return "".join(out)


def closing(text, at):
    """The place of the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
            if depth == 0:
                return i
    return None


def split(text, start, end, word):
    """Ranges of `text` between the `word`s outside of brackets."""
    parts, depth, begin, i = [], 0, start, start
    while i < end:
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
        elif depth == 0 and text.startswith(word, i):
            parts.append((begin, i))
            i += len(word)
            begin = i
            continue
        i += 1
    parts.append((begin, end))
    return parts


COMPARISONS = {" < ": ("< ipm_mutation::Less{{{n}}} >", "boundary"),
               " <= ": ("< ipm_mutation::LessOrEqual{{{n}}} >", "boundary"),
               " > ": ("< ipm_mutation::Greater{{{n}}} >", "boundary"),
               " >= ": ("< ipm_mutation::GreaterOrEqual{{{n}}} >", "boundary"),
               " == ": ("== ipm_mutation::Equal{{{n}}} ==", "equality"),
               " != ": ("== ipm_mutation::Unequal{{{n}}} ==", "equality")}
IS = "ipm_mutation::is({n})"
# A result of these is a bool, by the names that they have here.
JUDGES = re.compile(r"(?:[\w:]+(?:\.|->|::))*(?:(?:is|has|may|can|allows|matches|contains)(?:_\w+)?|owns|empty|proven|"
                    r"starts_with|ends_with)\([^()]*\)$")
FIXED = re.compile(r"\b(constexpr|static_assert|template|using|case|requires|concept|enum|consteval|operator)\b")


class Scanner:
    def __init__(self, path, text):
        self.path, self.text, self.bare = path, text, blank(text)
        self.starts = [0] + [i + 1 for i, c in enumerate(text) if c == "\n"]
        self.lines = text.split("\n")
        self.found = []

    def line_of(self, at):
        low, high = 0, len(self.starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.starts[middle] <= at else (low, middle)
        return low + 1

    def statement_of(self, at):
        """The blanked text from the statement's beginning up to `at`."""
        begin = max(self.bare.rfind(c, 0, at) for c in ";{}")
        return re.sub(r"^\s*(?:(?:case [\w:]+?|default):(?!:)\s*)+", "", self.bare[begin + 1:at])

    def add(self, kind, start, end, before, after="", replaces=False):
        line = self.line_of(start)
        self.found.append(Mutant(self.path, line, start - self.starts[line - 1] + 1, kind, 0,
                                 self.lines[line - 1].strip(), start, end, before, after, replaces))

    def scan(self):
        self.conditions()
        self.returns()
        self.comparisons()
        self.statements()
        self.constants()
        seen = collections.Counter()
        numbered = []
        for mutant in sorted(self.found, key=lambda m: (m.start, m.end, m.kind)):
            seen[mutant.line, mutant.kind] += 1
            numbered.append(dataclasses.replace(mutant, ordinal=seen[mutant.line, mutant.kind]))
        return numbered

    def parts_of(self, start, end):
        """Each operand of && and || is once as if it were not there."""
        ors = split(self.bare, start, end, " || ")
        for a, b in ors:
            if len(ors) > 1:
                self.add("operand", *self.trim(a, b), f"(!{IS} && static_cast<bool>(", "))")
            ands = split(self.bare, a, b, " && ")
            if len(ands) > 1:
                for c, d in ands:
                    self.add("operand", *self.trim(c, d), f"({IS} || static_cast<bool>(", "))")

    def trim(self, start, end):
        while start < end and self.bare[start].isspace():
            start += 1
        while end > start and self.bare[end - 1].isspace():
            end -= 1
        return start, end

    def conditions(self):
        for found in re.finditer(r"\b(if|while) \(", self.bare):
            opened = found.end() - 1
            closed = closing(self.bare, opened)
            if closed is None:
                continue
            start, end = split(self.bare, opened + 1, closed, ";")[-1]
            start, end = self.trim(start, end)
            inside = self.bare[start:end]
            declared = re.match(r"(?:const )?[\w:<>]+[ &*]+(\w+) = ", inside)
            if declared:  # The value is there in the body all the same.
                if found.group(1) == "if" and end - start == closed - opened - 1:
                    self.add("condition", end, end, f"; {IS} != static_cast<bool>({declared.group(1)})")
                continue
            if not inside:
                continue
            if found.group(1) == "if":
                self.add("condition", start, end, f"{IS} != static_cast<bool>(", ")")
            else:
                self.add("condition", start, end, f"!{IS} && static_cast<bool>(", ")")
            self.parts_of(start, end)

    def returns(self):
        self.choices()
        for found in re.finditer(r"(?:\b(?:co_)?return|(?<=\w) =) ([^;{}]*);", self.bare):
            start, end = self.trim(found.start(1), found.end(1))
            value = self.bare[start:end]
            if value in ("true", "false") or not value or FIXED.search(self.statement_of(found.start())):
                continue
            outside = re.sub(r"\([^()]*\)", "", value)
            while "(" in outside and outside != re.sub(r"\([^()]*\)", "", outside):
                outside = re.sub(r"\([^()]*\)", "", outside)
            judged = any(w in outside for w in (" && ", " || ", *COMPARISONS)) or outside.startswith("!") or \
                JUDGES.match(value)
            if judged and "?" not in outside and "<=>" not in outside and "co_await" not in outside:
                self.add("result", start, end, f"{IS} != static_cast<bool>(", ")")
                self.parts_of(start, end)
        for found in re.finditer(r"(?<![\w.:])(true|false)(?!\w)", self.bare):
            if FIXED.search(self.statement_of(found.start())) or self.bare[found.end():].lstrip()[:1] == ">":
                continue
            other = "false" if found.group() == "true" else "true"
            self.add("boolean", found.start(), found.end(), f"({IS} ? {other} : {found.group()})", replaces=True)

    def choices(self):
        """What is before the ? of a conditional expression."""
        for found in re.finditer(r"(?<=\S)(\s+)\? ", self.bare):
            start = end = found.start()
            depth = 0
            while start > 0:
                c = self.bare[start - 1]
                if c in ")]":
                    depth += 1
                elif c in "([{;}":
                    if depth == 0 or c not in "([":
                        break
                    depth -= 1
                elif depth == 0 and (c in ",?" or self.bare[start - 2:start + 1] in (" = ", " : ", "<< ")):
                    break
                start -= 1
            start, end = self.trim(start, end)
            keyword = re.match(r"(?:co_)?return\s+", self.bare[start:end])
            if keyword:
                start += keyword.end()
            if start < end and not FIXED.search(self.statement_of(start)):
                self.add("condition", start, end, f"({IS} != static_cast<bool>(", "))")
                self.parts_of(start, end)

    def comparisons(self):
        for found in re.finditer(r" (<=|>=|<|>|==|!=)(?= |\n)", self.bare):
            if FIXED.search(self.statement_of(found.start())):
                continue
            word, kind = COMPARISONS[f" {found.group(1)} "]
            self.add(kind, found.start(1), found.end(1), word, replaces=True)

    def statements(self):
        for found in re.finditer(r"(?<=[;{}):\n])(\s+)([^\s;{}][^;{}]*(?:\{[^;{}]*\}[^;{}]*)*;)", self.bare):
            start, statement = found.start(2), found.group(2)
            # `)` before it: the body of an if, a for or a while, but no continued expression.
            first = re.sub(r"\s+", " ", statement)
            previous = self.bare[:found.start(2)].rstrip()[-1:]
            if previous not in ";{})" and not self.bare[:found.start(2)].rstrip().endswith(("else", "do")):
                continue
            if first.startswith("else "):
                start += 5
                first = first[5:]
            # `if (…) throw …;` on one line: the statement is what comes after the brackets.
            while True:
                head = re.match(r"(?:if|for|while) \(", self.bare[start:])
                if not head:
                    break
                closed = closing(self.bare, start + head.end() - 1)
                if closed is None:
                    break
                start = closed + 1
                while start < len(self.bare) and self.bare[start].isspace():
                    start += 1
                first = re.sub(r"\s+", " ", self.bare[start:found.end(2)])
            if start >= found.end(2):
                continue
            if re.match(r"throw\b", first):
                self.add("throw", start, start, f"if ({IS}) {{{{}}}} else ")
            elif self.is_action(first):
                self.add("statement", start, start, f"if ({IS}) {{{{}}}} else ")

    @staticmethod
    def is_action(statement):
        """A call or an assignment; no declaration and nothing that ends a function or a loop."""
        if re.match(r"(return|co_return|co_yield|break|continue|goto|using|delete|static|const|auto|default|case|"
                    r"public|private|protected|friend|typedef|struct|class|enum|namespace|template|extern)\b", statement):
            return False
        place = r"[*]?(?:\+\+|--)?[\w:]+(?:(?:\.|->)\w+|\([^()]*\)|\[[^\[\]]*\])*"
        if re.match(place + r" (?:=|\+=|-=|\|=|&=|\*=|/=) ", statement):
            return True
        if re.match(r"(?:\+\+|--)" + place + ";$", statement) or re.match(place + r"(?:\+\+|--);$", statement):
            return True
        return bool(re.match(r"(?:co_await )?(?:static_cast<void>)?[\w:.\->*\[\]()]*\w\(.*\);$", statement)) and \
            not re.match(r"[\w:<>]+ [\w]+\(", statement.removeprefix("co_await "))

    def constants(self):
        for found in re.finditer(r"(?<![\w.'\"])(\d+)([uUlL]*)(?![\w.'\"])", self.bare):
            before = self.bare[:found.start()].rstrip()
            after = self.bare[found.end():].lstrip()[:1]
            if FIXED.search(self.statement_of(found.start())) or after in (">", ":") or before[-1:] in ("<", "["):
                continue
            value, ending = int(found.group(1)), found.group(2)
            other = value - 1 if value > 1 else value + 1
            self.add("constant", found.start(), found.end(),
                     f"({IS} ? {other}{ending} : {value}{ending})", replaces=True)


def scan(path, text):
    return Scanner(path, text).scan()


def plant(text, mutants):
    """`mutants`: pairs (number, Mutant) of this text. Insertions nest: an outer one begins first, ends last."""
    begins, ends = {}, {}
    for number, mutant in mutants:
        if mutant.replaces:
            begins.setdefault(mutant.start, []).append((-1, mutant.before.format(n=number), mutant.end))
        else:
            begins.setdefault(mutant.start, []).append((mutant.end, mutant.before.format(n=number), None))
            if mutant.after:
                ends.setdefault(mutant.end, []).append((mutant.start, mutant.after.format(n=number)))
    out, at = [], 0
    places = sorted(set(begins) | set(ends))
    for place in places:
        if place < at:
            continue
        out.append(text[at:place])
        at = place
        for _, word in sorted(ends.get(place, []), key=lambda e: -e[0]):
            out.append(word)
        here = sorted(begins.get(place, []), key=lambda b: -b[0])
        for _, word, skip_to in here:
            out.append(word)
            if skip_to is not None:
                at = skip_to
    out.append(text[at:])
    return "".join(out)
