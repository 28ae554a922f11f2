"""Writes a SAM template as CloudFormation, each function's code in the bucket `code` by the name of its folder."""

import json
import os
import pathlib
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    """The template names none."""

    def load(self):
        return {}


template = yaml_parse(pathlib.Path(sys.argv[1]).read_text())
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        properties = resource["Properties"]
        program = pathlib.PurePath(properties["CodeUri"]).parent.name
        properties["CodeUri"] = {"Bucket": "code", "Key": program + ".zip"}
print(json.dumps(transform(template, {}, NoManagedPolicies())))
