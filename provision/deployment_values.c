#include "deployment_values.h"

#include "firewall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct check {
	char *place;
	struct aws_error *error;
};

__attribute__((format(printf, 2, 3))) static void
set_place(const struct check *check, const char *format, ...) {
	va_list args;
	va_start(args, format);
	vsnprintf(check->place, DEPLOYMENT_PLACE_MAX, format, args);
	va_end(args);
}

__attribute__((format(printf, 2, 3))) static int
refuse(const struct check *check, const char *format, ...) {
	char why[DEPLOYMENT_PLACE_MAX + 256];
	va_list args;
	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	return aws_error_set(check->error, -EINVAL, "InvalidDeployment", "%s", why);
}

// Control characters, ends of lines and marks that change the direction of text, as the last byte of what
// begins so in UTF-8.
static const struct {
	const char *lead;
	uint8_t first;
	uint8_t last;
} steering[] = {
	{"", 0x01, 0x1f},
	{"", 0x7f, 0x7f},
	{"\xc2", 0x80, 0x9f},
	{"\xd8", 0x9c, 0x9c}, // U+061C
	{"\xe2\x80", 0x8e, 0x8f}, // U+200E, U+200F
	{"\xe2\x80", 0xa8, 0xae}, // U+2028 to U+202E
	{"\xe2\x81", 0xa6, 0xa9}, // U+2066 to U+2069
};

static bool is_printable(const char *text) {
	for (; *text != '\0'; text++)
		for (size_t i = 0; i < sizeof(steering) / sizeof(steering[0]); i++) {
			size_t len = strlen(steering[i].lead);
			if (strncmp(text, steering[i].lead, len) == 0
			    && (uint8_t)text[len] >= steering[i].first
			    && (uint8_t)text[len] <= steering[i].last)
				return false;
		}
	return true;
}

static size_t n_characters(const char *text) {
	size_t n = 0;
	for (; *text != '\0'; text++)
		n += ((uint8_t)*text & 0xc0) != 0x80;
	return n;
}

static int check_description(const struct check *check, const char *text) {
	if (text == NULL)
		return 0;
	if (!is_printable(text))
		return refuse(
			check, "a description has no control characters and no ends of lines"
		);
	if (n_characters(text) > DEPLOYMENT_DESCRIPTION_MAX)
		return refuse(
			check, "a description has %d characters at most", DEPLOYMENT_DESCRIPTION_MAX
		);
	return 0;
}

// They go into the rules of a security group; VXLAN comes over IPv4.
static int check_cidrs(const struct check *check, const struct shape_strings *cidrs) {
	struct firewall_range range;
	for (size_t i = 0; i < cidrs->n; i++) {
		const char *text = cidrs->items[i];
		set_place(check, "source_cidrs[%zu]", i);
		if (strchr(text, '/') == NULL || !firewall_range_read(text, &range))
			return refuse(
				check,
				"'%.64s' is no range of IPv4 addresses such as 10.0.0.0/8",
				text
			);
	}
	return 0;
}

static int check_rules(const struct check *check, const struct mirror_filter_rules *rules) {
	struct arena arena = arena_empty();
	struct mirror_filter_plan plan;
	for (size_t i = 0; i < rules->n; i++) {
		struct mirror_filter_fault fault;
		if (!mirror_filter_rule_is_sound(&rules->items[i], &fault)) {
			bool has_member = fault.member != NULL;
			set_place(
				check,
				"filter.rules[%zu]%s%s",
				i,
				has_member ? "." : "",
				has_member ? fault.member : ""
			);
			return refuse(check, "%s", fault.why);
		}
		set_place(check, "filter.rules[%zu].description", i);
		int result = check_description(check, rules->items[i].description);
		if (result < 0)
			return result;
	}
	set_place(check, "filter.rules");
	int result = mirror_filter_compile(rules, &arena, &plan, check->error);
	arena_release(&arena);
	return result == -E2BIG ? -EINVAL : result;
}

static bool begins_with(const char *text, const char *prefix) {
	return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_repeated(const struct aws_tags *tags, size_t at) {
	for (size_t i = 0; i < at; i++)
		if (strcmp(tags->items[i].key, tags->items[at].key) == 0)
			return true;
	return false;
}

static int check_tag(const struct check *check, const struct aws_tags *tags, size_t at) {
	const char *key = tags->items[at].key, *value = tags->items[at].value;
	set_place(check, "tags.%s", key);
	if (begins_with(key, "aws:") || begins_with(key, "metlo:"))
		return refuse(check, "tag '%.128s': tags of this prefix are not yours", key);
	if (key[0] == '\0' || n_characters(key) > DEPLOYMENT_TAG_KEY_MAX)
		return refuse(
			check, "the key of a tag has 1 to %d characters", DEPLOYMENT_TAG_KEY_MAX
		);
	if (n_characters(value) > DEPLOYMENT_TAG_VALUE_MAX)
		return refuse(
			check,
			"tag '%.128s': a value has %d characters at most",
			key,
			DEPLOYMENT_TAG_VALUE_MAX
		);
	if (!is_printable(key) || !is_printable(value))
		return refuse(
			check,
			"a tag has no control characters and no marks that change the direction of "
			"text"
		);
	return is_repeated(tags, at) ? refuse(check, "tag '%.128s' is there twice", key) : 0;
}

static int check_tags(const struct check *check, const struct aws_tags *tags) {
	int result = 0;
	set_place(check, "tags");
	if (tags->n > DEPLOYMENT_TAGS_MAX)
		return refuse(
			check,
			"there are more than %d tags, which with our own is more than AWS allows",
			DEPLOYMENT_TAGS_MAX
		);
	for (size_t i = 0; result == 0 && i < tags->n; i++)
		result = check_tag(check, tags, i);
	return result;
}

static int check_appliances(const struct check *check, const struct deployment *deployment) {
	const struct shape_strings *ids = &deployment->existing_appliances;
	bool is_kernel = deployment->mode == DEPLOYMENT_KERNEL;
	struct in_addr address;
	for (size_t i = 0; i < ids->n; i++) {
		const char *id = ids->items[i];
		set_place(check, "existing.appliances[%zu]", i);
		if (is_kernel && (strncmp(id, "i-", 2) != 0 || id[2] == '\0'))
			return refuse(
				check,
				"'%.64s' is no id of an instance, by which an appliance of mode "
				"kernel goes",
				id
			);
		if (!is_kernel && inet_pton(AF_INET, id, &address) != 1)
			return refuse(
				check,
				"'%.64s' is no IPv4 address, by which an appliance of mode dpdk "
				"goes",
				id
			);
	}
	return 0;
}

int deployment_values_check(
	const struct deployment *deployment,
	char ret_place[DEPLOYMENT_PLACE_MAX],
	struct aws_error *error
) {
	struct check check = {.place = ret_place, .error = error};
	int result = check_cidrs(&check, &deployment->source_cidrs);
	if (result == 0)
		result = check_rules(&check, &deployment->rules);
	if (result == 0)
		result = check_tags(&check, &deployment->tags);
	if (result < 0)
		return result;
	set_place(&check, "session.description");
	result = check_description(&check, deployment->session.description);
	return result < 0 ? result : check_appliances(&check, deployment);
}
