# SPDX-License-Identifier: Apache-2.0
"""huijian-peer as a child: what it said so far, and waiting for what it will say."""
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "demo"))
import ctl  # noqa: E402
from stack import PASSWORD  # noqa: E402

# Under the sanitizers: GLib leaves its old table of quarks behind when plug-ins make many, and nothing tells that apart.
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=0"}


class Peer:
    def __init__(self, stack, role, name, *options):
        self.name, self.events, self.media = name, [], {}
        self.changed = threading.Condition()
        state = stack.make(f"peer-{name}")
        stack.make("log")
        with open(stack.folder / "log" / f"peer-{name}.log", "ab") as log:
            self.child = subprocess.Popen(
                [stack.programs / "tests/peer/huijian-peer", role, "--server", stack.secure, "--ca",
                 stack.folder / "tls/ca.pem", "--state", state, "--report", "100", *map(str, options)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                env={**os.environ, **SANITIZERS})
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.child.stdout:
            event = json.loads(line)
            with self.changed:
                if event["event"] == "media":
                    self.media = event
                else:
                    self.events.append(event)
                self.changed.notify_all()

    def tell(self, what, **members):
        self.child.stdin.write(json.dumps({"do": what, **members}) + "\n")
        self.child.stdin.flush()

    def wait(self, condition, what, seconds=15):
        """Until the condition, asked of this peer, answers something true; that answer."""
        end = time.monotonic() + seconds
        with self.changed:
            while True:
                answer = condition(self)
                if answer:
                    return answer
                if not self.changed.wait(max(0, end - time.monotonic())):
                    raise AssertionError(f"{self.name}: no {what} in {seconds} s; it said "
                                         + "\n".join(map(json.dumps, self.events[-12:] + [self.media])))

    def said(self, event, since=0, **members):
        """The last such event after the first `since` ones."""
        for one in reversed(self.events[since:]):
            if one["event"] == event and all(one.get(key) == value for key, value in members.items()):
                return one
        return None

    def wait_said(self, event, since=0, seconds=15, **members):
        return self.wait(lambda peer: peer.said(event, since, **members), event, seconds)

    def track(self, number, kind):
        """What it makes of another seat's pictures or sounds, {} while nothing came."""
        return next((track for track in self.media.get("tracks", []) if (track["number"], track["kind"]) == (number, kind)), {})

    def stop(self):
        if self.child.poll() is None:
            self.child.stdin.close()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
        return self.child.wait()


def native_kiosk(stack, room, name, *options):
    """Invites, enrols and approves a kiosk that is huijian-peer."""
    invited = ctl.act(stack.ctl_socket, "create-kiosk", room=room, name=name)
    peer = Peer(stack, "kiosk", name, "--token", invited["token"], *options)
    fingerprint = peer.wait_said("enrolled")["fingerprint"]
    stack.huijianctl("kiosk", "approve", invited["id"], fingerprint)
    peer.wait_said("online", seconds=20)
    return peer


def native_lawyer(stack, account, booking, *options):
    return Peer(stack, "lawyer", account, "--account", account, "--password", PASSWORD, "--booking", booking, *options)
