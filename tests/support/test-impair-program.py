#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""huijian-impair between real sockets. usage: test-impair-program.py HUIJIAN-IMPAIR"""
import socket
import subprocess
import sys
import threading
import time


class Impair:
    def __init__(self, seed):
        self.child = subprocess.Popen([sys.argv[1], str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        return self.child.stdout.readline().strip()

    def stop(self):
        self.child.stdin.close()
        return self.child.wait(10)


def udp_echo():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def run():
        while True:
            data, address = server.recvfrom(2048)
            server.sendto(data, address)
    threading.Thread(target=run, daemon=True).start()
    return server.getsockname()[1]


def tcp_echo():
    server = socket.create_server(("127.0.0.1", 0))

    def serve(connection):
        while data := connection.recv(2048):
            connection.sendall(data)

    def run():
        while True:
            threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
    threading.Thread(target=run, daemon=True).start()
    return server.getsockname()[1]


def survivors(seed, target):
    """Which of 400 numbered packets come back through 10 % loss each way."""
    impair = Impair(seed)
    port = int(impair.ask(f"udp {target}").split()[1])
    assert impair.ask("set both loss 10") == "done"
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect(("127.0.0.1", port))
    client.settimeout(0.05)
    back = []
    for number in range(400):
        client.send(b"%d" % number)
        try:
            back.append(int(client.recv(2048)))
        except TimeoutError:
            pass
    report = impair.ask("report")
    assert impair.stop() == 0
    return back, report


def repeats_itself():
    target = udp_echo()
    one, again = survivors(5, target), survivors(5, target)
    assert one == again, (one, again)
    assert 280 < len(one[0]) < 360, one
    assert survivors(6, target)[0] != one[0]


def delays():
    impair = Impair(1)
    port = int(impair.ask(f"udp {udp_echo()}").split()[1])
    assert impair.ask("set both delay 50ms") == "done"
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect(("127.0.0.1", port))
    client.settimeout(5)
    start = time.monotonic()
    client.send(b"x")
    client.recv(16)
    assert 0.1 <= time.monotonic() - start < 0.5
    assert impair.ask("cut udp") == "done"
    client.send(b"lost")
    client.settimeout(0.3)
    try:
        raise AssertionError(client.recv(16))
    except TimeoutError:
        pass
    assert impair.ask("heal udp") == "done"
    client.settimeout(5)
    client.send(b"y")
    assert client.recv(16) == b"y"
    assert impair.stop() == 0


def cuts_tcp():
    impair = Impair(1)
    port = int(impair.ask(f"tcp {tcp_echo()}").split()[1])
    busy, idle = (socket.create_connection(("127.0.0.1", port)) for _ in range(2))
    for each in (busy, idle):
        each.settimeout(5)
        each.sendall(b"x")
        assert each.recv(16) == b"x"
    impair.ask("cut tcp")
    busy.sendall(b"y")
    busy.settimeout(0.5)
    try:
        raise AssertionError(busy.recv(16))
    except TimeoutError:
        pass
    impair.ask("heal tcp")
    start = time.monotonic()
    idle.sendall(b"z")
    assert idle.recv(16) == b"z" and time.monotonic() - start < 0.05 + 0.3
    busy.settimeout(5)
    assert busy.recv(16) == b"y"
    assert impair.stop() == 0


def refuses():
    impair = Impair(1)
    for line in ("", "fly", "udp", "udp 0", "udp 65536", "set", "set left loss 5", "set up loss", "set up loss 200", "cut cable",
                 "set up loss 5 6"):
        assert impair.ask(line).startswith("error "), line
    assert impair.stop() == 0
    assert subprocess.run([sys.argv[1], "chance"], stderr=subprocess.DEVNULL).returncode == 2


cases = {"the same seed loses the same packets": repeats_itself, "UDP is delayed, cut and healed": delays,
         "TCP is cut, and what was under way comes late": cuts_tcp, "commands that make no sense are refused": refuses}
print(f"1..{len(cases)}")
failed = 0
for index, (name, case) in enumerate(cases.items(), 1):
    try:
        case()
        print(f"ok {index} - {name}")
    except AssertionError as error:
        failed += 1
        print(f"not ok {index} - {name}\n# {error}")
sys.exit(1 if failed else 0)
