#!/usr/bin/env python3
"""Breaks a small tree, one fault at a time, and expects scripts/tidy to name it."""
import pathlib
import subprocess
import sys
import tempfile

import tidy_rules
from tidy_sources import Tree

LONG = "void f() {\n" + "  g();\n" * 80 + "}\n"
GOOD = {
    "kernel/wire/frame.hpp": '// Frame.\n#include "base/result.hpp"\n#include <vector>\n',
    "kernel/plugin/host.cpp": '#include <gantry/host.h>\n#include "dispatch/router.hpp"\n',
    "plugins/messaging/send.cpp": '#include "reply.hpp"\n#include "cpp/module.hpp"\n'
                                  "auto r = sdk::route(10, sends);\n"
                                  "auto s = sdk::route(34, GANTRY_ACCESS_SELF);\n",
    "plugins/messaging/reply.hpp": "// Reply.\n",
    "kernel/wire/README.md": "See `frame.hpp`, `wire/frame.hpp`, `plugins/`, `build/bin/gantry`.\n",
    "kernel/wire/long.cpp": 'auto s = "{";\n// {\nvoid f() {\n' + "  g();\n" * 68 + "}\n",
    "scripts/tidy.ratchet": "# none\n",
}
# rule, file, its text, part of the finding
FAULTS = (
    ("dependency", "kernel/wire/bad.cpp", '#include "net/session.hpp"\n', "is not for kernel/wire"),
    ("dependency", "kernel/commitlog/bad.cpp", "#include <gantry/base.h>\n", "does not know the ABI"),
    ("dependency", "plugins/messaging/bad.cpp", '#include "base/result.hpp"\n', "is not for plugins"),
    ("dependency", "plugins/messaging/bad.cpp", '#include "nameserver/route.hpp"\n', "is not for"),
    ("dependency", "plugins/messaging/bad.cpp", '#include "../x/y.hpp"\n', "is not for"),
    ("dependency", "sdk/cpp/bad.hpp", '// x\n#include "protocol/json.hpp"\n', "is not for sdk/cpp"),
    ("dependency", "sdk/ctl/bad.cpp", '#include "wire/frame.hpp"\n', "is not for sdk/ctl"),
    ("dependency", "kernel/node/bad.cpp", "#include <boost/asio/ip/tcp.hpp>\n", "sockets are opened"),
    ("dependency", "kernel/node/bad.cpp", "int f = ::socket(2, 1, 0);\n", "sockets are opened"),
    ("header comment", "kernel/wire/bad.hpp", "#pragma once\n", "a header opens with"),
    ("route access", "plugins/messaging/bad.cpp", "auto r = sdk::route(10);\n", "declares its access"),
    ("route access", "plugins/messaging/bad.cpp", "auto r = sdk::route(10, 0);\n", "declares"),
    ("route access", "plugin-tests/echo.c", "gantry_route r = {sizeof r, 10, 0, 0};\n", "declares"),
    ("README name", "kernel/wire/README.md", "See `gone.hpp`.\n", "`gone.hpp` is not there"),
    ("README name", "kernel/wire/README.md", "See `plugins/gone`.\n", "`plugins/gone` is not there"),
    ("length", "kernel/wire/bad.cpp", LONG, "f has 82 lines"),
    ("length", "kernel/wire/bad.cpp", "namespace a {\nclass B {\n" + LONG + "};\n}\n", "f has 82"),
    ("length", "kernel/wire/bad.cpp", "int i;\n" * 401, "the file has 401 lines"),
    ("length", "scripts/bad.py", "def f():\n" + "    g()\n" * 71, "f has 72 lines"),
    ("length", "scripts/tidy.ratchet", "kernel/wire/long.cpp f 90\n", "lower or remove its line"),
    ("top level", "notes.txt", "x\n", "the top level"),
    ("unfinished", "kernel/wire/bad.cpp", "// TO" "DO: more\n", "does not belong"),
    ("machine path", "conf/bad.toml", 'x = "/ho' 'me/me"\n', "does not belong"),
    ("sleep", "kernel/wire/bad.cpp", "std::this_thread::sleep_for(x);\n", "wait for an event"),
    ("sleep", "scripts/bad.py", "time.sle" "ep(1)\n", "wait for an event"),
)


def findings(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        subprocess.run(["git", "init", "-q", folder], check=True)
        tree = Tree(root)
        return [finding for rule in tidy_rules.ALL for finding in rule(tree)]


def main():
    failures = [f"a good tree was faulted: {finding}" for finding in findings(GOOD)]
    for rule, name, text, part in FAULTS:
        found = findings({**GOOD, name: text})
        if len(found) != 1 or found[0].rule != rule or found[0].path != name or \
                part not in found[0].text:
            failures.append(f"{name} with {text[:60]!r}: expected {rule}: {part}, "
                            f"got {[str(finding) for finding in found]}")
    print("\n".join(failures) if failures else f"{len(FAULTS)} faults are found")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
