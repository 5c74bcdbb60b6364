#pragma once

// Conversations by how they begin: in odd ways that servers take, behind something else, or as another
// protocol. Told and played as those of http_conversations.h.

#include "http_run.h"

// clang-format off
static const struct conversation starts[] = {
	{
		.name = "a version that few send but servers take",
		.steps = {
			CLIENT("GET /1 HTTP/1.10\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces =
			"GET x/1 > 204 | ambiguous_framing\n"
			"GET x/2 > 204\n",
	},
	{
		.name = "a method of more than 32 characters",
		.steps = {
			CLIENT("AMETHODTHATNOBODYEVERSAWBUTSERVERSTAKE / HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces = "AMETHODTHATNOBODYEVERSAWBUTSERVERSTAKE / > 405\n",
	},
	{
		.name = "a PROXY protocol line in front",
		.steps = {
			CLIENT("PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET / HTTP/1.1\r\n"
			       "Host: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces = "GET x/ > 204\n",
	},
	{
		.name = "a PROXY protocol version 2 header in front",
		.steps = {
			CLIENT("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"
			       "abcdefghijklGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces = "GET x/ > 204\n",
	},
	{
		.name = "empty lines that begin as a PROXY header does",
		.steps = {
			CLIENT("\r\n\r\n\0\r\nQU200 / HTTP/2.0\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces = "? > 204 | no_request\n",
	},
	{
		.name = "not HTTP",
		.steps = {
			CLIENT("SSH-2.0-OpenSSH_9 HTTP\r\n"),
			SERVER("SSH-2.0-OpenSSH_9\r\n"),
			CLIENT("GET / HTTP/1.1\r\nHost: no\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces = "",
	},
	{
		.name = "not HTTP, and the server speaks first",
		.steps = {
			SERVER("220 mail.test ESMTP\r\n"),
			CLIENT("EHLO x\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces = "",
	},
	{
		.name = "another protocol to a server of HTTP",
		.steps = {
			CLIENT("SSH-2.0-OpenSSH_9 HTTP\r\n"),
			SERVER("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces = "? > 400 | no_request\n",
	},
	{
		.name = "a first request that is none, and the server answers and goes on",
		.is_by_segment = true,
		.steps = {
			CLIENT(" GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 400 Bad\r\nContent-Length: 1\r\n\r\nA"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces =
			"? > 400 1'A' | no_request\n"
			"GET x/2 > 204\n"
			"GET x/3 > 204\n",
	},
	{
		.name = "a NUL in the first request line",
		.steps = {
			CLIENT("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces =
			"? > 204 | no_request\n"
			"GET x/2 > 204\n",
	},
	{
		.name = "a first request that is none, and more behind it: no proof",
		.is_by_segment = true,
		.steps = {
			CLIENT("(GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"GET x/2 > ? | no_response\n"
			"? > 201 | no_request\n"
			"? > 202 | no_request\n"
			"GET x/3 > 203\n",
	},
	{
		.name = "of the handshake only the client's SYN was seen",
		.is_midstream = true,
		.is_client_whole = true,
		.steps = {
			CLIENT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces =
			"GET x/1 > 204 | midstream\n"
			"GET x/2 > 204\n",
	},
	{
		.name = "only the client's SYN was seen, and a first request that is none",
		.is_midstream = true,
		.is_client_whole = true,
		.is_by_segment = true,
		.steps = {
			CLIENT("(GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"GET x/2 > ? | no_response\n"
			"? > 201 | midstream no_request\n"
			"? > 202 | no_request\n",
	},
};
// clang-format on
