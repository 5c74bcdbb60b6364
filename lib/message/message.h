#pragma once

// One HTTP message as the data path keeps it, and the pool it lives in: the compact record that
// goes from a parser to the exporter threads.
//
//   struct message (one 2 KiB block)             further blocks, only when needed
//   +-----------------------------------------+  +------+----------+   +------+-------+
//   | fields | head bytes | header fields | b |->| next | more of  |-->| next | body  |
//   +-----------------------------------------+  |      | the body |   |      |       |
//            ^ or in a large buffer, where       +------+----------+   +------+-------+
//              they do not fit here
//
// A pool belongs to one lcore. Messages leave it for an exporter thread, come back whole over a
// ring, and are freed by the lcore; no two threads touch a pool.

#include "flow_key.h"
#include "slice.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#define MESSAGE_BLOCK_SIZE 2048u
#define MESSAGE_NO_VNI UINT32_MAX // not encapsulated; a VNI has 24 bits

// What a trace lacks or went through. id, name in the trace's flags[], meaning
#define TRACE_FLAGS(X)                                                                             \
	X(TRUNCATED, "truncated", "packets were cut short by the mirror or the capture")           \
	X(GAP, "gap", "bytes are missing inside a message or beside it")                           \
	X(MIDSTREAM, "midstream", "the connection was picked up after its start")                  \
	X(BODY_CAPPED, "body_capped", "only the first bytes of a body were kept")                  \
	X(BODY_SHED,                                                                               \
	  "body_shed",                                                                             \
	  "a body was not kept for want of memory, or not decoded for want of time")               \
	X(NO_RESPONSE, "no_response", "no response to this request was seen")                      \
	X(NO_REQUEST, "no_request", "no request for this response was seen")                       \
	X(INCOMPLETE, "incomplete", "the connection ended inside a message")                       \
	X(DRAINED, "drained", "the collector stopped before the transaction ended")                \
	X(DECODE_FAILED, "decode_failed", "a body's content coding could not be undone")           \
	X(DECODE_CAPPED, "decode_capped", "decoding stopped at a limit of size, ratio or time")    \
	X(AMBIGUOUS_FRAMING,                                                                       \
	  "ambiguous_framing",                                                                     \
	  "framing that readers may disagree about: smuggling shape")                              \
	X(UPGRADED, "upgraded", "the connection left HTTP after this transaction")

enum trace_flag {
#define X(id, name, help) TRACE_FLAG_BIT_##id,
	TRACE_FLAGS(X)
#undef X
	N_TRACE_FLAGS,
};

#define X(id, name, help) TRACE_FLAG_##id = 1 << TRACE_FLAG_BIT_##id,
enum {
	TRACE_FLAGS(X)
};
#undef X

// Offsets from message->head.data.
struct header_field {
	uint16_t name_at, name_len;
	uint16_t value_at, value_len;
};

struct block {
	struct block *next;
	uint32_t len; // bytes used of 'data'
	uint8_t data[MESSAGE_BLOCK_SIZE - 12];
};

struct message {
	struct message *next; // in a queue: see message_queue
	struct message *response; // of a request; NULL where none was seen
	struct message *previous; // of a request that waits for its response: the one before it

	// Whose message it is; set when it begins.
	struct flow_key key;
	uint8_t client_side; // which endpoint of 'key' is the client
	bool is_response;
	uint8_t version_minor; // HTTP/1.x
	uint8_t n_interim; // 1xx responses that came before this one
	uint16_t status; // of a response
	uint16_t n_fields;
	uint32_t n_left_before; // of a request that waits: see pair.h
	uint32_t vni; // of the packet in which it began, or MESSAGE_NO_VNI
	uint32_t flags; // TRACE_FLAG_*
	uint32_t seq_first; // TCP sequence number of its first byte
	uint32_t ack_first; // acknowledgement number of the segment with its first byte
	uint64_t first_ns, last_ns; // its first and last byte, nanoseconds since 1970

	// Slices of 'head'.
	struct slice head; // start line and header fields, obs-fold already replaced by spaces
	struct slice method, target; // of a request
	struct slice reason; // of a response
	struct slice
		host; // of a request: from an absolute-form target, else the Host field; may be empty
	const struct header_field *fields;
	uint8_t *large_head; // owns 'head' and 'fields' when they are not in 'room'

	uint64_t body_bytes; // as framed, transfer coding removed, including what was not kept
	uint32_t body_kept; // of those, in 'room' from 'body_at' and in 'blocks'
	uint16_t body_at, body_inline; // where in 'room' the body begins, and how much is there
	struct block *blocks, *last_block;

	uint8_t room[];
};

#define MESSAGE_ROOM (MESSAGE_BLOCK_SIZE - sizeof(struct message))
static_assert(sizeof(struct block) == MESSAGE_BLOCK_SIZE, "a block is a pool's piece");

static inline struct slice message_field_name(const struct message *m, size_t i) {
	return slice_of(m->head.data + m->fields[i].name_at, m->fields[i].name_len);
}

static inline struct slice message_field_value(const struct message *m, size_t i) {
	return slice_of(m->head.data + m->fields[i].value_at, m->fields[i].value_len);
}

// The first field of that name ('lower' in lower case); false where there is none.
bool message_find_field(const struct message *m, const char *lower, struct slice *ret);

// The kept body as one piece. Points into the message where it is in one piece already, else is
// put together in 'scratch', which has room for message->body_kept bytes.
struct slice message_body(const struct message *m, uint8_t *scratch);

// First in, first out, linked through message->next.
struct message_queue {
	struct message *first, *last;
	uint32_t n;
};

void message_queue_push(struct message_queue *q, struct message *m);
struct message *message_queue_pop(struct message_queue *q); // NULL when empty

struct message_pool;

// Heads that do not fit a block, or have come only in part, lie in large buffers. Those have sizes
// of 4, 8, 16 and 32 KiB and 'large_size', each class a fixed share of 'large_bytes', so that short
// ones, which are many, cannot be crowded out by long ones. Which head goes where only its size
// says; a class that is used up borrows from those above it.
#define MESSAGE_LARGE_CLASSES 5
#define MESSAGE_LARGE_SMALLEST 4096u

// Room for 'n_blocks' blocks of MESSAGE_BLOCK_SIZE, and for large buffers (at least two of each
// class, unless 'large_bytes' is 0). All memory is reserved here and touched only when first used.
// NULL with errno ENOMEM or EINVAL.
struct message_pool *
message_pool_create(uint32_t n_blocks, size_t large_bytes, uint32_t large_size);
void message_pool_free(struct message_pool *pool);

// Bytes reserved by a pool of that shape.
size_t message_pool_size(uint32_t n_blocks, size_t large_bytes, uint32_t large_size);

// A message with everything zero, or NULL where the pool is empty.
struct message *message_alloc(struct message_pool *pool);

// Gives a message and what it owns back; its ->response too. NULL is fine.
void message_free(struct message_pool *pool, struct message *m);

// Bytes that a head of 'len' takes with its fields; more than MESSAGE_ROOM go to a large buffer.
static inline size_t message_head_size(size_t len, uint16_t n_fields) {
	len = (len + 1) & ~(size_t)1; // the fields begin at an even address
	return len + n_fields * sizeof(struct header_field);
}

// Copies a parsed head and its fields into the message and sets ->head, ->fields, ->n_fields. Uses a
// large buffer when they do not fit the message's own block; -ENOBUFS where there is none, -E2BIG
// where even the largest is too small. At most 65,535 bytes. Before any body is appended.
int message_store_head(
	struct message_pool *pool,
	struct message *m,
	struct slice head,
	const struct header_field *fields,
	uint16_t n_fields
);

// Copies 'bytes' to the end of the body. Returns how many were kept: fewer than given when the
// pool has no block left.
size_t message_append_body(struct message_pool *pool, struct message *m, struct slice bytes);

// Single blocks and large buffers, for those who hold bytes for a while (out-of-order segments,
// heads that have come in part). NULL where there is none left.
struct block *message_block_alloc(struct message_pool *pool);
void message_block_free(struct message_pool *pool, struct block *block);
uint8_t *message_large_alloc(struct message_pool *pool, size_t size);
void message_large_free(struct message_pool *pool, uint8_t *buffer);
uint32_t message_large_size(const struct message_pool *pool); // of the largest; 0 without any

// The class of a buffer, the smallest whose buffers hold 'size' bytes (MESSAGE_LARGE_CLASSES or
// less: none where it is no class of the pool), and what one of a class holds.
uint32_t message_large_class(const struct message_pool *pool, const uint8_t *buffer);
uint32_t message_large_class_of(const struct message_pool *pool, size_t size);
uint32_t message_large_class_size(const struct message_pool *pool, uint32_t class);

// Free blocks; what the order of shedding goes by.
uint32_t message_pool_n_free(const struct message_pool *pool);
uint32_t message_pool_n_blocks(const struct message_pool *pool);
