"""What the tests of iam-policy share: users who are allowed what it prints and nothing else."""

import json

from commands import CommandTest


LIMITED_KEY, LIMITED_SECRET = "AKIASTANDINLIMITED01", "limited-secret"
DENIED = ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException")
NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
APPLIANCES = {
    "image_parameter": "/metlo/appliance/ami/latest",
    "instance_type": "c6i.large",
    "instance_profile": "metlo-appliance",
    "count": 1,
}
GROUP = {**APPLIANCES, "auto_scaling": True, "count": 2, "max": 3}


def documents_in(text):
    found = json.loads(text)
    return found if isinstance(found, list) else [found]


class PolicyTest(CommandTest):
    def documents(self, *arguments, **variables):
        done = self.run_command("iam-policy", *arguments, **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        return documents_in(done.stdout)

    def limit(self, documents):
        """The variables of a user with these policies and no other."""
        if LIMITED_KEY not in self.aws.world.keys:
            self.aws.world.add_user(
                self.aws.account, "limited", LIMITED_KEY, LIMITED_SECRET, documents
            )
        principal = self.aws.world.keys[LIMITED_KEY].principal
        principal.policies[:] = documents
        return {"AWS_ACCESS_KEY_ID": LIMITED_KEY, "AWS_SECRET_ACCESS_KEY": LIMITED_SECRET}

    def limited(self, service):
        return self.client(service, key=LIMITED_KEY, secret=LIMITED_SECRET)
