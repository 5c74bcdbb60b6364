#include "shard.h"

#include "frame.h"

#include <errno.h>
#include <stdlib.h>

#define SEND_BURST 32

struct shard_mesh {
	uint16_t n_lcores;
	struct rte_ring *rings[];
};

static struct rte_ring **ring_at(struct shard_mesh *mesh, uint16_t from, uint16_t to) {
	return &mesh->rings[(size_t)from * mesh->n_lcores + to];
}

// Not by rte_ring_create(), which needs a memzone: EAL has 2,560, and 64 lcores have 4,032 rings.
static struct rte_ring *ring_create(uint32_t size) {
	ssize_t memory = rte_ring_get_memsize(size);
	struct rte_ring *ring =
		memory < 0 ? NULL : aligned_alloc(RTE_CACHE_LINE_SIZE, (size_t)memory);
	if (ring == NULL)
		return NULL;
	if (rte_ring_init(ring, "shard", size, RING_F_SP_ENQ | RING_F_SC_DEQ) == 0)
		return ring;
	free(ring);
	return NULL;
}

struct shard_mesh *shard_mesh_create(uint16_t n_lcores, uint32_t ring_size) {
	size_t n_rings = (size_t)n_lcores * n_lcores;
	struct shard_mesh *mesh = calloc(1, sizeof(*mesh) + n_rings * sizeof(struct rte_ring *));
	if (mesh == NULL)
		return NULL;
	mesh->n_lcores = n_lcores;
	for (uint16_t from = 0; from < n_lcores; from++) {
		for (uint16_t to = 0; to < n_lcores; to++) {
			if (from == to)
				continue;
			struct rte_ring *ring = ring_create(ring_size);
			*ring_at(mesh, from, to) = ring;
			if (ring == NULL) {
				shard_mesh_free(mesh);
				errno = ENOMEM;
				return NULL;
			}
		}
	}
	return mesh;
}

void shard_mesh_free(struct shard_mesh *mesh) {
	if (mesh == NULL)
		return;
	for (size_t i = 0; i < (size_t)mesh->n_lcores * mesh->n_lcores; i++) {
		void *mbuf = NULL;
		while (mesh->rings[i] != NULL && rte_ring_dequeue(mesh->rings[i], &mbuf) == 0)
			rte_pktmbuf_free(mbuf);
		free(mesh->rings[i]);
	}
	free(mesh);
}

void shard_outbox_push(struct shard_outbox *outbox, struct rte_mbuf *mbuf) {
	frame_of(mbuf)->next = NULL;
	if (outbox->first == NULL)
		outbox->first = mbuf;
	else
		frame_of(outbox->last)->next = mbuf;
	outbox->last = mbuf;
	outbox->n++;
}

struct rte_mbuf *shard_outbox_pop(struct shard_outbox *outbox) {
	struct rte_mbuf *mbuf = outbox->first;
	if (mbuf != NULL) {
		outbox->first = frame_of(mbuf)->next;
		outbox->n--;
	}
	return mbuf;
}

uint32_t
shard_send(struct shard_mesh *mesh, uint16_t from, uint16_t to, struct shard_outbox *outbox) {
	struct rte_ring *ring = *ring_at(mesh, from, to);
	uint32_t n_sent = 0;
	while (outbox->n > 0) {
		void *burst[SEND_BURST];
		uint32_t n_room = rte_ring_free_count(ring);
		uint32_t n = 0;
		while (n < SEND_BURST && n < n_room && outbox->n > 0)
			burst[n++] = shard_outbox_pop(outbox);
		if (n == 0)
			break;
		n_sent += rte_ring_sp_enqueue_burst(ring, burst, n, NULL);
	}
	return n_sent;
}

uint32_t shard_count(const struct shard_mesh *mesh, uint16_t from, uint16_t to) {
	return rte_ring_count(mesh->rings[(size_t)from * mesh->n_lcores + to]);
}

uint16_t shard_receive(
	struct shard_mesh *mesh,
	uint16_t from,
	uint16_t to,
	struct rte_mbuf **ret,
	uint16_t n
) {
	struct rte_ring *ring = *ring_at(mesh, from, to);
	return (uint16_t)rte_ring_sc_dequeue_burst(ring, (void **)ret, n, NULL);
}
