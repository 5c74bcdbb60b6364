#pragma once

// The profiles of ~/.aws/config and ~/.aws/credentials, merged per profile; for a key that both files
// give, the credentials file wins.

#include "arena.h"
#include "error.h"
#include "outside.h"

#include <stdbool.h>
#include <stddef.h>

enum profile_section {
	PROFILE_SECTION_PROFILE,
	PROFILE_SECTION_SSO_SESSION,
	PROFILE_SECTION_SERVICES,
};

struct profile_entry {
	const char *key; // lower case
	const char *value;
	bool is_from_credentials; // which of the two files
};

struct profile {
	enum profile_section section;
	const char *name;
	struct profile_entry *entries;
	size_t n_entries;
};

struct profile_set {
	struct arena arena;
	struct profile *profiles;
	size_t n_profiles;
};

// Reads the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE or the home folder name. A file
// that is missing or unreadable is skipped; one that cannot be parsed is -EINVAL, with its line.
int profile_set_load(
	const struct outside *outside,
	struct profile_set *ret_set,
	struct aws_error *error
);
void profile_set_release(struct profile_set *set);

// NULL where there is none.
const struct profile *
profile_find(const struct profile_set *set, enum profile_section section, const char *name);

// NULL where the key is absent or empty; 'profile' may be NULL.
const char *profile_get(const struct profile *profile, const char *key);

// The same, from one file only.
const char *profile_get_from(const struct profile *profile, const char *key, bool from_credentials);

// "~/x" with the home folder in place of '~'; other paths as they are. NULL with errno ENOMEM, or ENOENT
// where there is no home.
char *profile_expand_path(const struct outside *outside, struct arena *arena, const char *path);
