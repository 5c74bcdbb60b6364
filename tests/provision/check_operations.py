"""Compares every wire name of the library's tables with the service models of AWS's own SDK.

usage: check_operations.py DUMP_PROGRAM
"""
import json
import subprocess
import sys

try:
    import botocore.session
except ImportError:
    print('1..0 # SKIP python3-botocore is absent')
    sys.exit(0)

MODELS = {
    ('elasticloadbalancing', '2015-12-01'): 'elbv2',
    ('elasticloadbalancing', '2012-06-01'): 'elb',
    ('servicequotas', None): 'service-quotas',
}
PROTOCOLS = ['ec2', 'query', 'json', 'rest-json']
SCALARS = {
    'string': {'string'}, 'integer': {'integer', 'long'}, 'boolean': {'boolean'},
    'double': {'double', 'float'}, 'timestamp': {'timestamp'}, 'blob': {'blob'},
}
# In the services as they are today, not yet in the models of Debian 12.
NEWER = {
    'NextToken', 'TagSpecification/1/ResourceType', 'TagSpecification/1/Tag', 'baselineBandwidthInGbps',
    'peakBandwidthInGbps',
}
NEWER_IN = {'DescribeImages', 'RegisterImage', 'CopyImage', 'DescribeInstanceTypes'}
# The model leaves it to the SDK to know.
UNSIGNED = {'AssumeRoleWithWebIdentity'}


class Mismatch(Exception):
    pass


def member(shape, name, protocol, is_input):
    """The member of a structure that has this wire name."""
    for key, value in shape.members.items():
        wire = value.serialization.get('name', key)
        if protocol == 'ec2' and is_input:
            wire = value.serialization.get('queryName', wire[0].upper() + wire[1:])
        if wire == name:
            return value
    raise Mismatch(f'{shape.name} has no {name}')


def walk(shape, path, protocol, is_input):
    for step in path.split('/') if path else []:
        if shape.type_name == 'list':
            # A constant that writes the first item itself: "TagSpecification/1/...".
            if step == 'member' and protocol != 'ec2':
                continue
            if not step.isdigit():
                raise Mismatch(f'{step} in the list {shape.name}')
            shape = shape.member
        else:
            shape = member(shape, step, protocol, is_input)
    return shape


def check_field(shape, field, protocol, is_input):
    name = field['name']
    place, _, rest = name.partition(':')
    if rest:
        found = member(shape, rest, protocol, False)
        location = {'uri': 'uri', 'query': 'querystring', 'header': 'header'}.get(place)
        if location and found.serialization.get('location') != location:
            raise Mismatch(f'{name}: in the model it is at {found.serialization}')
        return
    found = walk(shape, name, protocol, is_input)
    kind = field['type']
    if kind in ('list', 'strings', 'doubles'):
        if found.type_name != 'list':
            raise Mismatch(f'{name} is a {found.type_name}')
        if kind == 'list':
            check_fields(found.member, field['fields'], protocol, is_input)
        elif found.member.type_name not in SCALARS[kind[:-1]]:
            raise Mismatch(f'{name} is a list of {found.member.type_name}')
    elif kind == 'struct':
        check_fields(found, field['fields'], protocol, is_input)
    elif kind == 'constant':
        enum = getattr(found, 'enum', None)
        if enum and field['text'] not in enum:
            raise Mismatch(f'{name} may not be {field["text"]}')
    elif found.type_name not in SCALARS[kind]:
        raise Mismatch(f'{name} is a {found.type_name}, not a {kind}')


def check_fields(shape, fields, protocol, is_input):
    for field in fields:
        check_field(shape, field, protocol, is_input)


def without_newer(call):
    """The call as an older model may know it."""
    def prune(fields):
        return [
            dict(f, fields=prune(f['fields'])) if 'fields' in f else f
            for f in fields or [] if f['name'] not in NEWER
        ]
    call = dict(call, input=prune(call['input']), output=prune(call['output']))
    if call['operation'] == 'DescribeImages':
        for name in ('token_in', 'token_out', 'size_name'):
            call.pop(name, None)
    return call


def check_required(shape, fields):
    given = {f['name'].partition(':')[2] or f['name'].split('/')[0] for f in fields}
    for name in shape.required_members:
        wire = shape.members[name].serialization.get('name', name)
        if not {name, wire, wire[0].upper() + wire[1:]} & given:
            raise Mismatch(f'{name} is required and is never sent')


def check_paging(model, call, protocol):
    if 'token_in' not in call:
        if {'NextToken', 'nextToken', 'Marker'} & set(getattr(model.output_shape, 'members', {})):
            raise Mismatch('the model has pages, the table has none')
        return
    walk(model.input_shape, call['token_in'], protocol, True)
    walk(model.output_shape, call['token_out'], protocol, False)
    if 'is_truncated' in call:
        walk(model.output_shape, call['is_truncated'], protocol, False)
    if 'size_name' in call:
        size = walk(model.input_shape, call['size_name'], protocol, True)
        if call['page_size'] > size.metadata.get('max', 1 << 30):
            raise Mismatch(f'a page of {call["page_size"]} is over {size.metadata["max"]}')


def check_service(service, call):
    metadata = service.metadata
    protocol = PROTOCOLS[call['protocol']]
    if metadata['protocol'] != protocol:
        raise Mismatch(f'protocol is {metadata["protocol"]}')
    if protocol in ('ec2', 'query') and metadata['apiVersion'] != call['version']:
        raise Mismatch(f'version is {metadata["apiVersion"]}')
    if protocol == 'json' and metadata['targetPrefix'] + '.' != call['target']:
        raise Mismatch(f'target is {metadata["targetPrefix"]}')
    signing_name = metadata.get('signingName', metadata['endpointPrefix'])
    # Calls of sso-oidc carry no signature; versions of botocore differ in the name for one.
    if signing_name != call['signing_name'] and call['service'] != 'sso-oidc':
        raise Mismatch(f'it is signed as {signing_name}')


def check(session, call):
    key = (call['service'], call.get('version') if call['service'] == 'elasticloadbalancing' else None)
    service = session.get_service_model(MODELS.get(key, call['service']))
    model = service.operation_model(call['operation'])
    protocol = PROTOCOLS[call['protocol']]
    check_service(service, call)
    if 'path' in call and (model.http['method'], model.http['requestUri']) != (call['method'], call['path']):
        raise Mismatch(f'path is {model.http}')
    if (model.auth_type == 'none' or call['operation'] in UNSIGNED) != (call['signing'] == 2):
        raise Mismatch(f'signing is {model.auth_type}')
    check_fields(model.input_shape, call['input'] or [], protocol, True)
    if model.input_shape is not None:
        check_required(model.input_shape, call['input'] or [])
    check_fields(model.output_shape, call['output'] or [], protocol, False)
    check_paging(model, call, protocol)


def main():
    calls = json.loads(subprocess.check_output([sys.argv[1]]))
    session = botocore.session.get_session()
    print(f'1..{len(calls)}')
    failed = 0
    for i, call in enumerate(calls, 1):
        name = f'{call["service"]}:{call["operation"]}'
        try:
            try:
                check(session, call)
            except Mismatch:
                if call['operation'] not in NEWER_IN:
                    raise
                check(session, without_newer(call))
            print(f'ok {i} - {name}')
        except Exception as error:  # a mismatch, or an operation that does not exist
            failed += 1
            print(f'not ok {i} - {name}\n# {type(error).__name__}: {error}')
    return 1 if failed else 0


sys.exit(main())
