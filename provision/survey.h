#pragma once

// Everything that is needed to say what a deployment needs: the account, what there is of the deployment,
// what its sources lead to, and the plan.

#include "candidate.h"
#include "client.h"
#include "deployment.h"
#include "found.h"
#include "inventory.h"
#include "plan.h"
#include "resolve.h"

enum survey_purpose {
	SURVEY_SET_UP, // also to refresh: the same
	SURVEY_DESTROY,
	SURVEY_LOOK, // no plan
};

struct survey {
	struct inventory inventory;
	struct found found;
	struct resolution resolution; // not to destroy
	struct candidates candidates;
	struct plan plan; // points into the others
};

// 'ret_survey' must stay where it is, and 'deployment' as it is, as long as it is used. Reads only.
int survey_make(
	struct client *client,
	const struct deployment *deployment,
	enum survey_purpose purpose,
	struct survey *ret_survey,
	struct aws_error *error
);
void survey_release(struct survey *survey);
