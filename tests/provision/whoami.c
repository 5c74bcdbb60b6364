// Says who AWS takes us for: the source of the credentials, the ARN and the region; or the error. With a
// count, asks that many times with one client.
//
// usage: whoami [PROFILE [COUNT]]

#include "client.h"
#include "region.h"
#include "sts.h"
#include "transport.h"

#include <stdio.h>
#include <stdlib.h>

static int ask(struct client *client, int count, struct arena *arena, struct aws_error *error) {
	struct sts_identity identity;
	int result = 0;
	for (int i = 0; result == 0 && i < count; i++)
		result = sts_get_caller_identity(client, NULL, arena, &identity, error);
	if (result == 0)
		printf("%s", identity.arn);
	return result;
}

static int
run(struct transport *transport,
    const struct settings_flags *flags,
    int count,
    struct aws_error *error) {
	struct outside outside = transport_outside(transport);
	struct credentials_flags keys = {0};
	struct settings settings;
	struct arena arena = arena_empty();
	const char *region = NULL;
	int result = settings_load(&outside, flags, &settings, error);
	if (result < 0)
		return result;
	transport_set_ca_bundle(transport, settings.ca_bundle);
	struct credentials_provider *provider =
		credentials_provider_create(&outside, &settings, &keys);
	result = region_resolve(&outside, &settings, &arena, &region, error);
	struct client_options options = {
		.outside = &outside,
		.settings = &settings,
		.credentials = provider,
		.region = region,
	};
	struct client *client = result < 0 ? NULL : client_create(&options);
	if (client != NULL)
		result = ask(client, count, &arena, error);
	if (result == 0)
		printf(" %s %s\n", credentials_provider_source(provider), region);
	client_free(client);
	credentials_provider_free(provider);
	settings_release(&settings);
	arena_release(&arena);
	return result;
}

int main(int argc, char **argv) {
	struct transport_options options = {0};
	struct settings_flags flags = {.profile = argc > 1 && argv[1][0] != 0 ? argv[1] : NULL};
	struct transport *transport = transport_create(&options);
	struct aws_error error;
	if (transport == NULL)
		return 2;
	aws_error_clear(&error);
	int result = run(transport, &flags, argc > 2 ? atoi(argv[2]) : 1, &error);
	transport_free(transport);
	if (result < 0)
		printf("%s: %s\n", error.code, error.message);
	return result < 0 ? 1 : 0;
}
