#include "arena.h"
#include "ownership.h"
#include "policy_table.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

// More deployments than this would fill whole policies; then the tags and names of any will do.
#define IDS_MAX 40

struct builder {
	const struct policy_wants *wants;
	struct arena *arena;
	struct policy_statement *items;
	size_t n;
};

static bool is_public(const char *service, const char *path) {
	return (strcmp(service, "ec2") == 0 && strncmp(path, "image/", 6) == 0)
		|| (strcmp(service, "ssm") == 0 && strncmp(path, "parameter/aws/", 14) == 0);
}

static const char *partition_of(const struct policy_wants *wants) {
	return wants->partition == NULL ? "aws" : wants->partition;
}

// Adds a text where it is not there yet. -ENOMEM.
static int add_text(struct arena *arena, struct shape_strings *list, const char *text) {
	if (text == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], text) == 0)
			return 0;
	const char **items = arena_grow(arena, list->items, list->n, sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	items[list->n] = text;
	*list = (struct shape_strings) {.items = items, .n = list->n + 1};
	return 0;
}

static int
add_arns(struct builder *b, const char *service, const char *path, struct shape_strings *list) {
	const struct policy_wants *wants = b->wants;
	const struct shape_strings *regions = &wants->lists[POLICY_REGIONS];
	const char *account = wants->account == NULL ? "*" : wants->account;
	bool is_global = strcmp(service, "iam") == 0;
	size_t n = is_global || regions->n == 0 ? 1 : regions->n;
	int result = 0;
	for (size_t i = 0; result == 0 && i < n; i++)
		result = add_text(
			b->arena,
			list,
			arena_printf(
				b->arena,
				"arn:%s:%s:%s:%s:%s",
				partition_of(wants),
				service,
				is_global		  ? ""
					: regions->n == 0 ? "*"
							  : regions->items[i],
				is_public(service, path) ? "" : account,
				path
			)
		);
	return result;
}

// The path with an item in the place of its '%'.
static const char *with_item(const char *path, const char *item, struct arena *arena) {
	const char *place = strchr(path, '%');
	return arena_printf(arena, "%.*s%s%s", (int)(place - path), path, item, place + 1);
}

static int add_resource(struct builder *b, enum policy_resource_id id, struct shape_strings *list) {
	const struct policy_resource *resource = &policy_resources[id];
	if (resource->list == POLICY_N_LISTS)
		return add_arns(b, resource->service, resource->path, list);
	struct shape_strings items = b->wants->lists[resource->list];
	bool is_too_long = resource->list == POLICY_DEPLOYMENTS && items.n > IDS_MAX;
	if ((items.n == 0 || is_too_long) && resource->otherwise != NULL)
		items = (struct shape_strings) {.items = &resource->otherwise, .n = 1};
	int result = 0;
	for (size_t i = 0; result == 0 && i < items.n; i++) {
		const char *path = with_item(resource->path, items.items[i], b->arena);
		result = path == NULL ? -ENOMEM : add_arns(b, resource->service, path, list);
	}
	return result;
}

// None where what the row is about does not exist.
static int
add_resources(struct builder *b, const struct policy_row *row, struct shape_strings *list) {
	int result = 0;
	if (row->resources == POLICY_ON_ANYTHING)
		return add_text(b->arena, list, "*");
	for (unsigned id = 0; result == 0 && id < POLICY_N_RESOURCES; id++)
		if (row->resources & (UINT64_C(1) << id))
			result = add_resource(b, (enum policy_resource_id)id, list);
	return result;
}

// The values of one key; a key that is there already gets them too.
static int add_condition(
	struct builder *b,
	struct policy_statement *statement,
	const char *
	operator,
	const char * key,
	const struct shape_strings *values
) {
	struct policy_condition *condition = NULL;
	int result = 0;
	for (size_t i = 0; i < statement->n_conditions; i++)
		if (strcmp(statement->conditions[i].key, key) == 0)
			condition = &statement->conditions[i];
	if (condition == NULL) {
		statement->conditions = arena_grow(
			b->arena, statement->conditions, statement->n_conditions, sizeof(*condition)
		);
		if (statement->conditions == NULL)
			return -ENOMEM;
		condition = &statement->conditions[statement->n_conditions++];
		*condition = (struct policy_condition) {.operator= operator, .key = key };
	}
	for (size_t i = 0; result == 0 && i < values->n; i++)
		result = add_text(b->arena, &condition->values, values->items[i]);
	return result;
}

static int add_equals(
	struct builder *b,
	struct policy_statement *statement,
	const char *key,
	const char *value
) {
	struct shape_strings values = {.items = &value, .n = 1};
	return add_condition(b, statement, "StringEquals", key, &values);
}

// Our tags, on the resource ("ResourceTag") or in the request ("RequestTag").
static int add_tags(struct builder *b, struct policy_statement *statement, const char *where) {
	const struct shape_strings *ids = &b->wants->lists[POLICY_DEPLOYMENTS];
	const char *managed = arena_printf(b->arena, "aws:%s/" OWNERSHIP_TAG_MANAGED, where);
	const char *deployment = arena_printf(b->arena, "aws:%s/" OWNERSHIP_TAG_DEPLOYMENT, where);
	if (managed == NULL || deployment == NULL)
		return -ENOMEM;
	int result = add_equals(b, statement, managed, "true");
	if (result == 0 && ids->n > 0 && ids->n <= IDS_MAX)
		result = add_condition(b, statement, "StringEquals", deployment, ids);
	return result;
}

static int add_clusters(struct builder *b, struct policy_statement *statement) {
	struct shape_strings arns = {0};
	if (b->wants->lists[POLICY_CLUSTERS].n == 0)
		return 0;
	int result = add_resource(b, POLICY_ON_CLUSTER, &arns);
	return result < 0 ? result : add_condition(b, statement, "ArnLike", "ecs:cluster", &arns);
}

static int add_template(struct builder *b, struct policy_statement *statement) {
	struct shape_strings arns = {0};
	int result = add_resource(b, POLICY_ON_TEMPLATE, &arns);
	return result < 0 ? result
			  : add_condition(b, statement, "ArnLike", "ec2:LaunchTemplate", &arns);
}

// In China EC2 has a name of its own too.
static int add_ec2_names(struct builder *b, struct policy_statement *statement, const char *key) {
	static const char *const names[] = {"ec2.amazonaws.com", "ec2.amazonaws.com.cn"};
	bool is_china = strcmp(partition_of(b->wants), "aws-cn") == 0;
	struct shape_strings values = {.items = names, .n = is_china ? 2 : 1};
	return add_condition(b, statement, "StringEquals", key, &values);
}

static int add_stores(struct builder *b, struct policy_statement *statement) {
	static const char *const names[] = {"secretsmanager.*", "ssm.*"};
	struct shape_strings values = {.items = names, .n = 2};
	return add_condition(b, statement, "StringLike", "kms:ViaService", &values);
}

static int add_conditions(
	struct builder *b,
	struct policy_statement *statement,
	const struct policy_row *row
) {
	int result;
	switch (policy_rules[row->rule].when) {
	case POLICY_ALWAYS:
		return 0;
	case POLICY_OURS:
		return add_tags(b, statement, "ResourceTag");
	case POLICY_MAKING:
		return add_tags(b, statement, "RequestTag");
	case POLICY_TAGGING:
		result = add_equals(b, statement, "ec2:CreateAction", row->by);
		return result < 0 ? result : add_tags(b, statement, "RequestTag");
	case POLICY_TAGGING_BALANCING:
		result = add_equals(b, statement, "elasticloadbalancing:CreateAction", row->by);
		return result < 0 ? result : add_tags(b, statement, "RequestTag");
	case POLICY_IN_CLUSTER:
		return add_clusters(b, statement);
	case POLICY_FROM_TEMPLATE:
		return add_template(b, statement);
	case POLICY_TO_EC2:
		return add_ec2_names(b, statement, "iam:PassedToService");
	case POLICY_FOR_SERVICE:
		return add_equals(b, statement, "iam:AWSServiceName", row->by);
	case POLICY_VIA_STORE:
		break;
	}
	return add_stores(b, statement);
}

static bool is_wanted(const struct policy_row *row, const struct policy_wants *wants) {
	return (row->commands & wants->features) != 0
		&& (row->traits == 0 || (row->traits & wants->features) != 0);
}

// Adds what a row needs to a statement, unless there is nothing that it could be about.
static int
add_row(struct builder *b,
	const struct policy_row *row,
	struct policy_statement *statement,
	bool *ret_is_added) {
	struct shape_strings resources = {0};
	int result = add_resources(b, row, &resources);
	*ret_is_added = resources.n > 0;
	for (size_t i = 0; result == 0 && i < resources.n; i++)
		result = add_text(b->arena, &statement->resources, resources.items[i]);
	if (result < 0 || resources.n == 0)
		return result;
	statement->sid = policy_rules[row->rule].sid;
	result = add_text(b->arena, &statement->actions, row->action);
	return result < 0 ? result : add_conditions(b, statement, row);
}

static int compare_texts(const void *a, const void *b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The list is of our own making.
static void sort(struct shape_strings *list) {
	const char **items = (const char **)(uintptr_t)list->items;
	qsort(items, list->n, sizeof(*items), compare_texts);
}

static int append(struct builder *b, const struct policy_statement *statement) {
	b->items = arena_grow(b->arena, b->items, b->n, sizeof(*b->items));
	if (b->items == NULL)
		return -ENOMEM;
	b->items[b->n++] = *statement;
	return 0;
}

int policy_statements(
	const struct policy_wants *wants,
	struct arena *arena,
	struct policy_statements *ret_statements
) {
	struct builder b = {.wants = wants, .arena = arena};
	int result = 0;
	for (unsigned rule = 0; result == 0 && rule < POLICY_N_RULES; rule++) {
		struct policy_statement statement = {0};
		bool is_added;
		for (size_t i = 0; result == 0 && i < policy_n_rows; i++)
			if (policy_rows[i].rule == rule && is_wanted(&policy_rows[i], wants))
				result = add_row(&b, &policy_rows[i], &statement, &is_added);
		if (result == 0 && statement.actions.n > 0) {
			sort(&statement.actions);
			result = append(&b, &statement);
		}
	}
	*ret_statements = (struct policy_statements) {.items = b.items, .n = b.n};
	return result;
}

int policy_needs(
	const struct policy_wants *wants,
	struct arena *arena,
	struct policy_statements *ret_needs
) {
	struct builder b = {.wants = wants, .arena = arena};
	int result = 0;
	for (size_t i = 0; result == 0 && i < policy_n_rows; i++) {
		struct policy_statement need = {0};
		bool is_added = false;
		if (is_wanted(&policy_rows[i], wants))
			result = add_row(&b, &policy_rows[i], &need, &is_added);
		if (result == 0 && is_added)
			result = append(&b, &need);
	}
	*ret_needs = (struct policy_statements) {.items = b.items, .n = b.n};
	return result;
}

static bool covers(const struct policy_statement *statement, const char *resource) {
	for (size_t i = 0; i < statement->resources.n; i++)
		if (fnmatch(statement->resources.items[i], resource, FNM_NOESCAPE) == 0
		    || fnmatch(resource, statement->resources.items[i], FNM_NOESCAPE) == 0)
			return true;
	return false;
}

// Partition, region and account of an ARN, where they are not known yet.
static int narrow(struct policy_wants *wants, const char *arn, struct arena *arena) {
	const char *parts[6] = {0};
	char *text = arn == NULL ? NULL : arena_strdup(arena, arn);
	if (arn == NULL)
		return 0;
	if (text == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < 6; i++)
		parts[i] = strsep(&text, ":");
	if (parts[5] == NULL || strcmp(parts[0], "arn") != 0)
		return 0;
	if (wants->partition == NULL)
		wants->partition = parts[1];
	if (wants->account == NULL && strspn(parts[4], "0123456789") == 12)
		wants->account = parts[4];
	if (wants->lists[POLICY_REGIONS].n > 0 || parts[3][0] == 0 || parts[3][0] == '*')
		return 0;
	return add_text(arena, &wants->lists[POLICY_REGIONS], parts[3]);
}

// The name of a call: "CreateTags" of "ec2:CreateTags".
static const char *name_of(const char *call) {
	const char *colon = call == NULL ? NULL : strchr(call, ':');
	return colon == NULL ? "" : colon + 1;
}

static bool is_action(const struct policy_row *row, const struct policy_denial *denial) {
	return strcasecmp(row->action, denial->action) == 0;
}

static bool is_by(const struct policy_row *row, const struct policy_denial *denial) {
	return row->by != NULL && strcmp(row->by, name_of(denial->call)) == 0;
}

// Tags that another call gives are another matter than tags by themselves.
static bool fits(const struct policy_row *row, const struct policy_denial *denial, bool has_by) {
	if (!is_action(row, denial))
		return false;
	if (has_by)
		return is_by(row, denial);
	bool is_itself = denial->call != NULL && strcasecmp(denial->call, denial->action) == 0;
	return row->by == NULL || !is_itself;
}

// Statement by statement; those about 'resource', where it is not NULL.
static int
collect(struct builder *b, const struct policy_denial *denial, const char *resource, bool has_by) {
	int result = 0;
	for (unsigned rule = 0; result == 0 && rule < POLICY_N_RULES; rule++) {
		struct policy_statement statement = {0};
		for (size_t i = 0; result == 0 && i < policy_n_rows; i++) {
			const struct policy_row *row = &policy_rows[i];
			struct policy_statement one = {0};
			bool is_added = false;
			if (row->rule != rule || !fits(row, denial, has_by))
				continue;
			result = add_row(b, row, &one, &is_added);
			if (result == 0 && is_added && (resource == NULL || covers(&one, resource)))
				result = add_row(b, row, &statement, &is_added);
		}
		if (result == 0 && statement.actions.n > 0)
			result = append(b, &statement);
	}
	return result;
}

static int add_unknown(struct builder *b, const struct policy_denial *denial) {
	const char *resource = denial->resource == NULL ? "*" : denial->resource;
	struct policy_statement statement = {0};
	int result = add_text(b->arena, &statement.actions, arena_strdup(b->arena, denial->action));
	if (result == 0)
		result = add_text(b->arena, &statement.resources, arena_strdup(b->arena, resource));
	return result < 0 ? result : append(b, &statement);
}

int policy_statements_for(
	const struct policy_denial *denial,
	const struct policy_wants *wants,
	struct arena *arena,
	struct policy_statements *ret_statements
) {
	struct policy_wants narrowed = wants == NULL ? policy_wants_everything() : *wants;
	struct builder b = {.wants = &narrowed, .arena = arena};
	bool has_by = false;
	for (size_t i = 0; i < policy_n_rows; i++)
		has_by |= is_action(&policy_rows[i], denial) && is_by(&policy_rows[i], denial);
	int result = narrow(&narrowed, denial->resource, arena);
	if (result == 0)
		result = collect(&b, denial, denial->resource, has_by);
	if (result == 0 && b.n == 0 && denial->resource != NULL)
		result = collect(&b, denial, NULL, has_by);
	if (result == 0 && b.n == 0)
		result = add_unknown(&b, denial);
	*ret_statements = (struct policy_statements) {.items = b.items, .n = b.n};
	return result;
}
