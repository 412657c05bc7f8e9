# SPDX-License-Identifier: Apache-2.0
"""Debian's Janus with its VideoRoom between the clients of the fleet: each seat publishes with one handle and subscribes with
another, as Janus's own demo does. A configuration of ours in build/bench/janus, the API on a unix socket, in the bench's own network."""
import itertools
import json
import pathlib
import shutil
import socket
import time

import sdp
from fleet import ROOT, SERVER, SERVER_CORE, start, stop

LIBRARIES = pathlib.Path("/usr/lib/x86_64-linux-gnu/janus")
HOME = ROOT / "build/bench/janus"
ROOM = {"publishers": 2, "bitrate": 0, "fir_freq": 0, "audiocodec": "opus", "videocodec": "vp8", "notify_joining": False, "permanent": False}


def _others(folder, keep):
    return ",".join(sorted(path.name for path in (LIBRARIES / folder).glob("*.so") if path.name != keep))


def _configure(loops):
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    (HOME / "janus.jcfg").write_text(f"""
general: {{
  configs_folder = "{HOME}"
  plugins_folder = "{LIBRARIES}/plugins"
  transports_folder = "{LIBRARIES}/transports"
  debug_level = 3
  session_timeout = 0
  {f'event_loops = {loops}' if loops else ''}
}}
nat: {{ ice_lite = true, full_trickle = false, ice_enforce_list = "{SERVER}" }}
plugins: {{ disable = "{_others('plugins', 'libjanus_videoroom.so')}" }}
transports: {{ disable = "{_others('transports', 'libjanus_pfunix.so')}" }}
events: {{ broadcast = false }}
""", encoding="utf-8")
    (HOME / "janus.transport.pfunix.jcfg").write_text(
        f'general: {{ enabled = true, json = "compact", path = "{HOME}/api", type = "SOCK_SEQPACKET" }}\n', encoding="utf-8")
    (HOME / "janus.plugin.videoroom.jcfg").write_text("general: { }\n", encoding="utf-8")


class Janus:
    name = "janus"

    def __init__(self, meetings, loops=0):
        _configure(loops)
        log = open(HOME / "log", "w", encoding="utf-8")
        self.process = start(["janus", "--configs-folder", HOME], SERVER_CORE, stdout=log, stderr=log)
        self.pid = self.process.pid
        self.numbers = itertools.count(1)
        self.events = {}
        self.socket = self._dial()
        self.session = self._ask(janus="create")["data"]["id"]
        self.control = self._attach()

    def _dial(self):
        end = time.monotonic() + 20
        while True:
            talk = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                talk.connect(f"{HOME}/api")
                talk.settimeout(30)
                return talk
            except OSError:
                talk.close()
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"Janus did not start: {HOME}/log") from None
                time.sleep(0.05)

    def _hear(self):
        message = json.loads(self.socket.recv(1 << 20))
        if message["janus"] == "error":
            raise RuntimeError(f"Janus refused: {message['error']}")
        return message

    def _ask(self, **message):
        """Sends a request and waits for its last answer: the acknowledgement alone is none."""
        number = str(next(self.numbers))
        self.socket.send(json.dumps({**message, "transaction": number}).encode())
        while True:
            answer = self._hear()
            if answer.get("transaction") == number and answer["janus"] != "ack":
                return answer

    def _attach(self):
        return self._ask(janus="attach", session_id=self.session, plugin="janus.plugin.videoroom")["data"]["id"]

    def _say(self, handle, body, jsep=None):
        message = {"janus": "message", "session_id": self.session, "handle_id": handle, "body": body}
        if jsep:
            message["jsep"] = jsep
        answer = self._ask(**message)
        data = answer.get("plugindata", {}).get("data", {})
        if "error" in data:
            raise RuntimeError(f"VideoRoom refused {body['request']}: {data['error']}")
        return data, answer.get("jsep")

    def _publish(self, fleet, client, room):
        handle = self._attach()
        joined, _ = self._say(handle, {"request": "join", "ptype": "publisher", "room": room})
        own = fleet.credentials(client)
        jsep = {"type": "offer", "sdp": sdp.offer(own, ["sendonly"])}
        _, answer = self._say(handle, {"request": "publish", "audiocodec": "opus", "videocodec": "vp8"}, jsep)
        fleet.client(client, own, sdp.Description(answer["sdp"]), True)
        return joined["id"]

    def _subscribe(self, fleet, client, room, feed):
        handle = self._attach()
        _, offer = self._say(handle, {"request": "join", "ptype": "subscriber", "room": room, "streams": [{"feed": feed}]})
        own = fleet.credentials(client)
        self._say(handle, {"request": "start"}, {"type": "answer", "sdp": sdp.answer(own, offer["sdp"])})
        fleet.client(client, own, sdp.Description(offer["sdp"]), False)

    def join(self, fleet, meetings):
        feeds = []
        for meeting in range(meetings):
            room = 1000 + meeting
            self._say(self.control, {"request": "create", "room": room, **ROOM})
            feeds.append([self._publish(fleet, 4 * meeting + seat, room) for seat in range(2)])
            if meeting % 8 == 7:
                fleet.connect()
        fleet.connect()
        for meeting, (first, second) in enumerate(feeds):
            for seat, feed in enumerate((second, first)):
                self._subscribe(fleet, 4 * meeting + 2 + seat, 1000 + meeting, feed)
            if meeting % 8 == 7:
                fleet.connect()
        fleet.connect()

    def close(self):
        self.socket.close()
        stop(self.process)
