"""metlo-appliance doctor: a deployment that is well, then everything that can be wrong with it, one by one."""

import json

from commands import REGION, CommandTest
from standin import events
from standin.state import balancing, compute, network


class DoctorTest(CommandTest):
    """A deployment as 'apply' makes it, with an instance that collects, healthy."""

    options = {}

    def setUp(self):
        super().setUp()
        self.collector = self.make_collector()
        self.path = self.fleet(self.wanted())
        self.succeeds("apply", "-f", self.path, "--yes")
        self.elb, self.ec2 = self.client("elbv2"), self.client("ec2")
        self.settle()

    def wanted(self, **keys):
        return self.deployment(
            sources=["instance/" + self.instance("shop-web-%d" % n) for n in (1, 2, 3)]
            + ["ecs/shop/images"],
            existing={"appliances": [self.collector["InstanceId"]]},
            **keys
        )

    def make_collector(self):
        vpc = self.vpc()
        subnet = next(
            s
            for s in self.region.store("subnet").values()
            if s["VpcId"] == vpc and {"Key": "Name", "Value": "shop-private-a"} in s["Tags"]
        )
        self.collector_group = network.make_security_group(self.region, vpc, "collector", "collector")
        self.let_in("udp", 4789, "10.10.0.0/16")
        self.let_in("tcp", 8000, "10.10.0.0/16")
        return compute.make_instance(
            self.region, subnet, "c6i.large", [self.collector_group["GroupId"]], {"Name": "collector"}
        )

    def instance(self, name):
        return self.only("instance", lambda one: {"Key": "Name", "Value": name} in one["Tags"])["InstanceId"]

    def let_in(self, protocol, port, cidr):
        network.firewall.add_rules(
            self.aws.world.ids,
            self.collector_group,
            network.firewall.flat_rules(
                [{"IpProtocol": protocol, "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}], False
            ),
        )

    def settle(self):
        """Health checks have run."""
        for target in self.region.store("target").values():
            target["_reads"] = 0

    def only(self, kind, test=lambda one: True):
        found = [one for one in self.region.store(kind).values() if test(one)]
        self.assertEqual(len(found), 1, found)
        return found[0]

    def doctor(self, *arguments, code=None):
        """All findings, of one deployment."""
        done = self.run_command("doctor", "--output", "json", *(arguments or ("-f", self.path)))
        self.assertEqual(done.stderr, "")
        (one,) = json.loads(done.stdout)["deployments"]
        if code is not None:
            self.assertEqual(done.returncode, code, done.stdout)
        return one["findings"]


class Healthy(DoctorTest):
    def test_all_is_well(self):
        findings = self.doctor(code=0)
        self.assertEqual([f for f in findings if f["state"] != "ok"], [])
