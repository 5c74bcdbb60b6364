#pragma once

// HTTP/1.1 messages of a made-up JSON API, for the benchmark's captures.

#include "rng.h"

#include <stddef.h>
#include <stdint.h>

#define CONTENT_MAX 16384u // bytes of the longest message

struct content;

// The JSON bodies of the responses are of body_size +- body_spread bytes. NULL with errno ENOMEM.
struct content *content_create(struct rng *rng, uint32_t body_size, uint32_t body_spread);
void content_free(struct content *content);

// Write one message to 'ret' (CONTENT_MAX bytes) and return its length. 'flow' and 'nth' make
// paths, ids and tokens differ.
size_t
content_request(const struct content *c, struct rng *rng, uint32_t flow, uint32_t nth, char *ret);
size_t
content_response(const struct content *c, struct rng *rng, uint32_t flow, uint32_t nth, char *ret);
