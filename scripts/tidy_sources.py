"""The tree as scripts/tidy sees it: files, their code without comments, their functions."""
import ast
import dataclasses
import pathlib
import re
import subprocess

LANGUAGES = {".hpp": "c++", ".cpp": "c++", ".h": "c", ".c": "c", ".py": "python",
             ".java": "java", ".md": "markdown", ".cmake": "cmake", ".sh": "shell"}
# Comments and literals, whichever opens first.
NOT_CODE = re.compile(
    r'R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"|//[^\n]*|/\*.*?\*/'
    r'|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)


@dataclasses.dataclass
class Finding:
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@dataclasses.dataclass
class Function:
    name: str
    line: int
    lines: int


def blank(match):
    """Spaces of the same shape, so that positions and lines stay."""
    return re.sub(r"[^\n]", " ", match[0])


class File:
    def __init__(self, root, path):
        self.path = path
        self.name = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.splitlines()
        self.language = self.find_language()
        self.code = NOT_CODE.sub(blank, self.text) if self.is_braced() else self.text

    def find_language(self):
        if self.path.name == "CMakeLists.txt":
            return "cmake"
        shebang = self.lines[0] if self.lines and self.lines[0].startswith("#!") else ""
        if shebang:
            return "python" if "python" in shebang else "shell"
        return LANGUAGES.get(self.path.suffix, "other")

    def is_braced(self):
        return self.language in ("c", "c++", "java")

    def line_of(self, position):
        return self.text.count("\n", 0, position) + 1

    def finding(self, line, rule, text):
        return Finding(self.name, line, rule, text)

    def functions(self):
        if self.language == "python":
            return [Function(node.name, node.lineno, node.end_lineno - node.lineno + 1)
                    for node in ast.walk(ast.parse(self.text))
                    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
        return list(braced_functions(self)) if self.is_braced() else []


def braced_functions(file):
    """The outermost bodies with a parameter list before them; what is nested counts as theirs."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, file.code, flags=re.M)
    depth, inside, head = 0, None, 0
    for brace in re.finditer(r"[{};]", code):
        if brace[0] == "{":
            depth += 1
            before = code[head:brace.start()]
            if inside is None and is_function_head(before):
                start = head + len(before) - len(before.lstrip())
                inside = depth, file.line_of(start), function_name(before, file.text[head:])
        elif brace[0] == "}":
            if inside and inside[0] == depth:
                last = file.line_of(brace.start())
                yield Function(inside[2], inside[1], last - inside[1] + 1)
                inside = None
            depth -= 1
        if inside is None or brace[0] != ";":
            head = brace.end()


def is_function_head(before):
    if "(" not in before or re.search(r"\b(namespace|enum)\b", before):
        return False
    if re.search(r"=\s*$", before):
        return False
    return not re.search(r"\b(class|struct|union|interface)\s+\w[^()]*$", before)


def function_name(before, original):
    called = re.search(r"([\w:~]+)\s*\(", before)
    name = called[1] if called else "?"
    title = re.match(r'\s*(?:TEST_CASE|SCENARIO)\(\s*"([^"]*)"', original)
    return title[1].replace(" ", "_") if title else name


class Tree:
    """Every file that is in the repository or would be: ignored ones are not looked at."""

    def __init__(self, root=pathlib.Path(__file__).resolve().parent.parent):
        self.root = root
        listing = ["git", "-C", str(self.root), "ls-files", "-co", "--exclude-standard"]
        names = subprocess.run(listing, capture_output=True, text=True,
                               check=True).stdout.splitlines()
        paths = [self.root / name for name in sorted(set(names))]
        self.files = [File(self.root, path) for path in paths
                      if path.is_file() and not is_binary(path)]

    def of(self, *languages):
        return [file for file in self.files if file.language in languages]


def is_binary(path):
    with open(path, "rb") as file:
        return b"\0" in file.read(8192)
