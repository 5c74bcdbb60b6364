#include "cloudwatch.h"

static const struct service service_cloudwatch = {
	.id = "cloudwatch",
	.endpoint = "monitoring",
	.signing_name = "monitoring",
	.protocol = PROTOCOL_QUERY,
	.version = "2010-08-01",
	.variable = "CLOUDWATCH",
	.has_fips_in_gov = true,
};

static const struct shape_field dimension_fields[] = {
	SHAPE_STRING(struct cloudwatch_dimension, name, "Name"),
	SHAPE_STRING(struct cloudwatch_dimension, value, "Value"),
};
static const struct shape dimension_shape = SHAPE(struct cloudwatch_dimension, dimension_fields);

#define QUERY struct cloudwatch_query
static const struct shape_field query_fields[] = {
	SHAPE_STRING(QUERY, id, "Id"),
	SHAPE_STRING(QUERY, namespace, "MetricStat/Metric/Namespace"),
	SHAPE_STRING(QUERY, metric, "MetricStat/Metric/MetricName"),
	SHAPE_LIST(QUERY, dimensions, "MetricStat/Metric/Dimensions", dimension_shape),
	SHAPE_INTEGER(QUERY, period_s, "MetricStat/Period"),
	SHAPE_STRING(QUERY, statistic, "MetricStat/Stat"),
};
static const struct shape query_shape = SHAPE(QUERY, query_fields);
static const struct shape_field question_fields[] = {
	SHAPE_LIST(struct cloudwatch_question, queries, "MetricDataQueries", query_shape),
	SHAPE_TIME(struct cloudwatch_question, start_s, "StartTime"),
	SHAPE_TIME(struct cloudwatch_question, end_s, "EndTime"),
};
static const struct shape question_shape = SHAPE(struct cloudwatch_question, question_fields);

static const struct shape_field series_fields[] = {
	SHAPE_STRING(struct cloudwatch_series, id, "Id"),
	SHAPE_STRING(struct cloudwatch_series, status, "StatusCode"),
	SHAPE_DOUBLES(struct cloudwatch_series, values, "Values"),
};
static const struct shape series_shape = SHAPE(struct cloudwatch_series, series_fields);
static const struct shape_field answer_fields[] = {
	SHAPE_LIST(struct cloudwatch_answer, series, "MetricDataResults", series_shape),
};
static const struct shape answer_shape = SHAPE(struct cloudwatch_answer, answer_fields);

CLIENT_CALL_DEFINE(
	cloudwatch_get_metric_data,
	struct cloudwatch_question,
	struct cloudwatch_answer,
	.service = &service_cloudwatch,
	.name = "GetMetricData",
	.input = &question_shape,
	.output = &answer_shape,
	.paging = {"NextToken", "NextToken", NULL, NULL, 0, 0}
);
