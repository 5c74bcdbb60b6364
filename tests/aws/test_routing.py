"""Network access lists and routes, changed with AWS's own SDK."""

import unittest

from harness import AwsTest
from standin.services import ec2_routing
from standin.state import network


class Routing(AwsTest):
    def populate(self):
        self.vpc = network.make_vpc(self.region, "10.0.0.0/16", {"Name": "one"})
        self.other = network.make_vpc(self.region, "10.1.0.0/16", {"Name": "two"})
        self.ec2 = self.client("ec2")
        self.acl = self.ids("network-acl", "NetworkAclId")
        self.table = self.ids("route-table", "RouteTableId")

    def ids(self, kind, name):
        return next(
            one[name] for one in self.region.store(kind).values() if one["VpcId"] == self.vpc["VpcId"]
        )

    def entry(self, number=50, **more):
        wanted = {
            "NetworkAclId": self.acl,
            "RuleNumber": number,
            "RuleAction": "deny",
            "Egress": False,
            "Protocol": "17",
            "PortRange": {"From": 4789, "To": 4789},
            "CidrBlock": "10.1.2.3/8",
            **more,
        }
        return self.ec2.create_network_acl_entry(
            **{k: v for k, v in wanted.items() if v is not None}
        )

    def entries(self):
        found = self.ec2.describe_network_acls(NetworkAclIds=[self.acl])["NetworkAcls"][0]
        return {(e["RuleNumber"], e["Egress"]): e for e in found["Entries"]}

    def test_entries_come_and_go(self):
        self.entry()
        made = self.entries()[50, False]
        self.assertEqual(made["CidrBlock"], "10.0.0.0/8")
        self.assertEqual(made["PortRange"], {"From": 4789, "To": 4789})
        with self.refused("NetworkAclEntryAlreadyExists"):
            self.entry()
        self.entry(Egress=True)
        gone = {"NetworkAclId": self.acl, "RuleNumber": 50, "Egress": False}
        self.ec2.delete_network_acl_entry(**gone)
        self.assertNotIn((50, False), self.entries())
        with self.refused("InvalidNetworkAclEntry.NotFound"):
            self.ec2.delete_network_acl_entry(**gone)

    def test_entries_that_make_no_sense(self):
        for more in (
            {"number": 32767},
            {"number": 0},
            {"Protocol": "udp"},
            {"PortRange": None},
            {"PortRange": {"From": 2, "To": 1}},
            {"CidrBlock": "nowhere"},
        ):
            with self.refused("InvalidParameterValue"):
                self.entry(**more)
        with self.refused("MissingParameter"):
            self.entry(Ipv6CidrBlock="::/0")
        with self.refused("InvalidNetworkAclID.NotFound"):
            self.entry(NetworkAclId="acl-0123456789abcdef0")

    def test_a_list_has_room_for_twenty(self):
        for number in range(1, 20):
            self.entry(number)
        with self.refused("NetworkAclEntryLimitExceeded"):
            self.entry(20)

    def routes(self):
        found = self.ec2.describe_route_tables(RouteTableIds=[self.table])["RouteTables"][0]
        return {r["DestinationCidrBlock"]: r for r in found["Routes"]}

    def test_routes_come_change_and_go(self):
        peering = ec2_routing.make_peering(self.region, self.vpc, self.other)
        route = {"RouteTableId": self.table, "DestinationCidrBlock": "10.1.0.0/16"}
        self.ec2.create_route(VpcPeeringConnectionId=peering, **route)
        self.assertEqual(self.routes()["10.1.0.0/16"]["VpcPeeringConnectionId"], peering)
        with self.refused("RouteAlreadyExists"):
            self.ec2.create_route(VpcPeeringConnectionId=peering, **route)
        self.ec2.replace_route(TransitGatewayId="tgw-0123456789abcdef0", **route)
        self.assertNotIn("VpcPeeringConnectionId", self.routes()["10.1.0.0/16"])
        self.ec2.delete_route(**route)
        with self.refused("InvalidRoute.NotFound"):
            self.ec2.delete_route(**route)
        with self.refused("InvalidParameterValue", text="local"):
            self.ec2.delete_route(RouteTableId=self.table, DestinationCidrBlock="10.0.0.0/16")

    def test_routes_that_make_no_sense(self):
        route = {"RouteTableId": self.table, "DestinationCidrBlock": "10.1.0.0/16"}
        with self.refused("InvalidParameterCombination"):
            self.ec2.create_route(**route)
        with self.refused("InvalidParameterCombination"):
            self.ec2.create_route(GatewayId="igw-1", NatGatewayId="nat-1", **route)
        with self.refused("InvalidVpcPeeringConnectionID.NotFound"):
            self.ec2.create_route(VpcPeeringConnectionId="pcx-0123456789abcdef0", **route)
        with self.refused("InvalidParameterValue"):
            self.ec2.replace_route(GatewayId="igw-1", **route)


if __name__ == "__main__":
    unittest.main()
