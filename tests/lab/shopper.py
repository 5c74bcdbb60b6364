"""Customers of the lab's shop, for the recorded capture: several programs with their own habits.

Usage: shopper.py SEED. Prints how many requests were answered.
"""

import gzip
import http.client
import json
import random
import socket
import sys
import threading
import urllib.parse

PORT = 80
AGENTS = {
    "browser": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "phone": "ShopApp/4.2.1 (Android 14; Pixel 8; de_DE)",
    "service": "order-service/2.9 okhttp/4.12.0",
    "script": "python-requests/2.32.3",
}


class Customer:
    def __init__(self, kind, source, server, seed):
        self.kind, self.source, self.server = kind, source, server
        self.random = random.Random(seed)
        self.token = "%064x" % self.random.getrandbits(256)
        self.connection = None
        self.n_answers = 0

    def connect(self):
        self.connection = http.client.HTTPConnection(self.server, PORT, 20, (self.source, 0))

    def ask(self, host, method, target, body=None, **headers):
        if not self.connection:
            self.connect()
        fields = {
            "Host": host,
            "User-Agent": AGENTS[self.kind],
            "Accept": "application/json, text/plain, */*",
            "Accept-Language": "en-GB,en;q=0.7,de;q=0.3",
        }
        if self.kind == "browser":
            fields["Accept-Encoding"] = "gzip, deflate"
            fields["Cookie"] = "session=%s; theme=dark" % self.token[:32]
        else:
            fields["Authorization"] = "Bearer " + self.token
        if isinstance(body, (dict, list)):
            body = json.dumps(body, ensure_ascii=False).encode()
            fields["Content-Type"] = "application/json"
        fields.update({name.replace("_", "-"): value for name, value in headers.items()})
        is_chunked = not isinstance(body, (bytes, str, type(None)))
        self.connection.request(
            method,
            urllib.parse.quote(target, safe="/?&=%+,:"),
            body,
            fields,
            encode_chunked=is_chunked,
        )
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.will_close:
            self.connection.close()
            self.connection = None
        if answer.headers.get("Content-Encoding") == "gzip":
            gzip.decompress(content)
        self.n_answers += 1

    def browse(self):
        for page in (
            "/static/index.html",
            "/static/site.css",
            "/static/app.js",
            "/static/missing.png",
        ):
            self.ask("www.shop.test", "GET", page)
        self.ask(
            "login.shop.test",
            "POST",
            "/oauth/token",
            "grant_type=password&username=ada%40example.com&password=hunter2",
            Content_Type="application/x-www-form-urlencoded",
        )
        self.ask("users.shop.test", "GET", "/v1/users?limit=4&q=Müller&sort=name")
        for number in self.random.sample(range(1, 400), 5):
            self.ask("users.shop.test", "GET", "/v1/users/%d" % number)
        self.ask("orders.shop.test", "GET", "/v2/orders?limit=6&state=new,paid&chunked=1")
        self.ask("www.shop.test", "GET", "/moved")

    def shop(self):
        for _ in range(5):
            self.ask(
                "orders.shop.test",
                "POST",
                "/v2/orders",
                {
                    "customer": self.random.randrange(500),
                    "lines": [
                        {
                            "sku": "SKU-%05d" % self.random.randrange(99999),
                            "quantity": 1,
                            "note": "bitte als Geschenk – danke",
                        }
                    ],
                },
            )
            self.ask(
                "payments.shop.test",
                "POST",
                "/v1/charges",
                {
                    "amount": self.random.randrange(99999),
                    "currency": "usd",
                    "card": {"number": "4242424242424242", "cvc": "123", "expires": "12/29"},
                },
                Idempotency_Key="%032x" % self.random.getrandbits(128),
            )
            self.ask("orders.shop.test", "GET", "/v2/orders/%d" % self.random.randrange(9999))
        self.ask("orders.shop.test", "PATCH", "/v2/orders/17", {"state": "paid"})
        self.ask("payments.shop.test", "POST", "/v1/charges?fail=402", {"amount": 1})
        self.ask("orders.shop.test", "GET", "/v2/orders/404")

    def sync(self):
        self.ask("users.shop.test", "HEAD", "/v1/users/1")
        self.ask("users.shop.test", "OPTIONS", "/v1/users")
        for number in range(6):
            self.ask(
                "users.shop.test",
                "PUT",
                "/v1/users/%d" % number,
                {"name": "名前 %d" % number, "active": None},
            )
            self.ask("users.shop.test", "DELETE", "/v1/users/%d" % (900 + number))
        lines = (b'{"id":%d,"email":"user%d@example.com"}\n' % (i, i) for i in range(20))
        self.ask(
            "users.shop.test",
            "POST",
            "/echo/import",
            lines,
            Content_Type="application/x-ndjson",
            Transfer_Encoding="chunked",
        )
        self.ask("users.shop.test", "GET", "/v1/users?limit=30&fields=id%2Cname")
        self.ask("users.shop.test", "GET", "/v1/users?fail=503")
        self.ask("www.shop.test", "GET", "/small", Connection="close")
        self.pipeline(8)

    def pipeline(self, n):
        raw = socket.create_connection((self.server, PORT), 20, (self.source, 0))
        request = (
            "GET /v1/charges/%d HTTP/1.1\r\nHost: payments.shop.test\r\nUser-Agent: %s\r\n%s\r\n"
        )
        for i in range(n):
            last = "Connection: close\r\n" if i == n - 1 else ""
            raw.sendall((request % (i, AGENTS[self.kind], last)).encode())
        while raw.recv(65536):
            pass
        raw.close()
        self.n_answers += n

    def live(self):
        habit = {
            "browser": self.browse,
            "phone": self.shop,
            "service": self.sync,
            "script": self.shop,
        }[self.kind]
        for _ in range(2):
            habit()
        if self.connection:
            self.connection.close()


def main():
    seed = int(sys.argv[1])
    customers = [
        Customer(kind, "10.20.1.%d" % (20 + i), "10.20.0.%d" % (10 + i % 5), seed + i)
        for i, kind in enumerate(["browser", "phone", "service", "script"] * 3)
    ] + [Customer("browser", "fd20::1:20", "fd20::10", seed + 99)]
    threads = [threading.Thread(target=customer.live) for customer in customers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(customer.n_answers for customer in customers))


if __name__ == "__main__":
    main()
