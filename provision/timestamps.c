#include "timestamps.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define YEAR_0 -62167219200
#define YEAR_9999 253402300799

static struct tm broken_down(int64_t time_s) {
	if (time_s < YEAR_0)
		time_s = YEAR_0;
	if (time_s > YEAR_9999)
		time_s = YEAR_9999;
	time_t t = (time_t)time_s;
	struct tm tm = {0};
	gmtime_r(&t, &tm);
	return tm;
}

void timestamp_to_basic(int64_t time_s, char ret_text[TIMESTAMP_BASIC_SIZE]) {
	struct tm tm = broken_down(time_s);
	strftime(ret_text, TIMESTAMP_BASIC_SIZE, "%Y%m%dT%H%M%SZ", &tm);
}

void timestamp_to_iso(int64_t time_s, char ret_text[TIMESTAMP_ISO_SIZE]) {
	struct tm tm = broken_down(time_s);
	strftime(ret_text, TIMESTAMP_ISO_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

// Exactly 'n' digits at '*text'; moves it on. -1 where they are not digits.
static int take_digits(const char **text, int n) {
	int value = 0;
	for (int i = 0; i < n; i++, (*text)++) {
		if (!isdigit((unsigned char)**text))
			return -1;
		value = value * 10 + (**text - '0');
	}
	return value;
}

static bool take_char(const char **text, char c) {
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

// "Nov": 10; -1 where it is no month.
static int take_month(const char **text) {
	static const char names[][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	for (int i = 0; i < 12; i++) {
		if (strncmp(*text, names[i], 3) == 0) {
			*text += 3;
			return i;
		}
	}
	return -1;
}

// "08:49:37".
static bool take_time(const char **text, struct tm *ret) {
	ret->tm_hour = take_digits(text, 2);
	bool is_good = take_char(text, ':');
	ret->tm_min = take_digits(text, 2);
	is_good = is_good && take_char(text, ':');
	ret->tm_sec = take_digits(text, 2);
	return is_good && ret->tm_hour >= 0 && ret->tm_min >= 0 && ret->tm_sec >= 0;
}

// "+02:00", "-0530", "Z" or nothing, up to the end of the text. In seconds east of UTC.
static int take_offset(const char *text, int *ret_offset_s) {
	int sign = *text == '-' ? -1 : 1;
	*ret_offset_s = 0;
	if (*text == 0 || strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
		return 0;
	if (*text != '+' && *text != '-')
		return -EBADMSG;
	text++;
	int hours = take_digits(&text, 2);
	take_char(&text, ':');
	int minutes = take_digits(&text, 2);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || *text != 0)
		return -EBADMSG;
	*ret_offset_s = sign * (hours * 3600 + minutes * 60);
	return 0;
}

static int from_parts(struct tm tm, int64_t *ret_time_s) {
	struct tm normal = tm;
	time_t t = timegm(&normal);
	// timegm() accepts February 30th and makes it March 1st.
	if (normal.tm_mday != tm.tm_mday || normal.tm_mon != tm.tm_mon || tm.tm_hour > 23
	    || tm.tm_min > 59 || tm.tm_sec > 60)
		return -EBADMSG;
	*ret_time_s = t;
	return 0;
}

int timestamp_from_iso(const char *text, int64_t *ret_time_s) {
	struct tm tm = {0};
	int year = take_digits(&text, 4);
	bool is_good = take_char(&text, '-');
	int month = take_digits(&text, 2);
	is_good = is_good && take_char(&text, '-');
	tm.tm_mday = take_digits(&text, 2);
	is_good = is_good
		&& (take_char(&text, 'T') || take_char(&text, 't') || take_char(&text, ' '));
	is_good = is_good && take_time(&text, &tm);
	if (!is_good || year < 0 || month < 1 || tm.tm_mday < 1)
		return -EBADMSG;
	if (take_char(&text, '.'))
		while (isdigit((unsigned char)*text))
			text++;
	int offset_s = 0;
	int64_t time_s = 0;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	if (take_offset(text, &offset_s) < 0 || from_parts(tm, &time_s) < 0)
		return -EBADMSG;
	*ret_time_s = time_s - offset_s;
	return 0;
}

int timestamp_from_http(const char *text, int64_t *ret_time_s) {
	struct tm tm = {0};
	const char *comma = strchr(text, ',');
	if (comma == NULL)
		return -EBADMSG;
	text = comma + 1;
	bool is_good = take_char(&text, ' ');
	tm.tm_mday = take_digits(&text, 2);
	is_good = is_good && take_char(&text, ' ');
	tm.tm_mon = take_month(&text);
	is_good = is_good && take_char(&text, ' ');
	int year = take_digits(&text, 4);
	is_good = is_good && take_char(&text, ' ');
	is_good = is_good && take_time(&text, &tm);
	if (!is_good || tm.tm_mday < 1 || tm.tm_mon < 0 || year < 0 || strcmp(text, " GMT") != 0)
		return -EBADMSG;
	tm.tm_year = year - 1900;
	return from_parts(tm, ret_time_s);
}
