// Puts captures together and changes them in ways that must not change what is in them.
//
//   rewrite OUT [STEP[=NUMBER]]... -- CAPTURE...
//
// Steps are done in the order given. Each capture's addresses get a first byte of their own, and
// times are even, so that one file holds many captures and every variant of it compares.

#include "transform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct step {
	const char *name, *help;
	int (*run)(struct frames *frames, uint32_t number, struct rng *rng);
};

static int step_segment(struct frames *frames, uint32_t number, struct rng *rng) {
	return frames_segment(frames, number, rng);
}

static int step_duplicate(struct frames *frames, uint32_t, struct rng *) {
	return frames_duplicate(frames);
}

static int step_reorder(struct frames *frames, uint32_t number, struct rng *rng) {
	return frames_reorder(frames, number ? number : 8, rng);
}

static int step_ipv6(struct frames *frames, uint32_t, struct rng *) {
	return frames_to_ipv6(frames);
}

static int step_vxlan(struct frames *frames, uint32_t number, struct rng *) {
	return frames_wrap_vxlan(frames, number);
}

static int step_fragment(struct frames *frames, uint32_t number, struct rng *) {
	return frames_fragment(frames, number ? number : 576);
}

static int step_seed(struct frames *, uint32_t number, struct rng *rng) {
	rng->state = number;
	return 0;
}

static const struct step steps[] = {
	{"segment", "TCP payloads in pieces of NUMBER bytes, or of random sizes", step_segment},
	{"duplicate", "every frame twice", step_duplicate},
	{"reorder", "every frame up to NUMBER (8) places late", step_reorder},
	{"ipv6", "IPv4 becomes IPv6", step_ipv6},
	{"vxlan", "wrapped in VXLAN, behind NUMBER VLAN tags", step_vxlan},
	{"fragment",
	 "IPv4 packets, the outer ones where wrapped, in pieces of NUMBER (576) bytes",
	 step_fragment},
	{"seed", "NUMBER for what is random from here on", step_seed},
};

static int usage(void) {
	fprintf(stderr, "usage: rewrite OUT [STEP[=NUMBER]]... -- CAPTURE...\n");
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		fprintf(stderr, "  %-10s %s\n", steps[i].name, steps[i].help);
	return 2;
}

static int step_do(struct frames *frames, const char *text, struct rng *rng) {
	const size_t len = strcspn(text, "=");
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strlen(steps[i].name) != len || strncmp(steps[i].name, text, len) != 0)
			continue;
		const uint32_t number = text[len] ? (uint32_t)strtoul(text + len + 1, NULL, 10) : 0;
		return steps[i].run(frames, number, rng) == 0 ? 0 : 1;
	}
	return usage();
}

static int load_all(struct frames *frames, int n, char *const *paths) {
	for (int i = 0; i < n; i++) {
		char error[256];
		const size_t first = frames->n;
		if (frames_load(frames, paths[i], error) != 0) {
			fprintf(stderr, "rewrite: cannot read '%s': %s\n", paths[i], error);
			return 1;
		}
		// From 1 on, without the loopback network.
		frames_number(frames, first, (uint8_t)(i < 126 ? i + 1 : i + 2));
	}
	frames_pace(frames, 1800000000000000000, 20000);
	return 0;
}

int main(int argc, char **argv) {
	int split = 2;
	while (split < argc && strcmp(argv[split], "--") != 0)
		split++;
	if (split + 1 >= argc || argc - split > 200)
		return usage();
	struct frames frames = {0};
	struct rng rng = {.state = 1};
	int result = load_all(&frames, argc - split - 1, argv + split + 1);
	for (int i = 2; i < split && result == 0; i++)
		result = step_do(&frames, argv[i], &rng);
	if (result == 0 && frames_save(&frames, argv[1]) != 0) {
		fprintf(stderr, "rewrite: cannot write '%s'\n", argv[1]);
		result = 1;
	}
	frames_release(&frames);
	return result;
}
