#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Native ends in whole meetings, with the service that ships between them: they see and hear each other end to end encrypted,
a second lawyer joins and one leaves, what the people say of the code counts. argv: the folder of the build, a folder to use."""
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from native import native_kiosk, native_lawyer  # noqa: E402
import demo  # noqa: E402
from stack import PASSWORD, Stack  # noqa: E402

n_reported = 0


def report(what):
    global n_reported
    n_reported += 1
    print(f"ok {n_reported} {what}", flush=True)


TONE = {"kiosk": 700, "chen": 1000, "zhou": 1600}


def first_room(stack):
    page = stack.page()
    page.sign_in("root-admin", PASSWORD)
    centre = min(page.ask("GET", "centres")["centres"], key=lambda one: one["code"])["id"]
    rooms = [room for room in page.ask("GET", "rooms")["rooms"] if room["centre"] == centre]
    return min(rooms, key=lambda room: room["name"]["zh"])["id"]


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


def two_meet(stack, room, kiosk, peers):
    """A kiosk and a lawyer: one code, admitted, each sees and hears the other."""
    page, booking = book(stack, room)
    chen = native_lawyer(stack, "chen", booking, "--tone-frequency", TONE["chen"], "--dump", stack.make("dump-chen"))
    peers.append(chen)
    epoch = same_code(kiosk, chen)
    assert epoch["suite"] == 2 and len(epoch["code"]) == 6 and epoch["seats"] == 2, epoch
    for peer in (kiosk, chen):
        peer.wait_said("admitted")
        peer.number = peer.said("seated")["number"]
    meets(chen, kiosk.number, TONE["kiosk"])
    meets(kiosk, chen.number, TONE["chen"])
    return page, booking, chen, epoch


def a_second_lawyer_joins(stack, page, booking, licence, kiosk, chen, epoch, peers):
    """All three get a new code; each sees and hears both others, through slots that nobody negotiated anew."""
    page.ask("POST", f"bookings/{booking}/participants", {"licence": licence})
    zhou = native_lawyer(stack, "zhou", booking, "--tone-frequency", TONE["zhou"], "--dump", stack.make("dump-zhou"))
    peers.append(zhou)
    second = same_code(kiosk, chen, zhou, epoch=epoch["epoch"])
    assert second["seats"] == 3 and second["code"] != epoch["code"], (epoch, second)
    zhou.wait_said("admitted")
    zhou.number = zhou.said("seated")["number"]
    everybody = {kiosk: "kiosk", chen: "chen", zhou: "zhou"}
    for reader in everybody:
        for source in everybody:
            if reader is not source:
                meets(reader, source.number, TONE[everybody[source]])
    return zhou, second


def a_lawyer_leaves(stack, kiosk, chen, zhou, second):
    """Who stays agrees anew; who left holds no key, and is not seen by the others any more."""
    zhou.tell("leave")
    zhou.wait_said("left")
    left_at = time.monotonic()
    for peer in (kiosk, chen):
        peer.wait_said("gone", number=zhou.number)
    third = same_code(kiosk, chen, epoch=second["epoch"])
    assert third["seats"] == 2 and third["code"] != second["code"], (second, third)
    for peer in (kiosk, chen):
        peer.wait(lambda one: one.media["sealing_epoch"] == third["epoch"], "the new epoch in use")
    assert time.monotonic() - left_at < 2, "who left could open frames for longer than 2 s"
    held = (stack.folder / "dump-zhou/keys.jsonl").read_text().splitlines()
    assert {json.loads(line)["epoch"] for line in held} == {second["epoch"]}, held
    before = {peer: peer.track(other.number, "video")["frames"]["ok"] for peer, other in ((kiosk, chen), (chen, kiosk))}
    for peer, other in ((kiosk, chen), (chen, kiosk)):
        peer.wait(sees(other.number, "video", before[peer] + 10), "pictures in the new epoch")
    return third


def a_dropped_socket_costs_nothing(kiosk, chen):
    """The seat is taken again with its token; the epoch holds, media flows on."""
    said, ok = len(chen.events), chen.track(kiosk.number, "video")["frames"]["ok"]
    chen.tell("drop")
    chen.wait_said("online", since=said, resumed=True)
    chen.wait(sees(kiosk.number, "video", ok + 15), "pictures after the drop")
    assert not chen.said("epoch", since=said) and not chen.said("seated", since=said), chen.events[said:]


def media_anew_repeats_no_counter(kiosk, chen):
    """A new call of the same seat goes on with the counters: nothing that it sends is taken for a replay."""
    replayed = kiosk.track(chen.number, "video")["frames"].get("replayed", 0)
    ok, said = kiosk.track(chen.number, "video")["frames"]["ok"], len(chen.events)
    chen.tell("offer")
    chen.wait_said("answered", since=said)
    kiosk.wait(sees(chen.number, "video", ok + 20), "pictures of the new call")
    assert kiosk.track(chen.number, "video")["frames"].get("replayed", 0) == replayed == 0, kiosk.media
    assert not chen.said("epoch", since=said), chen.events[said:]


def the_word_on_the_code_counts(kiosk, chen, third):
    """Same is taken down; different stops the end's own media and ends the meeting."""
    chen.tell("judge", result="same")
    chen.wait_said("verified")
    kiosk.tell("judge", result="different")
    kiosk.wait_said("quiet")
    for peer in (kiosk, chen):
        ended = peer.wait_said("ended")
        assert ended["reason"] == "code-different", ended


def main():
    stack = Stack(sys.argv[2], sys.argv[1])
    peers = []
    try:
        stack.start()
        people = demo.fill(stack, kiosks=0)
        licence = next(person["licence"] for person in people if person["account"] == "zhou")
        room = first_room(stack)
        kiosk = native_kiosk(stack, room, "k1", "--tone-frequency", TONE["kiosk"], "--dump", stack.make("dump-k1"))
        peers.append(kiosk)
        page, booking, chen, first = two_meet(stack, room, kiosk, peers)
        report("a native kiosk and a native lawyer meet end to end encrypted")
        zhou, second = a_second_lawyer_joins(stack, page, booking, licence, kiosk, chen, first, peers)
        report("a second lawyer joins: a new code, and all three see and hear each other")
        third = a_lawyer_leaves(stack, kiosk, chen, zhou, second)
        report("one leaves: a new code, and the others go on")
        a_dropped_socket_costs_nothing(kiosk, chen)
        report("a dropped socket costs nothing")
        media_anew_repeats_no_counter(kiosk, chen)
        report("media anew repeats no counter")
        the_word_on_the_code_counts(kiosk, chen, third)
        report("the word on the code counts")
        print(f"1..{n_reported}")
    finally:
        ends = [(peer.name, peer.stop()) for peer in peers]
        stack.stop()
    assert all(code == 0 for _, code in ends), f"{ends} (logs in {stack.folder / 'log'})"


if __name__ == "__main__":
    main()
