#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the test suites and counts their cases; the last line is `N passed, N failed`.

Suites: c (Meson: units, fuzzers, house), web (vitest, types), pages (each page walked through over a pretend server, pictures
in build/walks), e2ee (that nobody between the two ends sees or hears: both implementations against a hostile server, and the
running service searched for keys and content), e2e (real browsers against the whole service), soak (the long series). Without a
name: all but soak. What fails is printed whole. HJ_PROGRAMS names another folder of a Meson build than build/test.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("HJ_PROGRAMS", ROOT / "build/test")).resolve()
SANITIZERS = {"ASAN_OPTIONS": "detect_stack_use_after_return=1", "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
              "LSAN_OPTIONS": f"suppressions={ROOT}/tests/support/lsan.supp:print_suppressions=0"}


def count_tap(text):
    """Cases of a GLib test's output; a skipped one counts as neither."""
    passed = len(re.findall(r"^\s*ok \d+(?!.*# SKIP)", text, re.M))
    return passed, len(re.findall(r"^\s*not ok \d+", text, re.M))


def run_c(environment):
    log = BUILD / "meson-logs/testlog.json"
    log.unlink(missing_ok=True)
    subprocess.run(["meson", "test", "-C", BUILD, "--no-rebuild", "--num-processes", "2"],
                   env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    passed = failed = 0
    for line in log.read_text().splitlines():
        test = json.loads(line)
        good = test["result"] in ("OK", "EXPECTEDFAIL", "SKIP")
        cases, wrong = count_tap(test.get("stdout", ""))
        passed += cases if cases else int(good)
        failed += max(wrong, 0 if good else 1)
        print(f"{'ok  ' if good else 'FAIL'} {test['name']} ({cases or 1}, {test['duration']:.1f} s)", flush=True)
        if not good:
            print(re.sub(r"^# .*-DEBUG.*\n", "", test.get("stdout", ""), flags=re.M)[-6000:], test.get("stderr", "")[-6000:])
    return passed, failed


def run_web(environment):
    types = subprocess.run(["npm", "run", "--silent", "check"], cwd=ROOT / "web", capture_output=True, text=True)
    print(f"{'ok  ' if types.returncode == 0 else 'FAIL'} types")
    report = ROOT / "build/vitest.json"
    report.unlink(missing_ok=True)
    done = subprocess.run(["npx", "vitest", "run", "--reporter=json", f"--outputFile={report}"], cwd=ROOT / "web",
                          capture_output=True, text=True)
    if types.returncode:
        print(types.stdout[-6000:])
    if not report.exists():
        print(done.stdout[-6000:], done.stderr[-6000:])
        return 0, 1 + int(types.returncode != 0)
    result = json.loads(report.read_text())
    for file in result["testResults"]:
        print(f"{'ok  ' if file['status'] == 'passed' else 'FAIL'} {pathlib.Path(file['name']).name} ({len(file['assertionResults'])})")
        for case in file["assertionResults"]:
            if case["status"] == "failed":
                print(case["fullName"], "\n".join(case["failureMessages"])[:3000])
    broken = int(types.returncode != 0) + int(done.returncode != 0 and result["numFailedTests"] == 0)
    return result["numPassedTests"] + int(types.returncode == 0), result["numFailedTests"] + broken


def run_node(environment, files, at_once=1):
    """Files of node:test; none at all is a failure."""
    files = sorted(ROOT.glob(files))
    passed, failed = 0, int(not files)

    def run(file):
        return subprocess.run(["node", "--test", "--test-reporter=tap", file], cwd=ROOT / "web", text=True,
                              capture_output=True, env={**os.environ, **environment, "HJ_PROGRAMS": str(BUILD)})

    pool = concurrent.futures.ThreadPoolExecutor(at_once)
    for file, done in zip(files, pool.map(run, files)):
        good = [int(n) for n in re.findall(r"^# pass (\d+)", done.stdout, re.M)]
        bad = [int(n) for n in re.findall(r"^# fail (\d+)", done.stdout, re.M)]
        wrong = sum(bad) or int(done.returncode != 0)
        passed, failed = passed + sum(good), failed + wrong
        print(f"{'FAIL' if wrong else 'ok  '} {file.name} ({sum(good) + sum(bad)})", flush=True)
        for line in re.findall(r"^\s*((?:not )?ok \d+ - .+)$", done.stdout, re.M):
            print(f"       {re.sub(r'^ok [0-9]+ - ', '', line)}")
        if wrong:
            print(done.stdout[-12000:], done.stderr[-6000:])
    return passed, failed


SUITES = {"c": run_c, "web": run_web, "pages": lambda environment: run_node(environment, "web/tests/walk-*.mjs", 2),
          "e2ee": lambda environment: run_node(environment, "tests/e2ee/test-*.mjs"),
          "e2e": lambda environment: run_node(environment, "tests/e2e/test-*.mjs"),
          "soak": lambda environment: run_node(environment, "tests/soak/test-*.mjs")}


def main():
    names = sys.argv[1:] or ["c", "web", "pages", "e2ee", "e2e"]
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        sys.exit(f"no such suite: {', '.join(unknown)} (there are {', '.join(SUITES)})")
    passed = failed = 0
    for name in names:
        print(f"== {name}", flush=True)
        more, wrong = SUITES[name](SANITIZERS)
        passed, failed = passed + more, failed + wrong
    if passed == 0:
        failed += 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
