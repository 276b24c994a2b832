"""A hub of data sets on loopback, which can be made slow, broken, false and absent."""

import hashlib
import json
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "c0ffee" * 6 + "c0ff"
PAGE = 3  # Files that a page of the list of files holds.
SMALL = 10  # Files of fewer bytes are kept by git, not by LFS.


@dataclass
class Fault:
    """What is wrong with one answer: its status (and when to come again), where it is cut, its
    bytes, or its delay (in seconds, or until an event)."""

    status: int = 200
    retry_after: str | None = None
    cut: int | None = None
    content: bytes | None = None
    seconds: float = 0.0
    until: threading.Event | None = None
    ignores_range: bool = False


@dataclass
class SmallHub:
    data: dict[str, dict[str, bytes]]
    token: str | None = None
    gated: bool = False
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    authorized: list[tuple[str, str | None]] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None
    gone: bool = False

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def start(self, port=0):
        handler = type("Handler", (Handler,), {"hub": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def vanish(self):
        self.gone = True
        self.server.shutdown()
        self.server.server_close()

    def come_back(self):
        self.gone = False
        self.start(self.server.server_address[1])

    def next_fault(self, name):
        waiting = self.faults.get(name)
        return waiting.pop(0) if waiting else Fault()

    def asked_for(self, name):
        return [wanted for path, wanted in self.asked if path == name]


@contextmanager
def serving(data, **settings):
    hub = SmallHub(data, **settings)
    hub.start()
    try:
        yield hub
    finally:
        hub.vanish()


def git_sha1(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def described(path, content):
    entry = {"type": "file", "path": path, "size": len(content), "oid": git_sha1(content)}
    if len(content) >= SMALL:
        sha256 = hashlib.sha256(content).hexdigest()
        entry["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": 134}
    return entry


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: SmallHub

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.hub.gone or self.server is not self.hub.server:
            self.close_connection = True  # One that was kept open from before.
            return
        url = urlsplit(self.path)
        path = unquote(url.path)
        if not path.startswith("/cdn/"):
            self.hub.authorized.append((path, self.headers["Authorization"]))
            if self.hub.token and self.headers["Authorization"] != f"Bearer {self.hub.token}":
                return self.refuse(401, "")
        if found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)", path):
            return self.describe(found[1])
        if found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)/tree/(\w+)", path):
            return self.list_files(found[1], int(parse_qs(url.query).get("from", ["0"])[0]))
        if found := re.fullmatch(r"/datasets/([^/]+/[^/]+)/resolve/(\w+)/(.+)", path):
            return self.resolve(found[1], found[3])
        if found := re.fullmatch(r"/cdn/([^/]+/[^/]+)/(.+)", path):
            return self.send_file(self.hub.data[found[1]][found[2]], found[2])
        self.refuse(404, "EntryNotFound")

    def describe(self, repo):
        fault = self.hub.next_fault("info")
        time.sleep(fault.seconds)
        if fault.content is not None:
            self.answer(200, fault.content, {})
        elif fault.status != 200:
            self.refuse(fault.status, "")
        elif repo not in self.hub.data:
            self.refuse(404, "RepoNotFound")
        else:
            self.answer_json({"id": repo, "sha": COMMIT, "siblings": []})

    def list_files(self, repo, first):
        fault = self.hub.next_fault("tree")
        time.sleep(fault.seconds)
        if fault.status != 200:
            return self.refuse(fault.status, "")
        entries = [described(*item) for item in self.hub.data[repo].items()]
        folders = {path.rsplit("/", 1)[0] for path in self.hub.data[repo] if "/" in path}
        entries += [{"type": "directory", "path": path, "oid": "0" * 40} for path in folders]
        more = f"{self.hub.endpoint}/api/datasets/{repo}/tree/{COMMIT}?from={first + PAGE}"
        link = {"Link": f'<{more}>; rel="next"'} if first + PAGE < len(entries) else {}
        self.answer_json(entries[first : first + PAGE], link)

    def resolve(self, repo, name):
        if self.hub.gated:
            return self.refuse(403, "GatedRepo")
        content = self.hub.data[repo].get(name)
        if content is None:
            return self.refuse(404, "EntryNotFound")
        about = {"X-Repo-Commit": COMMIT, "ETag": f'"{git_sha1(content)}"'}
        if len(content) < SMALL:
            return self.send_file(content, name, about)
        about |= {"X-Linked-Size": str(len(content))}
        about |= {"X-Linked-Etag": f'"{hashlib.sha256(content).hexdigest()}"'}
        # As on the real hub, what is large is sent by another server.
        other = self.hub.endpoint.replace("127.0.0.1", "localhost")
        self.answer(302, b"", about | {"Location": f"{other}/cdn/{repo}/{name}"})

    def send_file(self, content, name, about=None):
        self.hub.asked.append((name, self.headers["Range"]))
        if self.path.startswith("/cdn/"):
            self.hub.authorized.append((self.path, self.headers["Authorization"]))
        fault = self.hub.next_fault(name)
        time.sleep(fault.seconds)
        if fault.until:
            fault.until.wait(120)
        if fault.status != 200:
            return self.refuse(fault.status, "", fault.retry_after)
        content = content if fault.content is None else fault.content
        start = 0 if fault.ignores_range else self.range_start()
        if start and start >= len(content):
            return self.refuse(416, "")
        status = 206 if self.headers["Range"] and not fault.ignores_range else 200
        self.answer(status, content[start:], about or {}, fault.cut)

    def range_start(self):
        wanted = self.headers["Range"] or "bytes=0-"
        return int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])

    def answer_json(self, value, headers=None):
        about = {"Content-Type": "application/json"} | (headers or {})
        self.answer(200, json.dumps(value).encode(), about)

    def refuse(self, status, code, retry_after=None):
        headers = {"X-Error-Code": code, "X-Error-Message": "refused"}
        self.answer(status, b"", headers | ({"Retry-After": retry_after} if retry_after else {}))

    def answer(self, status, content, headers, cut=None):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:cut])
        if cut is not None and cut < len(content):
            self.close_connection = True
