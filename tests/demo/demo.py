#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts everything for a person who wants to see it (./dev demo), or holds one whole meeting headless (--check)."""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import ctl
from stack import PASSWORD, ROOT, Stack

POLICY = {"slot_minutes": 30, "open": {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
          "book_ahead_hours": 0, "book_until_hours": 336, "late_minutes": 10, "review": False, "always_open": True}


def make_accounts(stack, page, people, centres):
    lawyers = {lawyer["licence"]: lawyer["id"] for lawyer in page.ask("GET", "lawyers")["lawyers"]}
    for person in people:
        members = {"name": person["account"], "display_name": person["display_name"], "role": person["role"],
                   "password": PASSWORD}
        if person["role"] == "lawyer":
            members["lawyer"] = lawyers[person["licence"]]
        else:
            members["centres"] = [centres[code] for code in person["centres"]]
        ctl.act(stack.ctl_socket, "create-account", **members)


def fill(stack, kiosks=1):
    """Records, accounts, policies that are open around the clock, and a kiosk in the first rooms of the first centre."""
    records = stack.folder / "records.jsonl"
    subprocess.run([sys.executable, ROOT / "tests/demo/make-demo-data.py", records], check=True, capture_output=True)
    stack.huijianctl("import", records)
    people = json.loads(records.with_suffix(".accounts.json").read_text())
    page = stack.page()
    page.sign_in("root-admin", PASSWORD)
    centres = {centre["code"]: centre["id"] for centre in page.ask("GET", "centres")["centres"]}
    make_accounts(stack, page, people, centres)
    for centre in centres.values():
        ctl.act(stack.ctl_socket, "update-policy", centre=centre, document=POLICY)
    first = centres[min(centres)]
    rooms = sorted((room for room in page.ask("GET", "rooms")["rooms"] if room["centre"] == first),
                   key=lambda room: room["name"]["zh"])
    for number, room in enumerate(rooms[:kiosks], 1):
        stack.add_kiosk(room["id"], f"k{number}")
    return people


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RobotDesk(threading.Thread):
    """Checks every detainee in as soon as the desk may, as a person at the desk would."""

    def __init__(self, stack, account="desk"):
        super().__init__(daemon=True)
        self.page, self.account = stack.page(), account

    def look(self):
        for booking in self.page.ask("GET", "bookings")["bookings"]:
            if booking["state"] == "CONFIRMED" and "check-in" in booking["can"]:
                try:
                    self.page.ask("POST", f"bookings/{booking['id']}/check-in", {"identity_confirmed": True})
                except ctl.Refused:
                    pass  # too early, or not eligible any more: the desk's page shows why

    def run(self):
        signed_in = False
        while True:
            try:
                if not signed_in:
                    self.page.sign_in(self.account, PASSWORD)
                    signed_in = True
                self.look()
            except (ctl.Refused, OSError):
                signed_in = False
            time.sleep(1)


def tell(stack, people, robot):
    print(f"\n  会见 Huijian is running: {stack.url}\n\n  Password of every account: {PASSWORD}\n")
    for person in people:
        print(f"    {person['account']:<12} {person['role']:<14} {person['shows']}")
    print(f"    {'root-admin':<12} {'administrator':<14} every centre")
    print("\n  Sign in as chen, book the earliest slot of 张三, check your devices and join: the kiosk is already there.")
    second = next(person for person in people if person["account"] == "zhou")
    print(f"  A second lawyer of his: in the booking give licence {second['licence']}, and sign in as zhou in another browser.")
    print("  " + ("A robot at the desk checks the detainee in; --no-robot-desk to do it yourself as `desk`." if robot else
                  "Check the detainee in yourself: sign in as `desk` in another browser."))
    if stack.address:
        print(f"  The certificate is signed by {stack.folder}/tls/ca.pem.")
    print("  Ctrl-C stops everything.\n", flush=True)


def check(stack):
    """One whole meeting in a real browser; prints what it saw."""
    state = {"url": stack.url, "password": PASSWORD, "folder": str(stack.folder), "out": str(stack.folder / "pictures"),
             "api": str(stack.sockets / "api")}
    script = ROOT / "tests/e2e/demo-check.mjs"
    return subprocess.run(["node", script, json.dumps(state)], cwd=ROOT / "web").returncode


def main():
    parser = argparse.ArgumentParser(prog="dev demo")
    parser.add_argument("--check", action="store_true", help="hold one whole meeting headless and say what was seen")
    parser.add_argument("--no-robot-desk", action="store_true", help="check the detainee in yourself")
    parser.add_argument("--address", help="serve browsers of other machines on this address")
    parser.add_argument("--programs", default=str(ROOT / "build/program"))
    options = parser.parse_args()
    stack = Stack(ROOT / ("build/demo-check" if options.check else "build/demo"), options.programs, options.address,
                  want_port=0 if options.check else 8080)

    def end(number, frame):
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)  # once is enough: stop() must come to its end
        raise KeyboardInterrupt

    for each in SIGNALS:
        signal.signal(each, end)
    try:
        stack.start()
        people = fill(stack)
        if not options.no_robot_desk:
            RobotDesk(stack).start()
        if options.check:
            return check(stack)
        tell(stack, people, not options.no_robot_desk)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("\nStopping.", flush=True)
        return 0
    finally:
        stack.stop()


if __name__ == "__main__":
    sys.exit(main())
