"""ECS: clusters, services, tasks and container instances, to be found."""

from ..core.errors import AwsError


def page(call, key, items):
    size = call.get("maxResults")
    if size is not None and not 1 <= size <= 100:
        raise call.refuse("invalid", "maxResults must be between 1 and 100")
    return call.paged(key, items)


def find_cluster(call):
    """The cluster that a name or an ARN names; `default` without one."""
    wanted = call.get("cluster") or "default"
    for cluster in call.region.store("ecs-cluster").values():
        if wanted in (cluster["clusterName"], cluster["clusterArn"]):
            return cluster
    raise AwsError("ClusterNotFoundException", "Cluster not found.")


def view(item):
    return {k: v for k, v in item.items() if not k.startswith("_")}


def cluster_view(call, cluster):
    def count(kind, key):
        return sum(item[key] == cluster["clusterArn"] for item in call.region.store(kind).values())

    return dict(
        view(cluster),
        registeredContainerInstancesCount=count("ecs-container-instance", "_cluster"),
        runningTasksCount=count("ecs-task", "clusterArn"),
        pendingTasksCount=0,
        activeServicesCount=count("ecs-service", "clusterArn"),
    )


def chosen(call, names, items, keys, limit):
    """(found, failures) for the names that a Describe call gives."""
    if not names:
        raise call.refuse("invalid", "The list of names cannot be empty.")
    if len(names) > limit:
        raise call.refuse("invalid", "At most %d can be described in one call." % limit)
    known = {key(item): item for item in items for key in keys}
    found = [view(known[name]) for name in dict.fromkeys(names) if name in known]
    return found, [{"arn": name, "reason": "MISSING"} for name in names if name not in known]


def last_part(key):
    return lambda item: item[key].rpartition("/")[2]


def list_clusters(call):
    return page(call, "clusterArns", list(call.region.store("ecs-cluster")))


def describe_clusters(call):
    items = [cluster_view(call, c) for c in call.region.store("ecs-cluster").values()]
    found, failures = chosen(
        call,
        call.get("clusters") or ["default"],
        items,
        (lambda c: c["clusterArn"], lambda c: c["clusterName"]),
        100,
    )
    return {"clusters": found, "failures": failures}


def in_cluster(call, kind, key="clusterArn"):
    arn = find_cluster(call)["clusterArn"]
    return [item for item in call.region.store(kind).values() if item[key] == arn]


def list_services(call):
    items = [
        s
        for s in in_cluster(call, "ecs-service")
        if call.get("launchType") in (None, s["launchType"])
        and call.get("schedulingStrategy") in (None, s["schedulingStrategy"])
    ]
    return page(call, "serviceArns", [s["serviceArn"] for s in items])


def describe_services(call):
    found, failures = chosen(
        call,
        call["services"],
        in_cluster(call, "ecs-service"),
        (lambda s: s["serviceArn"], lambda s: s["serviceName"]),
        10,
    )
    return {"services": found, "failures": failures}


def list_tasks(call):
    tasks = in_cluster(call, "ecs-task")
    name = call.get("serviceName")
    if name is not None:
        services = in_cluster(call, "ecs-service")
        wanted = [s["serviceArn"] for s in services if name in (s["serviceName"], s["serviceArn"])]
        if not wanted:
            raise AwsError("ServiceNotFoundException", "Service not found.")
        tasks = [t for t in tasks if t["_service"] in wanted]
    if call.get("containerInstance") is not None:
        tasks = [
            t
            for t in tasks
            if call["containerInstance"]
            in (t.get("containerInstanceArn"), t.get("containerInstanceArn", "").rpartition("/")[2])
        ]
    if call.get("family") is not None:
        tasks = [
            t
            for t in tasks
            if t["taskDefinitionArn"].rpartition("/")[2].partition(":")[0] == call["family"]
        ]
    tasks = [
        t
        for t in tasks
        if call.get("launchType") in (None, t["launchType"])
        and (call.get("desiredStatus") or "RUNNING") == t["desiredStatus"]
    ]
    return page(call, "taskArns", [t["taskArn"] for t in tasks])


def describe_tasks(call):
    found, failures = chosen(
        call,
        call["tasks"],
        in_cluster(call, "ecs-task"),
        (lambda t: t["taskArn"], last_part("taskArn")),
        100,
    )
    return {"tasks": found, "failures": failures}


def list_container_instances(call):
    items = [
        i
        for i in in_cluster(call, "ecs-container-instance", "_cluster")
        if call.get("status") in (None, i["status"])
    ]
    return page(call, "containerInstanceArns", [i["containerInstanceArn"] for i in items])


def describe_container_instances(call):
    found, failures = chosen(
        call,
        call["containerInstances"],
        in_cluster(call, "ecs-container-instance", "_cluster"),
        (lambda i: i["containerInstanceArn"], last_part("containerInstanceArn")),
        100,
    )
    return {"containerInstances": found, "failures": failures}


def describe_task_definition(call):
    wanted = call["taskDefinition"]
    for definition in call.region.store("ecs-task-definition").values():
        name = "%s:%d" % (definition["family"], definition["revision"])
        if wanted in (definition["taskDefinitionArn"], name, definition["family"]):
            return {"taskDefinition": view(definition), "tags": []}
    raise AwsError("ClientException", "Unable to describe task definition.")
