#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what passes on the loopback interface from or to the given ports into a file, each frame behind its length in four bytes,
until standard input ends. Then prints how many frames there were, and how many the kernel dropped. Needs CAP_NET_RAW.
argv: FILE PORT…"""
import select
import socket
import struct
import sys

ETH_P_ALL, PACKET_STATISTICS, SOL_PACKET, SO_RCVBUFFORCE = 0x0003, 6, 263, 33


def ports_of(frame):
    """Of TCP and UDP over IPv4 and IPv6 without extension headers."""
    kind = frame[12:14]
    if kind == b"\x08\x00":
        at, protocol = 14 + (frame[14] & 15) * 4, frame[23]
    elif kind == b"\x86\xdd":
        at, protocol = 54, frame[20]
    else:
        return ()
    return struct.unpack_from("!HH", frame, at) if protocol in (6, 17) and len(frame) >= at + 4 else ()


def main():
    wanted = {int(port) for port in sys.argv[2:]}
    try:
        source = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    except PermissionError:
        sys.exit("capture.py needs CAP_NET_RAW: run the suite e2ee as root")
    source.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    source.bind(("lo", 0))
    frames = 0
    with open(sys.argv[1], "wb") as file:
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([source, sys.stdin], [], [])
            if source in ready:
                frame = source.recv(262144)
                if wanted.intersection(ports_of(frame)):
                    file.write(struct.pack("!I", len(frame)) + frame)
                    frames += 1
            elif not sys.stdin.read(1):
                break
    _, dropped = struct.unpack("II", source.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    print(frames, dropped, flush=True)


if __name__ == "__main__":
    main()
