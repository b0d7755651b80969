import { nearest, ScError } from "@sc/model";
import { objectPredicate, type PredicateType } from "./predicate-type.ts";
import { predicateTypes } from "./predicates/index.ts";

/**
 * The predicate type that a name or URI means: one of `predicateTypes` by id or alias, or any absolute URI as it is,
 * whose predicate must be a JSON object. Throws `PREDICATE_INVALID`.
 */
export function resolvePredicateType(name: string): PredicateType {
  const known = predicateTypes.find(({ id, aliases }) => id === name || aliases.includes(name));
  if (known !== undefined) return known;
  if (/^[a-z][a-z0-9+.-]*:\S+$/i.test(name)) return objectPredicate({ id: name, uri: name });
  const near = nearest(
    name,
    predicateTypes.flatMap(({ id, aliases }) => [id, ...aliases]),
  );
  throw new ScError("PREDICATE_INVALID", `predicate type ${JSON.stringify(name.slice(0, 100))}: not known`, {
    hint:
      near === undefined
        ? `Use ${predicateTypes.map(({ id }) => id).join(", ")} or the type's URI.`
        : `Did you mean: ${near}`,
  });
}
