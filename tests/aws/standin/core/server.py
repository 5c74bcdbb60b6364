"""The HTTP side: the API over TLS; metadata, control and a proxy in the clear."""

import http.client
import http.server
import socket
import struct
import threading
import time

from .dispatch import Request

MAXIMUM_BODY_BYTES = 4 << 20
STALL_S = 600


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stand-in"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120

    def log_message(self, *_arguments):
        pass

    def read_request(self):
        """The Request, or None when it was refused."""
        length = self.headers.get("Content-Length", "0")
        if (
            self.headers.get("Transfer-Encoding")
            or not length.isdigit()
            or int(length) > MAXIMUM_BODY_BYTES
        ):
            self.close_connection = True
            self.respond(411, {"Content-Type": "text/plain"}, b"a body needs a Content-Length")
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        return Request(self.command, self.path, self.headers, body, self.headers.get("Host", ""))

    def respond(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def date_time_string(self, timestamp=None):
        return super().date_time_string(self.server.now() if timestamp is None else timestamp)

    def cut(self):
        """Ends the connection with a reset instead of a proper end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def serve(self):
        raise NotImplementedError

    def do_any(self):
        self.serve()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_any


class ApiHandler(Handler):
    """Signed API calls."""

    def serve(self):
        request = self.read_request()
        if request is None:
            return
        answer = self.server.dispatcher.answer(request)
        if answer.fate == "reset":
            self.cut()
        elif answer.fate == "stall":
            self.server.stopping.wait(STALL_S)
            self.cut()
        elif answer.fate == "truncate":
            self.truncate(answer)
        else:
            self.respond(answer.status, answer.headers, answer.body)

    def truncate(self, answer):
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2])
        self.wfile.flush()
        self.cut()


class PlainHandler(Handler):
    """Everything that AWS serves without TLS and signature, and what tests need."""

    def serve(self):
        request = self.read_request()
        if request is None:
            return
        path = request.target.partition("?")[0]
        for prefix, route in self.server.routes:
            if path.startswith(prefix):
                status, headers, body = route(request)
                self.respond(status, headers, body)
                return
        self.respond(404, {"Content-Type": "text/plain"}, b"not found")

    def do_CONNECT(self):
        """An HTTPS proxy that leads every AWS name here, so that real names can be tried."""
        self.close_connection = True
        host = self.path.rpartition(":")[0]
        self.server.proxied.append(host)
        if not host.endswith((".amazonaws.com", ".amazonaws.com.cn")):
            self.respond(403, {"Content-Type": "text/plain"}, b"not an AWS name")
            return
        with socket.create_connection(self.server.api_address) as upstream:
            self.send_response(200, "Connection established")
            self.end_headers()
            self.wfile.flush()
            back = threading.Thread(target=relay, args=(upstream, self.connection), daemon=True)
            back.start()
            relay(self.connection, upstream)
            back.join()


def relay(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler, address, context=None):
        self.context = context
        self.stopping = threading.Event()
        super().__init__(address, handler)

    def now(self):
        return time.time()

    def get_request(self):
        connection, address = super().get_request()
        if self.context:
            connection = self.context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def handle_error(self, request, client_address):
        """A client that goes away, or does not trust our certificate, is no event here."""


class ApiServer(Server):
    def __init__(self, dispatcher, context, address=("127.0.0.1", 0)):
        self.dispatcher = dispatcher
        super().__init__(ApiHandler, address, context)

    def now(self):
        return self.dispatcher.world.now().timestamp()


class PlainServer(Server):
    def __init__(self, routes, api_address, address=("127.0.0.1", 0)):
        self.routes = routes  # [(prefix of the path, function of a Request)]
        self.api_address = api_address
        self.proxied = []
        super().__init__(PlainHandler, address)
