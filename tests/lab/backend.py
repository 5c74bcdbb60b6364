"""The application behind the lab's nginx: a small shop with made-up people.

Answers are a function of the request alone, so that a run can be repeated.
Usage: backend.py PORT
"""

import hashlib
import json
import random
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FIRST = [
    "Ada",
    "Björn",
    "Chloé",
    "Dimitri",
    "Emeka",
    "Fatima",
    "Günther",
    "Hana",
    "Iñigo",
    "李明",
    "Zoë",
]
LAST = ["Okafor", "Müller", "García", "Østergaard", "Novák", "Smith", "Rossi", "山田", "O'Brien"]
STREETS = ["Main St", "Calle Mayor", "Rue de l'Église", "Bahnhofstraße", "Ålgatan"]
TEST_CARDS = ["4242424242424242", "5555555555554444", "378282246310005", "6011111111111117"]
GOODS = ["kettle", 'lamp "Aurora"', "chair", "notebook", "café au lait bowl", "USB-C cable"]


def person(rng, number):
    first, last = rng.choice(FIRST), rng.choice(LAST)
    return {
        "id": number,
        "name": "%s %s" % (first, last),
        "email": "user%d@example.com" % number,
        "phone": "+1-202-555-%04d" % rng.randrange(100, 200),
        "born": "19%02d-%02d-%02d"
        % (rng.randrange(50, 99), rng.randrange(1, 13), rng.randrange(1, 29)),
        "ssn": "000-%02d-%04d" % (rng.randrange(10, 99), rng.randrange(1, 9999)),
        "address": {
            "street": "%d %s" % (rng.randrange(1, 300), rng.choice(STREETS)),
            "zip": "%05d" % rng.randrange(99999),
        },
        "active": rng.random() < 0.8,
        "score": round(rng.uniform(-5, 5), 3),
        "manager": None,
    }


def order(rng, number):
    lines = [
        {
            "sku": "SKU-%05d" % rng.randrange(99999),
            "title": rng.choice(GOODS),
            "quantity": rng.randrange(1, 5),
            "price": {"amount": rng.randrange(100, 90000) / 100, "currency": "EUR"},
        }
        for _ in range(rng.randrange(1, 5))
    ]
    return {
        "id": number,
        "customer": rng.randrange(1, 500),
        "state": rng.choice(["new", "paid", "shipped"]),
        "lines": lines,
    }


def charge(rng, number):
    card = rng.choice(TEST_CARDS)
    return {
        "id": "ch_%016x" % rng.getrandbits(64),
        "order": number,
        "amount": rng.randrange(100, 99999),
        "currency": "usd",
        "card": {
            "number": card,
            "last4": card[-4:],
            "expires": "12/%d" % rng.randrange(27, 33),
            "holder": rng.choice(LAST),
        },
        "iban": "DE89370400440532013000",
        "captured": True,
    }


MAKERS = {"users": person, "orders": order, "charges": charge}


def answer(method, url, body):
    """(status, content type, body) for a request."""
    parsed = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qs(parsed.query)
    parts = [part for part in parsed.path.split("/") if part]
    seed = hashlib.sha256(("%s %s" % (method, url)).encode("utf-8", "surrogateescape")).digest()
    rng = random.Random(seed)
    if "fail" in query:
        return (
            int(query["fail"][0]),
            "application/json",
            {"error": {"code": "as_asked", "message": "you asked for it"}},
        )
    if parts[:1] == ["bytes"]:
        return (
            200,
            "application/octet-stream",
            random.Random(int(parts[1])).randbytes(int(parts[1])),
        )
    if parts[:1] == ["echo"]:
        return (
            200,
            "application/json",
            {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()},
        )
    if parts[:1] == ["oauth"]:
        token = "eyJhbGciOiJIUzI1NiJ9.%s.%s" % (seed.hex()[:40], seed.hex()[40:])
        return (
            200,
            "application/json",
            {"access_token": token, "token_type": "Bearer", "expires_in": 3600},
        )
    if len(parts) < 2 or parts[1] not in MAKERS:
        return (
            404,
            "application/json",
            {"error": {"code": "not_found", "message": "no such thing", "path": url}},
        )
    make = MAKERS[parts[1]]
    if method == "DELETE":
        return 204, None, b""
    if method == "POST":
        return 201, "application/json", make(rng, rng.randrange(1000, 9999))
    if len(parts) > 2:
        number = int(parts[2]) if parts[2].isdigit() else 0
        if number == 404:
            return 404, "application/json", {"error": {"code": "not_found", "id": number}}
        return 200, "application/json", make(rng, number)
    limit = int(query.get("limit", ["10"])[0])
    return (
        200,
        "application/json; charset=utf-8",
        {"items": [make(rng, i) for i in range(limit)], "next": None},
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "shop/1.0"
    sys_version = ""
    wbufsize = -1

    def log_message(self, *_):
        pass

    def _read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body

    def _reply(self):
        status, kind, content = answer(self.command, self.path, self._read_body())
        if not isinstance(content, bytes):
            content = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        is_chunked = "chunked=1" in self.path
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        if is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command == "HEAD":
            return
        if is_chunked:
            for at in range(0, len(content), 700):
                piece = content[at : at + 700]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _reply


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        """Clients may leave early; nginx's log tells."""


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
