"""metlo-appliance apply and destroy."""

import os
import signal
import subprocess
import threading

from commands import APPLIANCE, REGION, SECRET, TIMEOUT_S, CommandTest


class Apply(CommandTest):
    def apply(self, *arguments, **variables):
        return self.succeeds("apply", "-f", self.fleet(), "--yes", *arguments, **variables)

    def destroy(self, *arguments):
        return self.succeeds("destroy", "-f", self.fleet(), "--yes", *arguments)

    def test_makes_all_verifies_it_and_takes_it_away_again(self):
        before = self.state()
        out = self.apply()
        self.assertIn("21 to create", out)
        self.assertIn("+ network load balancer  metlo-prod", out)
        self.assertIn("good   the load balancer listens on UDP 4789", out)
        self.assertIn("good   7 mirror sessions", out)
        self.assertIn("to do  no appliance is registered", out)
        self.assertIn("metlo-appliance doctor --id prod", out)
        self.assertNotIn("\033", out)
        self.assertNotEqual(self.state(), before)
        out = self.destroy()
        self.assertIn("13 to delete", out)
        self.assertIn("nothing is left of deployment 'prod'", out)
        self.assertEqual(self.state(), before)

    def test_does_nothing_the_second_time(self):
        self.apply()
        made = self.state()
        self.aws.journal.clear()
        self.assertIn("nothing to do: deployment 'prod' is as it should be", self.apply())
        self.assertEqual(self.state(), made)
        changing = [name for name in self.aws.journal.counts() if ":Describe" not in name and ":Get" not in name]
        self.assertEqual([name for name in changing if ":List" not in name], [])

    def test_does_what_differs(self):
        self.apply()
        path = self.fleet(self.deployment(sources=["ecs/shop/images"], health={"port": 9000}))
        out = self.succeeds("apply", "-f", path, "--yes")
        self.assertIn("0 to create, 1 to change, 5 to delete", out)
        self.assertRegex(out, "- mirror session .* no source wants it any more")

    def test_asks_nobody_where_nobody_is(self):
        before = self.state()
        for command in ("apply", "destroy"):
            self.assertIn("--yes", self.refuses(2, command, "-f", self.fleet()))
        self.assertEqual(self.state(), before)
        self.assertEqual(self.aws.journal.counts(), {})

    def test_several_deployments_in_several_regions(self):
        path = self.fleet(
            self.deployment(),
            self.deployment(id="books", vpc=self.vpc("billing"), sources=["tag/Name=billing-ledger"],
                            allow_starved=True),
            self.deployment(id="far", region="eu-central-1", vpc="vpc-0123456789abcdef0"),
        )
        before = self.state()
        done = self.run_command("apply", "-f", path, "--yes")
        self.assertEqual(done.returncode, 1)
        self.assertIn("deployment 'far'", done.stderr)
        self.assertIn("all deployments together: ", done.stdout)
        self.assertIn("apply: 2 deployments done, 1 failed", done.stdout)
        self.assertEqual(self.run_command("destroy", "-f", path, "--yes").returncode, 0)
        self.assertEqual(self.state(), before)

    def test_destroys_by_id_what_no_file_describes(self):
        before = self.state()
        self.apply()
        out = self.succeeds("destroy", "--id", "prdo", "--yes")
        self.assertIn("there is nothing of deployment 'prdo' in us-east-1; deployments there: 'prod'", out)
        self.assertIn("nothing is left", self.succeeds("destroy", "--id", "prod", "--region", REGION, "--yes"))
        self.assertEqual(self.state(), before)
        self.assertIn("is no deployment's id", self.refuses(1, "destroy", "--id", "Prod!", "--yes"))
        self.assertIn("not both", self.refuses(2, "destroy", "--id", "prod", "-f", "x", "--yes"))

    def test_two_runs_at_once_make_one_set(self):
        self.apply()
        wanted = self.state()
        self.destroy()
        path = self.fleet()
        command = [APPLIANCE, "apply", "-f", path, "--yes"]
        with subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as other:
            self.run_command("apply", "-f", path, "--yes")
            other.wait(TIMEOUT_S)
        self.apply()
        self.assertEqual(self.state(), wanted)

    def test_a_destroy_during_an_apply_leaves_nothing_that_the_next_does_not_take(self):
        before = self.state()
        path = self.fleet()
        for action in ("CreateTargetGroup", "CreateTrafficMirrorTarget", "CreateTrafficMirrorSession"):
            self.aws.faults.add(kind="hold", action=action, when="after")
            with subprocess.Popen([APPLIANCE, "apply", "-f", path, "--yes"], env=self.environment,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as other:
                self.assertTrue(self.aws.faults.held.wait(TIMEOUT_S))
                self.run_command("destroy", "--id", "prod", "--yes")
                self.aws.faults.clear()
                other.wait(TIMEOUT_S)
            self.succeeds("destroy", "--id", "prod", "--yes")
            self.assertEqual(self.state(), before)
            self.succeeds("apply", "-f", path, "--yes")
            self.assertIn("nothing to do", self.succeeds("apply", "-f", path, "--yes"))
            self.succeeds("destroy", "--id", "prod", "--yes")

    def test_appliances_that_are_launched(self):
        before = self.state()
        path = self.fleet(self.deployment(appliances={
            "image_parameter": "/metlo/appliance/ami/latest", "instance_type": "c6i.large", "count": 2}))
        out = self.succeeds("apply", "-f", path, "--yes")
        self.assertRegex(out, r"appliances \(2 instances\) +\d+\.\d\d USD")
        self.assertIn("nothing to do", self.succeeds("apply", "-f", path, "--yes"))
        self.succeeds("destroy", "-f", path, "--yes")
        self.assertEqual(self.state(), before)


class Refusals(CommandTest):
    def is_refused(self, wanted, **keys):
        before = self.state()
        self.assertIn(wanted, self.refuses(1, "apply", "-f", self.fleet(self.deployment(**keys)), "--yes"))
        self.assertEqual(self.state(), before)

    def test_ids_of_another_type(self):
        self.is_refused("'subnet-1' is no VPC: its id begins with 'vpc-'", vpc="subnet-1")
        self.is_refused("'vpc-1' is no subnet", subnets=["vpc-1"])
        self.is_refused("'i-1' is no mirror target", existing={"target": "i-1"})
        self.is_refused("'eni-1' is no mirror filter", existing={"filter": "eni-1"})
        self.is_refused("ARN of a network load balancer", existing={"load_balancer": "metlo"})
        self.is_refused("source 'eni/i-0123': the id of this kind begins with 'eni-'", sources=["eni/i-0123"])

    def test_ids_of_nothing(self):
        self.is_refused("there is no VPC 'vpc-1' in region 'us-east-1'", vpc="vpc-1")
        self.is_refused("there is no subnet 'subnet-1'", subnets=["subnet-1"])
        self.is_refused("there is no mirror target 'tmt-1'", existing={"target": "tmt-1"})
        self.is_refused("there is no mirror filter 'tmf-1'", existing={"filter": "tmf-1"})
        arn = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/x/0123456789abcdef"
        self.is_refused("there is no load balancer '%s'" % arn, existing={"load_balancer": arn})
        self.is_refused("there is no parameter '/no'", appliances={
            "image_parameter": "/no", "instance_type": "c6i.large", "count": 1})

    def test_the_wrong_region(self):
        self.is_refused("there is no VPC", region="eu-central-1")
        self.is_refused("the account has the region enabled", region="ap-east-1")

    def test_what_exists_but_is_not_ours(self):
        self.succeeds("apply", "-f", self.fleet(), "--yes")
        with self.aws.world.lock:
            for balancer in self.region.store("load-balancer").values():
                balancer["_tags"] = [{"Key": "Name", "Value": "theirs"}]
        self.assertIn("metlo-prod", self.refuses(1, "apply", "-f", self.fleet(), "--yes"))


class Faults(CommandTest):
    def setUp(self):
        super().setUp()
        self.path = self.fleet()
        self.before = self.state()

    def apply(self, *arguments):
        return self.run_command("apply", "-f", self.path, "--yes", *arguments)

    def converges(self):
        self.aws.faults.clear()
        self.assertEqual(self.apply().returncode, 0)
        self.assertIn("nothing to do", self.apply().stdout)
        self.succeeds("destroy", "-f", self.path, "--yes")
        self.assertEqual(self.state(), self.before)

    def test_a_first_set_up_that_fails_is_taken_back(self):
        self.fault(kind="deny", action="CreateTrafficMirrorTarget", times=0)
        done = self.apply()
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot create mirror target 'metlo-prod' of deployment 'prod'", done.stderr)
        self.assertIn('"Action": "ec2:CreateTrafficMirrorTarget"', done.stderr)
        self.assertIn("taking back what was made", done.stdout)
        self.assertIn("nothing is left of what was made", done.stdout)
        self.assertEqual(self.state(), self.before)
        self.converges()

    def test_it_stays_with_keep_and_can_be_gone_on_with(self):
        self.fault(kind="deny", action="CreateTrafficMirrorTarget", times=0)
        done = self.apply("--keep")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"made so far.*\n  security group +metlo-prod-nlb  sg-")
        self.assertIn("to go on: metlo-appliance apply -f " + self.path + " --deployment prod", done.stdout)
        self.assertIn("to undo:  metlo-appliance destroy -f ", done.stdout)
        self.assertNotEqual(self.state(), self.before)
        self.converges()

    def test_an_interface_that_aws_refuses_stops_nothing_else(self):
        self.fault(kind="error", action="CreateTrafficMirrorSession", skip=2, status=400,
                   code="NetworkInterfaceNotSupported", message="no")
        done = self.apply()
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"\+ mirror session .*: failed: .*NetworkInterfaceNotSupported")
        self.assertIn("AWS refuses to mirror 1 of the interfaces", done.stderr)
        self.converges()

    def test_faults_that_pass_are_borne(self):
        for fault in ({"kind": "throttle", "times": 2}, {"kind": "http", "status": 503}, {"kind": "reset"},
                      {"kind": "reset", "when": "after"}, {"kind": "truncate"}, {"kind": "garbage"},
                      {"kind": "empty"}, {"kind": "error", "code": "InternalError"}):
            for action in ("CreateLoadBalancer", "CreateTrafficMirrorTarget", "CreateTrafficMirrorSession"):
                with self.subTest(fault=fault, action=action):
                    self.fault(action=action, **fault)
                    self.assertEqual(self.apply().returncode, 0)
                    self.converges()

    def test_sessions_that_are_made_too_fast(self):
        self.fault(kind="throttle", action="CreateTrafficMirrorSession", times=14)
        self.assertEqual(self.apply().returncode, 0)
        self.converges()

    def test_keys_that_expire_in_the_middle(self):
        self.fault(kind="expired", action="CreateTrafficMirrorFilter", times=0)
        done = self.apply("--keep")
        self.assertEqual(done.returncode, 1)
        self.assertIn("get new credentials", done.stderr)
        self.converges()

    def test_a_listener_that_is_not_seen_afterwards_is_a_failure(self):
        self.apply()
        self.fault(kind="error", action="DescribeListeners", times=0, status=400, code="ValidationError", message="?")
        done = self.apply()
        self.assertEqual(done.returncode, 1)
        self.converges()


class Interruptions(CommandTest):
    def interrupted(self, action, number):
        """Sends a signal while a call is held, and lets it go then."""
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup(1) may have started the tests
        path = self.fleet()
        self.aws.faults.add(kind="hold", action=action, when="after")
        with subprocess.Popen([APPLIANCE, "apply", "-f", path, "--yes"], env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            said = {}
            reader = threading.Thread(target=lambda: said.update(zip(("out", "err"), child.communicate())))
            reader.start()
            self.assertTrue(self.aws.faults.held.wait(TIMEOUT_S))
            child.send_signal(number)
            self.wait_until_handled(child.pid, number)
            self.aws.faults.clear()
            reader.join(TIMEOUT_S)
            return child.returncode, said["out"], said["err"]

    def wait_until_handled(self, pid, number):
        """The signal is no longer pending, and its handler has given it its usual effect back."""
        bit = 1 << (number - 1)
        while True:
            with open("/proc/%d/status" % pid, encoding="ascii") as file:
                fields = dict(line.rstrip("\n").split(":\t") for line in file if ":\t" in line)
            if not (int(fields["SigCgt"], 16) | int(fields["ShdPnd"], 16)) & bit:
                return
            os.sched_yield()

    def test_the_first_ends_it_in_an_orderly_way_and_says_how_to_go_on(self):
        before = self.state()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            code, out, err = self.interrupted("CreateTrafficMirrorFilter", number)
            self.assertEqual(code, 128 + number)
            self.assertIn("stopped in the middle of deployment 'prod'", err)
            self.assertRegex(out, r"made so far.*\n(  .*\n)*  mirror filter +metlo-prod  tmf-")
            self.assertIn("to go on: metlo-appliance apply -f ", out)
            self.assertIn("to undo:  metlo-appliance destroy -f ", out)
            self.assertEqual(self.n_calls("CreateTrafficMirrorTarget"), 0)
            self.succeeds("destroy", "--id", "prod", "--yes")
            self.assertEqual(self.state(), before)

    def test_what_is_ignored_from_the_start_stays_so(self):
        self.aws.faults.add(kind="hold", action="CreateTrafficMirrorFilter")
        command = ["sh", "-c", "trap '' HUP; exec \"$0\" \"$@\"", APPLIANCE, "apply", "-f", self.fleet(), "--yes"]
        with subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            self.assertTrue(self.aws.faults.held.wait(TIMEOUT_S))
            child.send_signal(signal.SIGHUP)
            self.aws.faults.clear()
            self.assertEqual(child.wait(TIMEOUT_S), 0)

    def test_nobody_who_reads_what_it_says(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([APPLIANCE, "apply", "-f", self.fleet(), "--yes"], env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=writer, stderr=writer, timeout=TIMEOUT_S, check=False)
        os.close(writer)
        self.assertEqual(done.returncode, 0)
        self.assertIn("nothing to do", self.succeeds("apply", "-f", self.fleet(), "--yes"))

    def test_a_core_dump_holds_nothing(self):
        self.aws.faults.add(kind="hold", action="CreateTrafficMirrorFilter")
        with subprocess.Popen([APPLIANCE, "apply", "-f", self.fleet(), "--yes"], env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            self.assertTrue(self.aws.faults.held.wait(TIMEOUT_S))
            with open("/proc/%d/limits" % child.pid, encoding="ascii") as file:
                self.assertRegex(file.read(), r"Max core file size +0 +0 ")
            with open("/proc/%d/cmdline" % child.pid, encoding="ascii") as file:
                self.assertNotIn(SECRET, file.read())
            child.kill()
        self.aws.faults.clear()

    def test_the_second_ends_it_at_once(self):
        self.aws.faults.add(kind="hold", action="CreateTrafficMirrorFilter")
        with subprocess.Popen([APPLIANCE, "apply", "-f", self.fleet(), "--yes"], env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            self.assertTrue(self.aws.faults.held.wait(TIMEOUT_S))
            child.send_signal(signal.SIGINT)
            self.wait_until_handled(child.pid, signal.SIGINT)
            child.send_signal(signal.SIGINT)
            self.assertEqual(child.wait(TIMEOUT_S), -signal.SIGINT)
        self.aws.faults.clear()
        self.succeeds("destroy", "--id", "prod", "--yes")
