#include "policy_table.h"

#define ELB "elasticloadbalancing"
#define LINKED_ROLE(name) "role/aws-service-role/" name ".amazonaws.com/*"

const struct policy_resource policy_resources[] = {
#define X(name, service_, path_, list_, otherwise_)                                                \
	[POLICY_ON_##name] = {                                                                     \
		.service = (service_),                                                             \
		.path = (path_),                                                                   \
		.list = (list_),                                                                   \
		.otherwise = (otherwise_),                                                         \
	},
	POLICY_RESOURCES(X)
#undef X
};

const struct policy_rule policy_rules[] = {
#define X(sid_, when_) [POLICY_RULE_##sid_] = {.sid = #sid_, .when = POLICY_##when_},
	POLICY_RULES(X)
#undef X
};

#define B(feature) POLICY_BIT(POLICY_##feature)
#define X(name, text, help) | B(name)
#define ALL (0 POLICY_COMMANDS(X))
#define MAKE (B(APPLY) | B(WIZARD))
#define GO (MAKE | B(DESTROY))
#define FLOW (MAKE | B(REFRESH) | B(PAUSE)) // makes and changes sessions
#define CEASE (FLOW | B(SESSIONS) | B(DESTROY)) // deletes sessions
#define LAUNCH (B(INSTANCES) | B(GROUP))
#define ON(resource) POLICY_ON(resource)

#define ROW(rule_, action_, resources_, commands_, traits_)                                        \
	{                                                                                          \
		.rule = POLICY_RULE_##rule_, .action = (action_), .resources = (resources_),       \
		.commands = (commands_), .traits = (traits_)                                       \
	}
#define ROW_BY(rule_, action_, by_, resources_, commands_, traits_)                                \
	{                                                                                          \
		.rule = POLICY_RULE_##rule_, .action = (action_), .resources = (resources_),       \
		.commands = (commands_), .traits = (traits_), .by = (by_)                          \
	}
#define LOOK(action_, commands_) ROW(Look, action_, POLICY_ON_ANYTHING, commands_, 0)

const struct policy_row policy_rows[] = {
	LOOK("ec2:DescribeInstances", ALL | B(SELF_REGISTER)),
	ROW(Look, "ec2:DescribeLaunchTemplateVersions", POLICY_ON_ANYTHING, ALL, B(GROUP)),
	LOOK("ec2:DescribeLaunchTemplates", ALL),
	LOOK("ec2:DescribeNetworkInterfaces", ALL),
	LOOK("ec2:DescribeRegions", B(WIZARD)),
	LOOK("ec2:DescribeSecurityGroups", ALL),
	LOOK("ec2:DescribeSubnets", ALL | B(SELF_REGISTER)),
	LOOK("ec2:DescribeTrafficMirrorFilters", ALL),
	LOOK("ec2:DescribeTrafficMirrorSessions", ALL),
	LOOK("ec2:DescribeTrafficMirrorTargets", ALL),
	LOOK("ec2:DescribeVpcs", ALL | B(SELF_REGISTER)),
	LOOK(ELB ":DescribeListeners", ALL),
	LOOK(ELB ":DescribeLoadBalancerAttributes", ALL),
	LOOK(ELB ":DescribeLoadBalancers", ALL),
	LOOK(ELB ":DescribeTags", ALL),
	LOOK(ELB ":DescribeTargetGroupAttributes", ALL),
	LOOK(ELB ":DescribeTargetGroups", ALL),
	LOOK(ELB ":DescribeTargetHealth", ALL | B(SELF_REGISTER)),
	LOOK("autoscaling:DescribeAutoScalingGroups", ALL),
	LOOK("pricing:GetProducts", B(PLAN) | MAKE | B(REFRESH) | B(ESTIMATE) | B(DESTROY)),

	// What ELB asks for of the caller when it makes a load balancer, and when it registers targets.
	LOOK("ec2:DescribeAccountAttributes", MAKE),
	LOOK("ec2:DescribeAddresses", MAKE),
	LOOK("ec2:DescribeInternetGateways", MAKE | B(SELF_REGISTER)),
	ROW(Look, "ec2:DescribeInternetGateways", POLICY_ON_ANYTHING, B(REFRESH), B(REGISTERS)),

	LOOK("ec2:DescribeInstanceTypes", B(DOCTOR)),
	LOOK("ec2:DescribeNetworkAcls", B(DOCTOR)),
	LOOK("ec2:DescribeRouteTables", B(DOCTOR)),
	LOOK("ec2:DescribeVpcPeeringConnections", B(DOCTOR)),
	LOOK("cloudwatch:GetMetricData", B(DOCTOR) | B(ESTIMATE)),
	LOOK("servicequotas:GetAWSDefaultServiceQuota", B(DOCTOR)),
	LOOK("servicequotas:GetServiceQuota", B(DOCTOR)),
	ROW(Simulate, "iam:GetRole", ON(ANY_ROLE), B(DOCTOR), 0),
	ROW(Simulate, "iam:SimulatePrincipalPolicy", ON(ANY_ROLE) | ON(ANY_USER), B(DOCTOR), 0),

	LOOK("ecs:ListClusters", B(WIZARD)),
	ROW(LookIntoClusters, "ecs:ListServices", POLICY_ON_ANYTHING, B(WIZARD), 0),
	ROW(LookIntoClusters, "ecs:ListTasks", POLICY_ON_ANYTHING, ALL, B(ECS)),
	ROW(LookAtClusters, "ecs:DescribeServices", ON(SERVICE), B(WIZARD), 0),
	ROW(LookAtClusters, "ecs:DescribeTasks", ON(TASK), ALL, B(ECS)),
	ROW(LookAtClusters, "ecs:DescribeContainerInstances", ON(CONTAINER_INSTANCE), ALL, B(ECS)),

	// Sessions. One touches its interface, filter, target and itself.
	ROW(MirrorInterfaces, "ec2:CreateTrafficMirrorSession", ON(INTERFACE), FLOW, 0),
	ROW(MirrorInterfaces, "ec2:CreateTrafficMirrorSession", ON(EXISTING_FILTER), FLOW, 0),
	ROW(MirrorInterfaces, "ec2:CreateTrafficMirrorSession", ON(EXISTING_TARGET), FLOW, 0),
	ROW(MirrorInterfaces, "ec2:ModifyTrafficMirrorSession", ON(EXISTING_FILTER), FLOW, 0),
	ROW(MirrorInterfaces, "ec2:ModifyTrafficMirrorSession", ON(EXISTING_TARGET), FLOW, 0),
	ROW(MakeSessions, "ec2:CreateTrafficMirrorSession", ON(SESSION), FLOW, 0),
	ROW_BY(TagWhatIsMade, "ec2:CreateTags", "CreateTrafficMirrorSession", ON(SESSION), FLOW, 0),
	ROW(ChangeOurs, "ec2:CreateTrafficMirrorSession", ON(FILTER), FLOW, B(OWN_FILTER)),
	ROW(ChangeOurs, "ec2:CreateTrafficMirrorSession", ON(TARGET), FLOW, B(OWN_TARGET)),
	ROW(ChangeOurs, "ec2:ModifyTrafficMirrorSession", ON(SESSION), FLOW, 0),
	ROW(ChangeOurs, "ec2:ModifyTrafficMirrorSession", ON(FILTER), FLOW, B(OWN_FILTER)),
	ROW(ChangeOurs, "ec2:ModifyTrafficMirrorSession", ON(TARGET), FLOW, B(OWN_TARGET)),
	ROW(ChangeOurs, "ec2:CreateTags", ON(SESSION), FLOW, 0),
	ROW(ChangeOurs, "ec2:DeleteTrafficMirrorSession", ON(SESSION), CEASE, 0),

	ROW(ChangeOurs,
	    "ec2:CreateTags",
	    ON(FILTER) | ON(TARGET),
	    FLOW,
	    B(OWN_FILTER) | B(OWN_TARGET)),
	ROW(ChangeOurs,
	    "ec2:DeleteTags",
	    ON(FILTER) | ON(TARGET),
	    FLOW,
	    B(OWN_FILTER) | B(OWN_TARGET)),

	// Filter and target.
	ROW(MakeOurs, "ec2:CreateTrafficMirrorFilter", ON(FILTER), MAKE, B(OWN_FILTER)),
	ROW_BY(TagWhatIsMade,
	       "ec2:CreateTags",
	       "CreateTrafficMirrorFilter",
	       ON(FILTER),
	       MAKE,
	       B(OWN_FILTER)),
	ROW(ChangeOurs, "ec2:CreateTrafficMirrorFilterRule", ON(FILTER), MAKE, B(OWN_FILTER)),
	ROW(WriteRules, "ec2:CreateTrafficMirrorFilterRule", ON(RULE), MAKE, B(OWN_FILTER)),
	ROW(ChangeOurs, "ec2:DeleteTrafficMirrorFilterRule", ON(FILTER), GO, B(OWN_FILTER)),
	ROW(WriteRules, "ec2:DeleteTrafficMirrorFilterRule", ON(RULE), GO, B(OWN_FILTER)),
	ROW(ChangeOurs,
	    "ec2:ModifyTrafficMirrorFilterNetworkServices",
	    ON(FILTER),
	    MAKE,
	    B(OWN_FILTER)),
	ROW(ChangeOurs, "ec2:DeleteTrafficMirrorFilter", ON(FILTER), GO, B(OWN_FILTER)),
	ROW(MakeOurs, "ec2:CreateTrafficMirrorTarget", ON(TARGET), MAKE, B(OWN_TARGET)),
	ROW_BY(TagWhatIsMade,
	       "ec2:CreateTags",
	       "CreateTrafficMirrorTarget",
	       ON(TARGET),
	       MAKE,
	       B(OWN_TARGET)),
	ROW(ChangeOurs, "ec2:DeleteTrafficMirrorTarget", ON(TARGET), GO, B(OWN_TARGET)),

	// Security groups.
	ROW(MakeOurs, "ec2:CreateSecurityGroup", ON(GROUP), MAKE, B(OWN_TARGET)),
	ROW(UseNetwork, "ec2:CreateSecurityGroup", ON(VPC), MAKE, B(OWN_TARGET)),
	ROW_BY(TagWhatIsMade,
	       "ec2:CreateTags",
	       "CreateSecurityGroup",
	       ON(GROUP),
	       MAKE,
	       B(OWN_TARGET)),
	ROW(ChangeOurs, "ec2:AuthorizeSecurityGroupIngress", ON(GROUP), MAKE, B(OWN_TARGET)),
	ROW(ChangeOurs, "ec2:DeleteSecurityGroup", ON(GROUP), GO, B(OWN_TARGET)),

	// Load balancer, target group, listener.
	ROW(MakeBalancing, ELB ":CreateLoadBalancer", ON(BALANCER), MAKE, B(OWN_BALANCER)),
	ROW_BY(TagBalancing,
	       ELB ":AddTags",
	       "CreateLoadBalancer",
	       ON(BALANCER),
	       MAKE,
	       B(OWN_BALANCER)),
	ROW(ChangeBalancing,
	    ELB ":ModifyLoadBalancerAttributes",
	    ON(BALANCER),
	    MAKE,
	    B(OWN_BALANCER)),
	ROW(ChangeBalancing, ELB ":DeleteLoadBalancer", ON(BALANCER), GO, B(OWN_BALANCER)),
	ROW(MakeBalancing, ELB ":CreateTargetGroup", ON(TARGETS), MAKE, B(OWN_TARGET)),
	ROW_BY(TagBalancing, ELB ":AddTags", "CreateTargetGroup", ON(TARGETS), MAKE, B(OWN_TARGET)),
	ROW(ChangeBalancing, ELB ":ModifyTargetGroup", ON(TARGETS), MAKE, B(OWN_TARGET)),
	ROW(ChangeBalancing, ELB ":ModifyTargetGroupAttributes", ON(TARGETS), MAKE, B(OWN_TARGET)),
	ROW(ChangeBalancing, ELB ":RegisterTargets", ON(TARGETS), MAKE | B(REFRESH), B(REGISTERS)),
	ROW(ChangeBalancing, ELB ":RegisterTargets", ON(TARGETS), B(SELF_REGISTER), 0),
	ROW(ChangeBalancing, ELB ":DeregisterTargets", ON(TARGETS), B(SELF_REGISTER), 0),
	ROW(ChangeBalancing, ELB ":DeleteTargetGroup", ON(TARGETS), GO, B(OWN_TARGET)),
	ROW(ChangeBalancing, ELB ":CreateListener", ON(BALANCER), MAKE, B(OWN_BALANCER)),
	ROW(UseBalancer, ELB ":CreateListener", ON(EXISTING_BALANCER), MAKE, 0),
	ROW_BY(TagBalancing, ELB ":AddTags", "CreateListener", ON(LISTENER), MAKE, B(OWN_BALANCER)),
	ROW_BY(TagBalancing, ELB ":AddTags", "CreateListener", ON(EXISTING_LISTENER), MAKE, 0),
	ROW(ChangeBalancing, ELB ":ModifyListener", ON(LISTENER), MAKE, B(OWN_BALANCER)),
	ROW(ChangeBalancing, ELB ":ModifyListener", ON(EXISTING_LISTENER), MAKE, 0),
	ROW(ChangeBalancing, ELB ":DeleteListener", ON(LISTENER), GO, B(OWN_BALANCER)),
	ROW(ChangeBalancing, ELB ":DeleteListener", ON(EXISTING_LISTENER), GO, 0),
	ROW_BY(MakeServiceRoles,
	       "iam:CreateServiceLinkedRole",
	       "elasticloadbalancing.amazonaws.com",
	       ON(BALANCING_ROLE),
	       MAKE,
	       B(OWN_BALANCER)),

	// Appliances.
	ROW(ReadParameters, "ssm:GetParameter", ON(PARAMETER), ALL, B(IMAGE_PARAMETER)),
	ROW(LaunchOurs,
	    "ec2:RunInstances",
	    ON(INSTANCE) | ON(VOLUME) | ON(INTERFACE),
	    MAKE,
	    B(INSTANCES)),
	ROW(LaunchFromTemplates,
	    "ec2:RunInstances",
	    ON(INSTANCE) | ON(VOLUME) | ON(INTERFACE),
	    MAKE,
	    B(GROUP)),
	ROW(UseNetwork,
	    "ec2:RunInstances",
	    ON(SUBNET) | ON(IMAGE) | ON(KEY) | ON(EXISTING_GROUP),
	    MAKE,
	    LAUNCH),
	ROW(ChangeOurs, "ec2:RunInstances", ON(GROUP), MAKE, LAUNCH),
	ROW(ChangeOurs, "ec2:RunInstances", ON(TEMPLATE), MAKE, B(GROUP)),
	ROW_BY(TagWhatIsMade,
	       "ec2:CreateTags",
	       "RunInstances",
	       ON(INSTANCE) | ON(VOLUME) | ON(INTERFACE),
	       MAKE,
	       LAUNCH),
	ROW(ChangeOurs, "ec2:TerminateInstances", ON(INSTANCE), GO, LAUNCH),
	ROW(MakeOurs, "ec2:CreateLaunchTemplate", ON(TEMPLATE), MAKE, B(GROUP)),
	ROW_BY(TagWhatIsMade, "ec2:CreateTags", "CreateLaunchTemplate", ON(TEMPLATE), MAKE, B(GROUP)
	),
	ROW(ChangeOurs, "ec2:CreateLaunchTemplateVersion", ON(TEMPLATE), MAKE, B(GROUP)),
	ROW(ChangeOurs, "ec2:ModifyLaunchTemplate", ON(TEMPLATE), MAKE, B(GROUP)),
	ROW(ChangeOurs, "ec2:DeleteLaunchTemplate", ON(TEMPLATE), GO, B(GROUP)),
	ROW(MakeScaling, "autoscaling:CreateAutoScalingGroup", ON(SCALING), MAKE, B(GROUP)),
	ROW(MakeScaling, "autoscaling:CreateOrUpdateTags", ON(SCALING), MAKE, B(GROUP)),
	ROW(ChangeScaling, "autoscaling:UpdateAutoScalingGroup", ON(SCALING), MAKE, B(GROUP)),
	ROW(ChangeScaling, "autoscaling:StartInstanceRefresh", ON(SCALING), MAKE, B(GROUP)),
	ROW(ChangeScaling, "autoscaling:DeleteAutoScalingGroup", ON(SCALING), GO, B(GROUP)),
	ROW(PassRole, "iam:PassRole", ON(ROLE), MAKE, LAUNCH),
	ROW_BY(MakeServiceRoles,
	       "iam:CreateServiceLinkedRole",
	       "autoscaling.amazonaws.com",
	       ON(SCALING_ROLE),
	       MAKE,
	       B(GROUP)),

	// The appliance's own.
	ROW(ReadParameters, "ssm:GetParameter", ON(PARAMETER), B(SELF_PARAMETERS), 0),
	ROW(ReadSecrets, "secretsmanager:GetSecretValue", ON(SECRET), B(SELF_SECRETS), 0),
	ROW(Decrypt, "kms:Decrypt", POLICY_ON_ANYTHING, B(SELF_PARAMETERS) | B(SELF_SECRETS), 0),
};
#undef X

const size_t policy_n_rows = sizeof(policy_rows) / sizeof(policy_rows[0]);
