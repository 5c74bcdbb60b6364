#include "operations.h"
#include "policy_table.h"

#include <jansson.h>

#include <errno.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool is_in_table(const char *action) {
	for (size_t i = 0; i < policy_n_rows; i++)
		if (strcmp(policy_rows[i].action, action) == 0)
			return true;
	return false;
}

static bool is_operation(const char *action) {
	char name[128];
	for (size_t i = 0; i < n_operations; i++) {
		snprintf(
			name, sizeof(name), "%s:%s", operations[i]->service->id, operations[i]->name
		);
		if (strcmp(name, action) == 0)
			return true;
	}
	return false;
}

static void every_action_is_a_call_of_ours_or_one_that_a_call_brings_with_it(void **) {
	static const char *const brought[] = {
		"ec2:DescribeAccountAttributes",
		"ec2:DescribeAddresses",
		"ec2:DescribeInternetGateways",
		"autoscaling:CreateOrUpdateTags",
		"iam:PassRole",
		"secretsmanager:GetSecretValue", // by the appliance
		"kms:Decrypt",
	};
	for (size_t i = 0; i < policy_n_rows; i++) {
		const char *action = policy_rows[i].action;
		bool is_known = is_operation(action);
		for (size_t j = 0; j < sizeof(brought) / sizeof(brought[0]); j++)
			is_known |= strcmp(brought[j], action) == 0;
		if (!is_known)
			fail_msg("%s", action);
	}
}

// A new call must be thought of here: whoever is to make it needs a permission.
static void every_call_of_ours_is_allowed_or_not_made_by_these_commands(void **) {
	static const char *const others[] = {
		"ebs:*", // images are published with other permissions
		"ec2:*Image*",
		"ec2:*Snapshot*",
		"ssm:PutParameter",
		"sts:*", // needs none, or is the way to credentials
		"sso:*",
		"sso-oidc:*",
		"sso-oauth:*",
		"iam:*Role*", // not called yet
		"iam:*InstanceProfile*",
		"ec2:*SecurityGroupEgress",
		"ec2:RevokeSecurityGroupIngress",
		"ecs:DescribeClusters",
		"ecs:DescribeTaskDefinition",
		"elasticloadbalancing:Set*",
		"autoscaling:DescribeInstanceRefreshes",
	};
	for (size_t i = 0; i < n_operations; i++) {
		char name[128];
		snprintf(
			name, sizeof(name), "%s:%s", operations[i]->service->id, operations[i]->name
		);
		bool is_told = is_in_table(name);
		for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++)
			is_told |= fnmatch(others[j], name, 0) == 0;
		if (!is_told)
			fail_msg("%s", name);
	}
}

static void policies_are_json_within_the_limit(void **) {
	struct policy_wants wants = policy_wants_everything();
	struct arena arena = arena_empty();
	struct policy_statements statements;
	struct shape_strings documents;
	assert_int_equal(policy_statements(&wants, &arena, &statements), 0);
	assert_int_equal(policy_documents(&statements, &arena, &documents), 0);
	assert_true(documents.n >= 1);
	for (size_t i = 0; i < documents.n; i++) {
		json_t *json = json_loads(documents.items[i], JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(json);
		assert_true(json_dumpb(json, NULL, 0, JSON_COMPACT) <= POLICY_DOCUMENT_MAX);
		json_decref(json);
	}
	arena_release(&arena);
}

static void divides(size_t n_deployments) {
	struct policy_wants wants = policy_wants_everything();
	struct arena arena = arena_empty();
	const char *ids[200];
	struct policy_statements statements;
	struct shape_strings documents;
	size_t n = 0;
	for (size_t i = 0; i < n_deployments; i++)
		ids[i] = arena_printf(&arena, "deployment-no-%06zu", i);
	wants.lists[POLICY_DEPLOYMENTS] = (struct shape_strings) {.items = ids, .n = n_deployments};
	assert_int_equal(policy_statements(&wants, &arena, &statements), 0);
	assert_int_equal(policy_documents(&statements, &arena, &documents), 0);
	assert_true(documents.n > 1);
	for (size_t i = 0; i < documents.n; i++) {
		json_t *json = json_loads(documents.items[i], 0, NULL);
		assert_true(json_dumpb(json, NULL, 0, JSON_COMPACT) <= POLICY_DOCUMENT_MAX);
		n += json_array_size(json_object_get(json, "Statement"));
		json_decref(json);
	}
	assert_true(n >= statements.n);
	arena_release(&arena);
}

// Ids of 20 letters in every name and condition, with and without room for them.
static void long_policies_are_divided(void **) {
	divides(2);
	divides(40);
	divides(200);
}

static void no_arn_is_of_another_partition(void **) {
	struct policy_wants wants = policy_wants_everything();
	struct arena arena = arena_empty();
	struct policy_statements statements;
	wants.partition = "aws-cn";
	assert_int_equal(policy_statements(&wants, &arena, &statements), 0);
	for (size_t i = 0; i < statements.n; i++)
		for (size_t j = 0; j < statements.items[i].resources.n; j++) {
			const char *arn = statements.items[i].resources.items[j];
			if (strcmp(arn, "*") != 0)
				assert_int_equal(strncmp(arn, "arn:aws-cn:", 11), 0);
		}
	arena_release(&arena);
}

static bool has_condition(const struct policy_statement *statement, const char *key) {
	for (size_t i = 0; i < statement->n_conditions; i++)
		if (fnmatch(key, statement->conditions[i].key, 0) == 0)
			return true;
	return false;
}

// What may change or delete without asking for our tags would reach what is foreign.
static void nothing_is_changed_that_has_no_tags_of_ours(void **) {
	static const char *const verbs[] = {
		":Delete", ":Modify", ":Terminate", ":Update", ":Revoke", ":Start", ":Deregister"};
	struct policy_wants wants = policy_wants_everything();
	struct arena arena = arena_empty();
	struct policy_statements needs;
	assert_int_equal(policy_needs(&wants, &arena, &needs), 0);
	for (size_t i = 0; i < needs.n; i++) {
		const struct policy_statement *need = &needs.items[i];
		const char *action = need->actions.items[0];
		bool is_change = false;
		for (size_t j = 0; j < sizeof(verbs) / sizeof(verbs[0]); j++)
			is_change |= strstr(action, verbs[j]) != NULL;
		// A rule has no tags; its filter, which is asked for too, has.
		if (strcmp(need->sid, "WriteRules") == 0)
			continue;
		if (is_change && !has_condition(need, "aws:ResourceTag/metlo:managed"))
			fail_msg("%s", action);
	}
	arena_release(&arena);
}

static void only_what_reads_is_allowed_on_everything(void **) {
	struct policy_wants wants = policy_wants_everything();
	struct arena arena = arena_empty();
	struct policy_statements needs;
	assert_int_equal(policy_needs(&wants, &arena, &needs), 0);
	for (size_t i = 0; i < needs.n; i++) {
		const char *name = strchr(needs.items[i].actions.items[0], ':') + 1;
		if (strcmp(needs.items[i].resources.items[0], "*") != 0)
			continue;
		if (strncmp(name, "Describe", 8) != 0 && strncmp(name, "Get", 3) != 0
		    && strncmp(name, "List", 4) != 0)
			fail_msg("%s", name);
	}
	arena_release(&arena);
}

static void a_deployment_narrows_everything_down(void **) {
	struct arena arena = arena_empty();
	struct source source = {.kind = SOURCE_ECS_SERVICE, .id = "shop/cart"};
	struct deployment deployment = {
		.id = "prod",
		.region = "us-gov-west-1",
		.vpc_id = "vpc-1",
		.sources = &source,
		.n_sources = 1,
	};
	struct policy_wants wants = {.features = POLICY_BIT(POLICY_APPLY), .account = "1"};
	struct policy_statements statements;
	struct shape_strings documents;
	assert_int_equal(policy_wants_add(&wants, &deployment, &arena), 0);
	assert_int_equal(policy_statements(&wants, &arena, &statements), 0);
	assert_int_equal(policy_documents(&statements, &arena, &documents), 0);
	assert_int_equal(documents.n, 1);
	const char *text = documents.items[0];
	assert_non_null(strstr(text, "\"arn:aws-us-gov:ec2:us-gov-west-1:1:vpc/vpc-1\""));
	assert_non_null(strstr(text, ":targetgroup/metlo-prod/*"));
	assert_non_null(strstr(text, "\"aws:ResourceTag/metlo:deployment\": \"prod\""));
	assert_non_null(strstr(text, ":task/shop/*"));
	assert_null(strstr(text, "RunInstances"));
	assert_null(strstr(text, "PassRole"));
	assert_null(strstr(text, "servicequotas"));
	assert_null(strstr(text, "arn:aws:"));
	deployment.region = "eu-west-1";
	assert_int_equal(policy_wants_add(&wants, &deployment, &arena), -EINVAL);
	arena_release(&arena);
}

static void what_exists_is_used_by_its_id(void **) {
	struct arena arena = arena_empty();
	struct deployment deployment = {
		.id = "x",
		.region = "eu-west-1",
		.existing_target = "tmt-9",
		.existing_filter = "tmf-9",
	};
	struct policy_wants wants = {.features = POLICY_BIT(POLICY_APPLY)};
	struct policy_statements statements;
	struct shape_strings documents;
	assert_int_equal(policy_wants_add(&wants, &deployment, &arena), 0);
	assert_int_equal(policy_statements(&wants, &arena, &statements), 0);
	assert_int_equal(policy_documents(&statements, &arena, &documents), 0);
	const char *text = documents.items[0];
	assert_non_null(strstr(text, ":traffic-mirror-target/tmt-9\""));
	assert_non_null(strstr(text, ":traffic-mirror-filter/tmf-9\""));
	assert_null(strstr(text, ":CreateTrafficMirrorTarget"));
	assert_null(strstr(text, ":CreateLoadBalancer"));
	arena_release(&arena);
}

static void denials_are_read_in_the_words_of_aws(void **) {
	static const struct {
		const char *message, *action, *resource, *by;
		bool is_explicit;
	} cases[] = {
		{"You are not authorized to perform this operation. User: "
		 "arn:aws:iam::111122223333:user/u "
		 "is not authorized to perform: ec2:CreateTags on resource: "
		 "arn:aws:ec2:us-east-1:111122223333:traffic-mirror-filter/* because no "
		 "identity-based policy "
		 "allows the ec2:CreateTags action. Encoded authorization failure message: abc",
		 "ec2:CreateTags",
		 "arn:aws:ec2:us-east-1:111122223333:traffic-mirror-filter/*",
		 NULL,
		 false},
		{"You are not authorized to perform this operation.",
		 "ec2:CreateTrafficMirrorFilter",
		 NULL,
		 NULL,
		 false},
		{"User: u is not authorized to perform: iam:PassRole on resource: "
		 "arn:aws:iam::1:role/r "
		 "with an explicit deny in a service control policy",
		 "iam:PassRole",
		 "arn:aws:iam::1:role/r",
		 "a service control policy",
		 true},
		{"User: u is not authorized to perform: ecs:ListClusters on resource: *",
		 "ecs:ListClusters",
		 NULL,
		 NULL,
		 false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena arena = arena_empty();
		struct policy_denial denial;
		struct aws_error error = {
			.status = 403,
			.code = "UnauthorizedOperation",
			.operation = "ec2:CreateTrafficMirrorFilter",
		};
		snprintf(error.message, sizeof(error.message), "%s", cases[i].message);
		assert_true(policy_denial_read(&error, &arena, &denial));
		assert_string_equal(denial.action, cases[i].action);
		assert_int_equal(denial.is_explicit, cases[i].is_explicit);
		if (cases[i].resource == NULL)
			assert_null(denial.resource);
		else
			assert_string_equal(denial.resource, cases[i].resource);
		if (cases[i].by == NULL)
			assert_null(denial.forbidden_by);
		else
			assert_string_equal(denial.forbidden_by, cases[i].by);
		arena_release(&arena);
	}
	struct arena arena = arena_empty();
	struct policy_denial denial;
	struct aws_error other = {.status = 400, .code = "Throttling"};
	assert_false(policy_denial_read(&other, &arena, &denial));
	arena_release(&arena);
}

static void the_statement_that_helps_is_about_the_resource_that_was_refused(void **) {
	struct arena arena = arena_empty();
	struct policy_denial denial = {
		.action = "ec2:CreateTrafficMirrorSession",
		.resource = "arn:aws-cn:ec2:cn-north-1:111122223333:traffic-mirror-filter/tmf-1",
	};
	assert_string_equal(
		policy_statement_for_denial(&denial, NULL, &arena),
		"{\"Effect\": \"Allow\", \"Action\": \"ec2:CreateTrafficMirrorSession\", "
		"\"Resource\": "
		"\"arn:aws-cn:ec2:cn-north-1:111122223333:traffic-mirror-filter/*\", "
		"\"Condition\": "
		"{\"StringEquals\": {\"aws:ResourceTag/metlo:managed\": \"true\"}}}"
	);
	denial.resource = NULL;
	assert_int_equal(policy_statement_for_denial(&denial, NULL, &arena)[0], '[');
	denial.action = "ec2:AllocateAddress";
	assert_string_equal(
		policy_statement_for_denial(&denial, NULL, &arena),
		"{\"Effect\": \"Allow\", \"Action\": \"ec2:AllocateAddress\", \"Resource\": \"*\"}"
	);
	arena_release(&arena);
}

static void tags_at_creation_are_another_matter_than_tags_alone(void **) {
	struct arena arena = arena_empty();
	struct policy_denial denial = {
		.action = "ec2:CreateTags",
		.call = "ec2:CreateTrafficMirrorFilter",
		.resource = "arn:aws:ec2:us-east-1:111122223333:traffic-mirror-filter/*",
	};
	const char *text = policy_statement_for_denial(&denial, NULL, &arena);
	assert_int_equal(text[0], '{');
	assert_non_null(strstr(text, "\"ec2:CreateAction\": \"CreateTrafficMirrorFilter\""));
	denial.call = "ec2:CreateTags";
	text = policy_statement_for_denial(&denial, NULL, &arena);
	assert_int_equal(text[0], '{');
	assert_null(strstr(text, "CreateAction"));
	assert_non_null(strstr(text, "aws:ResourceTag/metlo:managed"));
	arena_release(&arena);
}

static void features_have_names(void **) {
	assert_int_equal(policy_feature_named("refresh"), POLICY_REFRESH);
	assert_int_equal(policy_feature_named("auto-scaling"), POLICY_GROUP);
	assert_int_equal(policy_feature_named("nonsense"), POLICY_N_FEATURES);
	assert_true(is_in_table("ec2:CreateTrafficMirrorSession"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_action_is_a_call_of_ours_or_one_that_a_call_brings_with_it),
		cmocka_unit_test(every_call_of_ours_is_allowed_or_not_made_by_these_commands),
		cmocka_unit_test(policies_are_json_within_the_limit),
		cmocka_unit_test(long_policies_are_divided),
		cmocka_unit_test(no_arn_is_of_another_partition),
		cmocka_unit_test(nothing_is_changed_that_has_no_tags_of_ours),
		cmocka_unit_test(only_what_reads_is_allowed_on_everything),
		cmocka_unit_test(a_deployment_narrows_everything_down),
		cmocka_unit_test(what_exists_is_used_by_its_id),
		cmocka_unit_test(denials_are_read_in_the_words_of_aws),
		cmocka_unit_test(the_statement_that_helps_is_about_the_resource_that_was_refused),
		cmocka_unit_test(tags_at_creation_are_another_matter_than_tags_alone),
		cmocka_unit_test(features_have_names),
	};
	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
