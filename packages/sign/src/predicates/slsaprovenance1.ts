import type { JsonObject } from "@sc/model";
import { type BuildFacts, dependencyJson, sourceUri } from "../build-facts.ts";
import { objectPredicate, type PredicateType } from "../predicate-type.ts";

/** SLSA provenance of version 1. */
export const slsaprovenance1Predicate: PredicateType = objectPredicate({
  id: "slsaprovenance1",
  uri: "https://slsa.dev/provenance/v1",
  required: ["buildDefinition", "runDetails"],
});

/**
 * The predicate of version 1 that says these facts.
 *
 * @see https://slsa.dev/spec/v1.1/provenance
 */
export function slsaProvenance1(facts: BuildFacts): JsonObject {
  const { source, invocationId, startedOn, finishedOn } = facts;
  const commit = source?.commit;
  const sources =
    source === undefined
      ? []
      : [
          dependencyJson({
            uri: sourceUri(source),
            ...(commit === undefined ? {} : { digest: { gitCommit: commit } }),
          }),
        ];
  const metadata = {
    ...(invocationId === undefined ? {} : { invocationId }),
    ...(startedOn === undefined ? {} : { startedOn }),
    ...(finishedOn === undefined ? {} : { finishedOn }),
  };
  return {
    buildDefinition: {
      buildType: facts.buildType,
      externalParameters: facts.externalParameters,
      ...(Object.keys(facts.internalParameters).length === 0 ? {} : { internalParameters: facts.internalParameters }),
      resolvedDependencies: [...sources, ...facts.dependencies.map(dependencyJson)],
    },
    runDetails: {
      builder: { id: facts.builderId },
      ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    },
  };
}
