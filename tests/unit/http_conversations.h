#pragma once

// Conversations of which everything is seen, as data. Each is played whole, cut at every byte of
// every segment, and byte by byte: the traces are the same. They are told as
// "METHOD host target body > status body | flags".

#include "http_run.h"

// clang-format off
static const struct conversation conversations[] = {
	{
		.name = "a request and its response",
		.steps = {
			CLIENT("GET /a HTTP/1.1\r\nHost: x.test\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
		},
		.traces = "GET x.test/a > 200 5'hello'\n",
	},
	{
		.name = "keep-alive",
		.steps = {
			CLIENT("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"),
			SERVER("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /b HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"),
		},
		.traces =
			"POST x/a 3'abc' > 201\n"
			"GET x/b > 404 2'no'\n",
	},
	{
		.name = "pipelined requests",
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\n"
			       "Host: x\r\n\r\n"),
			CLIENT("PUT /3 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
			       "1HTTP/1.1 204 No\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3"),
		},
		.traces =
			"GET x/1 > 200 1'1'\n"
			"GET x/2 > 204\n"
			"PUT x/3 2'ok' > 200 1'3'\n",
	},
	{
		.name = "chunked with extensions and trailers",
		.steps = {
			CLIENT("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
			       "3;name=\"v\"\r\nabc\r\n0005 \r\ndefgh\r\n0\r\nSum: 1\r\n"
			       "More: 2\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\nA\n"
			       "0123456789\n0\n\n"),
		},
		.traces = "POST x/ 8'abcdefgh' > 200 10'0123456789' | ambiguous_framing\n",
	},
	{
		.name = "HEAD and statuses without a body",
		.steps = {
			CLIENT("HEAD /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\n"
			       "Host: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
			SERVER("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"),
			CLIENT("HEAD /3 HTTP/1.1\r\nHost: x\r\n\r\nGET /4 HTTP/1.1\r\n"
			       "Host: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
			SERVER("HTTP/1.1 204 No Content\r\n\r\n"),
		},
		.traces =
			"HEAD x/1 > 200\n"
			"GET x/2 > 304\n"
			"HEAD x/3 > 200\n"
			"GET x/4 > 204\n",
	},
	{
		.name = "interim responses",
		.steps = {
			CLIENT("PUT /f HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
			       "Expect: 100-continue\r\n\r\n"),
			SERVER("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"),
			CLIENT("data"),
			SERVER("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200\r\n"
			       "Content-Length: 0\r\n\r\n"),
		},
		.traces = "PUT x/f 4'data' > 200 after 3\n",
	},
	{
		.name = "a body that ends with the connection",
		.steps = {
			CLIENT("GET / HTTP/1.0\r\n\r\n"),
			SERVER("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of "),
			SERVER("it"),
			SERVER_END,
			CLIENT_END,
		},
		.traces = "GET / > 200 9'all of it'\n",
	},
	{
		.name = "a body cut short by the end",
		.steps = {
			CLIENT("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
			SERVER_END,
		},
		.traces = "GET x/ > 200 4'half' | incomplete\n",
	},
	{
		.name = "a response that ends inside its head",
		.steps = {
			CLIENT("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Len"),
			SERVER_END,
		},
		.traces = "GET x/ > 200 | incomplete\n",
	},
	{
		.name = "a request that ends inside its head",
		.close_flag = TRACE_FLAG_INCOMPLETE,
		.steps = {
			CLIENT("GET / HTTP/1.1\r\nHost: x\r\nUser-A"),
		},
		.traces = "GET x/ > ? | no_response incomplete\n",
	},
	{
		.name = "a framing field that hides behind a bare CR",
		.steps = {
			CLIENT("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: y\rz\r\n\r\nok"),
		},
		.traces = "GET x/ > 200 2'ok' | ambiguous_framing\n",
	},
	{
		.name = "a reset inside a body that ends with the connection",
		.close_flag = TRACE_FLAG_INCOMPLETE,
		.steps = {
			CLIENT("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\n\r\nhalf"),
		},
		.traces = "GET x/ > 200 4'half' | incomplete\n",
	},
	{
		.name = "drained while waiting",
		.close_flag = TRACE_FLAG_DRAINED,
		.steps = {
			CLIENT("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		},
		.traces = "GET x/ > ? | no_response drained\n",
	},
	{
		.name = "an error response before the request's body is in",
		.steps = {
			CLIENT("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nabcd"),
			SERVER("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"),
			CLIENT("efgh"),
			CLIENT("GET /next HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"POST x/ 8'abcdefgh' > 413 2'no'\n"
			"GET x/next > 200\n",
	},
	{
		.name = "an error response, and the request's body never ends",
		.steps = {
			CLIENT("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nabcd"),
			SERVER("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"),
			SERVER_END,
		},
		.traces = "POST x/ 4'abcd' > 413 2'no' | incomplete\n",
	},
	{
		.name = "lines that end in LF alone and empty lines in front",
		.steps = {
			CLIENT("\r\n\nGET /a HTTP/1.1\nHost: x\n\n\r\n"),
			CLIENT("GET /b HTTP/1.1\r\nHost: x\n\r\n"),
			SERVER("HTTP/1.1 200 OK\nContent-Length: 1\n\nA\r\nHTTP/1.1 200 OK\n"
			       "Content-Length: 1\n\nB"),
		},
		.traces =
			"GET x/a > 200 1'A'\n"
			"GET x/b > 200 1'B' | ambiguous_framing\n",
	},
	{
		.name = "targets in all forms",
		.steps = {
			CLIENT("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
			CLIENT("GET http://u:p@y.test:80/p?q HTTP/1.1\r\nHost: x\r\n\r\n"),
			CLIENT("get /odd method HTTP/1.1\r\nHost:\t x \r\n\r\n"),
			CLIENT("X-!# /?u=http://z HTTP/1.1\r\nHost: x\r\n\r\n"),
		},
		.traces =
			"OPTIONS x * > ? | no_response\n"
			"GET y.test:80 http://u:p@y.test:80/p?q > ? | no_response\n"
			"get x/odd method > ? | no_response\n"
			"X-!# x/?u=http://z > ? | no_response\n",
	},
	{
		.name = "an upgrade",
		.steps = {
			CLIENT("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n"),
			SERVER("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\x03"
			       "abc"),
			CLIENT("GET / HTTP/1.1\r\nHost: no\r\n\r\n"),
		},
		.traces = "GET x/ws > 101 | upgraded\n",
	},
	{
		.name = "a tunnel",
		.steps = {
			CLIENT("CONNECT y:443 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("CONNECT y:443 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\n\r\n"),
			CLIENT("\x16\x03\x01"),
		},
		.traces =
			"CONNECT y:443 y:443 > 407\n"
			"CONNECT y:443 y:443 > 200 | upgraded\n",
	},
	{
		.name = "a response nobody asked for",
		.steps = {
			CLIENT("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			SERVER("HTTP/1.1 408 Timeout\r\nContent-Length: 1\r\n\r\n-"),
		},
		.traces =
			"GET x/ > 204\n"
			"? > 408 1'-' | no_request\n",
	},
	{
		.name = "responses to HEAD, only the server is seen",
		.steps = {
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nHTML"),
			SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
		},
		.traces =
			"? > 200 | no_request\n"
			"? > 200 4'HTML' | no_request\n"
			"? > 200 | no_request\n"
			"? > 200 | no_request\n",
	},
	{
		.name = "two lengths that differ",
		.steps = {
			CLIENT("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
			       "Content-Length: 4\r\n\r\nabcd"),
			SERVER("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces = "POST x/ > 400 | ambiguous_framing\n",
	},
	{
		.name = "a length and chunked",
		.steps = {
			CLIENT("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
			       "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces = "POST x/ 2'ab' > 200 | ambiguous_framing\n",
	},
	{
		.name = "chunks with line ends of one byte",
		.steps = {
			CLIENT("POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
			       "2\nab\r\n0\r\n\r\n"),
			CLIENT("POST /2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
			       "2;x\nab\r\n0\r\n\r\n"),
			CLIENT("POST /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
			       "2;x\ry\r\nab\r\n0\r\n\r\n"),
			CLIENT("POST /4 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
			       "2\r\nab\n0\r\n\r\n"),
			CLIENT("POST /5 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
			       "2\r\nab\r\n0\r\nA: b\n\r\n"),
			CLIENT("POST /6 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
			       "2\r\nab\r\n0\r\n\n"),
			CLIENT("POST /7 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
			       "2;x=\"y\"\r\nab\r\n0;z\r\nA: b\r\nC: d\r\n\r\n"),
		},
		.traces =
			"POST /1 2'ab' > ? | no_response ambiguous_framing\n"
			"POST /2 2'ab' > ? | no_response ambiguous_framing\n"
			"POST /3 2'ab' > ? | no_response ambiguous_framing\n"
			"POST /4 2'ab' > ? | no_response ambiguous_framing\n"
			"POST /5 2'ab' > ? | no_response ambiguous_framing\n"
			"POST /6 2'ab' > ? | no_response ambiguous_framing\n"
			"POST /7 2'ab' > ? | no_response\n",
	},
	{
		.name = "a chunk size that is none",
		.steps = {
			CLIENT("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
			       "2\r\nab\r\n-1\r\n"),
			SERVER("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces = "POST x/ 2'ab' > 400 | ambiguous_framing\n",
	},
	{
		.name = "heads that the connection's end cuts short",
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n"),
			CLIENT_END,
			SERVER("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 200 OK\r\n"),
			SERVER_END,
		},
		.traces =
			"GET x/1 > 204\n"
			"GET x/2 > 200 | incomplete\n",
	},
	{
		.name = "controls before a status line",
		.steps = {
			CLIENT("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER(" \t\r\n\x01HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces = "GET x/ > 204\n",
	},
	{
		.name = "a length behind a CR that is no line end",
		.steps = {
			CLIENT("POST / HTTP/1.1\r\nHost: x\r\nA: b\rContent-Length: 5\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: \rchunked\r\n\r\n0\r\n\r\n"),
		},
		.traces = "POST x/ > 200 | ambiguous_framing\n",
	},
	{
		.name = "a server that answers in another protocol",
		.steps = {
			CLIENT("GET / HTTP/1.0\r\nHost: x\r\n\r\n"),
			SERVER("ICY 200 OK\r\nicy-name: radio\r\n\r\n"),
		},
		.traces = "GET x/ > ? | no_response\n",
	},
};
// clang-format on
