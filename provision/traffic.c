#include "traffic.h"

#include "cloudwatch.h"

#include <errno.h>
#include <string.h>

#define HOUR_S INT64_C(3600)

int traffic_of_balancer(
	struct client *client,
	const char *load_balancer_arn,
	double *ret_gbps,
	struct aws_error *error
) {
	static const char mark[] = ":loadbalancer/";
	const char *name = strstr(load_balancer_arn, mark);
	struct cloudwatch_dimension dimension = {.name = "LoadBalancer"};
	struct cloudwatch_query query = {
		.id = "bytes",
		.namespace = "AWS/NetworkELB",
		.metric = "ProcessedBytes_UDP",
		.dimensions = {.items = &dimension, .n = 1},
		.period_s = HOUR_S,
		.statistic = "Sum",
	};
	// Whole hours, so that each counts alike.
	int64_t end_s = outside_now_s(client_outside(client)) / HOUR_S * HOUR_S;
	struct cloudwatch_question question = {
		.queries = {.items = &query, .n = 1},
		.start_s = end_s - TRAFFIC_HOURS * HOUR_S,
		.end_s = end_s,
	};
	struct arena arena = arena_empty();
	struct cloudwatch_answer answer;
	double bytes = 0;
	size_t n_hours = 0;
	if (name == NULL)
		return aws_error_set(error, -ENODATA, "NoFigures", "there are no figures");
	dimension.value = name + strlen(mark);
	int result = cloudwatch_get_metric_data(client, &question, &arena, &answer, error);
	for (size_t i = 0; result == 0 && i < answer.series.n; i++) {
		const struct shape_doubles *values = &answer.series.items[i].values;
		for (size_t j = 0; j < values->n; j++)
			bytes += values->items[j];
		n_hours += values->n;
	}
	if (result == 0 && n_hours == 0)
		result = aws_error_set(error, -ENODATA, "NoFigures", "there are no figures");
	else if (result == 0)
		*ret_gbps = bytes * 8 / 1e9 / ((double)n_hours * HOUR_S);
	arena_release(&arena);
	return result;
}
