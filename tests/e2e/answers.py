#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks the running service for every route of docs/openapi.yaml and holds each answer against its schema.

`answers.py FOLDER PROGRAMS` starts a service of its own and prints a TAP line for each question; a member that the
schema does not name is a failure too.
"""
import json
import pathlib
import re
import sys
import time
import urllib.error
import urllib.request

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "demo"))
import ctl  # noqa: E402
import demo  # noqa: E402
from devicekey import DeviceKey  # noqa: E402
from stack import PASSWORD, ROOT, Stack  # noqa: E402

SPEC = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
BETWEEN_S = 0.04  # nginx lets one address ask 30 times a second
NOBODY = "a" * 26


def resolve(schema):
    while "$ref" in schema:
        found = SPEC
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (isinstance(value, bool) and name == "integer")


def faults(value, schema, where="answer"):
    """What of JSON Schema docs/openapi.yaml uses. Each fault as a sentence."""
    schema = resolve(schema)
    if "oneOf" in schema:
        fits = [branch for branch in schema["oneOf"] if not faults(value, branch, where)]
        return [] if len(fits) == 1 else [f"{where} fits {len(fits)} of {len(schema['oneOf'])}"]
    if "allOf" in schema:
        parts = [resolve(part) for part in schema["allOf"]]
        merged = {key: value for part in parts for key, value in part.items() if key not in ("properties", "required")}
        merged["properties"] = {key: value for part in parts for key, value in part.get("properties", {}).items()}
        merged["required"] = [key for part in parts for key in part.get("required", [])]
        return faults(value, merged, where)
    found = []
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(is_type(value, name) for name in names):
        return [f"{where} is no {' or '.join(names)}: {value!r}"]
    if "const" in schema and value != schema["const"] or "enum" in schema and value not in schema["enum"]:
        found.append(f"{where} may not be {value!r}")
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{where} does not look right: {value!r}")
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{where} is out of range: {value}")
    if isinstance(value, list) and len(value) > schema.get("maxItems", len(value)):
        found.append(f"{where} has {len(value)} items")
    if isinstance(value, list) and "items" in schema:
        found += [fault for n, item in enumerate(value) for fault in faults(item, schema["items"], f"{where}[{n}]")]
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{where} lacks {key}" for key in schema.get("required", []) if key not in value]
        for key, member in value.items():
            if key in schema["properties"]:
                found += faults(member, schema["properties"][key], f"{where}.{key}")
            else:
                found.append(f"{where} has {key}, which nobody announced")
    return found


def find_route(path):
    parts = path.split("?")[0].split("/")
    fitting = [name for name in SPEC["paths"] if len(name.strip("/").split("/")) == len(parts)
               and all(want == have or want[0] == "{" for want, have in zip(name.strip("/").split("/"), parts))]
    return min(fitting, key=lambda name: name.count("{"))


def judge(method, path, status, answer):
    response = SPEC["paths"][find_route(path)][method.lower()]["responses"].get(str(status))
    if response is None:
        return [f"{status} is not announced: {answer}"]
    content = resolve(response).get("content")
    if content is None:
        return [] if answer is None else ["has a body, none is announced"]
    return faults(answer, next(iter(content.values()))["schema"])


class Asker(ctl.Page):
    number = bad = 0

    def ask(self, method, path, body=None, want=200, **headers):
        time.sleep(BETWEEN_S)
        request = urllib.request.Request(
            f"{self.base}/api/{path}", method=method, data=None if method == "GET" else json.dumps(body or {}).encode(),
            headers={"X-Huijian": "1", "Origin": self.origin, "Content-Type": "application/json",
                     **{name.replace("_", "-"): value for name, value in headers.items()}})
        try:
            with self.opener.open(request, timeout=20) as response:
                status, text = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        answer = json.loads(text) if text else None
        found = judge(method, path, status, answer) + ([] if status == want else [f"{status}, not {want}"])
        Asker.number += 1
        Asker.bad += bool(found)
        print(f"{'not ok' if found else 'ok'} {Asker.number} - {method} {find_route(path)} answers {status}")
        for fault in found:
            print(f"# {fault}")
        return answer

    def sign_in(self, account, password=PASSWORD):
        self.ask("POST", "login", {"account": account, "password": password})
        return self


def access(page):
    nobody, chen = page(), page().sign_in("chen")
    nobody.ask("POST", "login", {"account": "chen", "password": "wrong"}, 401)
    nobody.ask("POST", "login", {}, 400)
    nobody.ask("POST", "login", {"account": "chen", "password": PASSWORD}, 403, Origin="https://elsewhere.invalid")
    for _ in range(5):
        nobody.ask("POST", "login", {"account": "zeng", "password": "wrong"}, 401)
    nobody.ask("POST", "login", {"account": "zeng", "password": "wrong"}, 429)
    nobody.ask("GET", "me", want=401)
    nobody.ask("GET", "healthz")
    chen.ask("GET", "me")
    chen.ask("PUT", "me/password", {"current": "wrong", "new": "geheim-wort-8"}, 401)
    chen.ask("PUT", "me/password", {"current": PASSWORD, "new": "short"}, 422)
    feng = page().sign_in("feng")
    feng.ask("PUT", "me/password", {"current": PASSWORD, "new": "geheim-wort-8"}, 204)
    feng.ask("POST", "logout", want=204)
    feng.ask("POST", "logout", want=401)


def devices(page, folder):
    chen, lin, desk = page().sign_in("chen"), page().sign_in("lin"), page().sign_in("desk")
    account = chen.ask("GET", "me")["account"]["id"]
    key = DeviceKey(folder)
    wanted = key.registration(account)
    device = chen.ask("POST", "me/devices", wanted, 201)
    chen.ask("POST", "me/devices", wanted, 201)
    chen.ask("POST", "me/devices", {**wanted, "public_key": "x"}, 400)
    chen.ask("POST", "me/devices", {**wanted, "proof": key.sign(b"something else")}, 403)
    lin.ask("POST", "me/devices", key.registration(lin.ask("GET", "me")["account"]["id"]), 409)
    desk.ask("POST", "me/devices", wanted, 404)
    desk.ask("GET", "me/devices", want=404)
    page().ask("GET", "me/devices", want=401)
    for number in range(9):
        chen.ask("POST", "me/devices", DeviceKey(folder, f"device{number}").registration(account), 201)
    chen.ask("POST", "me/devices", DeviceKey(folder, "eleventh").registration(account), 429)
    lin.ask("POST", f"me/devices/{device['id']}/remove", want=404)
    chen.ask("POST", "me/devices/x/remove", want=400)
    chen.ask("POST", f"me/devices/{device['id']}/remove")
    chen.ask("GET", "me/devices")


def lawyer(page):
    """Returns the booking that is confirmed for the running slot."""
    chen, lin, desk = page().sign_in("chen"), page().sign_in("lin"), page().sign_in("desk")
    clients = {client["detainee"]["name"]: client["authority"] for client in chen.ask("GET", "cases")["clients"]}
    mine = clients["张三"]
    desk.ask("GET", "cases", want=404)
    chen.ask("GET", f"eligibility?authority={mine}")
    chen.ask("GET", "eligibility?authority=x", want=400)
    chen.ask("GET", f"eligibility?authority={NOBODY}", want=404)
    slots = chen.ask("GET", f"slots?authority={mine}")["slots"]
    chen.ask("GET", f"slots?authority={NOBODY}", want=404)
    first, last = ({"room": slot["room"], "starts_at_us": slot["starts_at_us"]} for slot in (slots[0], slots[-1]))
    chen.ask("POST", "bookings", {"authority": mine}, 400)
    asked = chen.ask("POST", "bookings", {"authority": mine, "slot": None}, 201)
    chen.ask("POST", "bookings", {"authority": mine, "slot": None}, 409)
    chen.ask("POST", "bookings", {"authority": mine, "booking": asked["id"], "slot": first}, 201, Idempotency_Key="one")
    chen.ask("POST", "bookings", {"authority": mine, "booking": asked["id"], "slot": first}, 201, Idempotency_Key="one")
    chen.ask("POST", "bookings", {"authority": mine, "slot": None}, 409, Idempotency_Key="one")
    chen.ask("POST", "bookings", {"authority": mine, "slot": first}, 409)
    chen.ask("POST", "bookings", {"authority": mine, "slot": {**first, "starts_at_us": first["starts_at_us"] + 1}}, 409)
    chen.ask("POST", "bookings", {"authority": NOBODY, "slot": None}, 404)
    suspended = lin.ask("GET", "cases")["clients"][0]["authority"]
    lin.ask("POST", "bookings", {"authority": suspended, "slot": None}, 422)
    other = chen.ask("POST", "bookings", {"authority": clients["赵六"], "slot": last}, 201)
    desk.ask("POST", f"bookings/{other['id']}/check-in", {"identity_confirmed": True}, 409)
    chen.ask("POST", f"bookings/{other['id']}/cancel", {}, 400)
    chen.ask("POST", f"bookings/{other['id']}/cancel", {"reason": "another day"})
    chen.ask("POST", f"bookings/{other['id']}/cancel", {"reason": "another day"}, 409)
    chen.ask("GET", "bookings")
    chen.ask("GET", f"bookings/{other['id']}")
    chen.ask("GET", "bookings/x", want=400)
    lin.ask("GET", f"bookings/{other['id']}", want=404)
    check = {"camera": "ok", "microphone": "ok", "speaker": "skipped", "connection": "none", "browser": "a browser"}
    chen.ask("POST", f"bookings/{asked['id']}/device-check", check, 204)
    chen.ask("POST", f"bookings/{asked['id']}/device-check", {}, 400)
    chen.ask("POST", f"bookings/{other['id']}/device-check", check, 409)
    chen.ask("POST", "tickets", {"purpose": "join", "booking": asked["id"]}, 201)
    chen.ask("POST", "tickets", {"purpose": "follow"}, 400)
    return asked["id"]


def participants(page, booking):
    """A second lawyer comes and goes, and comes again: the meeting is held with two."""
    chen, zhou, lin, desk = (page().sign_in(name) for name in ("chen", "zhou", "lin", "desk"))
    route = f"bookings/{booking}/participants"
    licences = [page().sign_in(name).ask("GET", "me")["account"]["lawyer"]["licence"] for name in ("zhou", "he", "chen")]
    zhou.ask("GET", f"bookings/{booking}", want=404)
    chen.ask("POST", route, {}, 400)
    chen.ask("POST", route, {"licence": "14401999999999999"}, 404)
    chen.ask("POST", route, {"licence": licences[1]}, 404)
    chen.ask("POST", route, {"licence": licences[2]}, 409)
    lin.ask("POST", route, {"licence": licences[0]}, 404)
    desk.ask("POST", route, {"licence": licences[0]}, 404)
    page().ask("POST", route, {"licence": licences[0]}, 401)
    second = chen.ask("POST", route, {"licence": licences[0]})["participants"][0]["lawyer"]["id"]
    chen.ask("POST", route, {"licence": licences[0]}, 409)
    zhou.ask("GET", f"bookings/{booking}")
    zhou.ask("GET", "bookings")
    zhou.ask("GET", "cases")
    zhou.ask("POST", f"bookings/{booking}/cancel", {"reason": "not mine"}, 404)
    zhou.ask("POST", "tickets", {"purpose": "join", "booking": booking}, 201)
    lin.ask("POST", f"{route}/{second}/remove", want=404)
    chen.ask("POST", f"{route}/x/remove", want=400)
    zhou.ask("POST", f"{route}/{second}/remove")
    zhou.ask("POST", "tickets", {"purpose": "join", "booking": booking}, 404)
    chen.ask("POST", route, {"licence": licences[0]})


def review(page, stack):
    """A centre that confirms each booking itself."""
    root, chen, desk = page().sign_in("root-admin"), page().sign_in("chen"), page().sign_in("desk")
    centre = next(row["id"] for row in root.ask("GET", "centres")["centres"] if row["code"] == "440100111")
    mine = next(row for row in chen.ask("GET", "cases")["clients"] if row["detainee"]["name"] == "赵六")["authority"]
    root.ask("PUT", f"policies/{centre}", {"document": {**demo.POLICY, "review": True}})
    slot = chen.ask("GET", f"slots?authority={mine}")["slots"][-1]
    booking = chen.ask("POST", "bookings", {"authority": mine, "slot": {"room": slot["room"], "starts_at_us": slot["starts_at_us"]}}, 201)
    chen.ask("POST", f"bookings/{booking['id']}/confirm", want=404)
    desk.ask("POST", f"bookings/{booking['id']}/confirm")
    desk.ask("POST", f"bookings/{booking['id']}/confirm", want=409)


def meeting(page, booking):
    chen, desk, supervisor = page().sign_in("chen"), page().sign_in("desk"), page().sign_in("supervisor")
    desk.ask("GET", "bookings")
    desk.ask("POST", f"bookings/{booking}/check-in", {"identity_confirmed": False}, 400)
    desk.ask("POST", f"bookings/{booking}/check-in", {"identity_confirmed": True, "arrived_at_us": int(time.time() * 1e6)})
    end = time.monotonic() + 30
    live = []
    while not live and time.monotonic() < end:  # the kiosk joins by itself
        live = supervisor.ask("GET", "meetings?state=live")["meetings"]
        time.sleep(0.5)
    supervisor.ask("GET", f"meetings/{live[0]['id']}")
    supervisor.ask("GET", f"meetings/{NOBODY}", want=404)
    supervisor.ask("GET", "meetings?state=soon", want=400)
    chen.ask("GET", "meetings", want=404)
    supervisor.ask("POST", "tickets", {"purpose": "follow"}, 201)
    desk.ask("POST", f"bookings/{booking}/end", {"reason": "tired"}, 400)
    desk.ask("POST", f"bookings/{booking}/end", {"reason": "done"})
    desk.ask("POST", f"bookings/{booking}/end", {"reason": "done"}, 409)
    supervisor.ask("GET", "meetings?state=ended")
    supervisor.ask("GET", f"meetings/{live[0]['id']}")
    supervisor.ask("GET", "clocks")
    supervisor.ask("GET", "audit/entries?limit=200")
    supervisor.ask("GET", "audit/entries?limit=0", want=400)
    desk.ask("GET", "audit/entries", want=404)


def places(page, folder):
    root, admin = page().sign_in("root-admin"), page().sign_in("admin")
    centre = root.ask("POST", "centres", {"code": "123456789", "name": "试"}, 201)["id"]
    root.ask("POST", "centres", {"code": "123456789", "name": "试"}, 409)
    root.ask("POST", "centres", {"code": "1", "name": "试"}, 400)
    admin.ask("POST", "centres", {"code": "123456788", "name": "试"}, 404)
    root.ask("PUT", f"centres/{centre}", {"name": {"zh": "试", "en": "Test"}})
    root.ask("PUT", f"centres/{centre}", {"zone": "Mars"}, 400)
    admin.ask("PUT", f"centres/{centre}", {}, 404)
    document = root.ask("GET", "policies")["policies"][0]["document"]
    root.ask("PUT", f"policies/{centre}", {"document": document})
    root.ask("PUT", f"policies/{centre}", {"document": {}}, 400)
    admin.ask("PUT", f"policies/{centre}", {"document": document}, 404)
    root.ask("GET", f"policies?centre={centre}")
    room = root.ask("POST", "rooms", {"centre": centre, "name": "一"}, 201)["id"]
    root.ask("POST", "rooms", {"centre": centre, "name": "一"}, 409)
    root.ask("PUT", f"rooms/{room}", {"open": False})
    root.ask("PUT", f"rooms/{room}", {"open": 3}, 400)
    admin.ask("PUT", f"rooms/{room}", {"open": True}, 404)
    root.ask("GET", f"rooms?centre={centre}")
    invited = root.ask("POST", "kiosks", {"room": room, "name": "k"}, 201)
    kiosk, key = invited["id"], DeviceKey(folder, "kiosk")
    root.ask("POST", "kiosks", {"room": room, "name": "k"}, 409)
    root.ask("PUT", f"kiosks/{kiosk}", {"state": "approved", "fingerprint": key.fingerprint}, 409)
    page().ask("POST", "kiosks/enrol", {"token": "x", "public_key": "x"}, 403)
    page().ask("POST", "kiosks/enrol", {}, 400)
    page().ask("POST", "kiosks/enrol", {"token": invited["token"], "public_key": key.public_key}, 201)
    root.ask("GET", "kiosks")
    root.ask("PUT", f"kiosks/{kiosk}", {"state": "approved"}, 400)
    root.ask("PUT", f"kiosks/{kiosk}", {"state": "approved", "fingerprint": DeviceKey(folder, "other").fingerprint}, 409)
    admin.ask("PUT", f"kiosks/{kiosk}", {"state": "approved", "fingerprint": key.fingerprint}, 404)
    root.ask("PUT", f"kiosks/{kiosk}", {"state": "approved", "fingerprint": key.fingerprint})
    root.ask("PUT", f"kiosks/{kiosk}", {"state": "retired"})
    root.ask("PUT", f"kiosks/{kiosk}", {"state": "lost"}, 400)
    root.ask("GET", "kiosks")
    return centre


def people(page, centre):
    root, admin = page().sign_in("root-admin"), page().sign_in("admin")
    wanted = {"name": "novi", "display_name": "新", "role": "desk", "password": "geheim-wort-7", "centres": [centre]}
    account = root.ask("POST", "accounts", wanted, 201)["id"]
    root.ask("POST", "accounts", wanted, 409)
    root.ask("POST", "accounts", {**wanted, "name": "novi2", "password": "short"}, 422)
    root.ask("POST", "accounts", {}, 400)
    admin.ask("POST", "accounts", {**wanted, "name": "novi2"}, 404)
    root.ask("PUT", f"accounts/{account}", {"state": "disabled"})
    root.ask("PUT", f"accounts/{account}", {"state": "asleep"}, 400)
    admin.ask("PUT", f"accounts/{account}", {"state": "active"}, 404)
    root.ask("POST", f"accounts/{account}/password", {"new": "geheim-wort-8"}, 204)
    root.ask("POST", f"accounts/{account}/password", {"new": "short"}, 422)
    own = root.ask("GET", "me")["account"]["id"]
    root.ask("PUT", f"accounts/{own}", {"state": "disabled"}, 409)
    root.ask("POST", f"accounts/{own}/password", {"new": "geheim-wort-8"}, 409)
    root.ask("GET", "accounts")
    root.ask("GET", "lawyers?q=144")


def main():
    stack = Stack(sys.argv[1], sys.argv[2])
    try:
        stack.start()
        demo.fill(stack)

        def page():
            return Asker(stack.url, stack.url)

        access(page)
        devices(page, stack.make("keys"))
        booking = lawyer(page)
        participants(page, booking)
        meeting(page, booking)
        review(page, stack)
        people(page, places(page, stack.make("keys")))
        stack.processes["huijian-media"].stop()
        page().ask("GET", "healthz")
    finally:
        stack.stop()
    print(f"1..{Asker.number}")
    return 1 if Asker.bad else 0


if __name__ == "__main__":
    sys.exit(main())
