"""CloudWatch: metrics that tests put in (events.metric) and clients read."""

import re

from ..core.errors import AwsError

MAXIMUM_QUERIES = 500
STATISTICS = {
    "Sum": sum,
    "Average": lambda v: sum(v) / len(v),
    "Minimum": min,
    "Maximum": max,
    "SampleCount": len,
}


def put(region, namespace, name, dimensions, value, time=None):
    """One data point. `dimensions`: name -> value."""
    key = (namespace, name, tuple(sorted(dimensions.items())))
    region.store("_metric").setdefault(key, []).append(
        (time or region.account.world.now(), float(value))
    )


def key_of(metric):
    dimensions = tuple(sorted((d["Name"], d["Value"]) for d in metric.get("Dimensions") or []))
    return metric.get("Namespace"), metric.get("MetricName"), dimensions


def check_span(start, end, period):
    if start >= end:
        raise AwsError(
            "ValidationError", "The parameter StartTime must be less than the parameter EndTime."
        )
    if period < 60 and period not in (1, 5, 10, 30) or period >= 60 and period % 60:
        raise AwsError(
            "ValidationError", "The parameter Period must be 1, 5, 10, 30 or a multiple of 60."
        )


def points(call, metric, period, statistic, start, end):
    """[(time, value)] with one entry for each period that has data."""
    if statistic not in STATISTICS:
        raise AwsError("ValidationError", "The statistic '%s' is not supported" % statistic)
    grouped = {}
    for time, value in call.region.store("_metric").get(key_of(metric), []):
        if start <= time < end:
            grouped.setdefault(int(time.timestamp()) // period * period, []).append(value)
    return [
        (time, float(STATISTICS[statistic](values))) for time, values in sorted(grouped.items())
    ]


def at(call, seconds):
    now = call.world.now()
    return now.fromtimestamp(seconds, now.tzinfo)


def get_metric_data(call):
    queries = call["MetricDataQueries"]
    if len(queries) > MAXIMUM_QUERIES:
        raise AwsError(
            "ValidationError",
            "The collection MetricDataQueries must not have a size greater than %d."
            % MAXIMUM_QUERIES,
        )
    if len({q["Id"] for q in queries}) != len(queries):
        raise AwsError(
            "ValidationError", "The values for parameter id in the list of queries must be unique."
        )
    rows = []
    for query in queries:
        stat = query.get("MetricStat")
        if (
            not re.fullmatch(r"[a-z][A-Za-z0-9_]*", query["Id"])
            or stat is None
            or query.get("Expression")
        ):
            raise AwsError(
                "ValidationError",
                "The query '%s' needs an id in lower case and a MetricStat" % query["Id"],
            )
        check_span(call["StartTime"], call["EndTime"], stat["Period"])
        found = points(
            call, stat["Metric"], stat["Period"], stat["Stat"], call["StartTime"], call["EndTime"]
        )
        if (call.get("ScanBy") or "TimestampDescending") == "TimestampDescending":
            found.reverse()
        rows.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label") or stat["Metric"].get("MetricName", ""),
                "StatusCode": "Complete",
                "Timestamps": [at(call, time) for time, _ in found],
                "Values": [value for _, value in found],
            }
        )
    return call.paged("MetricDataResults", rows, extra={"Messages": []})


def get_metric_statistics(call):
    check_span(call["StartTime"], call["EndTime"], call["Period"])
    times = {}
    for statistic in call.get("Statistics") or []:
        for time, value in points(
            call, call.parameters, call["Period"], statistic, call["StartTime"], call["EndTime"]
        ):
            times.setdefault(time, {"Timestamp": at(call, time), "Unit": "None"})[statistic] = value
    if not call.get("Statistics"):
        raise AwsError(
            "MissingParameter",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        )
    return {"Label": call["MetricName"], "Datapoints": list(times.values())}


def list_metrics(call):
    wanted = {d["Name"]: d.get("Value") for d in call.get("Dimensions") or []}
    rows = [
        {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions],
        }
        for namespace, name, dimensions in call.region.store("_metric")
        if call.get("Namespace") in (None, namespace)
        and call.get("MetricName") in (None, name)
        and all(
            n in dict(dimensions) and v in (None, dict(dimensions)[n]) for n, v in wanted.items()
        )
    ]
    return call.paged("Metrics", rows)
