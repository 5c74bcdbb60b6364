#include "flow.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

// How many flows that turn out to be active one call may put back.
#define MAX_REQUEUED 16

struct list {
	uint32_t first, last;
	uint32_t n;
};

struct flow_table {
	struct flow *flows;
	uint32_t *heads;
	uint32_t head_mask;
	uint32_t free_first; // chain of free flows
	uint32_t n_unused; // flows never used yet, at the end of 'flows'
	uint32_t n_flows;
	struct list classes[N_FLOW_CLASSES];
	int turn; // the class that was looked at last for expired flows
	struct list waiting;
	struct flow_limits limits;
	size_t size;
};

static uint32_t n_heads(uint32_t n_flows) {
	uint32_t n = 16;
	while (n < n_flows && n < 1u << 31)
		n *= 2;
	return n;
}

size_t flow_table_size(uint32_t n_flows) {
	return (size_t)n_flows * sizeof(struct flow) + (size_t)n_heads(n_flows) * sizeof(uint32_t);
}

struct flow_table *flow_table_create(const struct flow_limits *limits) {
	if (limits->n_flows == 0 || limits->n_flows == FLOW_NONE) {
		errno = EINVAL;
		return NULL;
	}
	struct flow_table *table = calloc(1, sizeof(*table));
	if (table == NULL)
		return NULL;
	size_t size = flow_table_size(limits->n_flows);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		free(table);
		errno = ENOMEM;
		return NULL;
	}
	(void)madvise(memory, size, MADV_HUGEPAGE); // the kernel may say no
	table->size = size;
	table->limits = *limits;
	table->flows = memory;
	table->heads = (uint32_t *)(table->flows + limits->n_flows);
	uint32_t n = n_heads(limits->n_flows);
	table->head_mask = n - 1;
	memset(table->heads, 0xff, n * sizeof(*table->heads));
	table->free_first = FLOW_NONE;
	table->n_unused = limits->n_flows;
	for (int i = 0; i < N_FLOW_CLASSES; i++)
		table->classes[i] = (struct list) {.first = FLOW_NONE, .last = FLOW_NONE};
	table->waiting = (struct list) {.first = FLOW_NONE, .last = FLOW_NONE};
	return table;
}

void flow_table_free(struct flow_table *table) {
	if (table == NULL)
		return;
	munmap(table->flows, table->size);
	free(table);
}

static uint32_t index_of(const struct flow_table *table, const struct flow *flow) {
	return (uint32_t)(flow - table->flows);
}

static struct flow_link *by_class(struct flow *flow) {
	return &flow->by_class;
}

static struct flow_link *by_waiting(struct flow *flow) {
	return &flow->by_waiting;
}

typedef struct flow_link *link_fn(struct flow *flow);

static void
list_append(struct flow_table *table, struct list *list, uint32_t index, link_fn *link) {
	*link(&table->flows[index]) =
		(struct flow_link) {.next = FLOW_NONE, .previous = list->last};
	if (list->last == FLOW_NONE)
		list->first = index;
	else
		link(&table->flows[list->last])->next = index;
	list->last = index;
	list->n++;
}

static void
list_remove(struct flow_table *table, struct list *list, uint32_t index, link_fn *link) {
	struct flow_link at = *link(&table->flows[index]);
	if (at.previous == FLOW_NONE)
		list->first = at.next;
	else
		link(&table->flows[at.previous])->next = at.next;
	if (at.next == FLOW_NONE)
		list->last = at.previous;
	else
		link(&table->flows[at.next])->previous = at.previous;
	list->n--;
}

static uint32_t *head_of(const struct flow_table *table, uint64_t hash) {
	return &table->heads[(uint32_t)hash & table->head_mask];
}

void flow_table_prefetch_bucket(const struct flow_table *table, uint64_t hash) {
	__builtin_prefetch(head_of(table, hash));
}

void flow_table_prefetch_flow(const struct flow_table *table, uint64_t hash) {
	uint32_t index = *head_of(table, hash);
	if (index == FLOW_NONE)
		return;
	const char *flow = (const char *)&table->flows[index];
	for (size_t at = 0; at < sizeof(struct flow); at += 64)
		__builtin_prefetch(flow + at, 1);
}

// The message that a side of the bucket's first flow is sending; it may be another flow than the
// one looked for, which costs nothing but the prefetch.
static const struct message *
message_of(const struct flow_table *table, uint64_t hash, uint8_t side) {
	uint32_t index = *head_of(table, hash);
	return index == FLOW_NONE ? NULL : table->flows[index].http.streams[side].message;
}

void flow_table_prefetch_message(const struct flow_table *table, uint64_t hash, uint8_t side) {
	const struct message *m = message_of(table, hash, side);
	if (m == NULL)
		return;
	for (size_t at = 0; at < sizeof(*m); at += 64)
		__builtin_prefetch((const char *)m + at, 1);
}

void flow_table_prefetch_body(const struct flow_table *table, uint64_t hash, uint8_t side) {
	const struct message *m = message_of(table, hash, side);
	if (m != NULL && m->last_block != NULL)
		__builtin_prefetch(m->last_block, 1);
}

struct flow *flow_table_find(struct flow_table *table, const struct flow_key *key, uint64_t hash) {
	uint32_t index = *head_of(table, hash);
	while (index != FLOW_NONE) {
		struct flow *flow = &table->flows[index];
		if (flow->hash == (uint32_t)hash && flow_key_equals(&flow->key, key))
			return flow;
		index = flow->chain;
	}
	return NULL;
}

static uint32_t take_free(struct flow_table *table) {
	uint32_t index = table->free_first;
	if (index != FLOW_NONE) {
		table->free_first = table->flows[index].chain;
		return index;
	}
	if (table->n_unused == 0)
		return FLOW_NONE;
	return table->limits.n_flows - table->n_unused--;
}

struct flow *flow_table_insert(
	struct flow_table *table,
	const struct flow_key *key,
	uint64_t hash,
	uint64_t now_ns
) {
	uint32_t index = take_free(table);
	if (index == FLOW_NONE)
		return NULL;
	struct flow *flow = &table->flows[index];
	memset(flow, 0, sizeof(*flow));
	flow->key = *key;
	flow->hash = (uint32_t)hash;
	flow->last_ns = flow->queued_ns = now_ns;
	uint32_t *head = head_of(table, hash);
	flow->chain = *head;
	*head = index;
	list_append(table, &table->classes[FLOW_EMBRYONIC], index, by_class);
	table->n_flows++;
	return flow;
}

void flow_table_remove(struct flow_table *table, struct flow *flow) {
	uint32_t index = index_of(table, flow);
	flow_table_set_waiting(table, flow, false);
	list_remove(table, &table->classes[flow->class], index, by_class);
	uint32_t *at = head_of(table, flow->hash);
	while (*at != index)
		at = &table->flows[*at].chain;
	*at = flow->chain;
	flow->chain = table->free_first;
	table->free_first = index;
	table->n_flows--;
}

void flow_table_set_class(
	struct flow_table *table,
	struct flow *flow,
	enum flow_class class,
	uint64_t now_ns
) {
	uint32_t index = index_of(table, flow);
	list_remove(table, &table->classes[flow->class], index, by_class);
	flow->class = (uint8_t) class;
	flow->queued_ns = now_ns;
	list_append(table, &table->classes[class], index, by_class);
}

bool flow_table_is_expired(
	const struct flow_table *table,
	const struct flow *flow,
	uint64_t now_ns
) {
	uint64_t timeout_ns = table->limits.timeout_ns[flow->class];
	return now_ns > flow->last_ns && now_ns - flow->last_ns > timeout_ns;
}

static struct flow *
next_expired_of(struct flow_table *table, enum flow_class class, uint64_t now_ns) {
	struct list *list = &table->classes[class];
	uint64_t timeout_ns = table->limits.timeout_ns[class];
	for (int n = 0; n < MAX_REQUEUED && list->first != FLOW_NONE; n++) {
		struct flow *flow = &table->flows[list->first];
		// Far ahead: of a capture of a later time, which would hide the others.
		bool is_ahead = flow->queued_ns > now_ns && flow->queued_ns - now_ns > timeout_ns;
		if (!is_ahead
		    && (now_ns < flow->queued_ns || now_ns - flow->queued_ns <= timeout_ns))
			return NULL;
		if (flow_table_is_expired(table, flow, now_ns))
			return flow;
		flow_table_set_class(table, flow, class, flow->last_ns);
	}
	return NULL;
}

struct flow *flow_table_next_expired(struct flow_table *table, uint64_t now_ns) {
	for (int class = 0; class < N_FLOW_CLASSES; class ++) {
		struct flow *flow = next_expired_of(table, (enum flow_class) class, now_ns);
		if (flow != NULL)
			return flow;
	}
	return NULL;
}

// The oldest of a class that was silent since it was queued, or the oldest.
static struct flow *next_silent_of(struct flow_table *table, enum flow_class class) {
	struct list *list = &table->classes[class];
	for (int n = 0; n < MAX_REQUEUED && list->first != FLOW_NONE; n++) {
		struct flow *flow = &table->flows[list->first];
		if (flow->last_ns <= flow->queued_ns)
			return flow;
		flow_table_set_class(table, flow, class, flow->last_ns);
	}
	return list->first == FLOW_NONE ? NULL : &table->flows[list->first];
}

struct flow *flow_table_victim(struct flow_table *table, uint64_t now_ns) {
	struct flow *expired = flow_table_next_expired(table, now_ns);
	if (expired != NULL)
		return expired;
	uint32_t index = table->classes[FLOW_CLOSED].first;
	return index == FLOW_NONE ? next_silent_of(table, FLOW_EMBRYONIC) : &table->flows[index];
}

struct flow *flow_table_any(struct flow_table *table) {
	for (int class = 0; class < N_FLOW_CLASSES; class ++) {
		if (table->classes[class].first != FLOW_NONE)
			return &table->flows[table->classes[class].first];
	}
	return NULL;
}

void flow_table_set_waiting(struct flow_table *table, struct flow *flow, bool is_waiting) {
	if (flow->is_waiting == is_waiting)
		return;
	flow->is_waiting = is_waiting;
	if (is_waiting)
		list_append(table, &table->waiting, index_of(table, flow), by_waiting);
	else
		list_remove(table, &table->waiting, index_of(table, flow), by_waiting);
}

struct flow *flow_table_next_waiting(struct flow_table *table) {
	uint32_t index = table->waiting.first;
	if (index == FLOW_NONE)
		return NULL;
	list_remove(table, &table->waiting, index, by_waiting);
	list_append(table, &table->waiting, index, by_waiting);
	return &table->flows[index];
}

uint32_t flow_table_n_waiting(const struct flow_table *table) {
	return table->waiting.n;
}

uint32_t flow_table_n_flows(const struct flow_table *table) {
	return table->n_flows;
}
