#include "estimate_print.h"

#include "console.h"
#include "traffic.h"

#include <inttypes.h>

#define WHAT_WIDTH 24
#define TERMS_WIDTH 34

// "7 sessions x 0.015/hour"
static void
print_line(const struct estimate_line *line, const struct estimate_report *report, FILE *to) {
	char terms[96], what[48];
	snprintf(what, sizeof(what), "%s", line->what);
	if (line->is_unknown)
		snprintf(terms, sizeof(terms), "%.10g %s", line->quantity, line->unit);
	else
		snprintf(
			terms,
			sizeof(terms),
			"%.10g %s x %.6g/%s",
			line->quantity,
			line->unit,
			line->price,
			line->per
		);
	fprintf(to, "  %-*s %-*s", WHAT_WIDTH, what, TERMS_WIDTH, terms);
	if (line->is_unknown)
		fprintf(to, " price not known\n");
	else
		fprintf(to, " %9.4f %12.2f %s\n", line->hour, line->month, report->prices.currency);
}

static void print_traffic(const struct estimate_report *report, FILE *to) {
	const struct estimate_question *question = &report->question;
	switch (report->traffic) {
	case ESTIMATE_TRAFFIC_UNKNOWN:
		fputs("  without what the traffic costs: how much it is says --gbps\n", to);
		break;
	case ESTIMATE_TRAFFIC_GIVEN:
		fprintf(to, "  with %.6g Gbps of mirrored traffic on average", question->gbps);
		break;
	case ESTIMATE_TRAFFIC_MEASURED:
		fprintf(to,
			"  with %.6g Gbps of mirrored traffic, the load balancer's average of the "
			"last %d hours",
			question->gbps,
			TRAFFIC_HOURS);
		break;
	}
	if (report->traffic != ESTIMATE_TRAFFIC_UNKNOWN)
		fprintf(to, ", %.3g%% of it across zones\n", question->cross_zone_share * 100);
	if (report->estimate.gbps_month > 0)
		fprintf(to,
			"  each%s Gbps adds %.2f %s a month\n",
			report->traffic == ESTIMATE_TRAFFIC_UNKNOWN ? "" : " further",
			report->estimate.gbps_month,
			report->prices.currency);
	if (question->gbps > 0)
		fprintf(to,
			"  all of it is %.2f %s a month for each Gbps\n",
			report->estimate.month / question->gbps,
			report->prices.currency);
}

static void print_prices(const struct estimate_report *report, FILE *to) {
	const struct prices *prices = &report->prices;
	char why[256];
	if (prices->is_live) {
		fprintf(to,
			"  prices: AWS's price list, today; transfer between zones: a built-in "
			"table "
			"of " PRICES_TABLE_DATE "\n");
		return;
	}
	snprintf(why, sizeof(why), "%s", prices->why_not == NULL ? "--offline" : prices->why_not);
	console_neutralise(why);
	fprintf(to,
		"  prices: a built-in table of " PRICES_TABLE_DATE " for " PRICES_TABLE_REGION
		" (%s)\n",
		why);
}

void estimate_print(const struct estimate_report *report, FILE *to) {
	const struct estimate *estimate = &report->estimate;
	if (report->deployment != NULL)
		fprintf(to, "deployment '%s' in %s\n\n", report->deployment, report->region);
	fprintf(to,
		"  %-*s %-*s %9s %12s\n",
		WHAT_WIDTH,
		"",
		TERMS_WIDTH,
		"QUANTITY x PRICE",
		"AN HOUR",
		"A MONTH");
	for (size_t i = 0; i < estimate->n_lines; i++)
		print_line(&estimate->lines[i], report, to);
	fprintf(to,
		"  %-*s %-*s %9.4f %12.2f %s\n\n",
		WHAT_WIDTH,
		"together",
		TERMS_WIDTH,
		estimate->is_complete ? "" : "without what has no price",
		estimate->hour,
		estimate->month,
		report->prices.currency);
	if (report->is_paused)
		fputs("  without mirror sessions, because mirroring is paused\n", to);
	print_traffic(report, to);
	print_prices(report, to);
}

static json_t *lines_json(const struct estimate *estimate) {
	json_t *lines = json_array();
	for (size_t i = 0; i < estimate->n_lines; i++) {
		const struct estimate_line *line = &estimate->lines[i];
		json_t *row = json_pack(
			"{s:s, s:s, s:f, s:s, s:f, s:s, s:f, s:f}",
			"key",
			line->key,
			"what",
			line->what,
			"quantity",
			line->quantity,
			"unit",
			line->unit,
			"unit_price",
			line->price,
			"per",
			line->per,
			"hour",
			line->hour,
			"month",
			line->month
		);
		for (int at = 0; line->is_unknown && at < 3; at++) {
			static const char *const unknown[] = {"unit_price", "hour", "month"};
			json_object_set_new(row, unknown[at], json_null());
		}
		json_array_append_new(lines, row);
	}
	return lines;
}

static json_t *prices_json(const struct prices *prices, const char *region) {
	return json_pack(
		"{s:s, s:s?, s:s?, s:s?}",
		"source",
		prices->is_live ? "price-list" : "built-in",
		"date",
		prices->is_live ? NULL : PRICES_TABLE_DATE,
		"region",
		prices->is_live ? region : PRICES_TABLE_REGION,
		"why",
		prices->why_not
	);
}

static json_t *traffic_json(const struct estimate_report *report) {
	static const char *const sources[] = {
		[ESTIMATE_TRAFFIC_UNKNOWN] = "unknown",
		[ESTIMATE_TRAFFIC_GIVEN] = "given",
		[ESTIMATE_TRAFFIC_MEASURED] = "measured",
	};
	const struct estimate_question *question = &report->question;
	return json_pack(
		"{s:s, s:o, s:f, s:f, s:o}",
		"source",
		sources[report->traffic],
		"gbps",
		report->traffic == ESTIMATE_TRAFFIC_UNKNOWN ? json_null()
							    : json_real(question->gbps),
		"cross_zone_share",
		question->cross_zone_share,
		"month_each_further_gbps",
		report->estimate.gbps_month,
		"month_per_gbps",
		question->gbps > 0 ? json_real(report->estimate.month / question->gbps)
				   : json_null()
	);
}

json_t *estimate_print_json(const struct estimate_report *report) {
	const struct estimate *estimate = &report->estimate;
	return json_pack(
		"{s:s?, s:s?, s:s, s:o, s:o, s:b, s:o, s:f, s:f, s:b}",
		"deployment",
		report->deployment,
		"region",
		report->region,
		"currency",
		report->prices.currency,
		"prices",
		prices_json(&report->prices, report->region),
		"traffic",
		traffic_json(report),
		"is_paused",
		report->is_paused,
		"lines",
		lines_json(estimate),
		"hour",
		estimate->hour,
		"month",
		estimate->month,
		"is_complete",
		estimate->is_complete
	);
}
