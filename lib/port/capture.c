#include "capture.h"

#include "port_priv.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

#define HEADER_SIZE 24u
#define RECORD_HEADER_SIZE 16u
#define MAGIC 0xa1b2c3d4u
#define MAGIC_NANOSECOND 0xa1b23c4du
static_assert(CAPTURE_MAX_WISH == RECORD_HEADER_SIZE + PORT_MAX_FRAME, "a record fits the buffer");

// DLT_* -> enum packet_link
static const struct capture_link {
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
	{DLT_PPP, PACKET_LINK_PPP},
	{DLT_NFLOG, PACKET_LINK_NFLOG},
};

// Files that hold a capture in another form, and what makes one of them.
static const struct compression {
	const char *name, *tool;
	uint8_t n_magic;
	uint8_t magic[6];
} compressions[] = {
	{"gzip", "zcat", 2, {0x1f, 0x8b}},
	{"zstd", "zstdcat", 4, {0x28, 0xb5, 0x2f, 0xfd}},
	{"xz", "xzcat", 6, {0xfd, '7', 'z', 'X', 'Z', 0}},
	{"bzip2", "bzcat", 3, {'B', 'Z', 'h'}},
	{"lz4", "lz4cat", 4, {0x04, 0x22, 0x4d, 0x18}},
};

[[gnu::format(printf, 2, 3)]] static void
capture_fail(struct capture *capture, const char *format, ...) {
	// Whoever asked us to stop knows why there is no more of it.
	if (atomic_load_explicit(&capture->input.is_interrupted, memory_order_relaxed)) {
		capture->is_done = true;
		return;
	}
	int len = snprintf(
		capture->error,
		sizeof(capture->error),
		"capture '%.300s' is cut or damaged after %" PRIu64 " frames, which were read: ",
		capture->path,
		capture->n_records
	);
	va_list args;
	va_start(args, format);
	vsnprintf(capture->error + len, sizeof(capture->error) - (size_t)len, format, args);
	va_end(args);
	capture->is_done = true;
}

static uint32_t read_u32(const struct capture *capture, const uint8_t *p) {
	uint32_t value;
	memcpy(&value, p, sizeof(value));
	return capture->is_swapped ? __builtin_bswap32(value) : value;
}

// Whether there are 'len' bytes, after reading on where there are fewer. Where the file ends before,
// it ends cut unless that is before a record's first byte.
static bool require(struct capture *capture, size_t len) {
	struct capture_input *input = &capture->input;
	while (capture_input_len(input) < len) {
		ssize_t n = capture_input_read(input);
		if (n > 0)
			continue;
		if (n == -EAGAIN)
			return false;
		size_t have = capture_input_len(input);
		if (n < 0)
			capture_fail(capture, "cannot read on: %s", strerror((int)-n));
		else if (have == 0)
			capture->is_done = true;
		else if (len == RECORD_HEADER_SIZE)
			capture_fail(
				capture,
				"the next record's header has only %zu of %zu bytes",
				have,
				len
			);
		else
			capture_fail(
				capture,
				"the next record has only %zu of %zu bytes",
				have - RECORD_HEADER_SIZE,
				len - RECORD_HEADER_SIZE
			);
		return false;
	}
	return true;
}

static bool next_plain(struct capture *capture, struct capture_record *ret) {
	if (!require(capture, RECORD_HEADER_SIZE))
		return false;
	const uint8_t *header = capture_input_data(&capture->input);
	uint32_t len = read_u32(capture, header + 8);
	if (len > PORT_MAX_FRAME) {
		capture_fail(
			capture, "the next record claims %u bytes, more than any frame has", len
		);
		return false;
	}
	if (!require(capture, RECORD_HEADER_SIZE + len))
		return false;
	header = capture_input_data(&capture->input);
	ret->time_ns = (uint64_t)read_u32(capture, header) * 1000000000u
		+ (uint64_t)read_u32(capture, header + 4) * capture->unit_ns;
	ret->bytes = header + RECORD_HEADER_SIZE;
	// As libpcap does with a record longer than the file says any is.
	ret->len = len < capture->snap_length ? len : capture->snap_length;
	capture->input.at += RECORD_HEADER_SIZE + len;
	return true;
}

// libpcap gives all records of a file one link type.
static void capture_end_mixed(struct capture *capture) {
	snprintf(
		capture->error,
		sizeof(capture->error),
		"capture '%.300s' has interfaces of different link types, of which only the first "
		"can be read: %" PRIu64 " frames; split it by interface (tshark, editcap)",
		capture->path,
		capture->n_records
	);
	capture->is_done = true;
}

static bool next_other(struct capture *capture, struct capture_record *ret) {
	struct pcap_pkthdr *header;
	int status = pcap_next_ex(capture->pcap, &header, &ret->bytes);
	if (status == 1) {
		// Opened with nanosecond precision: tv_usec holds nanoseconds.
		ret->time_ns =
			(uint64_t)header->ts.tv_sec * 1000000000u + (uint64_t)header->ts.tv_usec;
		ret->len = header->caplen;
		return true;
	}
	const char *why = status == PCAP_ERROR ? pcap_geterr(capture->pcap) : "";
	if (strstr(why, "different from the type of the first interface") != NULL)
		capture_end_mixed(capture);
	else if (status == PCAP_ERROR)
		capture_fail(capture, "%s", why);
	else
		capture->is_done = true;
	return false;
}

bool capture_next(struct capture *capture, struct capture_record *ret) {
	if (atomic_load_explicit(&capture->is_done, memory_order_relaxed))
		return false;
	bool has_next = capture->is_plain ? next_plain(capture, ret) : next_other(capture, ret);
	capture->n_records += has_next;
	return has_next;
}

// Whether the records behind this file header are plain.
static bool set_plain(struct capture *capture, const uint8_t *header) {
	uint32_t magic = read_u32(capture, header);
	capture->is_swapped =
		magic == __builtin_bswap32(MAGIC) || magic == __builtin_bswap32(MAGIC_NANOSECOND);
	magic = read_u32(capture, header);
	uint16_t version[2];
	memcpy(version, header + 4, sizeof(version));
	if (capture->is_swapped)
		for (int i = 0; i < 2; i++)
			version[i] = __builtin_bswap16(version[i]);
	capture->unit_ns = magic == MAGIC_NANOSECOND ? 1 : 1000;
	capture->is_plain =
		(magic == MAGIC || magic == MAGIC_NANOSECOND) && version[0] == 2 && version[1] == 4;
	return capture->is_plain;
}

// The file as libpcap sees it: all of it, or only the header where that is all it shall read.
static FILE *open_stream(struct capture *capture) {
	struct capture_input *input = &capture->input;
	if (capture_input_len(input) >= HEADER_SIZE
	    && set_plain(capture, capture_input_data(input))) {
		FILE *header = fmemopen(input->buffer + input->at, HEADER_SIZE, "rb");
		input->at += HEADER_SIZE;
		return header;
	}
	FILE *stream =
		fopencookie(input, "rb", (cookie_io_functions_t) {.read = capture_input_cookie});
	if (stream != NULL) {
		// The end of the input's buffer is free: only the first bytes were read into its start.
		setvbuf(stream,
			(char *)input->buffer + CAPTURE_INPUT_SIZE - CAPTURE_READ_SIZE,
			_IOFBF,
			CAPTURE_READ_SIZE);
		__fsetlocking(stream, FSETLOCKING_BYCALLER);
	}
	return stream;
}

static int open_pcap(struct capture *capture, const char *path, struct port_error *ret_error) {
	FILE *stream = open_stream(capture);
	if (stream == NULL)
		return port_fail(ret_error, ENOMEM, "cannot read capture '%s': no memory", path);
	char why[PCAP_ERRBUF_SIZE];
	capture->pcap =
		pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, why);
	if (capture->pcap == NULL) {
		fclose(stream);
		return port_fail(
			ret_error,
			EBADMSG,
			"cannot read capture '%s': not a pcap or pcapng file, as 'tcpdump -w' "
			"writes it: %s",
			path,
			why
		);
	}
	int snap_length = pcap_snapshot(capture->pcap);
	capture->snap_length = snap_length > 0 ? (uint32_t)snap_length : PORT_MAX_FRAME;
	return 0;
}

// What is known by its first bytes to be no capture.
static int
refuse_others(const struct capture *capture, const char *path, struct port_error *ret_error) {
	size_t len = capture_input_len(&capture->input);
	if (len == 0)
		return port_fail(ret_error, EBADMSG, "cannot read capture '%s': it is empty", path);
	for (size_t i = 0; i < RTE_DIM(compressions); i++) {
		const struct compression *c = &compressions[i];
		if (len < c->n_magic
		    || memcmp(capture_input_data(&capture->input), c->magic, c->n_magic) != 0)
			continue;
		return port_fail(
			ret_error,
			EBADMSG,
			"cannot read capture '%s': it is compressed (%s); try: %s FILE | "
			"metlo-appliance run --pcap -",
			path,
			c->name,
			c->tool
		);
	}
	return 0;
}

static int find_link(struct capture *capture, const char *path, struct port_error *ret_error) {
	int dlt = pcap_datalink(capture->pcap);
	for (size_t i = 0; i < RTE_DIM(links); i++) {
		if (links[i].dlt == dlt) {
			capture->link = links[i].link;
			return 0;
		}
	}
	const char *name = pcap_datalink_val_to_name(dlt);
	return port_fail(
		ret_error,
		EPROTONOSUPPORT,
		"cannot read capture '%s': its link type %s (%d) is not supported; supported are "
		"Ethernet, "
		"Linux cooked, raw IP, loopback, PPP and NFLOG",
		path,
		name == NULL ? "unknown" : name,
		dlt
	);
}

// Of a pipe, opening it must not wait for a writer: nothing but a poll can be interrupted for sure.
static int open_path(const char *path) {
	if (strcmp(path, "-") == 0)
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_RDONLY);
	return fd;
}

static int fail_open(const char *path, int error, struct port_error *ret_error) {
	const char *advice = "";
	if (error == ENOENT)
		advice = "; check its name";
	else if (error == EACCES)
		advice = "; run as a user who may read it";
	return port_fail(
		ret_error, error, "cannot read capture '%s': %s%s", path, strerror(error), advice
	);
}

int capture_init(
	struct capture *capture,
	const char *path,
	const atomic_bool *is_stopped,
	struct port_error *ret_error
) {
	*capture = (struct capture) {
		.path = path,
		.input = {.fd = -1, .is_stopped = is_stopped},
	};
	int fd = open_path(path);
	if (fd < 0)
		return fail_open(path, errno, ret_error);
	int status = capture_input_init(&capture->input, fd);
	if (status == -EISDIR)
		return port_fail(
			ret_error, EISDIR, "cannot read capture '%s': it is a folder", path
		);
	if (status == 0)
		status = capture_input_require(&capture->input, HEADER_SIZE);
	if (status < 0)
		return port_fail(
			ret_error, -status, "cannot read capture '%s': %s", path, strerror(-status)
		);
	status = refuse_others(capture, path, ret_error);
	if (status == 0)
		status = open_pcap(capture, path, ret_error);
	if (status < 0 && capture_input_is_interrupted(&capture->input)) {
		capture->is_done = true;
		return 0;
	}
	return status < 0 ? status : find_link(capture, path, ret_error);
}

void capture_release(struct capture *capture) {
	if (capture->pcap != NULL)
		pcap_close(capture->pcap);
	capture_input_release(&capture->input);
}
