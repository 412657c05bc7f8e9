# SPDX-License-Identifier: Apache-2.0
"""The programs of ./dev bench media: the fleet, and what can stand between its clients: nothing, the bare loop, huijian-media."""
import ctypes
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import sdp
from link import Link

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAMS = pathlib.Path(os.environ.get("HJ_PROGRAMS", ROOT / "build/program"))
FLEET_CORE, SERVER_CORE = 0, max(os.sched_getaffinity(0))
CONNECT_MS = 20_000
SERVER = "10.77.0.1"


def enter_network():
    """Starts this program again in a network namespace of its own, in which the server has an address of an interface that is
    not the loopback (libnice wants one) and each of 10.78.0.0/16 is the fleet's. No packet leaves it."""
    if os.environ.get("HJ_BENCH_NETWORK") != "1":
        os.environ["HJ_BENCH_NETWORK"] = "1"
        unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
        os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])
    for words in ("link set lo up", "link add media0 type veth peer name media1", f"address add {SERVER}/32 dev media0", "link set media0 up", "link set media1 up",
                  "route add local 10.78.0.0/16 dev media0"):
        subprocess.run(["ip", *words.split()], check=True)


def can_be_realtime():
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        return True
    except PermissionError:
        return False


def start(command, core, **how):
    """A child on one core that dies with us."""
    def prepare():
        os.sched_setaffinity(0, {core})
        if can_be_realtime():  # what else runs on the machine shall not be measured
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)

    return subprocess.Popen([str(word) for word in command], preexec_fn=prepare, **how)


def stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Fleet:
    """hj-fleet; see its head for the language."""

    def __init__(self):
        self.process = start([PROGRAMS / "tests/bench/fleet/hj-fleet"], FLEET_CORE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        words = self._answer().split()
        self.fingerprint, self.ports = words[-5], words[-4:]

    def _say(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the fleet has gone: {self.process.wait()}")
        return line

    def plain(self, client, address, port, reads):
        self._say("plain", client, address, port, reads)

    def credentials(self, client):
        """What the client with that number says of itself in SDP."""
        return sdp.Credentials(self.fingerprint, f"10.78.{client >> 8}.{client & 255}", self.ports[client % len(self.ports)])

    def client(self, client, own, theirs, publishes):
        """own: sdp.Credentials; theirs: sdp.Description."""
        audio, video = theirs.sections[:2]
        extensions = {**video["extensions"]}
        role = "client" if theirs.setup in ("passive", "actpass") else "server"
        self._say("client", client, own.ufrag, own.pwd, theirs.ufrag, theirs.pwd, theirs.fingerprint, theirs.address, theirs.port,
                  role, int(publishes), *own.ssrcs, sdp.OPUS, sdp.VP8, audio["mid"] or "-", video["mid"] or "-",
                  extensions.get(sdp.MID, 0), extensions.get(sdp.TWCC, 0))

    def connect(self):
        self._say("connect", CONNECT_MS)
        result = json.loads(self._answer())
        if result["waiting"]:
            raise RuntimeError(f"{result['waiting']} clients did not connect with AEAD_AES_128_GCM, {result['failed']} by a failed handshake")

    def run(self, warm_ms, span_ms, pid):
        self._say("run", warm_ms, span_ms, pid)
        return json.loads(self._answer())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


class Direct:
    """No server: each client sends to the other one of its meeting. What the fleet itself takes."""
    name, pid, process = "direct", 0, None

    def join(self, fleet, meetings):
        for seat in range(2 * meetings):
            fleet.plain(seat, "-", 0, seat ^ 1)

    def close(self):
        pass


class Bare:
    """The bare loop, tests/bench/fleet/bare.c."""
    name = "bare"

    def __init__(self, meetings):
        self.process = start([PROGRAMS / "tests/bench/fleet/hj-bare", 2 * meetings, SERVER], SERVER_CORE, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        self.port = int(self.process.stdout.readline())

    def join(self, fleet, meetings):
        for seat in range(2 * meetings):
            fleet.plain(seat, SERVER, self.port, seat ^ 1)

    def close(self):
        stop(self.process)


def new_id():
    """26 characters of base 32, as hj_id_new() makes them."""
    return "".join("abcdefghijklmnopqrstuvwxyz234567"[byte & 31] for byte in os.urandom(25)) + "a"


class Relay:
    """huijian-media with one worker; we are its huijiand."""
    name = "huijian"

    def __init__(self, meetings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hj-bench-"))
        link = Link(self.folder / "link")
        config = self.folder / "huijian.conf"
        config.write_text(f"[media]\nlink_socket={self.folder}/link\nlisten={SERVER}\nnode=bench\ncapacity={2 * meetings + 2}\n")
        log = open(ROOT / "build/bench/huijian-media.log", "w", encoding="utf-8")
        self.process = start([PROGRAMS / "media/huijian-media", "--config", config], SERVER_CORE, stdout=log, stderr=log)
        self.pid = self.process.pid
        self.link = link
        link.accept()

    def join(self, fleet, meetings):
        rooms = []
        for meeting in range(meetings):
            room, seats = new_id(), [new_id(), new_id()]
            rooms.append((room, seats))
            self.link.ask("open-room", room=room)
            for number, seat in enumerate(seats):
                own = fleet.credentials(2 * meeting + number)
                offer = sdp.offer(own, ["sendrecv", "recvonly", "recvonly", "recvonly"])
                reply = self.link.ask("add-leg", room=room, seat=seat, number=number, offer=offer)
                fleet.client(2 * meeting + number, own, sdp.Description(reply["answer"]), True)
        fleet.connect()
        for room, seats in rooms:
            self.link.ask("admit", room=room, seats=seats)

    def close(self):
        stop(self.process)
        self.link.close()
        shutil.rmtree(self.folder)


def memory(pid):
    """Resident KiB and threads of a process."""
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return int(fields["VmRSS"].split()[0]), int(fields["Threads"])


def measure(make, meetings, warm_ms, span_ms):
    """One run of one server, fresh, with so many meetings of two."""
    server = make(meetings)
    fleet = None
    try:
        time.sleep(0.2)
        idle_kib, idle_threads = memory(server.pid) if server.pid else (0, 0)
        fleet = Fleet()
        server.join(fleet, meetings)
        seen = fleet.run(warm_ms, span_ms, server.pid)
        used_kib, threads = memory(server.pid) if server.pid else (0, 0)
    finally:
        if fleet:
            fleet.close()
        server.close()
    seats = 2 * meetings
    return {
        **seen,
        "us_per_packet": seen["server_us"] / max(1, seen["received"]),
        "core_share": seen["server_us"] / seen["span_us"],
        "fleet_share": seen["fleet_us"] / seen["span_us"],
        "packets_per_s": 1e6 * seen["received"] / seen["span_us"],
        "loss_percent": 100 * (1 - seen["received"] / max(1, seen["sent"])),
        "kib_per_seat": (used_kib - idle_kib) / seats,
        "threads_per_seat": (threads - idle_threads) / seats,
    }
