#pragma once

// Points in time as AWS writes them. Seconds since 1970, UTC.

#include <stdint.h>

#define TIMESTAMP_BASIC_SIZE 17 // "20150830T123600Z" and NUL
#define TIMESTAMP_ISO_SIZE 21 // "2015-08-30T12:36:00Z" and NUL

// Years 0 to 9999; anything else is written as the nearest of them.
void timestamp_to_basic(int64_t time_s, char ret_text[TIMESTAMP_BASIC_SIZE]);
void timestamp_to_iso(int64_t time_s, char ret_text[TIMESTAMP_ISO_SIZE]);

// RFC 3339 with or without a fraction (dropped), with Z, an offset or none (UTC). -EBADMSG.
int timestamp_from_iso(const char *text, int64_t *ret_time_s);

// The Date header: "Tue, 15 Nov 1994 08:12:31 GMT" (RFC 9110, section 5.6.7). -EBADMSG.
int timestamp_from_http(const char *text, int64_t *ret_time_s);
