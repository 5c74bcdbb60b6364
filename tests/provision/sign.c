// Signs one request and prints its Authorization header, for check_signatures.py.
//
// usage: sign METHOD PATH QUERY BODY [NAME VALUE]... with KEY_ID, SECRET, REGION, SERVICE and TIME (in
// seconds) in the environment

#include "sigv4.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX (1 << 20)

int main(int argc, char **argv) {
	struct sigv4_header headers[32];
	char hash[SIGV4_HEX_SIZE], signature[SIGV4_HEX_SIZE];
	struct strbuf canonical, to_sign, names, value;
	size_t n = 0;
	if (argc < 5 || argc > 5 + 2 * 32)
		return 2;
	for (int i = 5; i + 1 < argc; i += 2, n++) {
		headers[n].name = slice_of_string(argv[i]);
		headers[n].value = slice_of_string(argv[i + 1]);
	}
	struct sigv4_request request = {
		.method = argv[1],
		.path = slice_of_string(argv[2]),
		.query = slice_of_string(argv[3]),
		.headers = headers,
		.n_headers = n,
		.payload_hash = hash,
	};
	struct sigv4_scope scope = {
		.region = getenv("REGION"),
		.service = getenv("SERVICE"),
		.time_s = strtoll(getenv("TIME"), NULL, 10),
	};
	strbuf_init(&canonical, TEXT_MAX);
	strbuf_init(&to_sign, TEXT_MAX);
	strbuf_init(&names, TEXT_MAX);
	strbuf_init(&value, TEXT_MAX);
	bool is_done = sigv4_payload_hash(slice_of_string(argv[4]), hash) == 0
		&& sigv4_canonical_request(&request, &canonical) == 0
		&& sigv4_string_to_sign(&scope, strbuf_slice(&canonical), &to_sign) == 0
		&& sigv4_signature(&scope, getenv("SECRET"), strbuf_slice(&to_sign), signature) == 0
		&& sigv4_signed_headers(&request, &names) == 0
		&& sigv4_authorization(&scope, getenv("KEY_ID"), names.data, signature, &value)
			== 0;
	if (is_done)
		printf("%s\n", value.data);
	strbuf_release(&canonical);
	strbuf_release(&to_sign);
	strbuf_release(&names);
	strbuf_release(&value);
	return is_done ? 0 : 1;
}
