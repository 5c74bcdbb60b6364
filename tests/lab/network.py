"""Three hosts and a mirror, out of network namespaces.

    client ns                server ns                          appliance ns
    +--------+      veth     +--------------------------+ veth  +-----------+
    | client0|---------------|server0 ==tc mirror==> vx0|-------| mirror0   |
    +--------+               |           (both ways)    |       +-----------+
                             +--------------------------+        VXLAN on UDP 4789

A namespace lives as long as the process that holds it, and every process started here dies with
this one: whatever happens, nothing is left behind.
"""

import json
import os
import shutil
import subprocess
import time

VXLAN_PORT = 4789
VNI = 5569041
CLIENT_MAC = "02:00:00:00:00:01"
SERVER_MAC = "02:00:00:00:00:02"
APPLIANCE_MAC = "02:00:00:00:00:03"
SERVER_ADDRESSES = ["10.20.0.%d" % i for i in range(10, 15)] + ["fd20::10"]
CLIENT_ADDRESSES = ["10.20.1.%d" % i for i in range(20, 40)] + ["fd20::1:20"]
TOOLS = ["ip", "tc", "ethtool", "nsenter", "unshare", "setpriv"]


class LabError(Exception):
    """What the lab lacks, in one line."""


def wait_for(condition, what, timeout_s=20.0):
    """Polls until the condition holds and returns what it returned."""
    deadline = time.monotonic() + timeout_s
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise LabError("waited %.0f s in vain for %s" % (timeout_s, what))
        time.sleep(0.02)


def lacking(tools):
    """Says which of the tools are not installed, or None."""
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [tool for tool in tools if not shutil.which(tool)]
    return "needs " + ", ".join(missing) if missing else None


def why_not():
    """Why no lab can be made here, or None."""
    if os.geteuid() != 0:
        return "needs root"
    missing = lacking(TOOLS)
    if missing:
        return missing
    probe = subprocess.run(["unshare", "-n", "true"], capture_output=True, text=True)
    return "cannot make a network namespace: " + probe.stderr.strip() if probe.returncode else None


class Namespace:
    def __init__(self, name):
        self.name = name
        self.children = []
        holder = [
            "setpriv",
            "--pdeathsig",
            "KILL",
            "unshare",
            "-n",
            "sh",
            "-c",
            "echo up; exec sleep infinity",
        ]
        self.holder = subprocess.Popen(holder, stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.run("ip", "link", "set", "lo", "up")

    def command(self, *args):
        inside = ["nsenter", "-t", str(self.holder.pid), "-n", "--"]
        return ["setpriv", "--pdeathsig", "KILL"] + inside + [str(arg) for arg in args]

    def run(self, *args):
        done = subprocess.run(self.command(*args), capture_output=True, text=True)
        if done.returncode != 0:
            raise LabError(
                "%s: %s: %s" % (self.name, " ".join(map(str, args)), done.stderr.strip())
            )
        return done.stdout

    def start(self, *args, **popen):
        child = subprocess.Popen(self.command(*args), **popen)
        self.children.append(child)
        return child

    def close(self):
        for child in reversed(self.children):
            stop(child)
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()


def stop(child, timeout_s=10):
    """Asks a child to end, then insists. Returns its exit code."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.wait()


class Network:
    def __init__(self, mtu=1500):
        self.namespaces = []
        try:
            self.client = self._namespace("client")
            self.server = self._namespace("server")
            self.appliance = self._namespace("appliance")
            self._link(self.client, "client0", CLIENT_MAC, self.server, "server0", SERVER_MAC, mtu)
            self._link(
                self.server, "probe0", None, self.appliance, "mirror0", APPLIANCE_MAC, mtu + 74
            )
            for address in CLIENT_ADDRESSES:
                self._address(self.client, "client0", address)
            for address in SERVER_ADDRESSES:
                self._address(self.server, "server0", address)
            self._mirror(mtu)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for namespace in reversed(self.namespaces):
            namespace.close()
        self.namespaces = []

    def _namespace(self, name):
        namespace = Namespace(name)
        self.namespaces.append(namespace)
        return namespace

    def _link(self, a, a_name, a_mac, b, b_name, b_mac, mtu):
        a.run(
            "ip",
            "link",
            "add",
            a_name,
            "type",
            "veth",
            "peer",
            "name",
            b_name,
            "netns",
            b.holder.pid,
        )
        for namespace, name, mac in ((a, a_name, a_mac), (b, b_name, b_mac)):
            if mac:
                namespace.run("ip", "link", "set", name, "address", mac)
            namespace.run("ip", "link", "set", name, "mtu", mtu)
            no_offload(namespace, name)
            namespace.run("ip", "link", "set", name, "up")

    def _address(self, namespace, device, address):
        if ":" in address:
            namespace.run("ip", "address", "add", address + "/64", "dev", device, "nodad")
        else:
            namespace.run("ip", "address", "add", address + "/16", "dev", device)

    def _mirror(self, mtu):
        # The appliance's interface has no address: nothing there answers, as with a DPDK port.
        self.server.run("ip", "address", "add", "172.31.0.1/30", "dev", "probe0")
        self.server.run(
            "ip",
            "neigh",
            "add",
            "172.31.0.2",
            "lladdr",
            APPLIANCE_MAC,
            "dev",
            "probe0",
            "nud",
            "permanent",
        )
        self.server.run(
            "ip",
            "link",
            "add",
            "vx0",
            "type",
            "vxlan",
            "id",
            VNI,
            "local",
            "172.31.0.1",
            "remote",
            "172.31.0.2",
            "dev",
            "probe0",
            "dstport",
            VXLAN_PORT,
            "srcport",
            49152,
            65535,
            "ttl",
            255,
            "noudpcsum",
            "nolearning",
        )
        self.server.run("ip", "link", "set", "vx0", "mtu", mtu)
        no_offload(self.server, "vx0")
        self.server.run("ip", "link", "set", "vx0", "addrgenmode", "none", "up")
        self.server.run("tc", "qdisc", "add", "dev", "server0", "clsact")
        for direction in ("ingress", "egress"):
            self.server.run(
                "tc",
                "filter",
                "add",
                "dev",
                "server0",
                direction,
                "protocol",
                "all",
                "u32",
                "match",
                "u32",
                0,
                0,
                "action",
                "mirred",
                "egress",
                "mirror",
                "dev",
                "vx0",
            )

    def _counters(self, namespace, device):
        shown = json.loads(namespace.run("ip", "-s", "-j", "link", "show", device))
        return shown[0]["stats64"]

    def n_mirrored(self):
        """Frames that were sent towards the appliance."""
        return self._counters(self.server, "probe0")["tx"]["packets"]

    def n_lost(self):
        """Frames that the kernel lost on the way to the appliance."""
        sent = [self._counters(self.server, device)["tx"] for device in ("vx0", "probe0")]
        received = self._counters(self.appliance, "mirror0")["rx"]
        return sum(side["dropped"] + side["errors"] for side in (*sent, received))

    def settle(self):
        """Waits until the mirror has been silent for a while: the last FINs have passed."""
        seen = [-1] * 25

        def is_silent():
            seen.append(self.n_mirrored())
            return len(set(seen[-25:])) == 1

        wait_for(is_silent, "the mirror to fall silent")


def no_offload(namespace, device):
    """Frames as a wire would carry them: none larger than the MTU, every checksum filled in."""
    for feature in ("tso", "gso", "gro", "tx"):
        subprocess.run(
            namespace.command("ethtool", "-K", device, feature, "off"), capture_output=True
        )
