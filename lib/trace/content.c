#include "content.h"

#include "content_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define STEP_BYTES (16u << 10) // between two looks at the clock

struct content {
	struct content_limits limits;
	struct zlib_coder zlib;
	struct brotli_coder brotli;
	struct zstd_coder zstd;
	uint8_t *out[2]; // a step's input may be the other's output; limits.out_bytes + 1 each
};

// One stream being decoded.
struct job {
	struct content *content;
	enum content_coding coding;
	bool is_partial;
	size_t cap;
	uint64_t deadline_ns;
	bool is_cpu_time; // what 'deadline_ns' is of
	bool is_capped;
};

static bool is_blank(uint8_t c) {
	return c == ' ' || c == '\t';
}

static struct slice trim(struct slice s) {
	while (s.len > 0 && is_blank(s.data[0]))
		s = slice_from(s, 1);
	while (s.len > 0 && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

static const struct {
	const char *name;
	uint8_t coding; // enum content_coding
} known_codings[] = {
	{"gzip", CONTENT_GZIP},
	{"x-gzip", CONTENT_GZIP},
	{"deflate", CONTENT_DEFLATE},
	{"br", CONTENT_BROTLI},
	{"zstd", CONTENT_ZSTD},
};
#define N_KNOWN_CODINGS (sizeof(known_codings) / sizeof(known_codings[0]))

int content_codings_read(struct slice value, struct content_codings *codings) {
	while (value.len > 0) {
		const uint8_t *comma = memchr(value.data, ',', value.len);
		size_t len = comma == NULL ? value.len : (size_t)(comma - value.data);
		struct slice name = trim(slice_first(value, len));
		value = slice_from(value, len + 1);
		if (name.len == 0 || slice_equals_nocase(name, "identity"))
			continue;
		size_t i = 0;
		while (i < N_KNOWN_CODINGS && !slice_equals_nocase(name, known_codings[i].name))
			i++;
		if (i == N_KNOWN_CODINGS)
			return -ENOTSUP;
		if (codings->n == CONTENT_MAX_CODINGS)
			return -E2BIG;
		codings->list[codings->n++] = known_codings[i].coding;
	}
	return 0;
}

size_t content_memory(const struct content_limits *limits) {
	return sizeof(struct content) + 2 * ((size_t)limits->out_bytes + 1) + ZLIB_CODER_MEMORY
		+ BROTLI_CODER_MEMORY + ZSTD_CODER_MEMORY;
}

struct content *content_create(const struct content_limits *limits) {
	struct content *content = calloc(1, sizeof(*content));
	if (content == NULL)
		return NULL;
	content->limits = *limits;
	for (int i = 0; i < 2; i++)
		content->out[i] = malloc((size_t)limits->out_bytes + 1);
	if (content->out[0] == NULL || content->out[1] == NULL
	    || zlib_coder_init(&content->zlib) < 0 || brotli_coder_init(&content->brotli) < 0
	    || zstd_coder_init(&content->zstd) < 0) {
		content_free(content);
		errno = ENOMEM;
		return NULL;
	}
	return content;
}

void content_free(struct content *content) {
	if (content == NULL)
		return;
	zlib_coder_release(&content->zlib);
	brotli_coder_release(&content->brotli);
	zstd_coder_release(&content->zstd);
	free(content->out[0]);
	free(content->out[1]);
	free(content);
}

static uint64_t clock_ns(clockid_t clock) {
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Wall time is cheap to read but also passes while others have the processor, and the same body
// must not end in different places. So when it is over, as much processor time is given once more.
static bool is_over_time(struct job *job) {
	if (job->is_cpu_time)
		return clock_ns(CLOCK_THREAD_CPUTIME_ID) >= job->deadline_ns;
	if (clock_ns(CLOCK_MONOTONIC) < job->deadline_ns)
		return false;
	job->is_cpu_time = true;
	job->deadline_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) + job->content->limits.time_ns;
	return job->content->limits.time_ns == 0;
}

static bool begin(const struct job *job, struct slice in) {
	switch (job->coding) {
	case CONTENT_GZIP:
		return zlib_coder_begin_gzip(&job->content->zlib, in);
	case CONTENT_DEFLATE:
		return zlib_coder_begin_deflate(&job->content->zlib, in);
	case CONTENT_BROTLI:
		return brotli_coder_begin(&job->content->brotli, in);
	case CONTENT_ZSTD:
		return zstd_coder_begin(&job->content->zstd, in);
	}
	return false;
}

static enum coder_status step(const struct job *job, struct coder_io *io) {
	switch (job->coding) {
	case CONTENT_GZIP:
	case CONTENT_DEFLATE:
		return zlib_coder_step(&job->content->zlib, io);
	case CONTENT_BROTLI:
		return brotli_coder_step(&job->content->brotli, io);
	case CONTENT_ZSTD:
		return zstd_coder_step(&job->content->zstd, io);
	}
	return CODER_BAD;
}

// gzip members and zstd frames may follow one another (RFC 1952, section 2.2; RFC 8878, section 3.1).
static bool begin_next(const struct job *job, struct slice in) {
	bool is_chain = job->coding == CONTENT_GZIP || job->coding == CONTENT_ZSTD;
	return is_chain && in.len >= 4 && begin(job, in);
}

// No room was missing, and yet nothing more came: the input is at its end.
static bool is_starved(const struct coder_io *before, const struct coder_io *after) {
	bool has_moved = after->in.len != before->in.len || after->room != before->room;
	return after->room > 0 && (after->in.len == 0 || !has_moved);
}

// Decodes 'in' to 'out', which has room for one byte more than the cap: that one tells a body that
// is cut from one that ends there.
static int decode_one(struct job *job, struct slice in, uint8_t *out, struct slice *ret) {
	struct coder_io io = {.in = in, .out = out};
	bool is_open = begin(job, in);
	if (!is_open)
		return -EBADMSG;
	while (is_open) {
		size_t room = job->cap + 1 - (size_t)(io.out - out);
		io.room = room < STEP_BYTES ? room : STEP_BYTES;
		struct coder_io before = io;
		enum coder_status status = step(job, &io);
		if (status == CODER_BAD)
			return -EBADMSG;
		if (status == CODER_END) {
			is_open = begin_next(job, io.in);
		} else if (is_starved(&before, &io)) {
			if (!job->is_partial)
				return -EBADMSG;
			is_open = false;
		}
		bool is_full = (size_t)(io.out - out) > job->cap;
		if (is_full || (is_open && is_over_time(job))) {
			job->is_capped = true;
			is_open = false;
		}
	}
	*ret = slice_first(slice_of(out, (size_t)(io.out - out)), job->cap);
	return 0;
}

static size_t cap_for(const struct content_limits *limits, size_t len) {
	uint64_t cap = (uint64_t)len * limits->ratio;
	return cap < limits->out_bytes ? (size_t)cap : limits->out_bytes;
}

int content_decode(
	struct content *content,
	const struct content_codings *codings,
	struct slice body,
	bool is_partial,
	struct slice *ret,
	bool *ret_is_capped
) {
	struct job job = {
		.content = content,
		.is_partial = is_partial,
		.cap = cap_for(&content->limits, body.len),
		.deadline_ns = clock_ns(CLOCK_MONOTONIC) + content->limits.time_ns,
	};
	for (int i = codings->n - 1; i >= 0 && body.len > 0; i--) {
		job.coding = codings->list[i];
		int rc = decode_one(&job, body, content->out[i % 2], &body);
		if (rc < 0)
			return rc;
		// What was cut here is all that the next one gets.
		job.is_partial |= job.is_capped;
	}
	*ret = body;
	*ret_is_capped = job.is_capped;
	return 0;
}
