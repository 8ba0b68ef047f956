"""Work that is handed to Glue and Athena, and a partition that an output becomes."""

from tests.e2e.definitions import copy, default
from tests.e2e.plane import Pipeline, Plane


def test_a_copy_becomes_a_partition_and_a_job_and_a_query_follow_it(plane: Plane, name: str) -> None:
    bucket, glue = plane.bucket(f"{name}-{plane.control}"[:63]), plane.client("glue")
    plane.client("s3").put_object(Bucket=bucket, Key="in/a.csv", Body=b"1\n")
    glue.create_database(DatabaseInput={"Name": "lake"})
    storage = {"Location": f"s3://{bucket}/", "Columns": [{"Name": "n", "Type": "int"}]}
    keys = [{"Name": "day", "Type": "string"}]
    glue.create_table(
        DatabaseName="lake", TableInput={"Name": "t", "StorageDescriptor": storage, "PartitionKeys": keys}
    )
    glue.create_job(Name=name, Role="r", Command={"Name": "glueetl"})
    objects = copy(bucket, target="lake/day=2/a.csv")
    objects[0] = default()
    objects[2]["catalogTable"] = "lake.t"
    objects += [
        {"id": "Clean", "type": "GlueJobActivity", "jobName": name, "dependsOn": {"ref": "Copy"}},
        {"id": "Found", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/found"},
        {
            "id": "Ask",
            "type": "AthenaQueryActivity",
            "script": "SELECT count(*) FROM t",
            "database": "lake",
            "output": {"ref": "Found"},
            "dependsOn": {"ref": "Clean"},
        },
    ]
    pipeline = Pipeline(plane, name, objects).activate()
    pipeline.until("Ask", "FINISHED", seconds=120)
    (found,) = glue.get_partitions(DatabaseName="lake", TableName="t")["Partitions"]
    assert (found["Values"], found["StorageDescriptor"]["Location"]) == (["2"], f"s3://{bucket}/lake/day=2/")
    (copied,), (cleaned,), (asked,) = (pipeline.of(each, "ATTEMPT") for each in ("Copy", "Clean", "Ask"))
    assert copied["catalogPartition"] == "lake.t day=2"
    assert cleaned["jobId"]
    assert asked["athenaOutput"].startswith(f"s3://{bucket}/found/")
