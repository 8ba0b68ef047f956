"""Redshift in the embedded run, as a user has it."""

from tests.e2e.plane import Pipeline, Plane, eventually


def test_a_load_runs_on_the_embedded_redshift(plane: Plane, name: str) -> None:
    bucket = f"{plane.control}-{name}"[:60].strip("-")
    plane.client("s3").create_bucket(Bucket=bucket)
    plane.client("s3").put_object(Bucket=bucket, Key="in/a", Body=b"1,x\n2,y\n")
    objects = [
        {"id": "Default", "scheduleType": "ondemand", "role": "DataPipelineDefaultRole"},
        {"id": "In", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/in"},
        {"id": "Db", "type": "RedshiftDatabase", "clusterId": "c", "username": "u", "*password": "p"},
        {
            "id": "Out",
            "type": "RedshiftDataNode",
            "database": {"ref": "Db"},
            "tableName": "t",
            "createTableSql": "create table t (id int primary key, name varchar(9));",
        },
        {
            "id": "Load",
            "type": "RedshiftCopyActivity",
            "input": {"ref": "In"},
            "output": {"ref": "Out"},
            "insertMode": "KEEP_EXISTING",
            "commandOptions": "CSV",
        },
    ]
    pipeline = Pipeline(plane, f"{plane.control}-{name}", objects).activate()
    eventually(lambda: [it["@status"] for it in pipeline.of("Load")] == ["FINISHED"], what=pipeline.objects)
    attempt = pipeline.of("Load", "ATTEMPT")[0]
    assert attempt["rowsInserted"] == "2"
    data = plane.client("redshift-data")
    asked = {"ClusterIdentifier": "c", "Database": "dev", "DbUser": "u", "WaitTimeSeconds": 20}
    run = data.execute_statement(Sql="select name from t order by id", **asked)
    data.describe_statement(Id=run["Id"], WaitTimeSeconds=20)
    found = data.get_statement_result(Id=run["Id"])["Records"]
    assert found == [[{"stringValue": "x"}], [{"stringValue": "y"}]]
