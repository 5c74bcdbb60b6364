#pragma once

// Looks whether mirrored traffic can arrive after a plan was applied, and says so.

#include "apply.h"
#include "client.h"
#include "deployment.h"

// The exit code: 1 where a listener or sessions are missing, or AWS cannot be asked. That appliances are missing
// or starting is said, but is no failure of what was applied.
int plan_verify(
	struct client *client,
	const struct deployment *deployment,
	const struct apply_result *result
);
