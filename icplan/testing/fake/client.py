"""A local SageMaker for tests of whatever calls SageMaker.

    with FakeSageMaker(snapshot_dict) as fake:
        client = fake.client()                       # a boto3 client that talks to the fake alone
        client.update_inference_component_runtime_config(
            InferenceComponentName="llama", DesiredRuntimeConfig={"CopyCount": 3}
        )
        assert fake.requests["UpdateInferenceComponentRuntimeConfig"] == 1

It judges capacity, rolls, rolls back, scales out and in, and knows quotas; docs/emulator.md tells how. By
default a write is carried out before it is answered; with ``time="virtual"`` it takes its time, which
`FakeSageMaker.clock` lets pass.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from icplan.testing.emulator import in_process_door
from icplan.testing.emulator.controls import apply
from icplan.testing.emulator.emulator import Emulator
from icplan.testing.emulator.http_door import HttpDoor
from icplan.testing.emulator.inspection import placement, snapshot_of
from icplan.testing.emulator.saving import plant, restored, saved
from icplan.testing.emulator.seeding import Origin
from icplan.testing.emulator.service_models import loader
from icplan.testing.simulator.policies import Policy

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from icplan.testing.emulator.clock import Clock
    from icplan.testing.emulator.emulator import Time
    from icplan.testing.emulator.fallback import Fallback
    from icplan.testing.emulator.faults import Fault, Faults
    from icplan.testing.emulator.region import Event
    from icplan.testing.emulator.settings import Behaviour, Timing

_CREDENTIALS: Final = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}


class FakeSageMaker:
    """A local SageMaker, until `close`; best used with ``with``. Safe for threads.

    Attributes:
        emulator: The control plane behind it.

    """

    def __init__(  # noqa: PLR0913  (the settings of an emulator)
        self,
        *snapshots: Mapping[str, Any],
        time: Time = "at-once",
        policy: Policy = Policy.SPREAD,
        quotas: Mapping[str, int] | None = None,
        capacity: Mapping[str, int | Mapping[str, int]] | None = None,
        seed: int = 0,
        judges: bool = True,
        fallback: Any = None,
        timing: Timing | None = None,
        behaviour: Behaviour | None = None,
        allocatable: Mapping[str, Mapping[str, float]] | None = None,
    ) -> None:
        """Start with the endpoint of each snapshot, given as the dict a snapshot file holds.

        Args:
            snapshots: What runs already; their copies are placed by CopyLocations, else where there is room.
            time: ``at-once`` carries each write out before it is answered; ``virtual`` lets `clock` tell
                when; a number runs by itself, so many times as fast as real time.
            policy: Where copies go whose component names no strategy.
            quotas: Applied quotas by instance type or quota name; without one, nothing is limited.
            capacity: Instances that EC2 has, by type, or by type and zone; without one, as many as wanted.
            seed: Of everything that is left to chance.
            judges: False does every write at once on however few instances, and scales nothing.
            fallback: Who is asked for what is not known here: the module ``moto``, or a URL.
            timing: How long things take.
            behaviour: What is done where AWS's behaviour is not documented.
            allocatable: The true ``memory`` (MiB) and ``cpu`` (cores) that copies may have, by instance type.

        Raises TypeError for what is no snapshot dict, ValueError for one without an endpoint configuration,
        and for a ``time`` that is none.

        """
        if time not in ("at-once", "virtual") and not _is_a_factor(time):
            raise ValueError(f"time is at-once, virtual or a number above 0, not {time!r}")
        for snapshot in snapshots:
            _refuse_what_is_no_snapshot(snapshot)
        self._fallback = None if fallback is None else _fallback(fallback)
        origin = Origin.of(snapshots)
        emulator = Emulator(
            time=time,
            policy=policy,
            quotas=quotas,
            capacity=capacity,
            seed=seed,
            timing=timing,
            behaviour=behaviour,
            allocatable=allocatable,
            region=origin.region,
            account=origin.account,
            start=origin.start,
            judges=judges,
            fallback=self._fallback,
        )
        for snapshot in snapshots:
            plant(emulator, json.loads(json.dumps(snapshot, default=str)))
        self._begin(emulator)

    def _begin(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._door: HttpDoor | None = None
        self._clients: list[Any] = []

    # -- doors ----------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where it listens: an ``endpoint_url`` for any SDK, whichever the service."""
        return (self._door or self.listen()).url

    def listen(self, port: int = 0) -> HttpDoor:
        """Begin to listen, at a port of one's own if that is given."""
        with self.emulator.lock:
            if self._door is None:
                self._door = HttpDoor(self.emulator, port)
            return self._door

    def environment(self) -> dict[str, str]:
        """The environment in which every AWS SDK, and the AWS CLI, finds it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": _CREDENTIALS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": _CREDENTIALS["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": self.emulator.default_region,
            "AWS_REGION": self.emulator.default_region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
        }

    def client(self, service: str = "sagemaker", *, region: str | None = None) -> Any:
        """A boto3 client with made-up credentials. It never retries, so that counts are exact."""
        import boto3  # noqa: PLC0415  (only tests that ask for a client need boto3)
        from botocore.config import Config  # noqa: PLC0415  (as above)

        make: Any = boto3.client
        client = make(
            service,
            endpoint_url=self.url,
            region_name=region or self.emulator.default_region,
            config=Config(retries={"total_max_attempts": 1}, proxies={}),  # a proxy would not reach us
            **_CREDENTIALS,
        )
        self._clients.append(client)
        return client

    def session(self, *, region: str | None = None) -> Any:
        """A boto3 session whose clients are answered without a socket."""
        import boto3  # noqa: PLC0415  (as above)
        import botocore.session  # noqa: PLC0415  (as above)

        core: Any = botocore.session.Session()
        core.register_component("data_loader", loader())
        make: Any = boto3.Session
        made = make(botocore_session=core, region_name=region or self.emulator.default_region, **_CREDENTIALS)
        return self.attach(made)

    def attach(self, target: Any) -> Any:
        """Answer a boto3 client or session (or one of aiobotocore's) without a socket; it comes back."""
        return in_process_door.attach(self.emulator, target)

    def close(self) -> None:
        """Stop listening, and close the clients made here. What has been counted stays readable."""
        for client in self._clients:
            client.close()
        if self._door is not None:
            self._door.close()
            self._door = None
        if self._fallback is not None:
            self._fallback.close()

    # -- what is going on -----------------------------------------------------------------------------------

    @property
    def clock(self) -> Clock:
        """Emulated time: ``fake.clock.advance("10m")``."""
        return self.emulator.clock

    def run_until_settled(self) -> None:
        """Let time pass until every write is carried out."""
        self.emulator.run_until_settled()

    @property
    def faults(self) -> Faults:
        """Faults on demand: ``fake.faults.add(operation="Describe*", error="ThrottlingException")``."""
        return self.emulator.faults

    def refuse(
        self,
        operation: str,
        code: str,
        message: str = "refused by the test",
        *,
        times: int | None = None,
        when: Callable[[Mapping[str, Any]], bool] | None = None,
    ) -> None:
        """Answer ``operation`` with an AWS error: always, ``times`` times, or when ``when(parameters)``.

        ``fake.refuse("DescribeEndpoint", "AccessDeniedException")``
        """
        self.faults.add(operation=operation, error=(code, message), times=times, when=when)

    def deny(self, action: str, resource: str | None = None) -> Fault:
        """Refuse an IAM action, such as ``sagemaker:DescribeInferenceComponent``, for some names or all."""
        return self.faults.deny(action, resource)

    def rate_limit(self, per_second: float | None) -> None:
        """Throttle what comes faster than this; None lifts the limit."""
        self.faults.rate_limit(per_second)

    def no_capacity(self, instance_type: str, zone: str | None = None) -> None:
        """EC2 has no more instances of a type, in one zone or in any."""
        apply(self.emulator, "capacity", {"type": instance_type, "exhaust": True, "zone": zone})

    def capacity_returns(self, instance_type: str) -> None:
        """EC2 has as many instances of a type as anyone wants."""
        apply(self.emulator, "capacity", {"type": instance_type, "restore": True})

    def container_fails(self, image: str) -> None:
        """Containers of an image, or of a model by its name, never start."""
        apply(self.emulator, "containers", {"fails": image})

    def container_works(self, image: str) -> None:
        """Containers of an image start again."""
        apply(self.emulator, "containers", {"works": image})

    def set_alarm(self, name: str, state: str = "ALARM") -> None:
        """Put a CloudWatch alarm into a state."""
        apply(self.emulator, "alarm", {"name": name, "state": state})

    def set_quota(self, name: str, value: int, *, default: bool = False) -> None:
        """Change a quota, by instance type or quota name."""
        apply(self.emulator, "quota", {"name": name, "value": value, "default": default})

    def load(self, component: str, value: float) -> None:
        """The load of a component over all its copies, which target tracking follows."""
        apply(self.emulator, "load", {"component": component, "value": value})

    def set_phase(self, endpoint: str, phase: str | None) -> None:
        """Put an endpoint into a state of its own, such as SystemUpdating; None ends it."""
        apply(self.emulator, "endpoint", {"name": endpoint, "phase": phase})

    # -- inspection -----------------------------------------------------------------------------------------

    @property
    def requests(self) -> Counter[str]:
        """How many requests of each operation arrived, refused ones too."""
        return self.emulator.requests

    @property
    def log(self) -> list[tuple[str, dict[str, Any]]]:
        """Operation and parameters of each request, in the order they arrived."""
        return self.emulator.log

    def redacted_log(self) -> list[tuple[str, dict[str, Any]]]:
        """The log with the values of environment variables and the signatures of URLs taken out."""
        from icplan.documents.redact import redact  # noqa: PLC0415  (who does not ask pays nothing)

        return [(operation, redact(params)) for operation, params in self.log]

    @property
    def writes(self) -> int:
        """How many requests arrived that would change something."""
        return self.emulator.writes

    def snapshot(self, endpoint: str | None = None, *, located: bool = False) -> dict[str, Any]:
        """What AWS would tell of an endpoint, as a snapshot file has it; ``located``: which copy is where."""
        with self.emulator.lock:
            return snapshot_of(self.emulator, endpoint, located=located)

    def placement(self, endpoint: str) -> dict[str, dict[str, dict[str, int]]]:
        """Where copies are, which AWS does not tell: variant, in it instance id, in it component: its copies.

        ``{"AllTraffic": {"i-0abc": {"chat": 2, "embed": 1}}}``; an instance without copies has ``{}``.
        """
        with self.emulator.lock:
            return placement(self.emulator, endpoint)

    def history(self, subject: str) -> list[Event]:
        """What happened to a component, or to the instances of ``endpoint/variant``, in order."""
        regions = self.emulator.all_regions()
        return [event for region in regions for event in region.history(subject)]

    def answer(self, operation: str, params: dict[str, Any], service: str = "sagemaker") -> dict[str, Any]:
        """Do one operation, as if a request had arrived. Raises ServiceError as the service would answer."""
        return dict(self.emulator.call(service, operation, params))

    # -- saving ---------------------------------------------------------------------------------------------

    def save(self, path: str | Path | None = None) -> dict[str, Any]:
        """All that is needed to run this world again, written to a file if one is named."""
        with self.emulator.lock:
            document = saved(self.emulator)
        if path is not None:
            Path(path).write_text(json.dumps(document, indent=1))
        return document

    @classmethod
    def load_from(cls, world: str | Path | Mapping[str, Any]) -> Self:
        """The world that `save` kept. ValueError for what is none."""
        document = world if isinstance(world, Mapping) else json.loads(Path(world).read_text())
        fake = cls.__new__(cls)
        fake._fallback = None  # noqa: SLF001  (our own)
        fake._begin(restored(document))  # noqa: SLF001  (as above)
        return fake

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _fallback(target: Any) -> Fallback:
    from icplan.testing.emulator.fallback import Fallback  # noqa: PLC0415  (few have one)

    return Fallback(target)


def _is_a_factor(time: object) -> bool:
    return isinstance(time, int | float) and not isinstance(time, bool) and time > 0


def _refuse_what_is_no_snapshot(snapshot: object) -> None:
    if not isinstance(snapshot, Mapping):
        hint = "icplan.Snapshot.load(path).to_dict() gives the dict of a file"
        raise TypeError(f"FakeSageMaker takes a snapshot as a dict, not a {type(snapshot).__name__}; {hint}")
    config = snapshot.get("EndpointConfig")
    if not isinstance(config, Mapping) or not config.get("ProductionVariants"):
        raise ValueError("a snapshot needs EndpointConfig, with its ProductionVariants, to start from")
