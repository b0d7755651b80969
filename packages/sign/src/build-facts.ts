import type { JsonObject } from "@sc/model";

/** Where the source of a build is from. */
export interface BuildSource {
  /** The repository's URL without credentials and without `git+`: `https://github.com/o/r`. */
  readonly uri: string;
  /** The full ref: `refs/heads/main`, `refs/tags/v1`. */
  readonly ref?: string;
  /** The commit in hexadecimal. */
  readonly commit?: string;
}

/** Something a build used: a base image, another repository. */
export interface BuildDependency {
  readonly uri: string;
  readonly digest?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly annotations?: JsonObject;
}

/** What a build platform says about one build, as plain data; both versions of the predicate are made from it. */
export interface BuildFacts {
  readonly buildType: string;
  readonly builderId: string;
  readonly source?: BuildSource;
  /** The file or job that says how to build. */
  readonly entryPoint?: string;
  /** What whoever started the build chose. */
  readonly externalParameters: JsonObject;
  /** What the platform set. */
  readonly internalParameters: JsonObject;
  /** Besides the source, which stands first by itself. */
  readonly dependencies: readonly BuildDependency[];
  readonly invocationId?: string;
  /** RFC 3339. */
  readonly startedOn?: string;
  /** RFC 3339. */
  readonly finishedOn?: string;
}

/** A source as provenance writes it: `git+https://…@ref`. */
export function sourceUri({ uri, ref }: BuildSource): string {
  return `git+${uri}${ref === undefined ? "" : `@${ref}`}`;
}

/** A dependency as JSON, with what is known of it. */
export function dependencyJson({ uri, digest, name, annotations }: BuildDependency): JsonObject {
  return {
    ...(name === undefined ? {} : { name }),
    uri,
    ...(digest === undefined ? {} : { digest: { ...digest } }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
