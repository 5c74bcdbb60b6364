#pragma once

// The parts of RFC 3986 that AWS needs.

#include "slice.h"
#include "strbuf.h"

#include <stdbool.h>
#include <stdint.h>

// Borrowed from the text that was parsed.
struct uri {
	bool is_https;
	struct slice host; // without the brackets of an IPv6 address
	uint16_t port; // 0 where the scheme's own is meant
	struct slice path; // "/" where the text has none
	struct slice query; // without the '?'
};

// An absolute http or https address without user or fragment. -EBADMSG.
int uri_parse(const char *text, struct uri *ret_uri);

// Percent-encodes all but the unreserved characters, with capital digits. The slash is kept where
// 'keep_slash' says so.
void uri_encode(struct strbuf *buf, struct slice text, bool keep_slash);

// A '%' that no two digits follow stays as it is.
void uri_decode(struct strbuf *buf, struct slice text);

// Removes "." and ".." and empty segments (RFC 3986, section 5.2.4, and what SigV4 adds to it); a
// slash at the end stays.
void uri_normalise_path(struct strbuf *buf, struct slice path);
