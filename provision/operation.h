#pragma once

// One call of one service, as data.

#include "shape.h"

#include <stdbool.h>
#include <stddef.h>

enum protocol {
	PROTOCOL_EC2, // form in, XML out, the EC2 dialect
	PROTOCOL_QUERY, // form in, XML out
	PROTOCOL_JSON, // JSON 1.1 with X-Amz-Target
	PROTOCOL_REST_JSON, // methods and paths
};

struct service {
	const char *id; // as IAM writes it: "ec2" in "ec2:DescribeVpcs"
	const char *endpoint; // the first label of the host
	const char *signing_name;
	enum protocol protocol;
	const char *version; // of the query protocols
	const char *target; // of JSON: what stands before the operation, with the dot
	const char *variable; // AWS_ENDPOINT_URL_<variable>
	bool is_global; // one endpoint in a partition
	bool has_fips_in_gov; // its plain GovCloud endpoint is the FIPS one
};

enum operation_signing {
	OPERATION_SIGNED,
	OPERATION_UNSIGNED_PAYLOAD,
	OPERATION_UNSIGNED,
};

// How a listing goes on. 'token_in' NULL: it has no pages.
struct operation_paging {
	const char *token_in; // "NextToken"
	const char *token_out; // path in the answer: "nextToken"
	const char *is_truncated; // path of a flag that must be true, or NULL
	const char *size_name; // "MaxResults", NULL where none is sent
	int size;
	// The input begins with so many lists of ids or names (struct shape_strings); while one has any, no
	// page size is sent, because AWS refuses the two together.
	int n_id_lists;
};

struct operation {
	const struct service *service;
	const char *name;
	const struct shape *input; // NULL: no parameters
	const struct shape *output; // NULL: the answer says nothing that is read
	struct operation_paging paging;
	enum operation_signing signing;
	const char *method; // of REST: "PUT"
	const char *path; // of REST: "/snapshots/{snapshotId}"
	// A second try after an unknown outcome would do it twice: a create without a token.
	bool is_unrepeatable;
};
