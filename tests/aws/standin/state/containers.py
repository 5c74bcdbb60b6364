"""Makes ECS clusters, services and tasks, with the network interfaces that tasks bring."""

from . import balancing, compute, mirroring, network

FARGATE_OWNER = "578734482556"


def make_cluster(region, name):
    arn = region.arn("ecs", "cluster/" + name)
    cluster = {
        "clusterArn": arn,
        "clusterName": name,
        "status": "ACTIVE",
        "tags": [],
        "settings": [],
        "statistics": [],
        "capacityProviders": ["FARGATE"],
        "defaultCapacityProviderStrategy": [],
    }
    region.store("ecs-cluster")[arn] = cluster
    return cluster


def make_container_instance(region, cluster, instance):
    arn = region.arn(
        "ecs",
        "container-instance/%s/%s" % (cluster["clusterName"], region.account.world.ids.hex(32)),
    )
    item = {
        "containerInstanceArn": arn,
        "ec2InstanceId": instance["InstanceId"],
        "status": "ACTIVE",
        "agentConnected": True,
        "version": 3,
        "runningTasksCount": 0,
        "pendingTasksCount": 0,
        "registeredAt": region.account.world.now(),
        "attributes": [],
        "remainingResources": [],
        "registeredResources": [],
        "attachments": [],
        "tags": [],
        "_cluster": cluster["clusterArn"],
    }
    region.store("ecs-container-instance")[arn] = item
    return item


def make_task_definition(region, family, mode, ports, launch_type="EC2"):
    """`ports`: container ports; in bridge mode the host's are chosen at start."""
    arn = region.arn("ecs", "task-definition/%s:1" % family)
    mappings = [
        {"containerPort": p, "hostPort": 0 if mode == "bridge" else p, "protocol": "tcp"}
        for p in ports
    ]
    definition = {
        "taskDefinitionArn": arn,
        "family": family,
        "revision": 1,
        "status": "ACTIVE",
        "networkMode": mode,
        "volumes": [],
        "compatibilities": ["EC2", "FARGATE"] if mode == "awsvpc" else ["EC2"],
        "requiresCompatibilities": [launch_type],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [
            {
                "name": family,
                "image": "registry.example/%s:1" % family,
                "cpu": 256,
                "memory": 512,
                "essential": True,
                "portMappings": mappings,
                "environment": [],
                "mountPoints": [],
                "volumesFrom": [],
            }
        ],
    }
    region.store("ecs-task-definition")[arn] = definition
    return definition


def make_service(region, cluster, name, definition, desired=0, **more):
    """A service with `desired` running tasks.

    `more`: subnets, groups, hosts (container instances), group (a target group), launch_type.
    """
    arn = region.arn("ecs", "service/%s/%s" % (cluster["clusterName"], name))
    service = {
        "serviceArn": arn,
        "serviceName": name,
        "clusterArn": cluster["clusterArn"],
        "status": "ACTIVE",
        "desiredCount": 0,
        "runningCount": 0,
        "pendingCount": 0,
        "launchType": more.get("launch_type", "EC2"),
        "schedulingStrategy": "REPLICA",
        "taskDefinition": definition["taskDefinitionArn"],
        "createdAt": region.account.world.now(),
        "events": [],
        "loadBalancers": [],
        "serviceRegistries": [],
        "deployments": [],
        "placementConstraints": [],
        "placementStrategy": [],
        "enableECSManagedTags": True,
        "propagateTags": "NONE",
        "tags": [],
        "_hosts": more.get("hosts", []),
        "_subnets": more.get("subnets", []),
        "_groups": more.get("groups", []),
        "_target_group": more.get("group"),
    }
    if definition["networkMode"] == "awsvpc":
        service["networkConfiguration"] = {
            "awsvpcConfiguration": {
                "subnets": [s["SubnetId"] for s in service["_subnets"]],
                "securityGroups": service["_groups"],
                "assignPublicIp": "DISABLED",
            }
        }
    if service["_target_group"]:
        service["loadBalancers"] = [
            {
                "targetGroupArn": service["_target_group"]["TargetGroupArn"],
                "containerName": definition["family"],
                "containerPort": definition["containerDefinitions"][0]["portMappings"][0][
                    "containerPort"
                ],
            }
        ]
    region.store("ecs-service")[arn] = service
    scale(region, service, desired)
    return service


def tasks_of(region, service):
    return [t for t in region.store("ecs-task").values() if t["_service"] == service["serviceArn"]]


def scale(region, service, desired):
    """Starts or stops tasks until `desired` run."""
    service["desiredCount"] = desired
    while len(tasks_of(region, service)) < desired:
        start_task(region, service)
    for task in tasks_of(region, service)[desired:]:
        stop_task(region, service, task)
    service["runningCount"] = desired


def start_task(region, service):
    ids = region.account.world.ids
    cluster = region.store("ecs-cluster")[service["clusterArn"]]
    definition = region.store("ecs-task-definition")[service["taskDefinition"]]
    number, task_id = len(tasks_of(region, service)), ids.hex(32)
    arn = region.arn("ecs", "task/%s/%s" % (cluster["clusterName"], task_id))
    container = {
        "containerArn": region.arn(
            "ecs", "container/%s/%s/%s" % (cluster["clusterName"], task_id, ids.uuid())
        ),
        "taskArn": arn,
        "name": definition["family"],
        "lastStatus": "RUNNING",
        "networkBindings": [],
        "image": definition["containerDefinitions"][0]["image"],
        "networkInterfaces": [],
        "cpu": "256",
    }
    now = region.account.world.now()
    task = {
        "taskArn": arn,
        "clusterArn": service["clusterArn"],
        "taskDefinitionArn": definition["taskDefinitionArn"],
        "group": "service:" + service["serviceName"],
        "lastStatus": "RUNNING",
        "desiredStatus": "RUNNING",
        "cpu": "256",
        "memory": "512",
        "launchType": service["launchType"],
        "startedBy": "ecs-svc/" + ids.hex(16),
        "createdAt": now,
        "startedAt": now,
        "containers": [container],
        "attachments": [],
        "attributes": [],
        "tags": [],
        "version": 3,
        "_service": service["serviceArn"],
        "_interface": None,
    }
    host = service["_hosts"][number % len(service["_hosts"])] if service["_hosts"] else None
    if host:
        task["containerInstanceArn"] = host["containerInstanceArn"]
        host["runningTasksCount"] += 1
    if definition["networkMode"] == "awsvpc":
        attach_task(
            region,
            service,
            task,
            container,
            host,
            service["_subnets"][number % len(service["_subnets"])],
        )
    else:
        bind_task(region, definition, task, container, host, number)
    region.store("ecs-task")[arn] = task
    register_task(region, service, task, container)
    return task


def attach_task(region, service, task, container, host, subnet):
    """An interface of the task's own; on Fargate it belongs to AWS and no instance has it."""
    ids, name = region.account.world.ids, service["clusterArn"].rpartition("/")[2]
    attachment_id = ids.uuid()
    description = region.arn("ecs", "attachment/" + attachment_id)
    tags = {"aws:ecs:clusterName": name, "aws:ecs:serviceName": service["serviceName"]}
    interface = network.make_interface(
        region,
        subnet,
        description,
        service["_groups"],
        tags,
        requester=FARGATE_OWNER if host is None else "amazon-ecs",
    )
    if host is None:
        network.attach(region, interface, owner=FARGATE_OWNER)
        interface["_mirror"] = False
        task["platformVersion"] = "1.4.0"
    else:
        instance = region.store("instance")[host["ec2InstanceId"]]
        index = len(compute.interfaces_of(region, host["ec2InstanceId"]))
        network.attach(region, interface, host["ec2InstanceId"], index)
        interface["_mirror"] = mirroring.is_supported_type(instance["InstanceType"])
    task["availabilityZone"] = subnet["AvailabilityZone"]
    task["attachments"] = [
        {
            "id": attachment_id,
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": [
                {"name": "subnetId", "value": subnet["SubnetId"]},
                {"name": "networkInterfaceId", "value": interface["NetworkInterfaceId"]},
                {"name": "macAddress", "value": interface["MacAddress"]},
                {"name": "privateDnsName", "value": interface["PrivateDnsName"]},
                {"name": "privateIPv4Address", "value": interface["PrivateIpAddress"]},
            ],
        }
    ]
    container["networkInterfaces"] = [
        {"attachmentId": attachment_id, "privateIpv4Address": interface["PrivateIpAddress"]}
    ]
    task["_interface"] = interface["NetworkInterfaceId"]


def bind_task(region, definition, task, container, host, number):
    """Ports of the host."""
    task["availabilityZone"] = region.store("instance")[host["ec2InstanceId"]]["Placement"][
        "AvailabilityZone"
    ]
    for mapping in definition["containerDefinitions"][0]["portMappings"]:
        container["networkBindings"].append(
            {
                "bindIP": "0.0.0.0",
                "containerPort": mapping["containerPort"],
                "protocol": "tcp",
                "hostPort": mapping["hostPort"] or 32768 + number,
            }
        )


def register_task(region, service, task, container):
    group = service["_target_group"]
    if not group:
        return
    if group["TargetType"] == "ip":
        address = container["networkInterfaces"][0]["privateIpv4Address"]
        balancing.register(
            region,
            group,
            address,
            service["loadBalancers"][0]["containerPort"],
            task["availabilityZone"],
        )
    else:
        host = region.store("ecs-container-instance")[task["containerInstanceArn"]]
        balancing.register(
            region, group, host["ec2InstanceId"], container["networkBindings"][0]["hostPort"]
        )


def stop_task(region, service, task):
    task["lastStatus"] = task["desiredStatus"] = "STOPPED"
    del region.store("ecs-task")[task["taskArn"]]
    host = region.store("ecs-container-instance").get(task.get("containerInstanceArn"))
    if host:
        host["runningTasksCount"] -= 1
    interface = region.store("network-interface").get(task["_interface"])
    if interface:
        targets = region.store("target")
        for key in [k for k, t in targets.items() if t["Id"] == interface["PrivateIpAddress"]]:
            del targets[key]
        network.remove_interface(region, task["_interface"])
    service["runningCount"] -= 1
