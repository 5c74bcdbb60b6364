#include "capture.h"
#include "frame.h"
#include "mbuf_stock.h"
#include "port_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct port_pcap {
	struct port port;
	struct capture capture;
	struct capture_record next;
	bool has_next; // 'next' waits for free mbufs
	struct mbuf_stock stock;
};

static uint16_t pcap_receive(
	struct port *port,
	uint16_t queue,
	uint64_t now_ns,
	struct rte_mbuf **ret,
	uint16_t n
) {
	(void)queue;
	(void)now_ns;
	struct port_pcap *pcap = (struct port_pcap *)port;
	uint16_t n_frames = 0;
	for (; n_frames < n; n_frames++) {
		if (!pcap->has_next && !capture_next(&pcap->capture, &pcap->next))
			break;
		struct rte_mbuf *mbuf =
			mbuf_stock_copy(&pcap->stock, pcap->next.bytes, pcap->next.len);
		pcap->has_next = mbuf == NULL;
		if (mbuf == NULL)
			break;
		frame_of(mbuf)->time_ns = pcap->next.time_ns;
		frame_of(mbuf)->link = (uint8_t)pcap->capture.link;
		ret[n_frames] = mbuf;
	}
	return n_frames;
}

static void pcap_port_close(struct port *port) {
	struct port_pcap *pcap = (struct port_pcap *)port;
	capture_release(&pcap->capture);
	mbuf_stock_release(&pcap->stock);
	rte_mempool_free(pcap->stock.pool);
	free(pcap);
}

static bool pcap_is_done(const struct port *port) {
	return ((const struct port_pcap *)port)->capture.is_done;
}

static const char *pcap_error_text(const struct port *port) {
	const struct capture *capture = &((const struct port_pcap *)port)->capture;
	return capture->is_done && capture->error[0] != '\0' ? capture->error : NULL;
}

static void pcap_port_stats(const struct port *port, struct port_stats *ret) {
	ret->n_no_mbuf = ((const struct port_pcap *)port)->stock.n_failed;
}

static double pcap_progress(const struct port *port) {
	const struct capture *capture = &((const struct port_pcap *)port)->capture;
	if (capture->is_done)
		return 1;
	if (capture->input.file_size == 0)
		return -1;
	// A file that grows while it is read has no more than all of it.
	double part = (double)capture->input.n_read / (double)capture->input.file_size;
	return part < 1 ? part : 1;
}

static void pcap_interrupt(struct port *port) {
	atomic_store(&((struct port_pcap *)port)->capture.input.is_interrupted, true);
}

static const struct port_ops pcap_ops = {
	.receive = pcap_receive,
	.close = pcap_port_close,
	.is_done = pcap_is_done,
	.error_text = pcap_error_text,
	.stats = pcap_port_stats,
	.progress = pcap_progress,
	.interrupt = pcap_interrupt,
};

int port_pcap_open(
	const struct port_config *config,
	const char *target,
	struct port **ret,
	struct port_error *ret_error
) {
	struct port_pcap *pcap = calloc(1, sizeof(*pcap));
	if (pcap == NULL)
		return port_fail(ret_error, ENOMEM, "cannot read capture '%s': no memory", target);
	port_init(&pcap->port, &pcap_ops, config);
	const char *path = pcap->port.name + (target - config->name);
	int status = capture_init(&pcap->capture, path, config->is_stopped, ret_error);
	if (status == 0) {
		pcap->stock.pool = port_pool_create(&pcap->port, 0, config, ret_error);
		status = pcap->stock.pool == NULL ? -ret_error->code : 0;
	}
	if (status < 0) {
		pcap_port_close(&pcap->port);
		return status;
	}
	*ret = &pcap->port;
	return 0;
}
