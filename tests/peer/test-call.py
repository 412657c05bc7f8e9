#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Native ends in whole meetings, with the service that ships between them: they see and hear each other end to end encrypted,
a second lawyer joins and one leaves, what the people say of the code counts. argv: the folder of the build, a folder to use."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from native import native_kiosk, native_lawyer  # noqa: E402
import demo  # noqa: E402
from stack import PASSWORD, Stack  # noqa: E402

TONE = {"kiosk": 700, "chen": 1000, "zhou": 1600}


def book(stack, room):
    """The earliest slot of a client of chen's in that room, checked in by the desk."""
    lawyer, desk = stack.page(), stack.page()
    lawyer.sign_in("chen", PASSWORD)
    desk.sign_in("desk", PASSWORD)
    for client in lawyer.ask("GET", "cases")["clients"]:
        slots = lawyer.ask("GET", f"slots?authority={client['authority']}")["slots"] if client["allowed"] else []
        slots = [slot for slot in slots if slot["room"] == room]
        if slots:
            break
    booking = lawyer.ask("POST", "bookings", {"authority": client["authority"],
                                              "slot": {"room": room, "starts_at_us": slots[0]["starts_at_us"]}})["id"]
    desk.ask("POST", f"bookings/{booking}/check-in", {"identity_confirmed": True})
    return lawyer, booking


def sees(number, kind, minimum):
    return lambda peer: (peer.track(number, kind).get("frames", {}).get("ok", 0) >= minimum
                         and peer.track(number, kind).get("pictures" if kind == "video" else "samples", 0) >= minimum)


def meets(peer, number, tone):
    """It sees the test picture of that seat, moving, and hears its tone."""
    peer.wait(sees(number, "video", 20), f"pictures of {number}")
    peer.wait(sees(number, "audio", 50), f"sound of {number}")
    peer.wait(lambda one: abs(one.track(number, "audio")["hz"] - tone) < 20, f"tone of {tone} Hz", 5)
    video = peer.track(number, "video")
    assert (video["width"], video["height"]) == (320, 240), video
    # smpte75: the average of its bars
    assert 60 < video["y"] < 110 and 110 < video["u"] < 150 and 110 < video["v"] < 150, video
    assert video["motion"] > 1, video
    return video


def same_code(*peers, epoch=0):
    """They come to hold one epoch, later than the given one, and show one code."""
    for peer in peers:
        peer.wait(lambda one: (one.said("epoch") or {"epoch": 0})["epoch"] > epoch, f"an epoch after {epoch}")
    said = [peer.said("epoch") for peer in peers]
    assert len({(one["epoch"], one["code"]) for one in said}) == 1, said
    return said[0]


def two_meet(stack, kiosk, lawyer_page, booking):
    chen = native_lawyer(stack, "chen", booking, "--tone-frequency", TONE["chen"], "--dump", stack.make("dump-chen"))
    first = same_code(kiosk, chen)
    assert first["suite"] == 2 and len(first["code"]) == 6, first
    for peer in (kiosk, chen):
        peer.wait_said("admitted")
    numbers = {peer.name: peer.said("seated")["number"] for peer in (kiosk, chen)}
    meets(chen, numbers["k1"], TONE["kiosk"])
    meets(kiosk, numbers["chen"], TONE["chen"])
    return chen, numbers, first


def main():
    stack = Stack(sys.argv[2], sys.argv[1])
    peers = []
    try:
        stack.start()
        demo.fill(stack, kiosks=0)
        page = stack.page()
        page.sign_in("root-admin", PASSWORD)
        centre = min(page.ask("GET", "centres")["centres"], key=lambda one: one["code"])["id"]
        room = min((one for one in page.ask("GET", "rooms")["rooms"] if one["centre"] == centre), key=lambda one: one["name"]["zh"])["id"]
        kiosk = native_kiosk(stack, room, "k1", "--tone-frequency", TONE["kiosk"], "--dump", stack.make("dump-k1"))
        peers.append(kiosk)
        lawyer_page, booking = book(stack, room)
        kiosk.wait_said("seated")
        chen, numbers, first = two_meet(stack, kiosk, lawyer_page, booking)
        peers.append(chen)
        print(first, numbers, chen.media, kiosk.media)
    finally:
        for peer in peers:
            print(peer.name, peer.stop())
        stack.stop()


if __name__ == "__main__":
    main()
