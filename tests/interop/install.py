"""Clients as their users install them: by package name, each into its part of .build/interop.

What is there already is not fetched again, so a run without a network works after one with.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parent.parent / ".build" / "interop"


class Missing(Exception):
    """A package can't be had here: its text names package and registry."""


def java(version):
    """The class path of rocketmq-client of this version with the program compiled against it."""
    folder, project = FOLDER / f"java-{version}", HERE / "java"
    flavour = project / f"v{version.split('.')[0]}"
    jars(f"rocketmq-client {version}", project / "pom.xml", version, folder)
    sources = sorted([*(project / "src").rglob("*.java"), *flavour.rglob("*.java")])
    with Step(folder / "classes", sources) as step:
        if step.needed:
            run(["javac", "-nowarn", "-d", step.folder, "-cp", f"{folder / 'lib'}/*", *sources])
    return f"{folder / 'classes'}:{folder / 'lib'}/*"


def java_tools(version):
    """The class path of rocketmq-tools and rocketmq-example."""
    folder = FOLDER / f"java-tools-{version}"
    jars(f"rocketmq-tools and rocketmq-example {version}", HERE / "java" / "tools" / "pom.xml",
         version, folder)
    return f"{folder / 'lib'}/*"


def jars(package, pom, version, folder):
    with Step(folder / "lib", [pom]) as step:
        if step.needed:
            fetch(f"{package} (Maven)", [
                "mvn", "-B", "-q", "-f", pom, "dependency:copy-dependencies",
                "-DincludeScope=runtime", f"-Drocketmq.version={version}",
                f"-DoutputDirectory={step.folder}"])


def go(package):
    """The Go program."""
    project = HERE / "go"
    with Step(FOLDER / "go", sorted(project.iterdir())) as step:
        if step.needed:
            for file in project.iterdir():
                shutil.copy(file, step.folder)
            fetch(f"{package} (Go modules)", ["go", "mod", "download"], step.folder)
            run(["go", "build", "-o", "program", "."], step.folder)
    return FOLDER / "go" / "program"


def npm(name):
    """The folder with the JavaScript program, its <name> and that one's packages."""
    shared = HERE / "javascript"
    sources = [shared / "program.js", *sorted((shared / name).iterdir())]
    with Step(FOLDER / name, sources) as step:
        if step.needed:
            for file in sources:
                shutil.copy(file, step.folder)
            fetch(f"{name} (npm)", ["npm", "install", "--loglevel=error", "--no-audit", "--no-fund",
                                    "--prefer-offline"], step.folder)
    return FOLDER / name


def python(package):
    """The interpreter of a virtual environment that has the package."""
    requirements = HERE / "python" / "requirements.txt"
    with Step(FOLDER / "python", [requirements]) as step:
        if step.needed:
            run([sys.executable, "-m", "venv", step.folder])
            fetch(f"{package} (PyPI)", [step.folder / "bin" / "pip", "install", "--quiet",
                                        "--disable-pip-version-check", "-r", requirements])
    return FOLDER / "python" / "bin" / "python"


class Step:
    """A folder that is made anew when what it is made of changes; half-made ones are made again.
    One at a time: clients that run beside one another share some."""

    lock = threading.RLock()

    def __init__(self, folder, sources):
        self.folder = folder
        self.stamp = folder.with_name(f"{folder.name}.stamp")
        digest = hashlib.sha256()
        for file in sources:
            digest.update(file.read_bytes())
        self.fingerprint = digest.hexdigest()

    def __enter__(self):
        self.lock.acquire()
        try:
            self.prepare()
        except BaseException:
            self.lock.release()
            raise
        return self

    def prepare(self):
        self.needed = not (self.stamp.exists() and self.stamp.read_text() == self.fingerprint)
        if self.needed:
            self.stamp.unlink(missing_ok=True)
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)

    def __exit__(self, failure, *_):
        if failure is None and self.needed:
            self.stamp.write_text(self.fingerprint)
        self.lock.release()


def fetch(package, command, folder=None):
    """A step that asks a registry."""
    try:
        run(command, folder)
    except (AssertionError, FileNotFoundError) as why:
        raise Missing(f"{package}: {str(why).strip().splitlines()[-1]}") from why


def run(command, folder=None):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True,
                          env={**os.environ, "GOFLAGS": "-mod=mod"})
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
