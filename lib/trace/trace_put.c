#include "trace_put.h"

#define NS_PER_SECOND 1000000000u
#define SECONDS_PER_DAY 86400u

// "00" to "99".
#define TENS(d) d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9"
static const char pairs[] = TENS("0") TENS("1") TENS("2") TENS("3") TENS("4") TENS("5") TENS("6")
	TENS("7") TENS("8") TENS("9");

uint8_t *put_digits(uint8_t *to, uint64_t value, unsigned n_digits) {
	uint8_t *at = to + n_digits;
	while (at - to >= 2) {
		at -= 2;
		memcpy(at, pairs + 2 * (value % 100), 2);
		value /= 100;
	}
	if (at > to)
		*to = (uint8_t)('0' + value % 10);
	return to + n_digits;
}

uint8_t *put_number(uint8_t *to, uint64_t value) {
	unsigned n_digits = 1;
	for (uint64_t rest = value; rest >= 10; rest /= 10)
		n_digits++;
	return put_digits(to, value, n_digits);
}

// The civil date of a day number, counted in eras of 400 years that begin on 1 March, so that the
// leap day is the last of its year.
static uint8_t *put_date(uint8_t *to, uint64_t days_since_1970) {
	uint64_t days = days_since_1970 + 719468; // since 0000-03-01
	uint64_t era = days / 146097;
	uint64_t day_of_era = days % 146097;
	uint64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	uint64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	uint64_t month_from_march = (5 * day_of_year + 2) / 153;
	uint64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
	uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
	to = put_digits(to, era * 400 + year_of_era + (month <= 2), 4);
	*to++ = '-';
	to = put_digits(to, month, 2);
	*to++ = '-';
	return put_digits(to, day, 2);
}

static void set_clock(struct trace_clock *clock, uint64_t second) {
	uint64_t of_day = second % SECONDS_PER_DAY;
	uint8_t *to = put_date(clock->text, second / SECONDS_PER_DAY);
	*to++ = 'T';
	to = put_digits(to, of_day / 3600, 2);
	*to++ = ':';
	to = put_digits(to, of_day / 60 % 60, 2);
	*to++ = ':';
	put_digits(to, of_day % 60, 2);
	clock->second = second;
}

uint8_t *put_timestamp(uint8_t *to, struct trace_clock *clock, uint64_t ns) {
	uint64_t second = ns / NS_PER_SECOND;
	if (clock->second != second || clock->text[0] == 0)
		set_clock(clock, second);
	to = put_bytes(to, clock->text, sizeof(clock->text));
	*to++ = '.';
	to = put_digits(to, ns % NS_PER_SECOND, 9);
	*to++ = 'Z';
	return to;
}

uint8_t *put_milliseconds(uint8_t *to, uint64_t ns) {
	uint64_t us = ns / 1000;
	to = put_number(to, us / 1000);
	*to++ = '.';
	return put_digits(to, us % 1000, 3);
}
