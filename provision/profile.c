#include "profile.h"

#include "file.h"
#include "ini.h"

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 20)

struct loader {
	struct profile_set *set;
	struct profile *current; // NULL in a section that is not ours
	bool is_credentials;
};

static struct profile *
find(const struct profile_set *set, enum profile_section section, struct slice name) {
	for (size_t i = 0; i < set->n_profiles; i++)
		if (set->profiles[i].section == section
		    && slice_equals(name, set->profiles[i].name))
			return &set->profiles[i];
	return NULL;
}

const struct profile *
profile_find(const struct profile_set *set, enum profile_section section, const char *name) {
	return find(set, section, slice_of_string(name));
}

static struct slice unquoted(struct slice name) {
	while (name.len > 0 && isspace(name.data[0]))
		name = slice_from(name, 1);
	if (name.len >= 2 && (name.data[0] == '"' || name.data[0] == '\'')
	    && name.data[name.len - 1] == name.data[0])
		return slice_of(name.data + 1, name.len - 2);
	return name;
}

static bool has_prefix(struct slice name, const char *prefix) {
	size_t len = strlen(prefix);
	return name.len > len && memcmp(name.data, prefix, len) == 0 && isspace(name.data[len]);
}

// What a header says in the config file: "default", "profile x", "sso-session x", "services x".
static bool
classify(struct slice header, enum profile_section *ret_section, struct slice *ret_name) {
	static const struct {
		const char *prefix;
		enum profile_section section;
	} kinds[] = {
		{"profile", PROFILE_SECTION_PROFILE},
		{"sso-session", PROFILE_SECTION_SSO_SESSION},
		{"services", PROFILE_SECTION_SERVICES},
	};
	*ret_section = PROFILE_SECTION_PROFILE;
	*ret_name = header;
	if (slice_equals(header, "default"))
		return true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!has_prefix(header, kinds[i].prefix))
			continue;
		*ret_section = kinds[i].section;
		*ret_name = unquoted(slice_from(header, strlen(kinds[i].prefix)));
		return true;
	}
	return false;
}

static int on_section(void *ctx, struct slice header) {
	struct loader *loader = ctx;
	struct profile_set *set = loader->set;
	enum profile_section section = PROFILE_SECTION_PROFILE;
	struct slice name = header;
	loader->current = NULL;
	if (!loader->is_credentials && !classify(header, &section, &name))
		return 0;
	loader->current = find(set, section, name);
	if (loader->current != NULL)
		return 0;
	struct profile *larger =
		arena_grow(&set->arena, set->profiles, set->n_profiles, sizeof(*larger));
	char *copy = arena_strndup(&set->arena, (const char *)name.data, name.len);
	if (larger == NULL || copy == NULL)
		return -ENOMEM;
	set->profiles = larger;
	loader->current = &larger[set->n_profiles++];
	*loader->current = (struct profile) {.section = section, .name = copy};
	return 0;
}

static struct profile_entry *find_entry(const struct profile *profile, const char *key) {
	for (size_t i = 0; i < profile->n_entries; i++)
		if (strcmp(profile->entries[i].key, key) == 0)
			return &profile->entries[i];
	return NULL;
}

static int on_entry(void *ctx, const char *key, struct slice value) {
	struct loader *loader = ctx;
	struct arena *arena = &loader->set->arena;
	struct profile *profile = loader->current;
	if (profile == NULL)
		return 0;
	char *text = arena_strndup(arena, (const char *)value.data, value.len);
	char *name = arena_strdup(arena, key);
	if (text == NULL || name == NULL)
		return -ENOMEM;
	struct profile_entry *entry = find_entry(profile, key);
	if (entry == NULL) {
		size_t n = profile->n_entries;
		struct profile_entry *larger =
			arena_grow(arena, profile->entries, n, sizeof(*larger));
		if (larger == NULL)
			return -ENOMEM;
		profile->entries = larger;
		entry = &larger[profile->n_entries++];
	}
	*entry = (struct profile_entry) {
		.key = name,
		.value = text,
		.is_from_credentials = loader->is_credentials,
	};
	return 0;
}

static const char *home_folder(const struct outside *outside) {
	const char *home = outside_getenv(outside, "HOME");
	if (home != NULL)
		return home;
	const struct passwd *entry = getpwuid(getuid());
	return entry == NULL ? NULL : entry->pw_dir;
}

char *profile_expand_path(const struct outside *outside, struct arena *arena, const char *path) {
	if (path[0] != '~' || (path[1] != '/' && path[1] != 0))
		return arena_strdup(arena, path);
	const char *home = home_folder(outside);
	if (home == NULL) {
		errno = ENOENT;
		return NULL;
	}
	return arena_printf(arena, "%s%s", home, path + 1);
}

static int load_file(
	const struct outside *outside,
	struct loader *loader,
	const char *path,
	struct aws_error *error
) {
	struct arena scratch = arena_empty();
	struct strbuf text;
	unsigned line = 0;
	strbuf_init(&text, FILE_MAX);
	const char *expanded = profile_expand_path(outside, &scratch, path);
	int result = expanded == NULL ? -errno : file_read(expanded, &text);
	if (result == 0) {
		struct ini_handler handler = {
			.ctx = loader,
			.section = on_section,
			.entry = on_entry,
		};
		result = ini_read(strbuf_slice(&text), &handler, &line);
		if (result == -EBADMSG)
			result = aws_error_set(
				error,
				-EINVAL,
				"InvalidConfigFile",
				"line %u of '%s' is neither a section nor 'key = value'",
				line,
				path
			);
	} else if (result != -ENOMEM) {
		result = 0;
	}
	if (result == -ENOMEM)
		aws_error_set(error, result, "OutOfMemory", "reading '%s'", path);
	strbuf_release(&text);
	arena_release(&scratch);
	return result;
}

int profile_set_load(
	const struct outside *outside,
	struct profile_set *ret_set,
	struct aws_error *error
) {
	struct profile_set set = {0};
	struct loader loader = {.set = &set};
	const char *config = outside_getenv(outside, "AWS_CONFIG_FILE");
	const char *credentials = outside_getenv(outside, "AWS_SHARED_CREDENTIALS_FILE");
	int result = load_file(outside, &loader, config == NULL ? "~/.aws/config" : config, error);
	if (result == 0) {
		loader.is_credentials = true;
		loader.current = NULL;
		result = load_file(
			outside,
			&loader,
			credentials == NULL ? "~/.aws/credentials" : credentials,
			error
		);
	}
	if (result < 0)
		profile_set_release(&set);
	else
		*ret_set = set;
	return result;
}

void profile_set_release(struct profile_set *set) {
	arena_release(&set->arena);
	*set = (struct profile_set) {0};
}

const char *profile_get(const struct profile *profile, const char *key) {
	const struct profile_entry *entry = profile == NULL ? NULL : find_entry(profile, key);
	return entry == NULL || entry->value[0] == 0 ? NULL : entry->value;
}

const char *
profile_get_from(const struct profile *profile, const char *key, bool from_credentials) {
	const struct profile_entry *entry = profile == NULL ? NULL : find_entry(profile, key);
	if (entry == NULL || entry->value[0] == 0 || entry->is_from_credentials != from_credentials)
		return NULL;
	return entry->value;
}
