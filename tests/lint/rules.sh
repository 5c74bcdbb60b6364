#!/bin/sh
# What no compiler checks: who may include and call whom, and what must not be in the tree. Prints
# each offence; exits 1 when there is one.
cd "$(dirname "$0")/../.." || exit 2
status=0

forbid() { # WHY PATTERN PATHSPEC...
	why=$1 pattern=$2
	shift 2
	if git grep -nE "$pattern" -- "$@"; then
		echo "  ^ $why"
		status=1
	fi
}

at_most() { # WHY LIMIT PATHSPEC...
	why=$1 limit=$2
	shift 2
	long=$(git ls-files -- "$@" | while read -r file; do
		lines=$(wc -l <"$file")
		[ "$lines" -le "$limit" ] || echo "$file: $lines lines"
	done)
	[ -z "$long" ] || {
		printf '%s\n  ^ %s\n' "$long" "$why"
		status=1
	}
}

forbid 'an include that climbs out of its folder' '#include ".*\.\./' '*.[ch]'
forbid 'provision/ is free of DPDK' '#include <rte_' 'provision/'
forbid 'lib/ speaks to no network and reads no JSON' '#include <(curl|jansson|openssl)' 'lib/'
forbid 'metlo-appliance is free of DPDK' '#include <rte_' 'app/appliance.c' 'app/run.c' 'app/status.c' \
	'app/check_config.c' 'app/config*.c' 'app/options.c' 'app/setting*.c'
forbid 'libraries return errors; they print and abort nothing' \
	'\<(printf|fprintf|puts|perror|abort|exit|rte_panic|rte_exit)\(' 'lib/*.[ch]' 'provision/*.[ch]'
forbid 'banned: unbounded, or silent about errors' \
	'\<(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|gets|alloca)\(' '*.[ch]' ':!tests/'
forbid 'comments are //' '^[^"]*/\*' '*.[ch]'
forbid 'no typedef of structs' 'typedef (struct|union|enum) [a-z_]* *(\{|[a-z_0-9]+;)' '*.[ch]'
forbid 'unfinished' '\<(TODO|FIXME|XXX|HACK)\>' ':!tests/lint/rules.sh'
forbid 'white space at the end of a line' '[[:blank:]]+$' '*.[ch]' '*.py' '*.sh' '*.md' '*.build' dev
at_most 'a file is at most 500 lines' 500 '*.[ch]' '*.py' '*.sh' dev

# What ./dev installs is told, with its purpose.
untold=$(sed -n '/^packages_for/,/^}/s/.*echo \([a-z0-9 .+-]*\).*/\1/p' dev | tr ' ' '\n' | sort -u |
	while read -r package; do
		grep -qF "\`$package\`" docs/dependencies.md || echo "$package"
	done)
[ -z "$untold" ] || {
	printf '%s\n  ^ docs/dependencies.md does not say what it is for\n' "$untold"
	status=1
}

# A *_priv.h is for its own folder, and for tests.
strangers=$(git grep -nE '#include "[a-z0-9_]+_priv\.h"' -- '*.[ch]' ':!tests/' |
	while IFS=: read -r file line text; do
		header=${text#*\"}
		[ -e "$(dirname "$file")/${header%\"*}" ] || echo "$file:$line:$text"
	done)
if [ -n "$strangers" ]; then
	printf '%s\n  ^ a private header from another folder\n' "$strangers"
	status=1
fi
exit $status
