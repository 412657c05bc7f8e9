# SPDX-License-Identifier: Apache-2.0
"""Talks to huijiand: acts on huijianctl's socket, and the REST interface through nginx as a page would."""
import http.client
import http.cookiejar
import json
import socket
import urllib.error
import urllib.request


class Refused(Exception):
    """An answer that is a problem (RFC 9457)."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('code')} {problem.get('detail', '')}")
        self.status = status
        self.problem = problem


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def act(ctl_socket, word, /, **members):
    """Runs one act as the operator of this machine."""
    connection = UnixConnection(ctl_socket)
    connection.request("POST", f"/ctl/act/{word}", json.dumps(members), {"Content-Type": "application/json"})
    response = connection.getresponse()
    body = response.read()
    answer = json.loads(body) if body else {}
    if response.status >= 400:
        raise Refused(response.status, answer)
    return answer


class Page:
    """What a signed-in page can ask: cookie, origin and our header on every request."""

    def __init__(self, base, origin, context=None):
        self.base, self.origin = base, origin
        handlers = [urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar(
            policy=http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https"))))]
        if context:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self.opener = urllib.request.build_opener(*handlers)

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            f"{self.base}/api/{path}", method=method, data=json.dumps(body or {}).encode() if method != "GET" else None,
            headers={"X-Huijian": "1", "Origin": self.origin, "Content-Type": "application/json"})
        try:
            with self.opener.open(request, timeout=20) as response:
                text = response.read()
                return json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            text = error.read()
            raise Refused(error.code, json.loads(text) if text.startswith(b"{") else {"code": "none"}) from error

    def sign_in(self, account, password):
        return self.ask("POST", "login", {"account": account, "password": password})
