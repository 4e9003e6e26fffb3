"""Reads SLSA provenance with the message types of the in-toto attestation framework, which refuse what they do not know.

Standard input: the statement. Prints {"subjects": [...], "predicateType": "...", "buildType": "...", "builder": "...",
"dependencies": [[role, name, uri, {algorithm: digest}]...]} as those types have it; fails where it is not one.
"""

import json
import sys

from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement


def main():
    statement = json_format.Parse(sys.stdin.read(), statement_pb2.Statement())
    Statement.copy_from_pb(statement).validate()
    predicate = json_format.MessageToDict(statement.predicate)
    provenance = json_format.ParseDict(predicate, provenance_pb2.Provenance())
    definition = provenance.build_definition
    for dependency in definition.resolved_dependencies:
        ResourceDescriptor.copy_from_pb(dependency).validate()
    answer = {
        "subjects": [[each.name, dict(each.digest)] for each in statement.subject],
        "predicateType": statement.predicate_type,
        "buildType": definition.build_type,
        "externalParameters": json_format.MessageToDict(definition.external_parameters),
        "builder": provenance.run_details.builder.id,
        "invocation": provenance.run_details.metadata.invocation_id,
        "dependencies": [
            [each.annotations["role"], each.name, each.uri, dict(each.digest)] for each in definition.resolved_dependencies
        ],
    }
    print(json.dumps(answer))


main()
