"""A strict stand-in for AWS on this machine, for tests and for trying the tool without an account.

core      protocols (from botocore's service models), signatures, faults, HTTP
state     what exists: accounts, regions, resources
services  what each API call does to it
"""
