import type { PredicateType } from "../predicate-type.ts";
import { customPredicate } from "./custom.ts";
import { cyclonedxPredicate } from "./cyclonedx.ts";
import { linkPredicate } from "./link.ts";
import { openvexPredicate } from "./openvex.ts";
import { signPredicate } from "./sign.ts";
import { slsaprovenancePredicate } from "./slsaprovenance.ts";
import { slsaprovenance1Predicate } from "./slsaprovenance1.ts";
import { spdxPredicate } from "./spdx.ts";
import { spdxjsonPredicate } from "./spdxjson.ts";
import { vsaPredicate } from "./vsa.ts";
import { vulnPredicate } from "./vuln.ts";

/** The predicate types that have a name. */
export const predicateTypes: readonly PredicateType[] = [
  customPredicate,
  cyclonedxPredicate,
  linkPredicate,
  openvexPredicate,
  signPredicate,
  slsaprovenancePredicate,
  slsaprovenance1Predicate,
  spdxPredicate,
  spdxjsonPredicate,
  vsaPredicate,
  vulnPredicate,
];
