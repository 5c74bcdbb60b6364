"""The VPC `shop` of the sample account: instances, load balancers, containers and more."""

from .state import balancing, compute, containers, network


class Shop:
    """The VPC `shop`, part by part."""

    def __init__(self, region):
        self.region = region
        self.vpc = network.make_vpc(region, "10.10.0.0/16", {"Name": "shop", "env": "production"})
        self.subnets = [
            network.make_subnet(
                region, self.vpc, "10.10.%d.0/24" % n, zone, {"Name": "shop-private-" + zone[-1]}
            )
            for n, zone in enumerate(region.zones, 1)
        ]
        self.public = [
            network.make_subnet(
                region,
                self.vpc,
                "10.10.%d.0/24" % (100 + n),
                zone,
                {"Name": "shop-public-" + zone[-1]},
            )
            for n, zone in enumerate(region.zones[:2], 1)
        ]
        gateway = {
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": region.account.world.ids.make("igw"),
            "State": "active",
            "Origin": "CreateRoute",
        }
        network.make_route_table(
            region,
            self.vpc,
            subnets=[s["SubnetId"] for s in self.public],
            routes=[gateway],
            tags={"Name": "shop-public"},
        )
        self.web = self.security_group("web", "web servers", 8080)
        self.front = self.security_group("front", "load balancers", 443)
        self.data = self.security_group("data", "databases", 5432)

    def security_group(self, name, description, port):
        group = network.make_security_group(
            self.region, self.vpc["VpcId"], name, description, {"Name": name}
        )
        network.firewall.add_rules(
            self.region.account.world.ids,
            group,
            network.firewall.flat_rules(
                [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": port,
                        "ToPort": port,
                        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
                    }
                ],
                False,
            ),
        )
        return group["GroupId"]

    def add_instances(self):
        """Returns the web servers."""
        region, subnets = self.region, self.subnets
        web = [
            compute.make_instance(
                region,
                subnets[n % 3],
                kind,
                [self.web],
                {"Name": "shop-web-%d" % (n + 1), "env": "production", "tier": "api"},
            )
            for n, kind in enumerate(("m5.large", "m6i.large", "m7g.medium"))
        ]
        compute.add_interface(region, web[0], subnets[0], [self.web], "second interface")
        compute.make_instance(
            region,
            subnets[0],
            "c5.xlarge",
            [self.web],
            {"Name": "shop-search", "env": "production", "tier": "api"},
        )
        compute.make_instance(
            region, subnets[1], "t2.micro", [self.web], {"Name": "shop-legacy", "env": "production"}
        )
        compute.make_instance(
            region,
            subnets[2],
            "m8g.large",
            [self.web],
            {"Name": "shop-orders", "env": "production", "tier": "api"},
        )
        stopped = compute.make_instance(
            region, subnets[1], "m5.large", [self.web], {"Name": "shop-batch"}
        )
        stopped["State"] = compute.state_of("stopped")
        compute.make_instance(
            region, subnets[0], "t3.medium", [self.web], {"Name": "shop-staging", "env": "staging"}
        )
        return web

    def add_load_balancers(self, web):
        region, vpc_id = self.region, self.vpc["VpcId"]
        application = balancing.make_load_balancer(
            region,
            "shop-front",
            "application",
            self.public,
            [self.front],
            "internet-facing",
            {"Name": "shop-front"},
        )
        interfaces = balancing.interfaces_of(region, application)
        interfaces[0]["_mirror"], interfaces[1]["_mirror"] = True, False
        api = balancing.make_target_group(
            region, "shop-api", "HTTP", 8080, vpc_id, tags={"Name": "shop-api"}
        )
        balancing.make_listener(region, application, "HTTP", 80, api)
        for instance in web:
            balancing.register(region, api, instance["InstanceId"])
        inner = balancing.make_load_balancer(region, "shop-internal", "network", self.subnets[:2])
        grpc = balancing.make_target_group(
            region, "shop-grpc", "TCP", 9090, vpc_id, TargetType="ip"
        )
        balancing.make_listener(region, inner, "TCP", 9090, grpc)
        for instance in web[:2]:
            balancing.register(
                region,
                grpc,
                instance["PrivateIpAddress"],
                9090,
                instance["Placement"]["AvailabilityZone"],
            )
        self.add_classic(web)

    def add_classic(self, web):
        name, region = "shop-classic", self.region
        interface = network.make_interface(
            region, self.subnets[0], "ELB " + name, [self.front], requester="amazon-elb"
        )
        network.attach(region, interface, owner="amazon-elb")
        interface["_mirror"] = True
        listener = {
            "Protocol": "HTTP",
            "LoadBalancerPort": 80,
            "InstanceProtocol": "HTTP",
            "InstancePort": 8080,
        }
        region.store("classic-load-balancer")[name] = {
            "LoadBalancerName": name,
            "DNSName": "internal-%s.%s.elb.amazonaws.com" % (name, region.name),
            "Scheme": "internal",
            "ListenerDescriptions": [{"Listener": listener, "PolicyNames": []}],
            "VPCId": self.vpc["VpcId"],
            "AvailabilityZones": [self.subnets[0]["AvailabilityZone"]],
            "Subnets": [self.subnets[0]["SubnetId"]],
            "Instances": [{"InstanceId": web[0]["InstanceId"]}],
            "SecurityGroups": [self.front],
            "CreatedTime": region.account.world.now(),
            "_tags": [{"Key": "Name", "Value": name}],
        }

    def add_containers(self):
        region = self.region
        cluster = containers.make_cluster(region, "shop")
        hosts = [
            containers.make_container_instance(
                region,
                cluster,
                compute.make_instance(
                    region,
                    self.subnets[n],
                    "m5.xlarge",
                    [self.web],
                    {"Name": "shop-ecs-%d" % (n + 1)},
                ),
            )
            for n in range(2)
        ]
        vpc_id = self.vpc["VpcId"]
        payments = balancing.make_target_group(
            region, "shop-payments", "HTTP", 8080, vpc_id, TargetType="ip"
        )
        cart = containers.make_task_definition(region, "cart", "awsvpc", [8080])
        containers.make_service(
            region,
            cluster,
            "cart",
            cart,
            2,
            hosts=hosts,
            subnets=self.subnets[:2],
            groups=[self.web],
        )
        pay = containers.make_task_definition(region, "payments", "awsvpc", [8080], "FARGATE")
        containers.make_service(
            region,
            cluster,
            "payments",
            pay,
            3,
            subnets=self.subnets,
            groups=[self.web],
            launch_type="FARGATE",
            group=payments,
        )
        for name, mode, port in (
            ("images", "bridge", 3000),
            ("mail", "bridge", 3001),
            ("metrics", "host", 9100),
        ):
            definition = containers.make_task_definition(region, name, mode, [port])
            containers.make_service(region, cluster, name, definition, 2, hosts=hosts)

    def add_managed(self):
        """A database, a cache, a function, a NAT gateway and an endpoint, as interfaces."""
        for description, kind, requester, mirror in (
            ("RDSNetworkInterface", "interface", "amazon-rds", True),
            ("ElastiCache shop-cache-001", "interface", "amazon-elasticache", True),
            ("AWS Lambda VPC ENI-shop-resize", "lambda", "AROALAMBDA:lambda", False),
            ("Interface for NAT Gateway nat-0aaaaaaaaaaaaaaaa", "natGateway", "amazon-nat", False),
            ("VPC Endpoint Interface vpce-0bbbbbbbbbbbbbbbb", "vpc_endpoint", "amazon-vpce", False),
        ):
            interface = network.make_interface(
                self.region,
                self.subnets[0],
                description,
                [self.data],
                kind=kind,
                requester=requester,
            )
            network.attach(self.region, interface, owner=requester)
            interface["_mirror"] = mirror

    def add_template(self, name):
        """The id of a launch template."""
        region = self.region
        template_id, now = region.account.world.ids.make("lt"), region.account.world.now()
        names = {"LaunchTemplateId": template_id, "LaunchTemplateName": name, "CreateTime": now}
        version = {
            **names,
            "VersionNumber": 1,
            "CreatedBy": region.account.iam_arn("root"),
            "LaunchTemplateData": {
                "ImageId": "ami-0" + "a" * 16,
                "InstanceType": "c5.large",
                "SecurityGroupIds": [self.web],
            },
        }
        region.store("launch-template")[template_id] = {
            **names,
            "Tags": [],
            "LatestVersionNumber": 1,
            "CreatedBy": region.account.iam_arn("root"),
            "DefaultVersionNumber": 1,
            "_versions": [version],
        }
        return template_id

    def add_scaling_group(self):
        region, name = self.region, "shop-workers"
        template_id = self.add_template(name)
        members = []
        for subnet in self.subnets[:2]:
            tags = {"Name": name, "aws:autoscaling:groupName": name}
            instance = compute.make_instance(region, subnet, "c5.large", [self.web], tags)
            member = {"InstanceId": instance["InstanceId"], "_version": "1"}
            members.append({**member, "_template": template_id})
        arn = "autoScalingGroup:%s:autoScalingGroupName/%s" % (
            region.account.world.ids.uuid(),
            name,
        )
        region.store("auto-scaling-group")[name] = {
            "AutoScalingGroupName": name,
            "AutoScalingGroupARN": region.arn("autoscaling", arn),
            "MinSize": 1,
            "MaxSize": 4,
            "DesiredCapacity": 2,
            "DefaultCooldown": 300,
            "LaunchTemplate": {
                "LaunchTemplateId": template_id,
                "LaunchTemplateName": name,
                "Version": "$Default",
            },
            "AvailabilityZones": region.zones[:2],
            "LoadBalancerNames": [],
            "TargetGroupARNs": [],
            "HealthCheckType": "EC2",
            "HealthCheckGracePeriod": 0,
            "CreatedTime": region.account.world.now(),
            "SuspendedProcesses": [],
            "EnabledMetrics": [],
            "Tags": [],
            "VPCZoneIdentifier": ",".join(s["SubnetId"] for s in self.subnets[:2]),
            "TerminationPolicies": ["Default"],
            "NewInstancesProtectedFromScaleIn": False,
            "_members": members,
        }
