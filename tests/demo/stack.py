# SPDX-License-Identifier: Apache-2.0
"""The whole service on this machine, in one folder: nginx, huijiand, huijian-media, kiosks with their browsers.

Used by the demo and by the end-to-end tests. A process that dies is started again, as systemd does in production.
Everything is written below the folder that is given; stop() leaves nothing running.
"""
import fcntl
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import ctl

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic", "--window-size=1280,800",
            "--autoplay-policy=no-user-gesture-required"]


PASSWORD = "huijian-demo-2026"


def free_port(kind=socket.SOCK_STREAM, wanted=0, address="127.0.0.1"):
    """A port that nobody has now; the wanted one if it is free."""
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((address, port))
                return probe.getsockname()[1]
            except OSError:
                continue
    raise RuntimeError("no free port")


class Process:
    """One child in a process group of its own; started again when it dies, until stop()."""

    def __init__(self, name, command, folder, environment=None):
        # Whatever happens to us, it does not outlive us.
        self.name, self.folder = name, folder
        self.command = ["setpriv", "--pdeathsig", "TERM", "--", *(str(part) for part in command)]
        self.environment = {**os.environ, **(environment or {})}
        self.start_again()

    def start_again(self):
        self.wanted, self.child = True, None
        self.thread = threading.Thread(target=self.keep, daemon=True)
        self.thread.start()

    def keep(self):
        while self.wanted:
            with open(self.folder / f"{self.name}.log", "ab") as log:
                self.child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                              env=self.environment, start_new_session=True)
            self.child.wait()
            if self.wanted:
                time.sleep(0.3)

    def signal(self, number):
        if self.child and self.child.poll() is None:
            try:
                os.killpg(self.child.pid, number)
            except ProcessLookupError:
                pass

    def kill(self):
        """As a crash would: it comes back by itself."""
        self.signal(signal.SIGKILL)

    def stop_at_once(self):
        """As a crash would, and it stays away until start_again()."""
        self.wanted = False
        self.signal(signal.SIGKILL)
        self.thread.join(5)

    def stop(self):
        self.wanted = False
        self.signal(signal.SIGTERM)
        for _ in range(50):
            if not self.child or self.child.poll() is not None:
                break
            time.sleep(0.1)
        self.signal(signal.SIGKILL)
        self.thread.join(5)


class Stack:
    """programs: the folder of a Meson build. address: what browsers elsewhere reach; None: this machine alone."""

    def __init__(self, folder, programs, address=None, resume_s=60, want_port=0, turn=False):
        self.folder, self.programs, self.address = pathlib.Path(folder), pathlib.Path(programs), address
        self.resume_s = resume_s
        self.turn = None
        self.processes = {}
        self.lock = self.take()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.sockets = pathlib.Path(self.make("s"))
        self.http_port = free_port(wanted=want_port)
        self.https_port = free_port(wanted=want_port + 363 if want_port else 0, address=address or "127.0.0.1")
        self.udp_port = free_port(socket.SOCK_DGRAM, want_port, "0.0.0.0")
        self.secure = f"https://{address or 'localhost'}:{self.https_port}"
        self.url = self.secure if address else f"http://localhost:{self.http_port}"
        self.origins = [self.url] if address else [self.url, self.secure]
        self.ctl_socket = str(self.sockets / "ctl")
        if turn:
            own = subprocess.run(["hostname", "-I"], check=True, capture_output=True, text=True).stdout.split()
            self.turn = {"tcp": free_port(), "tls": free_port(), "secret": secrets.token_hex(32), "peers": own or ["127.0.0.1"]}

    def take(self):
        """One at a time in a folder: a second one would pull it from under the first."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        lock = open(f"{self.folder}.lock", "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit(f"{self.folder} is in use: another one runs in this checkout.")
        return lock

    def make(self, *names):
        path = self.folder.joinpath(*names)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, name, text, mode=0o600):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def start(self):
        self.make("state")
        self.make_certificates()
        self.write_configuration()
        self.huijianctl("init", "--name", "root-admin", "--password-stdin", input=PASSWORD + "\n")
        self.run("huijiand", self.programs / "src/huijiand", "--config", self.folder / "huijian.conf")
        self.wait_for(lambda: ctl.act(self.ctl_socket, "list-kiosks"), "huijiand")
        self.run("huijian-media", self.programs / "media/huijian-media", "--config", self.folder / "media.conf")
        self.run("nginx", "nginx", "-p", self.folder / "nginx", "-c", self.folder / "nginx/nginx.conf",
                 "-e", self.folder / "nginx/error.log")
        if self.turn:
            self.start_turn()
        self.wait_for(lambda: self.health()["media"]["nodes"] == 1 or None, "nginx and huijian-media")

    def start_turn(self):
        """coturn as in production; clients come by loopback."""
        peers = [f"allowed-peer-ip={address}" for address in self.turn["peers"]]
        if self.turn["peers"] == ["127.0.0.1"]:
            peers.append("allow-loopback-peers")
        values = {"LISTEN": "\n".join(["listening-ip=127.0.0.1", f"listening-port={self.turn['tcp']}",
                                       f"tls-listening-port={self.turn['tls']}", "relay-ip=::1",
                                       *(f"relay-ip={address}" for address in self.turn["peers"])]),
                  "CERTIFICATE": self.folder / "tls/server.pem", "KEY": self.folder / "tls/server.key", "RUN": self.make("turn"),
                  "PEERS": "\n".join(peers)}
        text = (ROOT / "src/data/turnserver.conf.in").read_text()
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        config = self.write("turn/turnserver.conf", f"{text}static-auth-secret={self.turn['secret']}\n")
        self.run("turnserver", "turnserver", "-c", config)

    def huijianctl(self, *words, **options):
        """What an operator types."""
        command = [self.programs / "src/ctl/huijianctl", "--config", self.folder / "huijian.conf", *words]
        done = subprocess.run(command, capture_output=True, text=True, **options)
        if done.returncode != 0:
            raise RuntimeError(f"huijianctl {words[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def health(self):
        target = self.secure if self.address else self.url
        with urllib.request.urlopen(f"{target}/api/healthz", timeout=5, context=self.tls() if self.address else None) as answer:
            return json.load(answer)

    def tls(self):
        import ssl
        return ssl.create_default_context(cafile=self.folder / "tls/ca.pem")

    def page(self):
        return ctl.Page(self.url, self.url, self.tls() if self.address else None)

    def run(self, name, *command):
        self.make("log")
        environment = {"TMPDIR": str(self.make("tmp"))}
        self.processes[name] = Process(name, command, self.folder / "log", environment)
        return self.processes[name]

    def wait_for(self, condition, what, seconds=30):
        """Until the condition answers something that is not None and raises nothing."""
        end, last = time.monotonic() + seconds, None
        while time.monotonic() < end:
            try:
                answer = condition()
                if answer is not None:
                    return answer
            except Exception as error:  # whatever it is, it is not there yet
                last = error
            time.sleep(0.05)
        raise RuntimeError(f"{what} did not come up in {seconds} s: {last} (logs in {self.folder / 'log'})")

    def make_certificates(self):
        """A CA of its own, which the kiosks pin, and a certificate of it for nginx."""
        tls = self.make("tls")
        name = self.address or "localhost"
        alternative = f"IP:{name}" if self.address else "DNS:localhost,IP:127.0.0.1"
        self.write("tls/san.cnf", f"subjectAltName={alternative}\nextendedKeyUsage=serverAuth\n")
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        for command in (
                ["req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Huijian demo CA",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
                ["req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", f"/CN={name}"],
                ["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
                 "server.pem", "-days", "30", "-extfile", "san.cnf"]):
            subprocess.run(["openssl", *command], cwd=tls, check=True, capture_output=True)
        (tls / "server.key").chmod(0o600)

    def write_configuration(self):
        paths = {name: self.sockets / name for name in ("api", "signalling", "link", "ctl")}
        self.write("huijian.conf", "[huijiand]\n" + f"state_dir={self.folder / 'state'}\norigins={';'.join(self.origins)}\n"
                   + "".join(f"{name}_socket={path}\n" for name, path in paths.items()) + f"resume_s={self.resume_s}\n")
        if self.turn:
            secret = self.write("turn.secret", self.turn["secret"] + "\n")
            with open(self.folder / "huijian.conf", "a") as conf:
                conf.write(f"[turn]\nurls=turns:localhost:{self.turn['tls']}?transport=tcp;"
                           f"turn:127.0.0.1:{self.turn['tcp']}?transport=tcp\nsecret_file={secret}\n")
        address = self.address or (";".join(self.turn["peers"]) if self.turn else None)
        public = f"public_addresses={address}\n" if address else ""
        self.write("media.conf", f"[media]\nport={self.udp_port}\nlink_socket={paths['link']}\ndrain_s=0\n{public}")
        listen = [f"  listen {self.address or '127.0.0.1'}:{self.https_port} ssl;",
                  f"  ssl_certificate {self.folder}/tls/server.pem;", f"  ssl_certificate_key {self.folder}/tls/server.key;",
                  "  ssl_protocols TLSv1.2 TLSv1.3;"]
        if not self.address:
            listen.insert(0, f"  listen 127.0.0.1:{self.http_port};")
        values = {"LISTEN": "\n".join(listen), "API_SOCKET": paths["api"], "SIGNALLING_SOCKET": paths["signalling"],
                  "WEB_ROOT": ROOT / "build/web", "RUN": self.folder / "nginx",
                  "USER": "user root;" if os.geteuid() == 0 else ""}
        for template, name in (("src/data/nginx-site.conf.in", "site.conf"), ("tests/demo/nginx-main.conf.in", "nginx.conf")):
            text = (ROOT / template).read_text()
            for key, value in values.items():
                text = text.replace(f"@{key}@", str(value))
            self.write(f"nginx/{name}", text)

    def approve_kiosk(self, kiosk, printed):
        """As an administrator who stands before the kiosk: the fingerprint is the one that the kiosk printed."""
        fingerprint = next(line.partition(" ")[2] for line in printed.splitlines() if line.startswith("fingerprint "))
        self.huijianctl("kiosk", "approve", kiosk, fingerprint)

    def add_kiosk(self, room, name, browser=True):
        """Invites, enrols, approves and runs one kiosk; its page is shown by a headless Chromium with a test picture and a tone."""
        invited = ctl.act(self.ctl_socket, "create-kiosk", room=room, name=name)
        command = [*CHROMIUM, f"--user-data-dir={self.folder}/kiosk-{name}/profile", "--remote-debugging-port=0", "%u"]
        config = self.write(
            f"kiosk-{name}/kiosk.conf",
            f"[kiosk]\nserver={self.secure}\nca_file={self.folder}/tls/ca.pem\nstate_dir={self.folder}/kiosk-{name}/state\n"
            f"page_dir={ROOT / 'build/kiosk-page'}\n" + (f"browser={';'.join(command)}\n" if browser else ""))
        agent = self.programs / "src/kiosk/huijian-kiosk"
        done = subprocess.run([agent, "enrol", "--config", config, "--token", "-"], input=invited["token"], text=True,
                              check=True, capture_output=True)
        self.approve_kiosk(invited["id"], done.stdout)
        self.run(f"kiosk-{name}", agent, "run", "--config", config)
        url_file = self.folder / f"kiosk-{name}/state/page-url"
        url = self.wait_for(lambda: url_file.read_text().strip() or None, f"kiosk {name}")
        self.wait_for(lambda: any(k["online"] and k["name"] == name for k in
                                  ctl.act(self.ctl_socket, "list-kiosks")["kiosks"]) or None, f"kiosk {name} online")
        return url

    def stop(self):
        for process in reversed(list(self.processes.values())):
            process.stop()
