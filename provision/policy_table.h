#pragma once

// The table behind policy.h.

#include "policy.h"

// Where a statement's resources are. The '%' of the path is each item of the list.
struct policy_resource {
	const char *service; // NULL: "*"
	const char *path;
	const char *
		otherwise; // for an empty list: what stands for '%'; NULL: there is no such resource
	enum policy_list list;
};

// X(name, service, path, list, otherwise)
#define POLICY_RESOURCES(X)                                                                        \
	X(INTERFACE, "ec2", "network-interface/*", POLICY_N_LISTS, NULL)                           \
	X(FILTER, "ec2", "traffic-mirror-filter/*", POLICY_N_LISTS, NULL)                          \
	X(RULE, "ec2", "traffic-mirror-filter-rule/*", POLICY_N_LISTS, NULL)                       \
	X(TARGET, "ec2", "traffic-mirror-target/*", POLICY_N_LISTS, NULL)                          \
	X(SESSION, "ec2", "traffic-mirror-session/*", POLICY_N_LISTS, NULL)                        \
	X(GROUP, "ec2", "security-group/*", POLICY_N_LISTS, NULL)                                  \
	X(TEMPLATE, "ec2", "launch-template/*", POLICY_N_LISTS, NULL)                              \
	X(INSTANCE, "ec2", "instance/*", POLICY_N_LISTS, NULL)                                     \
	X(VOLUME, "ec2", "volume/*", POLICY_N_LISTS, NULL)                                         \
	X(SUBNET, "ec2", "subnet/*", POLICY_N_LISTS, NULL)                                         \
	X(KEY, "ec2", "key-pair/*", POLICY_N_LISTS, NULL)                                          \
	X(IMAGE, "ec2", "image/*", POLICY_N_LISTS, NULL)                                           \
	X(VPC, "ec2", "vpc/%", POLICY_VPCS, "*")                                                   \
	X(EXISTING_FILTER, "ec2", "traffic-mirror-filter/%", POLICY_FILTERS, NULL)                 \
	X(EXISTING_TARGET, "ec2", "traffic-mirror-target/%", POLICY_TARGETS, NULL)                 \
	X(EXISTING_GROUP, "ec2", "security-group/%", POLICY_GROUPS, NULL)                          \
	X(BALANCER, ELB, "loadbalancer/net/metlo-%/*", POLICY_DEPLOYMENTS, "*")                    \
	X(LISTENER, ELB, "listener/net/metlo-%/*", POLICY_DEPLOYMENTS, "*")                        \
	X(TARGETS, ELB, "targetgroup/metlo-%/*", POLICY_DEPLOYMENTS, "*")                          \
	X(EXISTING_BALANCER, ELB, "loadbalancer/net/%", POLICY_BALANCERS, NULL)                    \
	X(EXISTING_LISTENER, ELB, "listener/net/%/*", POLICY_BALANCERS, NULL)                      \
	X(SCALING,                                                                                 \
	  "autoscaling",                                                                           \
	  "autoScalingGroup:*:autoScalingGroupName/metlo-%",                                       \
	  POLICY_DEPLOYMENTS,                                                                      \
	  "*")                                                                                     \
	X(CLUSTER, "ecs", "cluster/%", POLICY_CLUSTERS, "*")                                       \
	X(SERVICE, "ecs", "service/%/*", POLICY_CLUSTERS, "*")                                     \
	X(TASK, "ecs", "task/%/*", POLICY_CLUSTERS, "*")                                           \
	X(CONTAINER_INSTANCE, "ecs", "container-instance/%/*", POLICY_CLUSTERS, "*")               \
	X(PARAMETER, "ssm", "parameter/%", POLICY_PARAMETERS, "metlo/*")                           \
	X(SECRET, "secretsmanager", "secret:%-??????", POLICY_SECRETS, "metlo/*")                  \
	X(ROLE, "iam", "role/%", POLICY_ROLES, "metlo-*")                                          \
	X(ANY_ROLE, "iam", "role/*", POLICY_N_LISTS, NULL)                                         \
	X(ANY_USER, "iam", "user/*", POLICY_N_LISTS, NULL)                                         \
	X(BALANCING_ROLE, "iam", LINKED_ROLE("elasticloadbalancing"), POLICY_N_LISTS, NULL)        \
	X(SCALING_ROLE, "iam", LINKED_ROLE("autoscaling"), POLICY_N_LISTS, NULL)

enum policy_resource_id {
#define X(name, service, path, list, otherwise) POLICY_ON_##name,
	POLICY_RESOURCES(X)
#undef X
	POLICY_N_RESOURCES,
};

#define POLICY_ON(resource) (UINT64_C(1) << POLICY_ON_##resource)
#define POLICY_ON_ANYTHING UINT64_C(0)

extern const struct policy_resource policy_resources[];

// What must be true besides.
enum policy_when {
	POLICY_ALWAYS,
	POLICY_OURS, // the resource has our tags
	POLICY_MAKING, // the request gives our tags
	POLICY_TAGGING, // likewise, by a call of EC2 that makes the resource
	POLICY_TAGGING_BALANCING, // likewise, of ELB
	POLICY_IN_CLUSTER, // in one of the clusters that are known
	POLICY_FROM_TEMPLATE, // launched from a template
	POLICY_TO_EC2, // the role is passed to EC2
	POLICY_FOR_SERVICE, // the service's own role
	POLICY_VIA_STORE, // decrypted for Secrets Manager or SSM
};

// X(sid, when): a statement each; actions are put together only where none of them is widened by
// the resources of another.
#define POLICY_RULES(X)                                                                            \
	X(Look, ALWAYS)                                                                            \
	X(LookIntoClusters, IN_CLUSTER)                                                            \
	X(LookAtClusters, ALWAYS)                                                                  \
	X(ReadParameters, ALWAYS)                                                                  \
	X(ReadSecrets, ALWAYS)                                                                     \
	X(Decrypt, VIA_STORE)                                                                      \
	X(MirrorInterfaces, ALWAYS)                                                                \
	X(MakeSessions, MAKING)                                                                    \
	X(WriteRules, ALWAYS)                                                                      \
	X(MakeOurs, MAKING)                                                                        \
	X(UseNetwork, ALWAYS)                                                                      \
	X(LaunchOurs, MAKING)                                                                      \
	X(LaunchFromTemplates, FROM_TEMPLATE)                                                      \
	X(TagWhatIsMade, TAGGING)                                                                  \
	X(ChangeOurs, OURS)                                                                        \
	X(MakeBalancing, MAKING)                                                                   \
	X(TagBalancing, TAGGING_BALANCING)                                                         \
	X(ChangeBalancing, OURS)                                                                   \
	X(UseBalancer, ALWAYS)                                                                     \
	X(MakeScaling, MAKING)                                                                     \
	X(ChangeScaling, OURS)                                                                     \
	X(PassRole, TO_EC2)                                                                        \
	X(MakeServiceRoles, FOR_SERVICE)                                                           \
	X(Simulate, ALWAYS)

enum policy_rule_id {
#define X(sid, when) POLICY_RULE_##sid,
	POLICY_RULES(X)
#undef X
	POLICY_N_RULES,
};

struct policy_rule {
	const char *sid;
	enum policy_when when;
};

extern const struct policy_rule policy_rules[];

struct policy_row {
	const char *action;
	const char *by; // of tagging: the call that makes what is tagged. Of a role: its service.
	uint64_t resources;
	uint32_t commands; // any of these
	uint32_t traits; // and any of these; 0: whatever else
	enum policy_rule_id rule;
};

extern const struct policy_row policy_rows[];
extern const size_t policy_n_rows;
