#include "client.h"
#include "fake_outside.h"
#include "retry.h"
#include "timestamps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// A small service of our own, so that these tests are about the client and not about EC2.

struct vpc {
	const char *id;
	int64_t size;
	bool is_default;
};

struct vpcs {
	struct vpc *items;
	size_t n;
};

struct output {
	struct vpcs vpcs;
};

struct filter {
	const char *name;
	struct shape_strings values;
};

struct input {
	struct shape_strings ids;
	struct {
		struct filter *items;
		size_t n;
	} filters;
	struct shape_number number;
};

static const struct service ec2 = {
	.id = "ec2",
	.endpoint = "ec2",
	.signing_name = "ec2",
	.protocol = PROTOCOL_EC2,
	.version = "2016-11-15",
	.variable = "EC2",
	.has_fips_in_gov = true,
};

static const struct service json = {
	.id = "ecs",
	.endpoint = "ecs",
	.signing_name = "ecs",
	.protocol = PROTOCOL_JSON,
	.target = "Amazon.",
	.variable = "ECS",
};

static const struct service query = {
	.id = "elasticloadbalancing",
	.endpoint = "elasticloadbalancing",
	.signing_name = "elasticloadbalancing",
	.protocol = PROTOCOL_QUERY,
	.version = "2015-12-01",
	.variable = "ELASTIC_LOAD_BALANCING_V2",
};

static const struct shape_field vpc_fields[] = {
	SHAPE_STRING(struct vpc, id, "vpcId"),
	SHAPE_INTEGER(struct vpc, size, "size"),
	SHAPE_BOOL(struct vpc, is_default, "isDefault"),
};
static const struct shape vpc_shape = SHAPE(struct vpc, vpc_fields);

static const struct shape_field output_fields[] = {
	SHAPE_LIST(struct output, vpcs, "vpcSet", vpc_shape),
};
static const struct shape output_shape = SHAPE(struct output, output_fields);

static const struct shape_field filter_fields[] = {
	SHAPE_STRING(struct filter, name, "Name"),
	SHAPE_STRINGS(struct filter, values, "Value"),
};
static const struct shape filter_shape = SHAPE(struct filter, filter_fields);

static const struct shape_field input_fields[] = {
	SHAPE_STRINGS(struct input, ids, "VpcId"),
	SHAPE_LIST(struct input, filters, "Filter", filter_shape),
	SHAPE_NUMBER(struct input, number, "Range/From"),
};
static const struct shape input_shape = SHAPE(struct input, input_fields);

static const struct operation describe = {
	.service = &ec2,
	.name = "DescribeVpcs",
	.input = &input_shape,
	.output = &output_shape,
	.paging = {"NextToken", "nextToken", NULL, "MaxResults", 1000, 1},
};

static const struct operation create = {
	.service = &ec2,
	.name = "CreateVpc",
	.input = &input_shape,
	.output = &output_shape,
	.is_unrepeatable = true,
};

static const struct operation json_call = {
	.service = &json,
	.name = "Call",
	.input = &input_shape,
	.output = &output_shape,
	.paging = {"nextToken", "nextToken", NULL, "maxResults", 100, 1},
};

static const struct operation query_call = {
	.service = &query,
	.name = "Call",
	.input = &input_shape,
	.output = &output_shape,
	.paging = {"Marker", "NextMarker", "IsTruncated", NULL, 0, 0},
};

struct world {
	struct fake_outside fake;
	struct settings settings;
	struct credentials_provider *provider;
	struct client *client;
	struct arena arena;
	struct output output;
	struct aws_error error;
};

static struct world *world_make(void) {
	struct world *world = calloc(1, sizeof(*world));
	struct settings_flags flags = {.region = "eu-west-1"};
	struct credentials credentials = {
		.access_key_id = fake_copy("AKID", 4),
		.secret_access_key = fake_copy("secret", 6),
		.session_token = fake_copy("token", 5),
	};
	fake_init(&world->fake);
	assert_int_equal(
		settings_load(&world->fake.outside, &flags, &world->settings, &world->error), 0
	);
	world->provider = credentials_provider_create_fixed(&credentials);
	struct client_options options = {
		.outside = &world->fake.outside,
		.settings = &world->settings,
		.credentials = world->provider,
	};
	world->client = client_create(&options);
	credentials_release(&credentials);
	return world;
}

static void world_free(struct world *world) {
	client_free(world->client);
	credentials_provider_free(world->provider);
	settings_release(&world->settings);
	arena_release(&world->arena);
	fake_release(&world->fake);
	free(world);
}

static int call(struct world *world, const struct operation *operation, const struct input *input) {
	static const struct input nothing;
	return client_call(
		world->client,
		operation,
		input == NULL ? &nothing : input,
		&world->arena,
		&world->output,
		&world->error
	);
}

#define PAGE(items, token)                                                                         \
	"<DescribeVpcsResponse><vpcSet>" items "</vpcSet><nextToken>" token                        \
	"</nextToken></DescribeVpcsResponse>"
#define VPC(id) "<item><vpcId>" id "</vpcId><size>7</size><isDefault>true</isDefault></item>"
#define MARKED(flag)                                                                               \
	"<CallResponse><CallResult><vpcSet/><IsTruncated>" flag "</IsTruncated>"                   \
	"<NextMarker>m</NextMarker></CallResult></CallResponse>"
#define EC2_ERROR(code)                                                                            \
	"<Response><Errors><Error><Code>" code                                                     \
	"</Code><Message>because</Message></Error></Errors>"                                       \
	"<RequestID>req-1</RequestID></Response>"

static void signs_and_sends_a_form(void **) {
	struct world *world = world_make();
	const char *values[] = {"a b", "c"};
	const char *ids[] = {"vpc-1"};
	struct filter filters[] = {{.name = "tag:x", .values = {values, 2}}};
	struct input input = {
		.ids = {ids, 1},
		.filters = {filters, 1},
		.number = SHAPE_NUMBER_OF(0),
	};
	fake_answer(&world->fake, 200, PAGE(VPC("vpc-1"), ""));
	assert_int_equal(call(world, &describe, &input), 0);
	const struct fake_request *request = &world->fake.requests[0];
	assert_string_equal(request->method, "POST");
	assert_string_equal(request->url, "https://ec2.eu-west-1.amazonaws.com/");
	assert_string_equal(
		request->body,
		"Action=DescribeVpcs&Version=2016-11-15&VpcId.1=vpc-1&Filter.1.Name=tag%3Ax"
		"&Filter.1.Value.1=a%20b&Filter.1.Value.2=c&Range.From=0"
	);
	assert_non_null(strstr(request->headers, "Host: ec2.eu-west-1.amazonaws.com\n"));
	assert_non_null(strstr(request->headers, "X-Amz-Security-Token: token\n"));
	assert_non_null(
		strstr(request->headers,
		       "Authorization: AWS4-HMAC-SHA256 "
		       "Credential=AKID/20150830/eu-west-1/ec2/aws4_request, "
		       "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-"
		       "security-token, ")
	);
	assert_int_equal(world->output.vpcs.n, 1);
	assert_string_equal(world->output.vpcs.items[0].id, "vpc-1");
	assert_int_equal(world->output.vpcs.items[0].size, 7);
	assert_true(world->output.vpcs.items[0].is_default);
	world_free(world);
}

static void numbers_lists_as_each_dialect_wants(void **) {
	struct world *world = world_make();
	const char *ids[] = {"a", "b"};
	struct input input = {.ids = {ids, 2}, .number = SHAPE_NUMBER_OF(5)};
	fake_answer(
		&world->fake, 200, "<CallResponse><CallResult><vpcSet/></CallResult></CallResponse>"
	);
	fake_answer(&world->fake, 200, "{}");
	assert_int_equal(call(world, &query_call, &input), 0);
	assert_string_equal(
		world->fake.requests[0].body,
		"Action=Call&Version=2015-12-01&VpcId.member.1=a&VpcId.member.2=b&Range.From=5"
	);
	assert_int_equal(call(world, &json_call, &input), 0);
	assert_string_equal(
		world->fake.requests[1].body, "{\"VpcId\":[\"a\",\"b\"],\"Range\":{\"From\":5}}"
	);
	assert_non_null(strstr(world->fake.requests[1].headers, "X-Amz-Target: Amazon.Call\n"));
	world_free(world);
}

static void collects_all_pages(void **) {
	struct world *world = world_make();
	fake_answer(&world->fake, 200, PAGE(VPC("a") VPC("b"), "t/1"));
	fake_answer(&world->fake, 200, PAGE("", "t/2"));
	fake_answer(&world->fake, 200, PAGE(VPC("c"), ""));
	assert_int_equal(call(world, &describe, NULL), 0);
	assert_int_equal(world->output.vpcs.n, 3);
	assert_string_equal(world->output.vpcs.items[2].id, "c");
	assert_string_equal(
		world->fake.requests[0].body,
		"Action=DescribeVpcs&Version=2016-11-15&MaxResults=1000"
	);
	assert_string_equal(
		world->fake.requests[1].body,
		"Action=DescribeVpcs&Version=2016-11-15&MaxResults=1000&NextToken=t%2F1"
	);
	assert_int_equal(client_n_requests(world->client), 3);
	world_free(world);
}

static void follows_a_marker_only_while_the_answer_is_truncated(void **) {
	struct world *world = world_make();
	fake_answer(&world->fake, 200, MARKED("true"));
	fake_answer(&world->fake, 200, MARKED("false"));
	assert_int_equal(call(world, &query_call, NULL), 0);
	assert_int_equal(world->fake.n_sent, 2);
	assert_non_null(strstr(world->fake.requests[1].body, "&Marker=m"));
	world_free(world);
}

static void stops_at_a_listing_that_never_ends(void **) {
	struct world *world = world_make();
	fake_answer(&world->fake, 200, PAGE(VPC("a"), "same"));
	fake_answer(&world->fake, 200, PAGE(VPC("a"), "same"));
	assert_int_equal(call(world, &describe, NULL), -EBADMSG);
	assert_string_equal(world->error.code, "EndlessListing");
	world_free(world);
}

static void retries_what_is_transient(void **) {
	struct world *world = world_make();
	fake_failure(&world->fake, -ECONNREFUSED);
	fake_answer(&world->fake, 500, EC2_ERROR("InternalError"));
	fake_answer(&world->fake, 200, PAGE(VPC("a"), ""));
	assert_int_equal(call(world, &describe, NULL), 0);
	assert_int_equal(world->fake.n_sleeps, 2);
	assert_int_equal(world->fake.slept_ms, 500 + 1000);
	world_free(world);
}

static void gives_up_after_the_attempts_that_are_set(void **) {
	struct world *world = world_make();
	for (int i = 0; i < 5; i++)
		fake_answer(&world->fake, 500, EC2_ERROR("InternalError"));
	assert_int_equal(call(world, &describe, NULL), -EREMOTEIO);
	assert_int_equal(world->fake.n_sent, 3);
	assert_int_equal(world->error.status, 500);
	assert_string_equal(world->error.code, "InternalError");
	assert_string_equal(world->error.message, "because");
	assert_string_equal(world->error.request_id, "req-1");
	assert_string_equal(world->error.operation, "ec2:DescribeVpcs");
	world_free(world);
}

static void is_more_patient_when_throttled(void **) {
	struct world *world = world_make();
	for (int i = 0; i < 9; i++)
		fake_answer(&world->fake, 503, EC2_ERROR("RequestLimitExceeded"));
	fake_answer(&world->fake, 200, PAGE("", ""));
	assert_int_equal(call(world, &describe, NULL), 0);
	assert_int_equal(world->fake.n_sent, 10);
	assert_true(world->fake.slept_ms <= 9 * 20000);
	world_free(world);
}

static void does_not_repeat_a_refusal(void **) {
	struct world *world = world_make();
	fake_answer(&world->fake, 403, EC2_ERROR("UnauthorizedOperation"));
	assert_int_equal(call(world, &describe, NULL), -EREMOTEIO);
	assert_int_equal(world->fake.n_sent, 1);
	assert_true(aws_error_is_denied(&world->error));
	assert_false(aws_error_is_not_found(&world->error));
	world_free(world);
}

static void repeats_a_cut_listing_but_not_a_cut_create(void **) {
	struct world *world = world_make();
	fake_failure(&world->fake, -ETIMEDOUT);
	fake_answer(&world->fake, 200, "<DescribeVpcsResponse><vpcSet><item>");
	fake_answer(&world->fake, 200, PAGE(VPC("a"), ""));
	fake_failure(&world->fake, -EIO);
	assert_int_equal(call(world, &describe, NULL), 0);
	assert_int_equal(world->output.vpcs.n, 1);
	assert_int_equal(call(world, &create, NULL), -EIO);
	assert_int_equal(world->fake.n_sent, 4);
	world_free(world);
}

static void sends_a_create_again_that_never_left(void **) {
	struct world *world = world_make();
	fake_failure(&world->fake, -ECONNREFUSED);
	fake_answer(&world->fake, 200, "<CreateVpcResponse><vpcSet/></CreateVpcResponse>");
	assert_int_equal(call(world, &create, NULL), 0);
	world_free(world);
}

static void takes_over_the_clock_of_the_service(void **) {
	struct world *world = world_make();
	const char *date = "date: Sun, 30 Aug 2015 13:00:00 GMT\n";
	fake_answer_with(&world->fake, 403, date, EC2_ERROR("RequestExpired"));
	fake_answer(&world->fake, 200, PAGE("", ""));
	fake_answer(&world->fake, 200, PAGE("", ""));
	assert_int_equal(call(world, &describe, NULL), 0);
	assert_non_null(strstr(world->fake.requests[0].headers, "X-Amz-Date: 20150830T123600Z\n"));
	assert_non_null(strstr(world->fake.requests[1].headers, "X-Amz-Date: 20150830T130000Z\n"));
	assert_int_equal(world->fake.n_sleeps, 0);
	assert_int_equal(call(world, &describe, NULL), 0);
	assert_non_null(strstr(world->fake.requests[2].headers, "X-Amz-Date: 20150830T130000Z\n"));
	world_free(world);
}

static void believes_a_signature_error_when_the_clocks_agree(void **) {
	struct world *world = world_make();
	const char *date = "date: Sun, 30 Aug 2015 12:36:10 GMT\n";
	fake_answer_with(&world->fake, 403, date, EC2_ERROR("SignatureDoesNotMatch"));
	assert_int_equal(call(world, &describe, NULL), -EREMOTEIO);
	assert_int_equal(world->fake.n_sent, 1);
	world_free(world);
}

static void corrects_the_clock_once_only(void **) {
	struct world *world = world_make();
	const char *date = "date: Sun, 30 Aug 2015 13:00:00 GMT\n";
	const char *other = "date: Sun, 30 Aug 2015 14:00:00 GMT\n";
	fake_answer_with(&world->fake, 403, date, EC2_ERROR("RequestExpired"));
	fake_answer_with(&world->fake, 403, other, EC2_ERROR("RequestExpired"));
	assert_int_equal(call(world, &describe, NULL), -EREMOTEIO);
	assert_int_equal(world->fake.n_sent, 2);
	world_free(world);
}

static void reads_the_errors_of_every_protocol(void **) {
	struct world *world = world_make();
	fake_answer(
		&world->fake,
		400,
		"<ErrorResponse><Error><Type>Sender</Type><Code>LoadBalancerNotFound</Code>"
		"<Message>no such</Message></Error><RequestId>r2</RequestId></ErrorResponse>"
	);
	assert_int_equal(call(world, &query_call, NULL), -EREMOTEIO);
	assert_string_equal(world->error.code, "LoadBalancerNotFound");
	assert_string_equal(world->error.request_id, "r2");
	assert_true(aws_error_is_not_found(&world->error));

	fake_answer_with(
		&world->fake,
		400,
		"x-amzn-requestid: r3\n",
		"{\"__type\":\"com.amazonaws.ecs#ClusterNotFoundException\",\"Message\":\"m\\u001b["
		"31m\"}"
	);
	assert_int_equal(call(world, &json_call, NULL), -EREMOTEIO);
	assert_string_equal(world->error.code, "ClusterNotFoundException");
	assert_string_equal(world->error.message, "m [31m");
	assert_string_equal(world->error.request_id, "r3");

	fake_answer_with(
		&world->fake, 404, "x-amzn-errortype: ResourceNotFoundException:http://x/\n", ""
	);
	assert_int_equal(call(world, &json_call, NULL), -EREMOTEIO);
	assert_string_equal(world->error.code, "ResourceNotFoundException");

	fake_answer(&world->fake, 404, "<html>a proxy says no</html>");
	assert_int_equal(call(world, &describe, NULL), -EREMOTEIO);
	assert_string_equal(world->error.code, "Http404");
	world_free(world);
}

static void refuses_an_answer_with_a_bad_number(void **) {
	struct world *world = world_make();
	for (int i = 0; i < 3; i++)
		fake_answer(
			&world->fake, 200, PAGE("<item><vpcId>a</vpcId><size>12x</size></item>", "")
		);
	assert_int_equal(call(world, &describe, NULL), -EBADMSG);
	assert_non_null(strstr(world->error.message, "size"));
	world_free(world);
}

static void stops_when_cancelled(void **) {
	struct world *world = world_make();
	world->fake.is_cancelled = true;
	assert_int_equal(call(world, &describe, NULL), -ECANCELED);
	assert_int_equal(world->fake.n_sent, 0);
	world_free(world);
}

static void signs_the_path_of_an_address_that_has_one(void **) {
	struct world *world = world_make();
	fake_set(&world->fake, "AWS_ENDPOINT_URL_EC2", "http://127.0.0.1:4000/aws/");
	fake_answer(&world->fake, 200, PAGE("", ""));
	assert_int_equal(call(world, &describe, NULL), 0);
	assert_string_equal(world->fake.requests[0].url, "http://127.0.0.1:4000/aws/");
	assert_non_null(strstr(world->fake.requests[0].headers, "Host: 127.0.0.1:4000\n"));
	world_free(world);
}

static void classes_of_errors_are_told_apart(void **) {
	struct aws_error error = {.status = 400, .code = "ThrottlingException"};
	assert_int_equal(retry_classify(-EREMOTEIO, &error), RETRY_THROTTLED);
	error = (struct aws_error) {.status = 400, .code = "ExpiredToken"};
	assert_int_equal(retry_classify(-EREMOTEIO, &error), RETRY_EXPIRED);
	error = (struct aws_error) {.status = 502, .code = "Http502"};
	assert_int_equal(retry_classify(-EREMOTEIO, &error), RETRY_UNKNOWN);
	error = (struct aws_error) {.status = 400, .code = "InvalidParameterValue"};
	assert_int_equal(retry_classify(-EREMOTEIO, &error), RETRY_NEVER);
	assert_int_equal(retry_classify(-EPROTO, &error), RETRY_NEVER);
	assert_int_equal(retry_classify(-ENOMEM, &error), RETRY_NEVER);
	for (int i = 1; i < 30; i++)
		assert_true(retry_pause_ms(RETRY_THROTTLED, i, 0.999) < 20000);
	assert_int_equal(retry_pause_ms(RETRY_TRANSIENT, 3, 0.0), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_and_sends_a_form),
		cmocka_unit_test(numbers_lists_as_each_dialect_wants),
		cmocka_unit_test(collects_all_pages),
		cmocka_unit_test(follows_a_marker_only_while_the_answer_is_truncated),
		cmocka_unit_test(stops_at_a_listing_that_never_ends),
		cmocka_unit_test(retries_what_is_transient),
		cmocka_unit_test(gives_up_after_the_attempts_that_are_set),
		cmocka_unit_test(is_more_patient_when_throttled),
		cmocka_unit_test(does_not_repeat_a_refusal),
		cmocka_unit_test(repeats_a_cut_listing_but_not_a_cut_create),
		cmocka_unit_test(sends_a_create_again_that_never_left),
		cmocka_unit_test(takes_over_the_clock_of_the_service),
		cmocka_unit_test(believes_a_signature_error_when_the_clocks_agree),
		cmocka_unit_test(corrects_the_clock_once_only),
		cmocka_unit_test(reads_the_errors_of_every_protocol),
		cmocka_unit_test(refuses_an_answer_with_a_bad_number),
		cmocka_unit_test(stops_when_cancelled),
		cmocka_unit_test(signs_the_path_of_an_address_that_has_one),
		cmocka_unit_test(classes_of_errors_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
