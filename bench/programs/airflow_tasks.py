"""100 no-op tasks in Airflow as its quick start sets it up: `airflow standalone`, LocalExecutor, on loopback.

The seconds are Airflow's own: from the start of the run to its end, as `airflow dags list-runs` gives them.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

COUNT = 100
PATIENCE_SECONDS = 600

DAGS = f"""
from airflow.sdk import DAG
from airflow.providers.standard.operators.python import PythonOperator

def nothing():
    return None

for shape in ("chain", "fan_out"):
    with DAG(shape, schedule=None, max_active_tasks=32) as dag:
        tasks = [PythonOperator(task_id=f"task{{number}}", python_callable=nothing) for number in range({COUNT})]
        if shape == "chain":
            for before, after in zip(tasks, tasks[1:]):
                before >> after
    globals()[shape] = dag
"""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def airflow(*words: str) -> str:
    """What an `airflow` command prints; empty while it cannot be answered yet."""
    command = [str(Path(sys.executable).with_name("airflow")), *words]
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def listed(*words: str) -> list[dict[str, str]]:
    """The same, of a command that lists; what comes before the list is a log."""
    printed = airflow(*words, "-o", "json")
    place = printed.find("[{")
    return json.loads(printed[place:]) if place >= 0 else []


def seconds(shape: str) -> float:
    """Trigger a run and wait for its end."""
    airflow("dags", "unpause", shape, "-y")
    airflow("dags", "trigger", shape)
    limit = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < limit:
        for run in listed("dags", "list-runs", shape):
            if run["state"] == "success":
                return (
                    datetime.fromisoformat(run["end_date"]) - datetime.fromisoformat(run["start_date"])
                ).total_seconds()
            if run["state"] == "failed":
                raise SystemExit(f"{shape} failed")
        time.sleep(2)
    raise SystemExit(f"{shape} did not end")


def main() -> None:
    """Start everything, run both shapes, end everything."""
    home = Path.cwd() / "airflow"
    (home / "dags").mkdir(parents=True, exist_ok=True)
    (home / "dags" / "shapes.py").write_text(DAGS)
    port = free_port()
    os.environ.update(
        AIRFLOW_HOME=str(home),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__EXECUTOR="LocalExecutor",
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS="True",
        AIRFLOW__CORE__EXECUTION_API_SERVER_URL=f"http://127.0.0.1:{port}/execution/",
        AIRFLOW__API__HOST="127.0.0.1",
        AIRFLOW__API__PORT=str(port),
        PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    )
    server = subprocess.Popen(
        [str(Path(sys.executable).with_name("airflow")), "standalone"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        limit = time.monotonic() + PATIENCE_SECONDS
        while len(listed("dags", "list")) < 2:
            if time.monotonic() > limit:
                raise SystemExit("Airflow did not find its DAGs")
            time.sleep(2)
        print(json.dumps({shape: seconds(shape) for shape in ("chain", "fan_out")}))
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)


if __name__ == "__main__":
    main()
