#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the documents say of the code is so: routes, answers and refusals, verbs, log events, configuration keys, files.

Reads the code's own tables with regular expressions: they are one line an entry. Needs python3-yaml.
"""
import pathlib
import re
import sys

try:
    import yaml
except ImportError:
    sys.exit("python3-yaml is not installed")

root = pathlib.Path(sys.argv[1])
problems = []


def read(name):
    return (root / name).read_text()


def compare(what, code, docs, place):
    """Both directions; an empty side means that this test looks in the wrong place."""
    if not code or not docs:
        problems.append(f"{what}: nothing found in {'the code' if not code else place}")
    for missing in sorted(code - docs):
        problems.append(f"{what}: {missing} stands in the code, not in {place}")
    for stale in sorted(docs - code):
        problems.append(f"{what}: {stale} stands in {place}, not in the code")


def walk(value):
    yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(child)


def resolve(document, name):
    """References are all local."""
    found = document
    for part in name.removeprefix("#/").split("/"):
        found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found


def check_references(name, document):
    for value in walk(document):
        target = value.get("$ref") if isinstance(value, dict) else None
        if isinstance(target, str) and resolve(document, target) is None:
            problems.append(f"{name}: nothing at {target}")


def problem_codes():
    return set(re.findall(r'^  \{ "([a-z-]+)",\s+\d{3},', read("signaling/problem.c"), re.M))


def check_openapi():
    api = yaml.safe_load(read("docs/openapi.yaml"))
    check_references("docs/openapi.yaml", api)
    kinds = {}
    for file in [p for d in ("src", "scheduler") for p in (root / d).rglob("*.c")]:
        kinds.update(re.findall(r'HjActKind (hj_act_\w+)\s*= \{ ?\s*(?:\.name = )?"([a-z-]+)"', file.read_text()))
    code = {("GET", "/healthz"): ("healthz", 200)}
    for method, path, kind, status in re.findall(r'\{ "([A-Z]+)",\s+"([^"]+)",\s*&(\w+),\s*(\d+) \}', read("signaling/api/routes.c")):
        code[method, "/" + path] = (kinds.get(kind, kind), int(status))
    docs = {}
    for path, item in api["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "put", "delete"):
                successes = [int(status) for status in operation["responses"] if status.startswith("2")]
                docs[method.upper(), path] = (operation["operationId"], *successes)
                if method != "get" and not any(p.get("$ref", "").endswith("/Ours") for p in operation.get("parameters", [])):
                    problems.append(f"openapi: {method} {path} does not ask for X-Huijian")
    compare("routes", set(code), set(docs), "docs/openapi.yaml")
    for route in set(code) & set(docs):
        if code[route] != docs[route]:
            problems.append(f"openapi: {route} is {code[route]} in the code, {docs[route]} in docs/openapi.yaml")
    compare("refusals", problem_codes(), set(api["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]), "docs/openapi.yaml")
    for word in re.findall(r'\[HJ_REFUSAL_\w+\] = "([a-z-]+)"', read("src/base/refusal.c")):
        if word not in problem_codes():
            problems.append(f"refusals: {word} has no row in signaling/problem.c")


def check_signalling():
    api = yaml.safe_load(read("docs/signalling.yaml"))
    check_references("docs/signalling.yaml", api)
    files = {file.stem for file in (root / "signaling/verbs").glob("*.c")}
    table = set(re.findall(r'\{ "([a-z-]+)", hj_verb_\w+ \}', read("signaling/client.c")))
    compare("verbs", table, files, "signaling/verbs/")
    operations = {name for name, operation in api["operations"].items() if operation["action"] == "receive"}
    compare("verbs", table, operations, "docs/signalling.yaml")
    messages = api["components"]["messages"]
    for name in operations & table:
        if messages[name]["payload"]["properties"]["verb"].get("const") != name:
            problems.append(f"signalling: the message {name} has another verb")
    said = {message["payload"]["properties"]["verb"]["const"] for message in messages.values()}
    sources = [p for d in ("signaling", "src/meeting") for p in (root / d).rglob("*.c")]
    sent = set()
    for file in sources:
        sent |= set(re.findall(r'"verb",\s*"([a-z-]+)"', file.read_text()))
    compare("messages from the server", sent, said - (table - sent), "docs/signalling.yaml")
    relay = set(re.findall(r"\"([a-z-]+)\"", re.search(r"CODES\[.*?\};", read("src/base/link.c"), re.S)[0]))
    for code in set(api["components"]["schemas"]["Code"]["enum"]) - problem_codes() - relay:
        problems.append(f"signalling: {code} is no refusal of the code")


def check_events():
    events = set()
    for file in [p for d in ("src", "scheduler", "signaling", "media") for p in (root / d).rglob("*.c")]:
        events |= set(re.findall(r'hj_event \(\s*"([a-z.-]+)"', file.read_text()))
    for event in events:
        if not re.fullmatch(r"[a-z]+\.[a-z]+(-[a-z]+)*", event):
            problems.append(f"events: {event} is not noun.verb-past")
    table = read("docs/operations.md").split("| event |")[1].split("\n\n")[0]
    compare("events", events, set(re.findall(r"`([a-z]+\.[a-z-]+)`", table)), "docs/operations.md")


def check_keys():
    tables = {"huijiand": ("src/base/keys.c", "src/data/huijian.conf.example"),
              "turn": ("src/meeting/turn.c", "src/data/huijian.conf.example"),
              "media": ("media/node.c", "src/data/media.conf.example"),
              "kiosk": ("src/kiosk/config.c", "src/data/kiosk.conf.example")}
    for group, (source, example) in tables.items():
        text = read(source)
        if group == "kiosk":
            code = set(re.findall(r'"(\w+)"', re.search(r"KEYS\[\] = \{(.*?)NULL \}", text, re.S)[1]))
        else:
            code = set(re.findall(r'^  \{ "(\w+)",', text, re.M))
        table = re.search(rf"^\| `\[{group}\]`.*?(?=\n\n)", read("docs/operations.md"), re.M | re.S)[0]
        rows = [row.split(" | ")[0] for row in table.splitlines()[2:]]
        compare(f"keys of [{group}]", code, set(re.findall(r"`(\w+)`", " ".join(rows))), "docs/operations.md")
        own = re.search(rf"^#?\[{group}\]$(.*?)(?=^#?\[|\Z)", read(example), re.M | re.S)[1]
        lines = set(re.findall(r"^#?(\w+)=", own, re.M))
        for key in lines - code:
            problems.append(f"{example}: no key {key}")


def check_commands():
    code = set(re.findall(r'^  \{ "([a-z -]+)", "', read("src/ctl/command.c"), re.M))
    table = read("docs/operations.md").split("## huijianctl")[1].split("\n## ")[0]
    rows = re.findall(r"`((?:\\`|[^`])+)`", "\n".join(line for line in table.splitlines() if line.startswith("|")))
    words = {re.sub(r"^huijianctl ", "", row) for row in rows}
    docs = {command for command in code if any(word == command or word.startswith(command + " ") for word in words)}
    compare("commands of huijianctl", code, docs, "docs/operations.md")


def check_files():
    """Links, and words in backticks that look like a path of this repository."""
    folders = "src|scheduler|media|signaling|web|tests|docs"
    for page in [root / "README.md", root / "web/README.md", *sorted((root / "docs").rglob("*.md"))]:
        text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
        here = page.relative_to(root)
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            if "://" not in target and not (page.parent / target).exists():
                problems.append(f"{here}: {target} is gone")
        for word in re.findall(rf"`((?:{folders})/[\w./-]*)(?:\[\.ch\])?`", text):
            if "NAME" in word or "NNNN" in word or "/PART/" in word:
                continue
            if not (root / word).exists() and not list(root.glob(word + "*")) and not (root / "web" / word).exists():
                problems.append(f"{here}: {word} is gone")


for check in (check_openapi, check_signalling, check_events, check_keys, check_commands, check_files):
    check()
for problem in problems:
    print(problem)
sys.exit(1 if problems else 0)
