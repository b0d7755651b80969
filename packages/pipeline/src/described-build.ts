import type { JsonObject } from "@sc/model";
import { type BuildFacts, type BuildSource, type BuildDependency } from "@sc/sign";
import { type BuildEnvironment, repositoryUri, variable, variables } from "./ci-platform.ts";

/** Which variables of a platform say what, where it has no published build type of its own. */
export interface DescribedBuild {
  readonly buildType: string;
  readonly builderId: string;
  /** The variable with the repository's address. */
  readonly repository: string;
  readonly commit: string;
  readonly ref: string | undefined;
  readonly entryPoint: string;
  readonly invocation: string;
  /** The variables that are kept, by name. */
  readonly internal: readonly string[];
}

const none: readonly BuildDependency[] = [];

/** The facts of such a build. */
export function describeBuild(environment: BuildEnvironment, build: DescribedBuild): BuildFacts {
  const uri = repositoryUri(variable(environment, build.repository));
  const commit = variable(environment, build.commit);
  const entryPoint = variable(environment, build.entryPoint);
  const invocationId = variable(environment, build.invocation);
  const source: BuildSource | undefined =
    uri === undefined
      ? undefined
      : { uri, ...(build.ref === undefined ? {} : { ref: build.ref }), ...(commit === undefined ? {} : { commit }) };
  const externalParameters: JsonObject = {
    ...(uri === undefined ? {} : { source: uri }),
    ...(entryPoint === undefined ? {} : { entryPoint }),
  };
  return {
    buildType: build.buildType,
    builderId: build.builderId,
    ...(source === undefined ? {} : { source }),
    ...(entryPoint === undefined ? {} : { entryPoint }),
    externalParameters,
    internalParameters: variables(environment, build.internal),
    dependencies: none,
    ...(invocationId === undefined ? {} : { invocationId }),
  };
}
