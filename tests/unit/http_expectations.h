#pragma once

// Conversations about requests whose body is sent when asked for (Expect: 100-continue, RFC 9110,
// section 10.1.1), or is not. Told and played as those of http_conversations.h.

#include "http_run.h"

// clang-format off
static const struct conversation expectations[] = {
	{
		.name = "expectations that are not met, and the bodies are not sent",
		.steps = {
			CLIENT("POST /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("POST /2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
			       "Expect: 100-Continue\r\n\r\n"),
			SERVER("HTTP/1.1 401 Who\r\nContent-Length: 3\r\n\r\nwho"),
			CLIENT("PUT /3 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 90000\r\n\r\n"),
			SERVER("HTTP/1.1 307 There\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("ODD-METHOD /4 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			CLIENT("PUT /5 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"),
			SERVER("HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n"),
			SERVER_END,
			CLIENT_END,
		},
		.is_by_segment = true,
		.traces =
			"POST /1 > 417\n"
			"POST /2 > 401 3'who'\n"
			"PUT /3 > 307\n"
			"ODD-METHOD /4 > 204\n"
			"PUT /5 > 413\n",
	},
	{
		.name = "an expectation that is not met, behind an interim response of another kind",
		.steps = {
			CLIENT("POST /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 300\r\n\r\n"),
			SERVER("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
			SERVER("HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			SERVER_END,
			CLIENT_END,
		},
		.is_by_segment = true,
		.traces =
			"POST /1 > 401 after 1\n"
			"GET /2 > 204\n",
	},
	{
		.name = "an expectation that is not met, a request in parts, and the end",
		.close_flag = TRACE_FLAG_INCOMPLETE,
		.steps = {
			CLIENT("POST /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 30\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("POST /2 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"POST /1 > 417\n"
			"POST /2 > 417\n",
	},
	{
		.name = "expectations that are not met, and the bodies are sent",
		.steps = {
			CLIENT("POST /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"),
			SERVER("HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("POST"),
			CLIENT("POST /2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
			       "Expect: 100-continue\r\n\r\n"),
			SERVER("HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("E\r\nGET / HTTP/1.1\r\n0\r\n\r\n"),
			CLIENT("PUT /3 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /of/what\n"),
			CLIENT("is sent"),
			CLIENT("GET /4 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces =
			"POST /1 4'POST' > 401\n"
			"POST /2 14'GET / HTTP/1.1' > 401\n"
			"PUT /3 20'GET /of/what\\x0ais sent' > 200\n"
			"GET /4 > 204\n",
	},
	{
		.name = "bodies that look like requests, sent when asked for or unasked",
		.steps = {
			CLIENT("PUT /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 18\r\n\r\n"),
			SERVER("HTTP/1.1 100 Continue\r\n\r\n"),
			SERVER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET / HTTP/1.1\r\n\r\n"),
			CLIENT("PUT /2 HTTP/1.1\r\nContent-Length: 18\r\n\r\n"),
			SERVER("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET / HTTP/1.1\r\n\r\n"),
			CLIENT("PUT /3 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 36\r\n\r\n"),
			CLIENT("GET / HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET / HTTP/1.1\r\n\r\n"),
		},
		.traces =
			"PUT /1 18'GET / HTTP/1.1\\x0d\\x0a\\x0d\\x0a' > 200 after 1\n"
			"PUT /2 18'GET / HTTP/1.1\\x0d\\x0a\\x0d\\x0a' > 403\n"
			"PUT /3 36'GET / HTTP/1.1\\x0d\\x0a\\x0d\\x0aGET / '.. > 403\n",
	},
	{
		.name = "an expectation that is not met, and what follows is lost",
		.steps = {
			CLIENT("POST /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 300\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT_GAP(100),
			CLIENT("GET /3 HTTP/1.1\r\n\r\n"),
		},
		.is_by_segment = true,
		.traces =
			"POST /1 > 417\n"
			"GET /3 > ? | gap no_response\n",
	},
	{
		.name = "an expectation that is not met, and the beginning of the next request is lost",
		.steps = {
			CLIENT("PUT /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 90000\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT_GAP(40),
			CLIENT("ie: a\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /3 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("PUT /4 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 90000\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT_GAP(40),
			CLIENT("ie: a\r\n\r\n"),
			CLIENT_END,
		},
		.is_by_segment = true,
		.traces =
			"? > 202 | gap no_request\n"
			"PUT /1 > 417\n"
			"GET /3 > 203 | gap\n"
			"PUT /4 > 417 | gap\n",
	},
	{
		.name = "expectations that are not met, and the end within what follows",
		.steps = {
			CLIENT("PUT /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET"),
			CLIENT_END,
		},
		.traces = "PUT /1 3'GET' > 417\n",
	},
	{
		.name = "an expectation that is not met, and the end within the next request",
		.is_by_segment = true,
		.steps = {
			CLIENT("PUT /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1"),
			CLIENT_END,
		},
		.traces =
			"PUT /1 > 417\n"
			"GET /2 > ? | no_response incomplete\n",
	},
	{
		.name = "an expectation, and the mirror has only the client",
		.is_by_segment = true,
		.steps = {
			CLIENT("PUT /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 19\r\n\r\n"),
			SERVER_UNSEEN(40),
			CLIENT("GET /2 HTTP/1.1\r\n\r\n"),
			SERVER_UNSEEN(40),
			CLIENT("PUT /3 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"),
			SERVER_UNSEEN(25),
			CLIENT("body"),
			CLIENT_END,
		},
		.traces =
			"PUT /1 > ? | no_response\n"
			"GET /2 > ? | no_response\n"
			"PUT /3 4'body' > ? | no_response\n",
	},
	{
		.name = "an expectation, a body that looks like a request, and no word before it",
		.is_by_segment = true,
		.steps = {
			CLIENT("PUT /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 18\r\n\r\n"),
			CLIENT("GET / HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"PUT /1 18'GET / HTTP/1.1\\x0d\\x0a\\x0d\\x0a' > 201\n"
			"GET /2 > 202\n",
	},
	{
		.name = "an expectation, and the end before the body",
		.is_by_segment = true,
		.steps = {
			CLIENT("PUT /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 18\r\n\r\n"),
			CLIENT_END,
		},
		.traces = "PUT /1 > ? | no_response incomplete\n",
	},
	{
		.name = "an expectation that is not met, and more is lost than the next request",
		.is_by_segment = true,
		.steps = {
			CLIENT("PUT /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 90000\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT_GAP(40),
			CLIENT("ie: a\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("\r\nGET /3 HTTP/1.1\r\n\r\n"),
			CLIENT("GET /4 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 204 4\r\n\r\n"),
			CLIENT("GET /5 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 205 5\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"? > 202 | gap no_request\n"
			"PUT /1 > 417\n"
			"GET /4 > ? | gap no_response\n"
			"? > 203 | gap no_request\n"
			"? > 204 | gap no_request\n"
			"GET /5 > 205\n",
	},
	{
		.name = "a body that is sent unwanted, and the next request in the same segment",
		.steps = {
			CLIENT("POST /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("helloPOST /2 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /GET /3 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
		},
		.traces =
			"POST /1 5'hello' > 417\n"
			"POST /2 5'GET /' > 417\n"
			"GET /3 > 204\n",
	},
	{
		.name = "a body that is not sent, as long as the next request",
		.is_by_segment = true,
		.steps = {
			CLIENT("POST /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 19\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"POST /1 > 417\n"
			"GET /2 > 202\n"
			"GET /3 > 203\n",
	},
	{
		.name = "a body that is sent unwanted, and its beginning is lost",
		.steps = {
			CLIENT("POST /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT_GAP(5),
			CLIENT("body"),
			CLIENT("POST /2 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT_GAP(9),
			CLIENT("GET /3 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 No\r\n\r\n"),
			CLIENT("GET /4 HTTP/1.1\r\n\r\n"),
		},
		.traces =
			"POST /1 9''0 > 417 | gap\n"
			"POST /2 9''0 > 417 | gap\n"
			"GET /3 > 204\n"
			"GET /4 > ? | no_response\n",
	},
	{
		.name = "an expectation, and the answer is lost",
		.is_by_segment = true,
		.steps = {
			CLIENT("POST /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 30\r\n\r\n"),
			SERVER_GAP(40),
			CLIENT("GET /2 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("POST /3 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"),
			SERVER_GAP(40),
			CLIENT("body"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /4 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 204 4\r\n\r\n"),
		},
		.traces =
			"POST /1 > ? | gap no_response\n"
			"GET /2 > 202 | gap\n"
			"POST /3 4'body' > ? | gap no_response\n"
			"? > 203 | gap no_request\n"
			"GET /4 > 204\n",
	},
	{
		.name = "a body that is asked for behind an answer that may have refused it",
		.is_by_segment = true,
		.steps = {
			CLIENT_GAP(40),
			SERVER("HTTP/1.1 201 1\r\nContent-Length: 0\r\n\r\n"),
			CLIENT("GET /2 HTTP/1.1\r\n\r\n"),
			CLIENT("PUT /3 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 18\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
			SERVER("HTTP/1.1 100 Continue\r\n\r\n"),
			CLIENT("GET / HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 203 3\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"? > 201 | gap no_request\n"
			"GET /2 > ? | gap no_response\n"
			"? > 202 | gap no_request\n"
			"PUT /3 18'GET / HTTP/1.1\\x0d\\x0a\\x0d\\x0a' > ? | gap no_response\n"
			"? > 203 after 1 | gap no_request\n",
	},
	{
		.name = "a body that is sent unwanted, and more than it is lost",
		.is_by_segment = true,
		.steps = {
			CLIENT("POST /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"),
			SERVER("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"),
			CLIENT_GAP(10),
			CLIENT("GET /3 HTTP/1.1\r\n\r\n"),
			SERVER("HTTP/1.1 202 2\r\nContent-Length: 0\r\n\r\n"),
		},
		.traces =
			"POST /1 > 417 | gap\n"
			"GET /3 > ? | gap no_response\n"
			"? > 202 | gap no_request\n",
	},
};
// clang-format on
