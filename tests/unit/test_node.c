#include "node.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef int reader(struct arena *arena, struct slice text, struct node **ret_root);

// On the heap at its exact size, so that a sanitizer sees an over-read.
static int read_text(reader *read, struct arena *arena, const char *text, struct node **ret_root) {
	size_t len = strlen(text);
	char *copy = malloc(len + (len == 0));
	memcpy(copy, text, len);
	int result = read(arena, slice_of(copy, len), ret_root);
	free(copy);
	return result;
}

static void reads_xml_as_aws_sends_it(void **) {
	struct arena arena = arena_empty();
	struct node *root;
	const char *text =
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n"
		"    <requestId>abc</requestId>\n"
		"    <vpcSet>\n"
		"        <item><vpcId>vpc-1</vpcId><cidr>10.0.0.0/16</cidr></item>\n"
		"        <item><vpcId>a&amp;b&#x20AC;</vpcId><tagSet/></item>\n"
		"    </vpcSet>\n"
		"</DescribeVpcsResponse>\n";
	assert_int_equal(read_text(node_from_xml, &arena, text, &root), 0);
	assert_string_equal(root->name, "DescribeVpcsResponse");
	assert_string_equal(node_text(root, "requestId"), "abc");
	assert_string_equal(node_text(root, "vpcSet/item/vpcId"), "vpc-1");
	const struct node *set = node_find(root, "vpcSet");
	assert_null(set->text);
	assert_int_equal(node_n_children(set), 2);
	assert_string_equal(node_text(set->child->next, "vpcId"), "a&b\xe2\x82\xac");
	assert_string_equal(node_text(set->child->next, "tagSet"), "");
	assert_null(node_find(root, "vpcSet/item/nothing"));
	assert_null(node_find(root, "requestId/nothing"));
	arena_release(&arena);
}

static void reads_json_into_the_same_tree(void **) {
	struct arena arena = arena_empty();
	struct node *root;
	const char *text = "{\"clusterArns\":[\"a\",\"b\"],\"n\":-3,\"price\":0.015,\"on\":true,"
			   "\"off\":false,\"none\":null,\"deep\":{\"er\":\"x\"},\"empty\":[]}";
	assert_int_equal(read_text(node_from_json, &arena, text, &root), 0);
	assert_int_equal(node_n_children(node_find(root, "clusterArns")), 2);
	assert_string_equal(node_text(root, "clusterArns/member"), "a");
	assert_string_equal(node_text(root, "n"), "-3");
	assert_string_equal(node_text(root, "on"), "true");
	assert_string_equal(node_text(root, "off"), "false");
	assert_non_null(node_find(root, "none"));
	assert_null(node_text(root, "none"));
	assert_string_equal(node_text(root, "deep/er"), "x");
	assert_int_equal(node_n_children(node_find(root, "empty")), 0);
	arena_release(&arena);
}

static void takes_an_empty_json_answer_for_an_empty_object(void **) {
	struct arena arena = arena_empty();
	struct node *root;
	assert_int_equal(read_text(node_from_json, &arena, "", &root), 0);
	assert_int_equal(node_n_children(root), 0);
	arena_release(&arena);
}

static void refuses_broken_xml(void **) {
	static const char *const bad[] = {
		"",
		"<",
		"<a>",
		"<a></b>",
		"<a>1</a><b/>",
		"not xml",
		"<a>&undefined;</a>",
		"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
		"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena arena = arena_empty();
		struct node *root;
		if (read_text(node_from_xml, &arena, bad[i], &root) != -EBADMSG)
			fail_msg("accepted '%s'", bad[i]);
		arena_release(&arena);
	}
}

static void refuses_broken_json(void **) {
	static const char *const bad[] = {
		"{", "[", "nothing", "\"text\"", "1", "{} {}", "{\"a\":\"\\u0000\"}"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena arena = arena_empty();
		struct node *root;
		if (read_text(node_from_json, &arena, bad[i], &root) != -EBADMSG)
			fail_msg("accepted '%s'", bad[i]);
		arena_release(&arena);
	}
}

static void refuses_what_is_nested_too_deep(void **) {
	char xml[1000] = "", json[1000] = "";
	for (int i = 0; i < 40; i++) {
		strcat(xml, "<a>");
		strcat(json, "[");
	}
	for (int i = 0; i < 40; i++) {
		strcat(xml, "</a>");
		strcat(json, "]");
	}
	struct arena arena = arena_empty();
	struct node *root;
	assert_int_equal(read_text(node_from_xml, &arena, xml, &root), -EBADMSG);
	assert_int_equal(read_text(node_from_json, &arena, json, &root), -EBADMSG);
	arena_release(&arena);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_xml_as_aws_sends_it),
		cmocka_unit_test(reads_json_into_the_same_tree),
		cmocka_unit_test(takes_an_empty_json_answer_for_an_empty_object),
		cmocka_unit_test(refuses_broken_xml),
		cmocka_unit_test(refuses_broken_json),
		cmocka_unit_test(refuses_what_is_nested_too_deep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
