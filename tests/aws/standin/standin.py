"""The whole stand-in in one object: `with Standin() as aws: ...`"""

import atexit
import functools
import shutil
import tempfile
import threading

from . import control, metadata
from .core import tls
from .core.dispatch import Dispatcher
from .core.faults import Faults
from .core.journal import Journal
from .core.models import Models
from .core.server import ApiServer, PlainServer
from .state.partitions import PARTITIONS
from .state.world import World

ACCOUNT, FOREIGN_ACCOUNT = "111122223333", "444455556666"
KEY_ID, SECRET = "AKIASTANDINTESTKEY01", "stand-in+secret/with+special/characters=="


@functools.lru_cache(maxsize=None)
def certificate_folder():
    """Where this process's certificates are; gone when the process ends."""
    folder = tempfile.mkdtemp(prefix="aws-stand-in-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    tls.make_certificates(folder)
    return folder


@functools.lru_cache(maxsize=None)
def models():
    """Reading them takes half a second, so they are read once in a process."""
    return Models()


class Standin:
    """Serves on two ports of 127.0.0.1 from threads of this process until `stop`."""

    def __init__(self, options=None, seed=1, partition="aws"):
        self.world = World(options, seed)
        self.account = self.world.add_account(ACCOUNT, partition)
        self.foreign_account = self.world.add_account(FOREIGN_ACCOUNT, partition)
        self.user = self.world.add_user(self.account, "tester", KEY_ID, SECRET)
        self.faults = Faults()
        self.journal = Journal()
        self.dispatcher = Dispatcher(self.world, models(), self.faults, self.journal)
        self.imds = metadata.InstanceMetadata(
            self.world, self.account.region(PARTITIONS[partition]["regions"][0])
        )
        self.container = metadata.ContainerCredentials(self.world)
        self.servers = []
        self.folder = certificate_folder()
        self.ca_path = self.folder + "/ca.pem"

    def start(self):
        api = ApiServer(self.dispatcher, tls.server_context(self.folder))
        plain = PlainServer(self.routes(), api.server_address)
        self.servers = [api, plain]
        for server in self.servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = "https://127.0.0.1:%d" % api.server_address[1]
        self.plain_url = "http://127.0.0.1:%d" % plain.server_address[1]
        return self

    def stop(self):
        self.faults.clear()
        for server in self.servers:
            server.stopping.set()
            server.shutdown()
            server.server_close()

    __enter__ = start

    def __exit__(self, *_exception):
        self.stop()

    def routes(self):
        """[(prefix of a path, function of a Request)] of the plain port."""
        return [
            ("/_standin/", control.Control(self)),
            (metadata.INSTANCE_PREFIX, self.imds),
            (metadata.CONTAINER_PREFIX, self.container),
        ]

    def environment(self, region="us-east-1"):
        """The environment variables with which a client finds the stand-in and nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CA_BUNDLE": self.ca_path,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.plain_url,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_LAB_CONTROL": self.plain_url + "/_standin",
        }
