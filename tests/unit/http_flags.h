#pragma once

// Conversations with holes, and what is said of them: a flag tells what the trace it is on went through,
// not what the connection did. Told and played as those of http_conversations.h.

#include "http_run.h"

// clang-format off
static const struct conversation flagged[] = {
	{
		.name = "the mirror has only the server: nothing of it is missing",
		.steps = {
			CLIENT_ABSENT(40),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nA"),
			CLIENT_ABSENT(40),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nB"),
			CLIENT_ABSENT(40),
			SERVER_GAP(40),
			CLIENT_ABSENT(40),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nD"),
			CLIENT_ABSENT(40),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nE"),
		},
		.traces =
			"? > 200 1'A' | no_request\n"
			"? > 200 1'B' | no_request\n"
			"? > 200 1'D' | gap no_request\n"
			"? > 200 1'E' | no_request\n",
	},
	{
		.name = "the mirror has only the client: nothing of the server is missing",
		.is_midstream = true,
		.is_client_whole = true,
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER_UNSEEN(40),
			CLIENT_GAP(40),
			SERVER_UNSEEN(40),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER_UNSEEN(40),
			CLIENT("GET /4 HTTP/1.1\r\nHost: x\r\n\r\n"),
		},
		.traces =
			"GET x/1 > ? | no_response\n"
			"GET x/3 > ? | gap no_response\n"
			"GET x/4 > ? | no_response\n",
	},
	{
		.name = "a side that is seen late: what is lost of it from then on is missing",
		.is_by_segment = true,
		.steps = {
			CLIENT_ABSENT(40),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			CLIENT_GAP(40),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"? > 201 | no_request\n"
			"GET x/2 > 202\n"
			"? > 203 | gap no_request\n",
	},
	{
		.name = "a request that is not answered, long after a hole",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER_GAP(60),
			SERVER("the rest"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /4 HTTP/1.1\r\nHost: x\r\n\r\n"),
		},
		.traces =
			"GET x/1 > ? | gap no_response\n"
			"GET x/2 > 202 | gap\n"
			"GET x/3 > 203\n"
			"GET x/4 > ? | no_response\n",
	},
	{
		.name = "requests sent together long after the hole that took the order",
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER_GAP(60),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /3 HTTP/1.1\r\n\r\n" "GET /4 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 204 4\r\n\r\n"),
		},
		.traces =
			"GET x/1 > ? | gap no_response\n"
			"GET x/2 > 202 | gap\n"
			"GET /3 > ? | gap no_response\n"
			"GET /4 > ? | gap no_response\n"
			"? > 203 | gap no_request\n"
			"? > 204 | gap no_request\n",
	},
	{
		.name = "a request is lost behind one that is answered",
		.is_by_segment = true,
		.steps = {
			CLIENT_GAP(40),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			CLIENT_GAP(40),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"? > 201 | gap no_request\n"
			"GET x/2 > 202 | gap\n"
			"? > 203 | gap no_request\n",
	},
	{
		.name = "picked up after its start, and a hole later",
		.is_midstream = true,
		.is_by_segment = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			CLIENT_GAP(40),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"GET x/1 > 201 | midstream\n"
			"? > 202 | gap no_request\n"
			"GET x/3 > 203 | gap\n",
	},
	{
		.name = "a hole that was said, and later a request that is none",
		.is_by_segment = true,
		.steps = {
			CLIENT_GAP(40),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /3\r\n\r\n"),
			SERVER("HTTP/1.1 400 3\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /4 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 4\r\n\r\n"),
		},
		.traces =
			"? > 201 | gap no_request\n"
			"GET x/2 > 202 | gap\n"
			"? > 400 | no_request\n"
			"GET x/4 > 204\n",
	},
};
// clang-format on
