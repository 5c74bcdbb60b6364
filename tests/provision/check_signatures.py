"""Compares signatures with those of AWS's own signer, over requests of every shape that we send.

usage: check_signatures.py SIGN_PROGRAM
"""
import datetime
import os
import random
import subprocess
import sys
from unittest import mock

try:
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    print('1..0 # SKIP python3-botocore is absent')
    sys.exit(0)

NOW = datetime.datetime(2026, 2, 28, 23, 59, 59)
SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
FORM = {'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8'}
JSON = {'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'AmazonSSM.GetParameter'}


def cases():
    yield 'ec2', 'POST', '/', '', 'Action=DescribeVpcs&Version=2016-11-15', FORM, None
    yield 'ec2', 'POST', '/', '', 'Action=X&Filter.1.Value.1=%2A%20%2F', FORM, 'token/+='
    yield 'iam', 'POST', '/', '', '', FORM, None
    yield 'ssm', 'POST', '/', '', '{"Name":"/metlo/appliance/ami/latest"}', JSON, 'token'
    yield 'ebs', 'PUT', '/snapshots/snap-0a/blocks/7', '', '', {
        'x-amz-Data-Length': '524288', 'x-amz-Checksum': 'abc=', 'x-amz-Checksum-Algorithm': 'SHA256'}, None
    yield 'ebs', 'GET', '/snapshots/snap-0a/blocks', 'pageToken=a%2Fb&maxResults=100', '', {}, None
    yield 'x', 'GET', '/a%20b/%2F/c+d/~', 'b=2&a=1&a=0&empty=&%E2%82%AC=x', '', {}, None
    yield 'x', 'GET', '/a/./b/../c//d/', '', '', {'X-Spaces': '  a   b  '}, None
    random.seed(1)
    alphabet = 'abcXYZ019-_.~ /+%&=*()\'"<>@:;,$!?[]\xe9\u20ac'
    for _ in range(40):
        text = ''.join(random.choice(alphabet) for _ in range(random.randrange(1, 60)))
        yield 'ec2', 'POST', '/', '', text, dict(FORM, **{'X-Amz-Random': str(random.random())}), None


def theirs(case):
    service, method, path, query, body, headers, token = case
    url = f'https://{service}.eu-west-1.amazonaws.com{path}' + ('?' + query if query else '')
    request = AWSRequest(method=method, url=url, data=body.encode(), headers=headers)
    request.context['payload_signing_enabled'] = True
    with mock.patch('botocore.auth.datetime') as clock:
        clock.datetime.utcnow.return_value = NOW
        signer = botocore.auth.SigV4Auth(Credentials('AKIDEXAMPLE', SECRET, token), service, 'eu-west-1')
        signer.add_auth(request)
    return request


def ours(program, case, signed):
    service, method, path, query, body, headers, token = case
    names = dict(headers)
    names['Host'] = f'{service}.eu-west-1.amazonaws.com'
    names['X-Amz-Date'] = signed.headers['X-Amz-Date']
    if token:
        names['X-Amz-Security-Token'] = token
    args = [program, method, path, query, body]
    for name, value in names.items():
        args += [name, value]
    environment = dict(os.environ, KEY_ID='AKIDEXAMPLE', SECRET=SECRET, REGION='eu-west-1', SERVICE=service)
    environment['TIME'] = str(int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp()))
    return subprocess.check_output(args, env=environment, text=True).strip()


def main():
    all_cases = list(cases())
    print(f'1..{len(all_cases)}')
    failed = 0
    for i, case in enumerate(all_cases, 1):
        signed = theirs(case)
        wanted, got = signed.headers['Authorization'], ours(sys.argv[1], case, signed)
        is_equal = wanted == got
        failed += not is_equal
        print(f'{"ok" if is_equal else "not ok"} {i} - {case[0]} {case[1]} {case[2]}')
        if not is_equal:
            print(f'# wanted {wanted}\n# got    {got}')
    return 1 if failed else 0


sys.exit(main())
