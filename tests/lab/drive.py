"""Clients of the lab's nginx: every shape of HTTP/1.1 traffic that a collector must read.

Usage: drive.py SERVER LOG
Writes a JSON line for each request to LOG, with what this side saw of the answer, and prints how
many requests nginx must have logged.
"""

import gzip
import hashlib
import http.client
import json
import random
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

HOST = "users.shop.test"


class Book:
    """What was asked and answered."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.file = open(path, "w", encoding="utf-8")
        self.n = 0

    def note(self, **fields):
        with self.lock:
            self.n += 1
            self.file.write(json.dumps(fields) + "\n")

    def note_answer(self, method, target, status, headers, content):
        text = content
        if headers.get("Content-Encoding") == "gzip" and content:
            text = gzip.decompress(content)
        self.note(
            id=headers.get("X-Request-Id"),
            method=method,
            target=target,
            status=status,
            body_bytes=len(content),
            sha256=hashlib.sha256(text).hexdigest(),
        )


class Client:
    def __init__(self, book, server, source):
        self.book, self.server, self.source = book, server, source

    def connect(self):
        return http.client.HTTPConnection(self.server, 80, 30, (self.source, 0))

    def ask(self, connection, method, target, body=None, **headers):
        fields = {"Host": HOST, "User-Agent": "drive/1.0"}
        fields.update({name.replace("_", "-"): value for name, value in headers.items()})
        is_chunked = not isinstance(body, (bytes, str, type(None)))
        if is_chunked:
            fields["Transfer-Encoding"] = "chunked"
        connection.request(method, target, body, fields, encode_chunked=is_chunked)
        answer = connection.getresponse()
        self.book.note_answer(method, target, answer.status, answer.headers, answer.read())

    def raw(self, request, shut=False):
        """Sends bytes as they are and returns what comes back until the end."""
        with socket.create_connection((self.server, 80), 30, (self.source, 0)) as link:
            link.sendall(request)
            if shut:
                link.shutdown(socket.SHUT_WR)
            pieces = []
            while piece := link.recv(65536):
                pieces.append(piece)
        return b"".join(pieces)


def keep_alive(client):
    connection = client.connect()
    for number in range(40):
        client.ask(connection, "GET", "/v1/users/%d" % number, Accept="application/json")
        client.ask(connection, "GET", "/v1/users?limit=%d&q=a%%20b+c&empty=&x" % (number % 5))
    client.ask(connection, "GET", "/small", Connection="close")


def methods(client):
    connection = client.connect()
    for _ in range(5):
        client.ask(connection, "POST", "/v1/users", json.dumps({"name": 'Zoë "Z"'}).encode())
        client.ask(
            connection, "PUT", "/v1/users/1", b'{"name":"x"}', Content_Type="application/json"
        )
        client.ask(connection, "PATCH", "/v1/users/1", b"{}")
        client.ask(connection, "DELETE", "/v1/users/1")
        client.ask(connection, "OPTIONS", "/v1/users")
        client.ask(connection, "HEAD", "/v1/users/1")
        client.ask(connection, "HEAD", "/static/site.css")
        client.ask(connection, "PURGE", "/echo/odd")


def errors(client):
    connection = client.connect()
    for status in (400, 401, 403, 404, 409, 418, 429, 500, 502, 503):
        client.ask(connection, "GET", "/v1/users?fail=%d" % status)
    for target in ("/nothing", "/static/nothing", "/gone", "/moved", "/v1/users/404"):
        client.ask(connection, "GET", target)
    client.ask(connection, "POST", "/static/site.css", b"not allowed")
    client.ask(connection, "GET", "/static/site.css", If_None_Match="*")
    client.ask(connection, "GET", "/static/site.css", Range="bytes=5-20")
    client.ask(client.connect(), "POST", "/limited", b"x" * 5000)


def compressed(client):
    connection = client.connect()
    for limit in (1, 3, 10, 50, 200):
        client.ask(connection, "GET", "/v1/orders?limit=%d" % limit, Accept_Encoding="gzip")
        client.ask(connection, "GET", "/v1/orders?limit=%d&chunked=1" % limit)
        client.ask(
            connection, "GET", "/v1/orders?limit=%d&chunked=1" % limit, Accept_Encoding="gzip"
        )


def chunked_upload(client):
    connection = client.connect()
    for size in (1, 7, 300, 4096, 70000):
        pieces = [b"p%04d " % i + b"x" * size for i in range(6)]
        client.ask(connection, "POST", "/echo/chunked", iter(pieces))
    client.ask(connection, "POST", "/echo/chunked", iter([]))
    client.ask(connection, "GET", "/small")


def large(client):
    connection = client.connect()
    client.ask(connection, "GET", "/bytes/3000000")
    client.ask(connection, "PUT", "/echo/large", random.Random(5).randbytes(2000000))
    client.ask(connection, "GET", "/v1/users?limit=4000", Accept_Encoding="gzip")
    client.ask(connection, "GET", "/v1/users?limit=4000&chunked=1")
    client.ask(connection, "POST", "/echo/large", json.dumps(["é" * 1000] * 200).encode())


def long_heads(client):
    connection = client.connect()
    client.ask(
        connection, "GET", "/small?" + "&".join("key%d=value%d" % (i, i) for i in range(150))
    )
    cookie = "; ".join("c%d=%032x" % (i, i * 7919) for i in range(60))
    client.ask(connection, "GET", "/small", Cookie=cookie)
    client.ask(connection, "GET", "/v1/users/" + urllib.parse.quote("Zoë/名前 %?#"))


def pipelined(client):
    for n in (2, 10, 50):
        one = "GET /small?n=%d HTTP/1.1\r\nHost: %s\r\n%s\r\n"
        last = ["Connection: close\r\n" if i == n - 1 else "" for i in range(n)]
        client.raw("".join(one % (i, HOST, last[i]) for i in range(n)).encode())
        for i in range(n):
            client.book.note(method="GET", target="/small?n=%d" % i, status=200)


def odd_shapes(client):
    start = "GET %s HTTP/1.%d\r\nHost: " + HOST + "\r\n%s\r\n"
    for target, minor, fields in (
        ("/small", 0, ""),
        ("/v1/users?limit=9&chunked=1", 0, ""),
        ("/v1/users/Zoë", 1, "Connection: close\r\n"),
        ("http://%s/small?absolute=1" % HOST, 1, "Connection: close\r\n"),
        ("/small", 1, "Connection: close\r\nX-Odd:\r\nX-Tab:\t tab \t\r\n"),
        ("/small", 1, "connection: CLOSE\r\nx-odd: caf\xe9\r\n"),
    ):
        request = start % (target, minor, fields)
        client.raw(request.encode("latin-1" if "caf" in request else "utf-8"))
        client.book.note(method="GET", target=target, status=200)
    # Bytes in drops: every byte of a head in a segment of its own.
    with socket.create_connection((client.server, 80), 30, (client.source, 0)) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in start % ("/small?drops=1", 1, "Connection: close\r\n"):
            link.sendall(byte.encode())
        while link.recv(65536):
            pass
    client.book.note(method="GET", target="/small?drops=1", status=200)


def broken(client):
    client.raw(b"GET /small HTTP/1.1\r\nno colon here\r\nHost: %s\r\n\r\n" % HOST.encode())
    client.book.note(method="GET", target="/small", status=400)
    client.raw(
        b"POST /echo/short HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc", shut=True
    )
    client.book.note(method="POST", target="/echo/short", status=400)
    with socket.create_connection((client.server, 80), 30, (client.source, 0)) as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.sendall(b"GET /bytes/4000000 HTTP/1.1\r\nHost: %s\r\n\r\n" % HOST.encode())
        link.recv(1000)
    client.book.note(method="GET", target="/bytes/4000000", status=200)


def curl(client):
    """curl's own ways: Expect: 100-continue, uploads of unknown size, form data, ranges."""
    base = ["curl", "-sS", "--interface", client.source, "-H", "Host: " + HOST, "-o", "/dev/null"]
    url = "http://%s" % client.server
    with tempfile.NamedTemporaryFile() as payload:
        payload.write(b'{"big":"' + b"0123456789" * 200000 + b'"}')
        payload.flush()
        for method, target, options in (
            (
                "POST",
                "/echo/expect",
                ["-H", "Expect: 100-continue", "--data-binary", "@" + payload.name],
            ),
            ("PUT", "/echo/upload", ["-H", "Transfer-Encoding: chunked", "-T", payload.name]),
            (
                "POST",
                "/echo/form",
                ["-F", "file=@%s;type=application/json" % payload.name, "-F", "a=é"],
            ),
            ("POST", "/echo/urlencoded", ["--data-urlencode", "name=Zoë & Co", "-d", "x=1"]),
            (
                "POST",
                "/limited",
                ["-H", "Expect: 100-continue", "--data-binary", "@" + payload.name],
            ),
            ("GET", "/v1/users?limit=40", ["--compressed"]),
        ):
            subprocess.run(base + options + ["-X", method, url + target], check=True)
            client.book.note(method=method, target=target)


SCENES = [
    keep_alive, methods, errors, compressed, chunked_upload, large, long_heads, pipelined,
    odd_shapes, broken, curl,
]  # fmt: skip


def main():
    server, book = sys.argv[1], Book(sys.argv[2])
    clients = [Client(book, server, "10.20.1.%d" % (20 + i)) for i in range(len(SCENES))]
    failures = []

    def play(scene, client):
        try:
            scene(client)
        except BaseException as failure:
            failures.append("%s: %r" % (scene.__name__, failure))

    threads = [threading.Thread(target=play, args=pair) for pair in zip(SCENES, clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    book.file.close()
    if failures:
        sys.exit("drive: " + "; ".join(failures))
    print(book.n)


if __name__ == "__main__":
    main()
