# SPDX-License-Identifier: Apache-2.0
"""huijiand's end of the control link (docs/protocol.md section 3): a WebSocket server on a unix socket with room for one
huijian-media, which is asked one thing at a time. Events are acknowledged and statistics dropped, in a thread of its own."""
import base64
import hashlib
import itertools
import json
import queue
import socket
import struct
import threading

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, PING, PONG = 1, 9, 10


class Link:
    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen(1)
        self.ids = itertools.count(1)
        self.replies = queue.Queue()
        self.lock = threading.Lock()

    def accept(self, timeout_s=20):
        """Waits for huijian-media, welcomes it."""
        self.listener.settimeout(timeout_s)
        self.connection, _ = self.listener.accept()
        self.stream = self.connection.makefile("rb")
        key = None
        while (line := self.stream.readline().strip()):
            name, _, value = line.partition(b":")
            if name.lower() == b"sec-websocket-key":
                key = value.strip()
        proof = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        self.connection.sendall((
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {proof}\r\nSec-WebSocket-Protocol: huijian.link.v1\r\n\r\n").encode())
        threading.Thread(target=self._read, daemon=True).start()
        message = self.replies.get(timeout=timeout_s)
        assert message["verb"] == "register", message
        self._send({"verb": "welcome", "v": 1, "last_event": 0})

    def ask(self, verb, **members):
        """Sends a request, returns the reply. Raises when it is refused."""
        number = next(self.ids)
        self._send({"verb": verb, "id": number, **members})
        reply = self.replies.get(timeout=20)
        if reply.get("re") != number or not reply["ok"]:
            raise RuntimeError(f"{verb} was refused: {reply}")
        return reply

    def close(self):
        self.connection.close()
        self.listener.close()

    def _send(self, message, opcode=TEXT):
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        length = bytes([len(body)]) if len(body) < 126 else b"\x7e" + struct.pack(">H", len(body))
        with self.lock:
            self.connection.sendall(bytes([0x80 | opcode]) + length + body)

    def _frame(self):
        first, second = self.stream.read(2)
        length = second & 127
        if length == 126:
            length, = struct.unpack(">H", self.stream.read(2))
        elif length == 127:
            length, = struct.unpack(">Q", self.stream.read(8))
        mask = self.stream.read(4) * (length // 4 + 1)
        body = self.stream.read(length)
        return first & 15, (int.from_bytes(body, "big") ^ int.from_bytes(mask[:length], "big")).to_bytes(length, "big")

    def _read(self):
        try:
            while True:
                opcode, body = self._frame()
                if opcode == PING:
                    self._send(body, PONG)
                if opcode != TEXT:
                    continue
                message = json.loads(body)
                if message["verb"] in ("register", "reply"):
                    self.replies.put(message)
                elif message["verb"] == "event":
                    self._send({"verb": "ack", "n": message["n"]})
        except (OSError, ValueError):
            pass  # it has gone
