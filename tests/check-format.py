#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file is as clang-format would write it (./dev fmt mends it)."""
import pathlib
import shutil
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
if shutil.which("clang-format") is None:
    sys.exit("clang-format is not installed")
files = [p for d in ("src", "scheduler", "media", "signaling", "tests") for p in sorted((root / d).rglob("*.[ch]"))]
done = subprocess.run(["clang-format", "--dry-run", "-Werror", *map(str, files)], cwd=root, capture_output=True, text=True)
wrong = sorted({line.split(":")[0] for line in done.stderr.splitlines() if ": error:" in line})
for name in wrong:
    print("not formatted:", name)
sys.exit(1 if wrong or done.returncode else 0)
