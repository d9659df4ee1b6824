"""The headers of the ABI as its checks see them: structs, their members, constants, ids.

This reads the subset of C that the lint holds the headers to; the compiler reads the rest.
"""
import pathlib
import re

ABI = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ABI / "include"
BASELINE = ABI / "baseline"

COMMENT = re.compile(r"/\*.*?\*/", re.S)
STRUCT = re.compile(r"typedef struct (\w+) \{(.*?)\n\} \1;", re.S)
CONSTANT = re.compile(r"^#define (GANTRY_\w+)[ \t]+(\S.*)$", re.M)
NUMBER = re.compile(r"^typedef \w+ (\w+);", re.M)
OPAQUE = re.compile(r"^typedef struct (\w+) \1;", re.M)
FUNCTION_POINTER = re.compile(r"\(\*\s*(\w+)\)\s*\(")
TAG = re.compile(r"\[(control|shard|log|worker|any)\]")
# Who owns what a pointer leads to, and until when. A clause counts from the first such word on.
OWNERSHIP = re.compile(
    r"\bborrow|[\w-]*\bown(ed|s|ers?)\b|(\w+ )?\b(caller|module|host)'s( own| array|$)"
    r"|\bopaque$|\bconstants?\b( and lives|$)|\b(copied|copies)\b|\bcounted buffer"
    r"|\bbuffer the caller|\b(takes|taken) over\b|\breferences?\b|\bshared\b"
    r"|\b(out)?lives?\b|\bvalid (from|until)\b|\buntil .*\b(returns?|leave|reload)\b"
    r"|(\w+ caller )?\breleases\b|\b(frees|freed)\b|\bscratch\b|\bstatic\b", re.I)

NOT_HERE = 77  # the exit code that ctest counts as skipped


def absent(command):
    print(f"{command} is not installed")
    return NOT_HERE


def blank(match):
    """Spaces of the same shape, so that positions and lines stay."""
    return re.sub(r"[^\n]", " ", match[0])


def closing(text, opening):
    """The position of the parenthesis that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return len(text)


def pointer_tags(text, code, pointer):
    """The thread tags behind the declarator of a function pointer, on its last line."""
    end = closing(code, pointer.end() - 1)
    rest = text[end:text.find("\n", end)]
    return TAG.findall(rest[rest.find("/*"):] if "/*" in rest else "")


def comment_before(text, position):
    """The comment of its own lines that ends right above `position`, or nothing."""
    head = text[:position].rstrip()
    start = head.rfind("/*") if head.endswith("*/") else len(head)
    return head[start:] if not head[head.rfind("\n", 0, start) + 1:start].strip() else ""


def comment_after(text):
    """The comment that starts on the rest of a member's line, or nothing."""
    comment = re.match(r"[ \t]*/\*.*?\*/", text, re.S)
    return comment[0] if comment else ""


def words(*comments):
    """What comments say of ownership: from the first such word of a clause to the clause's end."""
    found = []
    for comment in comments:
        text = re.sub(r"\s+", " ", re.sub(r"/\*|\*/|\n\s*\*", " ", comment))
        for clause in re.split(r"[.;:,]\s|[.;:,]$|[()]", text):
            word = OWNERSHIP.search(clause)
            if word:
                found.append(TAG.sub("", clause[word.start():]).strip(" .").lower())
    return found


class Member:
    """`position` and `end` are those of its declaration in the header's text, without the `;`."""

    def __init__(self, struct, position, end):
        self.struct, self.position, self.end = struct, position, end
        header = struct.header
        code = header.code[position:end]
        function = FUNCTION_POINTER.search(code)
        self.is_function = function is not None
        self.is_pointer = self.is_function or "*" in code.split("{")[0]
        self.declaration = re.sub(r"\s+", " ", code).strip()
        self.name = function[1] if function else re.search(r"(\w+)\s*(\[\w+\])?\s*$", code)[1]
        rest = header.text[end + 1:struct.end]
        self.about = (comment_before(header.text, position) + " "
                      + comment_after(rest.split("\n\n")[0]))


class Struct:
    def __init__(self, header, match):
        self.header, self.name = header, match[1]
        self.position, self.end = match.start(), match.end(2)
        self.about = comment_before(header.text, match.start())
        self.growable = re.match(r"\s*uint32_t struct_size;", match[2]) is not None
        self.says_frozen = "Frozen" in self.about or "frozen values" in header.opening
        self.members = [Member(self, *span) for span in self.spans(match.start(2))]

    def spans(self, start):
        """Where each member's declaration begins and ends: at a `;` outside of all braces."""
        depth, begin = 0, start
        for i in range(start, self.end):
            depth += {"{": 1, "}": -1}.get(self.header.code[i], 0)
            if self.header.code[i] == ";" and depth == 0:
                skipped = re.match(r"\s*", self.header.code[begin:i]).end()
                if begin + skipped < i:
                    yield begin + skipped, i
                begin = i + 1

    def ownership(self, member):
        """The words nearest to the member: its own, its struct's, its header's."""
        own = words(member.about) or words(self.about)
        return own if own or member.is_function else words(self.header.opening)


class Header:
    def __init__(self, root, path):
        self.name = path.relative_to(root / "gantry").as_posix()
        self.text = path.read_text()
        self.code = COMMENT.sub(blank, self.text)
        self.root = root
        self.opening = self.text[:self.text.find("*/")]
        self.structs = [Struct(self, match) for match in STRUCT.finditer(self.text)]
        # Match objects: name, value. Ids are among them.
        self.constants = list(CONSTANT.finditer(self.code))

    def line_of(self, position):
        return self.text.count("\n", 0, position) + 1

    def numbers(self):
        """Types that are a number under a name."""
        return [match[1] for match in NUMBER.finditer(self.code)]

    def types(self):
        """Structs, numbers and opaque types that are named here."""
        opaque = [match[1] for match in OPAQUE.finditer(self.code)]
        return sorted([struct.name for struct in self.structs] + self.numbers() + opaque)

    def id(self):
        """The id of the capability or service, or nothing: then it is the library's."""
        values = (constant[2].strip() for constant in self.constants)
        return next((value.strip('"') for value in values if value.startswith('"')), None)


def read(root=INCLUDE):
    return [Header(root, path) for path in sorted(root.glob("gantry/**/*.h"))]


def frozen_names():
    """The headers that the baseline covers, by abi/baseline/headers.txt."""
    lines = (BASELINE / "headers.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def baselines():
    """The folders of abi/baseline, a version each, oldest first."""
    folders = [path for path in BASELINE.iterdir() if re.fullmatch(r"\d+\.\d+", path.name)]
    return sorted(folders, key=lambda path: [int(word) for word in path.name.split(".")])
