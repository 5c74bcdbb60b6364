// metlo-appliance iam-policy: the permissions that a user or an appliance needs, as IAM wants them.

#include "aws_connection.h"
#include "aws_failure.h"
#include "aws_options.h"
#include "command.h"
#include "console.h"
#include "deployments.h"
#include "ownership.h"
#include "partition.h"
#include "policy.h"
#include "sts.h"
#include "suggest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum audience {
	FOR_USER,
	FOR_APPLIANCE,
};

static const char *const audiences[] = {"user", "appliance", NULL};

struct iam_policy_options {
	struct aws_options common; // first
	struct deployments_options chosen;
	struct shape_strings features;
	struct shape_strings parameters;
	struct shape_strings secrets;
	const char *account;
	const char *role;
	int64_t part; // 0: all
	int audience; // enum audience
	bool wants_trust;
};

#define T struct iam_policy_options
static const struct aws_option rows[] = {
	DEPLOYMENTS_ROWS_FILE(T, chosen),
	DEPLOYMENTS_ROW_ID(T, chosen),
	AWS_OPTION_CHOICE(T, audience, "for", audiences, "who gets it"),
	AWS_OPTION_TEXTS(T, features, "feature", "NAME", "only this; may be given again"),
	AWS_OPTION_TEXT(T, account, "account", "ID", "12 digits; else asked of STS, else '*'"),
	AWS_OPTION_TEXT(T, role, "role", "NAME", "of the instance profile, if called otherwise"),
	AWS_OPTION_TEXTS(T, parameters, "parameter", "NAME", "of SSM that the appliance reads"),
	AWS_OPTION_TEXTS(T, secrets, "secret", "NAME", "of Secrets Manager, likewise"),
	AWS_OPTION_NUMBER(
		T,
		part,
		"part",
		"N",
		1,
		99,
		"only the Nth policy, where there are several"
	),
	AWS_OPTION_FLAG(T, wants_trust, "trust", "print who may take the appliance's role on"),
};
#undef T

#define X(name, text, help) "\n  " text ": " help
static const struct aws_command command = {
	.name = "iam-policy",
	.help = "Prints the IAM policy that allows what is asked for and nothing else. Needs no "
		"credentials.",
	.usage = "[-f FILE] [OPTION...]",
	AWS_COMMAND_ROWS(rows),
	.notes =
		"Without a file and features it is for everything. A policy that would be longer "
		"than AWS\nallows is printed as a list of several.\n\nfeatures:" POLICY_FEATURES(X),
};
#undef X

struct maker {
	const struct iam_policy_options *options;
	struct arena *arena;
	struct deployments deployments;
	struct policy_wants wants;
};

static int out_of_memory(void) {
	console_say("out of memory");
	return EXIT_FAILURE;
}

static int refuse_feature(const char *word) {
	static const char *const names[] = {
#define X(name, text, help) (text),
		POLICY_FEATURES(X)
#undef X
			NULL,
	};
	const char *near = suggest(word, names);
	if (near != NULL)
		console_say("iam-policy: unknown feature '%s'; did you mean '%s'?", word, near);
	else
		console_say("iam-policy: unknown feature '%s'; see --help", word);
	return EXIT_USAGE;
}

// What is wrong about options that each are right; NULL: nothing.
static const char *contradiction(const struct iam_policy_options *options) {
	const struct deployments_options *chosen = &options->chosen;
	if (chosen->deployment != NULL && chosen->config == NULL)
		return "--deployment chooses from a file; -f FILE is missing";
	if (chosen->id != NULL && chosen->config != NULL)
		return "either -f FILE or --id ID, not both";
	if (options->audience == FOR_APPLIANCE)
		return options->features.n > 0
			? "--feature is for users; an appliance's policy has none to choose"
			: NULL;
	if (options->wants_trust)
		return "--trust goes with '--for appliance'";
	if (options->parameters.n > 0 || options->secrets.n > 0)
		return "--parameter and --secret go with '--for appliance'";
	return NULL;
}

static int check_options(const struct iam_policy_options *options) {
	const char *account = options->account, *id = options->chosen.id;
	const char *wrong = contradiction(options);
	for (size_t i = 0; i < options->features.n; i++)
		if (policy_feature_named(options->features.items[i]) == POLICY_N_FEATURES)
			return refuse_feature(options->features.items[i]);
	if (account != NULL && (strlen(account) != 12 || strspn(account, "0123456789") != 12))
		wrong = "--account takes the 12 digits of an account id";
	if (id != NULL && !ownership_is_id(id))
		wrong = "an id has 1 to 20 lower-case letters, digits and hyphens";
	if (wrong != NULL)
		console_say("iam-policy: %s", wrong);
	return wrong == NULL ? 0 : EXIT_USAGE;
}

#define X(name, text, help) | POLICY_BIT(POLICY_##name)
static const uint32_t all_commands = 0 POLICY_COMMANDS(X);
#undef X
#define OWN                                                                                        \
	(POLICY_BIT(POLICY_OWN_BALANCER) | POLICY_BIT(POLICY_OWN_TARGET)                           \
	 | POLICY_BIT(POLICY_OWN_FILTER))

// What the flags alone say.
static struct policy_wants wants_of(const struct iam_policy_options *options) {
	struct policy_wants wants = {0};
	bool has_file = options->chosen.config != NULL;
	if (options->audience == FOR_APPLIANCE)
		return has_file ? wants : policy_wants_any_appliance();
	if (!has_file && options->features.n == 0)
		return policy_wants_everything();
	for (size_t i = 0; i < options->features.n; i++)
		wants.features |= POLICY_BIT(policy_feature_named(options->features.items[i]));
	if ((wants.features & all_commands) == 0)
		wants.features |= all_commands & ~POLICY_BIT(POLICY_WIZARD);
	if (!has_file)
		wants.features |= OWN;
	return wants;
}

static int add_deployment(struct maker *maker, const struct deployment *deployment) {
	int result = maker->options->audience == FOR_USER
		? policy_wants_add(&maker->wants, deployment, maker->arena)
		: policy_wants_add_appliances(&maker->wants, deployment, maker->arena);
	if (result == -EINVAL)
		console_say(
			"deployment '%s' is in another partition than those before it, where other "
			"accounts are; choose some with --deployment",
			deployment->id
		);
	else if (result < 0)
		return out_of_memory();
	return result < 0 ? EXIT_FAILURE : 0;
}

static int add_file(struct maker *maker) {
	const struct iam_policy_options *options = maker->options;
	int code = 0;
	if (options->chosen.config == NULL)
		return 0;
	if (!deployments_load(&options->chosen, options->common.region, NULL, &maker->deployments))
		return EXIT_FAILURE;
	for (size_t i = 0; code == 0 && i < maker->deployments.n; i++)
		code = add_deployment(maker, maker->deployments.items[i]);
	return code;
}

// What flags say more exactly than the file does.
static void add_flags(struct maker *maker) {
	const struct iam_policy_options *options = maker->options;
	struct policy_wants *wants = &maker->wants;
	if (options->common.region != NULL && options->chosen.config == NULL) {
		wants->lists[POLICY_REGIONS] =
			(struct shape_strings) {.items = &options->common.region, .n = 1};
		wants->partition = partition_of_region(options->common.region)->name;
	}
	if (options->chosen.id != NULL)
		wants->lists[POLICY_DEPLOYMENTS] =
			(struct shape_strings) {.items = &options->chosen.id, .n = 1};
	if (options->role != NULL)
		wants->lists[POLICY_ROLES] =
			(struct shape_strings) {.items = &options->role, .n = 1};
	if (options->parameters.n > 0) {
		wants->lists[POLICY_PARAMETERS] = options->parameters;
		wants->features |= POLICY_BIT(POLICY_SELF_PARAMETERS);
	}
	if (options->secrets.n > 0) {
		wants->lists[POLICY_SECRETS] = options->secrets;
		wants->features |= POLICY_BIT(POLICY_SELF_SECRETS);
	}
	wants->account = options->account;
}

static int ask_identity(struct maker *maker, struct sts_identity *ret, struct aws_error *error) {
	struct aws_connection connection;
	struct client *client = NULL;
	const struct shape_strings *regions = &maker->wants.lists[POLICY_REGIONS];
	const char *region = regions->n > 0 ? regions->items[0] : NULL;
	int result = aws_connection_open(&maker->options->common, &connection, error);
	if (result < 0)
		return result;
	result = aws_connection_client(&connection, region, &client, error);
	if (result == 0)
		result = sts_get_caller_identity(client, NULL, maker->arena, ret, error);
	aws_connection_client_free(client);
	aws_connection_close(&connection);
	return result;
}

// Account and partition of whoever asks, where there are credentials.
static void find_account(struct maker *maker) {
	struct aws_error error = {0};
	struct sts_identity identity;
	char why[1200];
	if (maker->options->account != NULL)
		return;
	int result = ask_identity(maker, &identity, &error);
	if (result == 0) {
		maker->wants.account = identity.account;
		const char *begin = identity.arn == NULL ? NULL : strchr(identity.arn, ':');
		if (maker->wants.partition == NULL && begin != NULL)
			maker->wants.partition =
				arena_strndup(maker->arena, begin + 1, strcspn(begin + 1, ":"));
	} else if (result != -ENOENT) { // which is to have no credentials or region
		aws_failure_text(result, &error, why, sizeof(why));
		console_say("the policy is for any account, as yours cannot be found out: %s", why);
	}
}

static int print_documents(const struct maker *maker, const struct shape_strings *documents) {
	int64_t part = maker->options->part;
	if (part > (int64_t)documents->n) {
		console_say(
			"iam-policy: --part %lld: there %s %zu",
			(long long)part,
			documents->n == 1 ? "is only" : "are only",
			documents->n
		);
		return EXIT_USAGE;
	}
	if (documents->n == 1 || part > 0) {
		printf("%s\n", documents->items[part > 0 ? part - 1 : 0]);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < documents->n; i++)
		printf("%s%s", i == 0 ? "[\n" : ",\n", documents->items[i]);
	printf("\n]\n");
	console_say(
		"these are %zu policies, as AWS allows %d characters in each; '--part N' prints "
		"one, and all of them must be attached",
		documents->n,
		POLICY_DOCUMENT_MAX
	);
	return EXIT_SUCCESS;
}

static void note_role(const struct maker *maker) {
	const struct shape_strings *roles = &maker->wants.lists[POLICY_ROLES];
	bool is_guess = maker->options->role == NULL && roles->n > 0
		&& maker->options->audience == FOR_USER;
	if (is_guess)
		console_say(
			"the role of instance profile '%s' is taken to have its name; if not, say "
			"--role NAME",
			roles->items[0]
		);
}

static int make(struct maker *maker) {
	struct policy_statements statements;
	struct shape_strings documents;
	int code = add_file(maker);
	if (code != 0)
		return code;
	add_flags(maker);
	if (maker->options->wants_trust) {
		const char *trust = policy_trust(&maker->wants, maker->arena);
		return trust == NULL ? out_of_memory() : (puts(trust), EXIT_SUCCESS);
	}
	find_account(maker);
	if (policy_statements(&maker->wants, maker->arena, &statements) < 0
	    || policy_documents(&statements, maker->arena, &documents) < 0)
		return out_of_memory();
	if (documents.n == 0) {
		console_say("no permission is needed: these appliances call nothing of AWS");
		return EXIT_SUCCESS;
	}
	code = print_documents(maker, &documents);
	if (code == EXIT_SUCCESS)
		note_role(maker);
	return code;
}

int iam_policy_main(int argc, char **argv) {
	struct iam_policy_options options = {0};
	struct arena arena = arena_empty();
	int code;
	if (aws_options_read(&command, argc, argv, &arena, &options, &code)) {
		struct maker maker = {.options = &options, .arena = &arena};
		code = check_options(&options);
		if (code == 0) {
			maker.wants = wants_of(&options);
			code = make(&maker);
		}
		deployments_release(&maker.deployments);
	}
	arena_release(&arena);
	return code;
}
