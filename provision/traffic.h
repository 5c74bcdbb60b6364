#pragma once

// How much traffic there was, from AWS's own metrics.

#include "client.h"

#define TRAFFIC_HOURS 24

// The average of what a network load balancer took in over UDP in the last TRAFFIC_HOURS, of the hours that have
// a figure. -ENODATA where none has; else as client_call().
int traffic_of_balancer(
	struct client *client,
	const char *load_balancer_arn,
	double *ret_gbps,
	struct aws_error *error
);
