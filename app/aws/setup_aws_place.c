// Where: the region and the VPC.

#include "ec2_network.h"
#include "partition.h"
#include "region.h"
#include "setup_aws.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTING_REGION "us-east-1"

int setup_need_client(struct setup *setup, struct aws_error *error) {
	const char *region = setup->deployment.region;
	struct client *client = NULL;
	if (setup->client != NULL && strcmp(client_region(setup->client), region) == 0)
		return 0;
	int result = aws_connection_client(setup->connection, region, &client, error);
	if (result < 0)
		return result;
	aws_connection_client_free(setup->client);
	setup->client = client;
	setup_forget_inventory(setup);
	return 0;
}

// From here on everything is read there.
static enum prompt_result take_region(struct setup *setup, const char *region) {
	struct aws_error error;
	setup->deployment.region = region;
	int result = setup_need_client(setup, &error);
	return result < 0 ? setup_fail(setup, result, &error, "connect to AWS") : PROMPT_DONE;
}

static const char *check_region(void *, const char *text) {
	return partition_is_region_name(text) ? NULL : "a region is called such as eu-west-1";
}

// Where the list cannot be read, its name can still be typed.
static enum prompt_result type_region(struct setup *setup, const char *current) {
	const struct prompt_text question = {
		.title = "which region?",
		.label = "region",
		.preset = current,
		.check = check_region,
	};
	const char *region = NULL;
	enum prompt_result result = setup_type(setup, &question, &region);
	return result == PROMPT_DONE ? take_region(setup, region) : result;
}

static int compare_regions(const void *a, const void *b) {
	return strcmp(((const struct ec2_region *)a)->name, ((const struct ec2_region *)b)->name);
}

static enum prompt_result
choose_region(struct setup *setup, struct ec2_regions *found, const char *current) {
	struct ec2_region *regions = found->regions.items;
	size_t n = 0, at = 0;
	struct prompt_item *items =
		arena_alloc_array(&setup->arena, found->regions.n, sizeof(*items));
	if (items == NULL)
		return setup_no_memory(setup);
	qsort(regions, found->regions.n, sizeof(*regions), compare_regions);
	// The current one first.
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < found->regions.n; i++) {
			bool is_current = strcmp(regions[i].name, current) == 0;
			if (is_current != (pass == 0))
				continue;
			bool is_off = regions[i].opt_in_status != NULL
				&& strcmp(regions[i].opt_in_status, "not-opted-in") == 0;
			items[n++] = (struct prompt_item) {
				.name = regions[i].name,
				.detail = is_current ? "current" : NULL,
				.note = is_off ? "not enabled for this account" : NULL,
				.state = is_off ? PROMPT_REFUSED : PROMPT_FINE,
			};
		}
	}
	const struct prompt_select question = {
		.title = "which region?",
		.label = "region",
		.items = items,
		.n_items = n,
	};
	enum prompt_result result = setup_choose(setup, &question, &at);
	return result == PROMPT_DONE ? take_region(setup, items[at].name) : result;
}

enum prompt_result setup_ask_region(struct setup *setup) {
	struct aws_error error;
	const char *current = NULL;
	struct ec2_regions regions;
	region_resolve(
		&setup->connection->outside,
		&setup->connection->settings,
		&setup->arena,
		&current,
		&error
	);
	// Any region knows them all, but those of its own partition only.
	enum prompt_result connected =
		take_region(setup, current == NULL ? LISTING_REGION : current);
	if (connected != PROMPT_DONE)
		return connected;
	setup_say_busy(setup, "reading the regions ...");
	int result = ec2_describe_regions(setup->client, NULL, &setup->arena, &regions, &error);
	setup_say_busy(setup, NULL);
	if (result == -EREMOTEIO && (current == NULL || aws_error_is_denied(&error)))
		return type_region(setup, current);
	if (result < 0)
		return setup_fail(setup, result, &error, "read the regions");
	return choose_region(setup, &regions, current == NULL ? "" : current);
}

static enum prompt_result choose_vpc(struct setup *setup, const struct ec2_vpcs *vpcs) {
	struct prompt_item *items = arena_alloc_array(&setup->arena, vpcs->vpcs.n, sizeof(*items));
	size_t at = 0;
	if (items == NULL)
		return setup_no_memory(setup);
	for (size_t i = 0; i < vpcs->vpcs.n; i++) {
		const struct ec2_vpc *vpc = &vpcs->vpcs.items[i];
		items[i] = (struct prompt_item) {
			.name = tags_get(&vpc->tags, "Name"),
			.id = vpc->id,
			.detail = arena_printf(
				&setup->arena,
				"%s%s",
				vpc->cidr == NULL ? "" : vpc->cidr,
				vpc->is_default ? " default" : ""
			),
			.tags = setup_tags_text(&vpc->tags, &setup->arena),
		};
		if (setup->deployment.vpc_id != NULL
		    && strcmp(setup->deployment.vpc_id, vpc->id) == 0)
			at = i;
	}
	const struct prompt_select question = {
		.title = "which VPC? (where the load balancer and the appliances are)",
		.label = "VPC",
		.items = items,
		.n_items = vpcs->vpcs.n,
		.at = at,
	};
	enum prompt_result result = setup_choose(setup, &question, &at);
	if (result == PROMPT_DONE) {
		setup->deployment.vpc_id = vpcs->vpcs.items[at].id;
		setup->vpc_name = items[at].name;
		setup_forget_inventory(setup);
	}
	return result;
}

enum prompt_result setup_ask_vpc(struct setup *setup) {
	struct aws_error error;
	struct ec2_vpcs vpcs;
	const struct ec2_query all = {0};
	int result = setup_need_client(setup, &error);
	if (result < 0)
		return setup_fail(setup, result, &error, "connect to AWS");
	setup_say_busy(setup, "reading the VPCs ...");
	result = ec2_describe_vpcs(setup->client, &all, &setup->arena, &vpcs, &error);
	setup_say_busy(setup, NULL);
	if (result < 0)
		return setup_fail(setup, result, &error, "read the VPCs");
	if (vpcs.vpcs.n == 0) {
		aws_error_set(
			&error,
			-ENOENT,
			"NoVpc",
			"there is none in '%s'; choose another region",
			setup->deployment.region
		);
		return setup_fail(setup, -ENOENT, &error, "choose a VPC");
	}
	return choose_vpc(setup, &vpcs);
}
