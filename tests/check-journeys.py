#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every file and function that docs/journeys.md names is there; each function stands in the file before it."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
COLUMNS = ["journey", "browser", "edge", "rule", "below", "test"]
problems, journeys, named = [], 0, 0


def defines(path, function):
    """C: the name begins a line. TypeScript: a function or method, not a call."""
    text = path.read_text()
    name = re.escape(function)
    if path.suffix in (".c", ".h"):
        return re.search(rf"^{name} \(", text, re.M) is not None
    return re.search(rf"^\s*(?:(?:export|private|protected|override|static|async|function)\s+)*{name}\([^)]*\)?[^;]*$", text, re.M) is not None


def look(number, cell):
    global named
    file = None
    for word in re.findall(r"`([^`]+)`", cell):
        named += 1
        if word.endswith("()"):
            if file is None:
                problems.append(f"line {number}: no file before {word}")
            elif file.is_file() and not defines(file, word[:-2]):
                problems.append(f"line {number}: {file.relative_to(root)} has no {word}")
        else:
            file = root / word
            if not file.is_file():
                problems.append(f"line {number}: {word} is gone")


for number, line in enumerate((root / "docs/journeys.md").read_text().splitlines(), 1):
    cells = [cell.strip() for cell in line.strip("|").split(" | ")]
    if not line.startswith("|") or line.startswith("| ---"):
        continue
    if len(cells) != len(COLUMNS):
        problems.append(f"line {number}: {len(cells)} cells, not {len(COLUMNS)}")
    elif cells[0] != "journey":
        journeys += 1
        for cell in cells[1:]:
            look(number, cell)
        if "`tests/" not in cells[-1]:
            problems.append(f"line {number}: no test")

if journeys == 0 or named == 0:
    problems.append("no journeys found")
for problem in problems:
    print("docs/journeys.md:", problem)
sys.exit(1 if problems else 0)
