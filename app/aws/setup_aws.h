#pragma once

// The answers that setup-aws collects, from flags and from the person at the terminal, and the questions that are
// left. What is answered is in 'deployment'; the rest here is on the way there.

#include "aws_connection.h"
#include "aws_options.h"
#include "deployment.h"
#include "inventory.h"
#include "prompt.h"
#include "terminal.h"

#include <stdbool.h>
#include <stddef.h>

#define SETUP_STEPS_MAX 32

enum setup_filter {
	SETUP_FILTER_OPEN, // not answered: everything, where nobody is asked
	SETUP_FILTER_EVERYTHING,
	SETUP_FILTER_SERVERS,
	SETUP_FILTER_RULES,
	SETUP_FILTER_EXISTING,
};

// Where the mirrored traffic goes.
enum setup_collector {
	SETUP_COLLECTOR_OPEN,
	SETUP_COLLECTOR_IMAGE, // new appliances
	SETUP_COLLECTOR_PARAMETER, // the same, from an image that a parameter names
	SETUP_COLLECTOR_APPLIANCES, // that exist
	SETUP_COLLECTOR_TARGET,
	SETUP_COLLECTOR_BALANCER,
	SETUP_COLLECTOR_NONE, // they come later
};

struct setup_options {
	struct aws_options common;
	const char *config;
	const char *only; // of the config
	const char *vpc;
	struct shape_strings sources;
	struct shape_strings source_vpcs;
	struct shape_strings source_cidrs;
	struct shape_strings server_ports;
	struct shape_strings rules;
	const char *existing_filter;
	struct shape_strings appliances;
	const char *existing_target;
	const char *existing_balancer;
	const char *image;
	const char *image_parameter;
	const char *instance_type;
	int64_t count;
	int64_t count_max;
	const char *instance_profile;
	const char *key_name;
	const char *user_data; // a file
	struct shape_strings subnets;
	const char *health_protocol;
	int64_t health_port;
	const char *health_path;
	const char *id;
	int64_t session_number;
	const char *vni;
	int64_t packet_length;
	struct shape_strings tags;
	struct shape_strings extra_types;
	const char *save;
	int lb_mode; // enum source_lb_mode; -1: not given
	int mode; // enum deployment_mode; -1: not given
	bool is_primary_only;
	bool takes_everything;
	bool mirrors_dns;
	bool has_no_appliances;
	bool is_scaling_group;
	bool allows_starved;
	bool is_dry_run;
	bool is_sure;
	bool keeps_partial;
};

extern const char *const setup_lb_modes[]; // as in enum source_lb_mode
extern const char *const setup_modes[]; // as in enum deployment_mode

extern const struct aws_command setup_command;

struct setup {
	struct setup_options options;
	struct arena arena;
	struct terminal terminal;
	struct aws_connection *connection;
	struct client *client; // in the region that was chosen
	struct deployment deployment;
	struct inventory inventory; // of the VPC
	bool has_inventory;
	const char *vpc_name; // NULL: it has none, or is not known
	bool has_kind;
	enum source_kind kind; // of what is chosen in a list
	size_t n_kept; // sources that were chosen in lists before
	enum setup_filter filter;
	const uint16_t *ports; // of SETUP_FILTER_SERVERS
	size_t n_ports;
	enum setup_collector collector;
	bool asks; // somebody can be asked, and something must be
	const char *save; // NULL: nowhere
	size_t asked[SETUP_STEPS_MAX]; // the way back
	size_t n_asked;
	int code; // the exit code, where a question ends the program
};

// What the flags say. -EINVAL with the message for the user, -ENOMEM.
int setup_take_flags(struct setup *setup, struct aws_error *error);

// Asks what is missing, one question after the other, with a way back. True where the deployment is complete;
// else 'setup->code' is the exit code, and why was said.
bool setup_ask_all(struct setup *setup);

// Goes back from the end to the last question that was asked, and on from there. False where there is none, or as
// setup_ask_all().
bool setup_ask_again(struct setup *setup);

// The questions. PROMPT_FAILED: what went wrong was said, and 'setup->code' is set.
typedef enum prompt_result setup_question(struct setup *setup);
setup_question setup_ask_region;
setup_question setup_ask_vpc;
setup_question setup_ask_kind;
setup_question setup_ask_sources;
setup_question setup_ask_more;
setup_question setup_ask_lb_mode;
setup_question setup_ask_primary;
setup_question setup_ask_filter;
setup_question setup_ask_ports;
setup_question setup_ask_rules;
setup_question setup_ask_existing_filter;
setup_question setup_ask_dns;
setup_question setup_ask_mode;
setup_question setup_ask_collector;
setup_question setup_ask_image;
setup_question setup_ask_instance_type;
setup_question setup_ask_count;
setup_question setup_ask_profile;
setup_question setup_ask_scaling;
setup_question setup_ask_appliances;
setup_question setup_ask_target;
setup_question setup_ask_balancer;
setup_question setup_ask_id;
setup_question setup_ask_save;

// Whether any source is of the kind.
bool setup_has_source(const struct setup *setup, enum source_kind kind);

// Parts of answers, from flags or from what was typed. -EINVAL, -ENOMEM.
int setup_set_ports(struct setup *setup, const char *text, struct aws_error *error);
int setup_add_rule(struct setup *setup, const char *text, struct aws_error *error);
int setup_add_text(struct setup *setup, struct shape_strings *list, const char *text);

// For questions.
// Says what could not be read, and sets the exit code. Returns PROMPT_FAILED.
enum prompt_result
setup_fail(struct setup *setup, int result, const struct aws_error *error, const char *what);
enum prompt_result setup_no_memory(struct setup *setup);
// One of a list: '*ret_at' is its place.
enum prompt_result
setup_choose(struct setup *setup, const struct prompt_select *question, size_t *ret_at);
// Several; a flag for each.
enum prompt_result
setup_choose_several(struct setup *setup, const struct prompt_select *question, bool **ret_chosen);
// A line; '*ret_text' lives in the arena.
enum prompt_result
setup_type(struct setup *setup, const struct prompt_text *question, const char **ret_text);
enum prompt_result
setup_yes_no(struct setup *setup, const char *title, const char *label, bool preset, bool *ret_yes);
// "team=shop env=prod", without the name and without AWS's own. "" without memory.
const char *setup_tags_text(const struct aws_tags *tags, struct arena *arena);
// "reading the account ..." while that lasts; NULL: it is done.
void setup_say_busy(const struct setup *setup, const char *what);
// The inventory of the VPC, read once.
int setup_load_inventory(struct setup *setup, struct aws_error *error);

void setup_forget_inventory(struct setup *setup);
// The client in the region that is chosen.
int setup_need_client(struct setup *setup, struct aws_error *error);

// What a user would type to get the same without questions. NULL without memory.
const char *setup_command_line(struct setup *setup);
