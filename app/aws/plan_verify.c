#include "plan_verify.h"

#include "aws_failure.h"
#include "listing.h"
#include "paragraph.h"
#include "verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_COLUMN 9

static void print_finding(const struct verify_finding *finding) {
	static const char *const states[] = {
		[VERIFY_GOOD] = "good",
		[VERIFY_PENDING] = "wait",
		[VERIFY_BAD] = "to do",
	};
	struct paragraph paragraph;
	paragraph_begin(&paragraph, stdout, listing_width(stdout), 2, TEXT_COLUMN);
	paragraph_add(&paragraph, "%s", states[finding->state]);
	paragraph_pad(&paragraph, TEXT_COLUMN);
	paragraph_add(&paragraph, "%s", finding->text);
	if (finding->fix != NULL)
		paragraph_add(&paragraph, "; %s", finding->fix);
	paragraph_end(&paragraph);
}

int plan_verify(
	struct client *client,
	const struct deployment *deployment,
	const struct apply_result *result
) {
	struct verify verify;
	struct aws_error error = {0};
	int code = EXIT_SUCCESS;
	int status = verify_run(client, deployment, result, &verify, &error);
	if (status < 0)
		return aws_failure_say(status, &error, "verify deployment '%s'", deployment->id);
	for (size_t i = 0; i < verify.n_findings; i++) {
		const struct verify_finding *finding = &verify.findings[i];
		print_finding(finding);
		if (finding->state == VERIFY_BAD && strcmp(finding->what, "appliance") != 0)
			code = EXIT_FAILURE;
	}
	verify_release(&verify);
	return code;
}
