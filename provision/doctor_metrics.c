#include "cloudwatch.h"
#include "doctor_view.h"

#include <stdlib.h>
#include <string.h>

// What CloudWatch counted in the last hour. It counts nothing for interfaces that are no instance's, such as
// those of load balancers and Fargate tasks.

#define SPAN_S 3600
#define SKIPPED_MUCH 0.01 // of what should have been mirrored

// X(name): in bytes
#define INSTANCE_METRICS(X)                                                                        \
	X(NetworkMirrorIn)                                                                         \
	X(NetworkMirrorOut)                                                                        \
	X(NetworkSkipMirrorIn)                                                                     \
	X(NetworkSkipMirrorOut)

// X(name): in flows, but the last, in bytes
#define BALANCER_METRICS(X)                                                                        \
	X(SecurityGroupBlockedFlowCount_Inbound_UDP)                                               \
	X(SecurityGroupBlockedFlowCount_Outbound_UDP)                                              \
	X(SecurityGroupBlockedFlowCount_Outbound_TCP)                                              \
	X(ProcessedBytes_UDP)

#define X(name) #name,
static const char *const instance_metrics[] = {INSTANCE_METRICS(X)};
static const char *const balancer_metrics[] = {BALANCER_METRICS(X)};
#undef X

#define N_METRICS 4
#define INSTANCES_MAX (CLOUDWATCH_QUERIES_MAX / N_METRICS) // of one call

static_assert(sizeof(instance_metrics) / sizeof(instance_metrics[0]) == N_METRICS);
static_assert(sizeof(balancer_metrics) / sizeof(balancer_metrics[0]) == N_METRICS);

struct figures {
	double sums[N_METRICS];
	bool is_known; // CloudWatch has any of them
};

// What CloudWatch is asked about: N_METRICS figures of each thing.
struct subject {
	const char *namespace;
	const char *dimension;
	const char *const *metrics;
};

static const struct subject instances_subject = {"AWS/EC2", "InstanceId", instance_metrics};
static const struct subject balancer_subject = {
	"AWS/NetworkELB",
	"LoadBalancer",
	balancer_metrics,
};

// Adds one series, whose id is its number among the questions.
static void read_series(const struct cloudwatch_series *series, size_t n, struct figures *figures) {
	char *end;
	if (series->id == NULL || series->id[0] != 'q')
		return;
	size_t at = strtoul(series->id + 1, &end, 10);
	if (*end != 0 || at >= n * N_METRICS)
		return;
	for (size_t i = 0; i < series->values.n; i++)
		figures[at / N_METRICS].sums[at % N_METRICS] += series->values.items[i];
	figures[at / N_METRICS].is_known |= series->values.n > 0;
}

// The figures of 'n' things, at most INSTANCES_MAX, in one call.
static int
ask(struct doctor_view *view,
    const struct subject *subject,
    const char *const *values,
    size_t n,
    struct figures *ret_figures) {
	struct arena *arena = view->arena;
	struct cloudwatch_query *queries =
		arena_alloc_array(arena, n * N_METRICS, sizeof(*queries));
	struct cloudwatch_dimension *dimensions = arena_alloc_array(arena, n, sizeof(*dimensions));
	struct cloudwatch_answer answer;
	int64_t now_s = view->inventory.read_at_s;
	if (queries == NULL || dimensions == NULL) {
		view->is_out_of_memory = true;
		return 0;
	}
	for (size_t i = 0; i < n * N_METRICS; i++) {
		struct cloudwatch_dimension *dimension = &dimensions[i / N_METRICS];
		dimension->name = subject->dimension;
		dimension->value = values[i / N_METRICS];
		queries[i] = (struct cloudwatch_query) {
			.id = doctor_text(view, "q%zu", i),
			.namespace = subject->namespace,
			.metric = subject->metrics[i % N_METRICS],
			.dimensions = {.items = dimension, .n = 1},
			.period_s = SPAN_S,
			.statistic = "Sum",
		};
	}
	struct cloudwatch_question question = {
		.queries = {.items = queries, .n = n * N_METRICS},
		.start_s = now_s - SPAN_S,
		.end_s = now_s + 60,
	};
	int result =
		cloudwatch_get_metric_data(view->client, &question, arena, &answer, view->error);
	for (size_t i = 0; result == 0 && i < answer.series.n; i++)
		read_series(&answer.series.items[i], n, ret_figures);
	return result;
}

static struct shape_strings instances_of(struct doctor_view *view) {
	struct shape_strings ids = {0};
	struct index seen = {0};
	for (size_t i = 0; i < view->sources.n; i++) {
		const struct candidate *candidate = view->sources.items[i].candidate;
		if (candidate->instance != NULL && candidate->session != NULL
		    && index_add(
			       &seen, view->arena, candidate->instance->id, candidate->instance->id
		       ) < 0)
			view->is_out_of_memory = true;
	}
	index_sort(&seen);
	for (size_t i = 0; i < seen.n; i++)
		if (i == 0 || strcmp(seen.entries[i].key, seen.entries[i - 1].key) != 0)
			doctor_add(view, &ids, seen.entries[i].key);
	return ids;
}

static int ask_instances(
	struct doctor_view *view,
	const struct shape_strings *ids,
	struct figures **ret_figures
) {
	struct figures *figures = arena_alloc_array(view->arena, ids->n, sizeof(*figures));
	int result = 0;
	if (figures == NULL)
		view->is_out_of_memory = true;
	for (size_t at = 0; figures != NULL && result == 0 && at < ids->n; at += INSTANCES_MAX)
		result =
			ask(view,
			    &instances_subject,
			    ids->items + at,
			    ids->n - at < INSTANCES_MAX ? ids->n - at : INSTANCES_MAX,
			    figures + at);
	*ret_figures = figures;
	return result;
}

// Instances that could not send all that should be mirrored, much of it or a little.
static void find_skipped(
	struct doctor_view *view,
	const struct shape_strings *ids,
	const struct figures *figures,
	bool is_much
) {
	struct shape_strings subjects = {0};
	double skipped = 0, all = 0;
	for (size_t i = 0; i < ids->n; i++) {
		const double *sums = figures[i].sums;
		double lost = sums[2] + sums[3], whole = sums[0] + sums[1] + lost;
		if (lost <= 0 || (lost > whole * SKIPPED_MUCH) != is_much)
			continue;
		skipped += lost;
		all += whole;
		doctor_add(view, &subjects, ids->items[i]);
	}
	if (subjects.n > 0)
		doctor_find(
			view,
			DOCTOR_MIRRORED,
			is_much ? DOCTOR_PROBLEM : DOCTOR_WARNING,
			&subjects,
			"production traffic goes first: use instances with more bandwidth, mirror "
			"less (a narrower filter, a shorter packet length), or more sources with "
			"less each",
			"AWS skipped %.2f %% of what %zu instance%s should have mirrored in the "
			"last hour: %s",
			100 * skipped / all,
			subjects.n,
			doctor_s(subjects.n),
			doctor_names(view, &subjects)
		);
}

static double
mirrored_bytes(const struct shape_strings *ids, const struct figures *figures, bool *ret_is_known) {
	double sum = 0;
	*ret_is_known = false;
	for (size_t i = 0; i < ids->n; i++) {
		sum += figures[i].sums[0] + figures[i].sums[1];
		*ret_is_known = *ret_is_known || figures[i].is_known;
	}
	return sum;
}

int doctor_check_mirrored(struct doctor_view *view) {
	struct shape_strings ids = instances_of(view);
	struct figures *figures;
	size_t n_before = view->doctor->n_findings;
	bool is_known;
	if (ids.n == 0)
		return 0;
	int result = ask_instances(view, &ids, &figures);
	if (result < 0 || view->is_out_of_memory
	    || doctor_is_blind(view, DOCTOR_MIRRORED, "cloudwatch:GetMetricData"))
		return result;
	view->mirrored_bytes = mirrored_bytes(&ids, figures, &is_known);
	find_skipped(view, &ids, figures, true);
	find_skipped(view, &ids, figures, false);
	if (view->doctor->n_findings > n_before)
		return 0;
	if (!is_known)
		doctor_find(
			view,
			DOCTOR_MIRRORED,
			DOCTOR_OK,
			NULL,
			NULL,
			"CloudWatch has no figures yet: they come some minutes after the first "
			"packet"
		);
	else
		doctor_find(
			view,
			DOCTOR_MIRRORED,
			view->mirrored_bytes > 0 ? DOCTOR_OK : DOCTOR_WARNING,
			NULL,
			view->mirrored_bytes > 0
				? NULL
				: "see whether the filter fits the sources' traffic",
			"%zu instance%s mirrored %.1f MB in the last hour and skipped nothing",
			ids.n,
			doctor_s(ids.n),
			view->mirrored_bytes / 1e6
		);
	return 0;
}

// CloudWatch knows a load balancer by "net/NAME/ID".
static int ask_balancer(struct doctor_view *view, struct figures *ret_figures) {
	const char *arn = view->found.balancer->arn;
	const char *tail = arn == NULL ? NULL : strstr(arn, ":loadbalancer/");
	*ret_figures = (struct figures) {0};
	if (tail == NULL)
		return 0;
	tail += strlen(":loadbalancer/");
	return ask(view, &balancer_subject, &tail, 1, ret_figures);
}

int doctor_check_blocked(struct doctor_view *view) {
	static const char *const sides[] = {
		"mirrored packets that came in (UDP)",
		"mirrored packets on the way to the appliances (UDP)",
		"health checks on the way to the appliances (TCP)",
	};
	struct figures figures;
	size_t n_before = view->doctor->n_findings;
	if (!doctor_has_balancer(view))
		return 0;
	int result = ask_balancer(view, &figures);
	if (result < 0 || view->is_out_of_memory
	    || doctor_is_blind(view, DOCTOR_BLOCKED, "cloudwatch:GetMetricData"))
		return result;
	view->received_bytes = figures.sums[N_METRICS - 1];
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		if (figures.sums[i] > 0)
			doctor_find(
				view,
				DOCTOR_BLOCKED,
				DOCTOR_PROBLEM,
				&view->found.balancer->security_groups,
				"see 'balancer-groups' above; what was blocked before a change "
				"stays "
				"in the figures for an hour",
				"the load balancer's security groups blocked %.0f flows of %s in "
				"the "
				"last hour",
				figures.sums[i],
				sides[i]
			);
	if (view->doctor->n_findings == n_before)
		doctor_find(
			view,
			DOCTOR_BLOCKED,
			DOCTOR_OK,
			NULL,
			NULL,
			"the load balancer's security groups blocked nothing in the last hour"
		);
	return 0;
}

int doctor_check_received(struct doctor_view *view) {
	bool is_lost = view->mirrored_bytes > 0 && view->received_bytes <= 0;
	if (!doctor_has_balancer(view)
	    || gaps_find(&view->gaps, "cloudwatch:GetMetricData") != NULL)
		return 0;
	if (is_lost)
		doctor_find(
			view,
			DOCTOR_RECEIVED,
			DOCTOR_PROBLEM,
			NULL,
			"see what is said about routes, network ACLs and the listener",
			"the sources mirrored %.1f MB in the last hour, but the load balancer "
			"received nothing",
			view->mirrored_bytes / 1e6
		);
	else
		doctor_find(
			view,
			DOCTOR_RECEIVED,
			DOCTOR_OK,
			NULL,
			NULL,
			"the load balancer received %.1f MB in the last hour",
			view->received_bytes / 1e6
		);
	return 0;
}
