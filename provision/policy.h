#pragma once

// What IAM must allow, as data: which feature makes which call, on what, under which condition. Least
// privilege: what has no tags of ours can be read and mirrored, and nothing else be done to it; what is made
// must carry our tags. Policies, the statement that would allow a refused call, and the questions that are put
// to AWS's simulator all come from one table (policy_table.c). Sources: AWS's service authorization
// reference, and for load balancers "Elastic Load Balancing API permissions".

#include "deployment.h"
#include "error.h"

#include <stdbool.h>
#include <stdint.h>

// X(name, text, help): commands, then what is set up or mirrored with them.
#define POLICY_COMMANDS(X)                                                                         \
	X(PLAN, "plan", "look at what there is: plan, sessions list")                              \
	X(APPLY, "apply", "set up and change: apply, also the roll-back of a failed set-up")       \
	X(REFRESH, "refresh", "make, change and delete sessions as sources come and go")           \
	X(SESSIONS, "sessions", "remove sessions")                                                 \
	X(PAUSE, "pause", "pause and resume sessions")                                             \
	X(DOCTOR, "doctor", "find out why nothing arrives")                                        \
	X(ESTIMATE, "estimate", "read prices")                                                     \
	X(DESTROY, "destroy", "take everything away again")                                        \
	X(WIZARD, "setup-aws", "choose interactively from what the account has")
#define POLICY_TRAITS(X)                                                                           \
	X(ECS, "ecs", "ECS services as sources")                                                   \
	X(LB, "lb", "load balancers as sources")                                                   \
	X(ASG, "asg", "Auto Scaling groups as sources")                                            \
	X(INSTANCES, "appliances", "launch appliances as single instances")                        \
	X(GROUP, "auto-scaling", "launch appliances in an Auto Scaling group")
#define POLICY_FEATURES(X) POLICY_COMMANDS(X) POLICY_TRAITS(X)

enum policy_feature {
#define X(name, text, help) POLICY_##name,
	POLICY_FEATURES(X)
#undef X
	// Not chosen by name. What an appliance itself does:
	POLICY_SELF_REGISTER, // its data interface's address with the target group
	POLICY_SELF_PARAMETERS, // read them
	POLICY_SELF_SECRETS,
	// How it is set up:
	POLICY_OWN_BALANCER, // the load balancer is made, not given
	POLICY_OWN_TARGET,
	POLICY_OWN_FILTER,
	POLICY_REGISTERS, // appliances that do not register themselves
	POLICY_IMAGE_PARAMETER, // the appliances' image is named by a parameter
	POLICY_N_FEATURES,
};

#define POLICY_BIT(feature) (UINT32_C(1) << (feature))

// What narrows resources down, as far as it is known.
enum policy_list {
	POLICY_REGIONS, // none: all
	POLICY_DEPLOYMENTS, // ids; none: all that this tool makes
	POLICY_VPCS, // where security groups are made; none: all
	POLICY_CLUSTERS, // names, of ECS sources; none: all
	POLICY_ROLES, // names, of instance profiles; none: "metlo-*"
	POLICY_PARAMETERS, // of SSM, without the slash at the front; none: "metlo/*"
	POLICY_SECRETS, // names; none: "metlo/*"
	POLICY_FILTERS, // that exist and are used: ids; none: none. The same for all below.
	POLICY_TARGETS,
	POLICY_BALANCERS, // "NAME/ID", the end of their ARN
	POLICY_GROUPS, // security groups
	POLICY_N_LISTS,
};

struct policy_wants {
	uint32_t features; // POLICY_BIT()s
	const char *partition; // NULL: "aws"
	const char *account; // NULL: "*"
	struct shape_strings lists[POLICY_N_LISTS];
};

// Everything that this tool can do, wherever.
struct policy_wants policy_wants_everything(void);

// Adds what a deployment is, not what is done with it: lists, traits and the partition. -ENOMEM;
// -EINVAL where it is in another partition than what is there already.
int policy_wants_add(
	struct policy_wants *wants,
	const struct deployment *deployment,
	struct arena *arena
);

// What the appliances of a deployment call themselves: they register with DPDK, and read the parameters and
// secrets that their user data names ("ssm:NAME", "secretsmanager:NAME"; any of "metlo/" where there is no user
// data). Adds that and nothing else.
int policy_wants_add_appliances(
	struct policy_wants *wants,
	const struct deployment *deployment,
	struct arena *arena
);

// The same of every appliance there might be.
struct policy_wants policy_wants_any_appliance(void);

// A command or trait by its text; POLICY_N_FEATURES where there is none.
enum policy_feature policy_feature_named(const char *text);

struct policy_condition {
	const char *operator; // "StringEquals"
	const char *key; // "aws:ResourceTag/metlo:managed"
	struct shape_strings values;
};

struct policy_statement {
	const char *sid;
	struct shape_strings actions;
	struct shape_strings resources;
	struct policy_condition *conditions;
	size_t n_conditions;
};

struct policy_statements {
	struct policy_statement *items;
	size_t n;
};

// All statements that the wanted features need. Texts live in 'arena'. -ENOMEM.
int policy_statements(
	const struct policy_wants *wants,
	struct arena *arena,
	struct policy_statements *ret_statements
);

// The same one call at a time: each has a single action with exactly its resources, and the conditions are
// what is true of such a call (the context that the policy simulator must be told).
int policy_needs(
	const struct policy_wants *wants,
	struct arena *arena,
	struct policy_statements *ret_needs
);

// Of a managed policy, in characters that are not white space.
#define POLICY_DOCUMENT_MAX 6144

// Policy documents as indented JSON, each at most so long. -ENOMEM.
int policy_documents(
	const struct policy_statements *statements,
	struct arena *arena,
	struct shape_strings *ret_documents
);

// Who may take a role on: "ec2.amazonaws.com", in every partition. NULL without memory.
const char *policy_trust(const struct policy_wants *wants, struct arena *arena);

// A call that AWS refused for want of a permission. The action is often another than the call's: a tag on
// something new needs ec2:CreateTags, a first load balancer iam:CreateServiceLinkedRole.
struct policy_denial {
	const char *call; // "ec2:CreateTrafficMirrorFilter"
	const char *action;
	const char *resource; // NULL: AWS does not say
	bool is_explicit; // some policy forbids it, so that allowing it elsewhere does not help
	const char *forbidden_by; // "a service control policy"; NULL: AWS does not say
};

// false where the error is none of this kind, or memory is short.
bool policy_denial_read(
	const struct aws_error *error,
	struct arena *arena,
	struct policy_denial *ret_denial
);

// The statements that would allow what was refused: partition, region and account are those of the
// resource where 'wants' does not tell them. 'wants' may be NULL. An action that is not in the table is
// allowed on that resource alone. -ENOMEM.
int policy_statements_for(
	const struct policy_denial *denial,
	const struct policy_wants *wants,
	struct arena *arena,
	struct policy_statements *ret_statements
);

// The same as JSON in one line: an object, or a list of them. NULL without memory.
const char *policy_statement_for_denial(
	const struct policy_denial *denial,
	const struct policy_wants *wants,
	struct arena *arena
);

// Of an action that was not refused in a call but asked about. 'resource' may be NULL.
const char *policy_statement_for(
	const char *action,
	const char *resource,
	const struct policy_wants *wants,
	struct arena *arena
);
