#include "firewall.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define PORTS (UINT16_MAX + 1)

bool firewall_range_read(const char *text, struct firewall_range *ret_range) {
	char address[INET_ADDRSTRLEN];
	struct in_addr in;
	unsigned long n_bits = 32;
	const char *slash = text == NULL ? NULL : strchr(text, '/');
	size_t len = text == NULL ? 0 : slash == NULL ? strlen(text) : (size_t)(slash - text);
	if (len == 0 || len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = 0;
	if (inet_pton(AF_INET, address, &in) != 1)
		return false;
	if (slash != NULL) {
		char *end;
		if (slash[1] < '0' || slash[1] > '9')
			return false;
		n_bits = strtoul(slash + 1, &end, 10);
		if (*end != 0 || n_bits > 32)
			return false;
	}
	uint32_t mask = n_bits == 0 ? 0 : UINT32_MAX << (32 - n_bits);
	uint32_t first = ntohl(in.s_addr) & mask;
	*ret_range = (struct firewall_range) {.first = first, .last = first | ~mask};
	return true;
}

bool firewall_range_covers(struct firewall_range outer, struct firewall_range inner) {
	return outer.first <= inner.first && inner.last <= outer.last;
}

static bool overlaps(struct firewall_range a, struct firewall_range b) {
	return a.first <= b.last && b.first <= a.last;
}

// "-1", a number, or one of the names that security groups use.
static bool is_protocol(const char *text, int protocol) {
	if (text == NULL)
		return false;
	if (strcmp(text, "-1") == 0)
		return true;
	if (strcmp(text, "tcp") == 0)
		return protocol == 6;
	if (strcmp(text, "udp") == 0)
		return protocol == 17;
	char *end;
	return strtol(text, &end, 10) == protocol && end != text && *end == 0;
}

static bool has(const struct shape_strings *list, const char *text) {
	for (size_t i = 0; text != NULL && i < list->n; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

static bool
is_peer(const struct ec2_permission *permission, const struct firewall_traffic *traffic) {
	struct firewall_range range;
	for (size_t i = 0; i < permission->ranges.n; i++)
		if (firewall_range_read(permission->ranges.items[i].cidr, &range)
		    && firewall_range_covers(range, traffic->peer))
			return true;
	for (size_t i = 0; i < permission->groups.n; i++)
		if (has(&traffic->peer_groups, permission->groups.items[i].group_id))
			return true;
	return false;
}

static bool
is_ports(const struct ec2_permission *permission, const struct firewall_traffic *traffic) {
	if (!permission->from_port.is_set || permission->from_port.value < 0)
		return true;
	return permission->from_port.value <= traffic->from_port
		&& traffic->to_port <= permission->to_port.value;
}

enum firewall_verdict firewall_judge_groups(
	const struct ec2_security_group *const *groups,
	size_t n_groups,
	const struct firewall_traffic *traffic
) {
	enum firewall_verdict verdict = n_groups == 0 ? FIREWALL_PASSES : FIREWALL_REFUSES;
	for (size_t i = 0; i < n_groups; i++) {
		const struct ec2_permissions *all =
			traffic->is_egress ? &groups[i]->egress : &groups[i]->ingress;
		for (size_t j = 0; j < all->n; j++) {
			const struct ec2_permission *permission = &all->items[j];
			if (!is_protocol(permission->protocol, traffic->protocol)
			    || !is_ports(permission, traffic))
				continue;
			if (is_peer(permission, traffic))
				return FIREWALL_PASSES;
			if (permission->prefix_lists.n > 0)
				verdict = FIREWALL_MAY_PASS;
		}
	}
	return verdict;
}

// Whether it decides about this port. A denial of a part of the peers counts, a permission for a part does not.
static bool
decides(const struct ec2_acl_entry *entry, const struct firewall_traffic *traffic, uint32_t port) {
	struct firewall_range range;
	bool is_allow = entry->action != NULL && strcmp(entry->action, "allow") == 0;
	if (entry->is_egress != traffic->is_egress
	    || !is_protocol(entry->protocol, traffic->protocol)
	    || !firewall_range_read(entry->cidr, &range))
		return false;
	if (entry->from_port.is_set && strcmp(entry->protocol, "-1") != 0
	    && (port < entry->from_port.value || port > entry->to_port.value))
		return false;
	return is_allow ? firewall_range_covers(range, traffic->peer)
			: overlaps(range, traffic->peer);
}

static bool
passes(const struct ec2_acl *acl, const struct firewall_traffic *traffic, uint32_t port) {
	const struct ec2_acl_entry *first = NULL;
	for (size_t i = 0; i < acl->entries.n; i++) {
		const struct ec2_acl_entry *entry = &acl->entries.items[i];
		if ((first == NULL || entry->number < first->number)
		    && decides(entry, traffic, port))
			first = entry;
	}
	return first != NULL && first->action != NULL && strcmp(first->action, "allow") == 0;
}

// The next port after 'port' at which another entry may decide.
static uint32_t next_boundary(const struct ec2_acl *acl, uint32_t port) {
	int64_t next = PORTS;
	for (size_t i = 0; i < acl->entries.n; i++) {
		const struct ec2_acl_entry *entry = &acl->entries.items[i];
		int64_t edges[] = {entry->from_port.value, entry->to_port.value + 1};
		for (size_t j = 0; entry->from_port.is_set && j < 2; j++)
			if (edges[j] > port && edges[j] < next)
				next = edges[j];
	}
	return (uint32_t)next;
}

enum firewall_verdict
firewall_judge_acl(const struct ec2_acl *acl, const struct firewall_traffic *traffic) {
	bool is_any_refused = false, is_any_passed = false;
	if (acl == NULL)
		return FIREWALL_PASSES;
	for (uint32_t port = traffic->from_port; port <= traffic->to_port;
	     port = next_boundary(acl, port)) {
		bool is_passed = passes(acl, traffic, port);
		is_any_passed = is_any_passed || is_passed;
		is_any_refused = is_any_refused || !is_passed;
	}
	if (!is_any_refused)
		return FIREWALL_PASSES;
	return is_any_passed ? FIREWALL_PASSES_PARTLY : FIREWALL_REFUSES;
}

const struct ec2_route *
firewall_route(const struct ec2_route_table *table, struct firewall_range address) {
	const struct ec2_route *best = NULL;
	uint32_t best_size = 0;
	for (size_t i = 0; i < table->routes.n; i++) {
		const struct ec2_route *route = &table->routes.items[i];
		struct firewall_range range;
		if (!firewall_range_read(route->cidr, &range)
		    || !firewall_range_covers(range, address))
			continue;
		uint32_t size = range.last - range.first;
		if (best == NULL || size < best_size) {
			best = route;
			best_size = size;
		}
	}
	return best;
}
