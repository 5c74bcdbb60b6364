"""metlo-appliance doctor: load balancer, firewalls and routes."""

from doctor_world import DoctorTest
from standin.services import ec2_routing
from standin.state import balancing, compute, network


class Balancer(DoctorTest):
    def set_on_group(self, **attributes):
        self.target_group()["_attributes"].update({k.replace("__", "."): v for k, v in attributes.items()})

    def test_a_load_balancer_that_is_not_active(self):
        for state, verdict in (("provisioning", "warning"), ("active_impaired", "problem"), ("failed", "problem")):
            self.balancer()["State"] = {"Code": state, "Reason": "no room"}
            self.names("balancer", "'metlo-prod' is %s: no room" % state, verdict)
        self.balancer()["State"] = {"Code": "active"}
        self.is_well()

    def test_a_load_balancer_that_is_gone(self):
        balancing.remove_load_balancer(self.region, self.balancer())
        found = self.names("target", "leads to load balancer 'arn:.*', which does not exist", others=["balancer", "appliances"])
        self.assertIn("metlo-appliance apply -f", found["fix"])
        self.names("balancer", "there is no load balancer", others=["target", "appliances"], arguments=["--id", "prod"])
        self.heal_all(6)

    def test_a_target_that_is_gone(self):
        for key in [one["TrafficMirrorTargetId"] for one in self.ours("traffic-mirror-target")]:
            del self.region.store("traffic-mirror-target")[key]
        self.names("target", "mirror target 'tmt-.*' does not exist")
        self.heal_all()

    def test_a_listener_that_forwards_elsewhere(self):
        other = balancing.make_target_group(self.region, "other", "UDP", 4789, self.vpc())
        (listener,) = self.ours("listener")
        balancing.point_listener(self.region, listener, other)
        bad = {f["check"]: f for f in self.bad()}
        self.assertIn("does not forward to this deployment's target group", bad["listener"]["text"])
        self.heal(bad["listener"]["fix"])
        self.is_well()

    def test_a_health_check_that_nothing_answers(self):
        self.target_group()["HealthCheckPort"] = "traffic-port"
        found = self.names("target-group", "asks on port 4789, which answers no TCP", others=["appliances", "appliance-groups"])
        self.heal(found["fix"])
        self.is_well()
        self.target_group()["HealthCheckPort"] = "8001"
        self.names(
            "target-group", "asks on port 8001, but the file says 8000", others=["appliances", "appliance-groups"]
        )
        self.heal_all()

    def test_stickiness(self):
        self.set_on_group(stickiness__enabled="false")
        found = self.names("stickiness", "will matter with a second appliance", "warning")
        second = self.make_collector("shop-private-b", "second")
        balancing.register(self.region, self.target_group(), second["InstanceId"])
        self.names("stickiness", "the two directions of a connection can reach different appliances")
        self.heal(found["fix"])
        self.is_well()

    def test_packets_that_are_changed_on_the_way(self):
        self.set_on_group(proxy_protocol_v2__enabled="true")
        self.heal(self.names("client-address", "no VXLAN")["fix"])
        self.set_on_group(preserve_client_ip__enabled="false")
        self.heal(self.names("client-address", "hides the address of the source", "warning")["fix"])
        self.is_well()

    def test_how_appliances_are_taken_out(self):
        self.set_on_group(deregistration_delay__timeout_seconds="30")
        self.heal(self.names("deregistration", "within 30 seconds", "warning")["fix"])
        self.set_on_group(deregistration_delay__connection_termination__enabled="false")
        self.heal(self.names("deregistration", "flows are not ended", "warning")["fix"])
        self.is_well()

    def test_zones(self):
        balancer = self.balancer()
        zones = balancer["AvailabilityZones"]
        balancer["AvailabilityZones"] = zones[1:]
        self.is_well()
        balancer["_attributes"]["load_balancing.cross_zone.enabled"] = "false"
        self.names(
            "zones",
            "appliance i-.* in a zone that the load balancer does not cover",
            others=["appliances", "cross-zone"],
        )
        balancer["_attributes"]["load_balancing.cross_zone.enabled"] = "true"
        balancer["AvailabilityZones"] = zones[:1]
        self.names("zones", "is only in us-east-1a; when that zone fails", "warning")

    def test_cross_zone_that_the_target_group_turns_off(self):
        self.set_on_group(load_balancing__cross_zone__enabled="false")
        self.heal(self.names("cross-zone", "have no healthy appliance")["fix"])
        self.is_well()

    def test_an_interface_as_the_target(self):
        collector = compute.interfaces_of(self.region, self.collector["InstanceId"])[0]
        target = self.make_client("ec2", "us-east-1").create_traffic_mirror_target(
            NetworkInterfaceId=collector["NetworkInterfaceId"]
        )["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
        path = self.fleet(
            {
                "id": "direct",
                "region": "us-east-1",
                "sources": ["instance/" + self.instance("shop-search")],
                "existing": {"target": target},
            }
        )
        self.succeeds("apply", "-f", path, "--yes")
        self.is_well("-f", path)
        self.is_well("--id", "direct")
        self.collector_group["_rules"] = [r for r in self.collector_group["_rules"] if r["egress"]]
        found = self.names("appliance-groups", r"mirrored packets \(UDP 4789\)", arguments=["-f", path])
        self.heal(found["fix"])
        self.is_well("-f", path)
        self.region.store("instance")[self.collector["InstanceId"]]["State"] = compute.state_of("stopped")
        self.names("appliances", "its instance does not run", arguments=["-f", path])

    def test_a_load_balancer_and_a_group_that_existed(self):
        arn = self.balancer()["LoadBalancerArn"]
        path = self.fleet(
            self.wanted(
                id="guest",
                sources=["instance/" + self.instance("shop-search")],
                existing={"load_balancer": arn},
            )
        )
        self.succeeds("apply", "-f", path, "--yes")
        self.is_well("-f", path)
        self.is_well("--id", "guest")
        self.set_on_group(proxy_protocol_v2__enabled="true")
        self.names("client-address", "no VXLAN", arguments=["--id", "guest"])


class Firewalls(DoctorTest):
    def acl_of(self, subnet, entries):
        """Gives the subnet an ACL of its own."""
        subnet_id = self.subnet(subnet)["SubnetId"]
        acl = network.make_network_acl(self.region, self.vpc(), False, entries)
        network.associate_network_acl(self.region, acl, subnet_id)
        return acl["NetworkAclId"]

    def test_groups_of_the_load_balancer(self):
        group = self.only("security-group", lambda one: one["GroupName"] == "metlo-prod-nlb")
        rules = group["_rules"]
        group["_rules"] = [r for r in rules if r["egress"]]
        self.heal(self.names("balancer-groups", r"UDP 4789\) in from the sources: eni-.* more")["fix"])
        self.is_well()
        group["_rules"] = [r for r in rules if not r["egress"]]
        bad = self.bad()
        self.assertEqual([f["check"] for f in bad], ["appliances", "balancer-groups", "balancer-groups"])
        self.assertIn("out to the appliances", bad[1]["text"])
        for one in bad[1:]:
            self.heal(one["fix"])
        self.is_well()

    def test_some_sources_that_are_left_out(self):
        group = self.only("security-group", lambda one: one["GroupName"] == "metlo-prod-nlb")
        for rule in group["_rules"]:
            if not rule["egress"]:
                rule["value"] = "10.10.1.0/24"
        found = self.names("balancer-groups", r"in from the sources: eni-\w+ \(shop-")
        self.assertNotIn("shop-web-1", found["text"])
        self.assertIn("CidrIp=10.10.0.0/16", found["fix"])

    def test_a_prefix_list_may_or_may_not_let_in(self):
        group = self.only("security-group", lambda one: one["GroupName"] == "metlo-prod-nlb")
        for rule in group["_rules"]:
            if not rule["egress"]:
                rule.update(kind="list", value="pl-0123456789abcdef0")
        self.names("balancer-groups", "may or may not let mirrored packets", "unknown")

    def test_groups_that_name_groups(self):
        nlb = self.only("security-group", lambda one: one["GroupName"] == "metlo-prod-nlb")["GroupId"]
        for rule in self.collector_group["_rules"]:
            if not rule["egress"]:
                rule.update(kind="group", value=nlb)
        self.is_well()

    def test_an_acl_of_the_load_balancers_subnet(self):
        everything_out = network.acl_entry(100, "allow", True)
        self.acl_of("shop-private-b", [network.acl_entry(100, "allow", False, protocol="6", ports=(0, 65535)), everything_out])
        found = self.names("balancer-acls", r"of subnet-\w+ does not let mirrored packets \(UDP 4789\) in from the sources")
        self.heal(found["fix"])
        self.is_well()

    def test_an_acl_of_the_appliances_subnet(self):
        self.acl_of("shop-private-a", [network.acl_entry(100, "allow", True)])
        checks = {f["check"] for f in self.bad()}
        self.assertEqual(checks, {"appliance-acls", "balancer-acls"})
        self.heal_all()

    def test_an_acl_that_lets_nothing_out(self):
        self.acl_of("shop-private-a", [network.acl_entry(100, "allow", False)])
        bad = self.bad()
        self.assertEqual({f["check"] for f in bad}, {"appliance-acls", "source-acls"})
        self.assertEqual({f["state"] for f in bad if f["check"] == "source-acls"}, {"warning"})
        self.heal_all()

    def test_an_acl_that_lets_only_some_answers_out(self):
        out = network.acl_entry(100, "allow", True, protocol="6", ports=(32768, 60999))
        udp = network.acl_entry(101, "allow", True, protocol="17", ports=(0, 65535))
        check = network.acl_entry(102, "allow", True, protocol="6", ports=(8000, 8000))
        self.acl_of("shop-private-a", [network.acl_entry(100, "allow", False), out, udp, check])
        found = self.names("appliance-acls", "does not let all answers to health checks", "warning")
        self.heal(found["fix"])
        self.is_well()

    def test_an_acl_without_room_before_what_refuses(self):
        deny = network.acl_entry(1, "deny", False, protocol="17", ports=(0, 65535))
        self.acl_of("shop-private-b", [deny, network.acl_entry(100, "allow", False), network.acl_entry(100, "allow", True)])
        self.assertIn("make room in 'acl-", self.names("balancer-acls", "UDP 4789")["fix"])


class Routes(DoctorTest):
    """A source in another VPC."""

    def setUp(self):
        super().setUp()
        self.tools = self.only("vpc", lambda one: {"Key": "Name", "Value": "tools"} in one["Tags"])
        self.shop = self.region.store("vpc")[self.vpc()]
        self.table = self.only("route-table", lambda one: one["VpcId"] == self.tools["VpcId"])
        self.let_in("udp", 4789, "10.30.0.0/16")
        self.path = self.fleet(self.wanted(sources=["instance/" + self.instance("tools-wiki")], source_vpcs=[self.tools["VpcId"]]))
        self.succeeds("apply", "-f", self.path, "--yes")

    def peering(self, **more):
        peering = ec2_routing.make_peering(self.region, self.tools, self.shop)
        self.region.store("vpc-peering-connection")[peering].update(more)
        return peering

    def route(self, **leads):
        self.table["Routes"] = [r for r in self.table["Routes"] if r.get("GatewayId") == "local"]
        self.table["Routes"].append({"DestinationCidrBlock": "10.10.0.0/16", "State": "active", "Origin": "CreateRoute", **leads})

    def test_no_route(self):
        found = self.names("routes", "from the sources in 'subnet-.*' to 10.10.1.*: route table 'rtb-.*' has no route there")
        self.heal(found["fix"].replace("PCX", self.peering()))
        self.is_well()
        self.is_well("--id", "prod")

    def test_a_peering_connection(self):
        peering = self.peering()
        self.route(VpcPeeringConnectionId=peering)
        self.is_well()
        item = self.region.store("vpc-peering-connection")[peering]
        item["Status"] = {"Code": "pending-acceptance", "Message": "wait"}
        self.names("routes", "leads to peering connection 'pcx-.*', which is pending-acceptance")
        item["Status"] = {"Code": "active", "Message": ""}
        item["AccepterVpcInfo"]["Region"] = "eu-central-1"
        self.names("routes", "between regions, which carries no mirrored traffic")
        del self.region.store("vpc-peering-connection")[peering]
        self.names("routes", "which is gone")

    def test_a_black_hole(self):
        self.route(VpcPeeringConnectionId=self.peering())
        self.table["Routes"][-1]["State"] = "blackhole"
        found = self.names("routes", "has a route 10.10.0.0/16 that leads to nothing any more")
        self.heal(found["fix"].replace("PCX", self.peering()))
        self.is_well()

    def test_routes_that_lead_elsewhere(self):
        for leads in ({"GatewayId": "igw-0123456789abcdef0"}, {"NatGatewayId": "nat-0123456789abcdef0"}):
            self.route(**leads)
            self.names("routes", "leads to '%s', which does not carry" % list(leads.values())[0])

    def test_a_transit_gateway_carries_less(self):
        self.route(TransitGatewayId="tgw-0123456789abcdef0")
        found = self.names("mtu", "through a transit gateway, which carries 8500 bytes", "warning")
        self.heal(found["fix"])
        self.is_well()

    def test_a_prefix_list_may_lead_there(self):
        self.table["Routes"].append(
            {"DestinationPrefixListId": "pl-0123456789abcdef0", "TransitGatewayId": "tgw-1", "State": "active", "Origin": "CreateRoute"}
        )
        self.names("routes", "has no route there", "unknown")


class MoreSpecificRoutes(DoctorTest):
    def test_a_route_that_takes_packets_out_of_the_vpc(self):
        table = self.only(
            "route-table", lambda one: one["VpcId"] == self.vpc() and any(a["Main"] for a in one["Associations"])
        )
        table["Routes"].append(
            {"DestinationCidrBlock": "10.10.2.0/24", "GatewayId": "igw-0123456789abcdef0", "State": "active", "Origin": "CreateRoute"}
        )
        found = [f for f in self.bad() if f["check"] == "routes"]
        self.heal(found[0]["fix"])
        self.is_well()
