#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""huijianctl against a real huijiand: every command, every refusal. usage: test-ctl.py HUIJIANCTL HUIJIAND MAKE-DEMO-DATA"""
import base64
import hashlib
import json
import os
import pathlib
import pty
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import traceback

CTL, DAEMON, DEMO = sys.argv[1:4]
CODE = "440100111"
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Place:
    """A folder with a configuration; huijiand runs in it between start() and stop()."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hj"))
        self.config = self.folder / "huijian.conf"
        self.daemon = None
        names = {key: self.folder / key[:3] for key in ("api_socket", "signalling_socket", "link_socket", "ctl_socket")}
        self.config.write_text(f"[huijiand]\nstate_dir={self.folder}/state\norigins=http://localhost:1\n"
                               + "".join(f"{key}={path}\n" for key, path in names.items()))

    def ctl(self, *words, code=0, given=None):
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "en"}
        done = subprocess.run([CTL, "--config", self.config, *words], input=given, text=True, capture_output=True,
                              timeout=60, env=environment)
        assert done.returncode == code, f"{words}: {done.returncode} {done.stdout} {done.stderr}"
        return done

    def json(self, *words, **options):
        return json.loads(self.ctl(*words, "--json", **options).stdout)

    def start(self):
        self.daemon = subprocess.Popen([DAEMON, "--config", self.config], stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(400):
            assert self.daemon.poll() is None, self.daemon.stderr.read()
            try:
                return self.ask("healthz")
            except OSError:
                time.sleep(0.05)
        raise AssertionError("huijiand did not come up")

    def stop(self):
        if self.daemon:
            self.daemon.terminate()
            out, err = self.daemon.communicate(timeout=30)
            code, self.daemon = self.daemon.returncode, None
            assert code == 0, f"huijiand ended with {code}: {err.decode()}"

    def ask(self, path, body=None, cookie=""):
        """One request on the api socket, as nginx would pass it on."""
        text = json.dumps(body) if body is not None else ""
        request = (f"{'POST' if body is not None else 'GET'} /api/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                   f"Origin: http://localhost:1\r\nX-Huijian: 1\r\nX-Real-IP: 192.0.2.1\r\nCookie: {cookie}\r\n"
                   f"Content-Type: application/json\r\nContent-Length: {len(text.encode())}\r\n\r\n{text}")
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.folder / "api"))
            line.sendall(request.encode())
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        head, _, rest = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), json.loads(rest) if rest else {}

    def sign_in(self, account, password):
        status, head, answer = self.ask("login", {"account": account, "password": password})
        cookie = [line.split(": ")[1].split(";")[0] for line in head.splitlines() if line.startswith("Set-Cookie: ")]
        return status, cookie[0] if cookie else "", answer


@test
def version_and_help_need_no_configuration(place):
    assert place.ctl("--version").stdout.startswith("huijianctl ")
    assert "kiosk invite" in place.ctl("--help").stdout


@test
def what_is_said_wrong_ends_with_2(place):
    for words in ([], ["nonsense"], ["account"], ["account", "add"], ["account", "add", "a", "b"], ["--nonsense"],
                  ["account", "add", "somebody"], ["account", "list", "--room", "x"], ["kiosk", "invite", "--room", "x"]):
        assert place.ctl(*words, code=2).stderr.startswith("huijianctl: "), words


@test
def a_wrong_configuration_is_named(place):
    text = place.config.read_text()
    place.config.write_text(text + "nonsense=1\n")
    assert "nonsense" in place.ctl("doctor", code=1).stderr
    place.config.write_text(text)
    assert "other.conf" in place.ctl("--config", "/nowhere/other.conf", "doctor", code=1).stderr


@test
def without_huijiand_one_is_told_so(place):
    assert "is huijiand running?" in place.ctl("account", "list", code=1).stderr
    done = place.ctl("doctor", code=1)
    assert "run huijianctl init" in done.stdout and "BAD" in done.stdout


@test
def init_refuses_a_weak_password_and_makes_nobody(place):
    assert "too weak" in place.ctl("init", "--password-stdin", given="short\n", code=1).stderr
    assert "name" in place.ctl("init", "--name", "Not A Name", code=1).stderr
    place.ctl("init", "--password-stdin", given="", code=1)


@test
def init_makes_the_first_administrator_once(place):
    password = place.ctl("init").stdout.strip()
    assert len(password) == 30, password
    assert (place.folder / "state").stat().st_mode & 0o777 == 0o700
    assert (place.folder / "state/huijian.db").stat().st_mode & 0o777 == 0o600
    assert "nothing was changed" in place.ctl("init", code=1).stderr
    place.start()
    status, _, me = place.sign_in("admin", password)
    assert status == 200 and me["account"]["scope"] == "all", me
    assert place.sign_in("admin", "not the password")[0] == 401


@test
def init_keeps_away_from_a_running_huijiand(place):
    assert "stop it first" in place.ctl("init", code=1).stderr


@test
def centres_rooms_and_policies_are_made(place):
    place.ctl("centre", "add", CODE, "--name", "第一看守所", "--name-en", "Centre No. 1")
    place.ctl("centre", "add", CODE, "--name", "另一个", code=1)
    place.ctl("centre", "add", "123", "--name", "短", code=1)
    place.ctl("centre", "add", "440100121", "--name", "第二看守所", "--zone", "Asia/Nowhere", code=1)
    assert "第一看守所" in place.ctl("centre", "list").stdout
    place.ctl("room", "add", "会见室一", "--centre", "Centre No. 1", "--name-en", "Room 1")
    place.ctl("room", "add", "会见室一", "--centre", CODE, code=1)
    place.ctl("room", "add", "会见室二", "--centre", "000000000", code=2)
    rooms = place.json("room", "list", "--centre", CODE)["rooms"]
    assert [room["name"]["en"] for room in rooms] == ["Room 1"], rooms
    document = place.folder / "policy.json"
    document.write_text(place.ctl("policy", "show", CODE).stdout)
    assert "Version 2" in place.ctl("policy", "set", CODE, document).stdout
    document.write_text('{"slot_minutes": 30}')
    assert "book_ahead_hours" in place.ctl("policy", "set", CODE, document, code=1).stderr
    document.write_text("{")
    assert "policy.json" in place.ctl("policy", "set", CODE, document, code=1).stderr


@test
def a_kiosk_is_invited_and_retired(place):
    token = place.ctl("kiosk", "invite", "--room", "Room 1", "--name", "终端甲").stdout.strip()
    assert len(token) == 43, token
    place.ctl("kiosk", "invite", "--room", "Room 1", "--name", "终端乙", code=1)
    place.ctl("kiosk", "invite", "--room", "nowhere", "--name", "终端乙", code=2)
    listed = place.ctl("kiosk", "list").stdout
    assert "invited" in listed and "会见室一" in listed, listed
    assert token not in place.ctl("kiosk", "list", "--json").stdout
    place.ctl("kiosk", "retire", "终端甲")
    place.ctl("kiosk", "retire", "终端甲", code=2)
    assert place.json("kiosk", "invite", "--room", "Room 1", "--name", "终端乙")["token"]


def enrol(place, token):
    """As a kiosk's agent does. Returns the fingerprint of its key, as docs/protocol.md says."""
    key = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout"]
    private = subprocess.run(key, check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "ec", "-pubout", "-outform", "DER"], input=private, check=True, capture_output=True).stdout
    status, _, answer = place.ask("kiosks/enrol", {"token": token, "public_key": base64.b64encode(der).decode()})
    assert status == 201, answer
    digits = hashlib.sha256(der).hexdigest()[:32].upper()
    return " ".join(digits[i:i + 4] for i in range(0, 32, 4))


def at_a_terminal(place, *words, types):
    """What huijianctl says to a person who types this, and how it ends."""
    child, line = pty.fork()
    if child == 0:
        os.environ.update(LC_ALL="C.UTF-8", LANGUAGE="en")
        os.execv(CTL, [CTL, "--config", str(place.config), *words])
    said = b""
    while True:
        try:
            part = os.read(line, 4096)
        except OSError:
            break
        if not part:
            break
        said += part
        if said.endswith(b": ") and types:
            os.write(line, types.encode())
            types = ""
    os.close(line)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said.decode()


@test
def a_kiosk_works_once_somebody_compared_its_key(place):
    kiosk = [row for row in place.json("kiosk", "list")["kiosks"] if row["name"] == "终端乙"][0]
    assert kiosk["state"] == "invited" and kiosk["fingerprint"] is None, kiosk
    assert "not enrolled" in at_a_terminal(place, "kiosk", "approve", "终端乙", types="yes\n")[1]
    place.ctl("kiosk", "retire", kiosk["id"])
    fingerprint = enrol(place, place.ctl("kiosk", "invite", "--room", "Room 1", "--name", "终端乙").stdout.strip())
    listed = place.ctl("kiosk", "list").stdout
    assert "enrolled" in listed and fingerprint in listed, listed
    assert "waiting for approval: 终端乙" in place.ctl("doctor", code=1).stdout
    stale = "0000" + fingerprint[4:] if fingerprint[:4] != "0000" else "1111" + fingerprint[4:]
    assert "fingerprint" in place.ctl("kiosk", "approve", "终端乙", stale, code=1).stderr
    assert "fingerprint" in place.ctl("kiosk", "approve", "终端乙", "nonsense", code=1).stderr
    assert "nobody is here" in place.ctl("kiosk", "approve", "终端乙", code=2, given="yes\n").stderr
    place.ctl("kiosk", "approve", "终端丙", fingerprint, code=2)
    place.ctl("kiosk", "approve", code=2)
    place.ctl("kiosk", "approve", "终端乙", *fingerprint.split(), code=2)
    for typed in ("no\n", "y\n", "\n", "\4"):
        code, said = at_a_terminal(place, "kiosk", "approve", "终端乙", types=typed)
        assert code == 1 and fingerprint in said and "not approved" in said, (code, said)
    assert "enrolled" in place.ctl("kiosk", "list").stdout
    code, said = at_a_terminal(place, "kiosk", "approve", "终端乙", types="yes\n")
    assert code == 0 and fingerprint in said and "is approved" in said, (code, said)
    assert place.json("kiosk", "approve", "终端乙", fingerprint.lower().replace(" ", ""))["state"] == "approved"
    assert "waiting" not in place.ctl("doctor", code=1).stdout


@test
def records_are_imported_and_go_on_where_they_stopped(place):
    records = place.folder / "records.jsonl"
    subprocess.run([sys.executable, DEMO, records], check=True, capture_output=True)
    lines = records.read_bytes().splitlines(keepends=True)
    done = place.ctl("import", records)
    assert f"{len(lines)} lines: {len(lines)} applied" in done.stdout, done.stdout
    assert f"{len(lines)} unchanged, 0 refused" in place.ctl("import", records).stdout

    bad = place.folder / "bad.jsonl"
    bad.write_bytes(b"".join(lines) + b"\xff\n{\n" + b"x" * 70000 + b"\na\0b\n\n{}")
    done = place.ctl("import", bad, code=1)
    for number in (1, 2, 3, 4, 6):
        assert f"line {len(lines) + number}: refused:" in done.stdout, done.stdout
    assert "5 refused" in done.stdout
    place.ctl("import", "/nowhere.jsonl", code=1)


@test
def a_file_of_whole_batches_ends_too(place):
    records = place.folder / "whole.jsonl"
    records.write_text("\n" * 1000)
    assert "1000 lines: 0 applied" in place.ctl("import", records).stdout
    records.write_text("")
    assert "0 lines" in place.ctl("import", records).stdout


@test
def accounts_are_made_disabled_and_enabled(place):
    place.ctl("account", "add", "desk", "--role", "desk", "--centre", CODE, "--password-stdin", "--display-name", "值班员",
              given="an unusual password\n")
    status, cookie, me = place.sign_in("desk", "an unusual password")
    assert status == 200 and len(me["account"]["centres"]) == 1, me
    assert place.ask("me", cookie=cookie)[0] == 200
    place.ctl("account", "disable", "desk")
    assert place.ask("me", cookie=cookie)[0] == 401
    assert place.sign_in("desk", "an unusual password")[0] == 401
    place.ctl("account", "enable", "desk")
    assert place.sign_in("desk", "an unusual password")[0] == 200
    new = place.ctl("account", "set-password", "desk").stdout.strip()
    assert place.sign_in("desk", new)[0] == 200
    assert "值班员" in place.ctl("account", "list").stdout


@test
def lawyers_and_supervisors_get_accounts(place):
    lawyers = place.json("account", "add", "watch", "--role", "supervisor", "--all")
    assert lawyers["scope"] == "all" and len(lawyers["password"]) == 30
    records = map(json.loads, (place.folder / "records.jsonl").read_text().splitlines())
    licence = next(record["key"] for record in records if record["kind"] == "lawyer")
    made = place.json("account", "add", "chen", "--role", "lawyer", "--lawyer", licence)
    assert made["lawyer"]["licence"] == licence and "password_hash" not in made
    place.ctl("account", "add", "chen2", "--role", "lawyer", "--lawyer", licence, code=1)
    place.ctl("account", "add", "chen2", "--role", "lawyer", "--lawyer", "00", code=2)


@test
def accounts_that_cannot_be_are_refused(place):
    add = ["account", "add"]
    place.ctl(*add, "desk", "--role", "desk", "--centre", CODE, code=1)
    place.ctl(*add, "desk2", "--role", "desk", code=1)
    place.ctl(*add, "desk2", "--role", "desk", "--all", code=1)
    place.ctl(*add, "desk2", "--role", "janitor", "--all", code=1)
    place.ctl(*add, "Desk 2", "--role", "desk", "--centre", CODE, code=1)
    place.ctl(*add, "desk2", "--role", "desk", "--centre", CODE, "--password-stdin", given="password123\n", code=1)
    place.ctl(*add, "desk2", "--role", "desk", "--centre", CODE, "--password-stdin", given="x" * 129 + "\n", code=1)
    place.ctl("account", "disable", "nobody", code=2)
    assert not [a for a in place.json("account", "list")["accounts"] if a["name"] == "desk2"]


@test
def doctor_sees_what_is_missing(place):
    answer = json.loads(place.ctl("doctor", "--json", code=1).stdout)
    bad = [check["check"] for check in answer["checks"] if not check["ok"]]
    assert bad == ["media-node"], answer
    (place.folder / "state/huijian.db").chmod(0o644)
    assert "database-private" in place.ctl("doctor", code=1).stdout
    (place.folder / "state/huijian.db").chmod(0o600)


@test
def everything_is_there_after_a_restart(place):
    place.stop()
    place.start()
    assert len(place.json("account", "list")["accounts"]) == 4
    place.stop()


def main():
    place = Place()
    print(f"1..{len(TESTS)}")
    failed = 0
    try:
        for number, function in enumerate(TESTS, 1):
            name = function.__name__.replace("_", " ")
            try:
                function(place)
                print(f"ok {number} - {name}")
            except Exception:
                failed += 1
                print("# " + traceback.format_exc().replace("\n", "\n# "))
                print(f"not ok {number} - {name}")
    finally:
        if place.daemon:
            place.daemon.kill()
            place.daemon.wait()
        shutil.rmtree(place.folder, ignore_errors=True)
    return 1 if failed else 0


sys.exit(main())
