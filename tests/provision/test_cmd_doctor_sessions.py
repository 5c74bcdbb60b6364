"""metlo-appliance doctor: sessions, sources and the filter."""

from doctor_world import DoctorTest
from standin.sample import add_vendor
from standin.state import compute


class Sessions(DoctorTest):
    def our_sessions(self):
        return sorted(self.ours("traffic-mirror-session"), key=lambda one: one["TrafficMirrorSessionId"])

    def session_on(self, interface):
        return self.only("traffic-mirror-session", lambda one: one["NetworkInterfaceId"] == interface["NetworkInterfaceId"])

    def test_sessions_that_are_missing(self):
        gone = self.our_sessions()[0]
        del self.region.store("traffic-mirror-session")[gone["TrafficMirrorSessionId"]]
        found = self.names("sessions", r"1 interface without a session: eni-\w+ \(shop-")
        self.assertEqual(found["subjects"], [gone["NetworkInterfaceId"]])
        self.assertIn("metlo-appliance refresh -f ", found["fix"])
        self.heal(found["fix"])
        self.is_well()

    def test_without_the_file_the_tags_say_what_should_be(self):
        first, second = self.interfaces("shop-web-1")
        del self.region.store("traffic-mirror-session")[self.session_on(second)["TrafficMirrorSessionId"]]
        found = self.names("sessions", second["NetworkInterfaceId"], "warning", arguments=["--id", "prod"])
        self.heal(found["fix"].replace("FILE", self.path))
        self.is_well("--id", "prod")
        self.assertTrue(self.session_on(first))

    def test_without_the_file_selectors_do_not_look_into_other_vpcs(self):
        self.path = self.fleet(self.wanted(sources=["tag/env=production"]))
        self.succeeds("apply", "-f", self.path, "--yes")
        for arguments in (["-f", self.path], ["--id", "prod"]):
            bad = self.bad(*arguments)
            self.assertEqual({(f["check"], f["state"]) for f in bad}, {("source-types", "warning")})
            self.assertIn("shop-orders", str(bad))
            self.assertNotIn("billing", str(bad))

    def test_all_sessions_are_gone(self):
        self.region.store("traffic-mirror-session").clear()
        self.names("sessions", "6 interfaces without a session")
        self.names("sessions", "there is no mirror session of deployment 'prod'", arguments=["--id", "prod"])

    def test_sessions_that_send_elsewhere(self):
        one = self.our_sessions()[0]
        mine = one["TrafficMirrorTargetId"], one["TrafficMirrorFilterId"]
        vendors = [
            next(i for i in self.region.store(kind) if i not in mine) for kind in ("traffic-mirror-target", "traffic-mirror-filter")
        ]
        one["TrafficMirrorTargetId"] = vendors[0]
        self.heal(self.names("sessions", "1 session sends to another target than '%s'" % mine[0])["fix"])
        one["TrafficMirrorFilterId"] = vendors[1]
        self.heal(self.names("sessions", "1 session has another filter than '%s'" % mine[1])["fix"])
        self.is_well()

    def test_a_pause(self):
        self.succeeds("sessions", "pause", "--id", "prod")
        found = self.names("pause", "mirroring is paused", "warning")
        self.is_well("-f", self.path, "--skip", "pause")
        self.heal(found["fix"])
        self.succeeds("apply", "-f", self.path, "--yes")
        self.is_well()
        for kind in ("traffic-mirror-filter", "traffic-mirror-target"):
            for one in self.ours(kind):
                one["Tags"].append({"Key": "metlo:mirroring", "Value": "gibberish"})
        self.names("pause", "cannot be read, and counts for nothing", "warning")

    def test_packets_that_are_cut(self):
        for one in self.our_sessions():
            one["PacketLength"] = 128
        found = self.names("packet-length", "6 sessions cut packets after 128 bytes", "warning")
        for session in found["subjects"]:
            self.heal(found["fix"].replace(found["subjects"][0], session))
        self.is_well()

    def test_a_source_that_is_stopped(self):
        instance = self.region.store("instance")[self.instance("shop-web-2")]
        instance["State"] = compute.state_of("stopped")
        found = self.names("stale-sessions", r"1 session is billed in vain: tms-\w+ \(its instance does not run\)")
        self.heal(found["fix"])
        self.names("sources", "shop-web-2\\): instance 'i-.*' is stopped", "warning")
        instance["State"] = compute.state_of("running")
        self.heal_all()

    def test_an_interface_that_is_detached(self):
        second = self.interfaces("shop-web-1")[1]
        del second["Attachment"]
        second["Status"] = "available"
        found = self.names("stale-sessions", "its interface is not attached")
        self.heal(found["fix"])
        self.is_well()

    def test_a_session_on_an_interface_that_nobody_can_see(self):
        second = self.interfaces("shop-web-1")[1]["NetworkInterfaceId"]
        del self.region.store("network-interface")[second]
        found = self.names("stale-sessions", "its interface does not exist any more", arguments=["--id", "prod"])
        self.succeeds(*found["fix"].split()[1:], "--yes")
        self.is_well()

    def test_two_sessions_on_one_interface(self):
        one = self.our_sessions()[0]
        twin = dict(one, TrafficMirrorSessionId="tms-0123456789abcdef0", SessionNumber=one["SessionNumber"] + 1)
        self.region.store("traffic-mirror-session")[twin["TrafficMirrorSessionId"]] = twin
        self.heal(self.names("stale-sessions", "there is another of ours on the same interface")["fix"])
        self.is_well()

    def test_sessions_of_others_that_come_first(self):
        interface = self.interfaces("shop-web-1")[0]
        own = self.session_on(interface)
        own["SessionNumber"] = 7
        group = self.collector_group["GroupId"]
        add_vendor(self.region, self.subnet("shop-private-a"), group, self.region.store("instance")[self.instance("shop-web-1")])
        found = self.names("foreign-sessions", r"shop-web-1\): session tms-\w+ comes first there and takes all TCP", others=[])
        self.assertIn("higher number", found["fix"])
        foreign = self.only(
            "traffic-mirror-session",
            lambda one: one["NetworkInterfaceId"] == interface["NetworkInterfaceId"] and one is not own,
        )
        foreign["SessionNumber"] = 9
        self.is_well()
        foreign.update(SessionNumber=1, TrafficMirrorFilterId="tmf-0123456789abcdef0")
        self.names("foreign-sessions", "its filter cannot be seen", "warning")

    def test_an_interface_that_is_full_of_sessions_of_others(self):
        interface = self.interfaces("shop-search")[0]["NetworkInterfaceId"]
        self.path = self.fleet(self.wanted(sources=["eni/" + interface]))
        vendor = next(s for s in self.region.store("traffic-mirror-session").values() if s not in self.our_sessions())
        for number in (5, 6, 7):
            session = "tms-0123456789abcde%02d" % number
            self.region.store("traffic-mirror-session")[session] = dict(
                vendor, TrafficMirrorSessionId=session, NetworkInterfaceId=interface, SessionNumber=number
            )
        bad = {f["check"]: f for f in self.bad()}
        self.assertIn("3 mirror sessions of others already", bad["foreign-sessions"]["text"])

    def test_the_appliance_itself_as_a_source(self):
        self.path = self.fleet(self.wanted(sources=["instance/" + self.collector["InstanceId"]]))
        bad = {f["check"]: f for f in self.bad()}
        self.assertIn("belongs to an appliance", bad["sources"]["text"])

    def test_a_subnet_without_ipv4(self):
        self.path = self.fleet(self.wanted(sources=["instance/" + self.instance("billing-ipv6")]))
        bad = {f["check"]: f for f in self.bad()}
        self.assertIn("has IPv6 only, where AWS cannot mirror", bad["ipv6-subnets"]["text"])
        self.assertEqual(bad["ipv6-subnets"]["state"], "problem")

    def test_what_aws_does_not_promise(self):
        self.path = self.fleet(self.wanted(sources=["ecs/shop/payments"]))
        self.run_command("apply", "-f", self.path, "--yes")
        found = self.names("sessions", "perhaps because AWS refused it: .*interface of an ECS task", "warning")
        self.assertIn("sidecar", found["fix"])

    def test_limits_that_aws_does_not_raise(self):
        one = self.our_sessions()[0]
        store = self.region.store("traffic-mirror-filter")
        mine = store[one["TrafficMirrorFilterId"]]
        for number in range(9100):
            key = "tmf-1%016x" % number
            store[key] = dict(mine, TrafficMirrorFilterId=key, Tags=[])
        self.aws.world.options.page_size = 1000
        self.names("mirror-limits", r"filters of the account: 91\d\d of 10000", "warning")


class Filter(DoctorTest):
    def rules(self, test):
        store = self.region.store("traffic-mirror-filter-rule")
        ours = {one["TrafficMirrorFilterId"] for one in self.ours("traffic-mirror-filter")}
        return [key for key, one in store.items() if one["TrafficMirrorFilterId"] in ours and test(one)]

    def drop(self, test):
        for key in self.rules(test):
            del self.region.store("traffic-mirror-filter-rule")[key]

    def test_a_filter_that_is_gone(self):
        (ours,) = self.ours("traffic-mirror-filter")
        del self.region.store("traffic-mirror-filter")[ours["TrafficMirrorFilterId"]]
        self.names("filter", "the mirror filter 'tmf-.*' does not exist")
        self.heal_all()

    def test_a_direction_without_rules(self):
        for direction in ("ingress", "egress"):
            self.drop(lambda one, d=direction: one["TrafficDirection"] == d)
            found = self.names("filter", "accepts nothing in direction " + direction, others=[])
            self.heal(found["fix"])
            self.is_well()

    def test_rules_behind_one_that_rejects_all(self):
        filter_id = self.ours("traffic-mirror-filter")[0]["TrafficMirrorFilterId"]
        self.drop(lambda one: one["TrafficDirection"] == "ingress" and ":" in one["SourceCidrBlock"])
        self.make_client("ec2", "us-east-1").create_traffic_mirror_filter_rule(
            TrafficMirrorFilterId=filter_id,
            TrafficDirection="ingress",
            RuleNumber=1 if not self.rules(lambda one: one["RuleNumber"] == 1 and one["TrafficDirection"] == "ingress") else 32766,
            RuleAction="reject",
            SourceCidrBlock="0.0.0.0/0",
            DestinationCidrBlock="0.0.0.0/0",
        )
        for key in self.rules(lambda one: one["RuleAction"] == "accept" and one["TrafficDirection"] == "ingress"):
            self.region.store("traffic-mirror-filter-rule")[key]["RuleNumber"] += 32767
        self.names("filter", "accepts nothing in direction ingress")

    def test_requests_without_answers(self):
        self.path = self.fleet(
            self.wanted(
                filter={
                    "rules": [
                        {"direction": "ingress", "protocol": "tcp", "destination_ports": 8080},
                        {"direction": "egress", "protocol": "tcp", "source_ports": 8081},
                    ]
                }
            )
        )
        self.succeeds("apply", "-f", self.path, "--yes")
        bad = self.bad()
        self.assertEqual({(f["check"], f["state"]) for f in bad}, {("filter", "warning")})
        self.assertIn("mirrors what goes to ports 8080-8080, but not the answers", bad[0]["text"])
        self.path = self.fleet(self.wanted(filter={"server_ports": [8080, 9090]}))
        self.succeeds("apply", "-f", self.path, "--yes")
        self.is_well()

    def test_ipv6_without_rules(self):
        self.drop(lambda one: ":" in one["SourceCidrBlock"])
        self.is_well()
        network_interface = self.interfaces("shop-web-1")[0]
        network_interface["Ipv6Addresses"] = [{"Ipv6Address": "2600:1f18:10::7"}]
        found = self.names("filter-ipv6", "accepts no IPv6 in direction ingress, and 1 source has IPv6 addresses", "warning")
        self.heal(found["fix"])
        self.heal(self.names("filter-ipv6", "in direction egress", "warning")["fix"])
        self.is_well()
