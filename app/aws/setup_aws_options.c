// The flags of setup-aws: one for each answer.

#include "setup_aws.h"

#define T struct setup_options

#define COUNT_MAX 1000

const char *const setup_lb_modes[] = {"targets", "enis", "auto", NULL};
const char *const setup_modes[] = {"dpdk", "kernel", NULL};

static const struct aws_option rows[] = {
	AWS_OPTION_LETTER(T, config, "config", 'f', "FILE", "take all answers from a fleet's file"),
	AWS_OPTION_TEXT(T, only, "deployment", "ID", "of that file only this one"),

	AWS_OPTION_TEXT(T, vpc, "vpc", "ID", "where the load balancer and the appliances are"),
	AWS_OPTION_TEXTS(
		T,
		sources,
		"source",
		"KIND/ID",
		"mirror this: instance/, eni/, ecs/CLUSTER/, lb/, tag/K=V,K=V, subnet/, vpc/, asg/"
	),
	AWS_OPTION_FLAG(
		T,
		is_primary_only,
		"primary-only",
		"of an instance's interfaces only the first"
	),
	AWS_OPTION_CHOICE(
		T,
		lb_mode,
		"lb-mode",
		setup_lb_modes,
		"of a load balancer its targets, or its own"
	),
	AWS_OPTION_TEXTS(T, source_vpcs, "source-vpc", "ID", "where selectors look besides"),
	AWS_OPTION_TEXTS(T, source_cidrs, "source-cidr", "CIDR", "who may send mirrored traffic"),

	AWS_OPTION_FLAG(T, takes_everything, "everything", "mirror all TCP and UDP (the preset)"),
	AWS_OPTION_TEXTS(
		T,
		server_ports,
		"server-port",
		"PORT,...",
		"mirror only servers on these TCP ports"
	),
	AWS_OPTION_TEXTS(
		T,
		rules,
		"rule",
		"RULE",
		"mirror what rules accept; see below; order counts"
	),
	AWS_OPTION_TEXT(T, existing_filter, "existing-filter", "ID", "use this filter as it is"),
	AWS_OPTION_FLAG(T, mirrors_dns, "mirror-dns", "queries to Amazon's resolver, too"),

	AWS_OPTION_CHOICE(T, mode, "mode", setup_modes, "how appliances capture"),
	AWS_OPTION_TEXT(T, image, "ami", "ID", "launch appliances from this image"),
	AWS_OPTION_TEXT(
		T,
		image_parameter,
		"ami-parameter",
		"NAME",
		"or from the one in this SSM parameter"
	),
	AWS_OPTION_TEXT(T, instance_type, "instance-type", "TYPE", "of new appliances"),
	AWS_OPTION_NUMBER(T, count, "count", "N", 1, COUNT_MAX, "of new appliances"),
	AWS_OPTION_FLAG(T, is_scaling_group, "auto-scaling", "in an Auto Scaling group"),
	AWS_OPTION_NUMBER(T, count_max, "max", "N", 1, COUNT_MAX, "of the group at most"),
	AWS_OPTION_TEXT(
		T,
		instance_profile,
		"instance-profile",
		"NAME",
		"of new appliances; dpdk needs it"
	),
	AWS_OPTION_TEXT(T, key_name, "key-name", "NAME", "key pair of new appliances"),
	AWS_OPTION_TEXT(T, user_data, "user-data", "FILE", "configuration of new appliances"),
	AWS_OPTION_TEXTS(
		T,
		appliances,
		"appliance",
		"ID|ADDRESS",
		"use this one: an instance, with dpdk the address of its data interface"
	),
	AWS_OPTION_TEXT(T, existing_target, "existing-target", "ID", "use this mirror target"),
	AWS_OPTION_TEXT(
		T,
		existing_balancer,
		"existing-load-balancer",
		"ARN",
		"use this load balancer"
	),
	AWS_OPTION_FLAG(T, has_no_appliances, "no-appliances", "they are added later"),
	AWS_OPTION_TEXTS(T, subnets, "subnet", "ID", "of the load balancer; else one in each zone"),
	AWS_OPTION_TEXT(T, health_protocol, "health-protocol", "TCP|HTTP|HTTPS", "health check"),
	AWS_OPTION_NUMBER(T, health_port, "health-port", "PORT", 1, UINT16_MAX, "health check"),
	AWS_OPTION_TEXT(T, health_path, "health-path", "PATH", "health check by HTTP"),

	AWS_OPTION_TEXT(T, id, "id", "ID", "what the deployment is called"),
	AWS_OPTION_NUMBER(
		T,
		session_number,
		"session-number",
		"N",
		1,
		EC2_MIRROR_SESSION_NUMBER_MAX,
		"else the lowest free one"
	),
	AWS_OPTION_TEXT(T, vni, "vni", "N|random|per-source", "VXLAN network identifier"),
	AWS_OPTION_NUMBER(
		T,
		packet_length,
		"packet-length",
		"BYTES",
		1,
		EC2_MIRROR_PACKET_LENGTH_MAX,
		"cut packets to it"
	),
	AWS_OPTION_TEXTS(T, tags, "tag", "KEY=VALUE", "of all that is made"),
	AWS_OPTION_TEXTS(
		T,
		extra_types,
		"allow-instance-type",
		"TYPE",
		"try these sources though AWS does not list them"
	),
	AWS_OPTION_FLAG(
		T,
		allows_starved,
		"allow-starved",
		"also where another session takes all traffic"
	),

	AWS_OPTION_TEXT(T, save, "save", "FILE", "write the answers to it, for 'apply -f'"),
	AWS_OPTION_FLAG(T, is_dry_run, "dry-run", "show the plan and its cost, change nothing"),
	AWS_OPTION_FLAG(T, is_sure, "yes", "do it without a question"),
	AWS_OPTION_FLAG(T, keeps_partial, "keep", "keep what was made where it fails"),
};

const struct aws_command setup_command = {
	.name = "setup-aws",
	.help = "Sets traffic mirroring up: asks what to mirror and where to send it, shows the "
		"plan "
		"and its\ncost, and does it. Every answer has an option; with all of them nothing "
		"is "
		"asked.",
	.usage = "[OPTION...]",
	AWS_COMMAND_ROWS(rows),
	.notes =
		"Needed where nobody can be asked: --region (or AWS_REGION), --vpc, --source, "
		"--id, "
		"one of\n--ami, --ami-parameter, --appliance, --existing-target, "
		"--existing-load-balancer and\n--no-appliances, and --yes or --dry-run.\n\n"
		"RULE: [accept|reject] [ingress|egress] [tcp|udp|icmp|NUMBER] [from CIDR|any [port "
		"PORTS]]\n      [to CIDR|any [port PORTS]], such as 'accept tcp to any port "
		"8000-8080'\n\n"
		"In lists: type to filter, arrows to move, space to choose several, Enter to "
		"confirm, Esc "
		"to\ngo back.\n\n"
		"Ctrl-C before the plan is confirmed: nothing was made. After that: it says what "
		"exists.\n\n"
		"Exit codes: 0 done, 1 failed or not confirmed, 2 wrong options, 130 after Ctrl-C.",
};
