#pragma once

// Conversations of which something was not seen: bytes are missing, the beginning was, or one of the
// directions. Told and played as those of http_conversations.h.

#include "http_run.h"

// clang-format off
static const struct conversation losses[] = {
	{
		.name = "a request that comes after its response: the order is lost",
		.steps = {
			LATE_CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nA"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nB"),
		},
		.traces =
			"? > 200 1'A' | no_request\n"
			"GET x/1 > ? | no_response\n"
			"GET x/2 > 200 1'B'\n",
	},
	{
		.name = "only the server is seen",
		.steps = {
			CLIENT_UNSEEN(40),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nA"),
			CLIENT_UNSEEN(40),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nB"),
		},
		.traces =
			"? > 200 1'A' | no_request\n"
			"? > 200 1'B' | no_request\n",
	},
	{
		.name = "a gap inside a body",
		.steps = {
			CLIENT("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab"),
			SERVER_GAP(6),
			SERVER("ijHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces =
			"GET x/ > 200 10'ab'2 | gap\n"
			"? > 200 | no_request\n"
			"GET x/2 > 204\n",
	},
	{
		.name = "a gap inside a chunk and one at its end",
		.steps = {
			CLIENT("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na"),
			SERVER_GAP(3),
			SERVER("e\r\n5\r\n"),
			SERVER_TRUNCATED(5),
			SERVER("\r\n0\r\n\r\n"),
		},
		.traces = "GET x/ > 200 10'a'1 | truncated gap\n",
	},
	{
		.name = "a gap that takes the end of a chunked body",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na"),
			SERVER_GAP(30),
			SERVER("text\r\n0\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces =
			"GET x/ > 200 5'a'1 | gap\n"
			"GET x/2 > 204 | gap\n",
	},
	{
		.name = "a gap that takes a response head",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER_GAP(60),
			SERVER("HTTP/1.0 lookalike"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces =
			"GET x/1 > ? | gap no_response\n"
			"GET x/2 > 204 | gap\n",
	},
	{
		.name = "a gap that takes a request",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			CLIENT_GAP(60),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 201 A\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 202 B\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 203 C\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /4 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 D\r\n\r\n"),
		},
		// The first keeps its order. Who sends requests together has no proof after the hole.
		.traces =
			"GET x/3 > ? | gap no_response\n"
			"GET x/1 > 201\n"
			"? > 202 | gap no_request\n"
			"? > 203 | gap no_request\n"
			"GET x/4 > ? | gap no_response\n"
			"? > 204 | gap no_request\n",
	},
	{
		.name = "a request cut short by the capture",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\nAccept: a"),
			CLIENT_GAP(40),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\nAccept: a"),
			CLIENT_GAP(40),
			SERVER("HTTP/1.1 200 OK\r\nServer"),
			SERVER_TRUNCATED(100),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces =
			"GET x/1 > 204 | gap\n"
			"GET x/2 > 200 | truncated gap\n"
			"GET x/3 > 204 | truncated gap\n",
	},
	{
		.name = "a gap in a body that ends with the connection",
		.steps = {
			CLIENT("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\n\r\nab"),
			SERVER_GAP(100),
			SERVER("yz"),
			SERVER_END,
		},
		.traces = "GET x/ > 200 104'ab'2 | gap\n",
	},
	{
		.name = "picked up inside a response body",
		.is_midstream = true,
		.is_by_segment = true,
		.steps = {
			SERVER("the rest of a body, HTTP/1.1 200 OK\r\n\r\n"),
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nA"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nB"),
		},
		.traces =
			"GET x/1 > 200 1'A' | midstream\n"
			"GET x/2 > 200 1'B'\n",
	},
	{
		.name = "picked up between pipelined requests: no proof",
		.is_midstream = true,
		.steps = {
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\n"
			       "Host: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 205 No\r\n\r\n"),
			CLIENT("GET /4 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces =
			"GET x/2 > ? | midstream no_response\n"
			"GET x/3 > ? | no_response\n"
			"? > 204 | midstream no_request\n"
			"GET x/4 > ? | no_response\n"
			"? > 205 | no_request\n"
			"? > 204 | no_request\n",
	},
	{
		.name = "picked up before an interim response",
		.is_midstream = true,
		.steps = {
			CLIENT("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"),
			SERVER("HTTP/1.1 100 Continue\r\n\r\n"),
			CLIENT("ab"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces = "POST x/ 2'ab' > 204 after 1 | midstream\n",
	},
	{
		.name = "a response that crosses its request",
		.is_midstream = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			CROSSING_SERVER("HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"GET x/1 > 204 | midstream\n"
			"GET x/2 > 408\n",
	},
	{
		.name = "a request is lost between pipelined ones",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			CLIENT_GAP(60),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3"),
		},
		.traces =
			"GET x/1 > 204\n"
			"GET x/3 > ? | gap no_response\n"
			"? > 200 1'2' | gap no_request\n"
			"? > 200 1'3' | gap no_request\n",
	},
	{
		.name = "a request is lost, and the next is sent after its response",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			CLIENT_GAP(60),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3"),
		},
		.traces =
			"GET x/1 > 204\n"
			"? > 200 1'2' | gap no_request\n"
			"GET x/3 > 200 1'3' | gap\n",
	},
	{
		.name = "two pipelined requests after a loss, and one sent later",
		.is_by_segment = true,
		.steps = {
			CLIENT_GAP(60),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /4 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 4\r\n\r\n"),
		},
		.traces =
			"? > 204 | gap no_request\n"
			"GET x/1 > ? | gap no_response\n"
			"GET x/2 > ? | gap no_response\n"
			"GET x/3 > ? | gap no_response\n"
			"? > 201 | gap no_request\n"
			"? > 202 | gap no_request\n"
			"? > 203 | gap no_request\n"
			"GET x/4 > ? | gap no_response\n"
			"? > 204 | gap no_request\n",
	},
	{
		.name = "the first request is lost, and one behind it is not: no proof",
		.is_by_segment = true,
		.steps = {
			CLIENT_GAP(60),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"GET x/2 > ? | gap no_response\n"
			"? > 201 | gap no_request\n"
			"? > 202 | gap no_request\n"
			"GET x/3 > 203\n",
	},
	{
		.name = "text in a body after a hole that looks like requests",
		.is_by_segment = true,
		.steps = {
			CLIENT("POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd"),
			CLIENT_GAP(60),
			CLIENT("GET /fake1 HTTP/1.1\r\n\r\ntext)\r\n"),
			CLIENT("GET /fake2 HTTP/1.1\r\n\r\n0)\r\n"),
			SERVER("HTTP/1.1 204 1\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 2\r\n\r\n"),
			CLIENT("GET /3 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 3\r\n\r\n"),
		},
		.traces =
			"GET /fake1 > ? | gap no_response\n"
			"GET /fake2 > ? | gap no_response\n"
			"POST /1 4'abcd' > 204 | gap\n"
			"GET /2 > ? | gap no_response\n"
			"? > 204 | gap no_request\n"
			"GET /3 > ? | gap no_response\n"
			"? > 204 | gap no_request\n",
	},
	{
		.name = "text in a body picked up midstream that looks like requests",
		.is_midstream = true,
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /fake1 HTTP/1.1\r\n\r\ntext)\r\n"),
			CLIENT("GET /fake2 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 1\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 2\r\n\r\n"),
		},
		.traces =
			"GET /fake1 > ? | midstream no_response\n"
			"GET /fake2 > ? | no_response\n"
			"? > 204 | midstream no_request\n"
			"GET /2 > ? | no_response\n"
			"? > 204 | no_request\n",
	},
	{
		.name = "picked up midstream, only the client is seen",
		.is_midstream = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER_UNSEEN(50),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER_UNSEEN(50),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces =
			"GET x/1 > ? | midstream no_response\n"
			"GET x/2 > ? | no_response\n"
			"GET x/3 > 204 | midstream\n",
	},
	{
		.name = "a lost request behind more than may wait",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\n\r\n" "GET /2 HTTP/1.1\r\n\r\n" "GET /3 HTTP/1.1\r\n\r\n" "GET /4 HTTP/1.1\r\n\r\n" "GET /5 HTTP/1.1\r\n\r\n"),
			CLIENT("GET /6 HTTP/1.1\r\n\r\n" "GET /7 HTTP/1.1\r\n\r\n" "GET /8 HTTP/1.1\r\n\r\n" "GET /9 HTTP/1.1\r\n\r\n"),
			CLIENT_GAP(20),
			CLIENT("GET /11 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 1\r\n\r\n" "HTTP/1.1 204 2\r\n\r\n" "HTTP/1.1 204 3\r\n\r\n" "HTTP/1.1 204 4\r\n\r\n" "HTTP/1.1 204 5\r\n\r\n" "HTTP/1.1 204 6\r\n\r\n" "HTTP/1.1 204 7\r\n\r\n" "HTTP/1.1 204 8\r\n\r\n"),
			SERVER("HTTP/1.1 204 9\r\n\r\n" "HTTP/1.1 204 10\r\n\r\n" "HTTP/1.1 204 11\r\n\r\n"),
			CLIENT("GET /12 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"GET /9 > ? | no_response\n"
			"GET /11 > ? | gap no_response\n"
			"GET /1 > 204\n"
			"GET /2 > 204\n"
			"GET /3 > 204\n"
			"GET /4 > 204\n"
			"GET /5 > 204\n"
			"GET /6 > 204\n"
			"GET /7 > 204\n"
			"GET /8 > 204\n"
			"? > 204 | gap no_request\n"
			"? > 204 | gap no_request\n"
			"? > 204 | gap no_request\n"
			"GET /12 > ? | gap no_response\n"
			"? > 200 | gap no_request\n",
	},
	{
		.name = "a lost response before more than may wait",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\n\r\n" "GET /2 HTTP/1.1\r\n\r\n" "GET /3 HTTP/1.1\r\n\r\n" "GET /4 HTTP/1.1\r\n\r\n" "GET /5 HTTP/1.1\r\n\r\n"),
			CLIENT("GET /6 HTTP/1.1\r\n\r\n" "GET /7 HTTP/1.1\r\n\r\n" "GET /8 HTTP/1.1\r\n\r\n" "GET /9 HTTP/1.1\r\n\r\n"),
			SERVER_GAP(18),
			SERVER("HTTP/1.1 204 2\r\n\r\n" "HTTP/1.1 204 3\r\n\r\n" "HTTP/1.1 204 4\r\n\r\n" "HTTP/1.1 204 5\r\n\r\n" "HTTP/1.1 204 6\r\n\r\n" "HTTP/1.1 204 7\r\n\r\n" "HTTP/1.1 204 8\r\n\r\n" "HTTP/1.1 204 9\r\n\r\n"),
			CLIENT("GET /10 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"GET /9 > ? | no_response\n"
			"GET /1 > ? | gap no_response\n"
			"GET /2 > ? | gap no_response\n"
			"GET /3 > ? | gap no_response\n"
			"GET /4 > ? | gap no_response\n"
			"GET /5 > ? | gap no_response\n"
			"GET /6 > ? | gap no_response\n"
			"GET /7 > ? | gap no_response\n"
			"GET /8 > ? | gap no_response\n"
			"? > 204 | gap no_request\n"
			"? > 204 | gap no_request\n"
			"? > 204 | gap no_request\n"
			"? > 204 | gap no_request\n"
			"? > 204 | gap no_request\n"
			"? > 204 | gap no_request\n"
			"? > 204 | gap no_request\n"
			"? > 204 | gap no_request\n"
			"GET /10 > ? | gap no_response\n"
			"? > 200 | gap no_request\n",
	},
	{
		.name = "a request is lost, and then one of two that are sent together",
		.is_by_segment = true,
		.steps = {
			CLIENT_GAP(40),
			SERVER("HTTP/1.1 200 0\r\nContent-Length: 0\r\n\r\n"),
			CLIENT_GAP(40),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"? > 200 | gap no_request\n"
			"GET x/2 > ? | gap no_response\n"
			"? > 201 | gap no_request\n"
			"? > 202 | gap no_request\n"
			"GET x/3 > 203\n",
	},
	{
		.name = "a request is lost, and what it acknowledges too: no proof",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /0 HTTP/1.1\r\n\r\n" "GET /0 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 0\r\n\r\n" "HTTP/1.1 204 0\r\n\r\n"),
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			LATE_SERVER_GAP(40),
			CLIENT_GAP(40),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"GET /0 > 204\n"
			"GET /0 > 204\n"
			"GET x/1 > ? | gap no_response\n"
			"GET x/3 > ? | gap no_response\n"
			"? > 202 | gap no_request\n"
			"? > 203 | gap no_request\n",
	},
	{
		.name = "a whole exchange is lost",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			CLIENT_GAP(40),
			SERVER_GAP(40),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"GET x/1 > 201\n"
			"GET x/3 > 203 | gap\n",
	},
	{
		.name = "requests sent together are all answered, and later a response is lost",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\n\r\n" "GET /2 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /3 HTTP/1.1\r\n\r\n"),
			SERVER_GAP(60),
			CLIENT("GET /4 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 4\r\n\r\n"),
			CLIENT("GET /5 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 205 5\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"GET /1 > 201\n"
			"GET /2 > 202\n"
			"GET /3 > ? | gap no_response\n"
			"GET /4 > 204 | gap\n"
			"GET /5 > 205\n",
	},
};
// clang-format on
