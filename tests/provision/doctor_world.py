"""A deployment as 'apply' makes it, with an instance that collects: all is well, until a test breaks it."""

import json
import re

import aws_cli
from commands import REGION, CommandTest
from standin.state import compute, network


class DoctorTest(CommandTest):
    options = {}

    def setUp(self):
        super().setUp()
        self.clients = {}
        self.collector = self.make_collector()
        self.path = self.fleet(self.wanted())
        self.succeeds("apply", "-f", self.path, "--yes")
        self.settle()

    def wanted(self, **keys):
        return self.deployment(
            **{
                "sources": ["instance/" + self.instance("shop-web-%d" % n) for n in (1, 2, 3)]
                + ["ecs/shop/images"],
                "subnets": [self.subnet("shop-private-" + zone)["SubnetId"] for zone in "abc"],
                "existing": {"appliances": [self.collector["InstanceId"]]},
                **keys,
            }
        )

    def instance(self, name):
        return self.only("instance", lambda one: {"Key": "Name", "Value": name} in one["Tags"])["InstanceId"]

    def interfaces(self, name):
        return compute.interfaces_of(self.region, self.instance(name))

    def subnet(self, name):
        return self.only("subnet", lambda one: {"Key": "Name", "Value": name} in one["Tags"])

    def make_collector(self, subnet="shop-private-a", name="collector"):
        self.collector_group = network.make_security_group(self.region, self.vpc(), name, name)
        self.let_in("udp", 4789, "10.10.0.0/16")
        self.let_in("tcp", 8000, "10.10.0.0/16")
        groups = [self.collector_group["GroupId"]]
        return compute.make_instance(self.region, self.subnet(subnet), "c6i.large", groups, {"Name": name})

    def let_in(self, protocol, port, cidr):
        ranges = [{"CidrIp": cidr}]
        permission = {"IpProtocol": protocol, "FromPort": port, "ToPort": port, "IpRanges": ranges}
        rules = network.firewall.flat_rules([permission], False)
        network.firewall.add_rules(self.aws.world.ids, self.collector_group, rules)

    def settle(self):
        """Health checks have run."""
        for target in self.region.store("target").values():
            target["_reads"] = 0

    def only(self, kind, test=lambda one: True):
        found = [one for one in self.region.store(kind).values() if test(one)]
        self.assertEqual(len(found), 1, found)
        return found[0]

    def ours(self, kind, name="metlo-prod"):
        """The resource of the deployment."""
        tags = {"Key": "metlo:deployment", "Value": "prod"}
        return [one for one in self.region.store(kind).values() if tags in (one.get("_tags") or one.get("Tags") or [])]

    def balancer(self):
        (found,) = self.ours("load-balancer")
        return found

    def target_group(self):
        (found,) = self.ours("target-group")
        return found

    def examine(self, *arguments):
        """The exit code and all findings, of one deployment."""
        done = self.run_command("doctor", "--output", "json", *(arguments or ("-f", self.path)))
        self.assertEqual(done.stderr, "")
        (one,) = json.loads(done.stdout)["deployments"]
        counts = {state: sum(f["state"] == state for f in one["findings"]) for state in one["counts"]}
        if "--quiet" not in arguments:
            self.assertEqual(counts, one["counts"])
        return done.returncode, one["findings"]

    def bad(self, *arguments):
        """Findings that are not ok."""
        code, findings = self.examine(*arguments)
        bad = [f for f in findings if f["state"] != "ok"]
        self.assertEqual(code, int(any(f["state"] != "warning" for f in bad)), bad)
        for finding in bad:
            self.assertTrue(finding["fix"], finding)
        return bad

    def is_well(self, *arguments):
        self.assertEqual(self.bad(*arguments), [])

    def names(self, check, text, state="problem", others=(), arguments=()):
        """The finding of this check, of which there is one; what else is not ok is of these checks."""
        bad = self.bad(*arguments)
        found = [f for f in bad if f["check"] == check]
        self.assertEqual([f["state"] for f in found], [state], bad)
        self.assertRegex(found[0]["text"], text)
        self.assertEqual({f["check"] for f in bad} - {check}, set(others), bad)
        return found[0]

    def make_client(self, service, region):
        if (service, region) not in self.clients:
            self.clients[service, region] = self.client(service, region)
        return self.clients[service, region]

    def heal(self, fix):
        """Does what the fix says, as a user would who copies the command."""
        ours = re.search(r"metlo-appliance ([^;]*?)(?:[;,] .*)?$", fix)
        theirs = re.search(r"\baws (?:ec2|elbv2) [^;]*?(?=(?:[;,] |$))", fix)
        if theirs:
            aws_cli.run(self.make_client, theirs[0])
        else:
            self.assertTrue(ours, fix)
            words = ours[1].split()
            self.succeeds(*words, *(["--yes"] if words[0] == "apply" else []))
        self.settle()

    def heal_all(self, tries=3):
        """Until all is well; each round does the fixes that are commands."""
        for _ in range(tries):
            bad = self.bad()
            if not bad:
                return
            for finding in bad:
                if re.search(r"\baws (ec2|elbv2) |metlo-appliance (apply|refresh|sessions)", finding["fix"]):
                    self.heal(finding["fix"])
        self.is_well()


__all__ = ["REGION", "DoctorTest"]
