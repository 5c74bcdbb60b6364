#include "frame.h"
#include "mbuf_stock.h"
#include "port_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BUFFER_SIZE 262144u

struct port_pcap {
	struct port port;
	pcap_t *pcap;
	FILE *file; // pcap_close closes it
	char *file_buffer;
	uint64_t file_size; // 0 where it is not a regular file
	struct mbuf_stock stock;
	uint8_t link; // enum packet_link
	bool is_done;
	// A record that waits for free mbufs; its bytes are libpcap's until the next is read.
	struct pcap_pkthdr *header;
	const uint8_t *bytes; // NULL: none
	uint64_t n_frames;
	char error[512]; // why it ended early; empty: it did not
};

// DLT_* -> enum packet_link
static const struct pcap_link {
	int dlt;
	enum packet_link link;
} links[] = {
	{DLT_EN10MB, PACKET_LINK_ETHERNET},
	{DLT_RAW, PACKET_LINK_RAW_IP},
	{DLT_IPV4, PACKET_LINK_RAW_IP},
	{DLT_IPV6, PACKET_LINK_RAW_IP},
	{DLT_LINUX_SLL, PACKET_LINK_SLL},
	{DLT_LINUX_SLL2, PACKET_LINK_SLL2},
	{DLT_NULL, PACKET_LINK_LOOPBACK},
	{DLT_LOOP, PACKET_LINK_LOOPBACK},
};

static struct port_pcap *pcap_of(struct port *port) {
	return (struct port_pcap *)port;
}

// The next record into 'header' and 'bytes'; false at the end.
static bool read_record(struct port_pcap *pcap) {
	int status = pcap_next_ex(pcap->pcap, &pcap->header, &pcap->bytes);
	if (status == 1) {
		pcap->n_frames++;
		return true;
	}
	pcap->bytes = NULL;
	pcap->is_done = true;
	if (status == PCAP_ERROR)
		snprintf(
			pcap->error,
			sizeof(pcap->error),
			"capture '%s' is cut or damaged after %" PRIu64 " frames: %s",
			pcap->port.name + strlen("pcap:"),
			pcap->n_frames,
			pcap_geterr(pcap->pcap)
		);
	return false;
}

static uint64_t record_time_ns(const struct pcap_pkthdr *header) {
	// Opened with nanosecond precision: tv_usec holds nanoseconds.
	return (uint64_t)header->ts.tv_sec * 1000000000u + (uint64_t)header->ts.tv_usec;
}

static uint16_t pcap_receive(
	struct port *port,
	uint16_t queue,
	uint64_t now_ns,
	struct rte_mbuf **ret,
	uint16_t n
) {
	(void)queue;
	(void)now_ns;
	struct port_pcap *pcap = pcap_of(port);
	uint16_t n_frames = 0;
	for (; n_frames < n && !pcap->is_done; n_frames++) {
		if (pcap->bytes == NULL && !read_record(pcap))
			break;
		struct rte_mbuf *mbuf =
			mbuf_stock_copy(&pcap->stock, pcap->bytes, pcap->header->caplen);
		if (mbuf == NULL)
			break;
		frame_of(mbuf)->time_ns = record_time_ns(pcap->header);
		frame_of(mbuf)->link = pcap->link;
		pcap->bytes = NULL;
		ret[n_frames] = mbuf;
	}
	return n_frames;
}

static void pcap_port_close(struct port *port) {
	struct port_pcap *pcap = pcap_of(port);
	if (pcap->pcap != NULL)
		pcap_close(pcap->pcap);
	else if (pcap->file != NULL)
		fclose(pcap->file);
	free(pcap->file_buffer);
	mbuf_stock_release(&pcap->stock);
	rte_mempool_free(pcap->stock.pool);
	free(pcap);
}

static bool pcap_is_done(const struct port *port) {
	return ((const struct port_pcap *)port)->is_done;
}

static const char *pcap_error_text(const struct port *port) {
	const struct port_pcap *pcap = (const struct port_pcap *)port;
	return pcap->error[0] == '\0' ? NULL : pcap->error;
}

static void pcap_port_stats(const struct port *port, struct port_stats *ret) {
	ret->n_no_mbuf = ((const struct port_pcap *)port)->stock.n_failed;
}

static double pcap_progress(const struct port *port) {
	const struct port_pcap *pcap = (const struct port_pcap *)port;
	if (pcap->is_done)
		return 1;
	if (pcap->file_size == 0)
		return -1;
	return (double)ftello(pcap->file) / (double)pcap->file_size;
}

static const struct port_ops pcap_ops = {
	.receive = pcap_receive,
	.close = pcap_port_close,
	.is_done = pcap_is_done,
	.error_text = pcap_error_text,
	.stats = pcap_port_stats,
	.progress = pcap_progress,
};

static int open_file(struct port_pcap *pcap, const char *path, struct port_error *ret_error) {
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	if (fd < 0 || fstat(fd, &status) != 0)
		return port_fail(
			ret_error, errno, "cannot read capture '%s': %s", path, strerror(errno)
		);
	if (S_ISDIR(status.st_mode)) {
		close(fd);
		return port_fail(
			ret_error, EISDIR, "cannot read capture '%s': it is a folder", path
		);
	}
	if (S_ISREG(status.st_mode)) {
		pcap->file_size = (uint64_t)status.st_size;
		posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	pcap->file = fdopen(fd, "rb");
	pcap->file_buffer = malloc(FILE_BUFFER_SIZE);
	if (pcap->file == NULL || pcap->file_buffer == NULL) {
		if (pcap->file == NULL)
			close(fd);
		return port_fail(ret_error, ENOMEM, "cannot read capture '%s': no memory", path);
	}
	setvbuf(pcap->file, pcap->file_buffer, _IOFBF, FILE_BUFFER_SIZE);
	__fsetlocking(pcap->file, FSETLOCKING_BYCALLER);
	return 0;
}

static int open_capture(struct port_pcap *pcap, const char *path, struct port_error *ret_error) {
	char why[PCAP_ERRBUF_SIZE];
	pcap->pcap = pcap_fopen_offline_with_tstamp_precision(
		pcap->file, PCAP_TSTAMP_PRECISION_NANO, why
	);
	if (pcap->pcap == NULL)
		return port_fail(
			ret_error,
			EBADMSG,
			"cannot read capture '%s': not a pcap or pcapng file: %s",
			path,
			why
		);
	int dlt = pcap_datalink(pcap->pcap);
	for (size_t i = 0; i < RTE_DIM(links); i++) {
		if (links[i].dlt == dlt) {
			pcap->link = (uint8_t)links[i].link;
			return 0;
		}
	}
	const char *name = pcap_datalink_val_to_name(dlt);
	return port_fail(
		ret_error,
		EPROTONOSUPPORT,
		"cannot read capture '%s': its link type %s (%d) is not supported; supported are "
		"Ethernet, "
		"Linux cooked, raw IP and loopback",
		path,
		name == NULL ? "unknown" : name,
		dlt
	);
}

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
	int status = open_file(pcap, target, ret_error);
	if (status == 0)
		status = open_capture(pcap, target, ret_error);
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
