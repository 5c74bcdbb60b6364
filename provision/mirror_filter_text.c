#include "mirror_filter_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 63
#define BLANKS " \t"
#define RULE_HELP                                                                                  \
	"[accept|reject] [ingress|egress] [PROTOCOL] [from CIDR|any [port PORTS]] [to CIDR|any "   \
	"[port PORTS]]"

static const struct {
	const char *name;
	int64_t number;
} protocols[] = {{"tcp", 6}, {"udp", 17}, {"icmp", 1}, {"icmpv6", 58}};
#define N_PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

struct parser {
	const char *text;
	const char *rest;
	char word[WORD_MAX + 1];
	struct arena *arena;
	struct mirror_filter_rule rule;
	struct aws_error *error;
};

static int refuse(const struct parser *parser, const char *why) {
	return aws_error_set(
		parser->error,
		-EINVAL,
		"InvalidFilterRule",
		"rule '%s': %s '%s'; it is %s",
		parser->text,
		why,
		parser->word,
		RULE_HELP
	);
}

// Empty at the end.
static void next(struct parser *parser) {
	parser->rest += strspn(parser->rest, BLANKS);
	size_t len = strcspn(parser->rest, BLANKS);
	size_t kept = len < WORD_MAX ? len : WORD_MAX;
	memcpy(parser->word, parser->rest, kept);
	parser->word[kept] = '\0';
	parser->rest += len;
}

static bool take(struct parser *parser, const char *word) {
	if (strcmp(parser->word, word) != 0)
		return false;
	next(parser);
	return true;
}

static bool take_number(const char *text, long max, long *ret_number, const char **ret_end) {
	char *end;
	if (text[0] < '0' || text[0] > '9')
		return false;
	*ret_number = strtol(text, &end, 10);
	*ret_end = end;
	return *ret_number <= max;
}

static bool take_protocol(struct parser *parser) {
	long number;
	const char *end;
	for (size_t i = 0; i < N_PROTOCOLS; i++)
		if (take(parser, protocols[i].name)) {
			parser->rule.protocol = SHAPE_NUMBER_OF(protocols[i].number);
			return true;
		}
	if (!take_number(parser->word, UINT8_MAX, &number, &end) || *end != '\0')
		return false;
	parser->rule.protocol = SHAPE_NUMBER_OF(number);
	next(parser);
	return true;
}

static int take_ports(struct parser *parser, struct mirror_filter_ports *ports) {
	long from, to;
	const char *end;
	if (!take_number(parser->word, UINT16_MAX, &from, &end))
		return refuse(parser, "no ports:");
	to = from;
	if (*end == '-' && !take_number(end + 1, UINT16_MAX, &to, &end))
		return refuse(parser, "no ports:");
	if (*end != '\0' || from == 0 || to < from)
		return refuse(parser, "no ports:");
	*ports = (struct mirror_filter_ports) {.from = (uint16_t)from, .to = (uint16_t)to};
	next(parser);
	return 0;
}

// Behind "from" or "to".
static int take_end(struct parser *parser, const char **cidr, struct mirror_filter_ports *ports) {
	if (parser->word[0] == '\0')
		return refuse(parser, "an address range is missing behind");
	if (!take(parser, "any")) {
		if (strchr(parser->word, '/') == NULL)
			return refuse(parser, "no address range:");
		*cidr = arena_strdup(parser->arena, parser->word);
		if (*cidr == NULL)
			return aws_error_set(
				parser->error, -ENOMEM, "OutOfMemory", "reading a rule"
			);
		next(parser);
	}
	return take(parser, "port") ? take_ports(parser, ports) : 0;
}

int mirror_filter_rule_parse(
	const char *text,
	struct arena *arena,
	struct mirror_filter_rule *ret_rule,
	struct aws_error *error
) {
	struct parser parser = {.text = text, .rest = text, .arena = arena, .error = error};
	struct mirror_filter_rule *rule = &parser.rule;
	int result = 0;
	next(&parser);
	if (parser.word[0] == '\0')
		return refuse(&parser, "it says nothing:");
	if (take(&parser, "reject"))
		rule->action = "reject";
	else if (take(&parser, "accept"))
		rule->action = "accept";
	if (take(&parser, "ingress"))
		rule->direction = "ingress";
	else if (take(&parser, "egress"))
		rule->direction = "egress";
	take_protocol(&parser);
	if (take(&parser, "from"))
		result = take_end(&parser, &rule->source_cidr, &rule->source_ports);
	if (result == 0 && take(&parser, "to"))
		result = take_end(&parser, &rule->destination_cidr, &rule->destination_ports);
	if (result == 0 && parser.word[0] != '\0')
		return refuse(&parser, "it does not know");
	if (result == 0)
		*ret_rule = *rule;
	return result;
}

const char *mirror_filter_protocol_name(int64_t number) {
	for (size_t i = 0; i < N_PROTOCOLS; i++)
		if (protocols[i].number == number)
			return protocols[i].name;
	return NULL;
}

static void
add_end(struct strbuf *buf,
	const char *word,
	const char *cidr,
	const struct mirror_filter_ports *ports) {
	if (cidr == NULL && ports->from == 0)
		return;
	strbuf_printf(buf, " %s %s", word, cidr == NULL ? "any" : cidr);
	if (ports->from != 0)
		strbuf_printf(buf, " port %u", (unsigned)ports->from);
	if (ports->to != ports->from)
		strbuf_printf(buf, "-%u", (unsigned)ports->to);
}

void mirror_filter_rule_text(const struct mirror_filter_rule *rule, struct strbuf *buf) {
	strbuf_add_text(buf, rule->action == NULL ? "accept" : rule->action);
	if (rule->direction != NULL)
		strbuf_printf(buf, " %s", rule->direction);
	if (rule->protocol.is_set) {
		const char *name = mirror_filter_protocol_name(rule->protocol.value);
		if (name != NULL)
			strbuf_printf(buf, " %s", name);
		else
			strbuf_printf(buf, " %lld", (long long)rule->protocol.value);
	}
	add_end(buf, "from", rule->source_cidr, &rule->source_ports);
	add_end(buf, "to", rule->destination_cidr, &rule->destination_ports);
}
