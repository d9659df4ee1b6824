"""The suites of scripts/test: builds, runs and counts them. Started by scripts/test only.

Passing suites take a line; failing ones are shown whole. A suite that cannot run here (its registry
isn't reachable) is counted as skipped and named.
"""
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
JOBS = str(os.cpu_count() or 2)
FUZZ_SECONDS = 10
# What runs under the thread sanitiser: whatever holds a lock or posts between shards.
THREADED = ("runtime", "net", "commitlog", "dispatch", "plugin", "client")
SANITIZER_ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=0:second_deadlock_stack=1",
}


@dataclasses.dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    notes: list = dataclasses.field(default_factory=list)  # what failed or was skipped, by name

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.notes += other.notes

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def failure(name, output):
    """One failed thing and everything it said."""
    print(f"---- {name} failed:\n{output.rstrip()}\n----", flush=True)
    return Tally(failed=1, notes=[f"failed: {name}"])


def build(preset, *targets):
    """Builds, or says why not. Shown as it goes: a build takes minutes."""
    run = subprocess.run([ROOT / "scripts" / "build", preset, *targets])
    if run.returncode == 0:
        return Tally()
    return Tally(failed=1, notes=[f"failed: build of {preset}"])


def folder_of(preset):
    return ROOT / "build" if preset == "release" else ROOT / ".build" / preset


def catch_counts(output):
    """(passed, failed) test cases by Catch2's own summary, or nothing."""
    everything = re.search(r"All tests passed \(.*in (\d+) test cases?\)", output)
    if everything:
        return int(everything[1]), 0
    some = re.search(r"^test cases: (.*)$", output, re.M)
    if not some:
        return None
    numbers = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", some[1])}
    return numbers.get("passed", 0), numbers.get("failed", 0)


def suite_tally(label, case):
    """What one ctest suite came to: the cases in it, or itself if it isn't a Catch2 suite."""
    name = f"{label}: {case.get('name')}"
    output = case.findtext("system-out") or ""
    skipped = case.find("skipped")
    if skipped is not None and "SKIP_RETURN_CODE" in skipped.get("message", ""):
        return Tally(skipped=1, notes=[f"skipped: {name}: {output.strip()}"])
    good = case.get("status") == "run"
    passed, failed = catch_counts(output) or ((1, 0) if good else (0, 1))
    tally = Tally(passed=passed)
    if not good:
        # A sanitiser's finding at exit leaves all cases passed: it is a failure of its own.
        tally.add(failure(name, output or case.get("status", "did not run")))
        tally.failed = max(failed, 1)
    if "no golden data at" in output:
        tally.notes.append(f"note: {name} was not compared with recorded data: set GANTRY_GOLDEN")
    return tally


def ctest(label, preset, folder="", environment=None, prefix=()):
    """Runs the suites below a folder of the build tree."""
    with tempfile.TemporaryDirectory() as scratch:
        report = pathlib.Path(scratch) / "report.xml"
        command = [*prefix, "ctest", "--test-dir", folder_of(preset) / folder, "-j", JOBS,
                   "--output-junit", report, "--no-tests=error",
                   "--test-output-size-passed", "10000000", "--test-output-size-failed", "10000000"]
        run = subprocess.run(command, capture_output=True, text=True,
                             env={**os.environ, **(environment or {})})
        if not report.exists():
            return failure(f"{label}: ctest", run.stdout + run.stderr)
        tally = Tally()
        for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
            tally.add(suite_tally(label, case))
        return tally


def without_randomized_addresses():
    """A command prefix: sanitisers of this age can't map their shadow on some newer kernels."""
    prefix = ["setarch", os.uname().machine, "-R"]
    works = shutil.which("setarch") and subprocess.run([*prefix, "true"]).returncode == 0
    return prefix if works else []


def sanitized(preset, folders):
    missing = [folder for folder in folders if not (ROOT / folder / "CMakeLists.txt").exists()]
    if missing:
        return failure(preset, f"no suite in {', '.join(missing)}")
    tally = build(preset, *(f"{folder}/all" for folder in folders))
    if tally.failed:
        return tally
    for folder in folders:
        tally.add(ctest(f"{preset} {folder}", preset, folder, SANITIZER_ENVIRONMENT,
                        without_randomized_addresses()))
    return tally


def fuzz_seeds(folder):
    """Inputs to start from, made by the folder's `seeds` program; none where it has no data."""
    program, made = folder / "seeds", folder_of("fuzz") / "seeds" / folder.name
    if program.exists():
        made.mkdir(parents=True, exist_ok=True)
        subprocess.run([program, made], capture_output=True)
    return [made] if made.is_dir() and any(made.iterdir()) else []


def fuzz_one(target):
    """<folder>_<kind>_fuzz, from tests/fuzz/<folder>. New inputs go to a folder of this run; a
    finding's input is printed by the target itself."""
    folder, kind = target.name.removesuffix("_fuzz").split("_", 1)
    folder = ROOT / "tests" / "fuzz" / folder
    words = [f"-dict={file}" for file in folder.glob(f"{kind}.dict")]
    with tempfile.TemporaryDirectory() as scratch:
        run = subprocess.run([target, f"-max_total_time={FUZZ_SECONDS}", "-rss_limit_mb=1024",
                              "-timeout=5", "-max_len=4096", *words, scratch, *fuzz_seeds(folder)],
                             capture_output=True, text=True, cwd=scratch,
                             env={**os.environ, **SANITIZER_ENVIRONMENT})
        if run.returncode != 0:
            return failure(f"fuzz {target.name}", run.stdout + run.stderr)
    return Tally(passed=1)


def fuzz():
    tally = build("fuzz", "tests/fuzz/all")
    if tally.failed:
        return tally
    targets = sorted((folder_of("fuzz") / "bin").glob("*_fuzz"))
    if not targets:
        return failure("fuzz", "no target was built")
    for target in targets:
        tally.add(fuzz_one(target))
    return tally


def cases(suite, *arguments):
    """One line a case from tests/<suite>/run: PASS, FAIL or SKIP, then its name."""
    process = subprocess.Popen([ROOT / "tests" / suite / "run", *arguments],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    tally, output = Tally(), []
    for line in process.stdout:
        output.append(line)
        verdict, _, name = line.rstrip().partition(" ")
        if verdict == "PASS":
            tally.passed += 1
        elif verdict == "SKIP":
            tally.skipped += 1
            tally.notes.append(f"skipped: {suite} {name}")
        elif verdict == "FAIL":
            tally.failed += 1
            tally.notes.append(f"failed: {suite} {name}")
    code = process.wait()
    if tally.failed:
        print("".join(output))
    elif code != 0 or not tally.passed + tally.skipped:
        tally.add(failure(suite, "".join(output) or "said nothing"))
    return tally


def program(name):
    """A check that is one program."""
    run = subprocess.run([ROOT / name], capture_output=True, text=True)
    return Tally(passed=1) if run.returncode == 0 else failure(name, run.stdout + run.stderr)


def tidy():
    tally = program("scripts/tidy")
    tally.add(program("scripts/tidy_test.py"))
    tally.add(program("scripts/bench_report_test.py"))
    tally.add(program("tests/interop/run_test.py"))
    return tally


def stages(quick):
    yield "tidy", tidy
    yield "build", lambda: build("release")
    yield "unit, plugin and ABI suites", lambda: ctest("release", "release")
    yield "tutorial", lambda: program("scripts/tutorial")
    if quick:
        yield "interop smoke", lambda: cases("interop", "java_sends_and_consumes_json",
                                             "broken_frames", "replay")
        yield "torture smoke", lambda: cases("torture", "--rounds", "3", "kill", "no_ack", "a_",
                                             "offsets")
        return
    yield "interop", lambda: cases("interop")
    yield "torture", lambda: cases("torture")
    yield "address and undefined-behaviour sanitisers", lambda: sanitized(
        "asan", ["tests/unit", "plugin-tests"])
    yield "thread sanitiser", lambda: sanitized(
        "tsan", [f"tests/unit/{folder}" for folder in THREADED])
    yield "fuzz", fuzz


def main():
    total = Tally()
    for name, stage in stages("--quick" in sys.argv[1:]):
        started = time.monotonic()
        tally = stage()
        total.add(tally)
        print(f"{name}: {tally} ({time.monotonic() - started:.0f} s)", flush=True)
        if name == "build" and tally.failed:
            break  # nothing to run
    print("".join(f"{note}\n" for note in total.notes), end="")
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
