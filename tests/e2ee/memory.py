#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what a running process has in memory into a file, all pages that exist, also those that it wants left out of core files.
As gcore does, but gcore writes out the terabytes that AddressSanitizer reserves. The process stands still meanwhile. argv: PID FILE"""
import os
import re
import signal
import struct
import sys

PAGE = os.sysconf("SC_PAGE_SIZE")
LARGEST = 4 << 30
PRESENT = 1 << 63 | 1 << 62  # in memory, or swapped out


def mappings(pid):
    """(start, end) of those that have pages; the shadow of AddressSanitizer, which holds no content, is larger than any other."""
    with open(f"/proc/{pid}/smaps") as smaps:
        for line in smaps:
            head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line)
            if head:
                start, end = int(head[1], 16), int(head[2], 16)
                readable, pages, name = head[3][0] == "r", 0, line.split()[5:]
            elif line.startswith(("Rss:", "Swap:")):
                pages += int(line.split()[1])
            elif line.startswith("VmFlags:") and readable and pages and end - start < 1 << 40 and name[:1] not in (["[vvar]"], ["[vsyscall]"]):
                yield start, end


def runs(pagemap, start, end):
    """The stretches of pages that exist."""
    first = None
    pagemap.seek(start // PAGE * 8)
    entries = pagemap.read((end - start) // PAGE * 8)
    for number, (entry,) in enumerate(struct.iter_unpack("<Q", entries)):
        if entry & PRESENT and first is None:
            first = number
        elif not entry & PRESENT and first is not None:
            yield start + first * PAGE, start + number * PAGE
            first = None
    if first is not None:
        yield start + first * PAGE, end


def copy(pid, path):
    written = 0
    with open(f"/proc/{pid}/mem", "rb", 0) as memory, open(f"/proc/{pid}/pagemap", "rb", 0) as pagemap, open(path, "wb") as file:
        for start, end in mappings(pid):
            for at, after in runs(pagemap, start, end):
                memory.seek(at)
                written += file.write(memory.read(after - at))
                if written > LARGEST:
                    sys.exit(f"process {pid} has more than {LARGEST >> 30} GiB in memory")
    return written


def main():
    pid, path = int(sys.argv[1]), sys.argv[2]
    try:
        os.kill(pid, signal.SIGSTOP)
        try:
            print(copy(pid, path))
        finally:
            os.kill(pid, signal.SIGCONT)
    except PermissionError:
        sys.exit("memory.py needs CAP_SYS_PTRACE: run the suite e2ee as root")


if __name__ == "__main__":
    main()
