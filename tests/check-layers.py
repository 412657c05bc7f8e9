#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may include whom (docs/architecture.md). Greps the includes; fails with the line that breaks the order."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
ORDER = ["src/base", "src/store", "src/audit", "src/access", "src/records", "src/eligibility", "scheduler", "src/meeting",
         "signaling"]
MAY = {part: set(ORDER[:i + 1]) for i, part in enumerate(ORDER)}
MAY["signaling"] -= {"src/store"}
MAY["media"] = {"src/base", "media"}
MAY["src/ctl"] = set(ORDER[:ORDER.index("src/meeting")]) | {"src/ctl"}
MAY["src/kiosk"] = {"src/base", "src/kiosk"}
problems = []


def part_of(path):
    """src/server.c and the mains include everything: they have no part."""
    for part in MAY:
        if path.startswith(part + "/"):
            return part
    return None


files = [p for d in ("src", "scheduler", "media", "signaling") for p in (root / d).rglob("*.[ch]")]
for file in sorted(files):
    name = file.relative_to(root).as_posix()
    part = part_of(name)
    for number, line in enumerate(file.read_text().splitlines(), 1):
        found = re.match(r'#include "((?:src|scheduler|media|signaling)/[^"]+)"', line)
        if not found:
            continue
        target = part_of(found[1])
        if part and target and target not in MAY[part]:
            problems.append(f"{name}:{number}: {part} must not include {target}")
        home = pathlib.PurePath(found[1]).parent
        if found[1].endswith("-private.h") and home not in pathlib.PurePath(name).parents:
            problems.append(f"{name}:{number}: a private header of another folder")

if not files:
    problems.append("no sources found")
for problem in problems:
    print(problem)
sys.exit(1 if problems else 0)
