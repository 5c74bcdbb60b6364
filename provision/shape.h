#pragma once

// Tables that say how a C struct looks on the wire, so that a call is a table and not a page of code.
// One table serves both ways: it writes parameters (query or JSON) and reads answers (node).
//
//   struct ec2_vpc { const char *id; bool is_default; struct ec2_tags tags; };
//
//   static const struct shape_field vpc_fields[] = {
//           SHAPE_STRING(struct ec2_vpc, id, "vpcId"),
//           SHAPE_BOOL(struct ec2_vpc, is_default, "isDefault"),
//           SHAPE_LIST(struct ec2_vpc, tags, "tagSet", ec2_tag_shape),
//   };
//   static const struct shape vpc_shape = SHAPE(struct ec2_vpc, vpc_fields);
//
// Names may be paths ("attachment/instanceId"); that of a struct may be empty, and then its fields are at
// the level of the struct around it (not so in JSON). Going out, NULL, 0, false and empty lists are left out;
// SHAPE_NUMBER is for numbers where 0 or absence matters. Coming in, what is absent stays zero, but a struct
// without its SHAPE_ID, the string that names it, makes the answer unreadable.
// A name that begins with "uri:", "query:", "header:" or "body:" is bound to that place of a REST
// request instead of the body.

#include "arena.h"
#include "node.h"
#include "strbuf.h"

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum shape_type {
	SHAPE_TYPE_STRING, // const char *
	SHAPE_TYPE_INTEGER, // int64_t
	SHAPE_TYPE_NUMBER, // struct shape_number
	SHAPE_TYPE_BOOL, // bool
	SHAPE_TYPE_DOUBLE, // double
	SHAPE_TYPE_TIME, // int64_t, seconds since 1970
	SHAPE_TYPE_CONSTANT, // no member: always sends the text of the table
	SHAPE_TYPE_BLOB, // struct slice; only as "body:"
	SHAPE_TYPE_STRINGS, // struct shape_strings
	SHAPE_TYPE_DOUBLES, // struct shape_doubles
	SHAPE_TYPE_STRUCT, // the struct itself
	SHAPE_TYPE_LIST, // struct { T *items; size_t n; }
};

// A number that may be absent.
struct shape_number {
	bool is_set;
	int64_t value;
};

#define SHAPE_NUMBER_OF(number) ((struct shape_number) {.is_set = true, .value = (number)})

struct shape_strings {
	const char *const *items;
	size_t n;
};

struct shape_doubles {
	const double *items;
	size_t n;
};

// What every list of structs looks like in memory.
struct shape_list {
	void *items;
	size_t n;
};

struct shape {
	size_t size;
	const struct shape_field *fields;
	size_t n_fields;
};

struct shape_field {
	const char *name;
	enum shape_type type;
	size_t offset;
	const struct shape *shape; // of a struct, or of the items of a list
	const char *text; // of a constant
	bool is_required; // an answer without it, or with an empty one, cannot be read
};

// The offset of a member, and a compile-time error where its type is not 'ctype'.
#define SHAPE_OFFSET_(T, member, ctype)                                                            \
	(offsetof(T, member) + _Generic(&((T *)0)->member, ctype * : 0))
#define SHAPE_FIELD_(T, member, wire, kind, ctype)                                                 \
	{ .name = wire, .type = SHAPE_TYPE_##kind, .offset = SHAPE_OFFSET_(T, member, ctype) }

#define SHAPE_STRING(T, member, wire) SHAPE_FIELD_(T, member, wire, STRING, const char *)
#define SHAPE_ID(T, member, wire)                                                                  \
	{                                                                                          \
		.name = wire, .type = SHAPE_TYPE_STRING,                                           \
		.offset = SHAPE_OFFSET_(T, member, const char *), .is_required = true              \
	}
#define SHAPE_INTEGER(T, member, wire) SHAPE_FIELD_(T, member, wire, INTEGER, int64_t)
#define SHAPE_NUMBER(T, member, wire) SHAPE_FIELD_(T, member, wire, NUMBER, struct shape_number)
#define SHAPE_BOOL(T, member, wire) SHAPE_FIELD_(T, member, wire, BOOL, bool)
#define SHAPE_DOUBLE(T, member, wire) SHAPE_FIELD_(T, member, wire, DOUBLE, double)
#define SHAPE_TIME(T, member, wire) SHAPE_FIELD_(T, member, wire, TIME, int64_t)
#define SHAPE_BLOB(T, member, wire) SHAPE_FIELD_(T, member, wire, BLOB, struct slice)
#define SHAPE_STRINGS(T, member, wire) SHAPE_FIELD_(T, member, wire, STRINGS, struct shape_strings)
#define SHAPE_DOUBLES(T, member, wire) SHAPE_FIELD_(T, member, wire, DOUBLES, struct shape_doubles)
#define SHAPE_CONSTANT(wire, value)                                                                \
	{ .name = wire, .type = SHAPE_TYPE_CONSTANT, .text = value }
#define SHAPE_STRUCT(T, member, wire, sub)                                                         \
	{ .name = wire, .type = SHAPE_TYPE_STRUCT, .offset = offsetof(T, member), .shape = &(sub) }
#define SHAPE_LIST(T, member, wire, sub)                                                           \
	{                                                                                          \
		.name = wire, .type = SHAPE_TYPE_LIST, .offset = offsetof(T, member.items),        \
		.shape = &(sub)                                                                    \
	}

#define SHAPE(T, table)                                                                            \
	{ .size = sizeof(T), .fields = (table), .n_fields = sizeof(table) / sizeof((table)[0]) }

// True where the name is bound to a place other than the body; '*ret_name' is the rest of it.
bool shape_field_is_in(const struct shape_field *field, const char *place, const char **ret_name);

// The value of a leaf (string, integer, number, bool, double, time, constant) as text appended to 'buf'; false
// where it is to be left out.
bool shape_leaf_text(const struct shape_field *field, const void *object, struct strbuf *buf);

// Fills 'object' from an answer. Lists are added to, so that the pages of a listing collect in one
// object. -EBADMSG (a number that is none, an id that is missing; '*ret_field' names it), -ENOMEM.
int shape_read(
	const struct shape *shape,
	const struct node *node,
	struct arena *arena,
	void *object,
	const char **ret_field
);

// EC2 numbers the items of a list "Filter.1", the other query services "Subnets.member.1".
enum shape_dialect {
	SHAPE_DIALECT_QUERY,
	SHAPE_DIALECT_EC2,
};

// Appends "&Name=Value" for every parameter.
void shape_write_query(
	const struct shape *shape,
	const void *object,
	enum shape_dialect dialect,
	struct strbuf *buf
);

// A new JSON object; NULL without memory.
json_t *shape_write_json(const struct shape *shape, const void *object);
