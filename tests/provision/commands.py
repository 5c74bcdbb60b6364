"""What the tests of the AWS commands share: the real program against a stand-in of its own.

APPLIANCE names the program; NO_SLEEP a library that makes its waiting short, see no_sleep.c.
"""

import json
import os
import shutil
import subprocess
import tempfile

from harness import REGION, AwsTest
from standin import digest, sample
from standin.standin import KEY_ID, SECRET

APPLIANCE = os.environ["APPLIANCE"]
TIMEOUT_S = 120


class CommandTest(AwsTest):
    """The sample account, a folder with a file of deployments, and nobody to answer questions."""

    options = {"hidden_reads": 1}

    def setUp(self):
        super().setUp()
        self.home = tempfile.mkdtemp(prefix="command-")
        self.addCleanup(shutil.rmtree, self.home)
        self.environment = {
            **self.aws.environment(),
            "HOME": self.home,
            "PATH": os.environ["PATH"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "LD_PRELOAD": os.environ["NO_SLEEP"],
            "ASAN_OPTIONS": "verify_asan_link_order=0",
        }
        self.addCleanup(self.assert_proper_calls)

    def populate(self):
        sample.populate(self.aws.account)

    def assert_proper_calls(self):
        """No call was made that no correct client makes."""
        self.assertEqual(self.aws.journal.violations(), [])

    def vpc(self, name="shop", region=REGION):
        for vpc in self.aws.account.region(region).store("vpc").values():
            if {"Key": "Name", "Value": name} in vpc["Tags"]:
                return vpc["VpcId"]
        raise AssertionError("no VPC is named " + name)

    def deployment(self, **keys):
        """One with sources in the shop and a load balancer of its own."""
        return {
            "id": "prod",
            "region": REGION,
            "vpc": self.vpc(),
            "mode": "kernel",
            "sources": ["tag/env=production,tier=api", "ecs/shop/images"],
            **keys,
        }

    def write(self, name, content):
        path = os.path.join(self.home, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def fleet(self, *deployments):
        return self.write("fleet.json", {"deployments": list(deployments) or [self.deployment()]})

    def run_command(self, *arguments, **variables):
        """Runs it to its end. No secret is in what it says."""
        done = subprocess.run(
            [APPLIANCE, *map(str, arguments)],
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        for text in (done.stdout, done.stderr):
            self.assertNotIn(SECRET, text)
            self.assertNotIn("Sanitizer", text)
        return done

    def succeeds(self, *arguments, **variables):
        """What it printed."""
        done = self.run_command(*arguments, **variables)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        return done.stdout

    def fails(self, code, *arguments, **variables):
        """What it said on standard error."""
        done = self.run_command(*arguments, **variables)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done.stderr

    def refuses(self, code, *arguments, **variables):
        """The one line that it said."""
        lines = self.fails(code, *arguments, **variables).splitlines()
        self.assertEqual(len(lines), 1, lines)
        return lines[0]

    def fault(self, **fields):
        return self.aws.faults.add(**fields)

    def state(self, region=REGION):
        """All that exists there, without the names that chance gives."""
        with self.aws.world.lock:
            return digest.of_region(self.aws.account.region(region))

    def n_calls(self, action):
        return sum(n for name, n in self.aws.journal.counts().items() if name.endswith(":" + action))


__all__ = ["APPLIANCE", "KEY_ID", "REGION", "SECRET", "CommandTest"]
