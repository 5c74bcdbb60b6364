#include "endpoint.h"

#include "partition.h"
#include "uri.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

// "endpoint_url" of the service in the [services] section that the profile names.
static const char *service_section_url(const struct settings *settings, const char *variable) {
	const char *section = profile_get(settings->profile, "services");
	char key[64];
	int len = snprintf(key, sizeof(key), "%s.endpoint_url", variable);
	if (section == NULL || len >= (int)sizeof(key))
		return NULL;
	for (char *at = key; *at != 0; at++)
		*at = (char)tolower((unsigned char)*at);
	return profile_get(
		profile_find(&settings->profiles, PROFILE_SECTION_SERVICES, section), key
	);
}

static const char *configured_url(const struct endpoint_question *question) {
	const struct settings *settings = question->settings;
	char name[64];
	if (settings->endpoint_url != NULL)
		return settings->endpoint_url;
	if (settings->ignores_endpoint_urls)
		return NULL;
	snprintf(name, sizeof(name), "AWS_ENDPOINT_URL_%s", question->service->variable);
	const char *url = outside_getenv(question->outside, name);
	if (url == NULL)
		url = outside_getenv(question->outside, "AWS_ENDPOINT_URL");
	if (url == NULL)
		url = service_section_url(settings, question->service->variable);
	return url != NULL ? url : profile_get(settings->profile, "endpoint_url");
}

// The price list is served from few regions; NULL where a partition has none.
static const char *pricing_region(const char *region) {
	const struct partition *partition = partition_of_region(region);
	if (strcmp(partition->name, "aws-cn") == 0)
		return "cn-northwest-1";
	if (strcmp(partition->name, "aws") != 0)
		return NULL;
	if (strncmp(region, "eu-", 3) == 0)
		return "eu-central-1";
	return strncmp(region, "ap-", 3) == 0 ? "ap-south-1" : "us-east-1";
}

// The host of a service that has one in each region.
static int regional_host(
	const struct endpoint_question *question,
	const char *region,
	struct arena *arena,
	const char **ret_host,
	struct aws_error *error
) {
	const struct settings *settings = question->settings;
	const struct service *service = question->service;
	const struct partition *partition = partition_of_region(region);
	const char *suffix = partition->dns_suffix;
	if (settings->uses_dual_stack)
		suffix = partition->dual_stack_suffix;
	if (suffix == NULL)
		return aws_error_set(
			error,
			-EINVAL,
			"NoSuchEndpoint",
			"there are no dual-stack endpoints in '%s'",
			region
		);
	bool is_plain_fips = service->has_fips_in_gov && !settings->uses_dual_stack
		&& strcmp(partition->name, "aws-us-gov") == 0;
	const char *fips = settings->uses_fips && !is_plain_fips ? "-fips" : "";
	*ret_host = arena_printf(arena, "%s%s.%s.%s", service->endpoint, fips, region, suffix);
	if (*ret_host == NULL)
		return aws_error_set(error, -ENOMEM, "OutOfMemory", "making an address");
	return 0;
}

static int global_host(
	const struct endpoint_question *question,
	const char **ret_host,
	struct aws_error *error
) {
	const struct partition *partition = partition_of_region(question->region);
	*ret_host = question->settings->uses_fips ? partition->global_fips_host
						  : partition->global_host;
	if (*ret_host == NULL)
		return aws_error_set(
			error,
			-EINVAL,
			"NoSuchEndpoint",
			"'%s' has no FIPS endpoint in partition '%s'",
			question->service->id,
			partition->name
		);
	return 0;
}

static const char *signing_region(const struct endpoint_question *question) {
	if (strcmp(question->service->id, "pricing") == 0)
		return pricing_region(question->region);
	if (question->service->is_global)
		return partition_of_region(question->region)->global_region;
	return question->region;
}

// "host" or "host:port"; the port is left out where it is the scheme's own, as HTTP clients do.
static const char *host_header(const struct uri *uri, struct arena *arena) {
	bool is_v6 = memchr(uri->host.data, ':', uri->host.len) != NULL;
	bool is_default = uri->port == 0 || uri->port == (uri->is_https ? 443 : 80);
	char port[8] = "";
	if (!is_default)
		snprintf(port, sizeof(port), ":%u", uri->port);
	return arena_printf(
		arena,
		"%s%.*s%s%s",
		is_v6 ? "[" : "",
		(int)uri->host.len,
		(const char *)uri->host.data,
		is_v6 ? "]" : "",
		port
	);
}

static int
from_url(const char *url, struct arena *arena, struct endpoint *endpoint, struct aws_error *error) {
	struct uri uri;
	if (uri_parse(url, &uri) < 0 || uri.query.len > 0)
		return aws_error_set(
			error,
			-EINVAL,
			"InvalidEndpoint",
			"'%s' is not an address such as https://host:port",
			url
		);
	size_t len = strlen(url);
	while (len > 0 && url[len - 1] == '/')
		len--;
	endpoint->url = arena_strndup(arena, url, len);
	endpoint->host = host_header(&uri, arena);
	if (endpoint->url == NULL || endpoint->host == NULL)
		return aws_error_set(error, -ENOMEM, "OutOfMemory", "making an address");
	return 0;
}

int endpoint_resolve(
	const struct endpoint_question *question,
	struct arena *arena,
	struct endpoint *ret_endpoint,
	struct aws_error *error
) {
	struct endpoint endpoint = {0};
	const char *region = signing_region(question);
	const char *url = configured_url(question);
	if (region == NULL)
		return aws_error_set(
			error,
			-EINVAL,
			"NoSuchEndpoint",
			"'%s' is not available in '%s'",
			question->service->id,
			question->region
		);
	endpoint.signing_region = arena_strdup(arena, region);
	if (endpoint.signing_region == NULL)
		return aws_error_set(error, -ENOMEM, "OutOfMemory", "making an address");
	int result;
	if (url != NULL)
		result = from_url(url, arena, &endpoint, error);
	else if (question->service->is_global)
		result = global_host(question, &endpoint.host, error);
	else
		result = regional_host(question, region, arena, &endpoint.host, error);
	if (result == 0 && endpoint.url == NULL)
		endpoint.url = arena_printf(arena, "https://%s", endpoint.host);
	if (result == 0 && endpoint.url == NULL)
		result = aws_error_set(error, -ENOMEM, "OutOfMemory", "making an address");
	if (result < 0)
		return result;
	*ret_endpoint = endpoint;
	return 0;
}
