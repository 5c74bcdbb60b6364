#pragma once

// Amazon CloudWatch.

#include "client.h"

#define CLOUDWATCH_QUERIES_MAX 500

struct cloudwatch_dimension {
	const char *name;
	const char *value;
};

struct cloudwatch_query {
	const char *id; // begins with a lower-case letter
	const char *namespace; // "AWS/EC2"
	const char *metric;
	struct {
		struct cloudwatch_dimension *items;
		size_t n;
	} dimensions;
	int64_t period_s;
	const char *statistic; // "Sum", "Average", "Maximum", ...
};

struct cloudwatch_question {
	struct {
		struct cloudwatch_query *items;
		size_t n;
	} queries;
	int64_t start_s;
	int64_t end_s;
};

struct cloudwatch_series {
	const char *id;
	const char *status; // "Complete"
	struct shape_doubles values; // newest first
};

struct cloudwatch_answer {
	struct {
		struct cloudwatch_series *items;
		size_t n;
	} series; // a long one may come in parts of the same id
};

CLIENT_CALL_DECLARE(
	cloudwatch_get_metric_data,
	struct cloudwatch_question,
	struct cloudwatch_answer
);
