#pragma once

// What there is to mirror of one kind, each with what AWS and others say about it.

#include "candidate.h"
#include "client.h"
#include "inventory.h"
#include "prompt.h"
#include "source.h"

#include <stddef.h>

struct setup_offer {
	struct source source;
	const char *key;
	const char *name; // may be NULL
	const char *shown_id; // may be NULL
	const char *detail; // may be NULL
	struct aws_tags tags;
	// Of its interfaces:
	size_t n_fine;
	size_t n_doubtful;
	size_t n_refused;
	const char *why; // of the first that is not fine
	const char *instead;
	const char *problem; // why it leads to none
};

struct setup_offers {
	struct arena arena;
	struct resolution resolution;
	struct candidates candidates;
	struct setup_offer *items;
	size_t n;
};

// Of the inventory's VPC 'vpc_id', or any where that is NULL. The offers point into the inventory. As
// client_call().
int setup_offers_load(
	struct client *client,
	struct inventory *inventory,
	enum source_kind kind,
	const char *vpc_id,
	struct setup_offers *ret_offers,
	struct aws_error *error
);
// What of them can be mirrored.
int setup_offers_judge(
	struct client *client,
	struct inventory *inventory,
	struct setup_offers *offers,
	struct aws_error *error
);
void setup_offers_release(struct setup_offers *offers);

// How it is shown; texts live in 'arena'.
struct prompt_item setup_offer_item(const struct setup_offer *offer, struct arena *arena);
