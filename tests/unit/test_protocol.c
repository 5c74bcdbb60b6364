#include "protocol.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct vpc {
	const char *id;
	int64_t size;
};

struct output {
	struct {
		struct vpc *items;
		size_t n;
	} vpcs;
};

static const struct shape_field vpc_fields[] = {
	SHAPE_ID(struct vpc, id, "vpcId"),
	SHAPE_INTEGER(struct vpc, size, "size"),
};
static const struct shape vpc_shape = SHAPE(struct vpc, vpc_fields);
static const struct shape_field output_fields[] = {
	SHAPE_LIST(struct output, vpcs, "vpcSet", vpc_shape),
};
static const struct shape output_shape = SHAPE(struct output, output_fields);

static const struct service ec2 = {.protocol = PROTOCOL_EC2};
static const struct service query = {.protocol = PROTOCOL_QUERY};
static const struct service json = {.protocol = PROTOCOL_JSON};
static const struct service rest = {.protocol = PROTOCOL_REST_JSON};

static const struct operation ec2_call = {.service = &ec2, .name = "Call", .output = &output_shape};
static const struct operation ec2_silent = {.service = &ec2, .name = "Call"};
static const struct operation query_call = {
	.service = &query,
	.name = "Call",
	.output = &output_shape};
static const struct operation query_silent = {.service = &query, .name = "Call"};
static const struct operation json_call = {
	.service = &json,
	.name = "Call",
	.output = &output_shape};
static const struct operation rest_call = {
	.service = &rest,
	.name = "Call",
	.output = &output_shape};

static int
take(const struct operation *operation,
     const char *text,
     size_t *ret_n_vpcs,
     struct aws_error *error) {
	struct arena arena = arena_empty();
	struct output output = {0};
	const struct node *node;
	const char *token;
	size_t len = strlen(text);
	char *body = malloc(len == 0 ? 1 : len);
	memcpy(body, text, len);
	int result = protocol_parse(operation, slice_of(body, len), &arena, &node, error);
	if (result == 0)
		result = protocol_read(operation, node, &arena, &output, &token, error);
	*ret_n_vpcs = output.vpcs.n;
	arena_release(&arena);
	free(body);
	return result;
}

struct answer {
	const struct operation *operation;
	const char *body;
};

// Each of them would be an empty list to one who only looks for what he knows.
static void refuses_what_is_no_answer_to_the_call(void **) {
	static const struct answer cases[] = {
		{&ec2_call, "<html><body>log in</body></html>"},
		{&ec2_call, "<CallsResponse><vpcSet/></CallsResponse>"},
		{&ec2_call, "<CallResponses/>"},
		{&ec2_call, "<Call/>"},
		{&ec2_call, "<html><CallResponse><vpcSet/></CallResponse></html>"},
		{&ec2_call, "<x:CallResponse xmlns:x='urn:x'><x:vpcSet/></x:CallResponse>"},
		{&ec2_call, "<Response><Errors><Error><Code>X</Code></Error></Errors></Response>"},
		{&ec2_call, ""},
		{&ec2_silent, "<html/>"},
		{&ec2_silent, "OK"},
		{&ec2_silent, ""},
		{&query_call, "<html><CallResult/></html>"},
		{&query_call, "<CallResponse/>"},
		{&query_call, "<CallResponse><OtherResult/></CallResponse>"},
		{&query_call, "<CallResult/>"},
		{&query_silent, "<html/>"},
		{&json_call, "<html/>"},
		{&json_call, "[]"},
		{&json_call, " [{\"vpcSet\":[]}]"},
		{&json_call, "null"},
		{&json_call, ""},
		{&rest_call, "<html/>"},
		{&rest_call, "[]"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct aws_error error = {0};
		size_t n;
		if (take(cases[i].operation, cases[i].body, &n, &error) != -EBADMSG)
			fail_msg("%zu: '%s'", i, cases[i].body);
		assert_string_equal(error.code, "UnreadableAnswer");
	}
}

static void says_what_may_be_in_between(void **) {
	struct aws_error error = {0};
	size_t n;
	assert_int_equal(take(&ec2_call, "<html/>", &n, &error), -EBADMSG);
	assert_string_equal(
		error.message,
		"the answer is not one to Call; is there a proxy or a portal in between?"
	);
}

static void takes_the_empty_answers_of_the_services(void **) {
	static const struct answer cases[] = {
		{&ec2_call, "<CallResponse xmlns='http://ec2.amazonaws.com/doc/'/>"},
		{&ec2_call, "<?xml version='1.0'?>\n<CallResponse><vpcSet/></CallResponse>"},
		{&ec2_silent, "<CallResponse><return>true</return></CallResponse>"},
		{&query_call, "<CallResponse><CallResult/></CallResponse>"},
		{&query_silent, "<CallResponse><ResponseMetadata/></CallResponse>"},
		{&json_call, "\n {}"},
		{&rest_call, "{}"},
		{&rest_call, ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct aws_error error = {0};
		size_t n;
		if (take(cases[i].operation, cases[i].body, &n, &error) != 0)
			fail_msg("%zu: %s", i, error.message);
		assert_int_equal(n, 0);
	}
}

static void refuses_an_item_without_its_id(void **) {
	static const struct answer cases[] = {
		{&ec2_call, "<CallResponse><vpcSet><item/></vpcSet></CallResponse>"},
		{&ec2_call,
		 "<CallResponse><vpcSet><item><size>1</size></item></vpcSet></CallResponse>"},
		{&ec2_call, "<CallResponse><vpcSet><item><vpcId/></item></vpcSet></CallResponse>"},
		{&ec2_call,
		 "<CallResponse><vpcSet><item><vpcId><a/></vpcId></item></vpcSet></CallResponse>"},
		{&json_call, "{\"vpcSet\":[{}]}"},
		{&json_call, "{\"vpcSet\":[{\"vpcId\":\"a\"},{\"vpcId\":null}]}"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct aws_error error = {0};
		size_t n;
		assert_int_equal(take(cases[i].operation, cases[i].body, &n, &error), -EBADMSG);
		assert_string_equal(error.code, "UnreadableAnswer");
		assert_non_null(strstr(error.message, "vpcId"));
	}
}

static void takes_an_item_with_its_id(void **) {
	struct aws_error error = {0};
	size_t n;
	assert_int_equal(take(&json_call, "{\"vpcSet\":[{\"vpcId\":\"a\"}]}", &n, &error), 0);
	assert_int_equal(n, 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_is_no_answer_to_the_call),
		cmocka_unit_test(says_what_may_be_in_between),
		cmocka_unit_test(takes_the_empty_answers_of_the_services),
		cmocka_unit_test(refuses_an_item_without_its_id),
		cmocka_unit_test(takes_an_item_with_its_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
