# SPDX-License-Identifier: Apache-2.0
"""SDP as a browser would write it, and the few lines that are wanted of the other side's."""
import re
import secrets

ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TWCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
OPUS, VP8, RTX = 111, 96, 97
FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc")


class Credentials:
    """What one peer connection brings along."""

    def __init__(self, fingerprint, address, port):
        self.candidate = f"1 1 udp 2130706431 {address} {port} typ host"
        self.ufrag = secrets.token_hex(4)
        self.pwd = secrets.token_hex(12)
        self.fingerprint = fingerprint
        self.ssrcs = [secrets.randbits(31) | 1, secrets.randbits(31) | 1]


def _session(sections, mids):
    head = f"v=0\r\no=- {secrets.randbits(60)} 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {' '.join(mids)}\r\n"
    return head + "".join(sections)


def _section(own, kind, mid, direction, setup, codecs, extensions):
    lines = [f"m={kind} 9 UDP/TLS/RTP/SAVPF {' '.join(str(number) for number, _ in codecs)}", "c=IN IP4 0.0.0.0",
             f"a=mid:{mid}", f"a=ice-ufrag:{own.ufrag}", f"a=ice-pwd:{own.pwd}", f"a=fingerprint:sha-256 {own.fingerprint}",
             f"a=setup:{setup}", f"a=candidate:{own.candidate}", "a=end-of-candidates", "a=rtcp-mux", "a=rtcp-rsize", f"a={direction}"]
    lines += [f"a=extmap:{number} {uri}" for number, uri in extensions]
    for number, codec in codecs:
        lines.append(f"a=rtpmap:{number} {codec}")
        if codec.startswith("VP8"):
            lines += [f"a=rtcp-fb:{number} {feedback}" for feedback in FEEDBACK]
        if codec.startswith("rtx"):
            lines.append(f"a=fmtp:{number} apt={codecs[0][0]}")
    if "send" in direction:
        lines.append(f"a=ssrc:{own.ssrcs[kind == 'video']} cname:fleet")
    return "".join(line + "\r\n" for line in lines)


def offer(own, directions):
    """directions: of each audio/video pair of m-lines, such as sendrecv or recvonly."""
    sections = []
    for pair, direction in enumerate(directions):
        extensions = [(2, ABS_SEND_TIME), (3, TWCC), (4, MID)]
        sections.append(_section(own, "audio", 2 * pair, direction, "actpass", [(OPUS, "opus/48000/2")], extensions))
        sections.append(_section(own, "video", 2 * pair + 1, direction, "actpass", [(VP8, "VP8/90000"), (RTX, "rtx/90000")], extensions))
    return _session(sections, [str(n) for n in range(2 * len(directions))])


def answer(own, theirs):
    """Receives what they offer, as the DTLS client."""
    described = Description(theirs)
    sections = []
    for section in described.sections:
        extensions = [(n, uri) for uri, n in section["extensions"].items() if uri in (ABS_SEND_TIME, TWCC, MID)]
        codecs = [(n, codec) for n, codec in section["codecs"] if codec.split("/")[0].lower() in ("opus", "vp8")]
        sections.append(_section(own, section["kind"], section["mid"], "recvonly", "active", codecs, extensions))
    return _session(sections, [section["mid"] for section in described.sections])


class Description:
    """The other side's SDP, read."""

    def __init__(self, text):
        self.ufrag = re.search(r"^a=ice-ufrag:(\S+)", text, re.M)[1]
        self.pwd = re.search(r"^a=ice-pwd:(\S+)", text, re.M)[1]
        self.fingerprint = re.search(r"^a=fingerprint:sha-256 (\S+)", text, re.M | re.I)[1]
        self.setup = re.search(r"^a=setup:(\S+)", text, re.M)[1]
        candidate = re.search(r"^a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host", text, re.M | re.I)
        self.address, self.port = candidate[1], int(candidate[2])
        self.sections = [self._read_section(part) for part in re.split(r"^m=", text, flags=re.M)[1:]]

    @staticmethod
    def _read_section(part):
        mid = re.search(r"^a=mid:(\S+)", part, re.M)
        return {
            "kind": part.split()[0],
            "mid": mid[1] if mid else "",
            "extensions": {uri: int(n) for n, uri in re.findall(r"^a=extmap:(\d+)(?:/\S+)? (\S+)", part, re.M)},
            "codecs": [(int(n), codec) for n, codec in re.findall(r"^a=rtpmap:(\d+) (\S+)", part, re.M)],
        }
