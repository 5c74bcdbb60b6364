"""metlo-appliance plan."""

import json

from commands import KEY_ID, CommandTest


class Plan(CommandTest):
    def test_shows_what_would_be_made_and_its_cost(self):
        before = self.state()
        out = self.succeeds("plan", "-f", self.fleet())
        self.assertIn("deployment 'prod' in us-east-1: 21 to create, 0 to change, 0 to delete, 0 stay", out)
        self.assertRegex(out, r"\n  \+ mirror session +eni-\w+ \(shop-web-2\) +tag/env=production,tier=api\n")
        self.assertRegex(out, r"mirror sessions \(7 sessions\) +76\.65 USD\n")
        self.assertIn("prices are those of AWS's price list", out)
        self.assertNotIn("\033", out)
        self.assertEqual(self.state(), before)

    def test_says_what_is_left_out_and_what_leads_to_nothing(self):
        out = self.succeeds("plan", "-f", self.fleet(self.deployment(sources=["tag/tier=api", "instance/i-0123"])))
        self.assertRegex(out, r"left out:\n  eni-\w+ \(shop-orders\): .*'m8g.large'")
        self.assertIn("sources that lead to nothing:\n  instance/i-0123: ", out)

    def test_json_has_all_of_it(self):
        path = self.fleet(self.deployment(), self.deployment(id="second", sources=["ecs/shop/images"]))
        first, second = json.loads(self.succeeds("plan", "-f", path, "--output", "json"))["deployments"]
        self.assertEqual(first["deployment"], "prod")
        self.assertTrue(first["has_changes"])
        self.assertEqual(first["counts"], {"create": 21, "change": 0, "delete": 0, "keep": 0})
        self.assertEqual(len(first["steps"]), 21)
        session = [step for step in first["steps"] if step["kind"] == "session"][0]["session"]
        self.assertEqual(session["sources"], ["tag/env=production,tier=api"])
        self.assertEqual(first["left_out"][0]["reason"], "instance-type-unsupported")
        self.assertAlmostEqual(first["cost"]["month_after"], 93.075)
        self.assertEqual(second["deployment"], "second")

    def test_tells_changes_by_the_exit_code_where_asked_to(self):
        done = self.run_command("plan", "-f", self.fleet(), "--detailed-exitcode")
        self.assertEqual((done.returncode, done.stderr), (3, ""))

    def test_chooses_one_of_the_file(self):
        path = self.fleet(self.deployment(), self.deployment(id="second"))
        out = self.succeeds("plan", "-f", path, "--deployment", "second")
        self.assertNotIn("'prod'", out)
        self.assertIn("did you mean 'second'?", self.refuses(1, "plan", "-f", path, "--deployment", "secnd"))
        self.assertIn("no deployment in region 'eu-central-1'", self.refuses(1, "plan", "-f", path, "--region", "eu-central-1"))

    def test_prices_come_from_the_table_where_the_list_is_closed(self):
        self.fault(action="GetProducts", kind="deny", times=0)
        out = self.succeeds("plan", "-f", self.fleet())
        self.assertIn("from a built-in table: the price list cannot be read", out)


class Refusals(CommandTest):
    def test_wrong_command_lines(self):
        for wanted, arguments in (
            ("which deployment?", []),
            ("option '--config' needs FILE", ["-f"]),
            ("did you mean '--output'?", ["-f", "x", "--outptu", "json"]),
            ("expected one of table, json", ["-f", "x", "--output", "xml"]),
            ("-f FILE is missing", ["--deployment", "prod"]),
            ("unexpected argument 'x'", ["x"]),
        ):
            self.assertIn(wanted, self.refuses(2, "plan", *arguments))

    def test_files_that_are_wrong(self):
        self.assertIn("cannot read '/nowhere'", self.refuses(1, "plan", "-f", "/nowhere"))
        path = self.write("bad.json", '{"deployments": [{"id": "prod", "regoin": "us-east-1"}]}')
        self.assertIn("bad.json': $.deployments[0]", self.refuses(1, "plan", "-f", path))
        self.assertIn("no deployments", self.refuses(1, "plan", "-f", self.write("none.json", '{"deployments": []}')))

    def test_keys_that_are_missing_expired_or_wrong(self):
        path = self.fleet()
        none = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
        self.assertIn("credentials", self.refuses(1, "plan", "-f", path, **none))
        self.assertIn(
            "check the access key", self.refuses(1, "plan", "-f", path, AWS_ACCESS_KEY_ID="AKIA" + "X" * 16)
        )
        self.fault(kind="expired", times=0)
        line = self.refuses(1, "plan", "-f", path)
        self.assertRegex(line, r"cannot plan deployment 'prod' in 'us-east-1': .*\(request id .*\); get new credentials")

    def test_a_missing_permission_is_named_with_the_statement_that_gives_it(self):
        self.fault(kind="deny", action="DescribeTrafficMirrorSessions", times=0)
        line = self.refuses(1, "plan", "-f", self.fleet())
        self.assertIn('"Action": "ec2:DescribeTrafficMirrorSessions"', line)

    def test_one_deployment_that_fails_does_not_stop_the_others(self):
        path = self.fleet(self.deployment(id="first", region="eu-central-1"), self.deployment())
        self.fault(kind="deny", region="eu-central-1", times=0)
        done = self.run_command("plan", "-f", path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot plan deployment 'first' in 'eu-central-1'", done.stderr)
        self.assertIn("deployment 'prod' in us-east-1: 21 to create", done.stdout)

    def test_faults_that_pass_are_borne(self):
        wanted = self.succeeds("plan", "-f", self.fleet())
        for fault in ({"kind": "throttle", "times": 2}, {"kind": "http", "status": 503}, {"kind": "reset"},
                      {"kind": "truncate"}, {"kind": "garbage"}, {"kind": "empty"}):
            with self.subTest(fault):
                self.fault(action="DescribeNetworkInterfaces", **fault)
                self.assertEqual(self.succeeds("plan", "-f", self.fleet()), wanted)
                self.aws.faults.clear()

    def test_faults_that_last_are_told(self):
        self.fault(kind="error", code="InternalError", times=0)
        line = self.refuses(1, "plan", "-f", self.fleet(), AWS_MAX_ATTEMPTS="2")
        self.assertIn("InternalError: ", line)
        self.assertIn("that is a failure of AWS", line)

    def test_secrets_are_no_arguments(self):
        line = self.refuses(2, "plan", "-f", "x", "--secret-access-key", "x")
        self.assertIn("unknown option '--secret-access-key'", line)
        self.assertNotIn(KEY_ID, line)
