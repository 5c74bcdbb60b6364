#pragma once

// Amazon EC2: what its calls share. The calls are in ec2_network.h, ec2_instance.h, ec2_image.h and
// ec2_mirror.h.

#include "client.h"
#include "tags.h"

extern const struct service ec2_service;

// Values may hold '*' and '?'; several values mean any of them, several filters mean all of them. At
// most 200 values.
#define EC2_FILTER_VALUES_MAX 200

struct ec2_filter {
	const char *name; // "vpc-id", "tag:metlo:deployment", "description"
	struct shape_strings values;
};

struct ec2_filters {
	struct ec2_filter *items;
	size_t n;
};

// What every Describe call takes. With ids, one that does not exist is an error; with filters, it is
// just not among the answers.
struct ec2_query {
	struct shape_strings ids;
	struct ec2_filters filters;
};

extern const struct shape ec2_filter_shape;

// An id, for the calls that need no more.
struct ec2_id {
	const char *id;
};

// The tables of a Describe call: EC2_QUERY_SHAPE(vpc_query, "VpcId") makes the shape 'vpc_query_shape'.
#define EC2_QUERY_SHAPE(name, wire)                                                                \
	static const struct shape_field name##_fields[] = {                                        \
		SHAPE_STRINGS(struct ec2_query, ids, wire),                                        \
		SHAPE_LIST(struct ec2_query, filters, "Filter", ec2_filter_shape),                 \
	};                                                                                         \
	static const struct shape name##_shape = SHAPE(struct ec2_query, name##_fields)

#define EC2_ID_SHAPE(name, wire)                                                                   \
	static const struct shape_field name##_fields[] = {                                        \
		SHAPE_STRING(struct ec2_id, id, wire),                                             \
	};                                                                                         \
	static const struct shape name##_shape = SHAPE(struct ec2_id, name##_fields)

#define EC2_PAGING(page_size)                                                                      \
	.paging = {                                                                                \
		.token_in = "NextToken",                                                           \
		.token_out = "nextToken",                                                          \
		.size_name = "MaxResults",                                                         \
		.size = (page_size),                                                               \
		.n_id_lists = 1,                                                                   \
	}

// The first or, for calls that make several kinds of things, each of the tag specifications.
#define EC2_TAGS(T, member, nth, resource)                                                         \
	SHAPE_CONSTANT("TagSpecification/" nth "/ResourceType", resource),                         \
		SHAPE_LIST(T, member, "TagSpecification/" nth "/Tag", tags_shape)
