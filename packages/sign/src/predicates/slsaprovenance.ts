import type { JsonObject } from "@sc/model";
import { type BuildFacts, dependencyJson, sourceUri } from "../build-facts.ts";
import { objectPredicate, type PredicateType } from "../predicate-type.ts";

/** SLSA provenance of version 0.2, which is what cosign's name without a version means. */
export const slsaprovenancePredicate: PredicateType = objectPredicate({
  id: "slsaprovenance",
  aliases: ["slsaprovenance02"],
  uri: "https://slsa.dev/provenance/v0.2",
  required: ["builder", "buildType"],
});

/**
 * The predicate of version 0.2 that says these facts; nothing is called complete or reproducible.
 *
 * @see https://slsa.dev/spec/v0.2/provenance
 */
export function slsaProvenance02(facts: BuildFacts): JsonObject {
  const { source, entryPoint, invocationId, startedOn, finishedOn } = facts;
  const commit = source?.commit;
  const digest = commit === undefined ? {} : { digest: { sha1: commit } };
  const material = source === undefined ? [] : [{ uri: sourceUri(source), ...digest }];
  const configSource = {
    ...material[0],
    ...(entryPoint === undefined ? {} : { entryPoint }),
  };
  return {
    builder: { id: facts.builderId },
    buildType: facts.buildType,
    invocation: {
      ...(Object.keys(configSource).length === 0 ? {} : { configSource }),
      parameters: facts.externalParameters,
      environment: facts.internalParameters,
    },
    metadata: {
      ...(invocationId === undefined ? {} : { buildInvocationId: invocationId }),
      ...(startedOn === undefined ? {} : { buildStartedOn: startedOn }),
      ...(finishedOn === undefined ? {} : { buildFinishedOn: finishedOn }),
      completeness: { parameters: false, environment: false, materials: false },
      reproducible: false,
    },
    materials: [
      ...material,
      ...facts.dependencies.map(({ uri, digest: of }) =>
        dependencyJson({ uri, ...(of === undefined ? {} : { digest: of }) }),
      ),
    ],
  };
}
