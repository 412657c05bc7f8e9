#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an operator sees of the elements: gst-inspect-1.0 shows each page with every property of its own, and
GST_DEBUG tells when a worker starts and stops, but nothing of each packet."""

import os
import re
import subprocess
import sys

PAGES = {
    "hjudpsrc": ["address", "port", "kernel-drops", "unusable"],
    "hjrelay": ["capacity", "addresses"],
    "hjudpsink": ["sent", "lost", "messages"],
    "hjsframepay": ["keys", "sealed", "dropped"],
    "hjsframedepay": ["keys", "seat", "opened", "dropped", "stats"],
}
TOLD = {
    "hjudpsrc": [r"bound UDP port [1-9]\d*, IPv4, UDP_GRO (taken|refused), receive buffer [1-9]\d* bytes",
                 r"closes UDP port [1-9]\d*"],
    "hjrelay": [r"worker starts, for 320 seats", r"relays on UDP port [1-9]\d*", r"worker stops"],
    "hjudpsink": [r"stopped: 0 datagrams sent in 0 messages, 0 lost"],
}


def check(name, missing, text):
    check.n += 1
    print("ok" if not missing else "not ok", check.n, "-", name)
    if missing:
        print("# missing:", missing)
        print(*("# " + line for line in text.splitlines()), sep="\n")


check.n = 0


def inspect(tool, element, properties):
    page = subprocess.run([tool, element], capture_output=True, text=True)
    wanted = [rf"^  {word} +\S" for word in ("Long-name", "Klass", "Description", "Author")]
    wanted += [rf"^  {name} +: \S" for name in properties]
    missing = [one for one in wanted if not re.search(one, page.stdout, re.M)]
    check(f"gst-inspect-1.0 shows {element}", missing or page.returncode, page.stdout + page.stderr)


def listen(tool, told):
    line = "hjudpsrc address=127.0.0.1 num-buffers=10 ! hjrelay ! hjudpsink".split()
    run = subprocess.run([tool, "-q"] + line, capture_output=True, text=True,
                         env=os.environ | {"GST_DEBUG": "hj*:5", "GST_DEBUG_NO_COLOR": "1"})
    for category, wanted in told.items():
        lines = "\n".join(part for part in run.stderr.splitlines() if f" {category} " in part)
        missing = [one for one in wanted if not re.search(one, lines)]
        check(f"GST_DEBUG shows {category}", missing or run.returncode, run.stdout + run.stderr)
    n = len(run.stderr.splitlines())
    check("a start and a stop are few lines", n if n > 20 else 0, run.stderr)


print(f"1..{len(PAGES) + len(TOLD) + 1}")
for element, properties in PAGES.items():
    inspect(sys.argv[1], element, properties)
listen(sys.argv[2], TOLD)
