#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A whole service for one test file. Prints one JSON line when it is up; then obeys lines on standard input:
`kill NAME` (SIGKILL, it is started again), `hold NAME` (SIGKILL, and stays down), `release NAME`, `robot`; end of input stops it."""
import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "demo"))
import demo  # noqa: E402
from stack import Stack  # noqa: E402


def obey(stack, line):
    word, _, name = line.strip().partition(" ")
    if word == "robot":
        demo.RobotDesk(stack).start()
    elif word == "kill":
        stack.processes[name].kill()
    elif word == "hold":
        stack.processes[name].stop_at_once()
    elif word == "release":
        stack.processes[name].start_again()
    else:
        return f"unknown: {word}"
    return "done"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("programs")
    parser.add_argument("--resume-s", type=int, default=60)
    parser.add_argument("--kiosks", type=int, default=1)
    parser.add_argument("--turn", action="store_true", help="a coturn as well, and huijiand tells of it")
    options = parser.parse_args()
    stack = Stack(options.folder, options.programs, resume_s=options.resume_s, turn=options.turn)
    try:
        stack.start()
        demo.fill(stack, kiosks=options.kiosks)
        print(json.dumps({"url": stack.url, "secure": stack.secure, "password": demo.PASSWORD, "folder": str(stack.folder),
                          "ctl": stack.ctl_socket, "turn": stack.turn}), flush=True)
        for line in sys.stdin:
            print(obey(stack, line), flush=True)
    finally:
        stack.stop()


if __name__ == "__main__":
    main()
