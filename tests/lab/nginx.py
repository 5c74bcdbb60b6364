"""The lab's web server: nginx with a JSON access log, in front of backend.py."""

import json
import os
import sys

import network

BACKEND_PORT = 18080
HOSTS = [
    "users.shop.test",
    "orders.shop.test",
    "payments.shop.test",
    "login.shop.test",
    "www.shop.test",
]

CONFIG = """
daemon off;
master_process off;
error_log {folder}/error.log warn;
pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
  log_format truth escape=json '{{"id":"$request_id","request":"$request",'
    '"method":"$request_method","host":"$host",'
    '"target":"$request_uri","status":$status,"protocol":"$server_protocol",'
    '"request_bytes":$request_length,'
    '"response_bytes":$bytes_sent,'
    '"content_type":"$sent_http_content_type","content_encoding":"$sent_http_content_encoding",'
    '"client":"$remote_addr","client_port":$remote_port,"server":"$server_addr",'
    '"completion":"$request_completion"}}';
  access_log {folder}/access.log truth;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  types {{ text/html html; text/css css; application/javascript js; image/svg+xml svg; }}
  default_type application/octet-stream;
  keepalive_requests 100000;
  keepalive_timeout 60s;
  client_max_body_size 32m;
  client_body_buffer_size 1m;
  proxy_request_buffering on;
  gzip on;
  gzip_min_length 256;
  gzip_proxied any;
  gzip_types application/json text/css application/javascript;
  upstream shop {{ server 127.0.0.1:{backend}; keepalive 64; }}
  server {{
    listen 80 default_server backlog=1024;
    listen [::]:80 default_server;
    server_name {hosts};
    add_header X-Request-Id $request_id always;
    root {folder}/www;
    location / {{
      proxy_pass http://shop;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header Accept-Encoding "";
    }}
    location /static/ {{ alias {folder}/www/; }}
    location = /small {{ default_type application/json; return 200 '{{"ok":true}}'; }}
    location = /gone {{ return 410; }}
    location = /moved {{ return 301 https://www.shop.test/; }}
    location = /limited {{ client_max_body_size 1k; proxy_pass http://shop; }}
  }}
}}
"""


def why_not():
    return network.lacking(["nginx"])


def _can_connect(namespace):
    probe = "import socket; socket.create_connection(('127.0.0.1', %d), 1)"
    return all(
        namespace.start(sys.executable, "-c", probe % port, stderr=-3).wait() == 0
        for port in (80, BACKEND_PORT)
    )


class WebServer:
    """nginx and the application in a namespace, with everything they write in 'folder'."""

    def __init__(self, namespace, folder):
        self.namespace = namespace
        self.folder = os.path.abspath(folder)
        self._write_pages()
        config = os.path.join(self.folder, "nginx.conf")
        with open(config, "w") as out:
            out.write(
                CONFIG.format(folder=self.folder, backend=BACKEND_PORT, hosts=" ".join(HOSTS))
            )
        backend = os.path.join(os.path.dirname(os.path.abspath(__file__)), "backend.py")
        namespace.start(sys.executable, backend, BACKEND_PORT)
        self.process = namespace.start(
            "nginx", "-p", self.folder, "-e", self.folder + "/error.log", "-c", config
        )
        network.wait_for(lambda: _can_connect(namespace), "nginx and the application")

    def _write_pages(self):
        pages = os.path.join(self.folder, "www")
        os.makedirs(pages)
        # The worker is another user when the master is root.
        os.chmod(self.folder, 0o755)
        for name, text in {
            "index.html": "<!doctype html><title>Shop</title><p>Grüße\n" * 8,
            "site.css": "p { margin: 1em; }\n" * 60,
            "app.js": 'console.log("hello, мир");\n' * 60,
            "empty.html": "",
        }.items():
            with open(os.path.join(pages, name), "w") as out:
                out.write(text)

    def log(self):
        """The access log so far, a list of objects."""
        with open(
            os.path.join(self.folder, "access.log"), encoding="utf-8", errors="surrogateescape"
        ) as lines:
            return [json.loads(line) for line in lines]

    def log_of(self, n_requests):
        """The log once it has that many lines."""
        network.wait_for(
            lambda: len(self.log()) >= n_requests, "%d lines in nginx's log" % n_requests
        )
        return self.log()
