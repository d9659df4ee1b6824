"""The rules of scripts/tidy. A rule is a function from the tree to findings; ALL lists them."""
import re

# ---------------------------------------------------------------- who may include whom
# Folder: the first words an include of it may start with. The dependency rule, as a table.
KERNEL = {
    "base": {"base"},
    "config": {"base", "config"},
    "runtime": {"base", "runtime"},
    "wire": {"base", "wire"},
    "net": {"base", "runtime", "wire", "net"},
    "commitlog": {"base", "runtime", "commitlog"},
    "dispatch": {"base", "runtime", "wire", "net", "commitlog", "dispatch"},
    "plugin": {"base", "config", "runtime", "wire", "net", "commitlog", "dispatch", "plugin"},
}
KERNEL["node"] = set(KERNEL) | {"node"}
SDK = {
    "cpp": {"cpp"},
    "protocol": {"protocol"},
    "lua": {"lua", "cpp", "protocol"},
    "client": {"client", "protocol", "wire", "base"},
    "trial": {"trial", "cpp"},
    "ctl": {"ctl", "client", "trial"},
    "check": {"check", "cpp"},
}
PLUGIN = {"cpp", "lua", "protocol", "schema"}
# Folders below kernel/ and sdk/ that know the C tables; plugins and their tests do too.
KNOWS_ABI = {"kernel/plugin", "kernel/node", "sdk/cpp", "sdk/lua", "sdk/check", "sdk/trial"}
SOCKETS = re.compile(r"boost/asio\.hpp|boost/beast|boost/asio/(ip/|connect|read|write|basic_.*socket)")
SOCKET_CALL = re.compile(r"(?<!\w)::(?:socket|connect|accept4?|listen)\(|\bsocket\(AF_")
HAS_SOCKETS = {"kernel/net", "sdk/client"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.M)


def allowed_of(file):
    """What this file's quoted includes may start with; None where the rule says nothing."""
    parts = file.name.split("/")
    if parts[0] == "kernel" and len(parts) > 2:
        return KERNEL.get(parts[1], set())
    if parts[0] == "kernel":
        return KERNEL["node"]
    if parts[0] == "sdk" and len(parts) > 2:
        return SDK.get(parts[1])
    if parts[0] == "plugins" and len(parts) > 2:
        return PLUGIN | {parts[1]}
    return None


def dependency(tree):
    for file in tree.of("c", "c++"):
        allowed = allowed_of(file)
        if allowed is None:
            continue
        owner = "/".join(file.name.split("/")[:2])
        for call in SOCKET_CALL.finditer(file.code if owner not in HAS_SOCKETS else ""):
            yield no_socket(file, file.line_of(call.start()), call[0])
        for include in INCLUDE.finditer(file.text):
            line, what = file.line_of(include.start(1)), include[2]
            if include[1] == "<":
                yield from angle_include(file, owner, line, what)
                continue
            own = (file.path.parent / what).is_file() and ".." not in what
            if what.endswith("_generated.h") and owner.startswith("plugins/"):
                continue
            if not own and what.split("/")[0] not in allowed:
                yield file.finding(line, "dependency", f'"{what}" is not for {owner}: it may '
                                   f"include {', '.join(sorted(allowed))}")


def angle_include(file, owner, line, what):
    if what.startswith("gantry/") and owner not in KNOWS_ABI and not owner.startswith("plugins/"):
        yield file.finding(line, "dependency", f"<{what}>: {owner} does not know the ABI")
    if SOCKETS.match(what) and owner not in HAS_SOCKETS:
        yield no_socket(file, line, f"<{what}>")


def no_socket(file, line, what):
    return file.finding(line, "dependency",
                        f"{what}: sockets are opened in {' and '.join(sorted(HAS_SOCKETS))} only")


# ---------------------------------------------------------------- what a reader is promised
def header_comment(tree):
    for file in tree.of("c", "c++"):
        if file.path.suffix in (".h", ".hpp") and not re.match(r"\s*(//|/\*)", file.text):
            yield file.finding(1, "header comment", "a header opens with what it is, who owns it, "
                               "which thread uses it, when it ends")


ROUTE = re.compile(r"\bsdk::route\(([^;]*?)\)\s*[;,}]"
                   r"|\bgantry_route\s+\w+\s*=?\s*\{([^}]*)\}")


def route_access(tree):
    """Access is a GANTRY_ACCESS_ constant or a list of resources: never left out, never a number."""
    for file in tree.of("c", "c++"):
        if not file.name.startswith(("plugins/", "plugin-tests/", "sdk/template/")):
            continue
        for route in ROUTE.finditer(file.code):
            said = (route[1] or route[2]).split(",", 1)
            if "GANTRY_ACCESS_" in "".join(said):
                continue
            if route[1] is None or len(said) < 2 or not re.match(r"\s*[A-Za-z_]", said[1]):
                yield file.finding(file.line_of(route.start()), "route access",
                                   "a route declares its access: GANTRY_ACCESS_... or its resources")


NAMED = re.compile(r"`([\w.*/-]+)`")
MADE_LATER = ("build/", ".build/", "data/", "./data")
ROOTS = ("", "kernel/", "sdk/", "abi/include/", "tests/", "plugins/")
SOURCE_NAME = re.compile(r".*\.(hpp|cpp|h|c|py|md|cmake|fbs|map)")


def readme_names(tree):
    """A path in backticks in a README is there: from the README's folder, or from the top."""
    for file in tree.of("markdown"):
        for number, line in enumerate(file.lines, 1):
            for name in NAMED.findall(line):
                if name.startswith(MADE_LATER) or not looks_like_path(tree, file, name):
                    continue
                folders = [file.path.parent, *(tree.root / root for root in ROOTS)]
                plain = name.removeprefix("./").rstrip("/")
                if not any(exists(folder, plain) for folder in folders):
                    yield file.finding(number, "README name", f"`{name}` is not there")


def looks_like_path(tree, file, name):
    first = name.removeprefix("./").split("/")[0]
    if name.startswith("/") or not first.strip("."):
        return False
    known = (tree.root / first).exists() or (file.path.parent / first).exists()
    return SOURCE_NAME.fullmatch(name) is not None or ("/" in name.rstrip("/") and known)


def exists(folder, name):
    return any(folder.glob(name)) if "*" in name else (folder / name).exists()


# ---------------------------------------------------------------- length
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400
COLUMNS_MAX = 100


def too_long(tree):
    """(path, function or -) of what is over the limit: its line and length."""
    found = {}
    for file in tree.of("c", "c++", "java", "python", "shell"):
        if len(file.lines) > FILE_LINES_MAX:
            found[file.name, "-"] = file, 1, len(file.lines)
        for function in file.functions():
            key = file.name, function.name
            if function.lines > max(FUNCTION_LINES_MAX, found.get(key, (0, 0, 0))[2]):
                found[key] = file, function.line, function.lines
    return found


def length(tree):
    """tidy.ratchet lists `path function lines` (or `path - lines`) and may only get shorter."""
    ratchet = tree.root / "scripts" / "tidy.ratchet"
    entries = [line.split() for line in ratchet.read_text().splitlines()
               if line and not line.startswith("#")]
    allowed = {(path, name): int(lines) for path, name, lines in entries}
    found = too_long(tree)
    for (path, name), (file, line, lines) in sorted(found.items()):
        limit = FILE_LINES_MAX if name == "-" else FUNCTION_LINES_MAX
        limit = allowed.get((path, name), limit)
        if lines > limit:
            what = "the file" if name == "-" else name
            yield file.finding(line, "length", f"{what} has {lines} lines, at most {limit}")
    files = {file.name: file for file in tree.files}
    for (path, name), lines in allowed.items():
        now = found.get((path, name), (None, 0, 0))[2]
        if now < lines:
            yield files["scripts/tidy.ratchet"].finding(
                1, "length", f"{path} {name} is down to {now or 'the limit'}: "
                "lower or remove its line")


def columns(tree):
    for file in tree.of("c", "c++", "java", "python", "shell"):
        for number, line in enumerate(file.lines, 1):
            if len(line) > COLUMNS_MAX:
                yield file.finding(number, "columns", f"{len(line)} columns, at most {COLUMNS_MAX}")


# ---------------------------------------------------------------- what is left over
TOP = {".ci", ".clang-format", ".clang-tidy", ".editorconfig", ".gitignore", "CMakeLists.txt",
       "CMakePresets.json", "LICENSE", "README.md", "abi", "conf", "kernel", "plugin-tests",
       "plugins", "scripts", "sdk", "tests"}
# Spelled so that this file doesn't find itself.
LEFT_OVER = {
    "unfinished": re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b"),
    "machine path": re.compile(r"(?<![\w.])/(?:home|root|Users|wo" r"rk|tm" r"p)/\w"),
    "registry host": re.compile(r"\b(repo1?\.maven(\.apache)?|deb\.debian|pypi|registry\.npmjs"
                                r"|proxy\.golang)\.org\b"),
}
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|Thread\.sleep|time\.sleep)\b")


def top_level(tree):
    for file in tree.files:
        if file.name.split("/")[0] not in TOP:
            yield file.finding(1, "top level", "the top level of the tree is fixed")


def left_over(tree):
    for file in tree.files:
        if file.name == "LICENSE":
            continue
        for number, line in enumerate(file.lines, 1):
            for rule, pattern in LEFT_OVER.items():
                found = pattern.search(line)
                if found:
                    yield file.finding(number, rule, f"'{found[0]}' does not belong in the tree")


def sleeps(tree):
    """Waiting is for an event; a sleep is slow on one machine and too short on another."""
    for file in tree.of("c", "c++", "java", "python"):
        for found in SLEEP.finditer(file.code if file.is_braced() else ""):
            yield file.finding(file.line_of(found.start()), "sleep", "wait for an event")
        for number, line in enumerate(file.lines if file.language == "python" else [], 1):
            if re.match(r"\s*time\.sleep\(", line):
                yield file.finding(number, "sleep", "wait for an event")


ALL = (dependency, header_comment, route_access, readme_names, length, top_level, left_over, sleeps)
FORMAT = (columns,)  # asked for with --format
