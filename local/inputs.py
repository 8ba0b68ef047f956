"""Real input for the samples: public data sets shipped inside the vega_datasets package, put into S3."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

BUCKET = "penstock-samples"
DATA_SETS: Mapping[str, str] = {
    "airports.csv": "airports of the United States, with their positions",
    "seattle-weather.csv": "daily weather of Seattle, 2012 to 2015",
    "stocks.csv": "monthly prices of five stocks, 2000 to 2010",
}


def put_inputs(s3: Any) -> Mapping[str, int]:
    """Create the bucket, upload every data set under `datasets/`; return sizes in bytes by key."""
    s3.create_bucket(Bucket=BUCKET)
    sizes = {}
    for name in DATA_SETS:
        content = (files("vega_datasets") / "_data" / name).read_bytes()
        s3.put_object(Bucket=BUCKET, Key=f"datasets/{name}", Body=content, ContentType="text/csv")
        sizes[f"datasets/{name}"] = len(content)
    return sizes
