"""The peers that are installed only when asked for, elsewhere: Django with django-fsm-2, SpiffWorkflow, DBOS.

Each does the unit of work in the way its documentation shows, with default settings. Imports nothing of the project.
"""
# mypy: disable-error-code="import-not-found,untyped-decorator"
# ruff: noqa: E501, S608  statements of our own names

import io
import logging
from functools import cache
from typing import Any
from urllib.parse import urlparse

from tests.bench import unit
from tests.bench.child import Step


@cache
def _django_models(address: str, schema: str) -> tuple[Any, ...]:
    import django as library
    from django.conf import settings
    from django.db import models
    from django_fsm import FSMField, transition

    at = urlparse(address)
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": at.path[1:], "USER": at.username, "HOST": at.hostname,
                "PORT": at.port, "CONN_MAX_AGE": None, "OPTIONS": {"options": f"-c search_path={schema}"}}  # fmt: skip
    settings.configure(USE_TZ=True, DATABASES={"default": database}, SECRET_KEY="x" * 50)
    library.setup()

    def model(name: str, **fields: Any) -> Any:
        meta = type("Meta", (), {"app_label": "peer", "db_table": name, "managed": False})
        return type(name, (models.Model,), {"__module__": __name__, "Meta": meta, **fields})

    def ok(case: Any) -> bool:
        unit.guard(case.agency, case.told)
        return True

    def arrow(before: str, after: str) -> Any:
        return transition(field=state, source=before, target=after, conditions=[ok])(lambda _: None)

    big, whole, words, raw, moment = (
        models.BigIntegerField,
        models.IntegerField,
        models.TextField,
        models.BinaryField,
        models.DateTimeField,
    )
    state = FSMField(default="met")
    arrows = {move: arrow(before, after) for move, before, after in unit.RING}
    return (
        model("ref_case", id=big(primary_key=True), agency=whole(), state=state, version=whole(), seq=whole(), head=raw(),
              title=words(default=""), opened_at=moment(auto_now_add=True), moved_at=moment(auto_now=True), **arrows),
        model("event", pk=models.CompositePrimaryKey("case_id", "seq"), case_id=big(), seq=whole(), kind=words(), body=words(),
              prev=raw(), hash=raw(), at=moment()),
        model("deadline", pk=models.CompositePrimaryKey("case_id", "kind"), case_id=big(), kind=words(), due_at=moment(),
              fired_at=moment(null=True)),
        model("outbox", id=models.BigAutoField(primary_key=True), case_id=big(), topic=words(), payload=words(), at=moment(),
              sent_at=moment(null=True)),
    )  # fmt: skip


def django(index: int, *, address: str, schema: str) -> Step:
    """The ORM, with the state as a field of django-fsm-2."""
    ref_case, event, deadline, outbox = _django_models(address, schema)
    from django.db import transaction

    cases = unit.some_cases(index)

    def step() -> None:
        number = next(cases)
        with transaction.atomic():
            case = ref_case.objects.select_for_update().get(pk=number)
            move, after = unit.NEXT[case.state]
            case.told = unit.body(number, move, case.state, after, case.version + 1)
            getattr(case, move)()
            raw, prev = unit.canonical(case.told), bytes(case.head)
            case.version, case.seq, case.head = case.version + 1, case.seq + 1, unit.link(prev, raw)
            case.save()
            now, soon, later = unit.due()
            event.objects.create(
                case_id=number, seq=case.seq, kind=after, body=raw.decode(), prev=prev, hash=case.head, at=now
            )
            deadline.objects.bulk_create(
                [deadline(case_id=number, kind=kind, due_at=at) for kind, at in (("respond", soon), ("escalate", later))],
                update_conflicts=True, unique_fields=["case_id", "kind"], update_fields=["due_at", "fired_at"],
            )  # fmt: skip
            outbox.objects.bulk_create(
                [outbox(case_id=number, topic=topic, payload=unit.MESSAGE, at=now) for topic in ("notify", "hook")]
            )

    return step


def _statements(schema: str) -> list[str]:
    from tests.bench import floors

    return [
        text.format(p=f"{schema}.", q="%s")
        for text in (f"{floors.READ} for update", floors.MOVE, floors.EVENT, floors.DUE, floors.TELL)
    ]


def _writes(number: int, row: Any) -> list[tuple[Any, ...]]:
    state, version, seq, prev, body, own = unit.decide(number, row)
    now, soon, later = unit.due()
    return [
        (state, version, seq, own, now, number, version - 1), (number, seq, state, body, prev, own, now),
        (number, "respond", soon, number, "escalate", later), (number, "notify", unit.MESSAGE, now, number, "hook", unit.MESSAGE, now),
    ]  # fmt: skip


def spiff(index: int, *, address: str, schema: str) -> Step:
    """The diagram of a case is loaded, its next user task done, and stored again; the rest is the floor's SQL."""
    import psycopg
    from SpiffWorkflow.bpmn.parser import BpmnParser
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
    from SpiffWorkflow.util.task import TaskState

    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(_diagram()))
    spec, keeper = parser.get_spec("referral"), BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
    begun = BpmnWorkflow(spec)
    begun.do_engine_steps()
    fresh = keeper.serialize_json(begun)
    db = psycopg.connect(address, prepare_threshold=3)
    db.execute(f"create table if not exists {schema}.flow (case_id bigint primary key, body text not null)")
    db.commit()
    cases, cursor = unit.some_cases(index), db.cursor()
    read, *writes = _statements(schema)

    def step() -> None:
        number = next(cases)
        row = cursor.execute(read, (number,)).fetchone()
        kept = cursor.execute(f"select body from {schema}.flow where case_id = %s", (number,)).fetchone()
        flow = keeper.deserialize_json(kept[0] if kept else fresh)
        ready = flow.get_tasks(state=TaskState.READY, manual=True)
        if not ready:
            flow = keeper.deserialize_json(fresh)
            ready = flow.get_tasks(state=TaskState.READY, manual=True)
        ready[0].run()
        flow.do_engine_steps()
        keep = f"insert into {schema}.flow values (%s, %s) on conflict (case_id) do update set body = excluded.body"
        cursor.execute(keep, (number, keeper.serialize_json(flow)))
        for text, values in zip(writes, _writes(number, row), strict=True):
            cursor.execute(text, values)
        db.commit()

    return step


def _diagram() -> bytes:
    tasks = [f"task_{number}" for number in range(8)]
    flows = zip(["start", *tasks], [*tasks, "end"], strict=True)
    drawn = "".join(
        f'<sequenceFlow id="f{n}" sourceRef="{one}" targetRef="{two}"/>' for n, (one, two) in enumerate(flows)
    )
    boxes = "".join(
        f'<userTask id="{task}" name="{task}"><incoming>f{n}</incoming><outgoing>f{n + 1}</outgoing></userTask>'
        for n, task in enumerate(tasks)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" '
        'targetNamespace="urn:bench"><process id="referral" isExecutable="true"><startEvent id="start"><outgoing>f0</outgoing></startEvent>'
        f'{boxes}<endEvent id="end"><incoming>f8</incoming></endEvent>{drawn}</process></definitions>'
    ).encode()


def dbos(index: int, *, address: str, schema: str) -> Step:
    """A workflow with the whole unit as one transaction of its data source."""
    from dbos import DBOS, SQLAlchemyDatasource

    url = address.replace("postgresql://", "postgresql+psycopg://")
    DBOS(config={"name": "peer", "system_database_url": url, "log_level": "ERROR"})
    logging.getLogger("dbos").setLevel(logging.ERROR)
    source, (read, *writes), cases = SQLAlchemyDatasource.create(url), _statements(schema), unit.some_cases(index)

    @source.transaction()
    def whole(number: int) -> int:
        connection = source.sql_session().connection()
        for text, values in zip(
            writes, _writes(number, connection.exec_driver_sql(read, (number,)).first()), strict=True
        ):
            connection.exec_driver_sql(text, values)
        return number

    @DBOS.workflow()
    def move(number: int) -> None:
        whole(number)

    DBOS.launch()
    return lambda: move(next(cases))
